"""Make the dossier of a case: read everything from one moment of the database, cut it at the last event, seal it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from engine import definitions
from engine.audit.signing import signer
from engine.events import Event
from engine.privacy import hidden_facts
from engine.tables import definition, instance, world
from escalation.dossier import beside, clocks, sealing, steps, trail
from escalation.dossier.cutting import Cut, cut
from escalation.dossier.naming import Names
from escalation.dossier.sealing import Dossier
from escalation.dossier.trail import Trail

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def make(core: Core, case: int, event: str | None = None) -> Dossier:
    """The dossier of a case up to its newest event, or up to the named one (`Cut.event`; its number alone ends its supervisions at the
    same time). Whoever asks must have the right to: `access` is the caller's to ask. NotFound without such a case, Invalid for an
    event that never was, NoAuditKey when it cannot be signed."""
    with _one_moment(core) as connection:
        where = cut(connection, case, event)
        sections, number = _sections(core, connection, where)
    head = {"case": case, "number": number, "event": where.event, "until": where.at}
    last, content = sealing.seal(head, sections, signer(), where.edition)
    return Dossier(case, number, where.event, last, content)


@contextmanager
def _one_moment(core: Core) -> Iterator[Connection]:
    """A connection whose statements all see the same moment: a case that moves on meanwhile does not do so in its dossier."""
    level = {"isolation_level": "REPEATABLE READ"} if core.db.postgresql else {}
    with core.db.engine.connect().execution_options(**level) as connection, connection.begin():
        yield connection


def _sections(core: Core, connection: Connection, where: Cut) -> tuple[list[tuple[str, Any]], str]:
    row = dict(connection.execute(select(instance).where(instance.c.id == where.case)).mappings().one())
    trails = {i: trail.of(connection, i, end) for i, end in where.ends.items()}
    own = trails[where.case]
    hidden = hidden_facts(connection)
    spoken = {number for each in trails.values() for number in trail.instances_in(each)}
    secret = beside.confidential(connection, spoken - set(where.ends))
    names = Names(connection, where.written_at)
    for each in trails.values():
        _learn(names, each)
    handed = steps.handovers(core, connection, own, where, names)
    clock_rows = clocks.of(core, connection, own, where, handed, names)
    names.learn(people=[row["starter_id"]])
    case = {**_case(connection, row, own, where), "steps": steps.names(core, row["definition_id"], own)}
    until = case.get("ended_at") or where.at
    files = (
        beside.attached(connection, own, names)
        if where.edition > 1
        else beside.files(connection, where.case, where, names)
    )
    found = [
        ("case", case),
        ("answers", steps.answers(connection, definitions.get(core, row["definition_id"]), own, hidden, names)),
        ("handovers", handed),
        ("holding", steps.held(handed, row["started_at"], max(until, row["started_at"]))),
        ("clocks", clock_rows),
        ("calendars", clocks.calendars(connection, clock_rows)),
        ("requests", clocks.requests(connection, clock_rows, where, names)),
        ("rungs", beside.rungs(connection, where, trails, names)),
        ("notices", beside.notices(connection, where.case, where, names)),
        ("copies", beside.copies(connection, where.case, where, names)),
        ("links", beside.links(connection, where.case, where, names)),
        ("files", files),
        ("history", trail.section(own, hidden, secret)),
        (
            "supervisions",
            [_supervision(core, connection, trails[i], where, hidden, secret, names) for i in where.supervisions],
        ),
    ]
    return [*found, ("names", names.told())], row["number"]


def _case(connection: Connection, row: Row, own: Trail, where: Cut) -> Row:
    ended = row["ended_at"] is not None and row["ended_at"] <= where.at and not _acts(own.later)
    stood = next((r["kind"] for r in reversed(own.told) if r["kind"] in (Event.SUSPENDED, Event.RESUMED)), None)
    kind, zone = connection.execute(select(world.c.kind, world.c.zone).where(world.c.id == row["world_id"])).one()
    told: Row = {
        "id": row["id"],
        "number": row["number"],
        "world": kind,
        "zone": zone,
        "process": _process(connection, row["definition_id"]),
        "started_at": row["started_at"],
        "starter": row["starter_id"],
        "status": row["status"] if ended else "suspended" if stood == Event.SUSPENDED else "active",
    }
    if row["confidential"]:
        told["confidential"] = True
    if ended:
        told |= {"ended_at": row["ended_at"], "outcome": row["outcome"]}
    return {k: v for k, v in told.items() if v is not None}


def _acts(rows: Any) -> bool:
    """Whether one of these moved the process on."""
    return any("path" in (r["data"] or {}) for r in rows)


def _process(connection: Connection, definition_id: int) -> Row:
    columns = (definition.c.key, definition.c.version, definition.c.hash, definition.c.name_zh, definition.c.name_en)
    row = connection.execute(select(*columns).where(definition.c.id == definition_id)).one()
    return {"key": row.key, "version": row.version, "hash": row.hash, "zh": row.name_zh, "en": row.name_en}


def _supervision(
    core: Core, connection: Connection, told: Trail, where: Cut, hidden: frozenset[str], secret: set[int], names: Names
) -> Row:
    columns = (instance.c.number, instance.c.definition_id, instance.c.started_at)
    row = connection.execute(select(*columns).where(instance.c.id == told.instance)).one()
    attached = beside.attached(connection, told, names) if where.edition > 1 else []
    return {
        **({"files": attached} if attached else {}),
        "number": row.number,
        "process": _process(connection, row.definition_id),
        "started_at": row.started_at,
        "steps": steps.names(core, row.definition_id, told),
        "answers": steps.answers(connection, definitions.get(core, row.definition_id), told, hidden, names),
        "notices": beside.notices(connection, told.instance, where, names),
        "history": trail.section(told, hidden, secret),
    }


def _learn(names: Names, told: Trail) -> None:
    for row in told.told:
        data = row["data"] or {}
        names.learn(people=[row["actor_id"], row["for_id"]], units=[row["unit_id"]], posts=[row["post_key"]])
        people = data.get("people")
        names.learn(people=people if isinstance(people, list) else ())
