"""Guessing is slowed down, on all nodes alike: failed log-ins are counted by name and by address, and each further failure after the
limit doubles the wait (OWASP ASVS 5.0, 6.3.1; GB/T 22239-2019, 8.1.4.1 b)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from engine.access import check_power
from engine.audit import recording
from engine.errors import LiandongError
from engine.login import rules
from engine.login.rules import Rules
from engine.tables import attempt, person

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

LOGIN = "login"
ADDRESS = "login_address"
SECOND = "second_factor"
FIRST = "first_start"
KINDS = (LOGIN, ADDRESS, SECOND, FIRST)
"""What is counted here; other rows of the table belong to public forms."""


class TooManyAttempts(LiandongError):
    """Locked out for a while, by name or by address."""

    code = "too_many_attempts"
    status = 429
    zh = "登录失败次数过多，请 {minutes} 分钟后再试。"
    en = "Too many failed log-ins; please try again in {minutes} minutes."


@dataclass(frozen=True, slots=True)
class Locked:
    """Somebody, or an address, that must wait."""

    what: str
    key: str
    failures: int
    until: datetime


def begin(core: Core, connection: Connection, now: datetime, law: Rules, keys: Sequence[tuple[str, str]]) -> list[int]:
    """Count a try before it is judged, so that tries made at once cannot all pass the limit; answers the rows, to be called `good`
    when it was. `keys`: pairs of what is counted and for whom. TooManyAttempts; nothing is counted then."""
    for what, key in keys:
        if core.db.postgresql:  # SQLite has one writer anyway
            connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 24))"), {"key": f"{what} {key}"}
            )
        locked = _locked(connection, law, what, key[:100], now)
        if locked is not None:
            raise TooManyAttempts(minutes=max(1, -(-int((locked.until - now).total_seconds()) // 60)))
    connection.execute(delete(attempt).where(attempt.c.what.in_(KINDS), attempt.c.at < now - law.memory))
    return [
        connection.execute(
            insert(attempt).values(what=what, key=key[:100], at=now, good=False).returning(attempt.c.id)
        ).scalar_one()
        for what, key in keys
    ]


def good(connection: Connection, rows: Iterable[int]) -> None:
    """The try was right: what failed before it no longer counts against the name."""
    connection.execute(update(attempt).where(attempt.c.id.in_(list(rows))).values(good=True))


def listing(core: Core) -> list[Locked]:
    """Who must wait now: names and addresses, the longest wait first."""
    with core.db.read() as connection:
        law, now = rules.read(connection), core.db.now_on(connection)
        known = connection.execute(
            select(attempt.c.what, attempt.c.key)
            .where(attempt.c.what.in_(KINDS), ~attempt.c.good, attempt.c.at > now - law.memory)
            .group_by(attempt.c.what, attempt.c.key)
            .having(func.count() >= min(law.attempts_by_login, law.attempts_by_address))
            .limit(500)
        ).all()
        found = [_locked(connection, law, row.what, row.key, now) for row in known]
    return sorted((one for one in found if one is not None), key=lambda one: one.until, reverse=True)


def unlock(core: Core, by: Actor, what: str, key: str) -> None:
    """Let a name or an address try again at once. NotAllowed."""
    check_power(by, "secure", "解除登录锁定", "unlock log-ins")
    kinds = (LOGIN, SECOND) if what in (LOGIN, SECOND) else (what,)
    with core.db.write() as connection:
        gone = connection.execute(
            delete(attempt).where(attempt.c.what.in_(kinds), attempt.c.key == key, ~attempt.c.good)
        ).rowcount
        about = (
            connection.execute(select(person.c.id).where(person.c.login == key)).scalar() if LOGIN in kinds else None
        )
        recording.record(
            core,
            connection,
            recording.SECURITY,
            "unlocked",
            actor=by,
            about=f"person:{about}" if about is not None else f"address:{key}",
            data={"what": what, "failures": gone},
        )


def _locked(connection: Connection, law: Rules, what: str, key: str, now: datetime) -> Locked | None:
    here: tuple[Any, ...] = (attempt.c.what == what, attempt.c.key == key, attempt.c.at > now - law.memory)
    failed = select(func.count(), func.max(attempt.c.at)).where(*here, ~attempt.c.good)
    if what in (LOGIN, SECOND):
        last_good = select(func.max(attempt.c.id)).where(*here, attempt.c.good).scalar_subquery()
        failed = failed.where(attempt.c.id > func.coalesce(last_good, 0))
        count, last = connection.execute(failed).one()
        doubled, recent = count - law.attempts_by_login, count
        most = law.attempts_by_login
    else:  # many desks share an address: what counts is how dense the failures are
        most = law.attempts_by_address
        count, last = connection.execute(failed).one()
        doubled = count // most - 1
        recent = connection.execute(failed.where(attempt.c.at > now - _wait(law, doubled))).one()[0]
    if recent < most or last is None:
        return None
    until = last + _wait(law, doubled)
    return Locked(what, key, count, until) if until > now else None


def _wait(law: Rules, doubled: int) -> timedelta:
    times: int = 2 ** min(max(doubled, 0), 16)
    return min(law.lock * times, law.lock_most)
