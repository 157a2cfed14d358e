"""How far a case has come, in the few words that the public is told. Which steps of a process belong to which stage is a setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]

DONE, NOW, LATER = "done", "now", "later"

PLAIN: list[dict[str, Any]] = [
    {"zh": "已收到", "en": "Received", "nodes": []},
    {"zh": "办理中", "en": "In progress", "nodes": ["*"]},
    {"zh": "已办结", "en": "Finished", "ends": ["*"]},
]
"""For a process of which the city has said nothing."""
ENDED = {"zh": "已终止", "en": "Ended"}
"""An end that no stage names."""
REJECTED = {"zh": "未予同意", "en": "Not agreed to"}
"""The end of a case that somebody rejected who had to agree."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage in both languages: done, now, or later; `at`: since when it was reached."""

    zh: str
    en: str
    state: str
    at: datetime | None


def of_case(told: Sequence[Row], row: Row, tasks: Sequence[Row]) -> list[Stage]:
    """The stages of a case, in order. `told`: as the setting says: each with zh, en (and zh_done, en_done for when it is over) and `nodes`
    (steps) or `ends` (end events), "*" for all others, and `perhaps` where it is not looked forward to; the first is the beginning. A case
    that ended shows the end it reached and no other; one that went back a step is where it is now, and what comes after is yet to come."""
    told = told or PLAIN
    reached: dict[int, datetime] = {0: row["started_at"]}
    now = 0
    for task in sorted(tasks, key=lambda one: (one["opened_at"], one["id"])):
        place = _place(told, "nodes", task["node"])
        if place is not None:
            if place > now or place not in reached:  # come to again after it went back: reached then
                reached[place] = task["opened_at"]
            now = place
    if row["ended_at"] is not None:
        end = _place(told, "ends", row["outcome"] or "") if _completed(row) else None
        passed = [i for i in sorted(reached) if end is None or i < end]
        stages = [_stage(told[i], DONE, reached[i]) for i in passed]
        otherwise = REJECTED if row.get("status") == "rejected" else ENDED
        return [*stages, _stage(told[end] if end is not None else otherwise, DONE, row["ended_at"])]
    ends = [i for i, one in enumerate(told) if one.get("ends")]
    found = []
    for i, one in enumerate(told):
        if i in ends[1:]:
            continue  # of several ends only the usual one is looked forward to
        if i > now and one.get("perhaps"):
            continue  # it may never be needed
        if i < now:
            if i in reached:
                found.append(_stage(one, DONE, reached[i]))
        else:
            found.append(_stage(one, NOW if i == now else LATER, reached.get(i) if i == now else None))
    return found


def closed_well(told: Sequence[Row], row: Row) -> bool:
    """True when a case ended as one hopes for: its end is the first one named."""
    if row["ended_at"] is None or not _completed(row):
        return False
    ends = [i for i, one in enumerate(told or PLAIN) if one.get("ends")]
    return bool(ends) and _place(told or PLAIN, "ends", row["outcome"] or "") == ends[0]


def _completed(row: Row) -> bool:
    """It came to an end of its diagram, and was not ended from outside."""
    return bool(row.get("status", "completed") == "completed")


def _place(told: Sequence[Row], what: str, node: str) -> int | None:
    named = next((i for i, one in enumerate(told) if node in one.get(what, ())), None)
    return named if named is not None else next((i for i, one in enumerate(told) if "*" in one.get(what, ())), None)


def _stage(one: Row, state: str, at: datetime | None) -> Stage:
    zh, en = (one.get("zh_done"), one.get("en_done")) if state == DONE else (None, None)
    return Stage(str(zh or one.get("zh", "")), str(en or one.get("en", "")), state, at)
