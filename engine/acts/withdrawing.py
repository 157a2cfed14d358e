"""Taking back what one sent on (撤回)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import access, definitions, effects, incidents
from engine.acts import catalogue
from engine.acts.base import maybe_text, run_on_task, split
from engine.acts.past import Past
from engine.bpmn.model import Kind, Node
from engine.bpmn.running import Run
from engine.bpmn.runtime.regions import Unsound
from engine.errors import Invalid, LiandongError, NotAllowed, NotFound, StepFailed
from engine.events import Event
from engine.people import Actor
from engine.states import InstanceStatus
from engine.steps import Reply, Seen
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

_SENDS = frozenset((Kind.SERVICE, Kind.SEND, Kind.THROW, Kind.CALL))
"""What reaches beyond the case: once passed, nothing is taken back."""

_WORKED_ON = frozenset((Event.SIGNERS_ADDED, Event.DELEGATED, Event.TRANSFERRED, Event.ASSIST_ASKED, Event.CLOCK_ASKED))
"""What somebody did with a task makes it theirs, though it is open."""


def withdraw(core: Core, ref: str, by: int | str, *, reason: str = "", key: str | None = None) -> Reply:
    """Who completed the task `ref` takes it back: all that its completion opened closes, and the task opens for them again, under another
    id. Also while it only waits at a join for other branches.

    Answers {"instance", "opened"}. Invalid, in words, when it is too late: somebody has taken or done what followed, an event has come,
    or the way passed something that reached beyond the case. NotFound: they did not complete it. NotAllowed: the diagram."""
    instance_id, task_id = split(ref)
    text = maybe_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        actor = seen.someone
        access.check_not_recused(actor, seen.recused)
        known = Past(core, instance_id)
        row = _mine(known, task_id, actor)
        if seen.instance["status"] != InstanceStatus.ACTIVE:
            raise _late("案件已办结或已暂停", "the case has ended or stands still")
        definition, run = effects.resume(core, seen)
        node = judge(core, seen.instance, seen.open_tasks, known, row, actor, run)
        seen.for_id = row["for_id"]
        data = row["data"] or {}
        try:
            run.withdraw(
                node.id, data.get("path", ()), _opened(row), inside=data.get("inside"), person=row["for_id"] or actor.id
            )
        except Unsound as error:
            raise _late(error.zh, error.en) from error
        step = effects.apply(
            core,
            definition,
            seen,
            writes,
            run,
            Event.WITHDRAWN,
            actor=actor,
            node=node.id,
            data={"task": task_id, **({"text": text} if text else {})},
        )
        return {"instance": instance_id, "opened": [t["id"] for t in step.opened]}

    try:
        return run_on_task(core, instance_id, plan, by, key, {"act": "withdraw", "task": ref, "reason": reason})
    except StepFailed as error:
        incidents.note(core, instance_id, error)
        raise


def judge(core: Core, instance: Row, open_tasks: dict[int, Row], known: Past, row: Row, actor: Actor, run: Run) -> Node:
    """The node of a completed task (`row`: its history row), if its completion may be taken back now. NotAllowed or Invalid when not."""
    its = known.tasks[row["task_id"]]
    definition = definitions.get(
        core, run.definition_at((row["data"] or {}).get("inside")) or instance["definition_id"]
    )
    node = definition.model.nodes.get(its["node"])
    if node is None:
        raise _late("所在的子流程已经结束", "the sub-process it lay in is over")
    catalogue.check("withdraw", node, definition.model)
    _check_still_theirs(core, actor, its, row, instance["key"])
    if its["role"] is not None:
        raise _late("加签意见和退回后直达的办理不能撤回", "opinions and detours are not taken back")
    _check_path(core, instance, run, row)
    worked = {later["task_id"] for later in known.rows if later["seq"] > row["seq"] and later["kind"] in _WORKED_ON}
    if worked.intersection(_opened(row)):
        raise _late("后续环节已请人加签或转办", "others were asked about what followed, or got it")
    assigned = (row["data"] or {}).get("assigned", {})
    for id_ in _opened(row):
        task = open_tasks.get(id_)
        if task is None:
            raise _late("后续环节已经办理", "what followed has been worked on")
        if task["signed_at"] is not None:
            raise _late("后续环节已签收", "what followed was signed for")
        taken = task["assignee_id"] is not None and task["assignee_id"] != assigned.get(str(id_))
        if taken and task["assignee_id"] not in actor.accounts:
            raise _late("后续任务已被领取", "what followed was claimed")
    if not run.withdrawable(
        node.id, (row["data"] or {}).get("path", ()), _opened(row), inside=(row["data"] or {}).get("inside")
    ):
        raise _late("案件已从该处继续流转", "the case has moved on from there")
    return node


def _opened(row: Row) -> list[int]:
    found: list[int] = (row["data"] or {}).get("opened", [])
    return found


def _mine(known: Past, task_id: int, actor: Actor) -> Row:
    row = known.completion(task_id)
    if row is None or row["actor_id"] not in actor.accounts:
        raise NotFound(what="task")
    return row


def _check_still_theirs(core: Core, actor: Actor, its: Row, row: Row, process: str) -> None:
    """Who did it in the post that it was offered to holds that post still (in the successor of a unit that ended), or stands in still for
    whom they did it. NotAllowed."""
    key = core.unit_key(its["unit_id"])
    unit_id = (core.unit_id(key) if key is not None else None) or its["unit_id"]
    done = {"assignee_id": row["for_id"], "for_id": None, "unit_id": unit_id, "post_key": its["post_key"]}
    still = access.is_offered(actor, done, process) if row["for_id"] is not None else True
    if its["post_key"] is not None and row["for_id"] is None:
        still = access.holds_its_post(actor, done, process)
    if not still:
        raise NotAllowed(
            act_zh="撤回此任务",
            act_en="take this task back",
            why_zh="您已不在办理此任务的岗位，或代理已经结束",
            why_en="you do not hold the post any more that the task was offered to, or no more stand in for who does",
        )


def _check_path(core: Core, instance: Row, run: Run, row: Row) -> None:
    """What was passed reached nobody outside."""
    for name in (row["data"] or {}).get("path", ()):
        way, _, node_id = name.rpartition("/")
        definition_id = run.definition_of(way) if way else instance["definition_id"]
        node = definitions.get(core, definition_id).model.nodes.get(node_id) if definition_id is not None else None
        if node is None or node.kind in _SENDS or (node.kind is Kind.END and node.events):
            raise _late(
                "其间已执行系统动作、发出消息或调用了其他流程", "something was sent, done by the server or called since"
            )


def _late(zh: str, en: str) -> LiandongError:
    return Invalid(why_zh=f"不能撤回：{zh}", why_en=f"it cannot be taken back: {en}")
