"""A unit that works on Saturdays, and at other hours in summer: through the real process its time runs by its own calendar, that of the
whole case by the city's. The instants are written by hand, from the two tables of hours."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.calendars import changes, editing
from engine.clock import ManualClock
from escalation.tables import clock as clock_table
from tests.db.test_calendars import OTHER, draft
from tests.factories import case_at, do
from tests.laws import check, rows
from web.city import City

HERE = ZoneInfo("Asia/Shanghai")
OWN = {
    "calendar": ("", "", "1", "供水公司作息", "Hours of the water company"),
    "like": ("", "", "qianjiang", "", ""),
    "workweek": ("", "", "1 2 3 4 5 6", "", ""),
    "unit": ("", "", "water_supply", "", ""),
}
SEASONS = (("01-01", "12-31", "08:30-12:00 14:00-17:30"), ("06-01", "08-31", "08:00-12:00 15:00-19:00"))
HOURS, DAYS = "C-0101-2", "C-0101-3"
"""Conditions with a term of four working hours, and of two working days."""

# The city: Monday to Friday, 9 to 12 and 13:30 to 17:30, in June to August 14:30 to 18. Dragon Boat: Friday 19 to
# Sunday 21 June, by the notice; who works on Saturdays has that one off, too.
EXPECTED = [
    # on, term, from, the unit's due time, that of the case by the city's calendar
    (HOURS, (6, 12, 16, 30), (6, 13, 9, 30), (6, 15, 11, 30)),  # Friday: 2.5 h, Saturday 1.5 h; 1.5 h, Monday 2.5 h
    (HOURS, (6, 13, 17, 0), (6, 15, 10, 0), (6, 15, 15, 30)),  # Saturday: 2 h, Monday 2 h; all on Monday
    (HOURS, (6, 18, 17, 0), (6, 22, 10, 0), (6, 22, 12, 0)),  # before Dragon Boat: 2 h, Monday 2 h; 1 h, Monday 3 h
    (
        HOURS,
        (8, 31, 16, 0),
        (9, 1, 9, 30),
        (9, 1, 11, 0),
    ),  # the last day of summer: 3 h, then winter hours; 2 h and 2 h
    (HOURS, (9, 1, 16, 0), (9, 2, 11, 0), (9, 2, 11, 30)),  # winter: 1.5 h and 2.5 h; 1.5 h and 2.5 h
    (DAYS, (6, 12, 16, 0), (6, 15, 16, 0), (6, 16, 16, 0)),  # Saturday, Monday; Monday, Tuesday
    (DAYS, (6, 18, 16, 0), (6, 23, 16, 0), (6, 23, 16, 0)),  # Monday, Tuesday for both
]


def at(moment: tuple[int, int, int, int]) -> datetime:
    month, day, hour, minute = moment
    return datetime(2026, month, day, hour, minute, tzinfo=HERE)


def keeps_its_own(city: City) -> None:
    """Two people give the unit its calendar."""
    columns = ("first", "last", "value", "name_zh", "name_en")

    def added(text: str) -> str:
        for kind in ("calendar", "like", "workweek"):
            text = put(text, kind, OWN[kind])
        for first, last, hours in SEASONS:
            text = put(text, "season", (first, last, hours, "", ""))
        return put(text, "unit", OWN["unit"])

    def put(text: str, kind: str, values: tuple[str, ...]) -> str:
        row = {"calendar": "water", "kind": kind, "since": "", "until": "", "source": "供水公司作息通知"}
        return editing.put(text, row | dict(zip(columns, values, strict=True)))

    made = draft(city)
    changes.edit(city.core, made, "shenjiahao", added)
    changes.propose(city.core, made, "shenjiahao", "供水公司周六上班", "供水公司作息通知")
    changes.approve(city.core, made, OTHER)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.mark.parametrize("standard,since,own,whole", EXPECTED)
def test_a_unit_s_time_is_counted_by_its_own_calendar(
    city: City,
    clock: ManualClock,
    standard: str,
    since: tuple[int, int, int, int],
    own: tuple[int, int, int, int],
    whole: tuple[int, int, int, int],
) -> None:
    keeps_its_own(city)
    clock.set(at(since))
    case = case_at(city, "File")
    do(city, case, "File", standard_code=standard)
    do(city, case, "Dispatch")
    do(city, case, "SignFor")
    found = {row["name"]: row for row in rows(city, clock_table, case)}
    assert found["handle"]["due_at"].astimezone(HERE) == at(own)
    assert found["case"]["due_at"].astimezone(HERE) == at(whole)
    assert (found["handle"]["calendar"], found["case"]["calendar"]) == ("water", "qianjiang")
    clock.set(at(own))
    city.run_due()
    assert {r["name"]: r["breached_at"] for r in rows(city, clock_table, case)}["handle"] is None, "at that very moment"
    check(city)
