"""A case that is about a unit: nobody of that unit works it or reads it (回避). The process says which, in the fact `recused_unit`;
what was said once stays, whatever becomes of the fact: nobody gets a case back by an answer in a form."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from engine import candidates, confidential
from engine.organisation import snapshot
from engine.tables import involvement, recusal, task

if TYPE_CHECKING:
    from engine.bpmn.running import Run
    from engine.core import Core
    from engine.steps import Seen, Step

FACT = "recused_unit"
"""The fact that names the unit, by its key, or several as a list."""


def keep(step: Step) -> frozenset[int]:
    """The ids of all units the case is about, those below them included; rows for those that this step named."""
    known = step.seen.recused
    secret = step.definition.model.confidential if step.started else None
    kept_from = confidential.mark(step, secret) if secret is not None else frozenset()
    said = step.outcome.facts.get(FACT)
    if not kept_from and (said is None or (said == step.seen.instance["facts"].get(FACT) and known)):
        return known
    named = {unit_id for key in _keys(said) if (unit_id := step.core.unit_id(key, step.seen.world.realm)) is not None}
    named |= kept_from
    if not named:
        return known
    new = snapshot.of(step.core, step.seen.organisation).below(named) - known
    for unit_id in sorted(new):
        step.writes.insert(recusal, unit_id=unit_id)
    return known | new


def let_go(core: Core, seen: Seen, run: Run) -> None:
    """Who was asked for an opinion, or added to a vote, and belongs to a unit that the case turns out to be about, is asked no more."""
    said = run.facts.get(FACT)
    if said is None or said == seen.instance["facts"].get(FACT):
        return
    known = snapshot.of(core, seen.organisation)
    named = {unit_id for key in _keys(said) if (unit_id := core.unit_id(key, seen.world.realm)) is not None}
    about = known.below(named)
    while True:
        asked = run.everybody_asked()
        gone = next((one for one in asked if about & known.units_of.get(one.person or 0, frozenset())), None)
        if gone is None or gone.alone:
            return
        run.remove_signer(gone)


def take_away(step: Step, run: Run, recused: frozenset[int], gone: Collection[int]) -> list[int]:
    """Open tasks of a unit that the case turns out to be about go to whom the diagram means instead; answers which. `gone`: those that
    this step closes. StepFailed when nobody else fits."""
    new = recused - step.seen.recused
    moved = []
    for task_id, row in step.seen.open_tasks.items() if new else ():
        if row["unit_id"] not in new or task_id in gone:
            continue
        offer = candidates.find(step, run, run.opening(task_id), recused)
        assignee = offer.assignee
        step.writes.update(
            task,
            id=task_id,
            unit_id=offer.unit_id,
            post_key=offer.post_key,
            assignee_id=assignee,
            for_id=None,
            owner_id=None,
            claimed_at=step.now if assignee is not None else None,
        )
        if offer.unit_id is not None:
            step.writes.insert(involvement, unit_id=offer.unit_id)
        moved.append(task_id)
    return moved


def _keys(said: Any) -> list[str]:
    return [key for key in (said if isinstance(said, list) else [said]) if isinstance(key, str)]
