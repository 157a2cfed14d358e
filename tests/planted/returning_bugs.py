"""Bugs that were nearly made in sending back and taking back."""

from __future__ import annotations

from typing import Any

import pytest

from engine.acts.past import Past
from engine.bpmn.runtime import detours, regions, returning
from engine.bpmn.runtime.courses import Courses
from engine.bpmn.runtime.goingback import GoingBack
from engine.bpmn.runtime.live import Token
from escalation.clocks import Clocks
from tests.bpmn.running import test_returning
from tests.db.test_returning import go_back_and_forth
from tests.planted.bug import Bug
from web.city import City


def other_branches_stay_behind_a_split(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(regions, "_empty", lambda _change, _scope, _regions: None)
    patch.setattr(Courses, "allows", lambda _self, _marking: True)


def joins_are_not_filled(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(regions, "fill", lambda *_args: None)
    patch.setattr(Courses, "allows", lambda _self, _marking: True)


def anything_is_sound(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Courses, "allows", lambda _self, _marking: True)
    patch.setattr(Courses, "together", lambda _self, _one, _other: False)


def detours_outlive_what_waits_for_them(patch: pytest.MonkeyPatch) -> None:
    real = Token.cancel

    def cancel(self: Token) -> None:
        self.internal_data.pop("wd", None)
        real(self)

    patch.setattr(Token, "cancel", cancel)


def a_diverted_detour_leaves_its_task_held(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(returning, "diverted", lambda token: setattr(token, "_parent", None))


def what_waited_is_not_told_as_closed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(GoingBack, "_goes_back", lambda _self, _tasks: None)


def it_opens_again_for_nobody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(detours, "ASKED", "nobody")


def a_clock_begun_anew_has_its_old_name(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Clocks, "_name", lambda _self, _step, setting: setting.id)


def the_start_is_no_step(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Past, "start", lambda _self: None)


def splits(_city: City) -> None:
    """A split in a split, by hand."""
    test_returning.test_a_split_in_a_split("parallelGateway")


def crossings(_city: City) -> None:
    """Branches that are no blocks."""
    test_returning.test_crossing_branches_are_refused_in_words()


def taken_away(_city: City) -> None:
    """Detours and what takes them away."""
    test_returning.test_a_detour_in_a_detour_and_what_takes_it_away()
    test_returning.test_a_scope_that_is_interrupted_takes_a_detour_outside_with_it()
    test_returning.test_what_interrupts_the_work_of_a_detour_runs_on_from_there()


def people(city: City) -> None:
    """The way that people take."""
    go_back_and_forth(city)


_CHECKS: dict[Any, Any] = {
    other_branches_stay_behind_a_split: splits,
    joins_are_not_filled: splits,
    anything_is_sound: crossings,
    detours_outlive_what_waits_for_them: taken_away,
    a_diverted_detour_leaves_its_task_held: taken_away,
    what_waited_is_not_told_as_closed: people,
    it_opens_again_for_nobody: taken_away,
    a_clock_begun_anew_has_its_old_name: people,
    the_start_is_no_step: people,
}

RETURNING_BUGS = tuple(Bug(plant, check) for plant, check in _CHECKS.items())
