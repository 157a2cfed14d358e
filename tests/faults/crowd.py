"""Many instances that wait for one timer each, made by copying the rows of one: what was measured is the firing, not the start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from engine.tables import history, instance, involvement, job, words
from tests.bpmn.drawing import chain, end, start, tag, timer
from tests.db.talking import bundle, work
from web.city import City

OPERATOR = "fuxiaolin"
WAITS = bundle(
    start(),
    tag("intermediateCatchEvent", timer("PT1H"), id="T"),
    work("A"),
    end(),
    chain("S", "T", "A", "E"),
    key="crowd",
)
COPIED = (instance, history, job, words, involvement)
Row = dict[str, Any]


def crowd(city: City, count: int, due: Callable[[int], datetime]) -> list[int]:
    """So many instances whose timer is due when `due` says of each; their ids."""
    city.deploy(WAITS)
    first = city.start("crowd", {}, OPERATOR)
    rows: dict[str, list[Row]] = {}
    with city.core.db.read() as connection:
        for table in COPIED:
            key = table.c.id if table is instance else table.c.instance_id
            rows[table.name] = [dict(row) for row in connection.execute(select(table).where(key == first)).mappings()]
    ids = [first + 1 + n for n in range(count)]
    for begin in range(0, count, 1000):
        with city.core.db.write() as connection:
            for table in COPIED:
                part = enumerate(ids[begin : begin + 1000], begin)
                made = [row for n, id_ in part for row in _copies(table, rows[table.name], id_, due(n))]
                if made:
                    connection.execute(insert(table), made)
    city.cancel(first, OPERATOR, "复制完毕")
    return ids


def _copies(table: Any, rows: list[Row], id_: int, due: datetime) -> Iterator[Row]:
    """The chain of a history does not depend on whose it is: copies are as whole as the first."""
    for row in rows:
        if table is instance:
            yield {**row, "id": id_, "number": f"C{id_}"}
        elif table is job:
            yield {**row, "instance_id": id_, "due_at": due}
        else:
            yield {**row, "instance_id": id_}
