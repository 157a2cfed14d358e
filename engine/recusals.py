"""A case that is about a unit: nobody of that unit works it or reads it (回避). The process says which, in the fact `recused_unit`;
what was said once stays, whatever becomes of the fact: nobody gets a case back by an answer in a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.organisation import snapshot
from engine.tables import recusal

if TYPE_CHECKING:
    from engine.steps import Step

FACT = "recused_unit"
"""The fact that names the unit, by its key, or several as a list."""


def keep(step: Step) -> frozenset[int]:
    """The ids of all units the case is about, those below them included; rows for those that this step named."""
    known = step.seen.recused
    said = step.outcome.facts.get(FACT)
    if said is None or (said == step.seen.instance["facts"].get(FACT) and known):
        return known
    named = {unit_id for key in _keys(said) if (unit_id := step.core.unit_id(key, step.seen.world.realm)) is not None}
    if not named:
        return known
    new = snapshot.of(step.core, step.seen.organisation).below(named) - known
    for unit_id in sorted(new):
        step.writes.insert(recusal, unit_id=unit_id)
    return known | new


def _keys(said: Any) -> list[str]:
    return [key for key in (said if isinstance(said, list) else [said]) if isinstance(key, str)]
