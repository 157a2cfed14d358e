"""API tokens: how a program acts for a person. Only a hash is kept; the token itself is shown once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.errors import Invalid, NotFound
from engine.people import Actor, load_actor
from engine.tables import api_token, person

if TYPE_CHECKING:
    from engine.core import Core

PREFIX = "ldt_"
"""What every token begins with: scanners of leaked secrets, and we, know it by that."""
LONGEST = timedelta(days=366)
TOUCH_EVERY = timedelta(minutes=5)


def create(core: Core, login: str, name: str, lives: timedelta) -> str:
    """A new token of a person, named for whom it is; answers it, this once. NotFound, or Invalid: it would live too long."""
    if not timedelta() < lives <= LONGEST:
        raise Invalid(why_zh="令牌有效期最长一年", why_en="a token lives a year at most")
    token = PREFIX + secrets.token_urlsafe(32)
    with core.db.write() as connection:
        actor = load_actor(connection, login)
        now = core.db.now_on(connection)
        connection.execute(
            insert(api_token).values(
                hash=_hash(token), person_id=actor.id, name=name[:100], created_at=now, expires_at=now + lives
            )
        )
    return token


def resume(core: Core, token: str) -> Actor | None:
    """Whom a token stands for, with the rights they have now; none when it is unknown, expired, revoked, or the person left."""
    if not token.startswith(PREFIX):
        return None
    with core.db.read() as connection:
        now = core.db.now_on(connection)
        row = connection.execute(
            select(api_token.c.id, api_token.c.person_id, api_token.c.seen_at).where(
                api_token.c.hash == _hash(token), api_token.c.expires_at > now, api_token.c.revoked_at.is_(None)
            )
        ).first()
        if row is None:
            return None
        try:
            actor = load_actor(connection, row.person_id)
        except NotFound:
            return None
    if row.seen_at is None or now - row.seen_at >= TOUCH_EVERY:
        with core.db.write() as connection:
            connection.execute(update(api_token).where(api_token.c.id == row.id).values(seen_at=now))
    return actor


def listing(core: Core) -> list[dict[str, Any]]:
    """Every token that still works: id, login, name, when it ends and when it was last used."""
    with core.db.read() as connection:
        rows = connection.execute(
            select(api_token.c.id, person.c.login, api_token.c.name, api_token.c.expires_at, api_token.c.seen_at)
            .join(person, person.c.id == api_token.c.person_id)
            .where(api_token.c.revoked_at.is_(None), api_token.c.expires_at > core.db.now_on(connection))
            .order_by(api_token.c.id)
        ).mappings()
        return [dict(r) for r in rows]


def revoke(core: Core, token_id: int) -> None:
    """End a token at once. NotFound when there is no such token that works."""
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        done = connection.execute(
            update(api_token).where(api_token.c.id == token_id, api_token.c.revoked_at.is_(None)).values(revoked_at=now)
        )
        if done.rowcount != 1:
            raise NotFound(what="token")


def _hash(token: str) -> str:
    return "sha256:" + hashlib.sha256(token.encode()).hexdigest()
