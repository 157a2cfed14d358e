"""One instance goes on by another version, in one step: its tokens, tasks, jobs and clocks keep what they are, and stand in other nodes.

The dry run is this very step, planned and not written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import definitions, effects, four_eyes
from engine.acts.past import Past
from engine.bpmn.changing.carrying import Change, carry
from engine.bpmn.changing.pairing import waited_for
from engine.bpmn.changing.settling import settle
from engine.bpmn.outcome import Gone
from engine.bpmn.running import Run
from engine.bpmn.runtime import resting
from engine.errors import CannotChange
from engine.events import Event
from engine.migrating.asked import Asked
from engine.steps import Seen, run
from engine.tables import draft, history, incident, job, subscription, task
from engine.waits import timer_of
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core
    from engine.definitions import Definition

Row = dict[str, Any]

MOVED, GONE = "moved", "gone"
_WORKS = (Event.COMPLETED, Event.RESOLVED)


@dataclass(slots=True)
class Changing:
    """A change of version as the listeners of its step see it. `asked`: what the plan says; `told`: what becomes of what; listeners add
    what they keep."""

    id: int
    source: Definition
    target: Definition
    change: Change
    asked: Asked
    told: Row = field(default_factory=dict)


def of(core: Core, plan: Row) -> Changing:
    """The change that a row of `process_migration` asks for."""
    source, target = definitions.get(core, plan["source_id"]), definitions.get(core, plan["target_id"])
    asked = Asked.read(plan["nodes"])
    return Changing(plan["id"], source, target, Change(source.program, target.program, asked.nodes), asked)


def attempt(core: Core, seen: Seen, plan: Row) -> Row:
    """What would become of an instance as it was read; nothing is written. CannotChange, or what else a step may meet."""
    changing = of(core, plan)
    if seen.instance["definition_id"] != changing.source.id or seen.instance["state"] is None:
        return {"state": GONE}
    _step(core, seen, WriteSet(seen.instance["id"], revision=seen.instance["revision"]), changing)
    return changing.told


def carry_out(core: Core, instance_id: int, plan: Row) -> Row:
    """Do it, once: an instance that this plan has changed already is left as it is. Answers {"state": moved or gone, and what became of
    what}. CannotChange when it cannot be right."""

    def step(seen: Seen, writes: WriteSet) -> Row:
        changing = of(core, plan)
        if seen.instance["definition_id"] != changing.source.id or seen.instance["state"] is None:
            return {"state": MOVED if _was_changed(core, instance_id, plan["id"]) else GONE}
        _step(core, seen, writes, changing)
        return {"state": MOVED, **changing.told}

    return run(core, instance_id, step)


# ---------------------------------------------------------------- the step


def _step(core: Core, seen: Seen, writes: WriteSet, changing: Changing) -> None:
    _check_facts(seen, changing)
    before = effects.prepare(core, changing.source, seen.instance["facts"], seen)
    before.resume(seen.instance["state"])
    waited = resting.waits(before.workflow)
    text = carry(before.workflow, changing.change, _performers(core, seen, changing))
    after = effects.prepare(core, changing.target, dict(seen.instance["facts"]), seen)
    after.resume(text)
    kept = resting.waits(after.workflow)
    settle(after, changing.change)
    changing.told = {"tasks": list(_tasks(seen, writes, changing)), "drafts": list(_drafts(core, changing, seen))}
    _waits(core, writes, changing, after)
    writes.instance["definition_id"] = changing.target.id
    asked = {"clocks": changing.asked.called_otherwise, "dropped_clocks": changing.asked.dropped}
    lost = [Gone(*key, trigger) for key, trigger in waited.items() if key not in kept]
    step = effects.apply(
        core,
        changing.target,
        seen,
        writes,
        after,
        Event.MIGRATED,
        data={
            "migration": changing.id,
            "from": changing.source.version,
            "to": changing.target.version,
            "nodes": changing.change.differing,
            "without": changing.change.gone,
            **{name: value for name, value in asked.items() if value},
        },
        gone=lost,
        changing=changing,
    )
    tokens = [before.workflow.find(one.id) for one in lost]
    changing.told["dropped"] = sorted({token.task_spec.node.id for token in tokens if token is not None})
    changing.told["begun"] = [{"node": one.node.id, "due": one.due.isoformat()} for one in step.outcome.timers] + [
        {"node": one.node.id} for one in step.outcome.listening
    ]
    changing.told["opened"] = [row["node"] for row in step.opened]


def _tasks(seen: Seen, writes: WriteSet, changing: Changing) -> Iterator[Row]:
    """Open tasks keep id, holder, draft, comments and times; their node is the token's."""
    nodes = changing.change.nodes
    for row in seen.open_tasks.values():
        values: Row = {}
        if row["within"]:
            first, slash, rest = row["within"].partition("/")
            values = {"within": nodes[first] + slash + rest}
        else:
            values = {"definition_id": changing.target.id, "node": nodes[row["node"]]}
        if any(row[name] != value for name, value in values.items()):
            writes.update(task, id=row["id"], **values)
        yield {"id": row["id"], "from": row["node"], "to": values.get("node", row["node"])}


def _waits(core: Core, writes: WriteSet, changing: Changing, after: Run) -> None:
    """Rows of timers, actions and messages keep their moment and stand in the new nodes; what holds the case up is told of these."""
    timers = []
    with core.db.read() as connection:
        jobs = [
            dict(r) for r in connection.execute(select(job).where(job.c.instance_id == writes.instance_id)).mappings()
        ]
        heard = select(subscription).where(subscription.c.instance_id == writes.instance_id)
        subscriptions = [dict(r) for r in connection.execute(heard).mappings()]
        troubled = select(incident.c.id, incident.c.node).where(
            incident.c.instance_id == writes.instance_id, incident.c.resolved_at.is_(None)
        )
        incidents = connection.execute(troubled).all()
    for each in incidents:
        here = changing.change.differing.get(each.node or "")
        if here is not None:
            writes.update(incident, id=each.id, node=here)
    for row in jobs:
        token_id = _token_of(row)
        token = after.workflow.find(token_id) if token_id is not None else None
        if token is None or token.workflow.prefix:
            continue
        node = token.task_spec.node
        if row["kind"] == "auto" and node.settings.auto is None:
            writes.delete(job, id=row["id"])
            continue
        here = waited_for(changing.target.model, node).id if row["kind"] == "timer" else node.id
        if row["node"] != here:
            writes.update(job, id=row["id"], node=here)
        if row["kind"] == "timer":
            timers.append({"from": row["node"], "to": here, "due": row["due_at"].isoformat()})
    for row in subscriptions:
        token = after.workflow.find(row["task_id"])
        if token is not None and not token.workflow.prefix:
            here = waited_for(changing.target.model, token.task_spec.node).id
            if row["node"] != here:
                writes.update(subscription, task_id=row["task_id"], idx=row["idx"], node=here)
    changing.told["timers"] = timers


def _token_of(row: Row) -> int | None:
    if row["kind"] == "timer":
        return timer_of(row["id"])[0]
    return int(row["id"].partition("-")[2]) if row["kind"] in ("action", "auto") else None


def _was_changed(core: Core, instance_id: int, plan_id: int) -> bool:
    query = select(history.c.data).where(history.c.instance_id == instance_id, history.c.kind == str(Event.MIGRATED))
    with core.db.read() as connection:
        return any(data["migration"] == plan_id for data in connection.execute(query).scalars())


# ---------------------------------------------------------------- what it knows


def _check_facts(seen: Seen, changing: Changing) -> None:
    """What the instance knows must be what the new version can hold. Problems that it had in its old version are not new ones."""
    old, new = changing.source.facts, changing.target.facts
    if new is None:
        return
    facts = {name: value for name, value in seen.instance["facts"].items() if name in new}
    known = {one.path for one in old.problems(facts)} if old is not None else set()
    wrong = sorted({one.path.partition("/")[0] for one in new.problems(facts) if one.path not in known})[:5]
    if wrong:
        raise CannotChange(
            "facts",
            "新版的流程数据放不下：" + "、".join(new.label(name, "zh") for name in wrong),
            "the new version cannot hold these facts: " + ", ".join(new.label(name, "en") for name in wrong),
        )


def _drafts(core: Core, changing: Changing, seen: Seen) -> Iterator[Row]:
    """Of forms that somebody began to fill in: what the new form does not ask for any more."""
    with core.db.read() as connection:
        query = select(draft.c.task_id, draft.c.answers).where(draft.c.instance_id == seen.instance["id"])
        begun = connection.execute(query).all()
    for task_id, answers in begun:
        row = seen.open_tasks.get(task_id)
        if row is None or row["within"]:
            continue
        node = changing.target.model.nodes[changing.change.nodes[row["node"]]]
        form = changing.target.form_of(node, row["role"])
        lost = sorted(set(answers) - set(form.properties if form is not None else ()))
        if lost:
            yield {"node": node.id, "fields": lost}


def _performers(core: Core, seen: Seen, changing: Changing) -> dict[str, list[int]]:
    """Who did what the new version's four-eyes rules ask for and the old one's did not: read from history."""
    change = changing.change
    wanted = {
        change.back[name]
        for name in change.target.apart
        if name in change.back and change.back[name] not in change.source.apart
    }
    if not wanted:
        return {}
    past = Past(core, seen.instance["id"])
    found: dict[str, list[int]] = {}
    for row in past.rows:
        did = past.tasks.get(row["task_id"])
        if row["kind"] not in _WORKS or did is None or did["within"] or did["node"] not in wanted:
            continue
        people = found.setdefault(did["node"], [])
        for person in (row["actor_id"], row["for_id"]):
            people += sorted(four_eyes.accounts(core, seen, person) - set(people))
    return found
