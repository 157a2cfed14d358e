"""What one change of the calendars left where it was is one line of a case's history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.events import Event
from web.telling_clocks import folded

AT = datetime(2026, 6, 10, 1, tzinfo=UTC)


def row(
    clock: str, after: str, version: int = 2, at: datetime = AT, kind: str = str(Event.CLOCK_MOVED)
) -> dict[str, Any]:
    return {"kind": kind, "at": at, "data": {"clock": clock, "before": "a", "after": after, "version": version}}


def test_only_those_that_stayed_are_folded_and_each_change_by_itself() -> None:
    later = AT + timedelta(hours=1)
    rows = [
        row("case", "a"),
        row("handle", "b"),
        row("sign", "a"),
        row("assist", "a"),
        row("case", "a", 3, later),
        row("case", "a", kind=str(Event.CLOCK_PAUSED)),
        {"kind": str(Event.COMMENTED), "at": AT, "data": None},
    ]
    found = [(one["data"] or {}).get("clock", "") + str((one["data"] or {}).get("stayed", "")) for one in folded(rows)]
    assert found == ["case3", "handle", "case1", "case", ""]
    assert "stayed" not in rows[0]["data"], "what is told is no part of what is kept"
