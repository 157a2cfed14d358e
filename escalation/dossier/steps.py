"""What people did: the hand-overs of a case (who held it, and for how long), and what was answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from engine import definitions
from engine.events import Event
from engine.tables import register_row, task, unit
from escalation import holding
from escalation.dossier.trail import Trail

if TYPE_CHECKING:
    from engine.core import Core
    from engine.definitions import Definition
    from escalation.dossier.cutting import Cut
    from escalation.dossier.naming import Names

Row = dict[str, Any]

_HANDS = frozenset(
    str(event)
    for event in (
        Event.CLAIMED,
        Event.RELEASED,
        Event.TRANSFERRED,
        Event.SIGNED,
        Event.DELEGATED,
        Event.RESOLVED,
        Event.RECALLED,
        Event.URGED,
        Event.RETURNED,
        Event.WITHDRAWN,
        Event.COMPLETED,
        Event.ERROR,
        Event.REJECTED,
    )
)


def handovers(core: Core, connection: Connection, trail: Trail, cut: Cut, names: Names) -> list[Row]:
    """Every task up to the last event, as it was opened: for which unit and post, who took it, when and how it ended."""
    query = select(task).where(task.c.instance_id == trail.instance).order_by(task.c.id)
    opened = _opened(trail)
    found = []
    for row in connection.execute(query).mappings():
        first = opened.get(row["id"])
        if (first is None and row["opened_at"] > cut.at) or (first is not None and first["seq"] > trail.end):
            continue
        found.append(_handover(core, connection, dict(row), first, trail, cut, names))
    return found


def names(core: Core, definition_id: int, trail: Trail) -> Row:
    """What the diagram calls the nodes at which something happened."""
    nodes = definitions.get(core, definition_id).model.nodes
    passed = {row["node"] for row in trail.told if row["node"] in nodes}
    return {node: {"zh": nodes[node].names.zh, "en": nodes[node].names.en} for node in sorted(passed)}


def held(rows: Iterable[Row], since: datetime, until: datetime) -> Row:
    """The case's time, cut into stretches by who held it, and the sum for each unit: together they are the whole. In seconds."""
    tasks = [
        {
            "id": r["task"],
            "unit_id": r.get("unit"),
            "role": r.get("role"),
            "opened_at": r["opened_at"],
            "closed_at": r.get("closed_at"),
        }
        for r in rows
    ]
    parts = holding.stretches(since, until, tasks)
    return {
        "since": since,
        "until": until,
        "seconds": _seconds(until - since),
        "stretches": [
            {
                "since": p.since,
                "until": p.until,
                "seconds": _seconds(p.length),
                "tasks": list(p.tasks),
                "unit": p.unit_id,
            }
            for p in parts
        ],
        "units": [
            {"unit": unit_id, "held": some, "seconds": _seconds(length), "times": times}
            for unit_id, some, length, times in holding.by_unit(parts)
        ],
    }


def answers(
    connection: Connection, definition: Definition, trail: Trail, hidden: Collection[str], names: Names
) -> list[Row]:
    """What was answered last to each field, with its label in the forms of that version, and the event in which it was. What says who
    reported is no answer here; what was looked up or computed follows from these and the registers."""
    found: dict[str, Row] = {}
    for row in trail.told:
        if row["kind"] not in (Event.STARTED, Event.COMPLETED):
            continue
        said = (row["data"] or {}).get("answers") or {}
        for name, value in said.items():
            if name not in hidden and value not in (None, "", []):
                told = _label(connection, definition, name, value, row["written_at"])
                if told.get("control") == "unit":
                    names.learn(unit_keys=value if isinstance(value, list) else [value])
                found[name] = {"name": name, "value": value, "seq": row["seq"], **told}
    return [found[name] for name in sorted(found, key=lambda n: (found[n]["seq"], n))]


def _handover(
    core: Core, connection: Connection, row: Row, first: Row | None, trail: Trail, cut: Cut, names: Names
) -> Row:
    node = definitions.get(core, row["definition_id"]).model.nodes[row["node"]]
    events = [
        {
            "seq": each["seq"],
            "at": each["at"],
            "kind": each["kind"],
            "person": each["actor_id"],
            "for": each["for_id"],
            "to": (each["data"] or {}).get("to"),
        }
        for each in trail.told
        if each["task_id"] == row["id"] and each["kind"] in _HANDS
    ]
    unit_id = _unit(connection, row, trail)
    names.learn(units=[unit_id], posts=[row["post_key"]])
    names.learn(people=[p for e in events for p in (e["person"], e["for"], e["to"])])
    assigned = ((first["data"] or {}).get("assigned") or {}).get(str(row["id"])) if first is not None else None
    names.learn(people=[assigned])
    told: Row = {
        "task": row["id"],
        "node": row["node"],
        "zh": node.names.zh,
        "en": node.names.en,
        "role": row["role"],
        "unit": unit_id,
        "post": row["post_key"],
        "assigned": assigned,
        "opened_at": row["opened_at"],
        "opened_seq": first["seq"] if first is not None else None,
        "events": [{k: v for k, v in e.items() if v is not None} for e in events],
    }
    closing = _closing(row, first, trail)
    if row["closed_at"] is not None and (closing["seq"] <= trail.end if closing else row["closed_at"] <= cut.at):
        by = row["closed_by"]
        names.learn(people=[by])
        told |= {"closed_at": row["closed_at"], "state": row["state"], "closed_by": by}
    return {k: v for k, v in told.items() if v is not None}


def _opened(trail: Trail) -> dict[int, Row]:
    return {number: row for row in trail.rows for number in (row["data"] or {}).get("opened", ())}


def _closing(row: Row, first: Row | None, trail: Trail) -> Row | None:
    """The event that closed a task: its own, else the first step of that time."""
    since = first["seq"] if first is not None else 0
    there = [r for r in trail.rows if r["at"] == row["closed_at"] and r["seq"] >= since and "path" in (r["data"] or {})]
    own = [r for r in there if r["task_id"] == row["id"] and r["seq"] > since]
    return next(iter(own or there), None)


def _unit(connection: Connection, row: Row, trail: Trail) -> int | None:
    """The unit that had a task at the last event: what moved later is walked back."""
    unit_id: int | None = row["unit_id"]
    for each in reversed(trail.later):
        data = each["data"] or {}
        if each["kind"] == Event.MOVED and row["id"] in data.get("tasks", ()):
            unit_id = connection.execute(select(unit.c.id).where(unit.c.key == data["from"])).scalar()
    return unit_id


def _label(connection: Connection, definition: Definition, name: str, value: Any, written: datetime | None) -> Row:
    """What a field and its value are called, as far as the forms and the schema of facts say."""
    spec = next((f.properties[name] for f in definition.forms.values() if name in f.properties), None)
    if spec is None and definition.facts is not None and name in definition.facts:
        spec = definition.facts.facts[name].property
    if spec is None:
        return {}
    told: Row = {"zh": spec.title.of("zh"), "en": spec.title.of("en"), "control": spec.control}
    chosen = spec.items if spec.items is not None else spec
    if chosen.choices:
        told["choices"] = {str(c.value): {"zh": c.title.of("zh"), "en": c.title.of("en")} for c in chosen.choices}
    if spec.register is not None:
        told |= _named(connection, spec.register, value, written)
    return told


def _named(connection: Connection, register: str, value: Any, written: datetime | None) -> Row:
    """What a register called a row when it was chosen."""
    query = (
        select(register_row.c.data, register_row.c.at)
        .where(register_row.c.register == register, register_row.c.match_key == str(value))
        .order_by(register_row.c.version)
    )
    rows = connection.execute(query).all()
    known = [row.data for row in rows if written is None or row.at <= written] or [row.data for row in rows[:1]]
    if not known:
        return {}
    row = known[-1]
    zh, en = row.get("label") or row.get("name_zh"), row.get("label_en") or row.get("name_en")
    return {"value_zh": zh, "value_en": en or zh} if isinstance(zh, str) else {}


def _seconds(length: timedelta) -> Decimal:
    return Decimal(length.days * 86_400 + length.seconds) + Decimal(length.microseconds) / 1_000_000
