"""What a person does with a user task. Each act is one step; who may is asked of `access` inside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access, definitions, effects, files, four_eyes, identities, incidents
from engine.bpmn.model import Node
from engine.errors import Invalid, NotFound, StepFailed, TaskGone, Uncaught
from engine.events import Event
from engine.organisation import snapshot
from engine.people import Actor
from engine.steps import Plan, Reply, Seen, run
from engine.tables import person, task
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


LARGEST_ID = 2**63 - 1
"""What both databases keep as an integer."""


def split(ref: str) -> tuple[int, int]:
    """Instance id and task id of a task's public reference "instance.task". NotFound when it is not one."""
    first, dot, second = str(ref).partition(".")
    if not (dot and first.isdecimal() and second.isdecimal() and len(first) < 20 and len(second) < 10):
        raise NotFound(what="task")
    if int(first) > LARGEST_ID:
        raise NotFound(what="task")
    return int(first), int(second)


def complete(
    core: Core,
    ref: str,
    answers: Mapping[str, Any],
    by: int | str,
    *,
    key: str | None = None,
    accepted: Sequence[files.Accepted] = (),
) -> Reply:
    """Complete a task with its form's answers, attach `accepted` files, and run the process on. Answers {"instance", "opened",
    "ended"}.

    NotFound: not theirs to see; NotAllowed: four-eyes or the diagram forbids it; TaskGone: completed or taken meanwhile, with who
    and when; forms.InvalidAnswers: each wrong field by name."""
    instance_id, task_id = split(ref)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, node, its_own, actor = _open(core, seen, task_id, "complete")
        definition, process_run = effects.resume(core, seen)
        four_eyes.check(core, seen, process_run, task_id, actor)
        form = its_own.form_of(node)
        cleaned = form.validate(dict(answers), process_run.data(task_id)) if form is not None else {}
        cleaned, personal = identities.split(form, cleaned)
        said = {"answers": cleaned} if cleaned or personal else {}
        said.update(identities.add(seen, writes, identities.prepare(core, instance_id, personal)))
        process_run.complete(task_id, four_eyes.performers(core, seen, actor), cleaned)
        step = effects.apply(
            core,
            definition,
            seen,
            writes,
            process_run,
            Event.COMPLETED,
            actor=actor,
            completed=row,
            data=said or None,
        )
        files.add(core, seen, writes, accepted, task_id=task_id)
        return {
            "instance": instance_id,
            "opened": [t["id"] for t in step.opened],
            "ended": step.outcome.ended,
        }

    if accepted:
        files.keep(core, accepted)
    request: Row = {"act": "complete", "task": ref, "answers": answers}
    if accepted:
        request["files"] = [f.id for f in accepted]
    try:
        return _run(core, instance_id, plan, by, key, request)
    except StepFailed as error:
        incidents.note(core, instance_id, error)
        raise


def fail(
    core: Core,
    ref: str,
    code: str,
    by: int | str,
    *,
    payload: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> Reply:
    """Report that a task cannot be done: it throws the BPMN error `code`, which a boundary event or an event sub-process around it
    catches. For those who may complete it, and for operators. Invalid when nothing would catch it: then the task stays open.
    Answers {"instance", "opened", "ended"}."""
    instance_id, task_id = split(ref)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, _, _, actor = _open(core, seen, task_id, "fail")
        definition, process_run = effects.resume(core, seen)
        if "operate" not in actor.powers:
            four_eyes.check(core, seen, process_run, task_id, actor)
        try:
            process_run.fail(task_id, code, payload, four_eyes.performers(core, seen, actor))
        except Uncaught as error:
            raise Invalid(
                why_zh=f"流程图中没有能接住错误“{code}”的事件，任务仍然有效",
                why_en=f"no event of the diagram catches the error “{code}”; the task stays open",
            ) from error
        step = effects.apply(
            core,
            definition,
            seen,
            writes,
            process_run,
            Event.ERROR,
            actor=actor,
            failed=row,
            data={"code": code, "answers": dict(payload or {})},
        )
        return {"instance": instance_id, "opened": [t["id"] for t in step.opened], "ended": step.outcome.ended}

    request: Row = {"act": "fail", "task": ref, "code": code, "payload": payload}
    try:
        return _run(core, instance_id, plan, by, key, request)
    except StepFailed as error:
        incidents.note(core, instance_id, error)
        raise


def claim(core: Core, ref: str, by: int | str, *, key: str | None = None) -> Reply:
    """Take an offered task: from now on it is the actor's alone."""

    def change(seen: Seen, row: Row, actor: Actor) -> tuple[Row, Row | None]:
        if row["assignee_id"] is not None:
            raise _gone(core, row, "claimed")
        if four_eyes.concerns(core, row):
            four_eyes.check(core, seen, effects.resume(core, seen)[1], row["id"], actor)
        return {"assignee_id": actor.id, "for_id": seen.for_id, "claimed_at": seen.now}, None

    return _act(core, ref, by, key, "claim", Event.CLAIMED, change)


def release(core: Core, ref: str, by: int | str, *, key: str | None = None) -> Reply:
    """Give a claimed task back to all it is offered to."""

    def change(seen: Seen, row: Row, actor: Actor) -> tuple[Row, Row | None]:
        if row["assignee_id"] is None or not access.is_offered(actor, row, seen.instance["key"]):
            raise _gone(core, row, "claimed")
        if row["post_key"] is None:
            raise Invalid(
                why_zh="流程图把此任务指定给您本人，不能退回待领",
                why_en="the diagram means this task for you in person: there is nobody to give it back to",
            )
        return {"assignee_id": None, "for_id": None, "claimed_at": None}, None

    return _act(core, ref, by, key, "release", Event.RELEASED, change)


def transfer(core: Core, ref: str, to: int, by: int | str, *, reason: str = "", key: str | None = None) -> Reply:
    """Hand a task to a colleague who holds the post it is offered to (转办)."""

    def change(seen: Seen, row: Row, actor: Actor) -> tuple[Row, Row | None]:
        if four_eyes.concerns(core, row):  # nobody picks who checks them
            four_eyes.check(core, seen, effects.resume(core, seen)[1], row["id"], actor)
        _check_receiver(core, seen, row, to)
        return {"assignee_id": to, "for_id": None, "claimed_at": seen.now}, {"to": to, "text": reason}

    return _act(core, ref, by, key, "transfer", Event.TRANSFERRED, change, {"to": to, "reason": reason})


def comment(core: Core, instance_id: int, text: str, by: int | str, *, key: str | None = None) -> Reply:
    """Say something on a case one sees. Kept in its history."""
    said = clean_text(text)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        with core.db.read() as connection:
            access.check_can_see(connection, seen.someone, instance_id)
        seq = effects.record(seen, writes, Event.COMMENTED, actor=seen.actor, data={"text": said})
        return {"instance": instance_id, "seq": seq}

    return run(core, instance_id, plan, by, key, {"act": "comment", "text": said})


def clean_text(text: str, most: int = 2000) -> str:
    """Free text fit to be stored. Invalid when empty, too long, or with characters no database takes."""
    text = text.strip()
    if not text or len(text) > most:
        raise Invalid(why_zh=f"请填写 1 至 {most} 个字", why_en=f"write 1 to {most} characters")
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise Invalid(why_zh="文字中含有无法保存的字符", why_en="the text holds characters that cannot be stored")
    return text


# ---------------------------------------------------------------- inside


def _run(core: Core, instance_id: int, plan: Plan, by: int | str, key: str | None, request: Row) -> Reply:
    """A step on a task. That there is no such case is told as that there is no such task: nobody learns which cases exist."""
    try:
        return run(core, instance_id, plan, by, key, request)
    except NotFound as error:
        raise NotFound(what="task" if error.params["what"] == "case" else error.params["what"]) from error


def _act(
    core: Core,
    ref: str,
    by: int | str,
    key: str | None,
    act: str,
    event: Event,
    change: Any,
    request: Row | None = None,
) -> Reply:
    instance_id, task_id = split(ref)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, node, _, actor = _open(core, seen, task_id, act)
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

    return _run(core, instance_id, plan, by, key, {"act": act, "task": ref, **(request or {})})


def _open(core: Core, seen: Seen, task_id: int, act: str) -> tuple[Row, Node, definitions.Definition, Actor]:
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
            access.is_offered(actor, closed, process) or access.holds_its_post(actor, closed, process)
        ):
            raise NotFound(what="task")
        raise _gone(core, closed, closed["state"])
    definition = definitions.get(core, row["definition_id"])
    node = definition.model.nodes[row["node"]]
    if act == "fail" and "operate" in actor.powers:
        return row, node, definition, actor
    access.check_can_work(actor, row, node, act, process)
    if act in ("complete", "transfer", "fail") and not access.is_offered(actor, row, process):
        raise _gone(core, row, "claimed")
    seen.for_id = access.acting_for(actor, row, process)
    access.check_not_own_cause(actor, seen.for_id, seen.instance["starter_id"])
    return row, node, definition, actor


def _closed_row(core: Core, instance_id: int, task_id: int) -> Row | None:
    with core.db.read() as connection:
        row = (
            connection.execute(select(task).where(task.c.instance_id == instance_id, task.c.id == task_id))
            .mappings()
            .first()
        )
    return dict(row) if row is not None else None


_WORDS = {
    "completed": ("已办结", "was completed"),
    "cancelled": ("已取消", "was cancelled"),
    "claimed": ("已被领取", "is claimed"),
}


def _gone(core: Core, row: Row, state: str) -> TaskGone:
    who_id = row["assignee_id"] if state == "claimed" else row["closed_by"]
    with core.db.read() as connection:
        who = connection.execute(select(person.c.name).where(person.c.id == who_id)).scalar()
    definition = definitions.get(core, row["definition_id"])
    node = definition.model.nodes.get(row["node"])
    state_zh, state_en = _WORDS[state]
    at = row["claimed_at"] if state == "claimed" else row["closed_at"]
    return TaskGone(
        at,
        task=node.names.text("zh") if node else row["node"],
        state_zh=state_zh,
        state_en=state_en,
        who=who or "系统",
        when=at.isoformat(timespec="seconds") if at else "",
    )


def _check_receiver(core: Core, seen: Seen, row: Row, to: int) -> None:
    """A colleague who holds the post now, whose unit the case is not about, and whom no four-eyes rule bars."""
    known = snapshot.of(core, seen.organisation)
    post_key, unit_id = row["post_key"], row["unit_id"]
    if post_key is not None and to not in known.holders(unit_id, post_key, seen.wall):
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
