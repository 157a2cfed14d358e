"""Clocks against history: that a term ran out is a fact; and whoever let a clock stand, gave it time, or counted it anew, said so in a
step. Nobody takes these away, or adds one, in the rows of `clock` and `clock_entry`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from engine.acts.renamed import Renames
from engine.audit.agreeing import Histories
from engine.audit.findings import Report
from engine.calendar import Calendar
from engine.calendars.books import open_book
from engine.events import Event
from engine.tables import calendar_book
from escalation import granting, sla
from escalation.clocks import from_row
from escalation.ledger import BUDGET, CALENDAR, EVENTS, EXTENDED, PAUSED, RESUMED
from escalation.tables import clock, clock_entry

Row = Mapping[Any, Any]
Key = tuple[str, int]
Difference = tuple[str, str]

_SAID = {
    "ground": "ground",
    "reason": "text",
    "basis": "basis",
    "document": "document",
    "asked_by": "asked_by",
    "asked_unit": "asked_unit",
    "approved_by": "approved_by",
    "approved_unit": "approved_unit",
    "request_id": "request",
    "amount": "amount",
}
"""Columns of an entry, and what the history row calls them."""


def clocks(connection: Connection, first: int, last: int, histories: Histories, report: Report) -> None:
    """Each breach that history tells of stands in its clock, with the same time; clocks and their ledgers say what history says."""
    rows = _by_case(connection, clock, first, last)
    entries = _by_case(connection, clock_entry, first, last)
    books: dict[int, Mapping[str, Calendar]] = {}
    for instance_id in histories.keys() | rows.keys() | entries.keys():
        history = histories.get(instance_id)
        if history is None:
            continue  # written before chains were kept: nothing to hold it against
        with report.reading(f"case:{instance_id}"):
            _breaches(instance_id, history, rows.get(instance_id, []), report)
            ledgers: dict[Key, list[Row]] = {}
            for entry in entries.get(instance_id, []):
                ledgers.setdefault((entry["name"], entry["task_id"]), []).append(entry)
            for key, zh, en in _ledgers(connection, history, rows.get(instance_id, []), ledgers, books):
                where = f"case:{instance_id} clock {key[0]}"
                report.found("row_differs", where, f"{where}：{zh}", f"{where}: {en}")


def _by_case(connection: Connection, table: Any, first: int, last: int) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    query = select(table).where(table.c.instance_id.between(first, last)).order_by(*table.primary_key.columns)
    for row in connection.execute(query).mappings():
        found.setdefault(row["instance_id"], []).append(row)
    return found


def _breaches(instance_id: int, history: Sequence[RowMapping], rows: Iterable[Row], report: Report) -> None:
    there = {(row["name"], row["task_id"]): row["breached_at"] for row in rows}
    renames = Renames(history)
    for row in history:
        if row["kind"] == "breached":
            due = datetime.fromisoformat(row["data"]["due"])
            if all(there.get((name, row["task_id"] or 0)) != due for name in _names(row, renames)):
                where = f"case:{instance_id} clock {row['data']['clock']}"
                report.found(
                    "row_differs",
                    where,
                    f"{where}：历史记录的超期已从时钟中抹去或改动",
                    f"{where}: the breach that history tells of was taken from the clock, or changed",
                )


def _names(said: Row, renames: Renames) -> set[str]:
    """What the clock that a history row tells of may be called: as then, or as a later version calls it."""
    name = str(said["data"]["clock"])
    return {name, renames.clock(name, said["seq"])}


def _ledgers(
    connection: Connection,
    history: Sequence[RowMapping],
    rows: Sequence[Row],
    ledgers: Mapping[Key, Sequence[Row]],
    books: dict[int, Mapping[str, Calendar]],
) -> Iterator[tuple[Key, str, str]]:
    """What history tells of clocks, against their entries; their entries, against the clocks."""
    kinds = {str(event): kind for kind, event in EVENTS.items()}
    told = {row["seq"]: row for row in history if row["kind"] in kinds}
    renames = Renames(history)
    written = {entry["seq"] for some in ledgers.values() for entry in some}
    for seq in sorted(told.keys() - written):
        key = (str(told[seq]["data"]["clock"]), told[seq]["task_id"] or 0)
        yield key, "历史记录的变动已从台账中删除", "a change that history tells of was taken from its ledger"
    for key, some in ledgers.items():
        for entry in some:
            said = told.get(entry["seq"])
            if said is None or not _same(entry, said, kinds[said["kind"]], renames):
                yield (
                    key,
                    f"台账第 {entry['n']} 条与历史不符",
                    f"entry {entry['n']} of its ledger is not what history tells",
                )
    asked = {row["data"].get("request"): row["data"] for row in history if row["kind"] == Event.CLOCK_ASKED}
    for key, some in ledgers.items():
        for entry in some:
            if not granting.approved(entry, asked.get(str(entry["request_id"]))):
                yield (
                    key,
                    f"台账第 {entry['n']} 条没有其他单位对申请的批准",
                    f"entry {entry['n']} of its ledger carries no approval, of another unit, of what was asked",
                )
    known = {(row["name"], row["task_id"]) for row in rows}
    for key in ledgers.keys() - known:
        yield key, "有台账而没有时钟", "has a ledger, and there is no such clock"
    instants = {row["at"] for row in history}
    earlier = _counted_from(history, renames)
    for row in rows:
        key = (row["name"], row["task_id"])
        for zh, en in _clock(connection, row, ledgers.get(key, ()), instants, earlier.get(key), books):
            yield key, zh, en
        limits = [told[e["seq"]]["data"] for e in ledgers.get(key, ()) if e["kind"] == BUDGET and e["seq"] in told]
        if limits and (row["amount"], row["unit"]) != (limits[-1].get("to"), limits[-1].get("unit")):
            yield key, "时限与台账不符", "has another limit than its ledger tells"


def _counted_from(history: Sequence[RowMapping], renames: Renames) -> dict[Key, datetime]:
    """Of the clocks that count from another moment than the step that began them: that moment, as the step's row tells it, by the name
    that a clock had then and has now."""
    found: dict[Key, datetime] = {}
    for row in history:
        for said in (row["data"] or {}).get("counted_from", ()):
            for name in (said["clock"], renames.clock(said["clock"], row["seq"])):
                found[name, said["task"]] = datetime.fromisoformat(said["since"])
    return found


def _same(entry: Row, said: Row, kind: str, renames: Renames) -> bool:
    """Whether an entry says what its history row does."""
    data = said["data"]
    whole = "before" in data  # rows from before the units were told, and what it was due then, have neither
    pairs = [
        ((entry["kind"], entry["task_id"]), (kind, said["task_id"] or 0)),
        (entry["name"] in _names(said, renames), True),
        (entry["at"], _instant(data.get("at")) or said["at"]),
        (entry["until"], _instant(data.get("until"))),
    ]
    for column, name in _SAID.items():
        if whole or not column.endswith("_unit"):
            pairs.append((str(entry[column] or ""), str(data.get(name) or "")))
    if whole:
        pairs.append((entry["due_before"], _instant(data["before"])))
    if kind == CALENDAR:
        pairs += [(entry["due_after"], _instant(data["after"])), (entry["calendar_version"], data["version"])]
    elif kind != PAUSED:
        pairs.append((entry["due_after"], _instant(data.get("due"))))
    return all(mine == theirs for mine, theirs in pairs)


def _clock(
    connection: Connection,
    row: Row,
    entries: Sequence[Row],
    instants: set[datetime],
    counted_from: datetime | None,
    books: dict[int, Mapping[str, Calendar]],
) -> Iterator[Difference]:
    """A clock against its ledger, and against its own arithmetic."""
    added = [entry for entry in entries if entry["kind"] == EXTENDED]
    if (row["entries"], row["extensions"]) != (len(entries), len(added)) or Decimal(row["extra"]) != sum(
        (Decimal(entry["amount"]) for entry in added), Decimal(0)
    ):
        yield "延期次数或时间与台账不符", "has other extensions than its ledger tells"
    turns = [entry for entry in entries if entry["kind"] in (PAUSED, RESUMED)]
    last = turns[-1] if turns else None
    paused = last if last is not None and last["kind"] == PAUSED else None
    if (row["paused_at"], row["paused_until"]) != ((paused["at"], paused["until"]) if paused else (None, None)):
        yield "停表与台账不符", "stands, or runs, otherwise than its ledger tells"
    since = last["at"] if last is not None else row["started_at"]
    if paused is None and row["running_since"] not in (None, since):
        yield "本段起点与台账不符", "runs since another time than its ledger tells"
    starts = {counted_from} if counted_from is not None else instants
    if row["started_at"] not in starts or (row["stopped_at"] is not None and row["stopped_at"] not in instants):
        yield "起止时刻没有历史记录", "was started or stopped when nothing happened"
    if paused is None and row["breached_at"] is None and row["amount"] is not None:
        calendar = _calendar(connection, row, books)
        moved = {entry["due_after"] for entry in entries if entry["kind"] == CALENDAR}
        if calendar is not None and row["due_at"] not in {sla.project(from_row(row), calendar).due_at, *moved}:
            yield "截止时刻不是按其时限和日历算出的", "is due at another time than its limit and calendar come to"


def _calendar(connection: Connection, row: Row, books: dict[int, Mapping[str, Calendar]]) -> Calendar | None:
    version = row["calendar_version"]
    if version not in books:
        text = connection.execute(select(calendar_book.c.rows).where(calendar_book.c.version == version)).scalar()
        books[version] = open_book(text, version).calendars if text is not None else {}
    return books[version].get(row["calendar"])


def _instant(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
