"""What becomes of the tokens of a scope when one of them goes back, and whether that is sound (see `returning.py` and `courses.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.model import Kind
from engine.bpmn.runtime import compensation, courses, held
from engine.bpmn.runtime.activity import GATHERED
from engine.bpmn.runtime.courses import Courses
from engine.bpmn.runtime.gateways import COUNTS, PHASE, Join
from engine.bpmn.runtime.live import WAITING, Scope, Token
from engine.bpmn.runtime.markings import marking_of

Regions = list[tuple[set[str], str | None, str]]
"""What came of a split: the nodes behind it, where all of it meets again (none: nowhere), and the split."""


class Unsound(Exception):
    """It cannot go there: `zh` and `en` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en

    def text(self, locale: str) -> str:
        """Why, in this language."""
        return self.zh if locale.startswith("zh") else self.en


@dataclass(slots=True)
class Change:
    """What is to become of the tokens of one scope: `gone` are cancelled, `less` flows lose a token at a join, `more` flows get one;
    `target` begins."""

    scope: Scope
    target: Any
    gone: list[Token] = field(default_factory=list)
    less: list[tuple[Token, str]] = field(default_factory=list)
    more: list[tuple[Any, str]] = field(default_factory=list)

    def carry_out(self, person: int | None) -> Token:
        """Do it. `person` did the target before and does it again, if they can. Answers the token there."""
        self.make_room()
        return begin(self.scope, self.target, person)

    def make_room(self) -> None:
        """Everything but the beginning of the target."""
        for token in self.gone:
            token.cancel()
        for resting, flow in self.less:
            counts: dict[str, int] = resting.internal_data[COUNTS]
            counts[flow] -= 1
            if not counts[flow]:
                del counts[flow]
            if not counts and resting.alive:
                resting.drop()
        for join, flow in self.more:
            self.scope.arrive(join, flow)


def begin(scope: Scope, target: Any, person: int | None, host: Token | None = None, **kept: Any) -> Token:
    """Let an activity begin, for a person where it is one person's."""
    token = Token(scope, target, host=host)
    token.internal_data.update(kept)
    if person is not None and target.manual and target.repetition is None:
        token.internal_data[held.WHO] = person
    target.begin(token)
    return token


def changed(scope: Any, at: Token, target: Any, graph: Courses, *, rounds: bool, full: bool) -> Change:
    """The tokens that go and come. `rounds`: also over ways that lead back in a loop; `full`: inclusive joins had a token on every flow, as
    they have behind a split that takes all."""
    here, there = at.task_spec.node.id, target.node.id
    between = graph.between(there, here, rounds=rounds)
    regions: Regions = []
    for name in (there, *between):
        if graph.splits(name):
            join = graph.meeting(name)
            regions.append((_region(graph, graph.after[name], join), join, name))
    for name in (there, *between, here):
        for border in graph.quiet.get(name, ()):
            if border in between and name != here:
                join = graph.meeting(name, border)
                regions.append((_region(graph, graph.after[name], join), join, name))
            else:
                join = graph.meeting(name, border)
                regions.append((_region(graph, [border], join), join, border))
    change = Change(scope, target, [at])
    _empty(change, scope, regions)
    for name in between:
        element = graph.elements[name]
        if (
            element.node.kind is Kind.COMPLEX
            and graph.joins(name)
            and not any(name in r[0] or name == r[1] for r in regions)
        ):
            raise Unsound(
                f"中间有复杂网关“{name}”，不能越过它退回",
                f"the complex gateway “{name}” in between cannot be passed backwards",
            )
        if graph.joins(name) and (element.node.kind is Kind.PARALLEL or full):
            fill(change, scope, graph, element, there)
    return change


def _region(graph: Courses, starts: Sequence[str], join: str | None) -> set[str]:
    return graph.forward(starts, (join,) if join is not None else ()) - {join or ""}


def _empty(change: Change, scope: Any, regions: Regions) -> None:
    """What came of these splits goes, and what it brought to the joins behind them."""
    for token in list(scope.tasks.values()):
        if token.host is not None or token in change.gone or lies_aside(token):
            continue
        if isinstance(token.task_spec, Join) and token._state == WAITING:
            _empty_join(change, scope, token, regions)
        elif any(token.task_spec.node.id in region for region, _, _ in regions):
            change.gone.append(token)
    if any(compensation.TODO in token.internal_data for token in change.gone):
        raise Unsound(
            "正在补偿已完成的活动，此时不能退回", "what was done is being compensated: nothing can go back now"
        )


def _empty_join(change: Change, scope: Any, token: Token, regions: Regions) -> None:
    name = token.task_spec.node.id
    flows = {flow.id: flow.source for flow in into(scope, name)}
    sources = [region | {split} for region, join, split in regions if name == join or name in region]
    if PHASE in token.internal_data and sources:
        if not any(set(flows.values()) <= each for each in sources):
            raise Unsound(
                f"复杂网关“{name}”正在等候其余分支", f"the complex gateway “{name}” waits for its other branches"
            )
        change.gone.append(token)
        return
    for flow, count in token.internal_data.get(COUNTS, {}).items():
        if any(flows[flow] in each for each in sources):
            change.less += [(token, flow)] * count


def into(scope: Any, name: str) -> list[Any]:
    """The flows that lead to a node."""
    return [flow for each in scope.spec.task_specs.values() for flow in each.flows if flow.target == name]


def fill(change: Change, scope: Any, graph: Courses, join: Any, there: str) -> None:
    """A parallel join that the token will pass again: the flows that nothing from the target comes over get what they had brought."""
    name = join.node.id
    coming = graph.forward([way for way in graph.after[there] if way != name], (name,)) | {there}
    coming.discard(name)
    for flow in into(scope, name):
        if flow.source not in coming:
            resting = next((t for t in scope.tasks.values() if t.task_spec is join and t._state == WAITING), None)
            kept = resting.internal_data[COUNTS].get(flow.id, 0) if resting is not None else 0
            kept -= change.less.count((resting, flow.id)) if resting is not None else 0
            if not kept:
                change.more.append((join, flow.id))


def lies_aside(token: Token) -> bool:
    """It lies outside of the flows: an event sub-process, or what undoes."""
    kept = token.internal_data
    return token.task_spec.listens or compensation.FOR in kept or compensation.LOOSE in kept


def _places(token: Token) -> list[str]:
    """Where it stands in its scope's graph; nowhere when it lies outside of the flows."""
    if token.host is not None or lies_aside(token):
        return []
    if isinstance(token.task_spec, Join) and token._state == WAITING:
        return [flow for flow, count in token.internal_data.get(COUNTS, {}).items() for _ in range(count)]
    count: int = token.internal_data.get(GATHERED, 1)
    return [token.task_spec.node.id] * count


def marking(scope: Any) -> list[str]:
    """The places of all tokens that rest in a scope."""
    return [place for token in scope.tasks.values() for place in _places(token)]


def checked(change: Change, now: list[str], graph: Courses | None = None) -> Change:
    """The change, when the diagram could have come to what is left by itself. Unsound when it could not."""
    graph = graph or courses.of(change.scope.spec)
    after = list(now)
    for token in change.gone:
        for place in _places(token):
            after.remove(place)
    for _, flow in change.less:
        after.remove(flow)
    after += [flow for _, flow in change.more]
    after.append(change.target.node.id)
    if change.target.node.id in graph.aside:
        allowed = None
    else:
        allowed = graph.allows(marking_of(place for place in after if graph.source_of(place) not in graph.aside))
    if allowed is None:
        allowed = _shaped(change, graph)
    if not allowed:
        raise crossing(change.target.node.id)
    return change


def crossing(there: str) -> Unsound:
    """What is said where the branches are no blocks."""
    return Unsound(
        f"流程图在此处交错，退回到“{there}”后各分支不能正确汇合",
        f"the branches cross here: after going back to “{there}” they could not join rightly",
    )


def _shaped(change: Change, graph: Courses) -> bool:
    """Where there are too many markings to count: whether every split passed has a join of its own."""
    there = change.target.node.id
    here = change.gone[0].task_spec.node.id if change.gone else there
    passed = {there, *graph.between(there, here, rounds=False)} - {here} if here != there else set()
    splits = [name for name in passed if graph.splits(name)]
    meetings = {graph.meeting(name) for name in splits}
    if any(graph.elements[n].node.kind is Kind.COMPLEX and graph.joins(n) and n not in meetings for n in passed):
        return False
    joins = {join.node.id for join, _ in change.more}
    every = [name for name in graph.elements if graph.splits(name)] if joins else []
    matched = {graph.meeting(name) for name in every if graph.paired(name, graph.meeting(name))}
    return all(graph.paired(name, graph.meeting(name)) for name in splits) and joins <= matched
