"""API tokens: how a program acts for a person, within scopes. Only a hash is kept; the token itself is shown once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from engine.audit import recording
from engine.errors import Invalid, NotFound
from engine.files import PUBLIC
from engine.login import owing, rules
from engine.people import Actor, load_actor
from engine.tables import api_token, person, totp

if TYPE_CHECKING:
    from engine.core import Core

PREFIX = "ldt_"
"""What every token begins with: scanners of leaked secrets, and we, know it by that."""
TOUCH_EVERY = timedelta(minutes=5)

ALL = "*"
SCOPES = ("read", "work", "start", "design", "operate", "administer", "secure", "audit", "unmask")
"""What a token may be used for: reading; working tasks; starting processes; and what the power of that name opens. `*`: everything
its person may. A scope never gives a right that the person has not."""
OPEN_TO_ALL = frozenset({"read", "work", "start"})


class Shown(NamedTuple):
    """Whom a token stands for, with its number, and what they owe before anything else (`engine.login.owing`)."""

    actor: Actor
    id: int
    owes: str


def offered(actor: Actor) -> tuple[str, ...]:
    """Scopes that make sense for this person's tokens."""
    return tuple(scope for scope in SCOPES if scope in OPEN_TO_ALL or scope in actor.powers)


def create(
    core: Core, login: str, name: str, lives: timedelta, *, scopes: Iterable[str] = (ALL,), by: Actor | None = None
) -> str:
    """A new token of a person, named for whom it is; answers it, this once. NotFound, or Invalid: it would live too long, or has
    no scope that there is."""
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= {ALL, *SCOPES}:
        raise Invalid(why_zh="请选择令牌的用途", why_en="say what the token may be used for")
    token = PREFIX + secrets.token_urlsafe(32)
    with core.db.write() as connection:
        most = rules.read(connection).token_days
        if not timedelta() < lives <= timedelta(days=most):
            raise Invalid(why_zh=f"令牌有效期最长 {most} 天", why_en=f"a token lives {most} days at most")
        actor = load_actor(connection, login)
        if actor.login == PUBLIC:
            raise NotFound(what="person")
        now = core.db.now_on(connection)
        made = connection.execute(
            insert(api_token)
            .values(
                hash=_hash(token),
                person_id=actor.id,
                name=name.strip()[:100],
                created_at=now,
                expires_at=now + lives,
                scopes=wanted,
            )
            .returning(api_token.c.id)
        ).scalar_one()
        _record(core, connection, "token_made", by, actor.id, {"token": made, "scopes": wanted, "days": lives.days})
    return token


def resume(core: Core, token: str) -> Actor | None:
    """Whom a token stands for, with the rights they have now, within its scopes; none when it is unknown, expired, revoked, or the
    person left."""
    found = look(core, token)
    return found.actor if found is not None else None


def look(core: Core, token: str) -> Shown | None:
    """The same with the token's number."""
    if not token.startswith(PREFIX):
        return None
    with core.db.read() as connection:
        now = core.db.now_on(connection)
        row = connection.execute(
            select(
                api_token.c.id,
                api_token.c.person_id,
                api_token.c.seen_at,
                api_token.c.scopes,
                person.c.password_at,
                person.c.password_hash.is_not(None).label("has_password"),
                totp.c.confirmed_at,
            )
            .join(person, person.c.id == api_token.c.person_id)
            .outerjoin(totp, totp.c.person_id == api_token.c.person_id)
            .where(api_token.c.hash == _hash(token), api_token.c.expires_at > now, api_token.c.revoked_at.is_(None))
        ).first()
        if row is None:
            return None
        try:
            actor = load_actor(connection, row.person_id)
        except NotFound:
            return None
        law = rules.read(connection)
    if row.seen_at is None or now - row.seen_at >= TOUCH_EVERY:
        with core.db.write() as connection:
            connection.execute(update(api_token).where(api_token.c.id == row.id).values(seen_at=now))
    # Who has no password comes by the identity provider.
    due = row.has_password and owing.must_change(actor, law, now, row.password_at)
    actor = replace(actor, must_change=due).with_scopes(row.scopes)
    owes = owing.owed(actor, law, has_second=row.confirmed_at is not None, elsewhere=not row.has_password)
    return Shown(actor, row.id, owes)


def listing(core: Core, person_id: int | None = None) -> list[dict[str, Any]]:
    """Every token that still works (of one person): id, login, name, scopes, when it ends and when it was last used."""
    query = (
        select(
            api_token.c.id,
            person.c.login,
            api_token.c.name,
            api_token.c.scopes,
            api_token.c.created_at,
            api_token.c.expires_at,
            api_token.c.seen_at,
        )
        .join(person, person.c.id == api_token.c.person_id)
        .order_by(api_token.c.id)
    )
    if person_id is not None:
        query = query.where(api_token.c.person_id == person_id)
    with core.db.read() as connection:
        rows = connection.execute(
            query.where(api_token.c.revoked_at.is_(None), api_token.c.expires_at > core.db.now_on(connection))
        ).mappings()
        return [dict(r) for r in rows]


def revoke(core: Core, token_id: int, by: Actor | None = None) -> None:
    """End a token at once: one's own, or anybody's for who keeps security (`by` none: the command on the server). NotFound when
    there is no such token that works."""
    with core.db.write() as connection:
        owner = connection.execute(
            select(api_token.c.person_id).where(api_token.c.id == token_id, api_token.c.revoked_at.is_(None))
        ).scalar()
        if owner is None or (by is not None and owner != by.id and "secure" not in by.powers):
            raise NotFound(what="token")
        connection.execute(
            update(api_token).where(api_token.c.id == token_id).values(revoked_at=core.db.now_on(connection))
        )
        _record(core, connection, "token_revoked", by, owner, {"token": token_id})


def revoke_all(core: Core, connection: Connection, person_id: int) -> int:
    """End every token of a person for good, inside the transaction of the act that wants it; answers how many."""
    return connection.execute(
        update(api_token)
        .where(api_token.c.person_id == person_id, api_token.c.revoked_at.is_(None))
        .values(revoked_at=core.db.now_on(connection))
    ).rowcount


def _record(
    core: Core, connection: Connection, kind: str, by: Actor | None, person_id: int, data: dict[str, Any]
) -> None:
    recording.record(core, connection, recording.SECURITY, kind, actor=by, about=f"person:{person_id}", data=data)


def _hash(token: str) -> str:
    return "sha256:" + hashlib.sha256(token.encode()).hexdigest()
