"""A checkpoint: the ends of all chains that grew, as one signed text, and its form as a line of a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine.audit import signing

CASE = "case:"
"""Streams of cases are named by their instance; all others are streams of `audit`."""


def case_stream(instance_id: int) -> str:
    """The name of a case's chain in checkpoints."""
    return f"{CASE}{instance_id}"


@dataclass(frozen=True)
class Sealed:
    """A checkpoint as it is kept, in a row of `checkpoint` and in a line of the copy outside. `body`: JSON of `n`, `at`, the hash of
    the one `before`, the time it looks at (`since`, `until`), and `heads`: number and hash of the newest row of each stream."""

    n: int
    body: str
    hash: str
    signature: str
    key_id: str

    @cached_property
    def contents(self) -> dict[str, Any]:
        """What the body says; nothing when it is no JSON object."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def until(self) -> datetime:
        """Up to when it looked (database time). KeyError, ValueError when somebody changed it."""
        return datetime.fromisoformat(self.contents["until"])

    def what_is_wrong(self, keys: Mapping[str, Ed25519PublicKey]) -> tuple[str, str] | None:
        """Why it is not to be believed, in both languages; none when it is whole and signed by one of these keys."""
        if hash_of(self.body) != self.hash or self.contents.get("n") != self.n:
            return "内容与其哈希或编号不符", "its text is not that of its hash and number"
        key = keys.get(self.key_id)
        if key is None:
            return f"签名密钥 {self.key_id} 未知", f"it is signed by a key nobody knows, {self.key_id}"
        if not signing.is_signed(self.body, self.signature, key):
            return "签名无效", "its signature is not valid"
        return None

    def line(self) -> str:
        """Itself as a line of JSON."""
        values = {"n": self.n, "body": self.body, "hash": self.hash, "signature": self.signature, "key_id": self.key_id}
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"


def from_line(line: str) -> Sealed | None:
    """A checkpoint from its line; none when the line is torn or something else."""
    try:
        values = json.loads(line)
        n, texts = values["n"], [values[name] for name in ("body", "hash", "signature", "key_id")]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(n, int) or not all(isinstance(text, str) for text in texts):
        return None
    return Sealed(n, *texts)


def seal(contents: Mapping[str, Any], by: signing.Signer) -> Sealed:
    """Sign a new checkpoint."""
    body = json.dumps(contents, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Sealed(contents["n"], body, hash_of(body), by.sign(body), by.id)


def hash_of(body: str) -> str:
    """The hash of a checkpoint's text. It names its algorithm."""
    return "sha256:" + hashlib.sha256(body.encode()).hexdigest()
