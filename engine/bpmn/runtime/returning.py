"""Tokens that go back because a person says so: sent back, withdrawn, moved by an operator.

**Back, and again** (`back`): the token goes to an earlier activity of its scope, or of a scope around it (then the activity between goes
as a whole, with its boundary events), and all that follows runs again. Past a split everything that came of that split goes too,
what rests at its join included; into a branch from behind its join the parallel joins in between get the tokens that the other branches
had brought. Other branches stay as they are. The place it comes to rest in must be one that the diagram could have come to by itself
(`courses.py`), so each join fires as often as ever; where that cannot be, it is refused (`Unsound`), and `sound_back` says so before.

**Back, then straight on** (`detour`): the task is held (`held.py`) and a token on the earlier activity hangs on it, or on the activity
around it that lies in that scope. When it is done the held task opens again, for whom it was. Where one goes the other goes.

**Withdrawn** (`withdraw`): what the completion of a task brought about goes, and the task opens again.

**Moved** (`move`): one token goes to any node; what an operator means is not judged here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.model import Kind
from engine.bpmn.runtime import compensation, courses, held
from engine.bpmn.runtime.activity import GATHERED, Activity
from engine.bpmn.runtime.courses import Courses
from engine.bpmn.runtime.detours import ASKED
from engine.bpmn.runtime.gateways import COUNTS, PHASE, Join
from engine.bpmn.runtime.live import HELD, WAITED, WAITING, Scope, Token
from engine.bpmn.runtime.starting import amending

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


# ---------------------------------------------------------------- where it may go


def find(token: Token, to: str) -> tuple[Scope, Any, Token]:
    """The scope and element that `to` names, seen from a token, and the token in that scope which it is or lies in. A node's id means
    the nearest scope around that has it; "/Call/Node" is a way from the instance's own process. Unsound when there is none."""
    scope: Any = token.workflow
    at = rooted(token)
    while True:
        element = _named(scope, to)
        target = amending(element) if element is not None else None
        if target is not None:
            return scope, target, at
        if scope.host is None:
            raise Unsound(f"没有可以退回的环节“{to}”", f"there is no step “{to}” that this can go back to")
        if scope.host.task_spec.listens:
            raise Unsound(
                "此任务在事件子流程之内，只能退回到该子流程之内的环节",
                "the task lies in an event sub-process: it can only go back inside of that",
            )
        at = rooted(scope.host)
        scope = scope.host.workflow


def _named(scope: Any, to: str) -> Any:
    """The element of a scope that `to` names."""
    name = to.removeprefix(f"/{scope.prefix}")
    element = scope.spec.task_specs.get(name)
    return element if element is not None and element.name == element.node.id else None


def rooted(token: Token) -> Token:
    """The token that stands for it in its scope: of a part, a signer or a detour the one it hangs on."""
    at = token
    while at.host is not None:
        at = at.host
    return at


def sound_back(token: Token, to: str) -> Change:
    """What becomes of the tokens when this one goes back to `to` and all runs again. Unsound when it cannot."""
    scope, target, at = find(token, to)
    if at.task_spec is target and not target.node.kind.is_inbox:
        return _checked(Change(scope, target, [at]), _marking(scope))  # an activity around it, from its beginning
    return _planned(scope, at, target)


def _planned(scope: Any, at: Token, target: Any) -> Change:
    here, there = at.task_spec.node.id, target.node.id
    graph = courses.of(scope.spec)
    if not isinstance(target, Activity) or target.node.for_compensation or here == there:
        raise Unsound(f"不能退回到“{there}”", f"nothing can go back to “{there}”")
    if compensation.FOR in at.internal_data or here not in graph.after or not graph.leads(there, here, rounds=True):
        raise Unsound(f"“{there}”不在此任务之前", f"“{there}” does not come before this task")
    if (here in graph.aside) != (there in graph.aside):
        raise Unsound(
            "此任务在不中断的边界事件引出的旁路上，只能退回到旁路之内",
            "the task lies beside the flow, after a boundary event that did not interrupt: it can only go back there",
        )
    straight = graph.leads(there, here, rounds=False)
    beside = graph.together(there, here)
    if not straight and (beside or (beside is None and _apart(graph, there, here))):
        raise Unsound(f"“{there}”在另一个并行分支上", f"“{there}” lies in another parallel branch")
    now = _marking(scope)
    wrong: Unsound | None = None
    for rounds, full in ((False, False), (False, True), (True, False), (True, True)):
        if rounds or straight:
            try:
                return _checked(_change(scope, at, target, graph, rounds=rounds, full=full), now, graph)
            except Unsound as error:
                wrong = wrong or error
    raise wrong or _crossing(there)


def _apart(graph: Courses, one: str, other: str) -> bool:
    """Whether two nodes lie in different branches of a split, as far as its shape tells."""
    for name in graph.elements:
        if not graph.splits(name):
            continue
        join = graph.meeting(name)
        stop = (join,) if join is not None else ()
        branches = [graph.forward([way], stop, rounds=False) for way in graph.after[name]]
        having = [(one in branch, other in branch) for branch in branches]
        if any(a and not b for a, b in having) and any(b and not a for a, b in having):
            return True
    return False


def _change(scope: Any, at: Token, target: Any, graph: Courses, *, rounds: bool, full: bool) -> Change:
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
            _fill(change, scope, graph, element, there)
    return change


def _region(graph: Courses, starts: Sequence[str], join: str | None) -> set[str]:
    return graph.forward(starts, (join,) if join is not None else ()) - {join or ""}


def _empty(change: Change, scope: Any, regions: Regions) -> None:
    """What came of these splits goes, and what it brought to the joins behind them."""
    for token in list(scope.tasks.values()):
        if token.host is not None or token in change.gone or _aside(token):
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
    flows = {flow.id: flow.source for flow in _into(scope, name)}
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


def _into(scope: Any, name: str) -> list[Any]:
    return [flow for each in scope.spec.task_specs.values() for flow in each.flows if flow.target == name]


def _fill(change: Change, scope: Any, graph: Courses, join: Any, there: str) -> None:
    """A parallel join that the token will pass again: the flows that nothing from the target comes over get what they had brought."""
    name = join.node.id
    coming = graph.forward([way for way in graph.after[there] if way != name], (name,)) | {there}
    coming.discard(name)
    for flow in _into(scope, name):
        if flow.source not in coming:
            resting = next((t for t in scope.tasks.values() if t.task_spec is join and t._state == WAITING), None)
            kept = resting.internal_data[COUNTS].get(flow.id, 0) if resting is not None else 0
            kept -= change.less.count((resting, flow.id)) if resting is not None else 0
            if not kept:
                change.more.append((join, flow.id))


def _aside(token: Token) -> bool:
    """It lies outside of the flows: an event sub-process, or what undoes."""
    kept = token.internal_data
    return token.task_spec.listens or compensation.FOR in kept or compensation.LOOSE in kept


def _places(token: Token) -> list[str]:
    """Where it stands in its scope's graph; nowhere when it lies outside of the flows."""
    if token.host is not None or _aside(token):
        return []
    if isinstance(token.task_spec, Join) and token._state == WAITING:
        return [flow for flow, count in token.internal_data.get(COUNTS, {}).items() for _ in range(count)]
    count: int = token.internal_data.get(GATHERED, 1)
    return [token.task_spec.node.id] * count


def _marking(scope: Any) -> list[str]:
    return [place for token in scope.tasks.values() for place in _places(token)]


def _checked(change: Change, now: list[str], graph: Courses | None = None) -> Change:
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
        allowed = graph.allows(
            courses.marking_of(place for place in after if graph.source_of(place) not in graph.aside)
        )
    if allowed is None:
        allowed = _shaped(change, graph)
    if not allowed:
        raise _crossing(change.target.node.id)
    return change


def _crossing(there: str) -> Unsound:
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


# ---------------------------------------------------------------- what people do


def can(token: Token, to: str) -> tuple[bool, bool]:
    """Whether it may go back to `to` so that all runs again, and so that it comes straight back."""
    found = []
    for judge in (sound_back, sound_detour):
        try:
            judge(token, to)
        except Unsound:
            found.append(False)
        else:
            found.append(True)
    return found[0], found[1]


def sound_detour(token: Token, to: str) -> tuple[Any, Any, Token]:
    """The scope and element of a detour, and the token that it hangs on. Unsound when it cannot be."""
    scope, target, at = find(token, to)
    host = token
    while host.workflow is not scope:
        around: Any = host.workflow.host
        host = around
    if at.task_spec is target or host.task_spec is target:
        raise Unsound(
            "任务就在该环节之内，不能退回后直达", "the task lies inside of that step: it can only be done again"
        )
    _planned(scope, at, target)
    return scope, target, host


def detour(token: Token, where: tuple[Any, Any, Token], person: int | None, asked: int | None) -> Token:
    """Hold this task until what `sound_detour` found has been done again; then it opens for `asked`."""
    scope, target, host = where
    held.hold(token)
    token.internal_data[WAITED] = 1
    kept: dict[str, Any] = {held.ROLE: held.DETOUR, HELD: token.id}
    if asked is not None:
        kept[ASKED] = asked
    return begin(scope, target, person, host, **kept)


def diverted(token: Token) -> None:
    """An interrupting boundary event takes a detour's way: it is then as if it had been sent back to run again, and what waited for
    it goes. Unsound when that cannot be any more."""
    kept, host = token.internal_data, token.host
    scope: Any = token.workflow
    if host is None:
        return
    change = _planned(scope, rooted(token), token.task_spec)
    for key in (HELD, ASKED, held.ROLE):
        kept.pop(key, None)
    token._parent = None
    host._children.remove(token.id)
    change.make_room()


# ---------------------------------------------------------------- taken back


def sound_withdrawal(
    top: Any, node: str, path: Sequence[str], opened: Iterable[int], inside: int | None
) -> tuple[Change, set[int]]:
    """What becomes of the tokens when who did `node` takes it back: its completion passed `path` and opened the tasks `opened`. `inside`:
    the token of the activity whose scope it lay in. Unsound when something moved on since, or what was left cannot be entered again."""
    scope: Any = top if inside is None else top.subprocesses.get(inside)
    if scope is None:
        raise Unsound("所在的子流程已经结束", "the sub-process it lay in is over")
    graph = courses.of(scope.spec)
    target = amending(scope.spec.task_specs[node])
    if target is None or target.repetition is not None:
        raise Unsound("多实例任务不能撤回", "a part of a multi-instance task cannot be taken back")
    passed = [name.removeprefix(scope.prefix) for name in path if name.startswith(scope.prefix)]
    passed = [name for name in passed if name in graph.after]
    change = Change(scope, target)
    roots = {_in_scope(top.find(id_), scope) for id_ in opened}
    if None in roots:
        raise Unsound("后续环节已在此范围之外", "what followed lies outside of the scope it was done in")
    for token in list(scope.tasks.values()):
        if token.host is not None or _aside(token):
            continue
        name = token.task_spec.node.id
        if isinstance(token.task_spec, Join) and token._state == WAITING:
            change.less += _brought(scope, token, passed)
        elif token in roots or (
            name not in passed and set(graph.before.get(name, ())) & set(passed) and token.id not in opened
        ):
            change.gone.append(token)
    if not change.gone and not change.less:
        raise Unsound("之后已没有可撤回的环节", "nothing is left of it that could be taken back")
    for name in passed:
        element = graph.elements[name]
        if element.node.kind is Kind.PARALLEL and graph.joins(name):
            _fill(change, scope, graph, element, node)
    return _checked(change, _marking(scope), graph), {token.id for token in change.gone}


def _brought(scope: Any, token: Token, passed: Sequence[str]) -> list[tuple[Token, str]]:
    """The flows into a waiting join over which this completion brought a token."""
    name, counts = token.task_spec.node.id, token.internal_data[COUNTS]
    if name in passed:
        return []
    return [(token, flow.id) for flow in _into(scope, name) if flow.source in passed and counts.get(flow.id)]


def _in_scope(token: Token | None, scope: Any) -> Token | None:
    while token is not None and token.workflow is not scope:
        token = token.workflow.host
    return rooted(token) if token is not None else None


# ---------------------------------------------------------------- moved by an operator


def movable(token: Token) -> bool:
    """Whether an operator may move it: what rests in the flows, or is part of a task there."""
    return token.host is None and not _aside(token) and compensation.TODO not in token.internal_data


def sound_move(token: Token, to: str) -> tuple[Token, tuple[Any, Any]]:
    """The token that goes and the scope and element that it goes to. Unsound when there is no such node, or nothing can arrive there."""
    scope, target, at = _anywhere(token, to)
    if not movable(at):
        raise Unsound(
            "正在补偿或在流程之外，不能移动", "it compensates, or lies outside of the flows: it cannot be moved"
        )
    node = target.node
    if node.kind in (Kind.START, Kind.BOUNDARY, Kind.EVENT_SUBPROCESS) or node.for_compensation:
        raise Unsound(f"没有流转可以到达“{to}”", f"no token can arrive at “{to}”")
    return at, (scope, target)


def move(at: Token, place: tuple[Any, Any]) -> None:
    """Take a token away, with what hangs on it and lies inside, and put one where `sound_move` said. At a join it counts as come over the
    first flow that has none yet."""
    scope, target = place
    at.cancel()
    if isinstance(target, Activity):
        begin(scope, target, None)
        return
    flows = target.node.incoming
    if isinstance(target, Join) and flows:
        resting = next((t for t in scope.tasks.values() if t.task_spec is target and t._state == WAITING), None)
        counts = resting.internal_data.get(COUNTS, {}) if resting is not None else {}
        scope.arrive(target, next((flow for flow in flows if flow not in counts), flows[0]))
    else:
        scope.arrive(target)


def _anywhere(token: Token, to: str) -> tuple[Any, Any, Token]:
    scope: Any = token.workflow
    at = rooted(token)
    while True:
        element = _named(scope, to)
        if element is not None:
            return scope, element, at
        if scope.host is None:
            raise Unsound(f"没有节点“{to}”", f"there is no node “{to}”")
        at = rooted(scope.host)
        scope = scope.host.workflow
