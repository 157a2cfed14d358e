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

from typing import Any

from engine.bpmn.model import Kind
from engine.bpmn.runtime import compensation, courses, held
from engine.bpmn.runtime.activity import Activity
from engine.bpmn.runtime.courses import Courses
from engine.bpmn.runtime.detours import ASKED
from engine.bpmn.runtime.gateways import COUNTS, Join
from engine.bpmn.runtime.live import HELD, WAITED, WAITING, Scope, Token
from engine.bpmn.runtime.regions import Change, Unsound, begin, changed, checked, crossing, lies_aside, marking
from engine.bpmn.runtime.starting import amending

__all__ = ["Unsound", "can", "detour", "diverted", "find", "move", "rooted", "sound_back", "sound_detour", "sound_move"]

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
        return checked(Change(scope, target, [at]), marking(scope))  # an activity around it, from its beginning
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
    now = marking(scope)
    wrong: Unsound | None = None
    for rounds, full in ((False, False), (False, True), (True, False), (True, True)):
        if rounds or straight:
            try:
                return checked(changed(scope, at, target, graph, rounds=rounds, full=full), now, graph)
            except Unsound as error:
                wrong = wrong or error
    raise wrong or crossing(there)


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


# ---------------------------------------------------------------- moved by an operator


def movable(token: Token) -> bool:
    """Whether an operator may move it: what rests in the flows, or is part of a task there."""
    return token.host is None and not lies_aside(token) and compensation.TODO not in token.internal_data


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
