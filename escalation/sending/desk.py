"""What operators see and do: how many messages wait, went out or are dead, and why; send them again; switch a channel off and on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select, update

from engine import settings, worlds
from engine.audit import recording
from engine.errors import NotFound
from engine.people import Actor
from engine.tables import LIVE, instance, notice, person
from engine.tables.columns import LARGEST_ID
from escalation.sending import rules
from escalation.sending.deciding import WAITING
from escalation.sending.rules import Rules
from escalation.tables import contact, delivery

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

SHOWN = 50
"""Rows of a list on the page."""
RETRIED, DROPPED = "deliveries_retried", "deliveries_dropped"


def law(core: Core) -> Rules:
    """The rules as they are now."""
    with core.db.read() as connection:
        return rules.read(connection)


def standing(core: Core) -> Row:
    """Everything the page shows: `channels` (of each: is it set up, is it on, people, waiting, late, sent in a day, dead), `waiting` and
    `dead` (rows, oldest first), `undecided` notices. No contents and no addresses."""
    with core.db.read() as connection:
        now, given = worlds.on(connection, core, LIVE).now, rules.read(connection)
        counted = _counts(connection, now - timedelta(days=1))
        people: dict[str, int] = dict(
            connection.execute(
                select(contact.c.channel, func.count())
                .where(contact.c.verified_at.is_not(None), contact.c.active)
                .group_by(contact.c.channel)
            ).all()
        )
        oldest: dict[str, Any] = dict(
            connection.execute(
                select(delivery.c.channel, func.min(delivery.c.next_at)).where(WAITING).group_by(delivery.c.channel)
            ).all()
        )
        undecided = connection.execute(select(func.count()).select_from(notice).where(notice.c.pending)).scalar_one()
        return {
            "channels": [
                {
                    "name": each,
                    "on": each not in given.off,
                    "set": given.offered(each) or (each in given.off),
                    "people": people.get(each, 0),
                    "waiting": counted.get((each, "waiting"), 0),
                    "sent": counted.get((each, "sent"), 0),
                    "dead": counted.get((each, "dead"), 0),
                    "late": now - oldest[each] if each in oldest and oldest[each] < now else None,
                }
                for each in rules.CHANNELS
            ],
            "waiting": _rows(connection, WAITING, delivery.c.next_at),
            "dead": _rows(connection, delivery.c.state == "dead", delivery.c.at),
            "undecided": undecided,
            "now": now,
        }


def retry(core: Core, actor: Actor, instance_id: int | None, delivery_id: str = "") -> int:
    """Send what is dead again, at once: a message, named by one of its deliveries, or all. Answers how many. NotFound where that one is
    not dead."""
    return _change(core, actor, instance_id, delivery_id, RETRIED)


def drop(core: Core, actor: Actor, instance_id: int | None, delivery_id: str = "") -> int:
    """Leave it: it is not sent any more. The person has it inside the house."""
    return _change(core, actor, instance_id, delivery_id, DROPPED)


def switch(core: Core, actor: Actor, channel: str, *, on: bool) -> None:
    """Send by a channel again, or hold what goes by it."""
    if channel not in rules.CHANNELS:
        raise NotFound(what="channel")
    with core.db.write() as connection:
        off = set(settings.read(connection, {"sending_off": []})["sending_off"])
        off = off - {channel} if on else off | {channel}
        settings.put(core, connection, "sending_off", sorted(off), actor=actor)


def troubles(core: Core) -> Row:
    """For whoever looks after the machine: people reached by a channel that is not set up, messages that are dead, how late the latest
    is, whether the mail server wants a password that nobody gave."""
    found = standing(core)
    given = law(core)
    return {
        "unset": {each["name"]: each["people"] for each in found["channels"] if each["people"] and not each["set"]},
        "off": [each["name"] for each in found["channels"] if not each["on"]],
        "dead": sum(each["dead"] for each in found["channels"]),
        "late": max((each["late"] for each in found["channels"] if each["late"] and each["on"]), default=None),
        "no_password": bool(given.mail_host and given.mail_login and not _password()),
        "used": any(each["people"] for each in found["channels"]),
    }


def _password() -> str:
    try:
        return rules.mail_password()
    except OSError:
        return ""


def _change(core: Core, actor: Actor, instance_id: int | None, delivery_id: str, kind: str) -> int:
    with core.db.write() as connection:
        now = worlds.on(connection, core, LIVE).now
        values: Row = {"state": "dropped"}
        if kind == RETRIED:  # its time counts anew: it was too old already
            values = {"state": "waiting", "tries": 0, "next_at": now, "at": now, "lease_until": None}
        statement = update(delivery).where(delivery.c.state == "dead").values(**values)
        if instance_id is not None:
            one = (delivery.c.instance_id == min(instance_id, LARGEST_ID)) & (delivery.c.id == delivery_id[:100])
            row = connection.execute(select(delivery.c.letter, delivery.c.contact_id).where(one)).first()
            if row is None:
                raise NotFound(what="delivery")
            # those that went with it in one message go with it again: it has their id
            statement = statement.where(delivery.c.contact_id == row.contact_id, delivery.c.letter == row.letter)
        changed = connection.execute(statement).rowcount
        if instance_id is not None and not changed:
            raise NotFound(what="delivery")
        about = f"delivery:{instance_id}/{delivery_id}" if instance_id is not None else "deliveries"
        recording.record(core, connection, recording.CONTENT, kind, actor=actor, about=about, data={"count": changed})
        return int(changed)


def _counts(connection: Connection, since: Any) -> dict[tuple[str, str], int]:
    """Of what waits and is dead: all; of what was sent: since then."""
    found: dict[tuple[str, str], int] = {}
    for of in (WAITING, delivery.c.state == "dead", (delivery.c.state == "sent") & (delivery.c.at > since)):
        rows = connection.execute(
            select(delivery.c.channel, delivery.c.state, func.count())
            .where(of)
            .group_by(delivery.c.channel, delivery.c.state)
        )
        found |= {(channel, state): count for channel, state, count in rows}
    return found


def _rows(connection: Connection, which: Any, order: Any) -> list[Row]:
    rows = connection.execute(
        select(
            delivery.c.instance_id, delivery.c.id, delivery.c.channel, delivery.c.state, delivery.c.urgent, delivery.c.at,
            delivery.c.next_at, delivery.c.tries, delivery.c.error, person.c.name.label("person"), contact.c.shown,
            instance.c.number, instance.c.confidential,
        )
        .join(person, person.c.id == delivery.c.person_id)
        .outerjoin(instance, instance.c.id == delivery.c.instance_id)
        .outerjoin(contact, contact.c.id == delivery.c.contact_id)
        .where(which)
        .order_by(order, delivery.c.instance_id, delivery.c.seq)
        .limit(SHOWN)
    ).mappings()  # fmt: skip
    return [{**row, "number": "" if row["confidential"] else row["number"] or ""} for row in rows]
