"""When a repeating timer fires again, and how many of its times passed while nothing could fire it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.bpmn.limits import MOST_MADE_UP
from engine.bpmn.model import Misfire

_MOST_LOOKED_AT = 10_000
"""Times of one timer that are gone through one by one; beyond them it counts anew from now."""


@dataclass(frozen=True, slots=True)
class Following:
    """What comes after a time that fires: the next time, when it is due (None: it was the last), and the time before that (`since`).
    `missed` are the times that passed meanwhile and get no firing of their own: this one stands for them."""

    missed: int
    occurrence: int = 0
    due: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How a timer repeats: `after` an instant comes the next (None: none does); `stride`, where all are equally far apart; `times`: how
    often in all (None: without end)."""

    after: Callable[[datetime], datetime | None]
    times: int | None = None
    stride: timedelta | None = None

    def following(self, last: datetime, occurrence: int, now: datetime, misfire: Misfire) -> Following:
        """What comes after the time number `occurrence` (counted from 0), due at `last`, that fires `now`. Of what fell due since,
        nothing is made up for, or (`EACH`) the last `MOST_MADE_UP`, each in its turn."""
        most = MOST_MADE_UP if misfire is Misfire.EACH else 0
        left = None if self.times is None else max(self.times - occurrence - 1, 0)
        missed, since, due = (self._strides if self.stride else self._steps)(last, now, most, left)
        if due is None or (left is not None and missed >= left):
            return Following(missed)
        return Following(missed, occurrence + 1 + missed, due, since)

    def _strides(self, last: datetime, now: datetime, most: int, left: int | None) -> _Found:
        stride = self.stride or timedelta()
        behind = max(0, (now - last) // stride)
        missed = max(0, (behind if left is None else min(behind, left)) - most)
        return missed, last + stride * missed, last + stride * (missed + 1)

    def _steps(self, last: datetime, now: datetime, most: int, left: int | None) -> _Found:
        passed, at = 0, last
        waiting: deque[tuple[datetime, datetime]] = deque(maxlen=most)
        following = None
        while left is None or passed < left:
            following = self.after(at)
            if following is None or following <= at:
                following = None
                break
            if following > now:
                break
            waiting.append((at, following))
            passed, at = passed + 1, following
            if passed >= _MOST_LOOKED_AT:
                at, following = now, self.after(now)
                break
        if waiting:
            return passed - len(waiting), *waiting[0]
        return passed, at, following


_Found = tuple[int, datetime, datetime | None]
