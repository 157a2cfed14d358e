"""Who held a case, and for how long: its time from the first event to the end, cut at each hand-over into stretches. Their lengths
together are the case's time, whatever happened in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """One task as a holder: `until` None while it is open. `unit` and `person` as they are known; None for none."""

    task: int
    since: datetime
    until: datetime | None
    unit: int | None = None
    post: str | None = None
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which the same tasks were open. None: nobody had it, the process itself waited."""

    since: datetime
    until: datetime
    held: tuple[Held, ...]

    @property
    def length(self) -> timedelta:
        """How long."""
        return self.until - self.since

    @property
    def main(self) -> Held | None:
        """Whose time it is told as: of several, of who had it first."""
        return self.held[0] if self.held else None


def stretches(held: Iterable[Held], since: datetime, until: datetime) -> list[Stretch]:
    """The time from `since` to `until`, cut where a task opened or closed; neighbours that are alike are one."""
    tasks = sorted(held, key=lambda each: (each.since, each.task))
    edges = sorted(
        {since, until} | {edge for t in tasks for edge in (t.since, t.until) if edge and since < edge < until}
    )
    found: list[Stretch] = []
    for begin, end in pairwise(edges):
        there = tuple(t for t in tasks if t.since <= begin and (t.until is None or t.until >= end))
        if found and found[-1].held == there:
            found[-1] = Stretch(found[-1].since, end, there)
        else:
            found.append(Stretch(begin, end, there))
    return found


def by_unit(parts: Iterable[Stretch]) -> dict[int | None, timedelta]:
    """How long each unit had it; None: nobody's unit. Together they are the whole time."""
    total: dict[int | None, timedelta] = {}
    for part in parts:
        unit = part.main.unit if part.main is not None else None
        total[unit] = total.get(unit, timedelta()) + part.length
    return total
