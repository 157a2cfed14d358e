"""Copies (抄送) and circulation (传阅): a case is shown to people who have no task of it. Whoever has a copy may read the case, unless it
is about their unit. A circulated case asks each reader for a receipt, with a word if they like. The clocks run on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select

from engine import access, definitions, effects, notices
from engine.acts import catalogue, receivers
from engine.acts.base import check_on_case, maybe_text
from engine.acts.delegating import ASKED
from engine.errors import Invalid
from engine.events import Event
from engine.people import Actor
from engine.steps import Reply, Seen, run
from engine.tables import copy as copies
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]
How = Literal["copy", "circulate"]

KINDS: tuple[How, How] = ("copy", "circulate")
"""抄送 and 传阅; the words of the acts too."""


def copy(
    core: Core,
    instance_id: int,
    people: Sequence[int],
    by: int | str,
    *,
    how: How = "copy",
    note: str = "",
    task_id: int | None = None,
    key: str | None = None,
) -> Reply:
    """Show a case to these people, also after its end. For whoever sees it by more than a copy; `task_id`: the open task from which it is
    sent, whose node may forbid it. Invalid: see `receivers.check`. Answers {"instance", "seq"}."""
    text = maybe_text(note)
    if how not in KINDS:
        raise Invalid(why_zh="只能抄送或传阅", why_en="a case is copied or circulated")

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        actor = seen.someone
        with core.db.read() as connection:
            access.check_can_see(connection, actor, instance_id)
            if not access.can(lambda: access.check_can_see(connection, actor, instance_id, copies=False)):
                raise Invalid(
                    why_zh="您只是收到了抄送或传阅，不能再转给他人",
                    why_en="you were given a copy yourself: it is not passed on",
                )
        _check_drawn(core, seen, how, task_id)
        named = receivers.check(core, seen, people)
        node = seen.open_tasks[task_id]["node"] if task_id in seen.open_tasks else None
        seq = hand_out(seen, writes, named, how, by=actor, note=text, node=node, task_id=task_id)
        return {"instance": instance_id, "seq": seq}

    request: Row = {"act": how, "people": list(people), "text": text, "task": task_id}
    return run(core, instance_id, plan, by, key, request, while_suspended=True)


def hand_out(
    seen: Seen,
    writes: WriteSet,
    people: Sequence[int],
    how: str,
    *,
    by: Actor | None,
    note: str = "",
    node: str | None = None,
    task_id: int | None = None,
) -> int:
    """Inside a step: the rows of copies for people who may have them, their notices, and the history row, whose number is answered.
    `by`: none, the diagram means it."""
    data: Row = {"how": how, "people": list(people), **({"text": note} if note else {})}
    seq = effects.record(seen, writes, Event.COPIED, actor=by, node=node, task_id=task_id, data=data)
    for who in people:
        writes.insert(
            copies,
            id=f"{seq}.{who}",
            person_id=who,
            kind=how,
            by_id=by.id if by is not None else None,
            task_id=task_id,
            at=seen.now,
            note=note,
            read_at=None,
            opinion="",
        )
    notices.tell(
        seen,
        writes,
        seq,
        "circulated" if how == "circulate" else "copied",
        people,
        data={"text": note} if note else None,
    )
    return seq


def read(core: Core, instance_id: int, by: int | str, *, opinion: str = "", key: str | None = None) -> Reply:
    """Confirm that the actor has read what they were given of this case, with a word to who sent it. Again, without a word, it changes
    nothing; a word may follow later, once. Who sent a circulated case is told when a word came, or the last receipt.
    Answers {"instance", "read": how many copies}. NotFound: they see no such case; Invalid: they have no copy of it."""
    said = maybe_text(opinion)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        actor = seen.someone
        with core.db.read() as connection:
            access.check_can_see(connection, actor, instance_id)
            here = select(copies).where(copies.c.instance_id == instance_id, copies.c.kind != ASKED)
            all_rows = [dict(row) for row in connection.execute(here.order_by(copies.c.at, copies.c.id)).mappings()]
        own = [row for row in all_rows if row["person_id"] == actor.id]
        if not own:
            raise Invalid(why_zh="没有发给您的抄送或传阅", why_en="no copy of this case was given to you")
        new = [row for row in own if row["read_at"] is None]
        wordless = [row for row in own if not row["opinion"]] if said else []
        if said and not wordless:
            raise Invalid(why_zh="您已经填写过阅读意见", why_en="you wrote your word on it before")
        answered = wordless[-1]["id"] if wordless else None
        if not new and answered is None:
            return {"instance": instance_id, "read": 0}
        for row in own:
            values: Row = {} if row["read_at"] is not None else {"read_at": seen.now}
            if row["id"] == answered:
                values["opinion"] = said
            if values:
                writes.update(copies, id=row["id"], **values)
        data: Row = {"copies": [row["id"] for row in new], **({"text": said} if said else {})}
        seq = effects.record(seen, writes, Event.READ, actor=actor, data=data)
        notices.tell(
            seen, writes, seq, "read", _senders(own, all_rows, answered), data={"text": said} if said else None
        )
        return {"instance": instance_id, "read": len(new)}

    return run(core, instance_id, plan, by, key, {"act": "read", "text": said}, while_suspended=True)


# ---------------------------------------------------------------- inside


def _check_drawn(core: Core, seen: Seen, how: str, task_id: int | None) -> None:
    row = seen.open_tasks.get(task_id) if task_id is not None else None
    if row is not None:
        model = definitions.get(core, row["definition_id"]).model
        catalogue.check(how, model.nodes[row["node"]], model)
    else:
        check_on_case(core, seen, how)


def _senders(own: list[Row], everybody: list[Row], answered: str | None) -> list[int]:
    """Who is told of a receipt: who sent what was answered in words, and who circulated something that all have read now."""
    found = []
    for row in own:
        sent = row["id"].partition(".")[0]
        others = [each for each in everybody if each["id"].partition(".")[0] == sent and each["id"] != row["id"]]
        last = row["kind"] == "circulate" and row["read_at"] is None and all(each["read_at"] for each in others)
        if row["by_id"] is not None and (row["id"] == answered or last):
            found.append(row["by_id"])
    return found
