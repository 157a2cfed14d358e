"""Bugs that were nearly made where calendars change and clocks follow, and the checks that must see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, update

from engine.calendars import books, changes, comparing
from engine.calendars.comparing import Span
from engine.errors import LiandongError
from engine.people import Actor
from engine.tables import calendar_book
from escalation import ledger, previewing, recounting, sla, sweep
from escalation.sla import SlaClock
from escalation.tables import clock
from tests.db.test_calendars import ONE, OTHER, STORM, clocks, decide, deploy, draft, follow, override, proposal, said
from tests.factories import OPERATOR
from tests.planted.bug import Bug
from web.city import City


def two_people(city: City) -> None:
    """Who proposed it decides nothing; a proposal made on an older version is not waved through."""
    mine, old = proposal(city, override(STORM)), proposal(city, override(STORM), by=OTHER)
    assert refused(city, mine, ONE)
    changes.approve(city.core, mine, OTHER)
    assert refused(city, old, ONE)


def refused(city: City, book: int, by: str) -> bool:
    """Whether they may not approve it."""
    try:
        changes.approve(city.core, book, by)
    except LiandongError:
        return True
    return False


def every_clock_follows(city: City) -> None:
    """Each open clock is counted by the new version, also one that was started behind the workers' backs; none is told twice."""
    deploy(city)
    first = city.start("p", {}, OPERATOR)
    decide(city, override(STORM))
    follow(city)
    late = city.start("p", {}, OPERATOR)
    with city.core.db.write() as connection:
        connection.execute(update(clock).where(clock.c.instance_id == late).values(calendar_version=1))
        connection.execute(update(calendar_book).values(lease_until=None))
    follow(city)
    assert [clocks(city, case)["whole"]["calendar_version"] for case in (first, late)] == [2, 2]
    assert said(city, first, ledger.EVENTS[ledger.CALENDAR]) == 1


def late_is_late(city: City) -> None:
    """A clock that ran out before anybody saw it is late, whatever calendar counts then; a reminder is given once."""
    deploy(city)
    case = city.start("p", {}, OPERATOR)
    with city.core.db.write() as connection:
        connection.execute(update(clock).values(remind=2))
    decide(city, override(STORM))
    follow(city)
    row = clocks(city, case)["whole"]
    assert row["remind"] == 2
    city.core.clock.set(row["due_at"] + timedelta(minutes=1))  # type: ignore[union-attr]
    decide(city, override(row["due_at"].date()))
    follow(city)
    sweep.breaches(city.core)
    assert clocks(city, case)["whole"]["breached_at"] == row["due_at"]


def foretold(city: City) -> None:
    """The preview foretells what then moves."""
    deploy(city)
    for _ in range(3):
        city.start("p", {}, OPERATOR)
    made = draft(city, override(STORM))
    told = previewing.propose(city.core, made, ONE, "n", "s")
    changes.approve(city.core, made, OTHER)
    follow(city)
    book = changes.get(city.core, made)
    assert book.moved is not None
    assert (told["later"], told["earlier"]) == (book.moved["later"], book.moved["earlier"]) == (3, 0)


def whoever_proposed_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    def decides(connection: Connection, draft_id: int, by: int | str) -> tuple[Actor, dict[str, Any]]:
        return changes._keeper(connection, by), changes._locked(connection, draft_id)

    monkeypatch.setattr(changes, "_decides", decides)


def an_old_base_is_good_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(_connection: Connection, row: dict[str, Any]) -> None:
        row["base"] = books.version(_connection)

    monkeypatch.setattr(changes, "_check_base", check)


def nobody_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recounting, "_any_left", lambda _connection, _version: False)


def a_new_calendar_makes_it_good(monkeypatch: pytest.MonkeyPatch) -> None:
    def breach(one: SlaClock, _now: object) -> SlaClock:
        return one

    monkeypatch.setattr(sla, "breach", breach)


def a_calendar_reminds_again(monkeypatch: pytest.MonkeyPatch) -> None:
    keep = ledger.Ledger._keep

    def told_again(self: ledger.Ledger, row: dict[str, Any], *args: Any, **more: Any) -> None:
        keep(self, row, *args, **more)
        self.writes.update(clock, name=row["name"], task_id=row["task_id"], remind=ledger.WANTED)

    monkeypatch.setattr(ledger.Ledger, "_keep", told_again)


def the_preview_looks_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = comparing.differing

    def beside(*args: Any) -> Span | None:
        found = real(*args)
        return Span(found.since + timedelta(days=30), found.until + timedelta(days=30)) if found is not None else None

    monkeypatch.setattr(previewing, "differing", beside)


CALENDAR_BUGS = (
    Bug(whoever_proposed_decides, two_people),
    Bug(an_old_base_is_good_enough, two_people),
    Bug(nobody_looks_again, every_clock_follows),
    Bug(a_new_calendar_makes_it_good, late_is_late),
    Bug(a_calendar_reminds_again, late_is_late),
    Bug(the_preview_looks_beside_it, foretold),
)
