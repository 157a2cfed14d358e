"""Where people are reached: their channels, each with an address that only their key opens and that was verified by a code sent to it."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, select, update

from engine import vault
from engine.audit import recording
from engine.errors import Invalid, NotFound
from engine.people import Actor
from engine.tables import audit
from escalation.sending import doors, rules, times, wording
from escalation.sending.doors import Message
from escalation.sending.errors import NotReached, NotSent, TooManyCodes, WrongCode
from escalation.tables import contact, delivery

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

GUESSES = 5
"""Wrong answers after which a code is worth nothing."""
ADDED, VERIFIED, CHANGED, REMOVED, ASKED = (
    "contact_added",
    "contact_verified",
    "contact_changed",
    "contact_removed",
    "contact_code",
)
"""Kinds of records (stream `security`): each tells the channel, none the address."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How somebody wants to be told by a channel. Quiet hours in minutes after midnight; `kinds` none: all."""

    active: bool = True
    quiet_from: int | None = None
    quiet_to: int | None = None
    digest_minutes: int = 0
    kinds: Collection[str] | None = None


def listing(core: Core, person_id: int) -> list[Row]:
    """A person's channels, without addresses."""
    with core.db.read() as connection:
        now = core.db.now_on(connection)
        rows = connection.execute(
            select(contact).where(contact.c.person_id == person_id).order_by(contact.c.at, contact.c.id)
        ).mappings()
        return [
            {
                **{k: v for k, v in row.items() if k not in ("sealed", "code")},
                "asked": row["code"] is not None and row["code_until"] > now and row["code_tries"] < GUESSES,
            }
            for row in rows
        ]


def add(core: Core, actor: Actor, channel: str, address: str) -> int:
    """A channel of one's own, in place of the one that was there; nothing but a code is sent to it until it is verified. Answers its id.
    WrongAddress where it is none, Invalid for a channel that the city does not offer."""
    with core.db.write() as connection:
        law = rules.read(connection)
        if channel not in rules.CHANNELS or not law.offered(channel):
            raise Invalid(why_zh="该渠道未启用", why_en="this channel is not offered")
        found = doors.check(law, channel, address)
        for (old,) in connection.execute(
            select(contact.c.id).where(contact.c.person_id == actor.id, contact.c.channel == channel)
        ).all():
            _take_away(connection, old)
        made: int = connection.execute(
            insert(contact)
            .values(
                person_id=actor.id,
                channel=channel,
                sealed=vault.seal(core, connection, vault.person(actor.id), found),
                shown=doors.masked(channel, found),
                at=core.db.now_on(connection),
            )
            .returning(contact.c.id)
        ).scalar_one()
        _record(core, connection, actor, ADDED, channel)
    return made


def send_code(core: Core, actor: Actor, contact_id: int) -> None:
    """Send a code to it, at once: whoever waits for it looks at the page. NotReached says what the receiver said; TooManyCodes
    after so many in a day, whatever channel they went to."""
    with core.db.write() as connection:
        row = _mine(connection, actor, contact_id)
        law, now = rules.read(connection), core.db.now_on(connection)
        sent = select(func.count()).select_from(audit)
        sent = sent.where(
            audit.c.stream == recording.SECURITY,
            audit.c.kind == ASKED,
            audit.c.about == f"person:{actor.id}",
            audit.c.at > now - timedelta(days=1),
        )
        if connection.execute(sent).scalar_one() >= law.codes_per_day:
            raise TooManyCodes
        if not law.offered(row["channel"]):
            raise Invalid(why_zh="该渠道未启用", why_en="this channel is not offered")
        code = f"{secrets.randbelow(10**6):06}"
        count = row["codes"] + 1
        connection.execute(
            update(contact)
            .where(contact.c.id == contact_id)
            .values(
                code=vault.seal(core, connection, vault.person(actor.id), code),
                code_until=now + law.code,
                code_tries=0,
                codes=count,
            )
        )
        _record(core, connection, actor, ASKED, row["channel"])
        address = vault.unseal(connection, vault.person(actor.id), row["sealed"])
    subject, text = wording.of_code(core, actor.locale, code, round(law.code.total_seconds() / 60))
    message = Message(f"code-{contact_id}-{count}", "code", True, subject, text, "", now, actor.locale)
    try:
        doors.send(law, row["channel"], address, message)
    except NotSent as error:
        raise NotReached(why=str(error)) from error


def verify(core: Core, actor: Actor, contact_id: int, code: str) -> None:
    """It is theirs: they know the code. WrongCode otherwise, and after too many guesses or too late for any answer."""
    with core.db.write() as connection:
        row = _mine(connection, actor, contact_id)
        now = core.db.now_on(connection)
        right = False
        if row["code"] is not None and row["code_until"] > now and row["code_tries"] < GUESSES:
            kept = vault.unseal(connection, vault.person(actor.id), row["code"]) or ""
            right = hmac.compare_digest(str(kept).encode(), code.strip().encode())
        changed: Row = {"code_tries": row["code_tries"] + 1}
        if right:
            changed = {"verified_at": now, "code": None, "code_until": None}
            _record(core, connection, actor, VERIFIED, row["channel"])
        connection.execute(update(contact).where(contact.c.id == contact_id).values(**changed))
    if not right:
        raise WrongCode


def change(core: Core, actor: Actor, contact_id: int, wanted: Wanted) -> None:
    """How they want to be told by it, from the next notice on."""
    with core.db.write() as connection:
        row = _mine(connection, actor, contact_id)
        law = rules.read(connection)
        hours = (wanted.quiet_from, wanted.quiet_to)
        if (hours[0] is None) != (hours[1] is None) or any(h is not None and not 0 <= h < times.DAY for h in hours):
            raise Invalid(why_zh="免打扰时段须填写起止时间", why_en="quiet hours have a beginning and an end")
        if not 0 <= wanted.digest_minutes <= law.digest_most:
            raise Invalid(
                why_zh=f"汇总间隔为 0 到 {law.digest_most} 分钟", why_en=f"collected for 0 to {law.digest_most} minutes"
            )
        values: Row = {
            "active": wanted.active,
            "quiet_from": hours[0],
            "quiet_to": hours[1],
            "digest_minutes": wanted.digest_minutes,
            "kinds": sorted(set(wanted.kinds)) if wanted.kinds is not None else None,
        }
        connection.execute(update(contact).where(contact.c.id == contact_id).values(**values))
        if not wanted.active:
            _drop(connection, contact_id)
        _record(core, connection, actor, CHANGED, row["channel"], {"to": values})


def remove(core: Core, actor: Actor, contact_id: int) -> None:
    """Forget it, and what still waits to go there."""
    with core.db.write() as connection:
        row = _mine(connection, actor, contact_id)
        _take_away(connection, contact_id)
        _record(core, connection, actor, REMOVED, row["channel"])


def address_of(connection: Connection, row: Row) -> str | None:
    """The address of a contact; none when the person's key was destroyed."""
    found: str | None = vault.unseal(connection, vault.person(row["person_id"]), row["sealed"])
    return found


def _mine(connection: Connection, actor: Actor, contact_id: int) -> Row:
    query = select(contact).where(contact.c.id == min(contact_id, 2**31 - 1), contact.c.person_id == actor.id)
    row = connection.execute(query.with_for_update()).mappings().first()
    if row is None:
        raise NotFound(what="channel")
    return dict(row)


def _take_away(connection: Connection, contact_id: int) -> None:
    _drop(connection, contact_id)
    connection.execute(delete(contact).where(contact.c.id == contact_id))


def _drop(connection: Connection, contact_id: int) -> None:
    connection.execute(
        update(delivery)
        .where(delivery.c.contact_id == contact_id, delivery.c.state == "waiting")
        .values(state="dropped", error="the channel was removed or switched off")
    )


def _record(core: Core, connection: Connection, actor: Actor, kind: str, channel: str, data: Row | None = None) -> None:
    recording.record(
        core,
        connection,
        recording.SECURITY,
        kind,
        actor=actor,
        about=f"person:{actor.id}",
        data={"channel": channel, **(data or {})},
    )
