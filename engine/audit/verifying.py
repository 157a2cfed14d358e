"""Verify everything: checkpoints against their signatures and the copy outside, chains against themselves and the checkpoints, and rows
against what the chains say. Reads one snapshot of the database, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, RowMapping, select

from engine.audit import agreeing, concerning, contents, seals, signing, standing, words
from engine.audit.agreeing import Check
from engine.audit.chain import AUDIT, HISTORY
from engine.audit.chains import Walk
from engine.audit.copies import Copy, copy_for
from engine.audit.findings import Report
from engine.audit.growth import Unchained
from engine.audit.sealed import CASE, case_stream
from engine.audit.seals import Seals
from engine.tables import LIVE, audit, audit_head, history, instance

if TYPE_CHECKING:
    from engine.core import Core

BATCH = 500
"""Cases looked at together."""


def verify(
    core: Core,
    checks: Iterable[Check] = (),
    *,
    copy: Copy | None = None,
    keys: Mapping[str, Ed25519PublicKey] | None = None,
) -> Report:
    """Verify the whole database. `checks`: what other packages know of rows that must agree with history; `keys`: the only ones whose
    signatures count (default: those beside the copy, and this machine's own)."""
    copy = copy or copy_for(core.db.url)
    report = Report()
    with core.db.snapshot() as connection:
        known = keys if keys is not None else signing.trusted(copy.folder)
        sealed = Seals()
        with report.reading("checkpoints"):
            sealed = seals.read(connection, copy, known, report)
        with report.reading("history"):
            own = (concerning.copies, concerning.operations, words.messages, words.identities)
            _histories(connection, sealed, (*agreeing.CHECKS, *own, *checks), report)
        with report.reading("audit"):
            _streams(connection, sealed, report)
        with report.reading("content"):
            contents.check(connection, report)
    _copy(copy, report)
    return report


# ---------------------------------------------------------------- cases


def _histories(connection: Connection, sealed: Seals, checks: Iterable[Check], report: Report) -> None:
    checks = tuple(checks)
    promised = {int(stream.removeprefix(CASE)) for stream in sealed.promises if stream.startswith(CASE)}
    ids = promised.union(
        connection.execute(select(instance.c.id)).scalars(),
        connection.execute(select(history.c.instance_id).distinct()).scalars(),
    )
    before_chains = Unchained()
    for batch in _batches(sorted(ids)):
        _cases(connection, batch, sealed, checks, before_chains, report)
    if before_chains.rows:
        report.note(
            "before_chains",
            "history",
            f"{before_chains.rows} 行历史写于启用哈希链之前：由第一个检查点整体封存，此前的改动无从查证",
            f"{before_chains.rows} rows of history are from before chains were kept: sealed as a whole by the first checkpoint; what was"
            " done to them before cannot be known",
        )
    if sealed.unchained is not None and sealed.unchained != before_chains.head:
        report.found(
            "row_changed",
            "history",
            f"启用哈希链之前的历史（{sealed.unchained[0]} 行）在封存后被改动，现有 {before_chains.rows} 行",
            f"history from before chains ({sealed.unchained[0]} rows) was changed after it was sealed; there are {before_chains.rows} now",
        )


def _cases(
    connection: Connection, ids: list[int], sealed: Seals, checks: Iterable[Check], before: Unchained, report: Report
) -> None:
    first, last = ids[0], ids[-1]
    here = {
        row["id"]: row for row in connection.execute(_INSTANCES.where(instance.c.id.between(first, last))).mappings()
    }
    rows: dict[int, list[RowMapping]] = {}
    query = _HISTORY.where(history.c.instance_id.between(first, last))
    for row in connection.execute(query.order_by(history.c.instance_id, history.c.seq)).mappings():
        rows.setdefault(row["instance_id"], []).append(row)
    whole: dict[int, list[RowMapping]] = {}
    for instance_id in ids:
        found, stream = here.get(instance_id), case_stream(instance_id)
        live = found is None or found["world_id"] == LIVE
        walk = Walk(stream, sealed, report, sealed=live)
        if not live and stream in sealed.promises:
            report.found(
                "row_differs",
                stream,
                f"{stream}：已被移出本市业务",
                f"{stream}: was moved out of the live world",
            )
        chain = rows.get(instance_id, [])
        for row in chain:
            walk.row(row)
        if live and walk.before_chains:
            before.add(instance_id, chain[: walk.before_chains])
        if chain or found is not None:
            count = found["history_count"] if found is not None else None
            walk.finish(count, found["history_hash"] if found is not None else None, "instance")
        else:
            walk.finish(0, None, "instance")
        if chain and chain[0]["hash"] is not None and found is not None:
            whole[instance_id] = chain
            with report.reading(stream):
                agreeing.instance(found, chain, report)
                standing.check(found, chain, report)
    for check in checks:
        check(connection, first, last, whole, report)


_INSTANCES = select(
    instance.c.id,
    instance.c.world_id,
    instance.c.status,
    instance.c.starter_id,
    instance.c.started_at,
    instance.c.ended_at,
    instance.c.history_count,
    instance.c.history_hash,
    *(instance.c[name] for name in standing.COVERED),
)
_HISTORY = select(*(history.c[name] for name in dict.fromkeys((*HISTORY, "hash", "written_at"))))


def _batches(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


# ---------------------------------------------------------------- streams of audit


def _streams(connection: Connection, sealed: Seals, report: Report) -> None:
    ends = {row.stream: row for row in connection.execute(select(audit_head))}
    walks: dict[str, Walk] = {}
    query = select(*(audit.c[name] for name in (*AUDIT, "hash"))).order_by(audit.c.stream, audit.c.seq)
    for row in connection.execute(query, execution_options={"yield_per": 1000}).mappings():
        stream = row["stream"]
        if stream not in walks:
            walks[stream] = Walk(stream, sealed, report)
        walks[stream].row(row)
    for stream in sorted({s for s in sealed.promises if not s.startswith(CASE)} | ends.keys() | walks.keys()):
        walk = walks.get(stream) or Walk(stream, sealed, report)
        end = ends.get(stream)
        walk.finish(end.seq + 1 if end is not None else None, end.hash if end is not None else None, "audit_head")


# ---------------------------------------------------------------- the copy


def _copy(copy: Copy, report: Report) -> None:
    if not report.checkpoints and report.unsealed:
        report.found(
            "never_sealed",
            "checkpoint",
            "没有任何检查点：尚无后台进程封存，或全部被删除。请运行 ./run worker 后再验证",
            "there is no checkpoint: no worker has sealed anything yet, or all were deleted. Run ./run worker, then verify again",
        )
    elif report.checkpoints and copy.last() is None:
        report.found(
            "no_copy",
            str(copy.file),
            f"数据库之外没有检查点副本（{copy.file}）：无法证明没有被截断或回退",
            f"there is no copy of the checkpoints outside the database ({copy.file}): that nothing was cut off or put back cannot be shown",
        )
    elif report.unsealed:
        report.note(
            "open_window",
            "checkpoint",
            f"最近一次检查点之后的 {report.unsealed} 行尚未封存",
            f"{report.unsealed} rows since the newest checkpoint are not sealed yet",
        )
