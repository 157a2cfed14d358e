"""Terms on the manual clock, as stories of permits ask for them: moments of June 2026 and after, in the city's time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.clock import ManualClock
from escalation.tables import clock as clock_table
from tests.laws import rows
from web.city import City

HERE = ZoneInfo("Asia/Shanghai")


def at(month: int, day: int, hour: int = 18, minute: int = 0, year: int = 2026) -> datetime:
    """A moment of the city; by default the end of a working day."""
    return datetime(year, month, day, hour, minute, tzinfo=HERE)


def go(city: City, clock: ManualClock, when: datetime) -> None:
    """It is that moment, and what fell due was done."""
    clock.set(when)
    city.run_due()


def clock_of(city: City, case: int, name: str = "case") -> dict[str, Any]:
    """The newest clock of that name."""
    found = [r for r in rows(city, clock_table, case) if r["name"].partition("#")[0] == name]
    return max(found, key=lambda r: (r["started_at"], r["name"], r["task_id"]))


def due(city: City, case: int, name: str = "case") -> datetime | None:
    """Its due time; none while it stands."""
    when = clock_of(city, case, name)["due_at"]
    return when.astimezone(HERE) if when is not None else None
