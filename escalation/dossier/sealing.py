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

FORMATS = {1: "liandong-dossier/1", 2: "liandong-dossier/2"}
"""The editions of what a dossier tells. 2 has the files of supervisions and of requests beside those of the case. What was made in an
older one verifies for ever, and is made again as it was (`cutting.Cut.event` says in which)."""
NEWEST = max(FORMATS)


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


def seal(head: Row, sections: Iterable[tuple[str, Any]], signer: Signer, edition: int = NEWEST) -> tuple[str, bytes]:
    """The hash and the bytes of a dossier."""
    head = {"format": FORMATS[edition], **head}
    before = canonical.digest(head)
    told = []
    for name, content in sections:
        before = section_hash(before, name, content)
        told.append({"name": name, "content": content, "hash": before})
    signature = {"key": signer.id, "value": signer.sign(signed_text(before, head["format"]))}
    return before, canonical.data({"head": head, "sections": told, "hash": before, "signature": signature})


def section_hash(before: str, name: str, content: Any) -> str:
    """The hash of a section that follows the hash `before`."""
    return canonical.digest([before, name, content])


def signed_text(last: str, edition: str) -> str:
    """What is signed, with the name of the format: no other document of this key can be taken for it."""
    return f"{edition}\n{last}\n"


def is_signed(last: str, edition: str, signature: Mapping[str, Any], key: Ed25519PublicKey) -> bool:
    """Whether this key signed this hash of a dossier of this format, and the signature is spelt as it was made."""
    value = signature.get("value")
    if not isinstance(value, str):
        return False
    try:
        raw = base64.b64decode(value, validate=True)
        key.verify(raw, signed_text(last, edition).encode())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return base64.b64encode(raw).decode() == value
