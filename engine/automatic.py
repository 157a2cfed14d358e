"""Tasks that the diagram does by itself (`ld:auto`): approved by a rule, or because the same person approved just before (去重).

Decided in the step that opens the task and done after it as a job, in the system's name, with why in its history row. Whatever somebody
does with the task before wins; what was sent back or withdrawn is for people; a loop of such tasks ends with people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from engine import definitions, effects, feel, four_eyes, identities, not_of, settings, waits
from engine.bpmn.outcome import Opened
from engine.bpmn.runtime.held import SIGNER
from engine.bpmn.settings import Auto, Same
from engine.bpmn.values import Value
from engine.events import Event
from engine.organisation import snapshot
from engine.steps import Reply, Seen, Step, run
from engine.tables import history, job, task
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core
    from engine.leases import Leased

Row = dict[str, Any]

KIND = "auto"
DEFAULTS = {"auto_rounds_most": 10}
"""So often the system does one task of the diagram by itself in a case; then people do it. The row of `setting` wins."""

_BY_PEOPLE = (Event.RETURNED, Event.WITHDRAWN, Event.TOKEN_MOVED, Event.SIGNER_REMOVED, Event.SIGNERS_ADDED)
"""What somebody opened again with a purpose is not done by itself."""


def job_id(task_id: int) -> str:
    """The job that does a task."""
    return f"{KIND}-{task_id}"


def decide(step: Step, said: Row) -> frozenset[int]:
    """Jobs for those of the tasks that opened which are done by themselves; answers which. `said`: the step's history row. Jobs of tasks
    that closed go."""
    for task_id in {*step.outcome.cancelled, *([step.completed] if step.completed is not None else ())}:
        row = step.seen.open_tasks[task_id]
        if definitions.get(step.core, row["definition_id"]).model.nodes[row["node"]].settings.auto is not None:
            step.writes.delete(job, id=job_id(task_id))
    if said["kind"] in _BY_PEOPLE:
        return frozenset()
    found = []
    for opened, row in zip(step.outcome.opened, step.opened, strict=True):
        auto = opened.node.settings.auto
        if auto is None or opened.role is not None or opened.person is not None:
            continue
        why = _why(step, said, opened, row, auto)
        if why is not None:
            payload = {**why, "assignee": row["assignee_id"]}
            waits.put(step.writes, step.seen, job_id(opened.id), KIND, opened.node.id, step.now, payload)
            found.append(opened.id)
    return frozenset(found)


def carry_out(core: Core, leased: Leased) -> None:
    """Do the task, if it waits as it did when that was decided. forms.InvalidAnswers and StepFailed make an incident of the job; the task
    stays open for people."""
    payload = leased.payload or {}
    task_id = waits.token_of(leased.id)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        if seen.suspended:
            waits.hold(writes, leased)
            return {}
        writes.delete(job, id=leased.id)
        row = seen.open_tasks.get(task_id)
        if row is None or row["assignee_id"] != payload.get("assignee") or row["owner_id"] is not None:
            return {}
        most = _rounds_left(core, seen, row)
        if most is not None:
            told = {"text": f"自动办结已达 {most} 次，改由人工办理 / done by itself {most} times: left to people"}
            effects.record(seen, writes, Event.COMMENTED, node=row["node"], task_id=task_id, data=told)
            return {}
        definition, process_run = effects.resume(core, seen)
        person: int | None = payload.get("person")
        performers = four_eyes.accounts(core, seen, person)
        if not performers.isdisjoint(process_run.barred(task_id, seen.instance["starter_id"])):
            return {}  # they did meanwhile what must be kept apart from it
        if person is not None and not_of.is_kept_out(core, seen, process_run, task_id, person):
            return {}
        its_own = definitions.get(core, row["definition_id"])
        node = its_own.model.nodes[row["node"]]
        auto, form, known = node.settings.auto, its_own.form_of(node), process_run.data(task_id)
        given = process_run.value(Value(auto.answers, is_feel=True), known) if auto and auto.answers else {}
        answers = {name: feel.to_json(value) for name, value in given.items()} if isinstance(given, dict) else {}
        cleaned, _ = identities.split(form, form.validate(answers, known) if form is not None else {})
        process_run.complete(task_id, sorted(performers), cleaned)
        why = {name: payload[name] for name in ("why", "person") if payload.get(name) is not None}
        data: Row = {**({"answers": cleaned} if cleaned else {}), "auto": why}
        effects.apply(core, definition, seen, writes, process_run, Event.COMPLETED, completed=row, data=data)
        return {}

    run(core, leased.instance_id, plan, fence=leased.held)


# ---------------------------------------------------------------- inside


def _why(step: Step, said: Row, opened: Opened, row: Row, auto: Auto) -> Row | None:
    """Why it is done by itself: the rule's name, and whose work stands for it."""
    if auto.when is not None and step.run.value(Value(auto.when, is_feel=True), opened.scope) is True:
        return {"why": "when"}
    if auto.same is None:
        return None
    known = snapshot.of(step.core, step.seen.organisation)
    person = row["assignee_id"]
    if person is None and row["post_key"] is not None:
        holders = known.holders(row["unit_id"], row["post_key"], step.seen.wall)
        person = holders[0] if len(holders) == 1 else None
    accounts = known.accounts(person) if person is not None else frozenset()
    # where another task's four-eyes rule names this one, their work does not stand for it
    if not accounts or not accounts.isdisjoint(step.run.barred(opened.id, step.seen.instance["starter_id"])):
        return None
    done = step.seen.open_tasks.get(said["task_id"], {})
    if said["kind"] == Event.COMPLETED and done.get("role") != SIGNER and _whose(said) in accounts:
        return {"why": str(Same.PREVIOUS), "person": person}
    if auto.same is Same.EARLIER and _did_earlier(step.core, step.writes.instance_id, accounts):
        return {"why": str(Same.EARLIER), "person": person}
    return None


def _whose(row: Row) -> int | None:
    """Who did a task; of one that was done by itself, whose work stood for it."""
    actor: int | None = row["actor_id"]
    return actor if actor is not None else ((row["data"] or {}).get("auto") or {}).get("person")


def _did_earlier(core: Core, instance_id: int, accounts: frozenset[int]) -> bool:
    """Whether they completed a task of this case since it was last sent back or withdrawn."""
    kinds = (str(Event.COMPLETED), str(Event.RETURNED), str(Event.WITHDRAWN))
    query = (
        select(history.c.kind, history.c.actor_id, task.c.role)
        .outerjoin(task, (task.c.instance_id == history.c.instance_id) & (task.c.id == history.c.task_id))
        .where(history.c.instance_id == instance_id, history.c.kind.in_(kinds))
        .order_by(history.c.seq.desc())
    )
    with core.db.read() as connection:
        for row in connection.execute(query):
            if row.kind != Event.COMPLETED:
                return False
            if row.actor_id in accounts and row.role != SIGNER:  # an opinion is not work
                return True
    return False


def _rounds_left(core: Core, seen: Seen, row: Row) -> int | None:
    """None: it may be done once more; else how often the system did this task of the diagram already, which is enough."""
    by_itself = select(func.count()).where(
        history.c.instance_id == seen.instance["id"],
        history.c.kind == str(Event.COMPLETED),
        history.c.node == row["node"],
        history.c.actor_id.is_(None),
    )
    with core.db.read() as connection:
        most = int(settings.read(connection, DEFAULTS)["auto_rounds_most"])
        return most if int(connection.execute(by_itself).scalar_one()) >= most else None
