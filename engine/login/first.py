"""The first start of a city in which nobody can log in: a code, told by the program to whoever started it, lets one person make the
three administrators. Each gets a password for a time and must choose another at once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select, text, update

from engine.audit import recording
from engine.errors import Invalid, LiandongError, NotFound
from engine.login import attempts, rules
from engine.login.accounts import new_password
from engine.passwords import hash_password
from engine.tables import membership, person, post, setting, unit

if TYPE_CHECKING:
    from engine.core import Core

MARK = "first_start_code"
POSTS = ("administrator", "security_administrator", "audit_administrator")
"""System, security and audit administrator: three people (GB/T 22239-2019, 8.1.5: 三员分立)."""


class WrongFirstCode(LiandongError):
    """Not the code that the program told at its start."""

    code = "wrong_first_code"
    status = 401
    zh = "初始化码不正确。请查看启动程序的终端，使用最近一次显示的初始化码。"
    en = "This is not the set-up code. Look at the terminal where the program was started, and use the last one shown."


def is_due(core: Core) -> bool:
    """Can nobody log in yet?"""
    with core.db.read() as connection:
        return _is_due(connection)


def new_code(core: Core) -> str | None:
    """A code for this start, told once and kept as a hash; the one before works no more. None when somebody can log in."""
    code = "-".join(secrets.token_hex(4) for _ in range(4))  # 128 bits
    with core.db.write() as connection:
        if not _is_due(connection):
            return None
        connection.execute(delete(setting).where(setting.c.key == MARK))
        connection.execute(insert(setting).values(key=MARK, value=_hash(code), source="made at the start"))
    return code


def make(core: Core, code: str, people: Mapping[str, tuple[str, str]], address: str) -> dict[str, str]:
    """The three administrators: post to log-in name and name. Answers their passwords by log-in, this once. NotFound: somebody can
    log in already. WrongFirstCode, TooManyAttempts, Invalid."""
    with core.db.write() as connection:
        if not _is_due(connection):
            raise NotFound(what="page")
        law, now = rules.read(connection), core.db.now_on(connection)
        tries = attempts.begin(core, connection, now, law, [(attempts.FIRST, address or "here")])
        wanted = connection.execute(select(setting.c.value).where(setting.c.key == MARK)).scalar()
    if not isinstance(wanted, str) or not hmac.compare_digest(wanted, _hash(code)):
        raise WrongFirstCode
    _check(people)
    passwords = {login: new_password() for login, _ in people.values()}
    hashes = {login: hash_password(password) for login, password in passwords.items()}
    with core.db.write() as connection:
        if core.db.postgresql:
            connection.execute(text("SELECT pg_advisory_xact_lock(24, 1)"))
        if not _is_due(connection):  # two forms sent at once
            raise NotFound(what="page")
        attempts.good(connection, tries)
        for key, (login, name) in people.items():
            add_person(core, connection, key, login, name, hashes[login])
        connection.execute(delete(setting).where(setting.c.key == MARK))
        recording.record(core, connection, recording.SECURITY, "first_administrators", data={"posts": list(people)})
    return passwords


def add_person(
    core: Core, connection: Connection, post_key: str, login: str, name: str, hashed: str, unit_key: str | None = None
) -> int:
    """Somebody with a post in a unit (none: the topmost) who must change their password; inside a transaction. Answers the id. Invalid:
    the log-in is taken or odd. NotFound: no such unit or post."""
    check_login(login)
    if not name.strip():
        raise Invalid(why_zh="请填写姓名", why_en="a name is missing")
    units = select(unit.c.id).where(unit.c.realm == "").order_by(unit.c.parent_id.is_not(None), unit.c.id)
    unit_id = connection.execute(units.where(unit.c.key == unit_key) if unit_key else units.limit(1)).scalar()
    if unit_id is None or connection.execute(select(post.c.key).where(post.c.key == post_key)).first() is None:
        raise NotFound(what="unit")
    if connection.execute(select(person.c.id).where(person.c.login == login)).first() is not None:
        raise Invalid(why_zh=f"登录名 {login} 已被使用", why_en=f"the log-in name {login} is taken")
    person_id: int = connection.execute(
        insert(person)
        .values(
            login=login,
            name=name.strip()[:100],
            password_hash=hashed,
            must_change=True,
            password_at=core.db.now_on(connection),
        )
        .returning(person.c.id)
    ).scalar_one()
    connection.execute(insert(membership).values(person_id=person_id, unit_id=unit_id, post_key=post_key))
    return person_id


def set_pinyin(core: Core, login: str, pinyin: str) -> None:
    """What the name sorts by, from whoever knows pinyin."""
    with core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == login).values(pinyin=pinyin[:200]))


def check_login(login: str) -> None:
    """Invalid when this is no log-in name."""
    if not login.isascii() or not login.replace("_", "").replace(".", "").isalnum() or len(login) > 64:
        raise Invalid(
            why_zh="登录名只能用字母、数字、点和下划线",
            why_en="a log-in name has letters, digits, dots and underscores",
        )


def _check(people: Mapping[str, tuple[str, str]]) -> None:
    if set(people) != set(POSTS):
        raise Invalid(why_zh="三类管理员须各设一人", why_en="each of the three administrators is needed")
    for login, _name in people.values():
        check_login(login)
    if len({login for login, _ in people.values()}) != len(POSTS):
        raise Invalid(why_zh="三类管理员须为三个不同的人", why_en="the three administrators are three people")


def _is_due(connection: Connection) -> bool:
    able = select(person.c.id).where(person.c.password_hash.is_not(None)).limit(1)
    return connection.execute(able).first() is None


def _hash(code: str) -> str:
    return "sha256:" + hashlib.sha256(code.strip().lower().encode()).hexdigest()
