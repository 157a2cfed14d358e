"""Activities: scripts, calls, decisions, quantities."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from engine.bpmn import limits
from engine.bpmn.model import Call, Copy, Kind
from engine.bpmn.namespaces import bpmn, line, ref, text
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading.collecting import DrawnNode
from engine.bpmn.reading.expressions import Expressions, is_feel, language_of
from engine.bpmn.reading.extension import Setting, is_fact_key
from engine.bpmn.reading.vendors import decision_of
from engine.bpmn.settings import Decision, Settings

Scope = tuple[str, ...]


def script(node: DrawnNode, expressions: Expressions, scope: Scope, problems: Problems) -> str | None:
    """The FEEL context of a script task, None (said) when it is in another language, missing or no context."""
    element = node.element
    found = element.find(bpmn("script"))
    format_ = (element.get("scriptFormat") or "").strip()
    if not format_ or not is_feel(format_):
        shown = clip(format_, 40) or "—"
        _say(
            node,
            element,
            "script-language",
            f'脚本语言是“{shown}”；只支持 FEEL，请设 scriptFormat="feel" 并改写脚本',
            f'the script is in “{shown}”; only FEEL is supported, set scriptFormat="feel" and rewrite it',
            problems,
        )
        return None
    if found is None or not text(found):
        _say(node, element, "script", "脚本任务没有脚本", "the script task has no script", problems)
        return None
    checked = expressions.check(text(found), found, ("脚本", "the script"), scope)
    if checked is None:
        return None
    if not checked.keys or not all(map(is_fact_key, checked.keys)):
        _say(
            node,
            found,
            "script",
            "脚本应是一个 FEEL 上下文，键为小写数据键，例如 { rework: rework + 1 }",
            "the script must be a FEEL context with keys of facts, such as { rework: rework + 1 }",
            problems,
        )
        return None
    expressions.written.update(checked.keys)
    return checked.text


def quantity(node: DrawnNode, name: str, problems: Problems) -> int:
    """`startQuantity` or `completionQuantity` of an activity."""
    raw = (node.element.get(name) or "1").strip()
    if re.match(r"[0-9]{1,4}\Z", raw) and 1 <= int(raw) <= limits.MAX_QUANTITY:
        return int(raw)
    most = limits.MAX_QUANTITY
    zh, en = f"{name} 须是 1 到 {most} 的整数", f"{name} must be a whole number from 1 to {most}"
    _say(node, node.element, "quantity", zh, en, problems)
    return 1


def activation(node: DrawnNode, expressions: Expressions, scope: Scope, problems: Problems) -> str | None:
    """The activation condition of a complex gateway, which one that joins must have."""
    element = node.element.find(bpmn("activationCondition"))
    if element is None:
        if len(node.incoming) > 1:
            zh = "复杂网关有几条进入的顺序流，须写明激活条件（activationCondition）"
            en = "a complex gateway with several flows into it needs its activationCondition"
            _say(node, node.element, "activation", zh, en, problems)
        return None
    what = ("激活条件", "the activation condition")
    checked = expressions.check(text(element), element, what, scope, language=language_of(element))
    return checked.text if checked else None


def call(
    node: DrawnNode,
    found: Mapping[str, list[Setting]],
    moved: tuple[tuple[Copy, ...], tuple[Copy, ...]],
    expressions: Expressions,
    scope: Scope,
    problems: Problems,
) -> Call | None:
    """What a call activity calls. `moved`: what its data associations move in and out, which is what it gives and takes."""
    setting = found["call"][0] if "call" in found else None
    process = setting.values.get("process") if setting is not None else None
    raw = node.element.get("calledElement") or ""
    if process is None and raw.strip():
        process = expressions.value(
            _local_name(raw, node.element), node.element, ("被调用流程", "the called process"), scope
        )
        if process is None:
            return None
    elif process is not None and raw.strip() and not process.is_feel and process.text != _local_name(raw, node.element):
        zh, en = "calledElement 与 ld:call process 不一致", "calledElement and the process of ld:call differ"
        _say(node, node.element, "contradiction", zh, en, problems)
    if process is None or not process.text:
        zh = "调用活动须写明调用哪个流程（calledElement）"
        _say(node, node.element, "call", zh, "a call activity must name the process it calls (calledElement)", problems)
        return None
    given = setting.values.get("input") if setting is not None else None
    taken = setting.values.get("output") if setting is not None else None
    for value, copies, name in ((given, moved[0], "input"), (taken, moved[1], "output")):
        if value is not None and copies:
            zh = f"数据关联和 ld:call {name} 只能写一种"
            _say(
                node,
                node.element,
                "contradiction",
                zh,
                f"either data associations or ld:call {name}, not both",
                problems,
            )
    return Call(process, given.text if given else _context(moved[0]), taken.text if taken else _context(moved[1]))


def _local_name(raw: str, element: etree._Element) -> str:
    raw = raw.strip()
    return raw if raw.startswith("=") else ref(raw, element)


def _context(copies: tuple[Copy, ...]) -> str | None:
    return "{" + ", ".join(f"{copy.target}: {copy.value}" for copy in copies) + "}" if copies else None


def decided(node: DrawnNode, settings: Settings, written: set[str], problems: Problems) -> Decision | None:
    """The decision of a business rule task: `ld:decision`, or what Camunda's tools write for it."""
    own, theirs = settings.decision, decision_of(node.element) if node.kind is Kind.RULE else None
    if own is not None and settings.lookup is not None:
        zh, en = "ld:decision 和 ld:lookup 只能写一种", "either ld:decision or ld:lookup, not both"
        _say(node, node.element, "contradiction", zh, en, problems)
    found = own or (theirs if settings.lookup is None else None)
    if own is not None and theirs is not None and own != theirs:
        zh, en = "ld:decision 与其他工具的决策设置不一致", "ld:decision and the other tool's decision differ"
        _say(node, node.element, "contradiction", zh, en, problems)
    if found is not None and found.into is not None:
        if not is_fact_key(found.into):
            shown = clip(found.into, 40)
            zh, en = f"决策结果“{shown}”不是数据键", f"the result of the decision, “{shown}”, is no fact key"
            _say(node, node.element, "setting", zh, en, problems)
        written.add(found.into)
    return found


def _say(node: DrawnNode, element: etree._Element, code: str, zh: str, en: str, problems: Problems) -> None:
    name = clip(node.element.get("name") or node.id, 40)
    problems.add(code, f"“{name}”：{zh}。", f"“{name}”: {en}.", line=line(element), element=node.id)
