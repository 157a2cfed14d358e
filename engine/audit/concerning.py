"""What people did beside completing, against what history says of it: who was shown a case and read it, and what operators asked for and
another allowed. Whoever writes such a row themselves would show a case to whom nobody did, or allow what nobody else allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select

from engine.audit.agreeing import Histories
from engine.audit.findings import Report
from engine.events import Event
from engine.tables import copy, operation

Row = Mapping[Any, Any]

_PROPOSED, _DONE = "proposed", "done"


def copies(connection: Connection, first: int, last: int, histories: Histories, report: Report) -> None:
    """Copies: each was given by whom, to whom and when history tells, and read when it tells; none is gone."""
    there = _rows(connection, copy, first, last)
    for instance_id, history in histories.items():
        with report.reading(f"case:{instance_id}"):
            for name in _copies(history, there.get(instance_id, {})):
                where = f"case:{instance_id} copy {name}"
                report.found(
                    "row_differs",
                    where,
                    f"{where}：抄送、传阅或委托所给的查看与历史不符：被更改、删除或添加",
                    f"{where}: is not what history says was shown to whom: it was changed, deleted or added",
                )


def operations(connection: Connection, first: int, last: int, histories: Histories, report: Report) -> None:
    """Operations: each was asked for, and decided, as history tells."""
    there = _rows(connection, operation, first, last)
    for instance_id, history in histories.items():
        with report.reading(f"case:{instance_id}"):
            for number in _operations(history, there.get(instance_id, {})):
                where = f"case:{instance_id} operation {number}"
                report.found(
                    "row_differs",
                    where,
                    f"{where}：运维操作申请与历史不符：被更改、删除或添加",
                    f"{where}: is not what history says was asked for and decided: it was changed, deleted or added",
                )


def _rows(connection: Connection, table: Table, first: int, last: int) -> dict[int, dict[Any, Row]]:
    found: dict[int, dict[Any, Row]] = {}
    for row in connection.execute(select(table).where(table.c.instance_id.between(first, last))).mappings():
        found.setdefault(row["instance_id"], {})[row["id"]] = row
    return found


def _copies(history: Sequence[RowMapping], rows: Mapping[str, Row]) -> Iterator[str]:
    given: dict[str, tuple[Any, ...]] = {}
    read: dict[str, Any] = {}
    words: set[tuple[int, str]] = set()
    for each in history:
        data = each["data"] or {}
        if each["kind"] == Event.COPIED:
            for who in data.get("people", ()):
                given[f"{each['seq']}.{who}"] = (who, data["how"], each["actor_id"], each["at"], data.get("text", ""))
        elif each["kind"] == Event.DELEGATED:
            for who in (data["to"], each["for_id"] or each["actor_id"]):
                given[f"{each['seq']}.{who}"] = (who, "asked", each["actor_id"], each["at"], "")
                read[f"{each['seq']}.{who}"] = each["at"]
        elif each["kind"] == Event.READ:
            read |= dict.fromkeys(data.get("copies", ()), each["at"])
            words.add((each["actor_id"], data.get("text", "")))
    for name in sorted(given.keys() | rows.keys()):
        row = rows.get(name)
        if row is None or name not in given:
            yield name
            continue
        told = tuple(row[column] for column in ("person_id", "kind", "by_id", "at", "note"))
        said = not row["opinion"] or (row["person_id"], row["opinion"]) in words
        if told != given[name] or row["read_at"] != read.get(name) or not said:
            yield name


def _operations(history: Sequence[RowMapping], rows: Mapping[int, Row]) -> Iterator[int]:
    asked = {each["seq"]: each for each in history if each["kind"] == Event.PROPOSED}
    decided = {each["data"]["operation"]: each for each in history if each["kind"] == Event.REVIEWED}
    carried_out = {
        (each["data"] or {}).get("operation")
        for each in history
        if each["kind"] in (Event.TOKEN_MOVED, Event.VARIABLE_SET, Event.RETRIED)
    }
    for number in sorted(asked.keys() | rows.keys()):
        row = rows.get(number)
        if row is None or number not in asked or not _as_asked(row, asked[number]):
            yield number
            continue
        review = decided.get(number)
        if review is not None:
            told = (review["data"]["state"], review["actor_id"], review["at"])
        else:
            told = (_DONE if number in carried_out else _PROPOSED, None, None)
        if (row["state"], row["reviewed_by"], row["reviewed_at"]) != told:
            yield number


def _as_asked(row: Row, said: Row) -> bool:
    """Whether it is what was asked for, by whom, when and why."""
    data = {name: value for name, value in said["data"].items() if name not in ("operation", "what", "text")}
    told = (said["data"]["what"], said["actor_id"], said["at"], said["data"]["text"], data)
    return told == (row["kind"], row["by_id"], row["at"], row["reason"], dict(row["data"]))
