"""Deliveries on their way: leased by the database's clock, sent, and written down under a fence; at least once, in the order of each case.

A **message** (`delivery.letter`) is what goes out: one notice, or several that were collected. Which they are is fixed when it is first
taken, so that a repetition is the same message under the same id. To one channel of one person one message is under way at a time,
and none goes out while an earlier one of the same case waits; what is dead holds nothing up."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection, and_, exists, or_, select, text, tuple_, update

from engine import incidents, worlds
from engine.tables import LIVE
from escalation.sending import contacts, doors, rules, times, wording
from escalation.sending.deciding import WAITING, WAITS, letter_of
from escalation.sending.doors import Message
from escalation.sending.errors import NotSent
from escalation.sending.rules import FULL, Rules
from escalation.sending.wording import DIGEST
from escalation.tables import contact, delivery

if TYPE_CHECKING:
    from engine.core import Core

Key = tuple[int, str]

MOST_COLLECTED = 100
"""Notices in one message."""
_LOCK = text("SELECT pg_advisory_xact_lock(29, hashtext(:channel))")

log = structlog.get_logger("liandong.sending")


@dataclass(frozen=True, slots=True)
class Taken:
    """A message in a worker's hands: its deliveries, each with the fence under which it was taken."""

    letter: str
    channel: str
    contact_id: int | None
    person_id: int
    keys: tuple[Key, ...]
    fences: tuple[int, ...]
    tries: int


@dataclass(slots=True)
class Pass:
    """What one pass did, in messages."""

    sent: int = 0
    failed: int = 0
    fenced: int = 0


def send_due(core: Core, channel: str, limit: int = 100) -> Pass:
    """Send what is due by a channel, several at once, until nothing is left or so many were taken. A receiver that hangs holds one
    thread of its channel, and other channels not at all: each has passes of its own."""
    result = Pass()
    with core.db.read() as connection:
        law = rules.read(connection)
        if channel in law.off or connection.execute(_some(channel)).first() is None:
            return result
    taken = 0
    with ThreadPoolExecutor(law.at_once, thread_name_prefix=f"sending-{channel}") as pool:
        flying: set[Future[str]] = set()
        while True:
            # choosing costs a transaction: for several at once
            free = min(law.at_once - len(flying), limit - taken) if len(flying) <= law.at_once // 2 else 0
            for message in take(core, law, channel, free) if free > 0 else ():
                flying.add(pool.submit(carry_out, core, law, message))
                taken += 1
            if not flying:
                return result
            done, flying = wait(flying, return_when=FIRST_COMPLETED)
            for each in done:
                outcome = each.result()
                result.sent += outcome == "sent"
                result.failed += outcome == "failed"
                result.fenced += outcome == "fenced"


def take(core: Core, law: Rules, channel: str, most: int) -> list[Taken]:
    """Lease up to so many messages that are due. One worker at a time chooses."""
    with core.db.write() as connection:
        if core.db.postgresql:
            connection.execute(_LOCK, {"channel": channel})
        wall, now = core.db.now_on(connection), worlds.on(connection, core, LIVE).now
        _give_up(connection, law, channel, now)
        _collect(connection, channel, now, most)
        query = (
            select(delivery.c.letter, delivery.c.contact_id)
            .where(
                WAITING,
                delivery.c.channel == channel,
                delivery.c.letter.is_not(None),
                delivery.c.next_at <= now,
                _free(wall),
                ~_blocked(),
                ~_busy(wall),
            )
            .order_by(delivery.c.next_at, delivery.c.at, delivery.c.instance_id, delivery.c.seq)
            .limit(most * 4)
        )
        found: list[Taken] = []
        reached: set[int | None] = set()
        for letter, contact_id in connection.execute(query).all():
            if contact_id in reached or len(found) >= most:
                continue
            message = _lease(connection, letter, wall, law)
            if message is not None:
                reached.add(contact_id)
                found.append(message)
        return found


def carry_out(core: Core, law: Rules, taken: Taken) -> str:
    """Send a message that was taken and write down how it went: `sent`, `failed`, `dropped`, or `fenced` when another has it by now."""
    try:
        written = _write(core, law, taken)
        if written is None:
            return _close(core, taken, "dropped", "nobody is reached by this any more")
        address, message = written
        doors.send(law, taken.channel, address, message)
    except NotSent as error:
        return _failed(core, law, taken, str(error))
    except Exception as error:
        log.exception("not sent", letter=taken.letter)
        return _failed(core, law, taken, incidents.explain(error))
    return _close(core, taken, "sent", None)


# ---------------------------------------------------------------- choosing


def _some(channel: str) -> Any:
    return select(delivery.c.id).where(WAITING, delivery.c.channel == channel).limit(1)


def _free(wall: datetime) -> Any:
    return or_(delivery.c.lease_until.is_(None), delivery.c.lease_until < wall)


def _blocked() -> Any:
    """An earlier one of the same case, to the same channel of the same person, waits in another message."""
    before = delivery.alias()
    return exists().where(
        before.c.instance_id == delivery.c.instance_id,
        before.c.person_id == delivery.c.person_id,
        before.c.channel == delivery.c.channel,
        before.c.seq < delivery.c.seq,
        before.c.state == WAITS,
        or_(before.c.letter.is_(None), before.c.letter != delivery.c.letter),
    )


def _busy(wall: datetime) -> Any:
    """Another message is on its way to the same channel of the same person."""
    other = delivery.alias()
    return exists().where(
        other.c.state == WAITS, other.c.contact_id == delivery.c.contact_id, other.c.lease_until >= wall
    )


def _give_up(connection: Connection, law: Rules, channel: str, now: datetime) -> None:
    """News that nobody could be told for days is dead: an operator looks at it."""
    connection.execute(
        update(delivery)
        .where(WAITING, delivery.c.channel == channel, delivery.c.next_at <= now, delivery.c.at < now - law.oldest)
        .values(state="dead", error=f"not sent within {law.oldest}", lease_until=None)
    )


def _collect(connection: Connection, channel: str, now: datetime, most: int) -> None:
    """Make messages of what was collected and is due: whoever is in one stays in it."""
    waits = (WAITING, delivery.c.channel == channel, delivery.c.letter.is_(None), delivery.c.next_at <= now)
    reached = select(delivery.c.contact_id).where(*waits).distinct().limit(most)
    tried = delivery.alias()
    stuck = exists().where(
        tried.c.instance_id == delivery.c.instance_id,
        tried.c.contact_id == delivery.c.contact_id,
        tried.c.seq < delivery.c.seq,
        tried.c.state == WAITS,
        tried.c.letter.is_not(None),
    )
    for (contact_id,) in connection.execute(reached).all():
        members = connection.execute(
            select(delivery.c.instance_id, delivery.c.id)
            .where(*waits, delivery.c.contact_id == contact_id, ~stuck)
            .order_by(delivery.c.at, delivery.c.instance_id, delivery.c.seq)
            .limit(MOST_COLLECTED)
        ).all()
        if not members:
            continue
        first = letter_of(*members[0])
        letter = first if len(members) == 1 else f"{first}.{DIGEST}"
        keys = [tuple(each) for each in members]
        connection.execute(
            update(delivery)
            .where(tuple_(delivery.c.instance_id, delivery.c.id).in_(keys), WAITING, delivery.c.letter.is_(None))
            .values(letter=letter)
        )


def _lease(connection: Connection, letter: str, wall: datetime, law: Rules) -> Taken | None:
    rows = connection.execute(
        select(delivery, _blocked().label("blocked"), _free(wall).label("free"))
        .where(WAITING, delivery.c.letter == letter)
        .order_by(delivery.c.at, delivery.c.instance_id, delivery.c.seq)
    ).all()
    if not rows or any(row.blocked or not row.free for row in rows):
        return None
    connection.execute(
        update(delivery)
        .where(WAITING, delivery.c.letter == letter)
        .values(lease_until=wall + law.lease, fence=delivery.c.fence + 1)
    )
    return Taken(
        letter=letter,
        channel=rows[0].channel,
        contact_id=rows[0].contact_id,
        person_id=rows[0].person_id,
        keys=tuple((row.instance_id, row.id) for row in rows),
        fences=tuple(row.fence + 1 for row in rows),
        tries=max(row.tries for row in rows),
    )


# ---------------------------------------------------------------- sending


def _write(core: Core, law: Rules, taken: Taken) -> tuple[str, Message] | None:
    """Address and text; none when the channel is gone, switched off or not verified, or the person left."""
    with core.db.read() as connection:
        where = connection.execute(select(contact).where(contact.c.id == taken.contact_id)).mappings().first()
        if where is None or not where["active"] or where["verified_at"] is None:
            return None
        writer = wording.Writer(core, connection, law, taken.person_id, law.tells.get(taken.channel, FULL))
        rows = wording.details(connection, taken.keys)
        address = contacts.address_of(connection, dict(where))
        if writer.gone or not rows or address is None:
            return None
        one = len(rows) == 1
        subject, words, link = writer.one(rows[0]) if one else writer.many(rows)
        return address, Message(
            id=taken.letter,
            kind=rows[0]["kind"] if one else DIGEST,
            urgent=any(row["urgent"] for row in rows),
            subject=subject,
            text=words,
            link=link,
            at=rows[-1]["at"],
            locale=writer.locale,
        )


def _failed(core: Core, law: Rules, taken: Taken, why: str) -> str:
    tries = taken.tries + 1
    with core.db.write() as connection:
        now = worlds.on(connection, core, LIVE).now
        values: dict[str, Any] = {"tries": tries, "error": why[:1000], "lease_until": None}
        if tries >= law.tries:
            values["state"] = "dead"
        else:
            values["next_at"] = now + times.back_off(tries, law.wait, law.wait_most)
        return "failed" if _put(connection, taken, values) else "fenced"


def _close(core: Core, taken: Taken, state: str, why: str | None) -> str:
    with core.db.write() as connection:
        values: dict[str, Any] = {"state": state, "error": why, "lease_until": None, "tries": taken.tries + 1}
        if state == "sent":
            values["sent_at"] = core.db.now_on(connection)
        return state if _put(connection, taken, values) else "fenced"


def _put(connection: Connection, taken: Taken, values: dict[str, Any]) -> bool:
    """Write it to every delivery of the message that is still ours by its fence."""
    changed = 0
    for (instance_id, id_), fence in zip(taken.keys, taken.fences, strict=True):
        changed += connection.execute(
            update(delivery)
            .where(
                and_(delivery.c.instance_id == instance_id, delivery.c.id == id_),
                delivery.c.fence == fence,
                WAITING,
            )
            .values(**values)
        ).rowcount
    return changed > 0
