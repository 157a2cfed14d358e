"""Receipt codes: whoever holds one may follow a report. Only a code's hash is kept, never the code."""

from __future__ import annotations

import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to misread
LENGTH = 28
"""Characters of a code: 140 bits (OWASP ASVS 5.0, 7.2.3 asks for 128)."""
_GROUP = 4
_MISREAD = str.maketrans("OIL", "011")


def derive(secret: bytes, nonce: str) -> str:
    """The code of the report that a page with this nonce sends: a page sent twice has one code, and nobody who does not know
    the secret finds it."""
    return written(hmac.new(secret, b"receipt\0" + nonce.encode(), hashlib.sha256).digest())


def written(digest: bytes) -> str:
    """The first 140 bits of 32 random ones as a code."""
    number = int.from_bytes(digest, "big")
    return "".join(ALPHABET[(number >> 5 * i) & 31] for i in range(LENGTH))


def spaced(code: str) -> str:
    """As people read it, in groups: `ABCD-EFGH-` and so on."""
    return "-".join(code[i : i + _GROUP] for i in range(0, len(code), _GROUP))


def clean(typed: str) -> str | None:
    """A code as somebody typed it, without spaces and hyphens, letters that look like digits taken as such; none when it is no code."""
    kept = "".join(c for c in typed.upper()[:200] if c.isalnum()).translate(_MISREAD)
    return kept if len(kept) == LENGTH and set(kept) <= set(ALPHABET) else None


def hash_of(code: str) -> str:
    """What is kept of a code. It has 140 random bits: a plain hash cannot be searched."""
    return "sha256:" + hashlib.sha256(code.encode()).hexdigest()


def short(code_hash: str) -> str:
    """What names one reporter inside a case: enough of the hash to be nobody else's."""
    return code_hash.partition(":")[2][:32]
