"""Walk a chain from its first row: every link is computed again, and held against what checkpoints say and what the head says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.audit.chain import AUDIT, BEGINNING, HISTORY, link
from engine.audit.findings import Report
from engine.audit.growth import OVERLAP
from engine.audit.seals import Promise, Seals

Row = Mapping[Any, Any]


class Walk:
    """One chain, row by row. `columns` says what is hashed, `written` which column says when a row was written."""

    def __init__(self, stream: str, seals: Seals, report: Report, *, sealed: bool = True) -> None:
        self.stream = stream
        self.report = report
        self.seals = seals
        self.is_case = stream.startswith("case:")
        self.columns = HISTORY if self.is_case else AUDIT
        self.written = "written_at" if self.is_case else "at"
        self.sealed = sealed
        self.promises: Sequence[Promise] = seals.promises.get(stream, ())
        self._expected: dict[int, list[Promise]] = {}
        for each in self.promises:
            self._expected.setdefault(each.seq, []).append(each)
        self._ends = sorted({each.seq for each in self.promises})
        self._next_end = 0
        self.next = 0
        self.end = BEGINNING
        self.before_chains = 0
        report.chains += 1

    def row(self, row: Row) -> None:
        """The next row, in the order of their numbers."""
        seq = row["seq"]
        self.report.rows += 1
        if seq != self.next:
            self._lost(self.next, seq - 1)
        self.next = seq + 1
        if row["hash"] is None:
            self._unchained(row)
            return
        if row["hash"] != link(self.end, row, self.columns):
            self._found(
                "row_changed",
                f"{self.stream} #{seq}",
                "内容与哈希链不符：本行或其前一行被修改、调换或删除",
                "does not fit its chain: it, or the row before it, was changed, swapped or deleted",
            )
        for promise in self._expected.pop(seq, ()):
            if promise.hash != row["hash"]:
                self._rewritten(promise, seq)
        self.end = row["hash"]
        if self.sealed:
            self._time(row, seq)

    def finish(self, count: int | None, digest: str | None, holder: str) -> None:
        """No more rows: there must be as many as was sealed, and as the chain's head (in `holder`) says."""
        if self._expected:
            last = max(self._expected)
            self._lost(self.next, last) if last >= self.next else None
        if count is None:
            self._found(
                "head_gone",
                f"{holder} {self.stream}",
                "该链的登记行已被删除",
                "the row that holds the end of this chain is gone",
            )
        elif (count, digest or BEGINNING) != (self.next, self.end):
            self._found(
                "head_disagrees",
                f"{holder} {self.stream}",
                f"登记的末尾（第 {count - 1} 行）与实际末尾（第 {self.next - 1} 行）不符",
                f"says that the chain ends at row {count - 1} with another hash than its last row, {self.next - 1}, has",
            )

    def _unchained(self, row: Row) -> None:
        if self.end == BEGINNING and self.before_chains == self.next - 1 and self.is_case:
            self.before_chains += 1
        else:
            self._found("row_changed", f"{self.stream} #{row['seq']}", "哈希被删除", "its hash was taken away")
        for promise in self._expected.pop(row["seq"], ()):
            self._rewritten(promise, row["seq"])

    def _rewritten(self, promise: Promise, seq: int) -> None:
        self._found(
            "chain_rewritten",
            f"{self.stream} #{seq}",
            f"检查点 {promise.n} 签名时本行的哈希不同：链条被整体重算",
            f"had another hash when checkpoint {promise.n} was signed: the chain was computed anew",
        )

    def _lost(self, first: int, last: int) -> None:
        whole = first == 0 and self.next == 0
        rows = f"#{first}" if first == last else f"#{first}-{last}"
        self._found(
            "row_missing",
            f"{self.stream} {rows}",
            "整条记录已被删除" if whole else "行已被删除",
            "the rows from the first one on are gone" if whole else "rows are gone",
        )
        for seq in [seq for seq in self._expected if first <= seq <= last]:
            del self._expected[seq]

    def _time(self, row: Row, seq: int) -> None:
        """Whether the row was sealed when it should have been."""
        while self._next_end < len(self._ends) and self._ends[self._next_end] < seq:
            self._next_end += 1
        at: datetime | None = row[self.written]
        if self._next_end == len(self._ends):
            self.report.unsealed += 1
            floor = self.seals.until - OVERLAP if self.seals.until is not None else None
            if floor is not None and (at is None or at < floor):
                self._late(seq, "检查点早已越过该时间而未见此行", "checkpoints that looked at that time did not see it")
            return
        end = self._ends[self._next_end]
        first = next(each for each in self.promises if each.seq == end)
        if first.floor is not None and (at is None or at < first.floor):
            self._late(seq, f"检查点 {first.n} 才首次见到此行", f"the first checkpoint to see it was {first.n}")

    def _late(self, seq: int, zh: str, en: str) -> None:
        self.report.warn(
            "row_late",
            f"{self.stream} #{seq}",
            f"写入时间早于应有：{zh}（程序停顿，或事后补写）",
            f"says it was written earlier than it can have been: {en} (a program slept, or somebody added it later)",
        )

    def _found(self, kind: str, where: str, zh: str, en: str) -> None:
        self.report.found(kind, where, f"{where}：{zh}", f"{where}: {en}")
