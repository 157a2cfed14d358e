"""Sending a task back (退回): to the step before, to any step before, to the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import access, definitions, effects, four_eyes, incidents, notices
from engine.acts import catalogue, past
from engine.acts.base import clean_text, gone, open_task, run_on_task, split
from engine.acts.past import Past, Target
from engine.bpmn.running import Run
from engine.bpmn.runtime.regions import Unsound
from engine.errors import Invalid, StepFailed
from engine.events import Event
from engine.steps import Reply, Seen, Step
from engine.tables import history
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

ACTS = ("back", "back_any", "back_start")


def back(
    core: Core,
    ref: str,
    by: int | str,
    *,
    to: str | None = None,
    again: bool = True,
    reason: str,
    key: str | None = None,
) -> Reply:
    """Send an open task back, for whoever may complete it. `to`: the `node` of one of `queries.earlier.targets`; None: the step just
    before. With `again` everything between runs again; without, the task waits and opens again for who sent it back, under another id, as
    soon as that step is done (送回后直达). The step goes to who did it, if they still can.

    Answers {"instance", "opened", "held"}: the ids of the tasks that opened, and whether this one waits. Invalid: there is no reason, or it
    cannot go there soundly, in words. NotAllowed: the diagram or four-eyes. TaskGone: done or taken meanwhile."""
    instance_id, task_id = split(ref)
    text = clean_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row = seen.open_tasks.get(task_id)
        if row is None:
            open_task(core, seen, task_id, "back")
            raise gone(core, {}, "returned")  # pragma: no cover  it has raised
        definition, run = effects.resume(core, seen)
        target, wrong = target_of(core, seen, run, row, to)
        act = act_for(core, row, target)
        row, _, _, actor = open_task(core, seen, task_id, act)
        if not access.is_offered(actor, row, seen.instance["key"]):
            raise gone(core, row, "claimed")
        four_eyes.check(core, seen, run, task_id, actor)
        if target is None:
            raise wrong
        send(run, task_id, target, again=again, asked=seen.for_id or actor.id)
        data = {"to": target.node, "text": text, "again": again}
        step = effects.apply(core, definition, seen, writes, run, Event.RETURNED, actor=actor, about=row, data=data)
        _tell(step, text)
        return {"instance": instance_id, "opened": [t["id"] for t in step.opened], "held": not again}

    request: Row = {"act": "back", "task": ref, "to": to, "again": again, "reason": reason}
    try:
        return run_on_task(core, instance_id, plan, by, key, request)
    except StepFailed as error:
        incidents.note(core, instance_id, error)
        raise


def target_of(core: Core, seen: Seen, run: Run, row: Row, to: str | None) -> tuple[Target | None, Invalid]:
    """The step meant (`to`: None is the step just before), and what to say when there is none."""
    found = past.targets(core, run, seen.instance, row, Past(core, seen.instance["id"]))
    if to is None:
        nobody = Invalid(
            why_zh="此任务之前没有可以退回的环节", why_en="there is no step before this task to send it back to"
        )
        return next((each for each in found if each.previous), None), nobody
    why_zh = f"不能退回到“{to}”：它没有办理过，或不在此任务之前"
    why_en = f"it cannot go back to “{to}”: that was not done, or not before this task"
    try:
        run.judge(row["id"], to)
    except Unsound as error:
        why_zh, why_en = error.zh, error.en
    return next((each for each in found if each.node == to), None), Invalid(why_zh=why_zh, why_en=why_en)


def act_for(core: Core, row: Row, target: Target | None) -> str:
    """The act by which the diagram allows it: to the step before one may as well go where one may go to any."""
    definition = definitions.get(core, row["definition_id"])
    node = definition.model.nodes[row["node"]]
    wanted = target.act if target is not None else "back"
    if target is None or target.previous:
        fitting = ("back", "back_any", *(("back_start",) if target is None or target.start else ()))
        return next((act for act in fitting if catalogue.allowed(act, node, definition.model)), wanted)
    return wanted


def send(run: Run, task_id: int, target: Target, *, again: bool, asked: int) -> None:
    """The token goes there; `asked` gets it back where it comes straight back. Invalid: not in this way, or not soundly."""
    if not (target.again if again else target.straight):
        raise Invalid(
            why_zh="到此环节只能" + ("退回后直达" if again else "退回后逐步重走"),
            why_en="to that step it can only go " + ("and come straight back" if again else "so that all runs again"),
        )
    try:
        run.back(task_id, target.node, again=again, person=target.who, asked=asked)
    except Unsound as error:
        raise Invalid(why_zh=error.zh, why_en=error.en) from error


def _tell(step: Step, text: str) -> None:
    """Who is to do it once more, and then it comes back, learns why; what goes back for good is told of by `following`."""
    seq = step.writes.inserts[history.name][-1]["seq"]
    for row in step.opened:
        if row["role"] is not None and row["assignee_id"] is not None:
            who = (row["assignee_id"],)
            notices.tell(step.seen, step.writes, seq, "sent_back", who, task_id=row["id"], data={"text": text})
