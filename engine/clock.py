"""Business time. The only place that asks the machine what time it is; everything else is handed a `now`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that knows what time it is in its world."""

    def now(self) -> datetime:
        """The present, aware UTC."""
        ...


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The machine's time."""
        return datetime.now(UTC)


class ManualClock:
    """Stands still until moved: replays, tests, what-if. May be set back, as replayed cases overlap."""

    def __init__(self, start: datetime) -> None:
        self._now = _utc(start)

    def now(self) -> datetime:
        """The time it was last set to."""
        return self._now

    def set(self, to: datetime) -> None:
        """Move to an instant (aware)."""
        self._now = _utc(to)

    def advance(self, by: timedelta) -> datetime:
        """Move on and return the new time. Raises ValueError for a negative duration."""
        if by < timedelta():
            raise ValueError("advance() goes forward; use set() to go back")
        self._now += by
        return self._now


class ScaledClock:
    """Runs `factor` times as fast as another clock, from `start` on: drills."""

    def __init__(self, factor: float, start: datetime, base: Clock | None = None) -> None:
        if not 0 < factor <= 1_000_000:
            raise ValueError("the factor of a clock lies above 0 and up to a million")
        self._factor = factor
        self._start = _utc(start)
        self._base = base or RealClock()
        self._began = self._base.now()

    def now(self) -> datetime:
        """The start plus the scaled time that has passed."""
        return self._start + (self._base.now() - self._began) * self._factor


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant without a zone is not a time")
    return instant.astimezone(UTC)
