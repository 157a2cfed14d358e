"""Cases of a period with everything that happened to them, for process mining: read in pieces, so that any number of them fits in memory.

Of a case its number, process, class, town, grade, source, units and times are told, never its title, place, facts or what anybody wrote.
Who did something is an id here; what stands for it outside says `web.mining`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, and_, func, or_, select

from engine import access, definitions
from engine.people import Actor
from engine.tables import LIVE, certificate, history, instance, link, register_row, task

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

PIECE = 300
"""Cases read at once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Cases that began from `since` up to, not including, `until`; of one process or (None) all. `actor`: whose eyes see them; None: the
    program itself, which then leaves out what is confidential."""

    since: datetime
    until: datetime
    key: str | None = None
    actor: Actor | None = None
    world: int = LIVE


@dataclass(slots=True)
class Case:
    """A case with its history rows in their order and its tasks by id."""

    row: Row
    history: list[Row] = field(default_factory=list)
    tasks: dict[int, Row] = field(default_factory=dict)
    certificates: list[Row] = field(default_factory=list)
    links: list[int] = field(default_factory=list)
    looked_up: list[tuple[str, str, int]] = field(default_factory=list)
    """Rows of registers that it looked up: register, key, version."""


_OF_CASE = (
    "id", "key", "definition_id", "number", "status", "outcome", "class", "area", "source", "grade", "unit_id", "started_at",
    "ended_at", "facts",
)  # fmt: skip
_OF_EVENT = ("instance_id", "seq", "at", "kind", "node", "task_id", "actor_id", "unit_id", "post_key")
_OF_TASK = ("instance_id", "id", "node", "definition_id", "opened_at", "unit_id", "post_key", "within", "role")
_OF_CERTIFICATE = ("instance_id", "id", "kind", "number", "issued_at", "valid_from", "valid_until", "state")


def cases(core: Core, wanted: Wanted) -> Iterator[Case]:
    """The cases in the order in which they began. Each piece is read at one moment, so that a case is whole; nothing is held open while
    whoever asks writes it down."""
    after: tuple[datetime, int] | None = None
    while True:
        with core.db.snapshot() as connection:
            query = select(*(instance.c[name] for name in _OF_CASE)).where(*_ours(connection, wanted))
            if after is not None:
                later = and_(instance.c.started_at == after[0], instance.c.id > after[1])
                query = query.where(instance.c.started_at >= after[0], or_(instance.c.started_at > after[0], later))
            query = query.order_by(instance.c.started_at, instance.c.id).limit(PIECE)
            piece = {row["id"]: Case(dict(row)) for row in connection.execute(query).mappings()}
            _fill(connection, wanted, piece)
        for one in piece.values():
            one.looked_up = _looked_up(core, one.row)
            yield one
        if len(piece) < PIECE:
            return
        last = next(reversed(piece.values())).row
        after = last["started_at"], last["id"]


def counts(core: Core, wanted: Wanted) -> tuple[int, int, int]:
    """How many cases, history rows and tasks these are."""
    with core.db.read() as connection:
        ours = _ours(connection, wanted)
        many, rows = connection.execute(select(func.count(), func.sum(instance.c.history_count)).where(*ours)).one()
        tasks = select(func.count()).select_from(task).join(instance, instance.c.id == task.c.instance_id).where(*ours)
        return int(many), int(rows or 0), int(connection.execute(tasks).scalar_one())


# ---------------------------------------------------------------- inside


def _ours(connection: Any, wanted: Wanted) -> list[Any]:
    sees = access.visible(connection, wanted.actor) if wanted.actor is not None else ~instance.c.confidential
    found = [
        instance.c.world_id == wanted.world,
        instance.c.started_at >= wanted.since,
        instance.c.started_at < wanted.until,
        sees,
    ]
    return found if wanted.key is None else [*found, instance.c.key == wanted.key]


def _fill(connection: Any, wanted: Wanted, piece: dict[int, Case]) -> None:
    ids = list(piece)
    if not ids:
        return
    for row in _rows(connection, history, _OF_EVENT, ids):
        piece[row["instance_id"]].history.append(row)
    for row in _rows(connection, task, _OF_TASK, ids):
        piece[row["instance_id"]].tasks[row["id"]] = row
    for row in _rows(connection, certificate, _OF_CERTIFICATE, ids):
        piece[row["instance_id"]].certificates.append(row)
    pairs = connection.execute(
        select(link.c.instance_id, link.c.other_id).where(link.c.instance_id.in_(ids)).distinct()
    ).all()
    there = _among(connection, wanted, {other for _, other in pairs})
    for one, other in sorted(pairs):
        if other in there:
            piece[one].links.append(other)


def _rows(connection: Any, table: Table, names: tuple[str, ...], ids: list[int]) -> Iterator[Row]:
    query = select(*(table.c[name] for name in names)).where(table.c.instance_id.in_(ids))
    return map(dict, connection.execute(query.order_by(*table.primary_key.columns)).mappings())


def _looked_up(core: Core, row: Row) -> list[tuple[str, str, int]]:
    """The facts that came out of a register name its row and version."""
    found = set()
    model = definitions.get(core, row["definition_id"]).model
    for node in model.nodes.values():
        rule = node.settings.lookup
        if rule is None:
            continue
        value = (row["facts"] or {}).get(rule.into)
        for one in value if isinstance(value, list) else [value]:
            if (
                isinstance(one, dict)
                and isinstance(one.get("row_key"), str)
                and isinstance(one.get("row_version"), int)
            ):
                found.add((str(rule.register), one["row_key"], one["row_version"]))
    return sorted(found)


def written(core: Core, wanted: Wanted) -> Iterator[tuple[int, str, str, int, datetime]]:
    """Rows of registers that these cases wrote (permits, plans, rulings): case, register, key, version, when."""
    c = register_row.c
    after: tuple[str, str, int] = ("", "", -1)
    while True:
        with core.db.snapshot() as connection:
            later = or_(
                c.register > after[0],
                and_(c.register == after[0], c.row_key > after[1]),
                and_(c.register == after[0], c.row_key == after[1], c.version > after[2]),
            )
            query = select(c.register, c.row_key, c.version, c.at, c.cause).where(
                c.cause != "", c.at >= wanted.since, later
            )
            rows = connection.execute(query.order_by(c.register, c.row_key, c.version).limit(PIECE)).all()
            about = {row: _case_of(row.cause) for row in rows}
            ours = _among(connection, wanted, {one for one in about.values() if one is not None})
        for row, one in about.items():
            if one in ours:
                yield int(one or 0), row.register, row.row_key, row.version, row.at
        if len(rows) < PIECE:
            return
        after = (rows[-1].register, rows[-1].row_key, rows[-1].version)


def _case_of(cause: str) -> int | None:
    head = cause.partition("/")[0]
    return int(head) if head.isdecimal() else None


def _among(connection: Any, wanted: Wanted, ids: set[int]) -> set[int]:
    if not ids:
        return set()
    query = select(instance.c.id).where(instance.c.id.in_(sorted(ids)), *_ours(connection, wanted))
    return set(connection.execute(query).scalars())
