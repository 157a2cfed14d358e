"""主办 and 协办: the unit that leads a task asks other units to assist. Where the diagram says so (`ld:joint`), their keys are written to a
fact while the task stays open; what follows, a task and a clock for each, is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access, definitions, effects, incidents, settings
from engine.acts.base import gone, maybe_text, open_task, run_on_task, split
from engine.bpmn.model import ProcessModel
from engine.errors import Invalid, NotAllowed, StepFailed
from engine.events import Event
from engine.steps import Reply, Seen
from engine.tables import unit
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

DEFAULTS: dict[str, Any] = {"assisting_units_most": 5}
"""Proposal; a row of `setting` wins."""


def ask(core: Core, ref: str, units: Sequence[str], by: int | str, *, text: str = "", key: str | None = None) -> Reply:
    """Ask these units (keys) to assist with a task one works. NotAllowed where the diagram has no joint work; Invalid: no unit, too many,
    one that is not there any more, leads itself, assists already, or is what the case is about. Answers {"instance", "opened"}."""
    instance_id, task_id = split(ref)
    named = list(dict.fromkeys(units))
    said = maybe_text(text)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, node, _, actor = open_task(core, seen, task_id, "assist")
        if not access.is_offered(actor, row, seen.instance["key"]):
            raise gone(core, row, "claimed")
        fact = node.settings.joint
        if fact is None:
            raise NotAllowed(
                act_zh="请求协办",
                act_en="ask other units to assist",
                why_zh="流程图没有为此任务设置协办",
                why_en="the diagram has no joint work here",
            )
        _check(core, seen, row, named)
        _check_not_at_it(core, seen, row, named)
        definition, run = effects.resume(core, seen)
        run.set_fact(fact, named)
        data: Row = {"units": named, **({"text": said} if said else {})}
        step = effects.apply(core, definition, seen, writes, run, Event.ASSIST_ASKED, actor=actor, about=row, data=data)
        return {"instance": instance_id, "opened": [t["id"] for t in step.opened]}

    request: Row = {"act": "assist", "task": ref, "units": named, "text": said}
    try:
        return run_on_task(core, instance_id, plan, by, key, request)
    except StepFailed as error:
        incidents.note(core, instance_id, error)
        raise


def may_be_asked(core: Core, row: Row) -> bool:
    """Whether the diagram lets this task's unit ask others to assist."""
    node = definitions.get(core, row["definition_id"]).model.nodes.get(row["node"])
    return node is not None and node.settings.joint is not None


def _check_not_at_it(core: Core, seen: Seen, row: Row, named: Sequence[str]) -> None:
    """Invalid when a unit assists already: asked again, it would have to do the same twice."""
    ids = {core.unit_id(key, seen.world.realm): key for key in named}
    nodes = definitions.get(core, row["definition_id"]).model.nodes
    beside = _beside(definitions.get(core, row["definition_id"]).model, row["node"])
    for each in seen.open_tasks.values():
        at = nodes.get(each["node"]) if each["definition_id"] == row["definition_id"] else None
        while at is not None and each["unit_id"] in ids:
            if at.id in beside:
                key = ids[each["unit_id"]]
                raise Invalid(why_zh=f"单位“{key}”正在协办，不必再次请求", why_en=f"the unit “{key}” assists already")
            at = nodes.get(at.parent) if at.parent is not None else None


def _beside(model: ProcessModel, node: str) -> set[str]:
    """What the diagram does at the border of a task: the nodes that follow its boundary events."""
    found: set[str] = set()
    queue = [each.id for each in model.nodes.values() if each.host == node]
    while queue:
        at = queue.pop()
        after = [model.flows[flow].target for flow in model.nodes[at].outgoing if flow in model.flows]
        queue += [each for each in after if each not in found]
        found.update(after)
    return found - {node}


def _check(core: Core, seen: Seen, row: Row, named: Sequence[str]) -> None:
    with core.db.read() as connection:
        most = int(settings.read(connection, DEFAULTS)["assisting_units_most"])
        found = {
            each.key: each.id
            for each in connection.execute(
                select(unit.c.key, unit.c.id).where(unit.c.key.in_(named), unit.c.ended_at.is_(None))
            )
        }
    if not 1 <= len(named) <= most:
        raise Invalid(why_zh=f"请选择 1 至 {most} 个协办单位", why_en=f"choose 1 to {most} units to assist")
    unknown = [key for key in named if key not in found]
    if unknown:
        raise Invalid(why_zh=f"没有单位“{unknown[0]}”", why_en=f"there is no unit “{unknown[0]}”")
    if row["unit_id"] in found.values():
        raise Invalid(why_zh="主办单位不能协办自己", why_en="the unit that leads cannot assist itself")
    if seen.recused.intersection(found.values()):
        raise Invalid(why_zh="案件涉及的单位须回避", why_en="a unit that the case is about keeps out")
