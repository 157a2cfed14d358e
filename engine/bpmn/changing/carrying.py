"""The stored form of an instance, with its tokens in the nodes of another version. What a token keeps (its id, who it is meant for,
what was counted, said, or is due) stays as it is; where the other version would read it otherwise, it is refused in words.

Tokens of called processes stay in their version. Of boundary events and event sub-processes without a counterpart the waiting ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.bpmn import state
from engine.bpmn.changing.pairing import Nodes
from engine.bpmn.model import Kind, Node, ProcessModel
from engine.bpmn.program import Program
from engine.bpmn.runtime import compensation, courses
from engine.bpmn.runtime.activity import GATHERED
from engine.bpmn.runtime.gateways import COUNTS, PHASE, Join
from engine.bpmn.runtime.live import WAITING, Running, Token
from engine.bpmn.runtime.starting import MARK
from engine.bpmn.runtime.tasks import ACTING
from engine.bpmn.runtime.waiting import Catching
from engine.errors import CannotChange

_UNDOING = (compensation.TODO, compensation.FOR, compensation.INSIDE, compensation.THEN, compensation.CANCELS)


@dataclass(frozen=True)
class Change:
    """From one version to another by a plan that `pairing.judge` found nothing wrong with."""

    source: Program
    target: Program
    nodes: Nodes

    @cached_property
    def back(self) -> Mapping[str, str]:
        """What each node was."""
        return {new: old for old, new in self.nodes.items()}

    @cached_property
    def differing(self) -> dict[str, str]:
        """The nodes that have another id now."""
        return {old: new for old, new in self.nodes.items() if old != new}

    @cached_property
    def gone(self) -> list[str]:
        """The nodes that have no counterpart."""
        return [name for name in self.source.model.nodes if name not in self.nodes]


def own(scope: Any) -> bool:
    """Whether a scope belongs to the instance's own process, not to one that it calls."""
    return not scope.prefix


def carry(workflow: Running, change: Change, performers: Mapping[str, list[int]]) -> str:
    """The state that a run of the target resumes. `performers`: who did what, of nodes of the source that its own rules did not make it
    remember. CannotChange when a token would have no place, or another meaning there."""
    document: dict[str, Any] = json.loads(state.dump(workflow))
    _check_calm(workflow)
    document["t"] = list(_rows(workflow, document["t"], change))
    for sub in document.get("s", ()):
        scope = workflow.subprocesses[sub[0]]
        if own(scope):
            sub[1] = list(_rows(scope, sub[1], change))
            if len(sub) > 4 and sub[4]:
                sub[4] = [_undoable(record, change) for record in sub[4]]
    document["d"] = [_undoable(record, change) for record in document.get("d", ())]
    document["p"] = _performers({**performers, **document.get("p", {})}, change)
    return json.dumps(document, ensure_ascii=False)


def _rows(scope: Any, rows: list[list[Any]], change: Change) -> Iterator[list[Any]]:
    for row in rows:
        token: Token = scope.tasks[row[1]]
        node: Node = token.task_spec.node
        new = change.target.model.nodes.get(change.nodes.get(node.id, ""))
        if new is None:
            if _only_listens(token):
                continue
            raise CannotChange(
                "no_node", *_said(node, "在新版中没有对应的节点", "has no counterpart in the new version")
            )
        _check(token, node, new, change)
        row[0] = MARK + new.id if row[0].startswith(MARK) else new.id
        if len(row) > 4 and row[4] and isinstance(token.task_spec, Join):
            row[4] = _counts(row[4], node, new, change)
        yield row


def _only_listens(token: Token) -> bool:
    """It waits for what may come beside the flow, and is no work itself."""
    return token._state == WAITING and (token.task_spec.node.kind is Kind.BOUNDARY or token.task_spec.listens)


def _check_calm(workflow: Running) -> None:
    for token in workflow.everything():
        if any(key in token.internal_data for key in _UNDOING):
            node = token.task_spec.node
            raise CannotChange("undoing", *_said(node, "正在补偿已完成的活动", "undoes what was done"))


# ---------------------------------------------------------------- what rests otherwise there


def _check(token: Token, old: Node, new: Node, change: Change) -> None:
    """CannotChange when what the token keeps would mean something else."""
    for wrong, kind, zh, en in _DIFFERENCES:
        if wrong(token, old, new, change):
            raise CannotChange(kind, *_said(old, zh, en))


def _voting(_token: Token, old: Node, new: Node, _change: Change) -> bool:
    return old.settings.vote != new.settings.vote and (old.multi_instance or new.multi_instance) is not None


def _parts(_token: Token, old: Node, new: Node, _change: Change) -> bool:
    return (old.multi_instance, old.loop) != (new.multi_instance, new.loop)


def _gathering(token: Token, old: Node, new: Node, _change: Change) -> bool:
    return GATHERED in token.internal_data and old.start_quantity != new.start_quantity


def _acting(token: Token, old: Node, new: Node, _change: Change) -> bool:
    before, after = old.settings.action, new.settings.action
    if ACTING not in token.internal_data or before is None:
        return False
    return after is None or (before.name, before.waits) != (after.name, after.waits)


def _amending(token: Token, _old: Node, new: Node, change: Change) -> bool:
    return token.task_spec.name.startswith(MARK) and MARK + new.id not in change.target.spec.task_specs


def _events(token: Token, old: Node, new: Node, change: Change) -> bool:
    """Behind an event-based gateway other events are waited for."""
    if old.kind is not Kind.EVENT_BASED:
        return False
    waiting = {change.nodes.get(each.task_spec.node.id) for each in token.hanging}
    after = _element(change.target, new).targets.values()
    return waiting != {each.node.id for each in after if isinstance(each, Catching)}


def _beside(_token: Token, old: Node, new: Node, change: Change) -> bool:
    """It runs beside the flow in one version, and in it in the other."""
    before, after = (
        courses.of(_scope(program, node)) for program, node in ((change.source, old), (change.target, new))
    )
    return (old.id in before.aside) != (new.id in after.aside)


def _complex(token: Token, old: Node, new: Node, _change: Change) -> bool:
    if old.kind is not Kind.COMPLEX or not token.internal_data:
        return False
    return (old.activation, len(old.incoming)) != (new.activation, len(new.incoming))


_DIFFERENCES: tuple[tuple[Callable[[Token, Node, Node, Change], bool], str, str, str], ...] = (
    (_voting, "vote", "正在表决，而新版的表决规则不同", "is being voted on, and the new version votes by another rule"),
    (
        _parts,
        "parts",
        "已分成多份或在循环中，而新版的多实例或循环设置不同",
        "is under way in parts or rounds, which the new version sets otherwise",
    ),
    (
        _gathering,
        "gathering",
        "正在等候多个流转，而新版要的数目不同",
        "waits for several tokens, of which the new version wants another number",
    ),
    (
        _acting,
        "action",
        "正在执行系统动作，而新版的动作不同",
        "waits for an action, which is another one in the new version",
    ),
    (
        _amending,
        "start_form",
        "已退回到发起环节，而新版的发起没有表单",
        "was sent back to its start, which has no form in the new version",
    ),
    (
        _events,
        "events",
        "正在等待几个事件之一，而新版等待的事件不同",
        "waits for one of several events, which are others in the new version",
    ),
    (
        _beside,
        "beside",
        "在旁路上，而新版中它在主流程上（或相反）",
        "runs beside the flow in one version and in it in the other",
    ),
    (
        _complex,
        "complex",
        "复杂网关已有流转，而新版的条件不同",
        "has tokens at its complex gateway, whose condition is another in the new version",
    ),
)


def _scope(program: Program, node: Node) -> Any:
    return program.spec if node.parent is None else program.subs[node.parent]


def _element(program: Program, node: Node) -> Any:
    return _scope(program, node).task_specs[node.id]


# ---------------------------------------------------------------- joins


def _counts(kept: dict[str, Any], old: Node, new: Node, change: Change) -> dict[str, Any]:
    """What came to a join already, by the flows of the target."""
    flows = {flow: _flow(flow, old, new, change) for flow in {*kept.get(COUNTS, ()), *kept.get(PHASE, ())}}
    if len(set(flows.values())) != len(flows):
        raise _no_flow(old)
    kept = dict(kept)
    if COUNTS in kept:
        kept[COUNTS] = {flows[flow]: count for flow, count in kept[COUNTS].items()}
    if PHASE in kept:
        kept[PHASE] = sorted(flows[flow] for flow in kept[PHASE])
    return kept


def _flow(flow: str, old: Node, new: Node, change: Change) -> str:
    """The flow by which the same branch comes to the join: the one that, back over what only one version has, comes from the same nodes."""
    comes = {each: _from(change.source.model, each, change.nodes.__contains__) for each in old.incoming}
    mine = {change.nodes[name] for name in comes[flow]}
    theirs = {each: _from(change.target.model, each, change.back.__contains__) for each in new.incoming}
    found = [each for each, sources in theirs.items() if sources == mine]
    alike = [each for each in comes if comes[each] == comes[flow]]
    if len(alike) > 1 and len(alike) == len(found) and flow in found:
        return flow  # several ways from one node: told apart by their own ids
    if len(found) != 1 or len(alike) != 1:
        raise _no_flow(old)
    return found[0]


def _from(model: ProcessModel, flow: str, known: Callable[[str], bool]) -> set[str]:
    """The nearest nodes before a flow that both versions have."""
    found: set[str] = set()
    seen: set[str] = set()
    stack = [model.flows[flow].source]
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        if known(name):
            found.add(name)
            continue
        node = model.nodes[name]
        stack += [model.flows[each].source for each in node.incoming] + ([node.host] if node.host is not None else [])
    return found


def _no_flow(old: Node) -> CannotChange:
    return CannotChange(
        "join",
        *_said(old, "已有分支到达汇合处，而新版的汇合没有这个分支", "has tokens of branches that the new version does not join there"),
    )  # fmt: skip


# ---------------------------------------------------------------- what is remembered


def _undoable(record: list[Any], change: Change) -> list[Any]:
    """What may have to be undone, by the node of the target that says how."""
    name, inner, variables = record
    old = change.source.model.nodes[name]
    new = change.target.model.nodes.get(change.nodes.get(name, ""))
    spec: Any = _element(change.target, new) if new is not None else None
    if new is None or (inner == 0 and spec.undo is None):
        raise CannotChange(
            "undo", *_said(old, "已完成且可补偿，而新版不能补偿它", "was done and can be undone, which the new version cannot")
        )  # fmt: skip
    if inner and not inner["f"]:
        inner = {**inner, "d": [_undoable(each, change) for each in inner["d"]]}
    return [new.id, inner, variables]


def _performers(kept: Mapping[str, list[int]], change: Change) -> dict[str, list[int]]:
    """Who did what: of nodes that have no counterpart no rule asks."""
    found: dict[str, list[int]] = {}
    for way, people in kept.items():
        first, slash, rest = way.partition("/")
        if first in change.nodes:
            found[change.nodes[first] + slash + rest] = people
    return found


def _said(node: Node, zh: str, en: str) -> tuple[str, str]:
    return f"“{node.names.text('zh') or node.id}”{zh}", f"“{node.names.text('en') or node.id}” {en}"
