"""Who is logged in: sessions on the server, known by the hash of a cookie. All times are the database's own."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from engine.audit import recording
from engine.errors import LiandongError, NotFound
from engine.files import PUBLIC
from engine.login import attempts, owing, rules, second
from engine.passwords import is_right
from engine.people import Actor, load_actor
from engine.tables import alarm, person, session, totp

if TYPE_CHECKING:
    from engine.core import Core

TOUCH_EVERY = timedelta(minutes=1)
"""A session's last sight is written at most this often: reading a page need not write."""

FULL, HALF = "full", "totp"
"""Stages: everything proven; the second factor is still owed."""


class WrongLogin(LiandongError):
    """Name or password is wrong: which of the two is not said."""

    code = "wrong_login"
    status = 401
    zh = "用户名或密码不正确。"
    en = "The name or the password is not right."


class Entered(NamedTuple):
    """A new session: its secret for the cookie, who it is, and the second factor if it is still owed (`HALF`)."""

    token: str
    actor: Actor
    stage: str


@dataclass(frozen=True, slots=True)
class Found:
    """A session as a request meets it. `owes`: HALF, or as `engine.login.owing` says. `reference` names it on pages and in
    records. `since`: when they logged in. `renewed`: its new secret, which takes the cookie's place."""

    actor: Actor
    owes: str
    reference: str
    method: str
    since: datetime
    has_password: bool
    renewed: str | None = None


def log_in(
    core: Core, login: str, password: str, *, address: str = "", agent: str = "", old: str | None = None
) -> tuple[str, Actor]:
    """`enter`, for whom the stage does not matter."""
    entered = enter(core, login, password, address=address, agent=agent, old=old)
    return entered.token, entered.actor


def enter(
    core: Core, login: str, password: str, *, address: str = "", agent: str = "", old: str | None = None
) -> Entered:
    """A new session for a name and its password. A session of before (`old`) ends: its cookie is worth nothing from then on.
    WrongLogin, TooManyAttempts."""
    login = login.strip()[:64]
    with core.db.write() as connection:
        law, now = rules.read(connection), core.db.now_on(connection)
        row = connection.execute(
            select(person.c.id, person.c.password_hash, person.c.active).where(person.c.login == login)
        ).first()
        # What is typed as a name may be a password by mistake: a name that nobody has is kept as a hash.
        name = login if row is not None else key_of(login)
        tries = attempts.begin(
            core, connection, now, law, [(attempts.LOGIN, name), *([(attempts.ADDRESS, address)] if address else [])]
        )
    able = row is not None and row.active and login != PUBLIC
    good = is_right(row.password_hash if row is not None and able else None, password)
    with core.db.write() as connection:
        if good and row is not None:
            attempts.good(connection, tries)
            if old:
                connection.execute(delete(session).where(session.c.id == key_of(old)))
            return begin(core, connection, row.id, "password", address=address, agent=agent)
        about = f"person:{row.id}" if row is not None else ""
        recording.record(core, connection, recording.SECURITY, "log_in_failed", about=about)
    raise WrongLogin


def begin(
    core: Core,
    connection: Connection,
    person_id: int,
    method: str,
    *,
    address: str = "",
    agent: str = "",
    enough: bool = False,
) -> Entered:
    """A session for somebody who has proven who they are by `method`, inside a transaction; half a session when they have a second
    factor, unless what they showed is `enough`. NotFound: they left, or are no human being."""
    law, now = rules.read(connection), core.db.now_on(connection)
    actor = load_actor(connection, person_id)
    if actor.login == PUBLIC:  # whatever password or link somebody gave it
        raise NotFound(what="person")
    stage = FULL if enough or not second.person_with(connection, person_id) else HALF
    token = secrets.token_urlsafe(32)
    connection.execute(delete(session).where(session.c.person_id == person_id, session.c.expires_at < now))
    connection.execute(
        insert(session).values(
            id=key_of(token),
            person_id=person_id,
            created_at=now,
            seen_at=now,
            expires_at=now + (law.absolute if stage == FULL else law.second_factor),
            address=address[:64],
            agent=agent[:300],
            method=method,
            stage=stage,
            rotated_at=now,
        )
    )
    recording.record(
        core,
        connection,
        recording.SECURITY,
        "logged_in" if stage == FULL else "first_factor",
        actor=actor,
        about=f"person:{person_id}",
        data={"method": method, "session": reference(key_of(token))},
    )
    return Entered(token, actor, stage)


def show_code(core: Core, token: str, code: str, *, address: str = "", agent: str = "") -> Entered:
    """Turn half a session into a whole one, under a new secret, by a code of the second factor. WrongCode, TooManyAttempts, NotFound."""
    with core.db.read() as connection:
        row = connection.execute(
            select(session.c.person_id, session.c.method, session.c.expires_at, person.c.login)
            .join(person, person.c.id == session.c.person_id)
            .where(session.c.id == key_of(token), session.c.stage == HALF)
        ).first()
        if row is None or row.expires_at <= core.db.now_on(connection):
            raise NotFound(what="session")
    tries = second.count(core, row.login)
    with core.db.write() as connection:
        how = second.accept(core, connection, row.person_id, code)
        if how is not None:
            attempts.good(connection, tries)
            connection.execute(delete(session).where(session.c.id == key_of(token)))
            entered = begin(
                core, connection, row.person_id, f"{row.method}+{how}", address=address, agent=agent, enough=True
            )
            if how == "recovery":
                about = f"person:{row.person_id}"
                recording.record(
                    core, connection, recording.SECURITY, "recovery_code_used", actor=entered.actor, about=about
                )
            return entered
        recording.record(core, connection, recording.SECURITY, "second_factor_failed", about=f"person:{row.person_id}")
    raise second.WrongCode


def resume(core: Core, token: str) -> Actor | None:
    """Who this cookie stands for, with the rights they have now; none when the session ended, was idle too long, still owes its
    second factor, or the person left."""
    found = look(core, token)
    return found.actor if found is not None and found.owes != HALF else None


def look(core: Core, token: str, *, renew: bool = False, touch: bool = True) -> Found | None:
    """The session of this cookie as it is now. With `renew` its secret is changed when it has served long enough; the one before is
    taken for a short while, for requests under way. Shown later it was stolen or kept: the session ends, and an alarm is given.
    Without `touch` it does not count as something that the person did."""
    key = key_of(token)
    with core.db.read() as connection:
        row = connection.execute(_LOOK, {"key": key}).first()
        if row is None:
            return None
        now, law = core.db.now_on(connection), rules.read(connection)
        if now >= row.expires_at or now - row.seen_at >= law.idle:
            return None
        try:
            actor = load_actor(connection, row.person_id)
        except NotFound:
            return None
    if row.id != key and now - (row.rotated_at or row.created_at) > law.grace:
        _stolen(core, row)
        return None
    renewed = None
    if renew and row.id == key and now - (row.rotated_at or row.created_at) >= law.rotate:
        renewed = _renew(core, key, now)
    elif touch and now - row.seen_at >= TOUCH_EVERY:
        with core.db.write() as connection:
            connection.execute(update(session).where(session.c.id == row.id).values(seen_at=now))
    by_provider = row.method.startswith("oidc")
    proven = by_provider or not row.has_password  # who shows no password here need not change one
    actor = replace(actor, must_change=not proven and owing.must_change(actor, law, now, row.password_at))
    owes = owing.owed(actor, law, has_second=row.confirmed_at is not None, elsewhere=by_provider)
    return Found(
        actor,
        HALF if row.stage != FULL else owes,
        reference(row.id),
        row.method,
        row.created_at,
        row.has_password,
        renewed,
    )


_LOOK = (
    select(
        session, person.c.password_at, person.c.password_hash.is_not(None).label("has_password"), totp.c.confirmed_at
    )
    .join(person, person.c.id == session.c.person_id)
    .outerjoin(totp, totp.c.person_id == session.c.person_id)
    .where(or_(session.c.id == bindparam("key"), session.c.previous == bindparam("key")))
)


def _renew(core: Core, key: str, now: datetime) -> str | None:
    new = secrets.token_urlsafe(32)
    with core.db.write() as connection:
        done = connection.execute(
            update(session).where(session.c.id == key).values(id=key_of(new), previous=key, rotated_at=now, seen_at=now)
        )
    return new if done.rowcount == 1 else None  # another request of the same browser was quicker


def _stolen(core: Core, row: Row[Any]) -> None:
    with core.db.write() as connection:
        if connection.execute(delete(session).where(session.c.id == row.id)).rowcount == 0:
            return
        recording.record(
            core,
            connection,
            recording.SECURITY,
            "old_secret_shown",
            about=f"person:{row.person_id}",
            data={"session": reference(row.id)},
        )
        connection.execute(
            insert(alarm).values(
                at=core.db.now_on(connection),
                kind="old_secret_shown",
                about=f"person:{row.person_id}",
                said_zh="有人使用了已经更换的登录凭据，该登录已被强制退出：凭据可能被复制。",
                said_en="A log-in secret that had been replaced was shown again; that session was ended: it may have been copied.",
            )
        )


def log_out(core: Core, token: str) -> None:
    """End the session of this cookie."""
    with core.db.write() as connection:
        key = key_of(token)
        gone = connection.execute(
            delete(session).where(or_(session.c.id == key, session.c.previous == key)).returning(session.c.person_id)
        ).scalar()
        if gone is not None:
            recording.record(core, connection, recording.SECURITY, "logged_out", about=f"person:{gone}")


def set_locale(core: Core, person_id: int, locale: str) -> None:
    """Remember the language a person reads."""
    with core.db.write() as connection:
        connection.execute(update(person).where(person.c.id == person_id).values(locale=locale))


def key_of(token: str) -> str:
    """The id of the session with this secret."""
    return "sha256:" + hashlib.sha256(token.encode()).hexdigest()


def reference(session_id: str) -> str:
    """What names a session on pages and in records: nothing that opens anything."""
    return session_id.removeprefix("sha256:")[:12]
