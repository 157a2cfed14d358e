"""Time drawn along a line, on the server: where an instant lies between two others, in per cent, and which instants are written below.

Pictures have no coordinates of their own (no viewBox), so that bars grow with the page while words keep their size on a phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from web.telling import ZONE

MOST_TICKS = 6
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_STEPS = (
    *(timedelta(minutes=m) for m in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
    *(n * _DAY for n in (1, 2, 4, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650)),
)


@dataclass(frozen=True, slots=True)
class Tick:
    """An instant that is written: where, what, and on which side of the place its words stand."""

    x: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of time as wide as the picture."""

    since: datetime
    until: datetime

    def at(self, instant: datetime) -> float:
        """Where an instant lies, in per cent of the width; what lies outside is at the border."""
        whole = (self.until - self.since) / timedelta(seconds=1) or 1.0
        return round(max(0.0, min(100.0, 100 * ((instant - self.since) / timedelta(seconds=1)) / whole)), 2)

    def width(self, since: datetime, until: datetime) -> float:
        """How wide a stretch is; what is too short to be seen is as wide as a hair."""
        return round(max(0.3, self.at(until) - self.at(since)), 2)

    def ticks(self) -> list[Tick]:
        """Some round instants in between, by the city's clock."""
        length = self.until - self.since
        step = next((s for s in _STEPS if length / s <= MOST_TICKS), _STEPS[-1])
        local = self.since.astimezone(ZONE)
        begin = local.replace(hour=0, minute=0, second=0, microsecond=0)
        found: list[Tick] = []
        at = begin + step * ((local - begin) // step) if step < _DAY else begin
        while at <= self.until and len(found) <= 2 * MOST_TICKS:
            if at >= self.since:
                x = self.at(at.astimezone(UTC))
                shown = f"{at:%H:%M}" if step < _DAY and (at.hour or at.minute) else f"{at.month}/{at.day}"
                found.append(Tick(x, shown, anchor(x)))
            at += step
        return found


def anchor(x: float) -> str:
    """The side of a place on which its words fit."""
    return "start" if x < 8 else "end" if x > 92 else "middle"
