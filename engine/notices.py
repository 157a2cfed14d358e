"""What people are told of a case: rows that the start page shows as "what changed", written in the step that made the news. And of what is
about no case, but somebody's to decide: in the transaction of the act that makes it so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert

from engine import worlds
from engine.tables import LIVE, notice

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.core import Core
    from engine.steps import Seen
    from engine.writes import WriteSet

Row = dict[str, Any]

NO_CASE: Final = 0
"""The number of no instance: where a notice is about no case."""
POWER: Final = "design"
"""What all that is about no case asks for: who has lost it is shown none of it any more."""


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


def tell_beside(
    core: Core,
    connection: Connection,
    seq: int,
    kind: str,
    people: Iterable[int | None],
    *,
    by: int | None,
    data: Row,
) -> None:
    """Tell these people of what is about no case, in the transaction of the act. `seq`: the number of its audit row: nobody is told
    twice of one. `by`: who acted (none: the system)."""
    now = worlds.on(connection, core, LIVE).now
    rows = [
        {
            "instance_id": NO_CASE,
            "id": f"{seq}.{who}",
            "world_id": LIVE,
            "person_id": who,
            "kind": kind,
            "by_id": by,
            "at": now,
            "data": data,
            "pending": True,
        }
        for who in dict.fromkeys(people)
        if who is not None and who != by
    ]
    if rows:
        connection.execute(insert(notice), rows)
