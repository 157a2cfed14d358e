"""What a case stands at after a step, in a word that its history says: whoever changes the row itself is found.

A step has one history row with a digest of the columns below as the step leaves them, so verification needs the newest one only. Steps
that leave them as they are (a comment, an attachment) say nothing. Cases whose last step was before there were digests are not judged."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from engine.audit.chain import canonical
from engine.audit.findings import Report

Row = Mapping[Any, Any]

SAID = "row"
"""Under which name history's data holds the digest."""
COVERED = (
    "number",
    "outcome",
    "unit_id",
    "title",
    "class",
    "area",
    "place",
    "lat",
    "lon",
    "source",
    "grade",
    "facts",
    "state",
)
"""The columns of `instance` that a digest covers."""
_LENGTH = 22
"""Characters: 132 bits of SHA-256."""


def digest(value: Any) -> str:
    """A short name of a value: the same for what is the same on both databases."""
    hashed = sha256(canonical(value).encode("utf-8", "surrogatepass")).digest()
    return urlsafe_b64encode(hashed).decode()[:_LENGTH]


def told(old: Row, new: Row) -> dict[str, str]:
    """What history says of a case that was `old` and of which `new` columns are written."""
    return {SAID: digest([new[name] if name in new else old.get(name) for name in COVERED])}


def check(row: Row, history: Sequence[Row], report: Report) -> None:
    """The case is what its newest digest says; it was cancelled, rejected, or stands still when history says so, and only then."""
    where = f"case:{row['id']}"
    said = next((data[SAID] for each in reversed(history) if SAID in (data := each["data"] or {})), None)
    if said is not None and said != digest([row[name] for name in COVERED]):
        report.found(
            "row_differs",
            where,
            f"{where}：案件内容（事实、标题、编号、单位、进度等）与最近一次办理所留不符",
            f"{where}: is not as its last step left it: facts, state, or a column (title, number, class, place, unit, outcome …)",
        )
    kinds = [each["kind"] for each in history]
    stood = next((kind for kind in reversed(kinds) if kind in ("suspended", "resumed")), None) == "suspended"
    for status, is_so, zh, en in (
        ("cancelled", "cancelled" in kinds, "被终止", "was cancelled"),
        ("rejected", "rejected" in kinds, "被否决", "was rejected"),
        ("suspended", stood and row["ended_at"] is None, "暂停", "stands still"),
    ):
        if (row["status"] == status) != is_so:
            report.found(
                "row_differs",
                where,
                f"{where}：是否{zh}与历史不符",
                f"{where}: differs from history in whether it {en}",
            )
