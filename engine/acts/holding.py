"""Whose a task is: taking it, giving it back, handing it on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import access, effects, four_eyes, notices
from engine.acts import receivers
from engine.acts.base import LARGEST_NUMBER, change_task, gone, maybe_text, open_task, run_on_task, split
from engine.errors import Invalid
from engine.events import Event
from engine.organisation import snapshot
from engine.people import Actor
from engine.steps import Reply, Seen
from engine.tables import task
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def claim(core: Core, ref: str, by: int | str, *, key: str | None = None) -> Reply:
    """Take an offered task: from now on it is the actor's alone."""

    def change(seen: Seen, row: Row, actor: Actor) -> tuple[Row, Row | None]:
        if row["assignee_id"] is not None:
            raise gone(core, row, "claimed")
        if four_eyes.concerns(core, row):
            four_eyes.check(core, seen, effects.resume(core, seen)[1], row["id"], actor)
        return {"assignee_id": actor.id, "for_id": seen.for_id, "owner_id": None, "claimed_at": seen.now}, None

    return change_task(core, ref, by, key, "claim", Event.CLAIMED, change)


def release(core: Core, ref: str, by: int | str, *, key: str | None = None) -> Reply:
    """Give a claimed task back to all it is offered to."""

    def change(seen: Seen, row: Row, actor: Actor) -> tuple[Row, Row | None]:
        if row["assignee_id"] is None or not access.is_offered(actor, row, seen.instance["key"]):
            raise gone(core, row, "claimed")
        if row["post_key"] is None:
            raise Invalid(
                why_zh="流程图把此任务指定给您本人，不能退回待领",
                why_en="the diagram means this task for you in person: there is nobody to give it back to",
            )
        return {"assignee_id": None, "for_id": None, "owner_id": None, "claimed_at": None}, None

    return change_task(core, ref, by, key, "release", Event.RELEASED, change)


def transfer(core: Core, ref: str, to: int, by: int | str, *, reason: str = "", key: str | None = None) -> Reply:
    """Hand a task to a colleague who holds the post it is offered to (转办)."""
    instance_id, task_id = split(ref)
    text = maybe_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, _, _, _ = open_task(core, seen, task_id, "transfer")
        hand_over(core, seen, writes, row, to, {"text": text})
        return {"instance": instance_id, "task": task_id}

    return run_on_task(core, instance_id, plan, by, key, {"act": "transfer", "task": ref, "to": to, "reason": reason})


def hand_over(core: Core, seen: Seen, writes: WriteSet, row: Row, to: int, said: Row) -> None:
    """An open task becomes somebody else's, if they may have it: the row, what the history says (`said`: its text and what else), and word
    to them and to who had it. Whom a four-eyes rule bars hands nothing over: nobody picks who checks them."""
    actor = seen.someone
    if four_eyes.concerns(core, row):
        four_eyes.check(core, seen, effects.resume(core, seen)[1], row["id"], actor)
    check_receiver(core, seen, row, to)
    writes.update(task, id=row["id"], assignee_id=to, for_id=None, owner_id=None, claimed_at=seen.now)
    seq = effects.record(
        seen,
        writes,
        Event.TRANSFERRED,
        actor=actor,
        node=row["node"],
        task_id=row["id"],
        unit_id=row["unit_id"],
        post_key=row["post_key"],
        data={"to": to, **said},
    )
    text = {"text": said["text"]} if said["text"] else None
    notices.tell(seen, writes, seq, "assigned", (to,), task_id=row["id"], data=text)
    lent = receivers.standing_in(core, seen, row, to)
    notices.tell(seen, writes, seq, "assigned", lent, task_id=row["id"], data={**(text or {}), "for": to})
    had = [who for who in (row["assignee_id"], row["for_id"]) if who is not None and who != to]
    notices.tell(seen, writes, seq, "taken", had, task_id=row["id"], data=text)


def check_receiver(core: Core, seen: Seen, row: Row, to: int) -> None:
    """A colleague who holds the post now, whose unit the case is not about, and whom no four-eyes rule bars."""
    known = snapshot.of(core, seen.organisation)
    post_key, unit_id = row["post_key"], row["unit_id"]
    if post_key is not None and to <= LARGEST_NUMBER and to not in known.holders(unit_id, post_key, seen.wall):
        known = snapshot.asking_again(core, known, unit_id, post_key, to)
    units = known.units_of.get(to, frozenset())
    if post_key is None or to not in known.holders(unit_id, post_key, seen.wall) or units & seen.recused:
        raise Invalid(
            why_zh="只能转办给本单位同岗位的在职人员",
            why_en="a task can only be handed to somebody who holds the same post in the same unit",
        )
    if four_eyes.concerns(core, row):
        _, process_run = effects.resume(core, seen)
        if not four_eyes.check_receiver(core, seen, process_run, row["id"], to):
            raise Invalid(
                why_zh="接办人办理过本案中须与此分开的环节（四眼原则），请另选他人",
                why_en="that colleague did a step that must be kept apart from this one (four eyes): choose somebody else",
            )
