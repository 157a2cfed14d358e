"""Proving once more who one is, before an act that would outlive a desk left open (OWASP ASVS 5.0, 7.5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.audit import recording
from engine.errors import LiandongError
from engine.login import attempts, rules
from engine.passwords import is_right
from engine.tables import person

if TYPE_CHECKING:
    from engine.core import Core
    from engine.sessions import Found


class NotProven(LiandongError):
    """The password typed again is not theirs."""

    code = "wrong_password"
    status = 422
    zh = "当前密码不正确。"
    en = "The current password is not right."


class LogInAgain(LiandongError):
    """Without a password, only a recent log-in proves it."""

    code = "log_in_again"
    status = 422
    zh = "登录已超过 {minutes} 分钟，请退出后重新登录再操作。"
    en = "You logged in more than {minutes} minutes ago; log out and in again first."


def prove(core: Core, found: Found, password: str) -> None:
    """The current password of who this session is, counted against guessing; for who has none, a log-in that is recent. NotProven,
    LogInAgain, TooManyAttempts."""
    actor = found.actor
    with core.db.write() as connection:
        law, now = rules.read(connection), core.db.now_on(connection)
        stored = connection.execute(select(person.c.password_hash).where(person.c.id == actor.id)).scalar()
        if stored is None:
            if now - found.since >= law.recent:
                raise LogInAgain(minutes=int(law.recent.total_seconds()) // 60)
            return
        tries = attempts.begin(core, connection, now, law, [(attempts.LOGIN, actor.login)])
    good = is_right(stored, password)
    with core.db.write() as connection:
        if good:
            attempts.good(connection, tries)
            return
        recording.record(core, connection, recording.SECURITY, "log_in_failed", actor=actor, about=f"person:{actor.id}")
    raise NotProven
