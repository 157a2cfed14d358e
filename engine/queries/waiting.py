"""Cases that wait to be sent to a unit: open tasks whose form asks for the responsible unit, with the unit proposed and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, func, or_, select, tuple_

from engine import definitions
from engine.acts.base import split
from engine.bpmn.model import Node
from engine.definitions import Definition
from engine.dispatching import keeping, working
from engine.dispatching.proposing import Proposal, propose
from engine.errors import NotFound
from engine.people import Actor
from engine.queries import offers
from engine.tables import LIVE, instance, task

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

UNIT_FACT = "responsible_unit"
"""The common fact that names the unit; a task whose form edits it is one that sends a case on."""

MOST = 200
"""Cases on one page: the most urgent. Nobody decides on more in one go."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The look-up that gave the proposal: its node and the register's row."""

    node: Node
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case to be sent on. `proposed` is a unit key, none when nothing was found."""

    task: Row
    case: Row
    definition: Definition
    node: Node
    proposed: str | None
    reason: Reason | None
    proposal: Proposal | None = None

    @property
    def ref(self) -> str:
        """The task's public reference."""
        return f"{self.task['instance_id']}.{self.task['id']}"


def waiting(core: Core, actor: Actor, most: int = MOST) -> tuple[list[Waiting], int]:
    """What waits for the actor, the most urgent first, and how many in all."""
    with core.db.read() as connection:
        mine = or_(*offers.sources(actor, LIVE).all, false())
        here = (task.c.state == "open", mine, *offers.not_about(connection, actor))
        kinds = connection.execute(select(task.c.definition_id, task.c.node).where(*here).distinct()).all()
        sending = [(d, n) for d, n in kinds if _sends(definitions.get(core, d), n)]
        if not sending:
            return [], 0
        these = (*here, tuple_(task.c.definition_id, task.c.node).in_(sending))
        total: int = connection.execute(select(func.count()).select_from(task).where(*these)).scalar_one()
        rows = connection.execute(
            select(task).where(*these).order_by(task.c.due_at.is_(None), task.c.due_at, task.c.instance_id).limit(most)
        ).mappings()
        tasks = [dict(r) for r in rows]
        cases = {
            r["id"]: dict(r)
            for r in connection.execute(
                select(instance).where(instance.c.id.in_({t["instance_id"] for t in tasks}))
            ).mappings()
        }
    learnt = {(one.key, one.node): one for one in keeping.places(core)}
    models = {at: keeping.current(core, *at) for at in learnt}
    since = {at: keeping.since(core, now, at[0]) for at, now in models.items() if now is not None}
    found = []
    for row in tasks:
        case, its_own = cases[row["instance_id"]], definitions.get(core, row["definition_id"])
        where = learnt.get((its_own.model.id, row["node"]))
        proposal = None
        if where is not None:
            at = (where.key, where.node)
            now = models[at]
            refused = working.refused(core, where, row) if case["facts"].get("send_backs") else frozenset()
            proposal = propose(
                core, now.model if now else None, where.wanted, case["facts"], since=since.get(at), refused=refused
            )
        found.append(_waiting(row, case, its_own, proposal))
    return found, total


def usual_answers(core: Core, ref: str) -> Row:
    """What the form of a task, open or closed, answers by default: a bulk act adds the unit and nothing else. Closed ones too, so
    that a form sent again asks for the same as before. NotFound when there is no such task."""
    instance_id, task_id = split(ref)
    with core.db.read() as connection:
        row = connection.execute(
            select(task.c.definition_id, task.c.node).where(task.c.instance_id == instance_id, task.c.id == task_id)
        ).first()
    if row is None:
        raise NotFound(what="task")
    definition = definitions.get(core, row.definition_id)
    form = definition.form_of(definition.model.nodes[row.node])
    fields = form.properties.items() if form is not None else ()
    return {name: one.default for name, one in fields if one.access == "edit" and one.default is not None}


def workload(core: Core, world: int = LIVE, *, now: Any) -> dict[int, dict[str, int]]:
    """Open tasks by the unit they are offered to: `open`, and of these `soon` (its warning time has come) and `late`."""
    late = task.c.due_at < now
    soon = and_(task.c.due_at >= now, task.c.warn_at <= now)
    with core.db.read() as connection:
        rows = connection.execute(
            select(
                task.c.unit_id,
                func.count().label("open"),
                func.count().filter(soon).label("soon"),
                func.count().filter(late).label("late"),
            )
            .where(task.c.state == "open", task.c.world_id == world, task.c.unit_id.is_not(None))
            .group_by(task.c.unit_id)
        ).mappings()
        return {r["unit_id"]: {"open": r["open"], "soon": r["soon"], "late": r["late"]} for r in rows}


# ---------------------------------------------------------------- inside


def _sends(definition: Definition, node_id: str) -> bool:
    form = definition.form_of(definition.model.nodes[node_id])
    asked = form.properties.get(UNIT_FACT) if form is not None else None
    return asked is not None and asked.access == "edit"


def _waiting(row: Row, case: Row, definition: Definition, proposal: Proposal | None) -> Waiting:
    proposed = case["facts"].get(UNIT_FACT)
    if proposal is not None and proposal.speaks:
        proposed = proposal.unit
    reason = _reason(definition, case["facts"], proposed)
    return Waiting(row, case, definition, definition.model.nodes[row["node"]], proposed, reason, proposal)


def _reason(definition: Definition, facts: Mapping[str, Any], proposed: str | None) -> Reason | None:
    """The last look-up of the diagram whose row names the proposed unit: later ones are the more special or were asked because
    an earlier one had nothing to say."""
    if proposed is None:
        return None
    for node in reversed(tuple(definition.model.nodes.values())):
        row = facts.get(node.settings.lookup.into) if node.settings.lookup is not None else None
        if isinstance(row, dict) and row.get("unit") == proposed:
            return Reason(node, row)
    return None
