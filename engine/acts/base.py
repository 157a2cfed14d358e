"""What all acts on a task share: finding it, asking who may, changing its row with a line in the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access, definitions, effects
from engine.acts import catalogue
from engine.bpmn.model import Node
from engine.errors import Invalid, NotAllowed, NotFound, TaskGone
from engine.events import Event
from engine.people import Actor
from engine.steps import Plan, Reply, Seen, run
from engine.tables import person, task
from engine.tables.columns import LARGEST_ID
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]
Change = Callable[[Seen, Row, Actor], tuple[Row, Row | None]]
"""What an act changes of the task's row, and what the history says of it."""


LARGEST_NUMBER = 2**31 - 1
"""What both databases keep as a small integer: numbers of people, batches, incidents."""


def split(ref: str) -> tuple[int, int]:
    """Instance id and task id of a task's public reference "instance.task". NotFound when it is not one."""
    first, dot, second = str(ref).partition(".")
    if not (dot and first.isdecimal() and second.isdecimal() and len(first) < 20 and len(second) < 10):
        raise NotFound(what="task")
    if int(first) > LARGEST_ID:
        raise NotFound(what="task")
    return int(first), int(second)


def clean_text(text: str, most: int = 2000) -> str:
    """Free text fit to be stored. Invalid when empty, too long, or with characters no database takes."""
    text = text.strip()
    if not text or len(text) > most:
        raise Invalid(why_zh=f"请填写 1 至 {most} 个字", why_en=f"write 1 to {most} characters")
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise Invalid(why_zh="文字中含有无法保存的字符", why_en="the text holds characters that cannot be stored")
    return text


def maybe_text(text: str, most: int = 2000) -> str:
    """The same where nothing need be said: "" when nothing is."""
    return clean_text(text, most) if text.strip() else ""


def run_on_task(core: Core, instance_id: int, plan: Plan, by: int | str, key: str | None, request: Row) -> Reply:
    """A step on a task. That there is no such case is told as that there is no such task: nobody learns which cases exist."""
    try:
        return run(core, instance_id, plan, by, key, request)
    except NotFound as error:
        raise NotFound(what="task" if error.params["what"] == "case" else error.params["what"]) from error


def change_task(
    core: Core,
    ref: str,
    by: int | str,
    key: str | None,
    act: str,
    event: Event,
    change: Change,
    request: Row | None = None,
) -> Reply:
    """One step that changes a task's row, as `change` says, if the actor may do `act` on it."""
    instance_id, task_id = split(ref)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, node, _, actor = open_task(core, seen, task_id, act)
        values, data = change(seen, row, actor)
        writes.update(task, id=task_id, **values)
        effects.record(
            seen,
            writes,
            event,
            actor=actor,
            node=node.id,
            task_id=task_id,
            unit_id=row["unit_id"],
            post_key=row["post_key"],
            data=data,
        )
        return {"instance": instance_id, "task": task_id}

    return run_on_task(core, instance_id, plan, by, key, {"act": act, "task": ref, **(request or {})})


def open_task(core: Core, seen: Seen, task_id: int, act: str) -> tuple[Row, Node, definitions.Definition, Actor]:
    """The open task with its node and the definition that has it (of a called process: not the instance's own), if the actor may do
    `act` on it."""
    actor = seen.actor
    if actor is None:
        raise NotFound(what="task")
    access.check_not_recused(actor, seen.recused)
    process = seen.instance["key"]
    row = seen.open_tasks.get(task_id)
    if row is None:
        closed = _closed_row(core, seen.instance["id"], task_id)
        if closed is None or not (
            access.is_offered(actor, closed, process)
            or access.holds_its_post(actor, closed, process)
            or access.owns(actor, closed, process)
        ):
            raise NotFound(what="task")
        raise gone(core, closed, closed["state"])
    definition = definitions.get(core, row["definition_id"])
    node = definition.model.nodes[row["node"]]
    if act in ("fail", "recall") and "operate" in actor.powers:
        return row, node, definition, actor
    access.check_can_work(actor, row, process)
    catalogue.check(act, node, definition.model)
    catalogue.check_role(act, row["role"])
    if act in ("complete", "transfer", "fail", "save") and not access.is_offered(actor, row, process):
        raise gone(core, row, "claimed")
    if access.is_delegated(row):
        _check_while_delegated(act)
    seen.for_id = access.acting_for(actor, row, process)
    access.check_not_own_cause(actor, seen.for_id, seen.instance["starter_id"])
    return row, node, definition, actor


def allowed_on_case(core: Core, actor: Actor | None, case: Row, open_tasks: Iterable[Row], act: str) -> bool:
    """Whether the diagram lets the actor do `act` on the case as a whole: who works open tasks of it may unless all of these forbid it,
    everybody else unless the process does."""
    theirs = [row for row in open_tasks if actor is not None and access.is_offered(actor, row, case["key"])]
    if not theirs:
        return catalogue.allowed_on_case(act, definitions.get(core, case["definition_id"]).model)
    models = [(row["node"], definitions.get(core, row["definition_id"]).model) for row in theirs]
    return any(catalogue.allowed(act, model.nodes[node], model) for node, model in models)


def check_on_case(core: Core, seen: Seen, act: str) -> None:
    """NotAllowed when the diagram does not let the actor do it on the case."""
    if not allowed_on_case(core, seen.actor, seen.instance, seen.open_tasks.values(), act):
        raise catalogue.refused(act)


WHILE_DELEGATED = frozenset({"resolve", "recall", "save", "sign"})
"""Acts on a task that somebody prepares for another: who owns it recalls it first, who has it gives it back first."""


def _check_while_delegated(act: str) -> None:
    if act not in WHILE_DELEGATED:
        known = catalogue.ACTS[act]
        raise NotAllowed(
            act_zh=known.zh,
            act_en=known.en,
            why_zh="任务正在委托中，受托人交回或委托人收回后才能办理",
            why_en="the task is delegated: it must be given back or recalled first",
        )


def _closed_row(core: Core, instance_id: int, task_id: int) -> Row | None:
    with core.db.read() as connection:
        row = (
            connection.execute(select(task).where(task.c.instance_id == instance_id, task.c.id == task_id))
            .mappings()
            .first()
        )
    return dict(row) if row is not None else None


GONE = {
    "completed": ("已办结", "was completed"),
    "cancelled": ("已取消", "was cancelled"),
    "claimed": ("已被领取", "is claimed"),
    "returned": ("已退回、撤回或正在加签", "was sent back, withdrawn, or waits for signers"),
    "rejected": ("已否决", "was rejected"),
    "suspended": ("已暂停", "is suspended"),
}
"""What became of a task, in words, by its state; `claimed` is none."""


def gone(core: Core, row: Row, state: str) -> TaskGone:
    """What somebody is told who comes too late: who has done what with the task, and when."""
    who_id = row["assignee_id"] if state == "claimed" else row["closed_by"]
    with core.db.read() as connection:
        who = connection.execute(select(person.c.name).where(person.c.id == who_id)).scalar()
    definition = definitions.get(core, row["definition_id"])
    node = definition.model.nodes.get(row["node"])
    state_zh, state_en = GONE[state]
    at = row["claimed_at"] if state == "claimed" else row["closed_at"]
    return TaskGone(
        at,
        task=node.names.text("zh") if node else row["node"],
        state_zh=state_zh,
        state_en=state_en,
        who=who or "系统",
        when=at.isoformat(timespec="seconds") if at else "",
    )
