"""Delegating (委托): another person prepares a task, whose it is stays responsible. What the delegate answers comes back as a proposal
that fills the form of who delegated it, and only they complete it. All clocks run on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access, effects, four_eyes, identities, notices
from engine.acts import receivers
from engine.acts.base import gone, maybe_text, open_task, run_on_task, split
from engine.audit import standing
from engine.bpmn.model import Node
from engine.definitions import Definition
from engine.errors import Invalid, NotAllowed
from engine.events import Event
from engine.organisation import snapshot
from engine.people import Actor, load_actor
from engine.steps import Reply, Seen, receipt_key
from engine.tables import DATA_VERSION, copy, draft, receipt, task
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

ASKED = "asked"
"""The kind of the row of `copy` that lets a delegate, and who delegated, go on seeing the case."""


def delegate(core: Core, ref: str, to: int, by: int | str, *, reason: str = "", key: str | None = None) -> Reply:
    """Ask a colleague to prepare the task; it is in their inbox until they resolve it, or whose it is recalls it. They may hold any post
    that shows cases. Invalid: they may not be shown the case, a four-eyes rule bars them, or it is delegated already."""
    instance_id, task_id = split(ref)
    text = maybe_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, node, _, actor = open_task(core, seen, task_id, "delegate")
        if not access.is_offered(actor, row, seen.instance["key"]):
            raise gone(core, row, "claimed")
        _check_delegate(core, seen, row, to, actor)
        owner = seen.for_id if seen.for_id is not None else actor.id
        values = {"owner_id": owner, "assignee_id": to, "for_id": None, "claimed_at": seen.now}
        seq = _record(seen, writes, Event.DELEGATED, row, node, actor, values, {"to": to, "text": text})
        for who in dict.fromkeys((to, owner)):
            writes.insert(
                copy,
                id=f"{seq}.{who}",
                person_id=who,
                kind=ASKED,
                by_id=actor.id,
                task_id=task_id,
                at=seen.now,
                note="",
                read_at=seen.now,
                opinion="",
            )
        notices.tell(seen, writes, seq, "delegated", (to,), task_id=task_id, data={"text": text} if text else None)
        return {"instance": instance_id, "task": task_id}

    return run_on_task(core, instance_id, plan, by, key, {"act": "delegate", "task": ref, "to": to, "reason": text})


def recall(core: Core, ref: str, by: int | str, *, reason: str = "", key: str | None = None) -> Reply:
    """Take a delegated task back before it is resolved: for whose it is, who stands in for them, and operators."""
    instance_id, task_id = split(ref)
    text = maybe_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, node, _, actor = open_task(core, seen, task_id, "recall")
        _check_delegated(row)
        if not access.owns(actor, row, seen.instance["key"]) and "operate" not in actor.powers:
            raise NotAllowed(
                act_zh="收回委托",
                act_en="recall it",
                why_zh="只有委托人可以收回",
                why_en="only who delegated it takes it back",
            )
        owner, delegate_id = row["owner_id"], row["assignee_id"]
        seen.for_id = owner if actor.id != owner and access.owns(actor, row, seen.instance["key"]) else None
        data = {"from": delegate_id, "to": owner, "text": text}
        seq = _record(seen, writes, Event.RECALLED, row, node, actor, _back(core, seen, row), data)
        notices.tell(seen, writes, seq, "recalled", (delegate_id, owner), task_id=task_id)
        return {"instance": instance_id, "task": task_id}

    return run_on_task(core, instance_id, plan, by, key, {"act": "recall", "task": ref, "reason": text})


def resolve(
    core: Core, ref: str, answers: Mapping[str, Any], by: int | str, *, text: str = "", key: str | None = None
) -> Reply:
    """Give a delegated task back with a proposal: answers to its form, which become the draft of whose it is, and a word. Personal fields
    are left out, they would stand in the record in the clear: {"left_out": their names}. forms.InvalidAnswers as at completing.

    Who delegated it and who resolves it count as performers of the task, where a four-eyes rule asks."""
    instance_id, task_id = split(ref)
    said = maybe_text(text)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, node, its_own, actor = open_task(core, seen, task_id, "resolve")
        _check_delegated(row)
        if not access.is_offered(actor, row, seen.instance["key"]):
            raise NotAllowed(
                act_zh="交回委托",
                act_en="resolve it",
                why_zh="任务不是委托给您的",
                why_en="it was not delegated to you",
            )
        proposal, left_out = _proposal(core, seen, writes, row, node, its_own, actor, answers)
        values = _back(core, seen, row)
        owner = values["assignee_id"]
        if owner is not None:
            writes.delete(draft, task_id=task_id, person_id=owner)
            writes.insert(draft, task_id=task_id, person_id=owner, answers=proposal, at=seen.now)
        data = {"answers": proposal, "to": owner, "text": said}
        seq = _record(seen, writes, Event.RESOLVED, row, node, actor, values, data)
        notices.tell(seen, writes, seq, "resolved", (row["owner_id"],), task_id=task_id)
        return {"instance": instance_id, "task": task_id, "left_out": left_out}

    given = {name: value for name, value in answers.items() if value is not None}  # as for a completion
    request: Row = {"act": "resolve", "task": ref, "answers": given, "text": said}
    return run_on_task(core, instance_id, plan, by, key, request)


def was_resolved(core: Core, ref: str, by: int | str, key: str | None) -> bool:
    """Whether this very request gave the task back: its answer was lost, and the task is no more theirs to see."""
    if key is None:
        return False
    instance_id, task_id = split(ref)
    with core.db.read() as connection:
        person = load_actor(connection, by).id
        query = select(receipt.c.reply).where(
            receipt.c.instance_id == instance_id, receipt.c.key == receipt_key(person, key)
        )
        reply = connection.execute(query).scalar()
    return reply is not None and reply.get("task") == task_id and "left_out" in reply


# ---------------------------------------------------------------- inside


def _check_delegate(core: Core, seen: Seen, row: Row, to: int, actor: Actor) -> None:
    """Nobody delegates to themselves; no four-eyes rule bars who delegates (nobody picks who checks them) nor who is asked."""
    if to in actor.accounts | {row["assignee_id"], seen.for_id}:
        raise Invalid(why_zh="不能委托给本人", why_en="a task is not delegated to whose it is")
    receivers.check(core, seen, (to,))
    starter = seen.instance["starter_id"]
    if seen.for_id is not None and to == starter:
        raise Invalid(
            why_zh="代理人不得把任务委托给事项的发起人",
            why_en="a substitute does not delegate a task to who started the case",
        )
    if four_eyes.concerns(core, row):
        _, process_run = effects.resume(core, seen)
        four_eyes.check(core, seen, process_run, row["id"], actor)
        if not four_eyes.check_receiver(core, seen, process_run, row["id"], to):
            raise Invalid(
                why_zh="受托人办理过本案中须与此分开的环节（四眼原则），请另选他人",
                why_en="that colleague did a step that must be kept apart from this one (four eyes): choose somebody else",
            )


def _check_delegated(row: Row) -> None:
    if not access.is_delegated(row):
        raise Invalid(why_zh="任务没有委托给他人", why_en="the task is not delegated")


def _proposal(
    core: Core,
    seen: Seen,
    writes: WriteSet,
    row: Row,
    node: Node,
    its_own: Definition,
    actor: Actor,
    answers: Mapping[str, Any],
) -> tuple[Row, list[str]]:
    """The answers as they go to whose it is, and the names of what is left out; who took part is remembered for four-eyes."""
    _, process_run = effects.resume(core, seen)
    four_eyes.check(core, seen, process_run, row["id"], actor)
    form = its_own.form_of(node)
    cleaned = form.validate(dict(answers), process_run.data(row["id"])) if form is not None else {}
    cleaned, personal = identities.split(form, cleaned)
    if four_eyes.concerns(core, row):
        owner = four_eyes.accounts(core, seen, row["owner_id"])
        process_run.remember(row["id"], {*four_eyes.performers(core, seen, actor), *owner})
        writes.instance |= {"state": process_run.outcome().state, "data_version": DATA_VERSION}
    return cleaned, sorted(personal)


def _back(core: Core, seen: Seen, row: Row) -> Row:
    """Whose it is again: its owner; of one who left or lost the post, all to whom it is offered; if there are none, who has it keeps it."""
    known = snapshot.of(core, seen.organisation)
    owner, post = row["owner_id"], row["post_key"]
    here = owner in known.people
    if post is not None and (not here or owner not in known.holders(row["unit_id"], post, seen.wall)):
        return {"assignee_id": None, "owner_id": None, "for_id": None, "claimed_at": None}
    if not here:
        return {"owner_id": None}
    return {"assignee_id": owner, "owner_id": None, "for_id": None, "claimed_at": seen.now}


def _record(
    seen: Seen, writes: WriteSet, event: Event, row: Row, node: Node, actor: Actor, values: Row, data: Row
) -> int:
    writes.update(task, id=row["id"], **values)
    told = {name: value for name, value in data.items() if value not in (None, "", {})}
    if "state" in writes.instance:
        told |= standing.told(seen.instance, writes.instance)
    return effects.record(
        seen,
        writes,
        event,
        actor=actor,
        node=node.id,
        task_id=row["id"],
        unit_id=row["unit_id"],
        post_key=row["post_key"],
        data=told,
    )
