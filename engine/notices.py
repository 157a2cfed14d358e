"""What people are told of a case: rows that the start page shows as "what changed", written in the step that made the news."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine.tables import notice

if TYPE_CHECKING:
    from engine.steps import Seen
    from engine.writes import WriteSet

Row = dict[str, Any]


def tell(
    seen: Seen,
    writes: WriteSet,
    seq: int,
    kind: str,
    people: Iterable[int],
    *,
    task_id: int | None = None,
    data: Row | None = None,
    apart: str = "",
) -> None:
    """Tell these people, but not who acts, of the history row `seq`. `kind` says what it means for them (`web/telling_notices.py` has the
    words, processes/registers/notice_templates.csv those of messages). Nobody is told twice of one row, except `apart`: a mark for what is
    another matter. What the live world tells waits to leave the house too (`escalation/sending`); of a drill those alone are told
    who stand on its list, inside the house and out; in a trial the rows are only looked at."""
    actor, listed = seen.actor, seen.world.receivers
    acts = seen.played or actor
    known = {row["id"] for row in writes.inserts.get(notice.name, ())}
    for who in dict.fromkeys(people):
        id_ = f"{seq}.{who}{apart}"
        if listed is not None and who not in listed:
            continue
        if id_ in known or (acts is not None and who in acts.accounts):
            continue
        writes.insert(
            notice,
            id=id_,
            world_id=seen.world.id,
            person_id=who,
            kind=kind,
            task_id=task_id,
            by_id=actor.id if actor is not None else None,
            at=seen.now,
            data=data,
            read_at=None,
            pending=seen.world.is_live or listed is not None,
        )
