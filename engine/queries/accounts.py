"""Accounts as those who keep security see them, and what happened to one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from engine.audit import recording
from engine.login import rules
from engine.tables import api_token, audit, login_link, membership, person, session, totp

if TYPE_CHECKING:
    from engine.core import Core

SIZE = 50


@dataclass(frozen=True, slots=True)
class Account:
    """One account: whether it works, what it has, and when it was last seen at work."""

    id: int
    login: str
    name: str
    active: bool
    left: bool
    has_password: bool
    must_change: bool
    password_at: datetime | None
    second_factor: bool
    sessions: int
    tokens: int
    seen_at: datetime | None
    posts: tuple[tuple[int, str], ...]


def page(core: Core, text: str = "", only: str = "", number: int = 1) -> tuple[list[Account], bool]:
    """A page of accounts by name, and whether there are more. `only`: disabled, must_change, second_factor, no_second_factor."""
    query = _select().order_by(person.c.pinyin, person.c.id).limit(SIZE + 1).offset((number - 1) * SIZE)
    plain = text.strip().lower()[:100]
    if plain:
        query = query.where(
            or_(
                person.c.login.contains(plain, autoescape=True),
                person.c.name.contains(text.strip()[:100], autoescape=True),
                person.c.pinyin.startswith(plain, autoescape=True),
                person.c.staff_no == text.strip(),
            )
        )
    kinds = {
        "disabled": ~person.c.active,
        "must_change": person.c.must_change,
        "second_factor": totp.c.confirmed_at.is_not(None),
        "no_second_factor": totp.c.confirmed_at.is_(None),
    }
    if only in kinds:
        query = query.where(kinds[only])
    return _read(core, query)


def one(core: Core, person_id: int) -> Account | None:
    """One account; none when there is no such person."""
    found, _ = _read(core, _select().where(person.c.id == person_id))
    return found[0] if found else None


def links(core: Core, person_id: int) -> list[dict[str, Any]]:
    """Which subjects of identity providers this person is."""
    with core.db.read() as connection:
        rows = connection.execute(
            select(login_link).where(login_link.c.person_id == person_id).order_by(login_link.c.at)
        ).mappings()
        return [dict(row) for row in rows]


def events(core: Core, person_id: int, limit: int = 20) -> list[dict[str, Any]]:
    """What happened to an account, newest first, as recorded."""
    with core.db.read() as connection:
        rows = connection.execute(
            select(audit.c.at, audit.c.kind, audit.c.actor_id, audit.c.origin, audit.c.data)
            .where(audit.c.about == f"person:{person_id}", audit.c.stream == recording.SECURITY)
            .order_by(audit.c.at.desc(), audit.c.seq.desc())
            .limit(limit)
        ).mappings()
        return [dict(row) for row in rows]


def _select() -> Any:
    return select(
        person.c.id,
        person.c.login,
        person.c.name,
        person.c.active,
        person.c.left_at,
        person.c.password_hash.is_not(None).label("has_password"),
        person.c.must_change,
        person.c.password_at,
        totp.c.confirmed_at,
    ).outerjoin(totp, totp.c.person_id == person.c.id)


def _read(core: Core, query: Any) -> tuple[list[Account], bool]:
    with core.db.read() as connection:
        rows = connection.execute(query).all()
        ids = [row.id for row in rows]
        now, law = core.db.now_on(connection), rules.read(connection)
        alive = and_(session.c.expires_at > now, session.c.seen_at > now - law.idle)
        sessions = {
            row.person_id: row
            for row in connection.execute(
                select(
                    session.c.person_id,
                    func.count().filter(alive).label("alive"),
                    func.max(session.c.seen_at).label("seen"),
                )
                .where(session.c.person_id.in_(ids))
                .group_by(session.c.person_id)
            )
        }
        tokens: dict[int, int] = dict(
            connection.execute(
                select(api_token.c.person_id, func.count())
                .where(api_token.c.person_id.in_(ids), api_token.c.revoked_at.is_(None), api_token.c.expires_at > now)
                .group_by(api_token.c.person_id)
            ).all()
        )
        posts: dict[int, list[tuple[int, str]]] = {}
        for held in connection.execute(
            select(membership.c.person_id, membership.c.unit_id, membership.c.post_key)
            .where(membership.c.person_id.in_(ids), or_(membership.c.until.is_(None), membership.c.until > now))
            .order_by(membership.c.unit_id, membership.c.post_key)
        ):
            posts.setdefault(held.person_id, []).append((held.unit_id, held.post_key))
    found = [
        Account(
            id=row.id,
            login=row.login,
            name=row.name,
            active=row.active,
            left=row.left_at is not None,
            has_password=row.has_password,
            must_change=row.must_change,
            password_at=row.password_at,
            second_factor=row.confirmed_at is not None,
            sessions=sessions[row.id].alive if row.id in sessions else 0,
            tokens=tokens.get(row.id, 0),
            seen_at=sessions[row.id].seen if row.id in sessions else None,
            posts=tuple(posts.get(row.id, ())),
        )
        for row in rows
    ]
    return found[:SIZE], len(found) > SIZE
