"""Bugs that were nearly made on the way from a breach to the rungs of its supervision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from engine import joining
from engine.clock import ManualClock
from engine.errors import NotAllowed
from engine.operating import guarding, proposing, suspending
from escalation import breaching, rungs, standing
from escalation.tables import rung
from tests.factories import OPERATOR, SECOND_OPERATOR, case_at, do
from tests.faults.test_ladder_crashes import STAGES, begin_at_once, climb
from tests.faults.test_silencing import THIRD_OPERATOR, an_operator_of_theirs
from tests.planted.bug import Bug
from tests.stories.test_ladder import ladder_of
from tests.stories.test_ladder import rungs as rungs_of
from web.city import City


def a_breach_is_told_nobody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(breaching, "tell", lambda *_args: None)


def two_ladders_of_one_case(patch: pytest.MonkeyPatch) -> None:
    def find(_core: Any, key: str, correlation: str, origin: str, _world: int = 1) -> tuple[int, bool | None]:
        return joining.id_from(f"{key}{correlation}{origin}"), None

    patch.setattr(joining, "find", find)


def rungs_are_not_kept(patch: pytest.MonkeyPatch) -> None:
    def climb(self: Any, climbed: Any) -> None:
        """Forget it."""

    patch.setattr(rungs._Rungs, "_climb", climb)


def a_rung_is_written_ahead_of_its_step(patch: pytest.MonkeyPatch) -> None:
    real = rungs._Rungs._climb

    def climb(self: Any, climbed: Any) -> None:
        real(self, climbed)
        with self.step.core.db.write() as connection:
            connection.execute(insert(rung), self.step.writes.inserts.pop(rung.name))

    patch.setattr(rungs._Rungs, "_climb", climb)


def a_matter_that_moved_is_supervised_on(patch: pytest.MonkeyPatch) -> None:
    real = standing._of
    patch.setattr(standing, "_of", lambda *args: {**real(*args), "moved": False})


def late(city: City) -> int:
    case = case_at(city, "Handle")
    assert isinstance(city.core.clock, ManualClock)
    city.advance(timedelta(hours=3))
    return case


def climbs_once(city: City) -> None:
    """One breach, one ladder, one reminder."""
    case = late(city)
    ladder = ladder_of(city, case)
    assert ladder
    assert [row["kind"] for row in rungs_of(city, ladder)] == ["reminder"]
    assert city.instance(ladder)["facts"]["breaches_noted"] == 1  # the case's own clock ran out with it


def ends_when_it_moves(city: City) -> None:
    """Closed: nobody is supervised for it any more."""
    case = late(city)
    for node in ("Handle", "Feedback", "Check", "Close"):
        do(city, case, node)
    city.run_due()
    assert city.instance(ladder_of(city, case))["outcome"] == "EndResolved"


def survives_crashes(city: City) -> None:
    """A crash on the way to the first rung leaves all of it or nothing."""
    climb(city, next(stage for stage in STAGES if stage.name == "first rung"), every=False)


def their_own_operators_end_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guarding, "check", lambda *_args: None)


def one_operator_ends_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guarding, "second_for", lambda *_args: frozenset())


def nobody_ends_it(city: City) -> None:
    """Neither an operator of the late unit, with another one's help, nor any operator alone; two of other units do."""
    ladder = ladder_of(city, late(city))
    an_operator_of_theirs(city)
    attempts: tuple[Callable[[], Any], ...] = (
        lambda: city.cancel(ladder, OPERATOR, "不必督办"),
        lambda: suspending.suspend(city.core, ladder, OPERATOR, "稍后"),
        lambda: proposing.propose(city.core, ladder, "cancel", {}, SECOND_OPERATOR, "不必督办"),
        lambda: proposing.propose(
            city.core, ladder, "set", {"name": "late_unit", "value": "drainage"}, SECOND_OPERATOR, "改"
        ),
    )
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    asked = proposing.propose(city.core, ladder, "cancel", {}, OPERATOR, "误报")
    with pytest.raises(NotAllowed):
        proposing.approve(city.core, ladder, asked["operation"], SECOND_OPERATOR)
    assert city.instance(ladder)["status"] == "active"
    proposing.approve(city.core, ladder, asked["operation"], THIRD_OPERATOR)
    assert city.instance(ladder)["status"] == "cancelled"
    assert city.trail(ladder)[-1]["data"]["text"] == "误报"


LADDER_BUGS = (
    Bug(their_own_operators_end_it, nobody_ends_it),
    Bug(one_operator_ends_it, nobody_ends_it),
    Bug(a_breach_is_told_nobody, climbs_once),
    Bug(two_ladders_of_one_case, begin_at_once),
    Bug(rungs_are_not_kept, climbs_once),
    Bug(a_rung_is_written_ahead_of_its_step, survives_crashes),
    Bug(a_matter_that_moved_is_supervised_on, ends_when_it_moves),
)
