"""Systems that may send events (a rain gauge, a video platform): each has a key, a secret shown once, and the messages it may send. They
are kept by operators; every change stands in the audit."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, insert, select, update

from engine import access, vault
from engine.audit.recording import SECURITY, record
from engine.errors import Invalid, NotFound
from engine.people import Actor
from engine.tables import event_source, source_event

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

PREFIX: Final = "lde_"
"""What every secret begins with: scanners of leaked secrets, and we, know it by that."""
_KEY = re.compile(r"[a-z][a-z0-9_.-]{1,63}")
_SHOWN = [column for column in event_source.c if column.name != "secret"]


def every(core: Core) -> list[Row]:
    """All sources, without their secrets."""
    with core.db.read() as connection:
        query = select(*_SHOWN).order_by(event_source.c.key)
        return [dict(row) for row in connection.execute(query).mappings()]


def events(core: Core, most: int = 20) -> list[Row]:
    """The newest events that were taken."""
    with core.db.read() as connection:
        query = select(source_event).order_by(source_event.c.at.desc()).limit(most)
        return [dict(row) for row in connection.execute(query).mappings()]


def register(core: Core, actor: Actor, key: str, name: str, messages: Iterable[str]) -> str:
    """A new source, which acts in the name of who registers it; answers its secret, this once. NotAllowed; Invalid: the key is no key or
    taken, there is no name, or no message."""
    said, wanted = name.strip()[:200], sorted(set(messages))
    if not _KEY.fullmatch(key):
        raise Invalid(
            why_zh="标识只能含小写字母、数字、_ . -，以字母开头",
            why_en="a key holds small letters, digits, _ . - and begins with a letter",
        )
    if not said or not wanted:
        raise Invalid(
            why_zh="请填写名称，并选择可以触发的预案", why_en="give it a name, and choose what it may trigger"
        )
    with core.db.write() as connection:
        _check(actor)
        if connection.execute(select(event_source.c.key).where(event_source.c.key == key)).first() is not None:
            raise Invalid(why_zh=f"标识“{key}”已被使用", why_en=f"the key “{key}” is taken")
        secret = PREFIX + secrets.token_urlsafe(32)
        now = core.db.now_on(connection)
        connection.execute(
            insert(event_source).values(
                key=key,
                name=said,
                secret=vault.seal_setting(secret),
                messages=wanted,
                active=True,
                person_id=actor.id,
                created_by=actor.id,
                created_at=now,
            )
        )
        _say(core, connection, "source_registered", actor, key, {"name": said, "messages": wanted})
    return secret


def rotate(core: Core, actor: Actor, key: str) -> str:
    """Another secret, shown this once; the one before is worth nothing from now on."""
    secret = PREFIX + secrets.token_urlsafe(32)
    _change(core, actor, key, "source_rotated", {"secret": vault.seal_setting(secret)}, {})
    return secret


def switch(core: Core, actor: Actor, key: str, *, on: bool) -> None:
    """Let it send, or not."""
    _change(core, actor, key, "source_on" if on else "source_off", {"active": on}, {})


def allow(core: Core, actor: Actor, key: str, messages: Iterable[str]) -> None:
    """What it may trigger from now on. Invalid: nothing."""
    wanted = sorted(set(messages))
    if not wanted:
        raise Invalid(why_zh="请选择可以触发的预案", why_en="choose what it may trigger")
    _change(core, actor, key, "source_allowed", {"messages": wanted}, {"messages": wanted})


def _change(core: Core, actor: Actor, key: str, kind: str, values: Row, data: Row) -> None:
    with core.db.write() as connection:
        _check(actor)
        done = connection.execute(update(event_source).where(event_source.c.key == key).values(**values))
        if done.rowcount != 1:
            raise NotFound(what="source")
        _say(core, connection, kind, actor, key, data)


def _check(actor: Actor) -> None:
    access.check_power(actor, "operate", "管理事件来源", "keep sources of events")


def _say(core: Core, connection: Connection, kind: str, actor: Actor, key: str, data: Row) -> None:
    record(core, connection, SECURITY, kind, actor=actor, about=f"source:{key}", data=data or None)
