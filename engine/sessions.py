"""Who is logged in: sessions on the server, known by the hash of a cookie. All times are the database's own."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select, update

from engine.errors import LiandongError, NotFound
from engine.passwords import is_right
from engine.people import Actor, load_actor
from engine.tables import attempt, person, session, setting

if TYPE_CHECKING:
    from engine.core import Core

TOUCH_EVERY = timedelta(minutes=1)
"""A session's last sight is written at most this often: reading a page need not write."""


class WrongLogin(LiandongError):
    """Name or password is wrong: which of the two is not said."""

    code = "wrong_login"
    status = 401
    zh = "用户名或密码不正确。"
    en = "The name or the password is not right."


class TooManyAttempts(LiandongError):
    """Locked out for a while, by name or by address."""

    code = "too_many_attempts"
    status = 429
    zh = "登录失败次数过多，请 {minutes} 分钟后再试。"
    en = "Too many failed log-ins; please try again in {minutes} minutes."


@dataclass(frozen=True, slots=True)
class Limits:
    """Settings of the table `setting` (`session_…`, `login_…`). The defaults are proposals within OWASP ASVS 5.0 level 2 (7.3: idle
    and absolute limit; 6.3.1: against guessing) and 等保 2.0 level 3 (8.1.4.1: lock-out, idle log-off)."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)
    attempts_by_login: int = 5
    attempts_by_address: int = 50
    lock: timedelta = timedelta(minutes=15)


def limits(connection: Connection) -> Limits:
    """The limits now in force."""
    rows = {
        row.key: row.value
        for row in connection.execute(
            select(setting.c.key, setting.c.value).where(
                setting.c.key.startswith("session_") | setting.c.key.startswith("login_")
            )
        )
    }
    usual = Limits()
    return Limits(
        idle=_minutes(rows.get("session_idle_minutes"), usual.idle),
        absolute=_minutes(rows.get("session_absolute_minutes"), usual.absolute),
        attempts_by_login=int(rows.get("login_attempts_most", usual.attempts_by_login)),
        attempts_by_address=int(rows.get("login_attempts_by_address", usual.attempts_by_address)),
        lock=_minutes(rows.get("login_lock_minutes"), usual.lock),
    )


def _minutes(value: object, usual: timedelta) -> timedelta:
    return timedelta(minutes=float(str(value))) if value is not None else usual


def log_in(
    core: Core, login: str, password: str, *, address: str = "", agent: str = "", old: str | None = None
) -> tuple[str, Actor]:
    """A new session: its secret for the cookie, and who it is. A session of before (`old`) ends: its cookie is worth nothing from
    then on. WrongLogin, TooManyAttempts."""
    login = login.strip()[:64]
    with core.db.read() as connection:
        allowed = limits(connection)
        now = core.db.now_on(connection)
        _check_attempts(connection, login, address, allowed, now)
        row = connection.execute(
            select(person.c.id, person.c.password_hash, person.c.active).where(person.c.login == login)
        ).first()
    good = is_right(row.password_hash if row is not None and row.active else None, password)
    token = secrets.token_urlsafe(32)
    with core.db.write() as connection:
        for what, key in (("login", login), ("login_address", address)):
            connection.execute(insert(attempt).values(what=what, key=key[:100], at=now, good=good))
        connection.execute(delete(attempt).where(attempt.c.at < now - 4 * allowed.lock))
        if good and row is not None:
            if old:
                connection.execute(delete(session).where(session.c.id == _key(old)))
            connection.execute(delete(session).where(session.c.person_id == row.id, session.c.expires_at < now))
            connection.execute(
                insert(session).values(
                    id=_key(token),
                    person_id=row.id,
                    created_at=now,
                    seen_at=now,
                    expires_at=now + allowed.absolute,
                    address=address[:64],
                    agent=agent[:300],
                )
            )
            return token, load_actor(connection, row.id)
    raise WrongLogin


def resume(core: Core, token: str) -> Actor | None:
    """Who this cookie stands for, with the rights they have now; none when the session ended, was idle too long, or the person left."""
    with core.db.read() as connection:
        row = connection.execute(
            select(session.c.person_id, session.c.seen_at, session.c.expires_at).where(session.c.id == _key(token))
        ).first()
        if row is None:
            return None
        now = core.db.now_on(connection)
        if now >= row.expires_at or now - row.seen_at >= limits(connection).idle:
            return None
        try:
            actor = load_actor(connection, row.person_id)
        except NotFound:
            return None
    if now - row.seen_at >= TOUCH_EVERY:
        with core.db.write() as connection:
            connection.execute(update(session).where(session.c.id == _key(token)).values(seen_at=now))
    return actor


def log_out(core: Core, token: str) -> None:
    """End the session of this cookie."""
    with core.db.write() as connection:
        connection.execute(delete(session).where(session.c.id == _key(token)))


def set_locale(core: Core, person_id: int, locale: str) -> None:
    """Remember the language a person reads."""
    with core.db.write() as connection:
        connection.execute(update(person).where(person.c.id == person_id).values(locale=locale))


def _key(token: str) -> str:
    return "sha256:" + hashlib.sha256(token.encode()).hexdigest()


def _check_attempts(connection: Connection, login: str, address: str, allowed: Limits, now: datetime) -> None:
    for what, key, most in (
        ("login", login, allowed.attempts_by_login),
        ("login_address", address, allowed.attempts_by_address),
    ):
        here = (attempt.c.what == what, attempt.c.key == key[:100], attempt.c.at > now - allowed.lock)
        query = select(func.count(), func.max(attempt.c.at)).where(*here, ~attempt.c.good)
        if what == "login":
            last_good = select(func.max(attempt.c.id)).where(*here, attempt.c.good).scalar_subquery()
            query = query.where(attempt.c.id > func.coalesce(last_good, 0))
        failed, last = connection.execute(query).one()
        if failed >= most:
            left = last + allowed.lock - now
            raise TooManyAttempts(minutes=max(1, -(-int(left.total_seconds()) // 60)))
