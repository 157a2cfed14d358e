"""What auditors read: acts of all streams, acts on cases, and who looked at what. Never the content of a case, and nothing of a
confidential one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from engine import access
from engine.audit import recording, results
from engine.audit.results import Standing
from engine.tables import LIVE, audit, audit_head, checkpoint, history, instance, person
from engine.tables.columns import LARGEST_ID

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

Row = dict[str, Any]

CASES, READING, ALL = "cases", "reading", ""
STREAMS = (recording.ORGANISATION, recording.SECURITY, recording.IDENTITY, recording.CONTENT, recording.RECORDS)
_READ = "read:%"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for. `stream`: one of `STREAMS`, `CASES` (acts on cases), `READING` (who looked at what), or all but acts on cases;
    `who`: a login or a name; `about`: a case's number, or as rows name things ("person:12")."""

    stream: str = ALL
    who: str = ""
    about: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    page: int = 1
    size: int = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A page of rows, the newest first, and whether there are more."""

    rows: list[Row]
    more: bool


@dataclass(frozen=True, slots=True)
class State:
    """How the records stand: the newest verification, the newest checkpoint, and rows of all chains."""

    verified: Standing
    sealed_at: datetime | None
    checkpoints: int
    acts: int


def search(core: Core, actor: Actor, wanted: Wanted) -> Found:
    """Rows that fit. For those who audit."""
    rows = _rows(core, actor, wanted, wanted.size + 1, (wanted.page - 1) * wanted.size)
    return Found(rows[: wanted.size], len(rows) > wanted.size)


def everything(core: Core, actor: Actor, wanted: Wanted, most: int) -> list[Row]:
    """The same for a sheet: at most one more than `most`."""
    return _rows(core, actor, wanted, most + 1, 0)


def state(core: Core, actor: Actor) -> State:
    """How the records stand. For those who audit."""
    _check(actor)
    with core.db.read() as connection:
        newest = connection.execute(
            select(checkpoint.c.at, checkpoint.c.n).order_by(checkpoint.c.n.desc()).limit(1)
        ).first()
        acts: int = connection.execute(select(func.coalesce(func.sum(audit_head.c.seq + 1), 0))).scalar_one()
        return State(
            verified=results.standing(connection),
            sealed_at=newest.at if newest is not None else None,
            checkpoints=newest.n if newest is not None else 0,
            acts=acts,
        )


def ask_for_verification(core: Core, actor: Actor) -> None:
    """Let a worker verify soon. For those who audit."""
    _check(actor)
    results.ask(core, actor)


def kinds(core: Core, actor: Actor) -> list[str]:
    """Every kind of act that was recorded beside those on cases."""
    _check(actor)
    with core.db.read() as connection:
        return sorted(connection.execute(select(audit.c.kind).distinct()).scalars())


def numbers(core: Core, actor: Actor, instance_ids: set[int]) -> dict[int, str]:
    """The numbers of cases, for those that still are."""
    _check(actor)
    with core.db.read() as connection:
        query = select(instance.c.id, instance.c.number).where(
            instance.c.id.in_(instance_ids), ~instance.c.confidential
        )
        return dict(connection.execute(query).all())


def is_told(core: Core, about: str) -> bool:
    """Whether records may tell that somebody asked for this: a person, a unit, a case that is not confidential. A confidential case and one
    that does not exist are alike, so that nobody learns by asking which numbers are of confidential ones."""
    kind, colon, _ = about.partition(":")
    if colon and kind != "case":
        return True
    found = _case_of(about)
    named = instance.c.number == about if found is None else instance.c.id == min(int(found), LARGEST_ID)
    with core.db.read() as connection:
        return connection.execute(select(instance.c.id).where(named, ~instance.c.confidential)).first() is not None


def _check(actor: Actor) -> None:
    access.check_power(actor, "audit", "查阅审计记录", "read the audit")


def _rows(core: Core, actor: Actor, wanted: Wanted, limit: int, offset: int) -> list[Row]:
    _check(actor)
    with core.db.read() as connection:
        query = _cases(connection, wanted) if wanted.stream == CASES else _acts(connection, wanted)
        rows = [dict(row) for row in connection.execute(query.limit(limit).offset(offset)).mappings()]
        numbers = _numbers(connection, rows)
    for row in rows:
        row["case"] = numbers.get(row["about"])
    return rows


def _acts(connection: Connection, wanted: Wanted) -> Select[Any]:
    query = select(audit).order_by(audit.c.at.desc(), audit.c.stream, audit.c.seq.desc())
    secret = _secret(connection)
    if secret:
        query = query.where(func.substr(audit.c.about, 1, len(secret[0])).not_in(secret))
    if wanted.stream == READING:
        query = query.where(audit.c.stream.like(_READ))
    elif wanted.stream:
        query = query.where(audit.c.stream == wanted.stream)
    if wanted.kind:
        query = query.where(audit.c.kind == wanted.kind)
    if wanted.about:
        instance_id = _instance(connection, wanted.about)
        about = f"case:{instance_id}" if instance_id is not None else wanted.about
        query = query.where(or_(audit.c.about == about, audit.c.about.startswith(about + "/", autoescape=True)))
    return query.where(*_who(connection, wanted, audit), *_between(wanted, audit.c.at))


def _cases(connection: Connection, wanted: Wanted) -> Select[Any]:
    columns = ("seq", "kind", "node", "actor_id", "for_id", "unit_id", "post_key", "origin")
    at = func.coalesce(history.c.written_at, history.c.at).label("at")
    query = (
        select(at, instance.c.number.label("about"), instance.c.definition_id, *(history.c[name] for name in columns))
        .join(instance, instance.c.id == history.c.instance_id)
        .where(instance.c.world_id == LIVE, ~instance.c.confidential)
    )
    if wanted.kind:
        query = query.where(history.c.kind == wanted.kind)
    if wanted.about:
        instance_id = _instance(connection, wanted.about)
        query = query.where(history.c.instance_id == (instance_id if instance_id is not None else -1))
        query = query.order_by(history.c.seq.desc())
    else:  # by the index of database time; rows from before it was kept are found by their case
        query = query.where(history.c.written_at.is_not(None))
        query = query.order_by(history.c.written_at.desc(), history.c.instance_id, history.c.seq.desc())
    return query.where(*_who(connection, wanted, history), *_between(wanted, history.c.written_at))


def _who(connection: Connection, wanted: Wanted, table: Any) -> list[ColumnElement[bool]]:
    if not wanted.who:
        return []
    same = or_(person.c.login == wanted.who, person.c.name == wanted.who)
    ids = list(connection.execute(select(person.c.id).where(same)).scalars())
    return [or_(table.c.actor_id.in_(ids), table.c.for_id.in_(ids))]


def _between(wanted: Wanted, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    found = []
    if wanted.since is not None:
        found.append(column >= wanted.since)
    if wanted.until is not None:
        found.append(column < wanted.until)
    return found


def _instance(connection: Connection, number: str) -> int | None:
    query = select(instance.c.id).where(instance.c.number == number, ~instance.c.confidential)
    found: int | None = connection.execute(query).scalar()
    return found


def _secret(connection: Connection) -> list[str]:
    """Confidential instances as rows name them: written, chained and verified as all else, and read by nobody here. Ids of instances are
    all of the same length (`engine.instances`)."""
    return [f"case:{i}" for i in connection.execute(select(instance.c.id).where(instance.c.confidential)).scalars()]


def _numbers(connection: Connection, rows: list[Row]) -> dict[str, str]:
    """The numbers of cases that rows are about."""
    ids = {_case_of(row["about"]): row["about"] for row in rows}
    ids.pop(None, None)
    wanted = {int(i) for i in ids if i is not None}
    if not wanted:
        return {}
    numbers = dict(connection.execute(select(instance.c.id, instance.c.number).where(instance.c.id.in_(wanted))).all())
    return {
        row["about"]: numbers[int(found)]
        for row in rows
        if (found := _case_of(row["about"])) is not None and int(found) in numbers
    }


def _case_of(about: str) -> str | None:
    kind, _, rest = about.partition(":")
    found = rest.partition("/")[0]
    return found if kind == "case" and found.isdecimal() and len(found) < 20 else None
