"""How time passes in a trial of a draft: not by itself. Whoever plays it lets it move on, to the next thing that falls due, by a working
day, or to a moment; on the way each timer and clock comes at its own time, in order, as it would have come in earnest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, select

from engine import calendars, jobs, worktime, worlds
from engine.calendar import Unit
from engine.errors import Invalid
from engine.tables import job
from engine.trials import Trial
from engine.trials.making import check_runs
from escalation import reminding, resuming, sweep
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

MOST_MOMENTS = 300
"""Moments at which something falls due that one jump passes: a timer that comes each minute must not hold up the page for a year."""
MOST_ROUNDS = 60
"""Rounds of what is due at one moment: a process that goes round without waiting stops here until the next act."""
FARTHEST = timedelta(days=3660)
LATE = timedelta(seconds=1)
"""A clock is late after its due time, not at it."""


@dataclass(frozen=True, slots=True)
class Due:
    """What falls due next: `kind` is timer, warning, deadline or pause; `row`: the job or clock."""

    at: datetime
    kind: str
    row: Row


@dataclass(frozen=True, slots=True)
class Passed:
    """Where a jump came to: `at`, and whether it got there or stopped before, for too much fell due."""

    at: datetime
    moments: int
    whole: bool


def settle(core: Core, trial: Trial) -> None:
    """Do all that is due now in it, as workers would: actions, messages, timers, breaches, reminders."""
    for _ in range(MOST_ROUNDS):
        done = jobs.run_due(core, 100, trial.id)
        rest = resuming.resumptions(core, 100, trial.id) + sweep.breaches(core, 100, trial.id)
        rest += reminding.reminders(core, 100, trial.id)
        if not done.done and not done.failed and not rest:
            return


def upcoming(core: Core, trial: Trial) -> Due | None:
    """What falls due next after the present of the trial; none: nothing does."""
    now = worlds.get(core, trial.id).now
    runs = (clock.c.world_id == trial.id, clock.c.stopped_at.is_(None))
    found = [
        _first(core, "timer", job.c.due_at, job.c.world_id == trial.id, job.c.state == "waiting", job.c.due_at > now),
        _first(core, "warning", clock.c.warn_at, *runs, clock.c.warn_at > now),
        _first(core, "deadline", clock.c.due_at, *runs, clock.c.breached_at.is_(None), clock.c.due_at >= now),
        _first(core, "pause", clock.c.paused_until, *runs, clock.c.paused_at.is_not(None), clock.c.paused_until > now),
    ]
    return min((one for one in found if one is not None), key=lambda one: one.at, default=None)


def jump(core: Core, trial: Trial, to: datetime | None) -> Passed:
    """Let time pass until `to` (none: the next thing that falls due). Invalid: the trial has ended, nothing falls due, or that moment is
    past or more than ten years ahead."""
    check_runs(trial)
    now = worlds.get(core, trial.id).now
    if to is None:
        following = upcoming(core, trial)
        if following is None:
            raise Invalid(why_zh="没有要到期的计时", why_en="nothing falls due")
        to = following.at
    if to <= now:
        raise Invalid(why_zh="该时刻已经过去", why_en="that moment is past")
    if to - now > FARTHEST:
        raise Invalid(why_zh="一次最多前进十年", why_en="ten years at most at a time")
    for moments in range(MOST_MOMENTS):
        following = upcoming(core, trial)
        at = min(following.at, to) if following is not None else to
        if at > worlds.get(core, trial.id).now:
            worlds.set_clock(core, trial.id, at)
        settle(core, trial)
        if at >= to:
            return Passed(at, moments + 1, whole=True)
    return Passed(worlds.get(core, trial.id).now, MOST_MOMENTS, whole=False)


def next_working_day(core: Core, trial: Trial) -> datetime:
    """One working day on from the trial's present, by the calendar that counts now."""
    world = worlds.get(core, trial.id)
    with core.db.read() as connection:
        version = calendars.version(connection)
    return worktime.of(core, version, world.zone).due(world.now, Decimal(1), Unit.WORK_DAY)


# ---------------------------------------------------------------- inside


def _first(core: Core, kind: str, column: ColumnElement[Any], *where: ColumnElement[bool]) -> Due | None:
    query = select(column.table, column.label("_at")).where(*where).order_by(column).limit(1)
    with core.db.read() as connection:
        row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return Due(row["_at"] + (LATE if kind == "deadline" else timedelta()), kind, dict(row))
