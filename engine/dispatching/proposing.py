"""The three voices put together: the table of duties, precedent, and what was learnt from text, class and place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import registers
from engine.bpmn.settings import Dispatch
from engine.dispatching.matters import Matter, of_facts
from engine.dispatching.model import Guess, Model, Precedent

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]
Since = Mapping[str, tuple[float, float]]

ALL = "*"


@dataclass(frozen=True, slots=True)
class Proposal:
    """The unit proposed for a case (a key; none: nobody knows) and what each voice says. `speaks`: what was learnt is sure enough to be
    proposed; else the table's unit stands, else the likeliest one as a mere hint. `allowed`: the row of the register by which the system
    may dispatch it alone."""

    matter: Matter
    unit: str | None
    speaks: bool
    table: str | None
    precedent: Precedent | None
    guess: Guess | None
    allowed: Row | None = None

    @property
    def by_learning(self) -> bool:
        """Whether it is the learnt voice that is proposed."""
        return self.speaks and self.guess is not None and self.unit == self.guess.unit

    @property
    def contradicts(self) -> bool:
        """Whether what was learnt names another unit than the table of duties."""
        return self.speaks and self.table is not None and self.unit != self.table


def matter_of(wanted: Dispatch, facts: Mapping[str, Any]) -> Matter:
    """What the diagram lets the voices know of a case."""
    first = of_facts(facts, wanted.text, wanted.kind, wanted.places, None)
    table = next((unit for path in wanted.table if (unit := of_facts(facts, (path,), "", (), None).text)), None)
    return Matter(first.text, first.kind, first.places, first.source, table)


def propose(
    core: Core,
    model: Model | None,
    wanted: Dispatch,
    facts: Mapping[str, Any],
    *,
    since: Since | None = None,
    refused: frozenset[str] = frozenset(),
) -> Proposal:
    """The proposal for a case with these facts. `refused`: units that had it and sent it back: never proposed again by learning, nor by
    precedent."""
    matter = matter_of(wanted, facts)
    guess = model.judge(matter, since) if model is not None else None
    if guess is not None and (guess.unit in refused or core.unit_id(guess.unit) is None):
        guess = None  # it sent the case back, or is no unit of today
    precedent = model.precedent(matter) if model is not None else None
    if precedent is not None and (precedent.unit in refused or core.unit_id(precedent.unit) is None):
        precedent = None
    speaks = model is not None and model.speaks(guess)
    unit = matter.table
    if guess is not None and (speaks or unit is None):
        unit = guess.unit
    if unit is None and precedent is not None:
        unit = precedent.unit
    found = Proposal(matter, unit, speaks, matter.table, precedent, guess)
    row = _allowed(core, wanted, found) if not refused else None
    return Proposal(matter, unit, speaks, matter.table, precedent, guess, row)


def _allowed(core: Core, wanted: Dispatch, found: Proposal) -> Row | None:
    """The register's row for the class, and place, if what was learnt is as sure as it asks and no other voice says otherwise."""
    guess = found.guess
    if wanted.register is None or guess is None or not found.speaks or not found.matter.kind:
        return None
    if found.table not in (None, guess.unit) or (found.precedent is not None and found.precedent.unit != guess.unit):
        return None
    for place in (*found.matter.places, ALL):
        row = registers.lookup(core, wanted.register, {"class": found.matter.kind, "area": place}) if place else None
        if row is not None:
            asked = _share(row.get("trust"))
            return row if asked is not None and guess.trust >= asked else None
    return None


def _share(value: Any) -> float | None:
    """A share of a register; what is no number above a half allows nothing."""
    try:
        share = float(value)
    except (TypeError, ValueError):
        return None
    return share if 0.5 < share <= 1 else None
