"""Doing a task, and saying that it cannot be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine import effects, files, four_eyes, identities, incidents
from engine.acts import signature
from engine.acts.base import open_task, run_on_task, split
from engine.acts.signature import Signature
from engine.bpmn.runtime.held import SIGNER
from engine.errors import Invalid, StepFailed, Uncaught
from engine.events import Event
from engine.steps import Reply, Seen
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def complete(
    core: Core,
    ref: str,
    answers: Mapping[str, Any],
    by: int | str,
    *,
    key: str | None = None,
    accepted: Sequence[files.Accepted] = (),
    signed: Signature | None = None,
) -> Reply:
    """Complete a task with its form's answers, attach `accepted` files and the signature on it, and run the process on. Answers
    {"instance", "opened", "ended"}. Invalid: the diagram asks for a signature (`engine.acts.signature`).

    NotFound: not theirs to see; NotAllowed: four-eyes or the diagram forbids it; TaskGone: completed or taken meanwhile, with who
    and when; forms.InvalidAnswers: each wrong field by name."""
    instance_id, task_id = split(ref)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, node, its_own, actor = open_task(core, seen, task_id, "complete")
        definition, process_run = effects.resume(core, seen)
        four_eyes.check(core, seen, process_run, task_id, actor)
        if row["role"] != SIGNER:
            signature.check(node, signed)
        form = its_own.form_of(node, row["role"])
        cleaned = form.validate(dict(answers), process_run.data(task_id)) if form is not None else {}
        cleaned, personal = identities.split(form, cleaned)
        said = {"answers": cleaned} if cleaned or personal else {}
        said.update(identities.add(seen, writes, identities.prepare(core, instance_id, personal)))
        said.update(signed.told() if signed is not None else {})
        # what somebody says who was added to a task is kept in the history: it is no fact
        facts = cleaned if row["role"] != SIGNER else None
        process_run.complete(task_id, four_eyes.performers(core, seen, actor), facts)
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
        signature.add(core, seen, writes, signed, task_id)
        return {
            "instance": instance_id,
            "opened": [t["id"] for t in step.opened],
            "ended": step.outcome.ended,
        }

    if accepted or signed is not None:
        files.keep(core, [*accepted, *([signed.file] if signed is not None else ())])
    # a blank that empties something is a blank: a page sends one or leaves it out as the facts are by then
    given = {name: value for name, value in answers.items() if value is not None}
    request: Row = {"act": "complete", "task": ref, "answers": given}
    if accepted:
        request["files"] = [f.id for f in accepted]
    if signed is not None:
        request |= signed.told()
    try:
        return run_on_task(core, instance_id, plan, by, key, request)
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
        row, _, _, actor = open_task(core, seen, task_id, "fail")
        definition, process_run = effects.resume(core, seen)
        four_eyes.check_ending(core, seen, process_run, task_id, actor)
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
        return run_on_task(core, instance_id, plan, by, key, request)
    except StepFailed as error:
        incidents.note(core, instance_id, error)
        raise
