"""Whether a dossier is as it was made, with nothing but the file and the public keys: no database, no program of the city."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from escalation.dossier import canonical, sealing, trail

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: what, and where."""

    kind: str
    zh: str
    en: str


@dataclass(slots=True)
class Verdict:
    """What came of it. `rows`: history rows whose hash was computed again; `withheld`: rows that could not, for something of them is
    withheld; `key`: who signed."""

    findings: list[Finding] = field(default_factory=list)
    head: Row = field(default_factory=dict)
    hash: str = ""
    key: str = ""
    sections: int = 0
    rows: int = 0
    withheld: int = 0

    @property
    def good(self) -> bool:
        """Nothing was found."""
        return not self.findings

    def found(self, kind: str, zh: str, en: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(kind, zh, en))


def verify(content: bytes, keys: Mapping[str, Ed25519PublicKey]) -> Verdict:
    """Look at every byte of a dossier. `keys`: whose signatures count, by their names."""
    verdict = Verdict()
    try:
        document = canonical.read(content)
    except canonical.NotCanonical as error:
        verdict.found("not_canonical", error.text("zh"), error.text("en"))
        return verdict
    if not _shaped(document):
        verdict.found("not_a_dossier", "不是卷宗：缺少应有的部分", "this is no dossier: parts of it are missing")
        return verdict
    _sections(document, verdict)
    _signature(document, keys, verdict)
    return verdict


def _shaped(document: Any) -> bool:
    if not isinstance(document, dict) or set(document) != {"head", "sections", "hash", "signature"}:
        return False
    head, sections, signature = document["head"], document["sections"], document["signature"]
    if (
        not isinstance(head, dict)
        or head.get("format") not in sealing.FORMATS.values()
        or not isinstance(document["hash"], str)
    ):
        return False
    if not isinstance(signature, dict) or set(signature) != {"key", "value"} or not isinstance(sections, list):
        return False
    return all(isinstance(s, dict) and set(s) == {"name", "content", "hash"} for s in sections)


def _sections(document: Row, verdict: Verdict) -> None:
    verdict.head, verdict.hash = document["head"], document["hash"]
    before = canonical.digest(document["head"])
    for section in document["sections"]:
        name = str(section["name"])
        hashed = sealing.section_hash(before, section["name"], section["content"])
        if hashed != section["hash"]:
            verdict.found(
                "section_changed",
                f"“{name}”部分与其哈希不符：该部分、它的哈希或它之前的内容被改动",
                f"section {name!r} does not fit its hash: it, its hash, or what is before it was changed",
            )
        before = section["hash"]
        verdict.sections += 1
        for told in _trails(section):
            _trail(told, name, verdict)
    if document["hash"] != before:
        verdict.found(
            "hash_changed",
            "卷宗哈希不是最后一部分的哈希：哈希被改动，或有部分被删除、添加",
            "the dossier's hash is not that of its last section: it was changed, or a section was taken away or added",
        )


def _trails(section: Row) -> list[Row]:
    content = section["content"]
    if section["name"] == "history":
        return [content] if isinstance(content, dict) else []
    if section["name"] == "supervisions" and isinstance(content, list):
        return [each["history"] for each in content if isinstance(each, dict) and isinstance(each.get("history"), dict)]
    return []


def _trail(told: Row, name: str, verdict: Verdict) -> None:
    rows, first = told.get("rows"), told.get("first")
    whole = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
    if not whole or not isinstance(first, int) or not isinstance(told.get("instance"), int):
        verdict.found("not_a_dossier", f"“{name}”部分没有办理经过", f"section {name!r} has no history")
        return
    verdict.rows += len(rows or ())
    verdict.withheld += sum("withheld" in row for row in rows or ())
    for number in trail.broken(told):
        verdict.found(
            "row_changed",
            f"“{name}”第 {number} 条记录与哈希链不符：该条或其前一条被改动",
            f"row {number} of {name!r} does not fit its chain: it, or the row before it, was changed",
        )


def _signature(document: Row, keys: Mapping[str, Ed25519PublicKey], verdict: Verdict) -> None:
    signature = document["signature"]
    verdict.key = str(signature["key"])
    key = keys.get(verdict.key)
    if key is None:
        verdict.found(
            "unknown_key",
            f"签名密钥 {verdict.key[:60]} 不在受信任的公钥之中（用 --key 指定公钥文件）",
            f"it is signed by {verdict.key[:60]}, which is none of the trusted keys (name a public key file with --key)",
        )
    elif not sealing.is_signed(document["hash"], document["head"]["format"], signature, key):
        verdict.found(
            "bad_signature",
            "签名与卷宗哈希不符：签名或哈希被改动",
            "the signature does not fit the dossier's hash: either was changed",
        )
