"""A dossier as a document: a head, sections of which each one's hash covers the one before, and a signature on the last hash. The same
content gives the same bytes, and so does the signature, for Ed25519 has no chance in it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine.audit.signing import Signer
from escalation.dossier import canonical

Row = dict[str, Any]

FORMAT = "liandong-dossier/1"


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier that was made. `hash`: of the last section, which covers all; `event`: where it ends (`cutting.Cut.event`)."""

    case: int
    number: str
    event: str
    hash: str
    content: bytes

    @property
    def document(self) -> Row:
        """Its value."""
        found: Row = canonical.read(self.content)
        return found

    @property
    def name(self) -> str:
        """The name of its files, without what they end in: the case's number and the first characters of the hash."""
        return f"{self.number}-{self.hash.partition(':')[2][:12]}"


def seal(head: Row, sections: Iterable[tuple[str, Any]], signer: Signer) -> tuple[str, bytes]:
    """The hash and the bytes of a dossier."""
    head = {"format": FORMAT, **head}
    before = canonical.digest(head)
    told = []
    for name, content in sections:
        before = section_hash(before, name, content)
        told.append({"name": name, "content": content, "hash": before})
    signature = {"key": signer.id, "value": signer.sign(signed_text(before))}
    return before, canonical.data({"head": head, "sections": told, "hash": before, "signature": signature})


def section_hash(before: str, name: str, content: Any) -> str:
    """The hash of a section that follows the hash `before`."""
    return canonical.digest([before, name, content])


def signed_text(last: str) -> str:
    """What is signed: no other document of this key can be taken for it."""
    return f"{FORMAT}\n{last}\n"


def is_signed(last: str, signature: Mapping[str, Any], key: Ed25519PublicKey) -> bool:
    """Whether this key signed this hash, and the signature is spelt as it was made."""
    value = signature.get("value")
    if not isinstance(value, str):
        return False
    try:
        raw = base64.b64decode(value, validate=True)
        key.verify(raw, signed_text(last).encode())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return base64.b64encode(raw).decode() == value
