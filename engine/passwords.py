"""Passwords: kept only as an argon2id hash, whose text names its own parameters."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_hasher = PasswordHasher()  # the library's defaults follow RFC 9106
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that two people read as two letters


def hash_password(text: str) -> str:
    """The hash to be stored for a password."""
    return _hasher.hash(text)


def verify(stored: str | None, text: str) -> bool:
    """True when `text` is the password `stored` was made of. Without a stored hash it takes as long, and is never true: the time of
    an answer does not tell who exists."""
    try:
        good = _hasher.verify(stored or _NOBODY, text)
    except (Argon2Error, InvalidHashError):
        return False
    return good and stored is not None


def needs_rehash(stored: str) -> bool:
    """True when the parameters have been raised since: hash again at the next log-in."""
    return _hasher.check_needs_rehash(stored)


def make_up() -> str:
    """A random password that can be read out and typed: twelve letters in three groups, some 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
