"""Passwords: kept as argon2id hashes, never shown again."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update

from engine.errors import Invalid, LiandongError, NotFound
from engine.tables import person, session

if TYPE_CHECKING:
    from engine.core import Core

SHORTEST = 8
LONGEST = 128
"""Lengths of OWASP ASVS 5.0, 6.2.1 and 6.2.9: at least 8; long ones are allowed, but not as long as to exhaust the hash."""

_hasher = PasswordHasher()  # argon2id with the parameters of RFC 9106, low-memory


def hash_password(password: str) -> str:
    """The hash to be stored. Invalid when the password is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(
            why_zh=f"密码须为 {SHORTEST} 至 {LONGEST} 个字符",
            why_en=f"a password has {SHORTEST} to {LONGEST} characters",
        )
    return _hasher.hash(password)


def is_right(stored: str | None, password: str) -> bool:
    """Does the password fit the hash? Takes as long when there is no hash, so that nobody learns which log-ins exist."""
    try:
        _hasher.verify(stored or _nobody(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")


class WrongPassword(LiandongError):
    """Who wants a new password must know the old one."""

    code = "wrong_password"
    status = 422
    zh = "原密码不正确。"
    en = "The old password is not right."


def change_password(core: Core, person_id: int, old: str, new: str) -> None:
    """A person changes their own password; every session of theirs ends. WrongPassword, Invalid."""
    with core.db.read() as connection:
        row = connection.execute(select(person.c.login, person.c.password_hash).where(person.c.id == person_id)).one()
    if not is_right(row.password_hash, old):
        raise WrongPassword
    if new == old:
        raise Invalid(why_zh="新密码不能与原密码相同", why_en="the new password is the old one")
    set_password(core, row.login, new)


def set_password(core: Core, login: str, password: str, *, must_change: bool = False) -> None:
    """Give a person a new password; whoever is logged in as them is logged out. NotFound when there is no such person."""
    hashed = hash_password(password)
    with core.db.write() as connection:
        found = connection.execute(
            update(person)
            .where(person.c.login == login)
            .values(password_hash=hashed, must_change=must_change)
            .returning(person.c.id)
        ).scalar()
        if found is None:
            raise NotFound(what="person")
        connection.execute(delete(session).where(session.c.person_id == found))
