"""An event log as XES (IEEE 1849-2016), case by case: a trace for each case, an event for each history row and for each task that opened.

Extensions: concept (names), time, lifecycle (the standard model: `complete` is what the control flow is found by, `schedule` when a task
opened, `unknown` what moved nothing), organizational (`resource` a pseudonym, `role` the post, `group` the unit)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from engine.queries import mining
from engine.queries.mining import Case, Wanted
from web.mining.telling import Teller, Told, instant

if TYPE_CHECKING:
    from engine.core import Core

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<global scope="trace">
<string key="concept:name" value="UNKNOWN"/>
</global>
<global scope="event">
<string key="concept:name" value="UNKNOWN"/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000Z"/>
<string key="lifecycle:transition" value="unknown"/>
</global>
<classifier name="Step" keys="concept:name"/>
<classifier name="Step and transition" keys="concept:name lifecycle:transition"/>
<string key="lifecycle:model" value="standard"/>
"""
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(core: Core, wanted: Wanted, locale: str = "zh") -> Iterator[str]:
    """The file in pieces. Nothing of a case is kept once it was told."""
    teller = Teller(core, locale)
    yield HEAD + _line("string", "concept:name", "Liandong")
    for case in mining.cases(core, wanted):
        yield _trace(teller, case)
    yield "</log>\n"


def ordered(teller: Teller, case: Case) -> list[Told]:
    """All events of a case in the order in which they happened: a task opens before what is said of it."""
    first: dict[int, int] = {}
    for row in case.history:
        if row["task_id"] is not None:
            first.setdefault(row["task_id"], row["seq"])
    last = len(case.history)
    placed = [((one.at, row["seq"], 1), one) for row, one in zip(case.history, teller.happened(case), strict=True)]
    placed += [
        ((one.at, first.get(task_id, last), 0), one)
        for task_id, one in zip(case.tasks, teller.opened(case), strict=True)
    ]
    return [one for _, one in sorted(placed, key=lambda each: each[0])]


def _trace(teller: Teller, case: Case) -> str:
    row = case.row
    said = {
        "concept:name": row["number"],
        "case:id": str(row["id"]),
        "case:process": teller.process(row),
        "case:process_key": row["key"],
        "case:status": row["status"],
        "case:outcome": row["outcome"],
        "case:class": row["class"],
        "case:area": row["area"],
        "case:source": row["source"],
        "case:grade": row["grade"],
        "case:unit": teller.unit(row["unit_id"]),
    }
    lines = ["<trace>\n", *(_line("string", key, value) for key, value in said.items())]
    lines += (_event(teller, one) for one in ordered(teller, case))
    return "".join([*lines, "</trace>\n"])


def _event(teller: Teller, one: Told) -> str:
    names = teller.names
    return "".join(
        (
            "<event>\n",
            _line("string", "concept:name", one.name or one.kind),
            _line("date", "time:timestamp", instant(one.at)),
            _line("string", "lifecycle:transition", one.transition),
            _line("string", "org:resource", one.person),
            _line("string", "org:role", names.post(one.post, teller.locale) if one.post else None),
            _line("string", "org:group", names.unit_by_key(one.unit, teller.locale) if one.unit else None),
            _line("string", "event:id", one.id),
            _line("string", "event:kind", one.kind),
            _line("string", "event:node", one.node),
            "</event>\n",
        )
    )


def _line(tag: str, key: str, value: str | None) -> str:
    if value is None or value == "":
        return ""
    return f"<{tag} key={quoteattr(key)} value={quoteattr(_NO_XML.sub('�', value))}/>\n"
