"""The city's own calendar, from the table that ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.calendar import Calendar
from engine.calendars import load

TABLE = Path(__file__).parents[3] / "processes" / "tables" / "calendar.csv"


@pytest.fixture(scope="session")
def calendars() -> dict[str, Calendar]:
    return load(TABLE)


@pytest.fixture(scope="session")
def qianjiang(calendars: dict[str, Calendar]) -> Calendar:
    return calendars["qianjiang"]


@pytest.fixture(scope="session")
def law(calendars: dict[str, Calendar]) -> Calendar:
    return calendars["qianjiang_law"]
