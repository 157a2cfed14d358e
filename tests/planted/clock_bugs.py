"""Bugs that were nearly made around clocks that stand, remind and are shown on the board."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.clock import ManualClock
from engine.tables import instance
from escalation import agreeing, board_index, holding, ledger, reminding, sla
from escalation.ledger import Ground
from tests.clocking import change
from tests.db import test_board, test_reminding
from tests.planted.bug import Bug
from tests.planted.record_bugs import _attacked
from tests.unit import test_holding
from web.city import City


def _clock(city: City) -> ManualClock:
    assert isinstance(city.core.clock, ManualClock)
    return city.core.clock


def reminded_once(city: City) -> None:
    """Who has to act is told once."""
    test_reminding.test_who_holds_the_post_is_told_once_when_it_turns_yellow(city, _clock(city))


def resumed_at_its_time(city: City) -> None:
    """A pause ends when it was to end, and not when a worker came by."""
    case, clock = test_reminding.deploy(city), _clock(city)
    change(city, case, "pause", Ground("等待材料"), clock.now() + timedelta(hours=1), name="step")
    due = clock.now() + timedelta(hours=11)
    clock.advance(timedelta(hours=5))
    city.run_due()
    assert test_reminding.row_of(city, case)["due_at"] == due


def hidden_from_the_board(city: City) -> None:
    """Nothing confidential is on the board."""
    test_board.test_nothing_confidential_is_on_it_not_even_a_rung(city, _clock(city))


def held_whole(_city: City) -> None:
    """Holding times make the whole."""
    test_holding.test_whatever_happened_the_parts_make_the_whole()


def a_reminder_is_not_remembered(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reminding, "REMINDED", ledger.WANTED)


def a_pause_ends_when_a_worker_comes_by(patch: pytest.MonkeyPatch) -> None:
    real = sla.resume

    def resume(clock: Any, calendar: Any, _at: Any) -> Any:
        return real(clock, calendar, clock.paused_until + timedelta(hours=4))

    patch.setattr(sla, "resume", resume)


def ledgers_are_not_compared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(agreeing, "_ledgers", lambda *_: iter(()))


def the_board_shows_what_is_confidential(patch: pytest.MonkeyPatch) -> None:
    shown = instance.c.status.in_(("active", "suspended"))
    patch.setattr(board_index, "shown", lambda: shown)


def the_last_holder_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = holding.stretches

    def stretches(started: Any, until: Any, tasks: Any) -> Any:
        return real(started, until, tasks)[:-1]

    patch.setattr(test_holding, "stretches", stretches)


CLOCK_BUGS = (
    Bug(a_reminder_is_not_remembered, reminded_once),
    Bug(a_pause_ends_when_a_worker_comes_by, resumed_at_its_time),
    Bug(ledgers_are_not_compared, _attacked("clock entry: drop", "row_differs")),
    Bug(the_board_shows_what_is_confidential, hidden_from_the_board),
    Bug(the_last_holder_is_forgotten, held_whole),
)
