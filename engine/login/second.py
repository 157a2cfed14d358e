"""The second factor: codes that change with the time (RFC 6238), each taken once, and recovery codes for who lost the phone."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyotp
from sqlalchemy import Connection, delete, func, insert, select, update

from engine import vault
from engine.audit import recording
from engine.errors import Invalid, LiandongError
from engine.login import attempts, rules
from engine.tables import recovery_code, totp

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

STEP = 30
"""Seconds of a code (RFC 6238, 5.2: the recommended step)."""
DRIFT = 1
"""Steps a phone's clock may be away, either way (RFC 6238, 5.2 and 6)."""
CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # no two that look alike
_LENGTH = 24  # 118 bits: a plain hash is enough to keep (OWASP ASVS 5.0, 6.5.2: at least 112)


class WrongCode(LiandongError):
    """The code is not the one of now, or was used already."""

    code = "wrong_code"
    status = 401
    zh = "验证码不正确，或已经用过。请输入手机上当前显示的验证码。"
    en = "The code is not right, or was used already. Type the one your phone shows now."


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person has: a confirmed second factor, and recovery codes left."""

    on: bool
    codes: int


def standing(core: Core, person_id: int) -> Standing:
    """Whether a person has a second factor."""
    with core.db.read() as connection:
        on = connection.execute(select(totp.c.confirmed_at).where(totp.c.person_id == person_id)).scalar() is not None
        left = connection.execute(
            select(func.count()).where(recovery_code.c.person_id == person_id, recovery_code.c.used_at.is_(None))
        ).scalar_one()
    return Standing(on, left if on else 0)


def begin(core: Core, actor: Actor) -> str:
    """The secret for their phone, made anew until it is confirmed. Invalid when a second factor is there already."""
    with core.db.write() as connection:
        row = connection.execute(select(totp).where(totp.c.person_id == actor.id)).first()
        if row is not None and row.confirmed_at is not None:
            raise Invalid(why_zh="已经启用两步验证", why_en="a second factor is there already")
        if row is not None:
            return vault.unseal_setting(row.secret)  # a page that is loaded again shows the same
        secret = pyotp.random_base32()
        connection.execute(
            insert(totp).values(
                person_id=actor.id, secret=vault.seal_setting(secret), made_at=core.db.now_on(connection), last_step=0
            )
        )
    return secret


def address(actor: Actor, secret: str, issuer: str) -> str:
    """What the QR code holds (otpauth:)."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=actor.login, issuer_name=issuer)


def confirm(core: Core, actor: Actor, code: str) -> list[str]:
    """The phone shows the right code: the second factor holds from now on. Answers recovery codes, this once. WrongCode."""
    with core.db.write() as connection:
        row = connection.execute(
            select(totp.c.secret).where(totp.c.person_id == actor.id, totp.c.confirmed_at.is_(None))
        ).first()
        if row is None or not _take(core, connection, actor.id, code, confirmed=False):
            raise WrongCode
        now = core.db.now_on(connection)
        connection.execute(update(totp).where(totp.c.person_id == actor.id).values(confirmed_at=now))
        codes = _new_codes(connection, actor.id)
        recording.record(
            core, connection, recording.SECURITY, "second_factor_on", actor=actor, about=f"person:{actor.id}"
        )
    return codes


def new_codes(core: Core, actor: Actor, code: str) -> list[str]:
    """New recovery codes in place of the old ones, for who shows a code of now. WrongCode, TooManyAttempts."""
    tries = count(core, actor.login)
    with core.db.write() as connection:
        if not _take(core, connection, actor.id, code):
            raise WrongCode
        attempts.good(connection, tries)
        codes = _new_codes(connection, actor.id)
        recording.record(
            core, connection, recording.SECURITY, "recovery_codes_made", actor=actor, about=f"person:{actor.id}"
        )
    return codes


def count(core: Core, login: str) -> list[int]:
    """Count a try at somebody's code, before it is judged. TooManyAttempts: six digits must not be guessed."""
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        return attempts.begin(core, connection, now, rules.read(connection), [(attempts.SECOND, login)])


def accept(core: Core, connection: Connection, person_id: int, code: str) -> str | None:
    """Takes a code in this transaction, each once: "totp", "recovery", or none when it is not right."""
    if _take(core, connection, person_id, code):
        return "totp"
    plain = _plain(code)
    if len(plain) != _LENGTH:
        return None
    used = connection.execute(
        update(recovery_code)
        .where(
            recovery_code.c.person_id == person_id,
            recovery_code.c.hash == _hash(plain),
            recovery_code.c.used_at.is_(None),
        )
        .values(used_at=core.db.now_on(connection))
    )
    return "recovery" if used.rowcount == 1 else None


def drop(connection: Connection, person_id: int) -> bool:
    """Take the second factor away, with its recovery codes; answers whether there was one."""
    connection.execute(delete(recovery_code).where(recovery_code.c.person_id == person_id))
    return connection.execute(delete(totp).where(totp.c.person_id == person_id)).rowcount == 1


def turn_off(core: Core, actor: Actor, code: str) -> None:
    """A person gives up their own second factor, showing a code of now. WrongCode, TooManyAttempts."""
    tries = count(core, actor.login)
    with core.db.write() as connection:
        if accept(core, connection, actor.id, code) is None:
            raise WrongCode
        attempts.good(connection, tries)
        drop(connection, actor.id)
        recording.record(
            core, connection, recording.SECURITY, "second_factor_off", actor=actor, about=f"person:{actor.id}"
        )


def _take(core: Core, connection: Connection, person_id: int, code: str, *, confirmed: bool = True) -> bool:
    """A code of now that no code of its step or a later one was taken before (RFC 6238, 5.2: only once)."""
    known = totp.c.confirmed_at.is_not(None) if confirmed else totp.c.confirmed_at.is_(None)
    row = connection.execute(select(totp).where(totp.c.person_id == person_id, known)).first()
    typed = "".join(code.split())
    if row is None or len(typed) != 6 or not typed.isascii():
        return False
    generator = pyotp.TOTP(vault.unseal_setting(row.secret), interval=STEP)
    step = int(core.db.now_on(connection).timestamp()) // STEP
    for each in range(step - DRIFT, step + DRIFT + 1):
        if each > row.last_step and hmac.compare_digest(generator.generate_otp(each), typed):
            taken = connection.execute(
                update(totp).where(totp.c.person_id == person_id, totp.c.last_step < each).values(last_step=each)
            )
            return taken.rowcount == 1
    return False


def _new_codes(connection: Connection, person_id: int) -> list[str]:
    connection.execute(delete(recovery_code).where(recovery_code.c.person_id == person_id))
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(CODES)]
    connection.execute(
        insert(recovery_code), [{"person_id": person_id, "hash": _hash(code), "used_at": None} for code in codes]
    )
    return ["-".join(code[i : i + 4] for i in range(0, _LENGTH, 4)) for code in codes]


def _plain(code: str) -> str:
    return "".join(c for c in code.lower() if c.isalnum() and c.isascii())


def _hash(plain: str) -> str:
    return "sha256:" + hashlib.sha256(plain.encode()).hexdigest()


def person_with(connection: Connection, person_id: int) -> bool:
    """Must this person show a second factor?"""
    found = select(totp.c.person_id).where(totp.c.person_id == person_id, totp.c.confirmed_at.is_not(None))
    return connection.execute(found).first() is not None
