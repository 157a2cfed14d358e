"""Events from outside, signed: HMAC-SHA256 with the source's secret over its clock's time and the body. What comes too late is refused, so
that nobody sends an old one again; what comes again under its id comes to what it came to first.

A message begins the process that waits for it, or joins the one that runs (`engine/joining.py`)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine import definitions, joining, letters, settings, vault
from engine.errors import KeyReused, LiandongError, NotFound
from engine.tables import event_source, instance, source_event

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

DEFAULTS: Final[dict[str, Any]] = {"event_window_seconds": 300}
"""How far a source's clock may be from ours, either way; processes/tables/settings.csv says where it comes from."""
SUFFIX: Final = "_triggered"
LONGEST_ID: Final = 120


class BadSignature(LiandongError):
    """Not signed by a source that may send: whatever is wrong with it is answered alike."""

    code: ClassVar[str] = "bad_signature"
    status: ClassVar[int] = 401
    zh: ClassVar[str] = "事件来源不存在、已停用或签名不正确。"
    en: ClassVar[str] = "The source does not exist or is switched off, or the signature is wrong."


class Stale(LiandongError):
    """Signed at another time."""

    code: ClassVar[str] = "stale_event"
    status: ClassVar[int] = 401
    zh: ClassVar[str] = "事件的时间与本系统相差超过 {seconds} 秒，请校准时钟后重新签名发送。"
    en: ClassVar[str] = (
        "The event is more than {seconds} seconds away from our time: set the clock, sign it anew and send it again."
    )


class NotItsMessage(LiandongError):
    """The source is not registered for this."""

    code: ClassVar[str] = "not_its_message"
    status: ClassVar[int] = 403
    zh: ClassVar[str] = "此来源不能触发“{name}”。"
    en: ClassVar[str] = "This source may not trigger “{name}”."


@dataclass(frozen=True, slots=True)
class Signed:
    """What was sent: who says they are (`source`), their time in seconds since 1970, their signature in hexadecimal, the bytes."""

    source: str
    timestamp: str
    signature: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a body says: the source's own id of the event, the message, whom it is for (none: the process), and what it tells."""

    id: str
    name: str
    correlation: str | None
    payload: Mapping[str, Any]


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """As a source has to make it: HMAC-SHA256 over the timestamp, a full stop and the body; in hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def check(core: Core, sent: Signed) -> Row:
    """The source that signed it. BadSignature, Stale."""
    with core.db.read() as connection:
        row = connection.execute(select(event_source).where(event_source.c.key == sent.source)).mappings().first()
        window = float(settings.read(connection, DEFAULTS)["event_window_seconds"])
        now = core.db.now_on(connection)
    secret = vault.unseal_setting(row["secret"]) if row is not None else "none"
    right = hmac.compare_digest(
        signature(secret, sent.timestamp, sent.body).encode(), sent.signature.strip().lower().encode()
    )
    if row is None or not row["active"] or not right or not _is_number(sent.timestamp):
        raise BadSignature
    if abs(timedelta(seconds=now.timestamp() - int(sent.timestamp))) > timedelta(seconds=window):
        raise Stale(seconds=int(window))
    return dict(row)


def take(core: Core, source: Row, wanted: Wanted, body: bytes) -> Row:
    """Bring it about, once: {"instance", "number", "joined", "repeated"}. NotItsMessage; KeyReused: the id came before with another body;
    NotFound: no process begins by this message."""
    if wanted.name not in source["messages"]:
        raise NotItsMessage(name=wanted.name)
    digest = "sha256:" + hashlib.sha256(body).hexdigest()
    kept = _keep(core, source["key"], wanted.id, digest)
    if kept["request"] != digest:
        raise KeyReused(key=wanted.id)
    if kept["case_id"] is not None:
        return _reply(core, kept["case_id"], joined=kept["joined"], repeated=True)
    found, joined = _bring(core, source, wanted)
    with core.db.write() as connection:
        mine = (source_event.c.source == source["key"], source_event.c.id == wanted.id)
        connection.execute(update(source_event).where(*mine).values(case_id=found, joined=joined))
        connection.execute(
            update(event_source).where(event_source.c.key == source["key"]).values(last_at=core.db.now_on(connection))
        )
    return _reply(core, found, joined=joined, repeated=False)


def process_of(message: str) -> str:
    """The process that a message triggers."""
    return message.removesuffix(SUFFIX)


def _keep(core: Core, source: str, id_: str, digest: str) -> Row:
    make = (postgresql if core.db.postgresql else sqlite).insert(source_event)
    with core.db.write() as connection:
        row = {"source": source, "id": id_, "request": digest, "at": core.db.now_on(connection)}
        connection.execute(make.values(**row).on_conflict_do_nothing())
        query = select(source_event).where(source_event.c.source == source, source_event.c.id == id_)
        return dict(connection.execute(query).mappings().one())


def _bring(core: Core, source: Row, wanted: Wanted) -> tuple[int, bool]:
    """The instance, and whether it ran before."""
    key = f"event:{source['key']}:{wanted.id}"
    process = process_of(wanted.name)
    correlation = _correlation(core, process, wanted)
    told = {"source": source["name"], "event": wanted.id}
    before = joining.joined_before(core, process, correlation, key)
    if before is not None:
        return before, True
    for last in (False, True):  # once more, should what ran have ended between both questions
        try:
            reply = letters.message(
                core, wanted.name, correlation, wanted.payload, source["person_id"], key=key, allowed=True
            )
        except NotFound:
            running = joining.running(core, process, correlation)
            if running is None and last:
                raise
        else:
            return int(reply["instance"]), bool(reply.get("joined"))
        if running is not None:
            try:
                return int(joining.join(core, running, wanted.payload, None, event=(key, told))["instance"]), True
            except NotFound:
                if last:
                    raise
    raise NotFound(what=f"process waiting for message {wanted.name}")


def _correlation(core: Core, process: str, wanted: Wanted) -> str:
    """For what it counts: what the diagram says itself, where it does, so that whoever sends another word begins no second activation
    beside the one that runs; else what the source says, else the process."""
    with core.db.read() as connection:
        newest = definitions.newest_ids(connection).get(process)
    if newest is not None:
        own = joining.correlation(definitions.get(core, newest), wanted.payload)
        if own is not None:
            return own
    return process if wanted.correlation is None else wanted.correlation


def _reply(core: Core, instance_id: int, *, joined: bool, repeated: bool) -> Row:
    with core.db.read() as connection:
        number = connection.execute(select(instance.c.number).where(instance.c.id == instance_id)).scalar()
    return {"instance": instance_id, "number": number, "joined": joined, "repeated": repeated}


def _is_number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= 12
