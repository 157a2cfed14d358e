"""The outbox: of each notice that waits to leave the house it is decided by which channels, and when. In one transaction with the mark that
it is decided, by one worker at a time, so that each goes out once by each channel and in the order of its case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, literal_column, select, text, tuple_, update

from engine import worlds
from engine.tables import LIVE, notice, person
from escalation.sending import rules, times, wording
from escalation.tables import contact, delivery

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

WAITS: Final[Any] = literal_column("'waiting'")  # as the index says it, so that it serves
WAITING: Final = delivery.c.state == WAITS
_LOCK = "SELECT pg_try_advisory_xact_lock(29, 1)"


def decide_due(core: Core, limit: int = 200) -> int:
    """Decide of the oldest notices that wait, those of a case together; answers how many. None while another worker is at it."""
    with core.db.write() as connection:
        if core.db.postgresql and not connection.execute(text(_LOCK)).scalar_one():
            return 0
        pending = _pending(connection, limit)
        if not pending:
            return 0
        law, live = rules.read(connection), worlds.on(connection, core, LIVE)
        known = wording.templates(core)
        contacts = _contacts(connection, {row["person_id"] for row in pending})
        for row in pending:
            if live.now - row["at"] > law.oldest:
                continue
            for where in contacts.get(row["person_id"], ()):
                urgent = wording.is_urgent(known, row["kind"], row["data"])
                if urgent or where["kinds"] is None or row["kind"] in where["kinds"]:
                    _deliver(connection, row, where, live.now, live.zone, urgent=urgent)
        keys = [(row["instance_id"], row["id"]) for row in pending]
        connection.execute(
            update(notice).where(tuple_(notice.c.instance_id, notice.c.id).in_(keys)).values(pending=False)
        )
        return len(pending)


def sequence(notice_id: str) -> int:
    """The number of the history row that a notice tells of: their order in a case."""
    return int(notice_id.partition(".")[0])


def letter_of(instance_id: int, delivery_id: str) -> str:
    """The id of a message that holds one notice."""
    return f"{instance_id}.{delivery_id}"


def _pending(connection: Connection, limit: int) -> list[Row]:
    """Of the cases of the oldest ones, all that wait: a case's notices are not decided in two goes."""
    waits = notice.c.pending.is_(literal_column("true"))
    oldest = connection.execute(select(notice.c.instance_id).where(waits).order_by(notice.c.at).limit(limit))
    ids = sorted(set(oldest.scalars()))
    if not ids:
        return []
    rows = connection.execute(
        select(notice.c.instance_id, notice.c.id, notice.c.person_id, notice.c.kind, notice.c.at, notice.c.data,
               notice.c.world_id)
        .where(waits, notice.c.instance_id.in_(ids))
    ).mappings()  # fmt: skip
    return sorted((dict(row) for row in rows), key=lambda row: (row["at"], row["instance_id"], sequence(row["id"])))


def _contacts(connection: Connection, people: Iterable[int]) -> dict[int, list[Row]]:
    rows = connection.execute(
        select(contact)
        .join(person, person.c.id == contact.c.person_id)
        .where(
            contact.c.person_id.in_(sorted(people)),
            contact.c.active,
            contact.c.verified_at.is_not(None),
            person.c.active,
        )
        .order_by(contact.c.id)
    ).mappings()
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["person_id"], []).append(dict(row))
    return found


def _deliver(connection: Connection, row: Row, where: Row, now: datetime, zone: ZoneInfo, *, urgent: bool) -> None:
    id_ = f"{row['id']}.{where['channel']}"
    letter: str | None = letter_of(row["instance_id"], id_)
    next_at = now
    if urgent:
        _take_along(connection, row["instance_id"], where["id"], letter, now)
    else:
        next_at = times.after_quiet(now, where["quiet_from"], where["quiet_to"], zone)
        if where["digest_minutes"] or next_at > now:
            letter = None
            next_at = _collected_at(connection, where, now, zone)
    connection.execute(
        insert(delivery).values(
            instance_id=row["instance_id"],
            id=id_,
            notice_id=row["id"],
            seq=sequence(row["id"]),
            letter=letter,
            world_id=row["world_id"],
            person_id=row["person_id"],
            channel=where["channel"],
            contact_id=where["id"],
            state="waiting",
            urgent=urgent,
            at=row["at"],
            next_at=next_at,
        )
    )


def _collected_at(connection: Connection, where: Row, now: datetime, zone: ZoneInfo) -> datetime:
    """When what is collected goes out: with what waits there already, else as long from now as its reader wants, and not in quiet hours."""
    already: datetime | None = connection.execute(
        select(func.min(delivery.c.next_at)).where(
            WAITING, delivery.c.contact_id == where["id"], delivery.c.letter.is_(None), delivery.c.next_at > now
        )
    ).scalar()
    wanted = now + timedelta(minutes=where["digest_minutes"])
    return already or times.after_quiet(wanted, where["quiet_from"], where["quiet_to"], zone)


def _take_along(connection: Connection, instance_id: int, contact_id: int, letter: str | None, now: datetime) -> None:
    """Something urgent does not overtake its case's earlier news: those that wait to be collected go with it in one message, those that
    are being tried are tried at once."""
    before = (WAITING, delivery.c.instance_id == instance_id, delivery.c.contact_id == contact_id)
    connection.execute(update(delivery).where(*before, delivery.c.letter.is_(None)).values(letter=letter, next_at=now))
    connection.execute(
        update(delivery).where(*before, delivery.c.letter != letter, delivery.c.next_at > now).values(next_at=now)
    )
