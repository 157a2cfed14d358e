"""Activities: scripts and multi-instance."""

from __future__ import annotations

import re

from lxml import etree

from engine.bpmn import limits
from engine.bpmn.collecting import DrawnNode, ref
from engine.bpmn.expressions import Expressions, is_feel, language_of
from engine.bpmn.extension import is_fact_key
from engine.bpmn.model import Kind, MultiInstance, Value
from engine.bpmn.namespaces import bpmn, line, text
from engine.bpmn.problems import Problems, clip

_WHOLE = re.compile(r"\d{1,9}\Z")


def script(node: DrawnNode, expressions: Expressions, scope: tuple[str, ...], problems: Problems) -> str | None:
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


def item_of(element: etree._Element) -> str | None:
    """The name under which the inside of a multi-instance activity sees its member."""
    item = element.find(f"{bpmn('multiInstanceLoopCharacteristics')}/{bpmn('inputDataItem')}")
    return (item.get("name") or "").strip() or None if item is not None else None


def multi_instance(
    node: DrawnNode, kind: Kind, expressions: Expressions, scope: tuple[str, ...], problems: Problems
) -> MultiInstance | None:
    """The multi-instance of an activity, None when it has none (or one that is no good: said)."""
    element = node.element.find(bpmn("multiInstanceLoopCharacteristics"))
    if element is None:
        return None
    if kind not in (Kind.USER, Kind.SUBPROCESS):
        _say(
            node,
            element,
            "unsupported",
            "多实例暂时只支持用户任务和子流程",
            "multi-instance is supported on user tasks and sub-processes only",
            problems,
        )
        return None
    sequential = (element.get("isSequential") or "false").strip() in ("true", "1")
    cardinality, collection = element.find(bpmn("loopCardinality")), element.find(bpmn("loopDataInputRef"))
    item, key, number = item_of(node.element), "", None
    if item is not None and (not is_fact_key(item) or item in scope):
        shown = clip(item, 40)
        zh = f"多实例的项名“{shown}”须是小写键，且不能与外层的项重名"
        en = f"the item “{shown}” must be a key in small letters, other than the items further out"
        _say(node, element, "multi-instance", zh, en, problems)
        return None
    if collection is not None and cardinality is None:
        key = _collection(node, collection, expressions, scope, problems)
    elif cardinality is not None and collection is None:
        number = _number(node, cardinality, expressions, scope, problems)
    else:
        zh = "多实例须写明数据列表（loopDataInputRef）或次数（loopCardinality），且只写一种"
        en = "a multi-instance needs either a list among the facts (loopDataInputRef) or a number (loopCardinality)"
        _say(node, element, "multi-instance", zh, en, problems)
    return MultiInstance(sequential, collection=key or None, item=item, cardinality=number) if key or number else None


def _collection(
    node: DrawnNode, element: etree._Element, expressions: Expressions, scope: tuple[str, ...], problems: Problems
) -> str:
    """The key of the fact that holds the list, "" when it is none."""
    key = ref(text(element), element)
    if not is_fact_key(key):
        shown = clip(key, 40)
        _say(node, element, "multi-instance", f"“{shown}”不是数据键", f"“{shown}” is no fact key", problems)
        return ""
    return key if expressions.check(key, element, ("多实例的列表", "the list of the multi-instance"), scope) else ""


def _number(
    node: DrawnNode, element: etree._Element, expressions: Expressions, scope: tuple[str, ...], problems: Problems
) -> Value | None:
    raw = text(element)
    if re.match(r"[-+]?\d", raw):
        if _WHOLE.match(raw) and 1 <= int(raw) <= limits.MAX_INSTANCES:
            return Value(str(int(raw)))
        shown, most = clip(raw, 20), limits.MAX_INSTANCES
        zh = f"次数“{shown}”须是 1 到 {most} 的整数"
        _say(
            node,
            element,
            "multi-instance",
            zh,
            f"the number “{shown}” must be a whole one from 1 to {most}",
            problems,
        )
        return None
    checked = expressions.check(
        raw, element, ("多实例的次数", "the number of instances"), scope, language=language_of(element)
    )
    return Value(checked.text, is_feel=True) if checked else None


def _say(node: DrawnNode, element: etree._Element, code: str, zh: str, en: str, problems: Problems) -> None:
    name = clip(node.element.get("name") or node.id, 40)
    problems.add(code, f"“{name}”：{zh}。", f"“{name}”: {en}.", line=line(element), element=node.id)
