"""How the votes of a case stand (会签): who votes, what they said, what is needed, and what it came to. For whoever sees the case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from engine import definitions, effects, steps
from engine.bpmn.model import Node, ProcessModel
from engine.bpmn.reading.calls import called
from engine.bpmn.runtime import voting
from engine.bpmn.runtime.held import WHO
from engine.bpmn.runtime.live import Token
from engine.bpmn.runtime.repetition import NUMBER, is_part
from engine.bpmn.settings import Vote
from engine.bpmn.values import Names
from engine.votes import Say, Tally, Voter, tally

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ballot:
    """One voter: for which member of the collection (a unit, a person, …), the person who was added, and what was said. `said` None:
    not yet."""

    item: Any
    who: int | None
    said: str | None
    reasons: str
    weight: Fraction
    veto: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A vote under way (`over` false), or what one came to. `tally` is exact; none where only its result was kept."""

    node: str
    names: Names
    vote: Vote
    ballots: tuple[Ballot, ...]
    over: bool
    carried: bool | None
    why: str
    tally: Tally | None = None

    def weight(self, said: str | None) -> Fraction:
        """The weight of those who said this; none: of those who have not spoken."""
        return sum((one.weight for one in self.ballots if one.said == said), Fraction(0))


def votes(model: ProcessModel) -> list[Node]:
    """The activities of a diagram at which people vote."""
    return [node for node in model.nodes.values() if node.settings.vote is not None]


def of_case(core: Core, row: Row) -> list[Standing]:
    """Votes under way, then those that are over, of a case that the reader sees (`row`: its instance). Costs nothing where the diagram
    has no vote; those of called processes are told while they run."""
    model = definitions.get(core, row["definition_id"]).model
    if not votes(model) and not called(model.nodes.values()):
        return []
    running = list(_running(core, row)) if row["status"] in ("active", "suspended") else []
    under_way = {one.node for one in running}
    results = ((node, row["facts"].get(node.settings.vote.into)) for node in votes(model) if node.settings.vote)
    return running + [
        _over(node, node.settings.vote, kept)
        for node, kept in results
        if node.id not in under_way and node.settings.vote and isinstance(kept, dict) and "votes" in kept
    ]


def _running(core: Core, row: Row) -> Iterator[Standing]:
    seen = steps.read(core, row["id"])
    if seen.instance["state"] is None:
        return
    _, run = effects.resume(core, seen)
    for token in run.workflow.everything():
        vote = token.task_spec.node.settings.vote if voting.ROLL in token.internal_data else None
        if vote is not None and token.alive:
            yield _standing(token, vote)


def _standing(token: Token, vote: Vote) -> Standing:
    parts = {part.internal_data.get(NUMBER): part for part in token.hanging if is_part(part)}
    roll = list(enumerate(token.internal_data[voting.ROLL]))
    here = [(number, one) for number, one in roll if one[voting.SAID] != voting.REMOVED]
    ballots = tuple(
        Ballot(
            one[voting.ITEM],
            parts[number].internal_data.get(WHO) if number in parts else None,
            one[voting.SAID],
            str(one[voting.REASONS] or ""),
            Fraction(one[voting.WEIGHT]),
            bool(one[voting.VETO]),
        )
        for number, one in here
    )
    found = tally(vote.terms, [Voter(Say(one.said) if one.said else None, one.weight, one.veto) for one in ballots])
    node = token.task_spec.node
    return Standing(node.id, node.names, vote, ballots, False, found.carried, str(found.why or ""), found)


def _over(node: Node, vote: Vote, kept: Row) -> Standing:
    ballots = tuple(
        Ballot(
            one.get("item"),
            None,
            one.get("vote"),
            str(one.get("opinion") or ""),
            Fraction(str(one.get("weight", 1))),
            False,
        )
        for one in kept["votes"]
    )
    left = int(kept.get("left", 0))
    ballots += tuple(Ballot(None, None, None, "", Fraction(1), False) for _ in range(left))
    return Standing(node.id, node.names, vote, ballots, True, bool(kept.get("passed")), str(kept.get("why", "")))
