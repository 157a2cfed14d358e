"""Personal values, sealed: each person's under a key of their own, that key under the city's.

The city's key comes from the environment or a file, never from the database: `LIANDONG_KEY` (a Fernet key, or several separated by
commas, the newest first), else `LIANDONG_KEY_FILE` (default `var/key`, made once, read by its owner only). Destroying a person's
key makes everything sealed under it unreadable for ever, also in audit chains, backups excepted: those hold the wrapped key until
they are destroyed themselves."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.errors import LiandongError
from engine.secret_files import read_or_make
from engine.tables import subject_key

if TYPE_CHECKING:
    from engine.core import Core

USUAL_FILE = Path(__file__).resolve().parent.parent / "var" / "key"


class WrongKey(LiandongError):
    """What was sealed cannot be opened with the city's key at hand."""

    code = "wrong_key"
    status = 503
    zh = "城市密钥不正确：无法读取已加密的内容。请检查 LIANDONG_KEY 或密钥文件。"
    en = "The city's key is not the right one: what is sealed cannot be read. Look at LIANDONG_KEY or the key file."


def person(person_id: int) -> str:
    """The subject of a person of the organisation."""
    return f"person:{person_id}"


def reporter(instance_id: int, identity_id: str) -> str:
    """The subject of somebody who reported."""
    return f"reporter:{instance_id}:{identity_id}"


def seal(core: Core, connection: Connection, subject: str, value: Any) -> str:
    """A JSON value as ciphertext under the subject's key, which is made when there is none. ValueError when it was destroyed."""
    return wrap(subject_fernet(core, connection, subject), value)


def wrap(key: Fernet, value: Any) -> str:
    """The same with a key at hand."""
    return key.encrypt(json.dumps(value, ensure_ascii=False).encode()).decode()


def unseal(connection: Connection, subject: str, sealed: str) -> Any:
    """The value again; none when the subject's key was destroyed. WrongKey when the city's key does not fit."""
    wrapped = connection.execute(select(subject_key.c.wrapped).where(subject_key.c.subject == subject)).scalar()
    if wrapped is None:
        return None
    try:
        return json.loads(Fernet(city_key().decrypt(wrapped.encode())).decrypt(sealed.encode()))
    except InvalidToken as error:
        raise WrongKey from error


def subject_fernet(core: Core, connection: Connection, subject: str) -> Fernet:
    """The key of a subject, made when there is none. WrongKey when the newest of all does not open: nothing is sealed under another
    key beside it."""
    there = connection.execute(select(subject_key.c.subject).where(subject_key.c.subject == subject)).first()
    mine = (os.environ.get("LIANDONG_KEY", ""), os.environ.get("LIANDONG_KEY_FILE", ""), str(connection.engine.url))
    if there is None and mine not in _fitting and check(connection):
        _fitting.add(mine)
    fresh = city_key().encrypt(Fernet.generate_key()).decode()
    make = (postgresql if core.db.postgresql else sqlite).insert(subject_key)
    connection.execute(
        make.values(subject=subject, wrapped=fresh, made_at=core.db.now_on(connection)).on_conflict_do_nothing()
    )
    wrapped = connection.execute(select(subject_key.c.wrapped).where(subject_key.c.subject == subject)).scalar()
    if wrapped is None:
        raise ValueError(f"the key of {subject} was destroyed")
    try:
        return Fernet(city_key().decrypt(wrapped.encode()))
    except InvalidToken as error:
        raise WrongKey from error


_fitting: set[tuple[str, str, str]] = set()
"""City's keys, by where they come from, that fitted this database: nobody with another can have added to it since."""


def check(connection: Connection) -> bool:
    """Does the newest subject key open with the city's key? False: there is none yet. WrongKey: it does not,
    or the file of the city's key is missing, which is then not made anew."""
    newest = select(subject_key.c.wrapped).where(subject_key.c.wrapped.is_not(None))
    wrapped = connection.execute(newest.order_by(subject_key.c.made_at.desc()).limit(1)).scalar()
    if wrapped is None:
        return False
    given, file = os.environ.get("LIANDONG_KEY", ""), os.environ.get("LIANDONG_KEY_FILE", "")
    if not given and not (Path(file) if file else USUAL_FILE).exists():
        raise WrongKey
    try:
        city_key().decrypt(wrapped.encode())
    except (InvalidToken, ValueError) as error:
        raise WrongKey from error
    return True


def forget(core: Core, connection: Connection, subject: str) -> bool:
    """Destroy a subject's key: what was sealed under it is gone. Answers whether there was one."""
    done = connection.execute(
        update(subject_key)
        .where(subject_key.c.subject == subject, subject_key.c.wrapped.is_not(None))
        .values(wrapped=None, destroyed_at=core.db.now_on(connection))
    )
    return done.rowcount == 1


def seal_setting(value: str) -> str:
    """A secret of the program itself (a second factor's seed, a client secret) under the city's key."""
    return city_key().encrypt(value.encode()).decode()


def unseal_setting(sealed: str) -> str:
    """The secret again. WrongKey when the city's key does not fit."""
    try:
        return city_key().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise WrongKey from error


def keyed_hash(value: Any) -> str:
    """A hash of a JSON value that nobody without the city's key can repeat, so that trying all telephone numbers leads nowhere. Another
    first key gives other hashes: for what lives days, not years."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    secret = _secret(os.environ.get("LIANDONG_KEY", ""), os.environ.get("LIANDONG_KEY_FILE", ""))
    return "hmac-sha256:" + hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def derive(purpose: str, text: str) -> tuple[bytes, ...]:
    """32 bytes that follow from a text for one purpose, and that nobody finds without the city's key: one by each of the city's keys, the
    newest first, so that what was made before a new key came is still known."""
    keys = _texts(os.environ.get("LIANDONG_KEY", ""), os.environ.get("LIANDONG_KEY_FILE", ""))
    secrets = (hashlib.sha256(b"liandong derived\0" + key).digest() for key in keys)
    return tuple(hmac.new(one, f"{purpose}\0{text}".encode(), hashlib.sha256).digest() for one in secrets)


def city_key() -> MultiFernet:
    """The city's key as it is set now."""
    return _keys(os.environ.get("LIANDONG_KEY", ""), os.environ.get("LIANDONG_KEY_FILE", ""))


@cache
def _keys(given: str, file: str) -> MultiFernet:
    return MultiFernet([Fernet(each) for each in _texts(given, file)])


@cache
def _secret(given: str, file: str) -> bytes:
    return hashlib.sha256(b"liandong keyed hash\0" + _texts(given, file)[0]).digest()


def _texts(given: str, file: str) -> list[bytes]:
    text = given or read_or_make(Path(file) if file else USUAL_FILE, Fernet.generate_key).decode()
    return [each.strip().encode() for each in text.split(",")]
