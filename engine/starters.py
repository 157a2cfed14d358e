"""What starts the newest version of a process beside a person: messages, signals and timers of its start events. Rows of the version
before give way to these at each deployment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, delete, insert, or_, select, update

from engine import calendars, definitions, feel, incidents, instances, worktime, worlds
from engine.bpmn.model import Event, Kind, Node, ProcessModel, Timer, Trigger
from engine.bpmn.problems import Problem
from engine.bpmn.reading.timers import BadTimer
from engine.bpmn.values import Value
from engine.errors import DefinitionRefused
from engine.feel.running import Functions
from engine.leases import LEASE
from engine.schedules import Schedule, schedule
from engine.subscriptions import text
from engine.tables import LIVE, process_start, process_timer

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

LONGEST_WAIT = timedelta(hours=1)

log = structlog.get_logger("liandong.starters")


# ---------------------------------------------------------------- at a deployment


def register(connection: Connection, core: Core, definition_id: int, model: ProcessModel) -> None:
    """From now on this version is what its start events start. What was due by the version before, and not started yet, is started
    by this one. DefinitionRefused when an expression gives no time or no name."""
    live = worlds.on(connection, core, LIVE)
    overdue = _overdue(connection, model.id, live.now)
    connection.execute(delete(process_start).where(process_start.c.key == model.id))
    connection.execute(delete(process_timer).where(process_timer.c.key == model.id))
    for node, index, event in _events(model):
        place: Row = {"key": model.id, "node": node.id, "idx": index, "definition_id": definition_id}
        if event.trigger in (Trigger.MESSAGE, Trigger.SIGNAL) and event.name is not None:
            name = text(_name(model, node, event.name))
            connection.execute(insert(process_start).values(**place, **_taken(model, event), name=name))
        elif event.timer is not None:
            plan = _plan(core, connection, model, node, event.timer, live)
            first = plan.after(live.now, 0)
            values = {"began_at": live.now, "occurrence": first, "due_at": plan.at(first), "tries": 0}
            if (node.id, index) in overdue:
                values |= {"occurrence": first - 1, "due_at": live.now}
            connection.execute(insert(process_timer).values(**place, **values))


def _taken(model: ProcessModel, event: Event) -> Row:
    """What sort it is, and whether it comes from other instances only: so does whatever begins something confidential."""
    return {"kind": str(event.trigger), "inside": event.inside or model.confidential is not None}


def _overdue(connection: Connection, key: str, now: datetime) -> set[tuple[str, int]]:
    """The timers of a process whose time has come, and that started nothing yet."""
    late = or_(process_timer.c.due_at <= now, process_timer.c.tries > 0)
    query = select(process_timer.c.node, process_timer.c.idx).where(process_timer.c.key == key, late)
    return {(row.node, row.idx) for row in connection.execute(query)}


def _events(model: ProcessModel) -> Iterator[tuple[Node, int, Event]]:
    """The events that start a process, each with the node where the instance begins: behind an event-based gateway that is the
    event that came."""
    for starter in model.starters:
        nodes = [starter]
        if starter.kind is Kind.EVENT_BASED:
            nodes = [model.nodes[model.flows[flow].target] for flow in starter.outgoing]
        for node in nodes:
            yield from ((node, index, event) for index, event in enumerate(node.events))


def _name(model: ProcessModel, node: Node, name: Value) -> str:
    found = feel.compile(name.text).evaluate({}) if name.is_feel else name.text
    if isinstance(found, str) and found:
        return found
    raise _refused(
        model, node, "消息或信号名称的表达式没有给出文字", "the expression of its message or signal gives no name"
    )


def _plan(
    core: Core, connection: Connection, model: ProcessModel, node: Node, timer: Timer, live: worlds.World
) -> Schedule:
    try:
        return schedule(timer, live.now, live.zone, _functions(core, live.zone, connection))
    except BadTimer as error:
        raise _refused(model, node, f"定时：{error.zh}", f"its timer: {error.en}") from error


def _refused(model: ProcessModel, node: Node, zh: str, en: str) -> DefinitionRefused:
    return definitions.refused([Problem(model.file, node.line, node.id, "start", f"{zh}。", f"{en}.")])


# ---------------------------------------------------------------- timers


@dataclass(slots=True)
class Pass:
    """What one pass over the timers did."""

    started: int = 0
    failed: int = 0


def run_due(core: Core, limit: int = 100) -> Pass:
    """Start what the timers say: one instance for each due timer, however many of its times were missed; where its diagram asks for each
    of them, the next of these is due at once."""
    result = Pass()
    for row, now in _lease(core, limit):
        try:
            _start(core, row, now)
            result.started += 1
        except Exception as error:
            log.exception("a timer could not start its process", process=row["key"], node=row["node"])
            _failed(core, row, now, incidents.explain(error))
            result.failed += 1
    return result


def _lease(core: Core, limit: int) -> list[tuple[Row, datetime]]:
    """Due timers that no other worker holds. The lease only spares work: that an occurrence starts once, its instance's id sees to."""
    with core.db.write() as connection:
        live = worlds.on(connection, core, LIVE)
        now = core.db.now_on(connection)
        due = (
            select(process_timer)
            .where(
                process_timer.c.due_at <= live.now,
                or_(process_timer.c.lease_until.is_(None), process_timer.c.lease_until < now),
            )
            .order_by(process_timer.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = [dict(row) for row in connection.execute(due).mappings()]
        for row in rows:
            connection.execute(update(process_timer).where(*_same(row)).values(lease_until=now + LEASE))
    return [(row, live.now) for row in rows]


def _start(core: Core, row: Row, now: datetime) -> None:
    definition = definitions.get(core, row["definition_id"])
    timer = definition.model.nodes[row["node"]].events[row["idx"]].timer
    if timer is None:
        raise LookupError(f"{row['node']} has no timer")
    origin = f"timer\0{row['definition_id']}\0{row['idx']}\0{row['occurrence']}"
    zone = worlds.get(core, LIVE).zone
    plan = schedule(timer, row["began_at"], zone, _functions(core, zone))
    missed = plan.missed(now, row["occurrence"] + 1, timer.misfire)
    due = plan.at(row["occurrence"])
    payload = {
        "missed": missed,
        "time": row["occurrence"] + 1,
        "due": due.astimezone(zone) if due is not None else None,
    }
    said = {"timer": row["node"], **({"missed": missed} if missed else {})}
    instances.begin(core, definition.id, (row["node"], row["idx"]), origin, payload=payload, said=said)
    following = row["occurrence"] + 1 + missed
    values = {"occurrence": following, "due_at": plan.at(following), "lease_until": None, "tries": 0, "error": None}
    with core.db.write() as connection:
        connection.execute(update(process_timer).where(*_same(row)).values(**values))


def _functions(core: Core, zone: ZoneInfo, connection: Connection | None = None) -> Functions:
    """Working time for expressions, by the book that counts now."""
    return worktime.of(core, calendars.current(core, connection).version, zone).functions


def _failed(core: Core, row: Row, now: datetime, why: str) -> None:
    """There is no instance yet that an incident could belong to: the row keeps the reason, and is tried again more and more rarely."""
    wait = min(timedelta(seconds=10 * 2 ** min(row["tries"], 10)), LONGEST_WAIT)
    values = {"tries": row["tries"] + 1, "error": why[:2000], "due_at": now + wait, "lease_until": None}
    with core.db.write() as connection:
        connection.execute(update(process_timer).where(*_same(row)).values(**values))


def _same(row: Row) -> tuple[Any, ...]:
    """The very row that was read: of this version, at this occurrence."""
    table = process_timer.c
    return (
        table.key == row["key"],
        table.node == row["node"],
        table.idx == row["idx"],
        table.definition_id == row["definition_id"],
        table.occurrence == row["occurrence"],
    )
