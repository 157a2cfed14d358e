"""A case with many tasks alike (the orders of an emergency): what is finished stands folded, each with its own history, beside the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.queries.cases import Case
from web.telling import names
from web.telling_cases import subject
from web.telling_history import Entry
from web.texts import locale

Row = dict[str, Any]

MOST_UNFOLDED: Final = 3
"""So many that are finished stand in the history itself; where there are more, all of them are folded."""
MOST_OPEN: Final = 6
"""So many open tasks stand unfolded."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What the finished tasks of one order were about, whose they were, and their history, the oldest first."""

    title: str
    unit: str
    entries: Sequence[Entry]


def folded(found: Case, entries: Sequence[Entry]) -> tuple[list[Entry], list[Finished]]:
    """The history without what is folded, and what is folded, in the order in which it began. Nothing is lost: each entry is in one of
    both."""
    about = {
        row["id"]: (str(row["within"] or ""), text, row["unit_id"]) for row in found.tasks if (text := subject(row))
    }
    under_way = {about[row["id"]] for row in found.open_tasks if row["id"] in about}
    last = {about[row["id"]]: row for row in found.tasks if row["id"] in about and about[row["id"]] not in under_way}
    if len(last) <= MOST_UNFOLDED:
        return list(entries), []
    inside: dict[tuple[str, str, int | None], list[Entry]] = {}
    for entry in entries:
        key = about.get(entry.task_id or -1)
        if key in last and key is not None:
            inside.setdefault(key, []).append(entry)
    rest = [entry for entry in entries if about.get(entry.task_id or -1) not in inside]
    return rest, [Finished(key[1], _unit(last[key]), some) for key, some in inside.items()]


def _unit(row: Row) -> str:
    return names().unit(row["unit_id"], locale()) if row["unit_id"] is not None else ""
