"""The arithmetic of an SLA clock: a promise about a case or a step, kept as facts.

Pure. A clock is a row of facts; what changes with time (light, lateness, time used and left) is computed from them and
a `now`. Every function that changes a clock returns a new one. A clock runs and stands in turns: `counted` is what the
running segments before the present one took of the budget, so that the due time always is the present segment's start
plus what is left. Its ledger (`clock_entry`) says who let it stand, and why; `recount` comes to the same from there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from engine.calendar import Budget, Calendar, Unit

WARN_SHARE = Decimal("0.25")
_NONE = Decimal(0)


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
    left when the light turns yellow. `breached_at` is the instant from which it was late: once set, it stays.

    `running_since` is None while it stands (`paused_at` says since when, `paused_until` when that ends by itself): it then
    has no due time, unless it was late before. `counted` and `extra` are amounts of its unit."""

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
    running_since: datetime | None = None
    counted: Decimal = _NONE
    extra: Decimal = _NONE
    extensions: int = 0
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    left: Decimal | None = None
    """Of a clock with a given due time that stands: what was left of it, in hours."""

    @property
    def unit(self) -> Unit:
        """What its time is told in: the unit of its budget, else hours."""
        return self.budget.unit if self.budget else Unit.NATURAL_HOUR

    @property
    def since(self) -> datetime:
        """When its present running segment began; of one that stands, when it was started."""
        return self.running_since or self.started_at

    @property
    def total(self) -> Decimal | None:
        """The budget with all its extensions; None without one."""
        return self.budget.amount + self.extra if self.budget is not None else None


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
    clock = SlaClock(id, kind, budget, calendar.key, calendar.version, now, None, warn_share, None, running_since=now)
    return project(clock, calendar) if due is None else _until_given(replace(clock, budget=None), due, now)


def rebudget(
    clock: SlaClock, calendar: Calendar, budget: Budget | None = None, due: datetime | None = None
) -> SlaClock:
    """The clock with another budget, or another given due time; what was counted, added or was late stays."""
    if due is not None:
        return _until_given(replace(clock, budget=None), due, clock.since)
    return project(replace(clock, budget=budget), calendar)


def project(clock: SlaClock, calendar: Calendar) -> SlaClock:
    """The clock with its due and warning times counted anew from its present segment. One that stands has none, one with a given due
    time keeps it, and a breach stays what it was."""
    if clock.budget is None or clock.total is None:
        return clock
    if clock.running_since is None:
        return clock if clock.breached_at is not None else replace(clock, due_at=None, warn_at=None)
    left = max(_NONE, clock.total - clock.counted)
    since = counts_from(clock, calendar, clock.running_since)
    ends = calendar.due(since, Budget(left, clock.unit))
    before_warning = max(_NONE, clock.total * (1 - clock.warn_share) - clock.counted)
    warn = min(ends, calendar.add(since, Budget(before_warning, clock.unit)))
    return replace(clock, due_at=ends, warn_at=warn, calendar=calendar.key, calendar_version=calendar.version)


def counts_from(clock: SlaClock, calendar: Calendar, since: datetime) -> datetime:
    """From when a running segment that began at `since` is counted: its beginning, and after a pause as the calendar says of those."""
    return calendar.resumed(since, clock.unit) if since > clock.started_at else since


def _until_given(clock: SlaClock, due: datetime, since: datetime) -> SlaClock:
    return replace(clock, due_at=due, warn_at=max(since, due - (due - since) * float(clock.warn_share)))


def pause(clock: SlaClock, calendar: Calendar, now: datetime, until: datetime | None = None) -> SlaClock:
    """The clock standing from `now` on, until it is resumed or `until` has come. One that stands, stopped, or has nothing to count stays
    as it is. One that was late stays late, with the due time it missed."""
    if clock.stopped_at is not None or clock.paused_at is not None:
        return clock
    clock = breach(clock, now)
    since = counts_from(clock, calendar, clock.since)
    stands = replace(
        clock,
        counted=clock.counted + max(_NONE, calendar.between(since, now, clock.unit, finely=True)),
        running_since=None,
        paused_at=now,
        paused_until=until,
    )
    if clock.breached_at is not None:
        return stands
    left = None
    if clock.budget is None and clock.due_at is not None:
        left = calendar.between(now, clock.due_at, Unit.NATURAL_HOUR, finely=True)
    return replace(stands, due_at=None, warn_at=None, left=left)


def resume(clock: SlaClock, calendar: Calendar, now: datetime) -> SlaClock:
    """The clock running again from `now`, due after what was left. One that runs stays as it is."""
    if clock.paused_at is None or clock.stopped_at is not None:
        return clock
    runs = replace(clock, running_since=now, paused_at=None, paused_until=None, left=None)
    if clock.breached_at is not None:
        return runs
    if clock.left is not None:
        return _until_given(runs, calendar.add(now, Budget(max(_NONE, clock.left), Unit.NATURAL_HOUR)), now)
    return project(runs, calendar)


def extend(clock: SlaClock, calendar: Calendar, amount: Decimal) -> SlaClock:
    """The clock with `amount` of its unit more. One that stopped or is late stays as it is: an extension makes nothing good."""
    if clock.stopped_at is not None or clock.breached_at is not None:
        return clock
    more = replace(clock, extra=clock.extra + amount, extensions=clock.extensions + 1)
    if clock.budget is not None:
        return project(more, calendar)
    if clock.left is not None:
        return replace(more, left=clock.left + amount)
    if clock.due_at is None:
        return more
    return _until_given(more, calendar.add(clock.due_at, Budget(amount, Unit.NATURAL_HOUR)), clock.since)


def unsettled(clock: SlaClock, calendar: Calendar) -> tuple[int, ...]:
    """The years whose holidays no notice has settled yet, and by whose days this clock comes to its due time. None for one that stopped,
    whose due time was given, or to which days off are days as any other."""
    if clock.budget is None or clock.due_at is None or clock.stopped_at is not None:
        return ()
    return calendar.provisional_years(clock.since, clock.due_at, clock.budget.unit)


def limit(clock: SlaClock, calendar: Calendar) -> Decimal | None:
    """One original limit, in the clock's unit: its budget, or the time to its given due time, without extensions."""
    if clock.budget is not None:
        return clock.budget.amount
    if clock.due_at is None:
        return None
    return max(_NONE, calendar.between(clock.started_at, clock.due_at, Unit.NATURAL_HOUR) - clock.extra)


def recount(clock: SlaClock, calendar: Calendar, ran: Iterable[tuple[datetime, datetime]]) -> SlaClock:
    """The clock as another version of its calendar counts it: `ran` are its running segments that are over. A due time never moves into
    the past of who counted on it: that is for the caller to see to, who knows the time."""
    begun = ((counts_from(clock, calendar, begin), end) for begin, end in ran)
    counted = sum((calendar.between(begin, end, clock.unit, finely=True) for begin, end in begun), _NONE)
    return project(replace(clock, counted=counted, calendar_version=calendar.version), calendar)


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
    """Red when late; yellow while open in its last share; green else, and while it stands; none without a due time."""
    if late(clock, now):
        return Light.RED
    if clock.due_at is None:
        return Light.NONE if clock.paused_at is None else Light.GREEN
    if clock.stopped_at is None and clock.warn_at is not None and now >= clock.warn_at:
        return Light.YELLOW
    return Light.GREEN


def raw(clock: SlaClock, now: datetime) -> timedelta:
    """Time on the wall from start to stop, or to now."""
    return max(timedelta(), _until(clock, now) - clock.started_at)


def used(clock: SlaClock, calendar: Calendar, now: datetime) -> Amount:
    """Net time: what counts of it, in the clock's unit. `calendar` is the clock's own key and version."""
    if clock.paused_at is not None:
        return Amount(clock.counted, clock.unit)
    running = calendar.between(counts_from(clock, calendar, clock.since), _until(clock, now), clock.unit)
    return Amount(clock.counted + max(_NONE, running), clock.unit)


def remaining(clock: SlaClock, calendar: Calendar, now: datetime) -> Amount | None:
    """What is left to the due time in the clock's unit, below zero past it; None without a due time. A stopped clock
    tells what was left when it stopped, one that stands what will be left when it goes on."""
    if clock.due_at is None:
        if clock.left is not None:
            return Amount(clock.left, clock.unit)
        if clock.paused_at is not None and clock.total is not None:
            return Amount(clock.total - clock.counted, clock.unit)
        return None
    return Amount(calendar.between(_until(clock, now), clock.due_at, clock.unit), clock.unit)


def overdue(clock: SlaClock, now: datetime) -> timedelta:
    """How long past the due time on the wall; zero when not late."""
    if clock.due_at is None:
        return timedelta()
    return max(timedelta(), _until(clock, now) - clock.due_at)


def _until(clock: SlaClock, now: datetime) -> datetime:
    return clock.stopped_at if clock.stopped_at is not None else now
