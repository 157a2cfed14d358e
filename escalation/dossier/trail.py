"""The history of an instance as a dossier holds it: each row as it was chained, so that whoever reads can compute every link again. What
must not be told is withheld, and the row then says so; its hash stays."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from engine.audit.chain import BEGINNING, HISTORY, link
from engine.tables import history, instant_text
from engine.tables.columns import LARGEST_ID

Row = dict[str, Any]

PERSONAL, CONFIDENTIAL = "personal", "confidential"
"""Why something is withheld."""

COLUMNS = tuple(name for name in HISTORY if name != "instance_id")
"""What a row tells: what its hash covers, the instance being told once."""


@dataclass(frozen=True, slots=True)
class Trail:
    """The history of an instance, up to its last event and beyond."""

    instance: int
    rows: Sequence[Row]
    end: int

    @property
    def told(self) -> Sequence[Row]:
        """Up to the last event."""
        return [row for row in self.rows if row["seq"] <= self.end]

    @property
    def later(self) -> Sequence[Row]:
        """After it: what must be undone in rows that say how it stands today."""
        return [row for row in self.rows if row["seq"] > self.end]


def of(connection: Connection, instance_id: int, end: int) -> Trail:
    """The history of an instance."""
    query = select(history).where(history.c.instance_id == instance_id).order_by(history.c.seq)
    return Trail(instance_id, [dict(row) for row in connection.execute(query).mappings()], end)


def section(trail: Trail, hidden: Collection[str], secret: Collection[int]) -> Row:
    """The section of a trail. `hidden`: names of answers that say who reported, in processes whose forms do not mark them; `secret`:
    confidential instances, of which nobody else's dossier speaks."""
    return {
        "instance": trail.instance,
        "first": trail.told[0]["seq"] if trail.told else 0,
        "rows": [_told(row, hidden, secret) for row in trail.told],
    }


def broken(section: Mapping[str, Any]) -> list[int]:
    """The numbers of rows whose hash does not follow from them and the row before; a withheld or unchained row is believed. A first row
    follows the beginning of all chains."""
    found = []
    before = BEGINNING
    for number, row in enumerate(section["rows"], section["first"]):
        whole = {**{name: row.get(name) for name in COLUMNS}, "instance_id": section["instance"]}
        chained = row.get("hash") is not None and "withheld" not in row
        if row.get("seq") != number or (chained and link(before, whole, HISTORY) != row["hash"]):
            found.append(number)
        before = row.get("hash") or BEGINNING
    return found


def instances_in(trail: Trail) -> set[int]:
    """Every number in its rows that may be an instance."""
    return {number for row in trail.told for number in _numbers(row["data"])}


def _numbers(value: Any) -> Iterator[int]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _numbers(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _numbers(each)
    elif not isinstance(value, bool) and isinstance(value, int | str):
        text = str(value)
        if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID and int(text) <= LARGEST_ID:
            yield int(text)


_LONGEST_ID = 19


def _told(row: Row, hidden: Collection[str], secret: Collection[int]) -> Row:
    told = {name: row[name] for name in COLUMNS if row[name] is not None}
    told["hash"] = row["hash"]
    for name in ("at", "written_at"):
        if name in told:
            told[name] = instant_text(told[name])
    data = row["data"] or {}
    if secret and _speaks_of(data, {*secret, *map(str, secret)}):
        return {**{k: v for k, v in told.items() if k not in ("data", "node")}, "withheld": [CONFIDENTIAL]}
    answers = data.get("answers")
    named = sorted(set(answers).intersection(hidden)) if isinstance(answers, dict) else []
    if named:
        told["data"] = {**data, "answers": {k: v for k, v in data["answers"].items() if k not in hidden}}
        told["withheld"] = [PERSONAL]
    return told


def _speaks_of(value: Any, secret: Collection[Any]) -> bool:
    if isinstance(value, Mapping):
        return any(_speaks_of(each, secret) for each in value.values())
    if isinstance(value, list | tuple):
        return any(_speaks_of(each, secret) for each in value)
    return not isinstance(value, bool) and isinstance(value, int | str) and value in secret
