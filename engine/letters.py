"""Messages and signals from outside: from a person who operates the city, or from another system through the API.

A message is taken at once, in the receiver's own step, or refused: whoever sends it hears whether anybody waited. A signal is handed
to everybody who waits for it. To whom a letter goes is decided once and kept under its idempotency key.

Where a process that runs once (`ld:message once`) runs already and waits for no such message just now, the message joins it, as a start
by a form does: it is kept with that one, and all are told.

What a diagram takes from other instances only (`ld:message from="instances"`), and every confidential process, no person reaches so and
no other system: it is as if nobody waited."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import access, definitions, incidents, instances, joining, messages, worlds
from engine.errors import KeyReused, NotFound, StepFailed
from engine.people import Actor, load_actor
from engine.steps import Reply, Seen, request_hash, run
from engine.subscriptions import (
    MESSAGE,
    SIGNAL,
    Beginning,
    Receiver,
    Waiting,
    from_json,
    hearers,
    taker,
    text,
    to_json,
)
from engine.tables import LIVE, letter, receipt
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

LEFT_LYING = timedelta(seconds=10)
"""A letter not done after this is taken up by a worker: whoever brought it is gone."""

log = structlog.get_logger("liandong.letters")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to send."""

    kind: str
    name: str
    correlation: str
    payload: Mapping[str, Any]
    world_id: int


def message(
    core: Core,
    name: str,
    correlation: str,
    payload: Mapping[str, Any],
    by: int | str | None,
    *,
    key: str | None = None,
    world_id: int = LIVE,
    allowed: bool = False,
) -> Reply:
    """Give a message to the one instance that waits for it, else to the process that begins by it. NotFound when there is neither;
    NotAllowed for people without the power to operate (`by` None: code of the house; `allowed`: the caller decided that it may be
    sent, as of a signed event). Answers {"instance": id}, and "joined": True where it joined one that ran. What the caller has
    `allowed` joins nothing: NotFound, and the caller has it join under a name of its own."""
    row = _post(core, Wanted(MESSAGE, name, correlation, payload, world_id), by, key, allowed=allowed)
    return _finish(core, row, joins=not allowed)


def signal(
    core: Core,
    name: str,
    payload: Mapping[str, Any],
    by: int | str | None,
    *,
    key: str | None = None,
    world_id: int = LIVE,
) -> Reply:
    """Hand a signal to everybody who waits for it now, and begin the processes that begin by it. Answers {"instances": ids}."""
    return _finish(core, _post(core, Wanted(SIGNAL, name, "", payload, world_id), by, key))


def finish_lying(core: Core, limit: int = 100) -> int:
    """Carry on with letters whose bringer died half-way; answers how many are done. One that cannot be brought holds up no other."""
    with core.db.read() as connection:
        old = core.db.now_on(connection) - LEFT_LYING
        query = select(letter).where(letter.c.done_at.is_(None), letter.c.at < old).order_by(letter.c.at).limit(limit)
        rows = [dict(row) for row in connection.execute(query).mappings()]
    done = 0
    for row in rows:
        try:
            _finish(core, row)
        except (NotFound, StepFailed) as error:  # nobody is there any more to be told
            log.warning("letter refused", letter=row["id"], name=row["name"], why=str(error))
        except Exception:
            log.exception("letter failed", letter=row["id"], name=row["name"])
            continue
        done += 1
    return done


# ---------------------------------------------------------------- inside


def _post(core: Core, wanted: Wanted, by: int | str | None, key: str | None, *, allowed: bool = False) -> Row:
    """The letter's row: the one that is there under its key, or a new one with its receivers."""
    with core.db.read() as connection:
        actor = load_actor(connection, by) if by is not None else None
    if actor is not None and not allowed:
        access.check_power(actor, "operate", "发送消息或信号", "send messages and signals")
    letter_id = _id(actor, key)
    digest = request_hash(asdict(wanted))
    for _ in range(2):
        stored = _stored(core, letter_id)
        if stored is not None:
            if stored["request"] != digest:
                raise KeyReused(key=key)
            return stored
        row: Row = {
            "id": letter_id,
            "world_id": wanted.world_id,
            "kind": wanted.kind,
            "name": text(wanted.name),
            "key": text(wanted.correlation),
            "payload": dict(wanted.payload),
            "request": digest,
            "by_id": actor.id if actor is not None else None,
            "round": 0,
        }
        try:
            with core.db.write() as connection:
                now = worlds.on(connection, core, wanted.world_id).now
                found = _choose(connection, row, now)
                row |= {"receivers": [to_json(r) for r in found], "at": core.db.now_on(connection)}
                connection.execute(insert(letter).values(**row))
        except IntegrityError:
            continue  # the same request came twice at once: the other one's row counts
        return row
    raise KeyReused(key=key)


def _choose(connection: Connection, row: Row, now: datetime, without: tuple[Waiting, ...] = ()) -> list[Receiver]:
    outside = row["by_id"] is not None
    if row["kind"] == SIGNAL:
        return hearers(connection, row["world_id"], row["name"], now, None, outside=outside)
    found = taker(connection, row["world_id"], row["name"], row["key"], without, outside=outside)
    if found is None:
        raise _nobody(row)
    return [found]


def _finish(core: Core, row: Row, *, joins: bool = True) -> Reply:
    """Bring the letter to its receivers, as far as that was not done already. A refusal is told to whoever brought it, and that is the end
    of it, unless the same letter comes again."""
    try:
        reply = _broadcast(core, row) if row["kind"] == SIGNAL else _bring(core, row, joins=joins)
    except (NotFound, StepFailed):
        _done(core, row)
        raise
    _done(core, row)
    return reply


def _broadcast(core: Core, row: Row) -> Reply:
    receivers = [from_json(kept) for kept in row["receivers"]]
    reached = messages.each(receivers, lambda receiver, _: _hand_over(core, row, receiver))
    return {"instances": sorted(set(reached))}


def _bring(core: Core, row: Row, *, joins: bool) -> Reply:
    while True:
        receiver = from_json(row["receivers"][0])
        if isinstance(receiver, Beginning):
            return _begin_or_join(core, row, receiver, joins=joins)
        if _give(core, row, receiver):
            return {"instance": receiver.instance_id}
        row = _anew(core, row, receiver)


def _hand_over(core: Core, row: Row, receiver: Receiver) -> list[int]:
    if isinstance(receiver, Beginning):
        begun = _begin(core, row, receiver)
        return [begun] if begun is not None else []
    kept = {"what": SIGNAL, "name": row["name"], "key": "", "payload": row["payload"], "home": None}
    return [receiver.instance_id] if messages.hand_in(core, _origin(row), receiver, kept) else []


def _give(core: Core, row: Row, receiver: Waiting) -> bool:
    """Whether the token took the message; not when it waits no more."""
    key = f"from:{_origin(row)}:{receiver.place}"
    kept = {"what": MESSAGE, "name": row["name"], "key": row["key"], "payload": row["payload"]}

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        before = messages.receipt_of(core, receiver.instance_id, key)
        if before is not None:
            return before
        if seen.suspended:
            reply = {"taken": messages.keep(core, seen, writes, _origin(row), receiver, kept)}
        else:
            reply = {"taken": messages.take(core, seen, writes, receiver, kept)}
        writes.insert(receipt, key=key, request="", reply=reply, at=seen.now)
        return reply

    try:
        return bool(run(core, receiver.instance_id, plan)["taken"])
    except StepFailed as error:
        incidents.note(core, receiver.instance_id, error)
        raise


def _begin_or_join(core: Core, row: Row, receiver: Beginning, *, joins: bool) -> Reply:
    """Begin the process, or keep the message with the instance of the same correlation that runs. NotFound when it may not join."""
    process, key = definitions.get(core, receiver.definition_id).key, f"from:{_origin(row)}"
    once = definitions.get(core, receiver.definition_id).model.nodes[receiver.node].events[receiver.index].once
    before = joining.joined_before(core, process, row["key"], key, row["world_id"]) if once else None
    if before is not None:
        return {"instance": before, "joined": True}
    for _ in range(2):  # once more, should what ran have ended between both questions
        begun = _begin(core, row, receiver)
        if begun is not None:
            return {"instance": begun}
        running = joining.running(core, process, row["key"], row["world_id"]) if joins else None
        if running is not None:
            try:
                joining.join(core, running, row["payload"], None, event=(key, {"message": row["name"]}))
            except NotFound:
                continue
            return {"instance": running, "joined": True}
    raise _nobody(row)


def _begin(core: Core, row: Row, receiver: Beginning) -> int | None:
    """The instance that it began; none where one of the same correlation runs."""
    said = {row["kind"]: row["name"]}
    return instances.begin(
        core,
        receiver.definition_id,
        (receiver.node, receiver.index),
        _origin(row),
        row["world_id"],
        row["payload"],
        said,
        row["key"],
    )


def _anew(core: Core, row: Row, before: Receiver) -> Row:
    """Another receiver for a message. When somebody else has chosen meanwhile, theirs."""
    mine = (letter.c.id == row["id"], letter.c.round == row["round"])
    gone = (before,) if isinstance(before, Waiting) else ()
    with core.db.write() as connection:
        now = worlds.on(connection, core, row["world_id"]).now
        try:
            found = _choose(connection, row, now, gone)
        except NotFound:
            found = []
            connection.execute(letter.delete().where(*mine))  # under the same key it may be sent again later
        if found:
            values = {"receivers": [to_json(r) for r in found], "round": row["round"] + 1}
            connection.execute(update(letter).where(*mine).values(**values))
    stored = _stored(core, row["id"])
    if stored is None:
        raise _nobody(row)
    return stored


def _nobody(row: Row) -> NotFound:
    return NotFound(what=f"process waiting for message {row['name']}")


def _done(core: Core, row: Row) -> None:
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        connection.execute(update(letter).where(letter.c.id == row["id"]).values(done_at=now))


def _stored(core: Core, letter_id: str) -> Row | None:
    with core.db.read() as connection:
        row = connection.execute(select(letter).where(letter.c.id == letter_id)).mappings().first()
    return dict(row) if row is not None else None


def _id(actor: Actor | None, key: str | None) -> str:
    if key is None:
        return secrets.token_hex(16)
    who = actor.id if actor is not None else 0
    return hashlib.sha256(f"{who}\0{key}".encode()).hexdigest()[:32]


def _origin(row: Row) -> str:
    return f"letter-{row['id']}-{row['round']}"
