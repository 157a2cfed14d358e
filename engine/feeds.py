"""The secret address under which a calendar program reads somebody's deadlines. Whoever knows it reads them, and nothing else: so it is
shown once, kept as a hash, and made anew or closed at any time."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.audit import recording
from engine.errors import NotFound
from engine.files import PUBLIC
from engine.people import Actor, load_actor
from engine.tables import feed

if TYPE_CHECKING:
    from engine.core import Core

TOUCH_EVERY = timedelta(minutes=5)
"""When it was last read is written at most this often."""


def standing(core: Core, actor: Actor) -> dict[str, Any] | None:
    """When the address that works was made and last read (`at`, `seen_at`); none when there is none."""
    with core.db.read() as connection:
        row = connection.execute(
            select(feed.c.at, feed.c.seen_at).where(feed.c.person_id == actor.id, feed.c.revoked_at.is_(None))
        ).first()
    return dict(row._mapping) if row is not None else None  # noqa: SLF001  SQLAlchemy's public name


def make(core: Core, actor: Actor) -> str:
    """A new secret; the one before opens nothing any more."""
    secret = secrets.token_urlsafe(32)
    with core.db.write() as connection:
        _revoke(core, connection, actor)
        now = core.db.now_on(connection)
        connection.execute(insert(feed).values(hash=_hash(secret), person_id=actor.id, at=now))
        recording.record(core, connection, recording.SECURITY, "feed_made", actor=actor, about=f"person:{actor.id}")
    return secret


def revoke(core: Core, actor: Actor) -> None:
    """Close the address."""
    with core.db.write() as connection:
        if _revoke(core, connection, actor):
            recording.record(
                core, connection, recording.SECURITY, "feed_revoked", actor=actor, about=f"person:{actor.id}"
            )


def reader(core: Core, secret: str) -> Actor:
    """Whose deadlines an address shows, with the rights they have now. NotFound: unknown, closed, or they left."""
    with core.db.read() as connection:
        row = connection.execute(
            select(feed.c.id, feed.c.person_id, feed.c.seen_at).where(
                feed.c.hash == _hash(secret), feed.c.revoked_at.is_(None)
            )
        ).first()
        if row is None:
            raise NotFound(what="page")
        actor = load_actor(connection, row.person_id)
        now = core.db.now_on(connection)
    if actor.login == PUBLIC:
        raise NotFound(what="page")
    if row.seen_at is None or now - row.seen_at >= TOUCH_EVERY:
        with core.db.write() as connection:
            connection.execute(update(feed).where(feed.c.id == row.id).values(seen_at=now))
    return actor


def _revoke(core: Core, connection: Any, actor: Actor) -> bool:
    gone = update(feed).where(feed.c.person_id == actor.id, feed.c.revoked_at.is_(None))
    return bool(connection.execute(gone.values(revoked_at=core.db.now_on(connection))).rowcount)


def _hash(secret: str) -> str:
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()
