"""One step of one instance: read all it needs, decide in memory, write all it changed or nothing.

No lock is held while Python runs. The write is guarded by the instance's revision, the actor's rights and a worker's fence; when
another step was first the step is planned again on a fresh read. On PostgreSQL this is one statement to read and one to write."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, bindparam, select

from engine import access
from engine import writes as writing
from engine.errors import Busy, KeyReused, LeaseLost, LiandongError, NotFound, Suspended
from engine.events import Event
from engine.people import Actor, actor_from, load_actor
from engine.prepared import Prepared
from engine.states import InstanceStatus
from engine.tables import history, instance, organisation, person, receipt, recusal, task, world
from engine.tables.columns import LARGEST_ID, database_now
from engine.worlds import World, world_from
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.bpmn.outcome import Outcome
    from engine.bpmn.running import Run
    from engine.core import Core
    from engine.definitions import Definition
    from engine.migrating.changing import Changing

ATTEMPTS = 40
"""Fresh reads before a step gives up with Busy. Each lost race means that another step on the same case went through."""

Row = dict[str, Any]
Reply = dict[str, Any]


@dataclass(slots=True)
class Seen:
    """What was read at the start of a step."""

    instance: Row
    world: World
    actor: Actor | None
    open_tasks: dict[int, Row]
    extra: dict[str, list[Row]]
    receipt: Row | None
    wall: datetime | None = None
    """The database's own time at the reading: when history says it was written."""
    for_id: int | None = None
    """Whom the actor stands in for in this act; set where the act's right is decided."""
    played: Actor | None = None
    """In a trial: as whom the actor acts. The act is the actor's all the same."""
    organisation: int | None = None
    """The revision of the organisation at the reading: whether what a node remembers of it still holds."""
    recused: frozenset[int] = frozenset()
    """Ids of the units that the case is about: none of them works it."""
    calendars: int = 1
    """The version of the book of calendars that counts now."""

    @property
    def now(self) -> datetime:
        """Business time: read once, the same for everything in this step."""
        return self.world.now

    @property
    def suspended(self) -> bool:
        """True while the instance stands still: `open_tasks` are those that will be open again."""
        return bool(self.instance["status"] == InstanceStatus.SUSPENDED)

    @property
    def someone(self) -> Actor:
        """Who acts, where only a person may. NotFound for the system itself."""
        if self.actor is None:
            raise NotFound(what="person")
        return self.actor


@dataclass(slots=True)
class Step:
    """A step as listeners see it: what was read, what the process did, and the rows to be written (listeners add theirs)."""

    core: Core
    definition: Definition
    seen: Seen
    writes: WriteSet
    run: Run
    outcome: Outcome
    facts: Row
    opened: list[Row] = field(default_factory=list)
    scopes: dict[int, Row] = field(default_factory=dict)
    completed: int | None = None
    started: bool = False
    changing: Changing | None = None
    """The instance goes on by another version from here; `definition` is that one."""
    said: Row = field(default_factory=dict)
    """What the step's history row tells. Listeners may add to it."""

    @property
    def now(self) -> datetime:
        """Business time of the step."""
        return self.seen.now


Plan = Callable[[Seen, WriteSet], Reply]


def run(
    core: Core,
    instance_id: int,
    plan: Plan,
    who: int | str | None = None,
    key: str | None = None,
    request: Mapping[str, Any] | None = None,
    fence: tuple[str, int] | None = None,
    *,
    while_suspended: bool = False,
) -> Reply:
    """Carry out `plan` on an instance as one step. `key` makes it happen once: a repetition gets the first reply, the same key
    with another `request` is refused. Errors of the plan leave everything as it was. Suspended: the instance stands still, and this is
    no act that is allowed then (`while_suspended`); the system itself (`who` None) is not refused, its plans see to it."""
    digest = request_hash(request) if key is not None else ""
    for attempt in range(ATTEMPTS):
        seen = read(core, instance_id, who, key)
        if seen.receipt is not None and key is not None:
            return _repeated(seen.receipt, digest, key)
        if seen.suspended and who is not None and not while_suspended:
            raise _refusal(core, seen)
        writes = WriteSet(instance_id, revision=seen.instance["revision"], fence=fence)
        if seen.actor is not None:
            writes.person = (seen.actor.id, seen.actor.access_revision)
        reply = plan(seen, writes)
        if key is not None and seen.actor is not None:
            writes.insert(receipt, key=receipt_key(seen.actor.id, key), request=digest, reply=reply, at=seen.now)
        if writes.empty:
            return reply  # another was first, and nothing is left to do
        outcome = writing.commit(core.db, writes)
        if outcome == writing.DONE:
            return reply
        if outcome == writing.FENCED:
            raise LeaseLost(job=fence[0] if fence else "?")
        time.sleep(random.random() * 0.002 * min(attempt, 10))
    raise Busy


def request_hash(request: Mapping[str, Any] | None) -> str:
    """The identity of a request's content."""
    text = json.dumps(request, sort_keys=True, ensure_ascii=False, default=str)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()[:40]


def receipt_key(person_id: int, key: str) -> str:
    """Keys are one person's own: nobody reads another's reply by guessing a key."""
    return f"{person_id}:{key}"


def _repeated(stored: Row, digest: str, key: str) -> Reply:
    if stored["request"] != digest:
        raise KeyReused(key=key)
    reply: Reply = stored["reply"]
    return reply


def _refusal(core: Core, seen: Seen) -> LiandongError:
    """What somebody is told who may see the case; the others learn nothing."""
    with core.db.read() as connection:
        access.check_can_see(connection, seen.actor, seen.instance["id"])
        row = connection.execute(_STOOD_STILL, {"i": seen.instance["id"]}).mappings().first()
    if row is None:
        return Suspended()
    when = row["at"].astimezone(seen.world.zone).isoformat(" ", "minutes")
    return Suspended(who=row["name"] or "?", when=when[:16], why=(row["data"] or {}).get("text", ""))


def read(core: Core, instance_id: int, who: int | str | None = None, key: str | None = None) -> Seen:
    """Everything a step on this instance needs. NotFound when there is no such instance or person; nor is there, whatever their powers, a
    confidential one for a person who does not work it."""
    if instance_id > LARGEST_ID or (
        instance_id < 0 and who is not None
    ):  # a trial: no act of anybody's (`engine.trials`)
        raise NotFound(what="case")
    if core.db.postgresql:
        seen = _read_postgresql(core, instance_id, who, key)
    else:
        with core.db.read() as connection:
            seen = _read_core(core, connection, instance_id, who, key)
    if seen.suspended:
        with core.db.read() as connection:
            held = connection.execute(_SUSPENDED_TASKS, {"i": instance_id}).mappings()
            seen.open_tasks |= {row["id"]: dict(row) for row in held}
    if seen.instance["confidential"] and seen.actor is not None:
        with core.db.read() as connection:
            access.check_can_see(connection, seen.actor, instance_id)
    return seen


# Statements are built once: building one costs more than running it.

_INSTANCE = select(instance).where(instance.c.id == bindparam("i"))
_WORLD = Prepared(select(world).where(world.c.id == bindparam("w")))
_OPEN_TASKS = Prepared(select(task).where(task.c.instance_id == bindparam("i"), task.c.state == "open"))
_SUSPENDED_TASKS = select(task).where(task.c.instance_id == bindparam("i"), task.c.state == "suspended")
_STOOD_STILL = (
    select(history.c.at, history.c.data, person.c.name)
    .outerjoin(person, person.c.id == history.c.actor_id)
    .where(history.c.instance_id == bindparam("i"), history.c.kind == str(Event.SUSPENDED))
    .order_by(history.c.seq.desc())
    .limit(1)
)
_ORGANISED = Prepared(select(organisation.c.revision, organisation.c.calendars, database_now().label("wall")))
_RECUSED = Prepared(select(recusal.c.unit_id).where(recusal.c.instance_id == bindparam("i")))
_STORED = Prepared(select(receipt).where(receipt.c.instance_id == bindparam("i"), receipt.c.key == bindparam("k")))


@cache
def _open_rows(table: Table, column: str) -> Prepared:
    return Prepared(select(table).where(table.c.instance_id == bindparam("i"), table.c[column].is_(None)))


def _read_core(core: Core, connection: Connection, instance_id: int, who: int | str | None, key: str | None) -> Seen:
    here = {"i": instance_id}
    row = connection.execute(_INSTANCE, here).mappings().first()
    if row is None:
        raise NotFound(what="case")
    where = _WORLD.rows(connection, {"w": row["world_id"]})[0]
    actor = load_actor(connection, who) if who is not None else None
    stored = None
    if key is not None and actor is not None:
        stored = _STORED.first(connection, {**here, "k": receipt_key(actor.id, key)})
    override = core.override(where["id"])
    organised = _ORGANISED.rows(connection, {})[0]
    wall: datetime = organised["wall"]
    return Seen(
        instance=dict(row),
        world=world_from(where, override or wall, override),
        actor=actor,
        open_tasks={t["id"]: t for t in _OPEN_TASKS.rows(connection, here)},
        extra={table.name: _open_rows(table, column).rows(connection, here) for table, column in core.reads},
        receipt=stored,
        wall=wall,
        organisation=organised["revision"],
        calendars=organised["calendars"],
        recused=frozenset(r["unit_id"] for r in _RECUSED.rows(connection, here)),
    )


# ---------------------------------------------------------------- PostgreSQL: one statement


_ACTOR_SQL = """(select json_build_object('p', to_json(p), 'm', coalesce((
        select json_agg(json_build_array(m.unit_id, u.key, m.post_key, o.powers) order by m.unit_id, m.post_key)
        from membership m join unit u on u.id = m.unit_id join post o on o.key = m.post_key where m.person_id = p.id
        and (m.since is null or m.since <= clock_timestamp()) and (m.until is null or m.until > clock_timestamp())), '[]'),
    'l', (select json_agg(json_build_array(m.unit_id, u.key, m.post_key, o.powers, s.principal_id, s.processes)
        order by s.id, m.unit_id, m.post_key)
        from substitution s join membership m on m.person_id = s.principal_id
        join person w on w.id = s.principal_id and w.active
        join unit u on u.id = m.unit_id join post o on o.key = m.post_key where s.substitute_id = p.id
        and s.ended_at is null and s.since <= clock_timestamp() and s.until > clock_timestamp()
        and (m.since is null or m.since <= clock_timestamp()) and (m.until is null or m.until > clock_timestamp())
        and (s.unit_id is null or s.unit_id = m.unit_id) and (s.post_key is null or s.post_key = m.post_key)),
    'a', (select json_agg(json_build_array(q.id, m.unit_id)) from person q left join membership m on m.person_id = q.id
        and (m.since is null or m.since <= clock_timestamp()) and (m.until is null or m.until > clock_timestamp())
        where q.staff_no = p.staff_no))
    from (select id, login, name, locale, access_revision, must_change, staff_no from person where {condition} and active) p)"""


def _read_postgresql(core: Core, instance_id: int, who: int | str | None, key: str | None) -> Seen:
    found = core.db.raw().execute(_sql(core, who), {"i": instance_id, "w": who, "k": key}).fetchone()
    if found is None:
        raise NotFound(what="case")
    n = len(_COLUMNS)
    row = dict(zip(_COLUMNS, found[:n], strict=True))
    world_row, now, organised, recused, open_tasks, actor_row, stored = found[n : n + 7]
    actor = None
    if who is not None:
        if actor_row is None:
            raise NotFound(what="person")
        actor = actor_from(actor_row["p"], actor_row["m"], actor_row["l"] or (), actor_row["a"] or ())
    for name in ("now", "set_at"):
        if world_row[name] is not None:
            world_row[name] = datetime.fromisoformat(world_row[name])
    return Seen(
        instance=row,
        world=world_from(world_row, now.astimezone(UTC), core.override(world_row["id"])),
        actor=actor,
        open_tasks={t["id"]: _instants(task, t) for t in open_tasks or ()},
        extra={
            table.name: [_instants(table, r) for r in rows or ()]
            for (table, _), rows in zip(core.reads, found[n + 7 :], strict=True)
        },
        receipt=stored,
        wall=now.astimezone(UTC),
        organisation=organised[0],
        calendars=organised[1],
        recused=frozenset(recused or ()),
    )


_COLUMNS = [c.name for c in instance.columns]
_statements: dict[tuple[type, tuple[str, ...]], str] = {}


def _sql(core: Core, who: int | str | None) -> str:
    cache_key = (type(who), tuple(t.name for t, _ in core.reads))
    if cache_key not in _statements:
        columns = ", ".join(f'i."{c}"' for c in _COLUMNS)
        actor = "null::json"
        stored = "null::json"
        if who is not None:
            condition = "id = %(w)s" if isinstance(who, int) else "login = %(w)s"
            actor = _ACTOR_SQL.format(condition=condition)
            person = "%(w)s" if isinstance(who, int) else "(select id from person where login = %(w)s)"
            stored = (
                "(select to_json(r) from receipt r where r.instance_id = i.id"
                f" and r.key = {person}::text || ':' || %(k)s::text)"
            )
        extra = "".join(
            f', (select json_agg(x) from "{t.name}" x where x.instance_id = i.id and x."{c}" is null)'
            for t, c in core.reads
        )
        _statements[cache_key] = (
            f"select {columns}, to_json(w), clock_timestamp(), (select array[revision, calendars] from organisation), "
            "(select array_agg(r.unit_id) from recusal r where r.instance_id = i.id), "
            "(select json_agg(t) from task t where t.instance_id = i.id and t.state = 'open'), "
            f"{actor}, {stored}{extra} from instance i join world w on w.id = i.world_id where i.id = %(i)s"
        )
    return _statements[cache_key]


def _instants(table: Table, row: Row) -> Row:
    for name in _instant_columns(table):
        value = row.get(name)
        if value is not None:
            row[name] = datetime.fromisoformat(value)
    return row


_instant_names: dict[str, tuple[str, ...]] = {}


def _instant_columns(table: Table) -> tuple[str, ...]:
    if table.name not in _instant_names:
        _instant_names[table.name] = tuple(c.name for c in table.columns if type(c.type).__name__ == "Instant")
    return _instant_names[table.name]
