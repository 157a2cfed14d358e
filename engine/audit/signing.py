"""The key that signs checkpoints. It never enters the database: whoever owns that can rewrite rows, but not sign them.

`LIANDONG_AUDIT_KEY` (an Ed25519 seed of 32 bytes, base64), else `LIANDONG_AUDIT_KEY_FILE` (default `var/audit-key`, made once, read by
its owner only). Public halves lie beside the copies outside the database, so that checkpoints of an older key stay verifiable."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from engine.errors import LiandongError
from engine.secret_files import read_or_make

USUAL_FILE = Path(__file__).resolve().parents[2] / "var" / "audit-key"
SUFFIX = ".pub"


class NoAuditKey(LiandongError):
    """The key given is none."""

    code = "no_audit_key"
    status = 503
    zh = "审计签名密钥无法使用（{where}）：应为 32 字节 Ed25519 种子的 base64 文本。"
    en = "The key for audit checkpoints cannot be used ({where}): it must be the base64 text of an Ed25519 seed of 32 bytes."


class Signer:
    """A private key with the name of its public half."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key()
        self.id = key_id(self.public)

    def sign(self, text: str) -> str:
        """The signature of a text, base64."""
        return base64.b64encode(self._key.sign(text.encode())).decode()


def signer() -> Signer:
    """The key as it is set now; its file is made when there is none. NoAuditKey when what is there is no key."""
    return _signer(os.environ.get("LIANDONG_AUDIT_KEY", ""), os.environ.get("LIANDONG_AUDIT_KEY_FILE", ""))


@cache
def _signer(given: str, file: str) -> Signer:
    path = Path(file) if file else USUAL_FILE
    text = given or read_or_make(path, _seed).decode().strip()
    try:
        return Signer(Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True)))
    except (binascii.Error, ValueError) as error:
        raise NoAuditKey(where="LIANDONG_AUDIT_KEY" if given else path) from error


def own_public() -> Ed25519PublicKey | None:
    """The public half of the key of this machine; none where there is no key, and none is made."""
    file = os.environ.get("LIANDONG_AUDIT_KEY_FILE", "")
    if os.environ.get("LIANDONG_AUDIT_KEY") or (Path(file) if file else USUAL_FILE).exists():
        return signer().public
    return None


def is_signed(text: str, signature: str, key: Ed25519PublicKey) -> bool:
    """Whether this key signed this text."""
    try:
        key.verify(base64.b64decode(signature, validate=True), text.encode())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def key_id(key: Ed25519PublicKey) -> str:
    """The name of a key: its algorithm and the hash of its public half."""
    return "ed25519:" + hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:32]


def publish(folder: Path, key: Ed25519PublicKey) -> None:
    """Lay the public half into a folder, for those who verify."""
    path = folder / (key_id(key).replace(":", "-") + SUFFIX)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.{os.getpid()}")
        new.write_text(base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode() + "\n")
        new.rename(path)


def trusted(folder: Path) -> dict[str, Ed25519PublicKey]:
    """Keys whose signatures count, by their names: those of a folder outside the database, and this machine's own."""
    found = [read_public(path) for path in sorted(folder.glob("*" + SUFFIX))]
    own = own_public()
    return {key_id(key): key for key in [*found, *([own] if own is not None else [])]}


def read_public(path: Path) -> Ed25519PublicKey:
    """A public key from its file. NoAuditKey when it is none."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(path.read_text().strip(), validate=True))
    except (binascii.Error, ValueError) as error:
        raise NoAuditKey(where=path) from error


def _seed() -> bytes:
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
