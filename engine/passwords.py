"""Passwords: kept as argon2id hashes, never shown again."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select, update

from engine import tokens
from engine.audit import recording
from engine.errors import Invalid, LiandongError, NotFound
from engine.login import attempts, rules
from engine.login.rules import Rules
from engine.tables import past_password, person, session

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

SHORTEST = 8
LONGEST = 128
"""Lengths of OWASP ASVS 5.0, 6.2.1 and 6.2.9: at least 8; long ones are allowed, but not as long as to exhaust the hash."""
FEWEST_LETTERS = 5
"""Different characters at least: 11111111 and abababab are the first that are tried."""
EASY = frozenset({
    "password", "password1", "passw0rd", "p@ssw0rd", "p@ssword", "qwertyui", "qwerty123", "qwertyuiop",
    "asdfghjkl", "1qaz2wsx", "1q2w3e4r", "zaq12wsx", "abcd1234", "a1234567", "a12345678", "aa123456",
    "abc12345", "abc123456", "admin123", "admin1234", "admin@123", "administrator", "12345678", "123456789",
    "1234567890", "87654321", "0123456789", "iloveyou", "woaini1314", "woaini520", "5201314520", "welcome1",
    "letmein1", "changeme", "changeme1", "liandong", "liandong123",
})  # fmt: skip
"""What everybody tries (OWASP ASVS 5.0, 6.2.4 asks for the commonest; no list is shipped with the product beyond these)."""

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


def check_strength(law: Rules, password: str, login: str) -> None:
    """Is this good enough for a password that somebody chooses? Invalid, saying what is missing."""
    shortest = max(law.shortest, SHORTEST)
    if not shortest <= len(password) <= LONGEST:
        raise Invalid(
            why_zh=f"密码须为 {shortest} 至 {LONGEST} 个字符",
            why_en=f"a password has {shortest} to {LONGEST} characters",
        )
    plain = password.casefold()
    if plain in EASY or len(set(plain)) < FEWEST_LETTERS or (len(login) > 2 and login.casefold() in plain):
        raise Invalid(
            why_zh="这个密码太容易被猜到：不要用常见密码、重复的字符或用户名",
            why_en="this password is guessed at once: no common password, repeated characters or log-in name",
        )
    if _classes(password) < law.classes:
        raise Invalid(
            why_zh=f"密码须包含大写字母、小写字母、数字、其他字符中的至少 {law.classes} 类",
            why_en=f"a password has at least {law.classes} of: capitals, small letters, digits, other characters",
        )


def _classes(password: str) -> int:
    kinds = (str.isupper, str.islower, str.isdigit, lambda c: not (c.isupper() or c.islower() or c.isdigit()))
    return sum(any(kind(c) for c in password) for kind in kinds)


def change_password(core: Core, person_id: int, old: str, new: str, *, by: Actor | None = None) -> None:
    """A person changes their own password; every session and token of theirs ends. WrongPassword, TooManyAttempts (an open desk must
    not serve for guessing), Invalid."""
    with core.db.write() as connection:
        law, now = rules.read(connection), core.db.now_on(connection)
        row = connection.execute(select(person.c.login, person.c.password_hash).where(person.c.id == person_id)).one()
        tries = attempts.begin(core, connection, now, law, [(attempts.LOGIN, row.login)])
        past = connection.execute(
            select(past_password.c.hash)
            .where(past_password.c.person_id == person_id)
            .order_by(past_password.c.at.desc())
            .limit(max(law.history - 1, 0))
        ).scalars()
        used = list(past)
    if not is_right(row.password_hash, old):
        raise WrongPassword
    with core.db.write() as connection:
        attempts.good(connection, tries)  # a new password that is refused is no guess at the old one
    check_strength(law, new, row.login)
    if new == old or any(is_right(each, new) for each in used):
        raise Invalid(why_zh="新密码不能与原来用过的密码相同", why_en="the new password was used before")
    hashed = hash_password(new)
    with core.db.write() as connection:
        store(core, connection, person_id, hashed, must_change=False, law=law)
        recording.record(
            core, connection, recording.SECURITY, "password_changed", actor=by, about=f"person:{person_id}"
        )


def set_password(core: Core, login: str, password: str, *, must_change: bool = False) -> None:
    """Give a person a new password, as the system; whoever is logged in as them is logged out. NotFound when there is no such person."""
    hashed = hash_password(password)
    with core.db.write() as connection:
        found = connection.execute(select(person.c.id).where(person.c.login == login)).scalar()
        if found is None:
            raise NotFound(what="person")
        store(core, connection, found, hashed, must_change=must_change)
        recording.record(core, connection, recording.SECURITY, "password_set", about=f"person:{found}")


def store(
    core: Core, connection: Connection, person_id: int, hashed: str, *, must_change: bool, law: Rules | None = None
) -> None:
    """Put the hash in place inside a transaction; the one before is kept as long as rules forbid it, every session ends, and
    tokens are revoked: who knew the old password may have made some."""
    law = law or rules.read(connection)
    now = core.db.now_on(connection)
    before = connection.execute(select(person.c.password_hash).where(person.c.id == person_id)).scalar()
    if before is not None and law.history > 1:
        connection.execute(insert(past_password).values(person_id=person_id, at=now, hash=before))
    kept = (
        select(past_password.c.at)
        .where(past_password.c.person_id == person_id)
        .order_by(past_password.c.at.desc())
        .limit(max(law.history - 1, 0))
    )
    connection.execute(
        delete(past_password).where(past_password.c.person_id == person_id, past_password.c.at.not_in(kept))
    )
    connection.execute(
        update(person)
        .where(person.c.id == person_id)
        .values(password_hash=hashed, must_change=must_change, password_at=now)
    )
    connection.execute(delete(session).where(session.c.person_id == person_id))
    tokens.revoke_all(core, connection, person_id)
