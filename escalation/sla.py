"""The arithmetic of an SLA clock: a promise about a case or a step, kept as facts.

Pure. A clock is a row of facts; what changes with time (light, lateness, time used and left) is computed from them and
a `now`. Every function that changes a clock returns a new one. Pauses and extensions will be segments of a clock: then
`used` sums the running ones and the due time moves; light, lateness and the breach fact stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from engine.calendar import Budget, Calendar, Unit

WARN_SHARE = Decimal("0.25")


class Light(StrEnum):
    """What a clock shows. Cards are another thing: acts of supervision."""

    NONE = "none"
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"

    @property
    def zh(self) -> str:
        """The Chinese word."""
        return _LIGHTS[self][0]

    @property
    def en(self) -> str:
        """The English word."""
        return _LIGHTS[self][1]


_LIGHTS = {
    Light.NONE: ("无时限", "no limit"),
    Light.GREEN: ("正常", "on time"),
    Light.YELLOW: ("临期", "due soon"),
    Light.RED: ("超时", "overdue"),
}


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of a unit; below zero when a due time has passed."""

    amount: Decimal
    unit: Unit


@dataclass(frozen=True, slots=True)
class SlaClock:
    """A started clock. `budget` is None for a given due time or none at all. `warn_share` is the share of the budget
    left when the light turns yellow. `breached_at` is the instant from which it was late: once set, it stays."""

    id: str
    kind: str
    budget: Budget | None
    calendar: str
    calendar_version: int
    started_at: datetime
    due_at: datetime | None
    warn_share: Decimal
    warn_at: datetime | None
    stopped_at: datetime | None = None
    breached_at: datetime | None = None

    @property
    def unit(self) -> Unit:
        """What its time is told in: the unit of its budget, else hours."""
        return self.budget.unit if self.budget else Unit.NATURAL_HOUR


def start(
    id: str,
    kind: str,
    calendar: Calendar,
    now: datetime,
    *,
    budget: Budget | None = None,
    due: datetime | None = None,
    warn_share: Decimal = WARN_SHARE,
) -> SlaClock:
    """A clock that runs from `now` (aware). A given `due` wins over the budget; with neither it runs without a due
    time. Raises CalendarProblem where the budget cannot be counted, ValueError for a share outside 0 to 1."""
    if not 0 <= warn_share <= 1:
        raise ValueError(f"the share of a warning lies between 0 and 1, not {warn_share}")
    warn: datetime | None = None
    if due is not None:
        budget = None
        warn = max(now, due - (due - now) * float(warn_share))
    elif budget is not None:
        due = calendar.due(now, budget)
        warn = min(due, calendar.add(now, budget.share(1 - warn_share)))
    return SlaClock(id, kind, budget, calendar.key, calendar.version, now, due, warn_share, warn)


def stop(clock: SlaClock, now: datetime) -> SlaClock:
    """The clock stopped, with its breach if it was late. One that stands already keeps its first stop."""
    return clock if clock.stopped_at is not None else breach(replace(clock, stopped_at=now), now)


def breach(clock: SlaClock, now: datetime) -> SlaClock:
    """The clock with the fact of its breach, once it is late; else as it was."""
    if clock.breached_at is None and late(clock, now):
        return replace(clock, breached_at=clock.due_at)
    return clock


def late(clock: SlaClock, now: datetime) -> bool:
    """Stopped after its due time, or open past it. At the due instant itself it is still in time. No later act, such as
    an extension, makes a breached clock good again."""
    if clock.breached_at is not None:
        return True
    return clock.due_at is not None and _until(clock, now) > clock.due_at


def light(clock: SlaClock, now: datetime) -> Light:
    """Red when late; yellow while open in its last share; green else; none without a due time."""
    if clock.breached_at is None and clock.due_at is None:
        return Light.NONE
    if late(clock, now):
        return Light.RED
    if clock.stopped_at is None and clock.warn_at is not None and now >= clock.warn_at:
        return Light.YELLOW
    return Light.GREEN


def raw(clock: SlaClock, now: datetime) -> timedelta:
    """Time on the wall from start to stop, or to now."""
    return max(timedelta(), _until(clock, now) - clock.started_at)


def used(clock: SlaClock, calendar: Calendar, now: datetime) -> Amount:
    """Net time: what counts of it, in the clock's unit. `calendar` is the clock's own key and version."""
    return Amount(max(Decimal(0), calendar.between(clock.started_at, _until(clock, now), clock.unit)), clock.unit)


def remaining(clock: SlaClock, calendar: Calendar, now: datetime) -> Amount | None:
    """What is left to the due time in the clock's unit, below zero past it; None without a due time. A stopped clock
    tells what was left when it stopped."""
    if clock.due_at is None:
        return None
    return Amount(calendar.between(_until(clock, now), clock.due_at, clock.unit), clock.unit)


def overdue(clock: SlaClock, now: datetime) -> timedelta:
    """How long past the due time on the wall; zero when not late."""
    if clock.due_at is None:
        return timedelta()
    return max(timedelta(), _until(clock, now) - clock.due_at)


def _until(clock: SlaClock, now: datetime) -> datetime:
    return clock.stopped_at if clock.stopped_at is not None else now
