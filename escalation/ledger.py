"""The ledger of a clock: each time it was let stand, went on, got more time or another limit, or was counted by another calendar, who
asked, who approved, and on what ground. A row is written in the step that changes the clock, and only ever added to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from engine import calendars, effects
from engine.calendar import Budget, Calendar
from engine.events import Event
from engine.tables import task as task_table
from escalation import breaching, sla
from escalation.clocks import from_row, to_row
from escalation.sla import SlaClock
from escalation.tables import clock, clock_entry

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Seen
    from engine.writes import WriteSet

Row = dict[str, Any]

PAUSED, RESUMED, EXTENDED, CALENDAR, BUDGET = "paused", "resumed", "extended", "calendar", "budget"
"""What an entry tells."""
EVENTS = {
    PAUSED: Event.CLOCK_PAUSED,
    RESUMED: Event.CLOCK_RESUMED,
    EXTENDED: Event.CLOCK_EXTENDED,
    CALENDAR: Event.CLOCK_MOVED,
    BUDGET: Event.CLOCK_BUDGET,
}
"""The kind of history row for each."""

WANTED, REMINDED = 1, 2
"""Of `clock.remind`: somebody is to be told when it turns yellow; they were."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a clock is changed, and who said so. `request`: the instance in which it was asked and approved; none: by itself."""

    reason: str = ""
    ground: str | None = None
    basis: str = ""
    document: str = ""
    asked_by: int | None = None
    asked_unit: int | None = None
    approved_by: int | None = None
    approved_unit: int | None = None
    request: int | None = None


BY_ITSELF = Ground()


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch in which a clock ran or stood. `until` is None for the present one; `entry`: the row that let it stand."""

    since: datetime
    until: datetime | None
    running: bool
    entry: Row | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The clocks of one case, changed in one step of it. Each method answers the clock as it is then, or None where there was nothing to
    change; the rows are the step's to write."""

    core: Core
    seen: Seen
    writes: WriteSet

    def find(self, name: str, task_id: int) -> Row | None:
        """The row of a clock that has not stopped, of what the step has read."""
        rows: list[Row] = self.seen.extra[clock.name]
        return next((r for r in rows if (r["name"], r["task_id"]) == (name, task_id)), None)

    def pause(self, row: Row, why: Ground, until: datetime | None = None) -> SlaClock | None:
        """Let a clock stand, until it is resumed or that time has come."""
        before = from_row(row)
        if before.paused_at is not None or before.stopped_at is not None:
            return None
        after = sla.pause(before, self._before(before), self.seen.now, until)
        self._keep(row, before, after, PAUSED, why, {"until": _iso(until)}, until=until)
        return after

    def resume(self, row: Row, why: Ground = BY_ITSELF) -> SlaClock | None:
        """Let a clock go on, by the calendar that counts now: from now, or from when its pause was to end where that has passed, so that
        nobody gains by a worker that stood still."""
        before = from_row(row)
        if before.paused_at is None or before.stopped_at is not None:
            return None
        at = min(self.seen.now, before.paused_until or self.seen.now)
        after = sla.resume(before, self._calendar(before), at)
        self._keep(row, before, after, RESUMED, why, {"due": _iso(after.due_at), "at": _iso(at)}, at=at)
        return after

    def extend(self, row: Row, amount: Decimal, why: Ground) -> SlaClock | None:
        """Give a clock `amount` of its unit more. None too when it is late: no act makes that good."""
        before = sla.breach(from_row(row), self.seen.now)
        if before.breached_at is not None or before.stopped_at is not None:
            return None
        after = sla.extend(before, self._calendar(before), amount)
        said = {"amount": str(amount), "unit": str(before.unit), "due": _iso(after.due_at)}
        self._keep(row, before, after, EXTENDED, why, said, amount=str(amount))
        return after

    def rebudget(
        self, row: Row, calendar: Calendar, budget: Budget | None = None, due: datetime | None = None
    ) -> SlaClock | None:
        """Give a clock another limit, or another due time, because the case falls under another promise now. The entry's `amount` and
        `ground` are the limit and its unit before."""
        before = from_row(row)
        after = sla.rebudget(before, calendar, budget, due)
        if (after.budget, after.due_at) == (before.budget, before.due_at):
            return None
        said = {"due": _iso(after.due_at), "amount": row["amount"]}
        if after.budget is not None:
            said |= {"to": str(after.budget.amount), "unit": str(after.budget.unit)}
        self._keep(row, before, after, BUDGET, Ground(ground=row["unit"]), said, amount=row["amount"])
        return after

    def recount(self, row: Row, entries: Iterable[Mapping[str, Any]]) -> bool:
        """Count a clock by the calendars that count now, with one entry, whether or not its due time moves; answers whether
        it did. Where it would lie in the past it is now, for nobody could know; what is late already stays so."""
        seen = self.seen
        before = from_row(row)
        after = sla.breach(before, seen.now)
        if after.breached_at is None:
            ran = [(s.since, s.until) for s in segments(row, entries) if s.running and s.until is not None]
            after = sla.recount(before, self._calendar(before), ran)
            if after.due_at is not None and after.due_at < seen.now:
                after = replace(after, due_at=seen.now)
        # the version that was looked at, also where the calendar itself was given up
        after = replace(after, calendar_version=seen.calendars)
        said = {"after": _iso(after.due_at), "from": before.calendar_version, "version": after.calendar_version}
        self._keep(row, before, after, CALENDAR, BY_ITSELF, said)
        return after.due_at != before.due_at

    def _before(self, one: SlaClock) -> Calendar:
        """The calendar that a clock was last counted by."""
        return calendars.at(self.core, one.calendar_version).calendars[one.calendar]

    def _calendar(self, one: SlaClock) -> Calendar:
        """Its calendar as it counts now; where that was given up, as it was."""
        return calendars.at(self.core, self.seen.calendars).calendars.get(one.calendar) or self._before(one)

    def _keep(
        self, row: Row, before: SlaClock, after: SlaClock, kind: str, why: Ground, said: Row, **more: Any
    ) -> None:
        seen, writes = self.seen, self.writes
        key: Row = {"name": row["name"], "task_id": row["task_id"]}
        if before.breached_at is None and after.breached_at is not None:
            breaching.record(self.core, seen, writes, row, after)
        task = seen.open_tasks.get(row["task_id"])
        seq = effects.record(
            seen,
            writes,
            EVENTS[kind],
            actor=seen.actor if why is not BY_ITSELF else None,
            node=task["node"] if task else None,
            task_id=row["task_id"] or None,
            data={"clock": row["name"], "before": _iso(before.due_at), **said, **_said(why)},
        )
        n = row["entries"] + 1
        writes.insert(
            clock_entry,
            **key,
            n=n,
            kind=kind,
            ground=why.ground,
            reason=why.reason,
            basis=why.basis,
            document=why.document,
            asked_by=why.asked_by,
            asked_unit=why.asked_unit,
            approved_by=why.approved_by,
            approved_unit=why.approved_unit,
            request_id=why.request,
            due_before=before.due_at,
            due_after=after.due_at,
            calendar_version=after.calendar_version,
            seq=seq,
            **{"at": seen.now, **more},
        )
        fresh = to_row(after, writes.instance_id, row["task_id"], row["world_id"])
        for name in ("instance_id", "name", "task_id", "world_id", "entries", "remind"):
            fresh.pop(name)
        changed = {k: v for k, v in fresh.items() if v != row[k]} | {"entries": n}
        green = after.warn_at is not None and after.warn_at > seen.now
        if row["remind"] == REMINDED and green and kind != CALENDAR:  # a calendar tells nobody anything twice
            changed["remind"] = WANTED  # it is green again: they are told once more when it turns yellow
        writes.update(clock, **key, **changed)
        row.update(changed)
        retime(seen, writes, {(row["name"], row["task_id"]): after})


def segments(row: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> list[Segment]:
    """How a clock ran and stood, in order, from its ledger."""
    found: list[Segment] = []
    since, standing, entry = row["started_at"], False, None
    for each in sorted(entries, key=lambda e: e["n"]):
        if each["kind"] not in (PAUSED, RESUMED):
            continue
        found.append(Segment(since, each["at"], not standing, entry))
        standing = each["kind"] == PAUSED
        since, entry = each["at"], dict(each) if standing else None
    found.append(Segment(since, row["stopped_at"], not standing, entry))
    return found


def entries_of(connection: Connection, instance_id: int) -> dict[tuple[str, int], list[Row]]:
    """The ledgers of all clocks of a case, by clock and task."""
    found: dict[tuple[str, int], list[Row]] = {}
    query = select(clock_entry).where(clock_entry.c.instance_id == instance_id).order_by(clock_entry.c.n)
    for row in connection.execute(query).mappings():
        found.setdefault((row["name"], row["task_id"]), []).append(dict(row))
    return found


def retime(seen: Seen, writes: WriteSet, changed: Mapping[tuple[str, int], SlaClock]) -> None:
    """Give open tasks the due and warning times they are sorted by, when clocks of the case or their own were changed in this step."""
    times = {(r["name"], r["task_id"]): (r["due_at"], r["warn_at"]) for r in seen.extra[clock.name]}
    times |= {key: (one.due_at, one.warn_at) for key, one in changed.items()}
    for task_id, row in seen.open_tasks.items():
        mine = [both for (_, owner), both in times.items() if owner in (0, task_id)]
        due = min((d for d, _ in mine if d is not None), default=None)
        warn = min((w for _, w in mine if w is not None), default=None)
        if (due, warn) != (row["due_at"], row["warn_at"]):
            writes.update(task_table, id=task_id, due_at=due, warn_at=warn)
            row.update(due_at=due, warn_at=warn)  # of several clocks of a step the last one decides


def _said(why: Ground) -> Row:
    said = {
        "ground": why.ground,
        "text": why.reason,
        "basis": why.basis,
        "document": why.document,
        "asked_by": why.asked_by,
        "asked_unit": why.asked_unit,
        "approved_by": why.approved_by,
        "approved_unit": why.approved_unit,
        "request": str(why.request) if why.request is not None else None,
    }
    return {key: value for key, value in said.items() if value}


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
