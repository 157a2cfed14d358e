"""SLA clocks kept in the step's own transaction: started when a task opens or a node is left, stopped when it closes.

What the diagram promises (`ld:clock`) becomes a row; lights and lateness are computed from rows, never stored beside them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from engine import calendars, definitions
from engine.bpmn.model import ProcessModel
from engine.bpmn.settings import ClockSetting
from engine.calendar import Budget, Calendar, Unit
from engine.errors import StepFailed
from engine.organisation import snapshot
from engine.steps import Seen, Step
from escalation import breaching, changing, holders, sla
from escalation.sla import SlaClock
from escalation.tables import clock

Row = dict[str, Any]

READS = (clock, "stopped_at")
"""What a step must read for us: the clocks of its instance that still run."""


def due(seen: Seen) -> Row:
    """`this.due` in expressions: when each clock of the whole case that runs is due, by its id in the diagram. One that stands is none."""
    rows = (row for row in seen.extra.get(clock.name, ()) if row["task_id"] == 0 and row["paused_at"] is None)
    zone = seen.world.zone
    return {
        "due": {setting_id(row["name"]): row["due_at"].astimezone(zone) for row in rows if row["due_at"] is not None}
    }


class Clocks:
    """The listener that keeps clocks, by the book of calendars that counts when the step is made."""

    def __init__(self) -> None:
        self._returning: dict[tuple[int, str], bool] = {}

    def __call__(self, step: Step) -> None:
        """Stop what ended in this step, start what began, and give open tasks the due time they are sorted by."""
        running = step.seen.extra[clock.name]
        dropped: set[tuple[str, int]] = set()
        if step.changing is not None:  # before anything is told of them by their names
            dropped = changing.change(step, step.changing, running, self._start)
        _go_on(step, running)
        left = set(step.outcome.path)
        closed = set(step.outcome.cancelled) | ({step.completed} if step.completed is not None else set())
        settings = {c.id: c for c in step.definition.model.clocks}
        still: list[Row] = []
        for row in running:
            setting = settings.get(setting_id(row["name"])) if row["task_id"] == 0 else None
            stops = setting is not None and setting.stop in left and setting.id not in _started(step, settings)
            over = stops or (row["name"], row["task_id"]) in dropped
            if step.outcome.ended or row["task_id"] in closed or over:
                self._stop(step, row)
            elif row["task_id"] == 0:
                still.append(row)
        names = {setting_id(r["name"]) for r in running if r["task_id"] == 0}
        for setting in settings.values():
            begins = setting.start in left or (setting.start is None and step.started)
            goes_on = next((r for r in still if setting_id(r["name"]) == setting.id), None)
            if begins and goes_on is not None:
                self._again(step, setting, goes_on)
            elif begins and setting.id not in names:
                row = self._start(step, setting, 0, step.facts, None, self._name(step, setting))
                if step.outcome.ended or (setting.stop in left and setting.id not in _started(step, settings)):
                    stopped = sla.stop(from_row(row), step.now)
                    row["stopped_at"], row["breached_at"] = stopped.stopped_at, stopped.breached_at
                else:
                    still.append(row)
        for task in step.opened:
            rows = list(still)
            # a task of a called process promises what its own diagram says
            node = definitions.get(step.core, task["definition_id"]).model.nodes[task["node"]]
            rows += [
                self._start(step, c, task["id"], step.scopes[task["id"]], task["unit_id"]) for c in node.settings.clocks
            ]
            task["due_at"] = min((r["due_at"] for r in rows if r["due_at"]), default=None)
            task["warn_at"] = min((r["warn_at"] for r in rows if r["warn_at"]), default=None)
        _passed_on(step, [row for row in still if row["breached_at"] is not None], closed)

    def _stop(self, step: Step, row: Row) -> None:
        """Stop a clock, and tell those who wait for it: that it was late, if nobody said so yet, and that it stopped after all."""
        before = from_row(row)
        stopped = sla.stop(before, step.now)
        step.writes.update(
            clock,
            name=row["name"],
            task_id=row["task_id"],
            stopped_at=stopped.stopped_at,
            breached_at=stopped.breached_at,
        )
        if stopped.breached_at is not None:
            task = step.seen.open_tasks.get(row["task_id"])
            if before.breached_at is None:
                breaching.tell(step.core, step.seen, step.writes, stopped, task)
            breaching.tell_stopped(step.core, step.seen, step.writes, stopped, task)

    @staticmethod
    def _again(step: Step, setting: ClockSetting, row: Row) -> None:
        """The node a running clock starts from was left again (a case filed anew under another standard): the new term counts from
        the first start, for the time that has passed is not given back. A breach stays. Its ledger tells what was promised before."""
        budget, due = _promised(step, setting, step.facts)
        from escalation.ledger import Ledger  # noqa: PLC0415  it changes the rows that this module writes

        if (budget, due) != (from_row(row).budget, None) and not (budget is None is due):
            Ledger(step.core, step.seen, step.writes).rebudget(row, _calendar(step, setting, None), budget, due)

    def _name(self, step: Step, setting: ClockSetting) -> str:
        """The name of a new row: where the diagram comes back to the clock's start, or people sent the case back there, `case`, `case#2` …
        What ran before stays as it was. Only such cases pay for the look."""
        model = step.definition.model
        known = (step.definition.id, setting.id)
        if known not in self._returning:
            self._returning[known] = setting.stop in model.nodes and setting.start in _after(model, setting.stop)
        if step.started or not (self._returning[known] or step.run.workflow.returned):
            return setting.id
        with step.core.db.read() as connection:
            names = set(
                connection.execute(
                    select(clock.c.name).where(clock.c.instance_id == step.writes.instance_id, clock.c.task_id == 0)
                ).scalars()
            )
        before = sum(setting_id(name) == setting.id for name in names)
        while before and f"{setting.id}#{before + 1}" in names:
            before += 1  # its first ones are called otherwise, by an older version
        return f"{setting.id}#{before + 1}" if before else setting.id

    def _start(
        self, step: Step, setting: ClockSetting, task_id: int, scope: Row, unit_id: int | None, name: str = ""
    ) -> Row:
        """`name`: of the row, where it is not the diagram's."""
        budget, due = _promised(step, setting, scope)
        since = _since(step, setting, scope)
        if since != step.now:  # history says so, else the records could not tell it from a clock that somebody put back
            from_then = {"clock": name or setting.id, "task": task_id, "since": since.astimezone(UTC).isoformat()}
            step.said.setdefault("counted_from", []).append(from_then)
        started = sla.start(
            name or setting.id,
            setting.id,
            _calendar(step, setting, unit_id),
            since,
            budget=budget,
            due=due,
            warn_share=Decimal(str(setting.warn)) if setting.warn is not None else sla.WARN_SHARE,
        )
        row = to_row(started, step.writes.instance_id, task_id, step.seen.world.id)
        row["remind"] = int(setting.remind and started.warn_at is not None)
        step.writes.inserts.setdefault(clock.name, []).append(row)
        return row


def _passed_on(step: Step, late: list[Row], closed: set[int]) -> None:
    """Tell of a late case that another unit has it now."""
    if not late or not step.opened:
        return
    before = step.seen.open_tasks
    own = step.seen.instance.get("unit_id")
    after = [row for row in before.values() if row["id"] not in closed] + list(step.opened)
    if holders.of_tasks(after, step.writes.instance.get("unit_id", own)) != holders.of_tasks(before.values(), own):
        breaching.tell_passed(step.core, step.seen, step.writes, from_row(late[0]), step.opened)


def _go_on(step: Step, running: list[Row]) -> None:
    """Resume what stood only until before this step, whether or not a worker has come by: else who acts late would be in time."""
    from escalation.ledger import Ledger  # noqa: PLC0415  it changes the rows that this module writes

    for row in running:
        if row["paused_until"] is not None and row["paused_until"] <= step.now:
            Ledger(step.core, step.seen, step.writes).resume(row)


def _promised(step: Step, setting: ClockSetting, scope: Row) -> tuple[Budget | None, datetime | None]:
    """What the diagram promises now: a budget, or a due time."""
    value = step.run.value
    due = _instant(setting, value(setting.due, scope), step.seen.world.zone)
    if due is not None:
        return None, due
    return _budget(setting, value(setting.budget, scope), value(setting.unit, scope)), None


def _since(step: Step, setting: ClockSetting, scope: Row) -> datetime:
    """When a clock began: now, or before it where the diagram says so. Nothing begins later than now."""
    since = _instant(setting, step.run.value(setting.since, scope), step.seen.world.zone)
    return min(since, step.now) if since is not None else step.now


def _calendar(step: Step, setting: ClockSetting, unit_id: int | None) -> Calendar:
    """The calendar a clock counts by: the one it names, else that of the unit whose task it is."""
    book = calendars.at(step.core, step.seen.calendars)
    key = setting.calendar
    if key is None:
        known = snapshot.of(step.core, step.seen.organisation) if book.units else None
        key = book.of_unit(step.core, known, unit_id) if known is not None else calendars.DEFAULT
    found = book.calendars.get(key)
    if found is None:
        raise StepFailed(node=setting.id, why=f"there is no calendar {key}", why_zh=f"没有日历 {key}")
    return found


def _started(step: Step, settings: Mapping[str, ClockSetting]) -> set[str]:
    """Clocks whose own start was left again after their stop in this very step: they go on."""
    again = set()
    for name, setting in settings.items():
        path = step.outcome.path
        if setting.start in path and setting.stop in path:
            last_start = len(path) - path[::-1].index(setting.start)
            last_stop = len(path) - path[::-1].index(setting.stop)
            if last_start > last_stop:
                again.add(name)
    return again


def setting_id(name: str) -> str:
    """The id in the diagram of a clock row's name: without the count of a clock that was started again."""
    return name.partition("#")[0]


def _after(model: ProcessModel, begin: str | None) -> set[str]:
    """Nodes that can be reached from a node, in and out of sub-processes, over borders too."""
    found: set[str] = set()
    stack = [begin] if begin is not None else []
    while stack:
        node = model.nodes[stack.pop()]
        near = [model.flows[f].target for f in node.outgoing]
        near += [n.id for n in model.nodes.values() if node.id in (n.host, n.parent)]
        near += [node.parent] if node.parent is not None else []
        stack += [n for n in near if n not in found]
        found.update(near)
    return found


def _instant(setting: ClockSetting, value: Any, zone: ZoneInfo) -> datetime | None:
    """A due time: ISO 8601 text or what FEEL gave; without an offset it is meant in the world's zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise StepFailed(
                node=setting.id, why=f"no such due time: {value}", why_zh=f"到期时间不对：{value}"
            ) from error
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)


def _budget(setting: ClockSetting, amount: Any, unit: Any) -> Budget | None:
    if amount is None or unit is None:
        return None
    try:
        return Budget(Decimal(str(amount)), Unit(str(unit)))
    except (ValueError, InvalidOperation) as error:
        raise StepFailed(
            node=setting.id, why=f"no such budget: {amount} {unit}", why_zh=f"时限不对：{amount} {unit}"
        ) from error


def to_row(started: SlaClock, instance_id: int, task_id: int, world_id: int) -> Row:
    """The row of a clock."""
    return {
        "instance_id": instance_id,
        "name": started.id,
        "task_id": task_id,
        "world_id": world_id,
        "amount": str(started.budget.amount) if started.budget else None,
        "unit": str(started.budget.unit) if started.budget else None,
        "calendar": started.calendar,
        "calendar_version": started.calendar_version,
        "warn_share": str(started.warn_share),
        "started_at": started.started_at,
        "warn_at": started.warn_at,
        "due_at": started.due_at,
        "stopped_at": started.stopped_at,
        "breached_at": started.breached_at,
        "running_since": started.running_since,
        "counted": str(started.counted),
        "extra": str(started.extra),
        "extensions": started.extensions,
        "paused_at": started.paused_at,
        "paused_until": started.paused_until,
        "left_hours": str(started.left) if started.left is not None else None,
        "entries": 0,
        "remind": 0,
    }


def from_row(row: Mapping[str, Any]) -> SlaClock:
    """The clock of a row."""
    return SlaClock(
        id=row["name"],
        kind=row["name"],
        budget=Budget(Decimal(row["amount"]), Unit(row["unit"])) if row["amount"] else None,
        calendar=row["calendar"],
        calendar_version=row["calendar_version"],
        started_at=row["started_at"],
        due_at=row["due_at"],
        warn_share=Decimal(row["warn_share"]),
        warn_at=row["warn_at"],
        stopped_at=row["stopped_at"],
        breached_at=row["breached_at"],
        # rows from before clocks could stand have run since they were started
        running_since=(row["running_since"] or row["started_at"]) if row["paused_at"] is None else None,
        counted=Decimal(row["counted"]),
        extra=Decimal(row["extra"]),
        extensions=row["extensions"],
        paused_at=row["paused_at"],
        paused_until=row["paused_until"],
        left=Decimal(row["left_hours"]) if row["left_hours"] is not None else None,
    )
