"""From what the process did to the rows that say so: instance, tasks, jobs, subscriptions, history, involvement, search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine import calls, candidates, definitions, origin, recusals, search, waits, worktime
from engine.audit import standing
from engine.audit.chain import BEGINNING
from engine.bpmn.outcome import Gone, Opened, Outcome
from engine.bpmn.running import Run
from engine.core import Core
from engine.definitions import Definition
from engine.events import Event
from engine.people import Actor
from engine.registers import matching
from engine.states import InstanceStatus, TaskState, move_instance, move_task
from engine.steps import Seen, Step
from engine.tables import DATA_VERSION, history, involvement, task, words
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.migrating.changing import Changing

Row = dict[str, Any]

COLUMNS = ("title", "class", "area", "place", "lat", "lon", "source", "grade")
"""Facts that are columns of every instance too, so that lists can sort and filter by them."""

_WIDTH = {"title": 300, "class": 64, "area": 64, "place": 300, "source": 64, "grade": 32}


def prepare(core: Core, definition: Definition, facts: Row, seen: Seen) -> Run:
    """A run of this definition on these facts, at the step's instant."""
    working = worktime.of(core, seen.calendars, seen.world.zone)
    return Run(
        definition.program,
        facts,
        seen.now,
        lambda register, match, every: matching(core, register, match, seen.world.realm, every=every, strict=True),
        seen.world.zone,
        programs=calls.Programs(core),
        decide=calls.decider(core, definition.id, seen.now, seen.world.zone),
        this=_this(core, seen),
        working=working,
    )


def _this(core: Core, seen: Seen) -> Row:
    """What expressions learn of the instance itself. Its id is text: JSON and FEEL keep no integer of that size everywhere."""
    row = seen.instance
    own = {
        "id": str(row["id"]),
        "number": row["number"],
        "started": row["started_at"].astimezone(seen.world.zone),
        "starter": str(row["starter_id"]) if row.get("starter_id") is not None else None,
    }
    for tell in core.tells:
        own |= tell(seen)
    return own


def resume(core: Core, seen: Seen) -> tuple[Definition, Run]:
    """The instance of a step, ready to go on. It must not have ended."""
    definition = definitions.get(core, seen.instance["definition_id"])
    process_run = prepare(core, definition, seen.instance["facts"], seen)
    process_run.resume(seen.instance["state"])
    return definition, process_run


def apply(
    core: Core,
    definition: Definition,
    seen: Seen,
    writes: WriteSet,
    run: Run,
    event: Event,
    *,
    actor: Actor | None = None,
    completed: Row | None = None,
    failed: Row | None = None,
    about: Row | None = None,
    started: bool = False,
    node: str | None = None,
    data: Row | None = None,
    gone: Sequence[Gone] = (),
    changing: Changing | None = None,
) -> Step:
    """Turn the outcome of `run` into rows, write the history row, and let the listeners add theirs. `completed`, `failed` and `about`: the
    task that an actor did, said cannot be done, or did something else with. `gone`: what was waited for before this run and is no more;
    `changing`: the instance goes on by another version from here."""
    if not started:
        recusals.let_go(core, seen, run)
    outcome = run.outcome()
    outcome.gone += gone
    about = completed or failed or about
    step = Step(core, definition, seen, writes, run, outcome, outcome.facts, started=started, changing=changing)
    if completed is not None:
        step.completed = completed["id"]
        writes.update(
            task,
            id=completed["id"],
            state=move_task(completed["state"], TaskState.COMPLETED),
            closed_at=seen.now,
            closed_by=actor.id if actor else None,
            **(
                {}
                if completed["assignee_id"] or actor is None
                else {"assignee_id": actor.id, "for_id": seen.for_id, "claimed_at": seen.now}
            ),
        )
    for task_id in outcome.cancelled:
        writes.update(
            task,
            id=task_id,
            state=move_task(
                seen.open_tasks[task_id]["state"],
                TaskState.RETURNED if task_id in outcome.returned else TaskState.CANCELLED,
            ),
            closed_at=seen.now,
            **(
                {"closed_by": actor.id}
                if actor is not None and (about is seen.open_tasks[task_id] or task_id in outcome.returned)
                else {}
            ),
        )
    recused = recusals.keep(step)
    fallbacks: list[int] = []
    for opened in outcome.opened:
        offer = candidates.find(step, run, opened, recused)
        step.opened.append(_open_task(step, run, opened, offer))
        step.scopes[opened.id] = opened.scope
        if offer.fallback:
            fallbacks.append(opened.id)
    said = step.said
    said |= {"path": outcome.path, **(data or {})}
    if completed is not None and run.was_inside is not None:
        said["inside"] = run.was_inside
    moved = recusals.take_away(step, run, recused, gone={*outcome.cancelled, *((about["id"],) if about else ())})
    if moved:
        said["moved"] = moved
    waits.keep(step)
    _columns(step, seen.instance, started=started)
    if step.opened:
        said["opened"] = [t["id"] for t in step.opened]
    assigned = {str(t["id"]): t["assignee_id"] for t in step.opened if t["assignee_id"] is not None}
    if assigned:
        said["assigned"] = assigned
    if fallbacks:
        said["fallback"] = fallbacks
    said |= standing.told(seen.instance, writes.instance)
    record(
        seen,
        writes,
        event,
        node=about["node"] if about else node,
        task_id=about["id"] if about else None,
        actor=actor,
        unit_id=about["unit_id"] if about else None,
        post_key=about["post_key"] if about else None,
        data=said,
    )
    for listener in core.listeners:
        listener(step)
    _searched(step, seen.instance, started=started)
    return step


def record(
    seen: Seen,
    writes: WriteSet,
    event: Event,
    *,
    actor: Actor | None = None,
    node: str | None = None,
    task_id: int | None = None,
    unit_id: int | None = None,
    post_key: str | None = None,
    data: Row | None = None,
) -> int:
    """Add a history row, numbered inside the instance; answers its number."""
    counted = writes.instance.get("history_count")
    seq: int = seen.instance["history_count"] if counted is None else counted
    if unit_id is None and actor is not None and actor.own_posts:
        first = actor.own_posts[0]
        unit_id, post_key = first.unit_id, first.post
    row: Row = {
        "instance_id": writes.instance_id,
        "seq": seq,
        "at": seen.now,
        "kind": str(event),
        "node": node,
        "task_id": task_id,
        "actor_id": actor.id if actor else None,
        "unit_id": unit_id,
        "post_key": post_key,
        "data": data or None,
        "for_id": seen.for_id if actor else None,
        "origin": origin.current() or None,
    }
    row["written_at"] = seen.wall
    writes.chained_to = seen.instance.get("history_hash") or BEGINNING
    writes.inserts.setdefault(history.name, []).append(row)
    writes.instance["history_count"] = seq + 1
    return seq


def _open_task(step: Step, run: Run, opened: Opened, offer: candidates.Offer) -> Row:
    row: Row = {
        "instance_id": step.writes.instance_id,
        "id": opened.id,
        "world_id": step.seen.world.id,
        "definition_id": opened.definition or step.definition.id,
        "node": opened.node.id,
        "state": str(TaskState.OPEN),
        "unit_id": offer.unit_id,
        "post_key": offer.post_key,
        "assignee_id": offer.assignee,
        "for_id": None,
        "role": opened.role,
        "item": opened.item,
        "variables": opened.variables or None,
        "within": _within(run, opened),
        "opened_at": step.now,
        "claimed_at": step.now if offer.assignee is not None else None,
        "warn_at": None,
        "due_at": None,
    }
    step.writes.inserts.setdefault(task.name, []).append(row)
    if offer.unit_id is not None:
        involve(step.writes, offer.unit_id)
    return row


def _within(run: Run, opened: Opened) -> str | None:
    """The call activities it lies in."""
    token = run.workflow.find(opened.id)
    return (token.workflow.prefix.rstrip("/") or None) if token is not None else None


def involve(writes: WriteSet, unit_id: int) -> None:
    """From now on this unit sees the instance."""
    rows = writes.inserts.setdefault(involvement.name, [])
    if not any(r["unit_id"] == unit_id for r in rows):
        rows.append({"instance_id": writes.instance_id, "unit_id": unit_id})


def _columns(step: Step, old: Row, *, started: bool) -> None:
    outcome: Outcome = step.outcome
    facts = outcome.facts
    values: Row = {"state": outcome.state, "facts": facts}
    if old["data_version"] != DATA_VERSION:
        values["data_version"] = DATA_VERSION
    for name in COLUMNS:
        value = facts.get(name)
        if name in _WIDTH:
            value = str(value)[: _WIDTH[name]] if value is not None else None
        elif not isinstance(value, int | float):
            value = None
        if name == "title":
            value = value or ""
        if started or value != old.get(name):
            values[name] = value
    unit_id = step.core.unit_id(facts.get("responsible_unit"), step.seen.world.realm)
    if started or unit_id != old.get("unit_id"):
        values["unit_id"] = unit_id
        if unit_id is not None:
            involve(step.writes, unit_id)
    if outcome.ended:
        said = step.writes.instance.get("status")
        if said in (None, InstanceStatus.ACTIVE):  # else who ended it from outside has said how
            values["status"] = move_instance(old["status"], InstanceStatus.COMPLETED)
        values["outcome"] = step.writes.instance.get("outcome") or outcome.end_node
        values["ended_at"] = step.now
    step.writes.instance.update(values)


def _searched(step: Step, old: Row, *, started: bool) -> None:
    """What the case is found by, where that is new. Units that take part later are added by a trigger."""
    facts = step.outcome.facts
    if step.seen.world.is_trial:
        return  # nobody searches in it
    if started:
        units = [row["unit_id"] for row in step.writes.inserts.get(involvement.name, ())]
        row = step.writes.instance
        scope = search.scope_of(row["world_id"], row["key"], row["starter_id"], row["started_at"], units)
        step.writes.insert(
            words, at=row["started_at"], words=search.words_of(old["number"], facts, row["world_id"]), scope=scope
        )
    elif any(facts.get(name) != old["facts"].get(name) for name in search.TEXTS):
        step.writes.update(words, words=search.words_of(old["number"], facts, old["world_id"]))
