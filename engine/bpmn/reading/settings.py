"""What the `ld` settings of one process say of each other: forms, registers, nodes and keys that must exist."""

from __future__ import annotations

from collections.abc import Collection

from engine.bpmn.model import Kind, Node
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import voting
from engine.bpmn.reading.building import Built
from engine.bpmn.settings import Choice, ClockSetting


def check(
    built: Built,
    forms: Collection[str],
    registers: Collection[str] | None,
    decisions: Collection[str] | None,
    problems: Problems,
) -> None:
    """Judge every node's settings and the clocks of the process."""
    known_forms = {name.removesuffix(".json") for name in forms}
    for node in built.nodes.values():
        _check_form(node, known_forms, problems)
        _check_four_eyes(node, built, problems)
        _check_choice(node, problems)
        _check_work(node, problems)
        _check_registers(node, registers, problems)
        _check_decision(node, decisions, problems)
        voting.check(node, problems)
    if built.whole:
        _check_clocks(built, problems)


def _check_form(node: Node, forms: set[str], problems: Problems) -> None:
    ref = node.settings.form
    if ref is not None and node.kind is Kind.START and (node.parent is not None or not node.is_none):
        _say(
            node,
            "setting-misplaced",
            "只有由人开始流程的开始事件能有表单",
            "only the start event by which a person starts the process can have a form",
            problems,
        )
    if ref is not None and ref not in forms:
        _say(
            node,
            "form-missing",
            f"表单“{clip(ref, 40)}”（{clip(ref, 40)}.json）不在一起部署的文件里",
            f"the form “{clip(ref, 40)}” ({clip(ref, 40)}.json) is not among the files deployed",
            problems,
        )


def _check_four_eyes(node: Node, built: Built, problems: Problems) -> None:
    for other in node.settings.four_eyes:
        if other not in built.nodes or not _has_performers(built.nodes[other]):
            _say(
                node,
                "dangling",
                f"ld:fourEyes 指的“{clip(other)}”不是用户任务、含用户任务的子流程、调用活动，也不是流程的开始事件",
                f"ld:fourEyes names “{clip(other)}”, which is no user task, sub-process, call, nor a start event of the process",
                problems,
            )
        elif other in _around(node, built):
            _say(
                node,
                "setting",
                f"ld:fourEyes 不能指自己所在的“{clip(other)}”",
                f"ld:fourEyes cannot name “{clip(other)}”, which it lies in",
                problems,
            )
        elif other == node.id:
            _say(node, "setting", "ld:fourEyes 不能指自己", "ld:fourEyes cannot name the task itself", problems)


def _has_performers(node: Node) -> bool:
    """Whether persons do it: a task, what tasks lie in, or the start of the process."""
    if node.kind is Kind.START:
        return node.parent is None
    return node.kind.is_inbox or node.kind.is_scope or node.kind is Kind.CALL


def _around(node: Node, built: Built) -> list[str]:
    """The sub-processes it lies in."""
    found = []
    while node.parent is not None and node.parent in built.nodes:
        found.append(node.parent)
        node = built.nodes[node.parent]
    return found


def _check_choice(node: Node, problems: Problems) -> None:
    wanted = node.settings.candidates
    if wanted is None or wanted.fallback_unit is not None or wanted.fallback_post is not None:
        return
    who = None
    if wanted.choose is Choice.DUTY:
        who = ("没有人值班", "nobody is on duty")
    elif wanted.head is not None:
        who = ("没有负责人", "there is no head")
    elif (wanted.starter or wanted.person is not None) and wanted.post is None:
        who = ("此人已离职", "that person has left")
    if who is not None:
        name, english = (clip(node.names.text(locale) or node.id, 40) for locale in ("zh", "en"))
        problems.warn(
            "no-fallback",
            f"“{name}”：{who[0]}时流程会停下（异常）；请写明后备 fallbackUnit、fallbackPost。",
            f"“{english}”: when {who[1]} the process stops with an incident; name a fallback (fallbackUnit, fallbackPost).",
            line=node.line,
            element=node.id,
        )


def _check_work(node: Node, problems: Problems) -> None:
    if node.kind is Kind.RULE and node.settings.lookup is None and node.settings.decision is None:
        _say(
            node,
            "no-lookup",
            "业务规则任务须用 ld:decision 写明决策，或用 ld:lookup 写明查哪张登记表",
            "a business rule task needs ld:decision with a decision, or ld:lookup with the register to look up",
            problems,
        )
    if node.kind is Kind.SERVICE and node.settings.action is None:
        _say(
            node,
            "no-action",
            "服务任务须用 ld:action 写明服务器动作",
            "a service task needs ld:action with the name of a server action",
            problems,
        )
    if node.kind in (Kind.USER, Kind.MANUAL) and node.settings.candidates is None:
        name = clip(node.names.text("zh") or node.id, 40)
        problems.warn(
            "no-candidates",
            f"“{name}”：没有写明由谁办理（ld:candidates），任务将交给运维员。",
            f"“{name}”: nobody is named to do it (ld:candidates), so it goes to the operators.",
            line=node.line,
            element=node.id,
        )


def _check_registers(node: Node, registers: Collection[str] | None, problems: Problems) -> None:
    own = (node.settings.lookup,) if node.settings.lookup is not None else ()
    proposed = node.settings.dispatch
    if proposed is not None and proposed.register and registers is not None and proposed.register not in registers:
        _say(
            node,
            "register-missing",
            f"没有登记表“{clip(proposed.register, 40)}”",
            f"there is no register “{clip(proposed.register, 40)}”",
            problems,
        )
    for lookup in (*own, *node.lookups):
        if registers is not None and lookup.register not in registers:
            _say(
                node,
                "register-missing",
                f"没有登记表“{clip(lookup.register, 40)}”",
                f"there is no register “{clip(lookup.register, 40)}”",
                problems,
            )


def _check_decision(node: Node, decisions: Collection[str] | None, problems: Problems) -> None:
    decision = node.settings.decision
    if decision is not None and decisions is not None and decision.ref not in decisions:
        _say(
            node,
            "decision-missing",
            f"决策“{clip(decision.ref, 40)}”不在一起部署的决策表（.dmn）里",
            f"the decision “{clip(decision.ref, 40)}” is in none of the .dmn files deployed",
            problems,
        )


def _check_clocks(built: Built, problems: Problems) -> None:
    seen: set[str] = set()
    owned: list[tuple[str, int, ClockSetting]] = [("process", 0, clock) for clock in built.clocks]
    owned += [(node.id, node.line, clock) for node in built.nodes.values() for clock in node.settings.clocks]
    for owner, line, clock in owned:
        if clock.id in seen:
            problems.add(
                "setting",
                f"时钟编号“{clip(clock.id)}”重复。",
                f"the clock id “{clip(clock.id)}” is used twice.",
                line=line,
                element=owner,
            )
        seen.add(clock.id)
        for place in filter(None, (clock.start, clock.stop)):
            if place not in built.nodes:
                problems.add(
                    "dangling",
                    f"时钟“{clip(clock.id)}”指向“{clip(place)}”，流程里没有这个节点。",
                    f"the clock “{clip(clock.id)}” names “{clip(place)}”, which is no node of the process.",
                    line=line,
                    element=owner,
                )


def _say(node: Node, code: str, zh: str, en: str, problems: Problems) -> None:
    name, english = (clip(node.names.text(locale) or node.id, 40) for locale in ("zh", "en"))
    problems.add(code, f"“{name}”：{zh}。", f"“{english}”: {en}.", line=node.line, element=node.id)
