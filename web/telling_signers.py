"""Who was asked for an opinion on a case (加签), and what they said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.bpmn.runtime.held import SIGNER
from engine.events import Event
from engine.opinion import AGREE, OPINION
from engine.queries.cases import Case
from web.telling import names
from web.texts import t

Row = dict[str, Any]

MARKS = {
    "yes": ("同意", "agrees"),
    "no": ("不同意", "does not agree"),
    "abstain": ("弃权", "abstains"),
    "open": ("待发表", "asked"),
    "later": ("稍后征询", "asked later"),
}
"""What somebody says, in words."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """Somebody asked: what they say (`mark`), in words, and where. `ref`: their open task; `who` may still be taken away then."""

    who: int
    mark: str
    text: str = ""
    at: datetime | None = None
    ref: str = ""

    @property
    def words(self) -> str:
        """The mark in words."""
        return t(*MARKS.get(self.mark, MARKS["open"]))


def mark_of(answers: Row) -> str:
    """Yes, no or abstain, of a signer's answers."""
    said = str(answers.get(AGREE, ""))
    return said if said in ("yes", "no", "abstain") else "open"


def opinions(
    case: Case, node: str | None = None, within: str | None = None, asked: Iterable[int] = ()
) -> list[Opinion]:
    """Who was asked at this step (none: at any), the oldest answer first, then who is still asked; `asked`: people whose turn comes."""
    by_id = {row["id"]: row for row in case.tasks if row["role"] == SIGNER}
    here = {i for i, row in by_id.items() if node is None or (row["node"] == node and row["within"] == within)}
    said = [
        Opinion(row["actor_id"], mark_of(answers), str(answers.get(OPINION) or ""), row["at"])
        for row in case.history
        if row["kind"] == Event.COMPLETED and row["task_id"] in here and row["actor_id"] is not None
        for answers in [(row["data"] or {}).get("answers", {})]
    ]
    waiting = [
        Opinion(row["assignee_id"], "open", at=row["opened_at"], ref=f"{row['instance_id']}.{i}")
        for i, row in by_id.items()
        if i in here and row["state"] == "open" and row["assignee_id"] is not None
    ]
    open_now = {one.who for one in waiting}
    later = [Opinion(who, "later") for who in asked if who not in open_now]
    names().learn([one.who for one in (*said, *waiting, *later)])
    return said + waiting + later
