"""Verify the checkpoints themselves, those of the database against the copy outside, and learn from them what the chains must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, select

from engine.audit.copies import Copy
from engine.audit.findings import Report
from engine.audit.growth import OVERLAP
from engine.audit.sealed import Sealed
from engine.tables import checkpoint


@dataclass(frozen=True, slots=True)
class Promise:
    """What a checkpoint says of a chain: its row `seq` had this hash, and what was not sealed before was written after `floor`."""

    n: int
    seq: int
    hash: str
    floor: datetime | None


@dataclass
class Seals:
    """What all believable checkpoints together say."""

    promises: dict[str, list[Promise]] = field(default_factory=dict)
    unchained: list[Any] | None = None
    """Rows from before chains, as the first checkpoint counted and hashed them."""
    until: datetime | None = None
    """The time up to which everything should be sealed."""


def read(connection: Connection, copy: Copy, keys: Mapping[str, Ed25519PublicKey], report: Report) -> Seals:
    """Go through the checkpoints of database and copy side by side; what is wrong goes into the report."""
    gone = _gone(connection, copy, keys, report)
    seals = Seals()
    before: Sealed | None = None
    for n, inside, outside in _side_by_side(connection, copy, report):
        report.checkpoints += 1
        both = (outside, inside if inside != outside else None)
        believed = [one for one in both if one is not None and _believable(one, keys, report)]
        _compare(n, inside, outside, gone, copy, report)
        if n != (before.n + 1 if before is not None else 1):
            first = before.n + 1 if before is not None else 1
            report.found(
                "checkpoint_gap",
                f"checkpoint {first}",
                f"检查点 {first} 至 {n - 1} 在数据库和外部副本中都不存在",
                f"checkpoints {first} to {n - 1} are neither in the database nor in the copy",
            )
        elif believed and before is not None and believed[0].contents.get("before") != before.hash and n not in gone:
            report.found(
                "checkpoint_forged",
                f"checkpoint {n}",
                f"检查点 {n} 不接在前一个之后",
                f"checkpoint {n} does not follow the one before it",
            )
        counted = [one for one in believed if n not in gone or one == inside]
        for one in {one.hash: one for one in counted}.values():
            _learn(seals, one)
        before = believed[0] if believed else (outside or inside)
    if before is not None and before.contents.get("at"):
        report.sealed_at = datetime.fromisoformat(before.contents["at"])
    return seals


def _learn(seals: Seals, one: Sealed) -> None:
    floor = seals.until - OVERLAP if seals.until is not None else None
    for stream, (seq, digest) in one.contents["heads"].items():
        seals.promises.setdefault(stream, []).append(Promise(one.n, seq, digest, floor))
    if "unchained" in one.contents and seals.unchained is None:
        seals.unchained = one.contents["unchained"]
    until = datetime.fromisoformat(one.contents["until"])
    seals.until = until if seals.until is None else max(seals.until, until)


def _believable(one: Sealed, keys: Mapping[str, Ed25519PublicKey], report: Report) -> bool:
    wrong = one.what_is_wrong(keys)
    if wrong is not None:
        zh, en = wrong
        report.found("checkpoint_forged", f"checkpoint {one.n}", f"检查点 {one.n}：{zh}", f"checkpoint {one.n}: {en}")
    return wrong is None


def _compare(
    n: int, inside: Sealed | None, outside: Sealed | None, gone: frozenset[int], copy: Copy, report: Report
) -> None:
    if n in gone or (inside is not None and inside == outside):
        return
    where = f"checkpoint {n}"
    if inside is None:
        report.found(
            "checkpoint_missing",
            where,
            f"检查点 {n} 只在外部副本中，数据库中已没有：被删除，或数据库被换回旧版本",
            f"checkpoint {n} is only in the copy outside: it was deleted, or the database was put back to an older state",
        )
    elif outside is None:
        if copy.last() is not None:
            report.found(
                "copy_damaged",
                where,
                f"检查点 {n} 不在外部副本中（{copy.file}）",
                f"checkpoint {n} is not in the copy outside ({copy.file})",
            )
    else:
        report.found(
            "checkpoint_changed",
            where,
            f"检查点 {n} 在数据库中与外部副本不同",
            f"checkpoint {n} of the database is not that of the copy outside",
        )


def _gone(connection: Connection, copy: Copy, keys: Mapping[str, Ed25519PublicKey], report: Report) -> frozenset[int]:
    """Checkpoints that somebody with the key said to be gone when a backup was restored."""
    query = select(checkpoint).where(checkpoint.c.body.contains('"gone":', autoescape=True)).order_by(checkpoint.c.n)
    inside = [Sealed(r.n, r.body, r.hash, r.signature, r.key_id) for r in connection.execute(query)]
    outside = [one for _, one in copy.lines() if one is not None and '"gone":' in one.body]
    numbers: set[int] = set()
    for one in {one.hash: one for one in (*outside, *inside)}.values():
        if one.what_is_wrong(keys) is not None or not one.contents.get("gone"):
            continue
        numbers |= {n for first, last in one.contents["gone"] for n in range(first, last + 1)}
        ranges = ", ".join(f"{first}-{last}" for first, last in one.contents["gone"])
        at, reason = one.contents["at"], one.contents["reason"]
        report.note(
            "restored",
            f"checkpoint {one.n}",
            f"{at} 已确认从备份恢复：检查点 {ranges} 之后写入的内容不再存在。原因：{reason}",
            f"{at}: a restored backup was accepted: what checkpoints {ranges} sealed is gone. Reason: {reason}",
        )
    return frozenset(numbers)


def _side_by_side(
    connection: Connection, copy: Copy, report: Report
) -> Iterator[tuple[int, Sealed | None, Sealed | None]]:
    rows = _inside(connection)
    lines = _outside(copy, report)
    inside, outside = next(rows, None), next(lines, None)
    while inside is not None or outside is not None:
        n = min(one.n for one in (inside, outside) if one is not None)
        here = inside if inside is not None and inside.n == n else None
        there = outside if outside is not None and outside.n == n else None
        yield n, here, there
        if here is not None:
            inside = next(rows, None)
        if there is not None:
            outside = next(lines, None)


def _inside(connection: Connection) -> Iterator[Sealed]:
    query = select(checkpoint).order_by(checkpoint.c.n)
    for row in connection.execute(query, execution_options={"yield_per": 200}):
        yield Sealed(row.n, row.body, row.hash, row.signature, row.key_id)


def _outside(copy: Copy, report: Report) -> Iterator[Sealed]:
    """The copy's checkpoints in their order; a line that is torn or out of order is told."""
    last = 0
    for number, one in copy.lines():
        if one is not None and one.n > last:
            last = one.n
            yield one
        else:
            zh, en = ("不完整", "is torn") if one is None else ("次序不对", "is out of order")
            report.note(
                "copy_line", f"{copy.file}:{number}", f"外部副本第 {number} 行{zh}", f"line {number} of the copy {en}"
            )
