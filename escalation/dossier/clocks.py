"""The clocks of a case with their ledger, as they stood at a dossier's last event: what was promised, when they ran and stood and on what
ground, what was added to them, and whether they were late."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from engine import definitions
from engine.acts.renamed import Renames
from engine.events import Event
from engine.tables import calendar_book, instance, task
from escalation import ledger
from escalation.dossier import beside
from escalation.dossier.canonical import digest_of
from escalation.dossier.trail import Trail
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.bpmn.settings import ClockSetting
    from engine.core import Core
    from escalation.dossier.cutting import Cut
    from escalation.dossier.naming import Names

Row = dict[str, Any]


def of(core: Core, connection: Connection, trail: Trail, cut: Cut, handed: Sequence[Row], names: Names) -> list[Row]:
    """Every clock that was started by then, the case's own first. `handed`: the tasks, for the clock of a task stops with it."""
    query = select(clock).where(clock.c.instance_id == trail.instance)
    query = query.order_by(clock.c.task_id != 0, clock.c.started_at, clock.c.task_id, clock.c.name)
    entries = ledger.entries_of(connection, trail.instance)
    books = _books(connection)
    nodes = {number: row for row in trail.rows for number in (row["data"] or {}).get("opened", ())}
    closed = {task["task"] for task in handed if "closed_at" in task}
    found = []
    for row in connection.execute(query).mappings():
        began = nodes.get(row["task_id"]) or _first_at(trail, row["started_at"])
        if (began["seq"] > trail.end) if began is not None else (row["started_at"] > cut.at):
            continue
        own = entries.get((row["name"], row["task_id"]), [])
        stopped = _stopped(dict(row), began, trail, cut, closed)
        told = _clock(dict(row), own, began, stopped, trail, cut, books)
        told |= _names(core, connection, trail, dict(row))
        names.learn(people=[e.get(k) for e in told["entries"] for k in ("asked_by", "approved_by")])
        names.learn(units=[e.get(k) for e in told["entries"] for k in ("asked_unit", "approved_unit")])
        found.append(told)
    return found


def calendars(connection: Connection, clocks: Sequence[Row]) -> list[Row]:
    """The versions of the calendars that these clocks were counted by, with the hash of their text."""
    versions = {
        v for c in clocks for v in (c.get("calendar_version"), *(e.get("calendar_version") for e in c["entries"]))
    }
    query = (
        select(calendar_book.c.version, calendar_book.c.rows, calendar_book.c.source, calendar_book.c.decided_at)
        .where(calendar_book.c.version.in_(sorted(v for v in versions if v is not None)))
        .order_by(calendar_book.c.version)
    )
    return [
        {"version": r.version, "hash": digest_of(r.rows.encode()), "source": r.source, "decided_at": r.decided_at}
        for r in connection.execute(query)
    ]


def requests(connection: Connection, clocks: Sequence[Row], cut: Cut, names: Names) -> list[Row]:
    """The instances in which extensions and pauses were asked for and approved, by number, with their files. What is confidential is not
    told."""
    ids = {e["request_id"] for c in clocks for e in c["entries"] if e.get("request_id") is not None}
    query = select(instance.c.id, instance.c.number, instance.c.key).where(
        instance.c.id.in_(sorted(ids)), instance.c.confidential.is_(False)
    )
    found = [dict(r) for r in connection.execute(query.order_by(instance.c.id)).mappings()]
    if cut.edition > 1:
        for row in found:
            if files := beside.attached_to(connection, row["id"], cut, names):
                row["files"] = files
    return found


def _stopped(row: Row, began: Row | None, trail: Trail, cut: Cut, closed: Collection[int]) -> datetime | None:
    """When it had stopped by then."""
    at: datetime | None = row["stopped_at"]
    if at is None:
        return None
    if row["task_id"]:
        return at if row["task_id"] in closed else None
    closing = _first_at(trail, at, since=began["seq"] if began else 0)
    return at if (closing["seq"] <= trail.end if closing is not None else at <= cut.at) else None


def _clock(
    row: Row,
    entries: Sequence[Row],
    began: Row | None,
    stopped: datetime | None,
    trail: Trail,
    cut: Cut,
    books: Sequence[tuple[int, datetime]],
) -> Row:
    told = [e for e in entries if _by_then(e, trail, cut)]
    later = [e for e in entries if not _by_then(e, trail, cut)]
    version = next((e["calendar_version"] for e in reversed(told) if e["calendar_version"] is not None), None)
    if version is None:
        version = _version_at(books, began["written_at"] if began else None, row["calendar_version"])
    budget = next(
        ((e["amount"], e["ground"]) for e in later if e["kind"] == ledger.BUDGET), (row["amount"], row["unit"])
    )
    extended = [e for e in told if e["kind"] == ledger.EXTENDED]
    breached = _breach(row, stopped, trail)
    found: Row = {
        "name": row["name"],
        "task": row["task_id"] or None,
        "amount": budget[0],
        "unit": budget[1],
        "calendar": row["calendar"],
        "calendar_version": version,
        "warn_share": row["warn_share"],
        "started_at": row["started_at"],
        "due_at": later[0]["due_before"] if later else row["due_at"],
        "stopped_at": stopped,
        "breached_at": breached,
        "late": True if breached is not None or _late(row, later, stopped or cut.at) else None,
        "extensions": len(extended) or None,
        "entries": [_entry(e) for e in told],
    }
    cut_row = {**row, "stopped_at": stopped}
    found["segments"] = [
        {k: v for k, v in {"since": s.since, "until": s.until, "running": s.running}.items() if v is not None}
        for s in ledger.segments(cut_row, told)
    ]
    return {k: v for k, v in found.items() if v is not None}


def _breach(row: Row, stopped: datetime | None, trail: Trail) -> datetime | None:
    """When it was late: as history told by then, or as it stopped too late."""
    at: datetime | None = row["breached_at"]
    if at is None:
        return None
    renames = Renames(trail.rows)
    said = any(
        r["kind"] == Event.BREACHED
        and r["task_id"] == (row["task_id"] or None)
        and row["name"] in (r["data"]["clock"], renames.clock(r["data"]["clock"], r["seq"]))
        for r in trail.told
    )
    return at if said or (stopped is not None and stopped > at) else None


def _late(row: Row, later: Sequence[Row], at: datetime) -> bool:
    due = later[0]["due_before"] if later else row["due_at"]
    return due is not None and at > due


def _entry(row: Mapping[str, Any]) -> Row:
    skipped = ("instance_id", "name", "task_id")
    return {k: v for k, v in row.items() if k not in skipped and v not in (None, "")}


def _by_then(entry: Row, trail: Trail, cut: Cut) -> bool:
    return bool(entry["seq"] <= trail.end if entry["seq"] is not None else entry["at"] <= cut.at)


def _first_at(trail: Trail, at: datetime, since: int = 0) -> Row | None:
    """The step of that time: the first, or the first from an event on."""
    return next((r for r in trail.rows if r["at"] == at and r["seq"] >= since and "path" in (r["data"] or {})), None)


def _books(connection: Connection) -> list[tuple[int, datetime]]:
    query = select(calendar_book.c.version, calendar_book.c.decided_at).where(
        calendar_book.c.version.is_not(None), calendar_book.c.decided_at.is_not(None)
    )
    return [(r.version, r.decided_at) for r in connection.execute(query.order_by(calendar_book.c.version))]


def _version_at(books: Sequence[tuple[int, datetime]], written: datetime | None, now: int) -> int:
    """The version that counted when a clock was started; a clock is counted anew in silence where its due time stays the same."""
    if written is None:
        return now
    return max((v for v, decided in books if decided <= written), default=min((v for v, _ in books), default=now))


def _names(core: Core, connection: Connection, trail: Trail, row: Row) -> Row:
    """What the diagram calls the clock."""
    setting = _setting(core, connection, trail, row)
    if setting is None:
        return {}
    return {"zh": setting.names.zh, "en": setting.names.en}


def _setting(core: Core, connection: Connection, trail: Trail, row: Row) -> ClockSetting | None:
    wanted = row["name"].partition("#")[0]
    if row["task_id"]:
        found = connection.execute(
            select(task.c.definition_id, task.c.node).where(
                task.c.instance_id == trail.instance, task.c.id == row["task_id"]
            )
        ).first()
        if found is None:
            return None
        settings = definitions.get(core, found.definition_id).model.nodes[found.node].settings.clocks
    else:
        key = connection.execute(select(instance.c.definition_id).where(instance.c.id == trail.instance)).scalar_one()
        settings = definitions.get(core, key).model.clocks
    return next((each for each in settings if each.id == wanted), None)
