"""What other tools write into a file: kept, and named where it would do something there that it does not do here."""

from __future__ import annotations

from collections.abc import Collection

from lxml import etree

from engine.bpmn.namespaces import bpmn, is_bpmn, label, line, split
from engine.bpmn.problems import Problems, called_of, clip
from engine.bpmn.settings import Decision

ENGINES = {
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://camunda.org/schema/zeebe/1.0": "zeebe",
    "http://flowable.org/bpmn": "flowable",
    "http://activiti.org/bpmn": "activiti",
    "http://www.jboss.org/drools": "drools",
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "spiffworkflow",
}
"""Engines whose settings carry behaviour. What other namespaces hold (colours, editors' notes) is kept without a word."""

# What a node does, whether it is left out, how often it runs, which way the flow takes.
_CHANGING = frozenset(
    (
        *("class", "expression", "delegateExpression", "type", "topic", "connector", "triggerable", "skipExpression"),
        *("decisionRef", "resultVariable", "mapDecisionResult", "ruleVariablesInput", "calledDecision"),
        *("collection", "collectionString", "elementVariable", "elementIndexVariable", "loopCharacteristics"),
        *("resource", "taskDefinition", "script", "preScript", "postScript", "serviceTaskOperator"),
        *("conditionalFilter", "onEntry-script", "onExit-script", "taskName", "subscription", "publishMessage"),
        *("calledElementBinding", "calledElementVersion", "calledElementVersionTag", "in", "out", "calledElement"),
        *("decisionRefBinding", "decisionRefVersion", "decisionRefVersionTag", "variableMappingClass"),
        *("errorCodeVariable", "errorMessageVariable", "escalationCodeVariable", "variableAggregation"),
        *("scope", "terminateAll"),
    )
)
_AS_HERE = frozenset((("scope", "global"), ("terminateAll", "false")))
"""What would change the course, but says what happens here anyway."""

_INSTEAD = {
    **dict.fromkeys(("errorCodeVariable", "errorMessageVariable", "escalationCodeVariable"), "ld:message result"),
    **dict.fromkeys(("subscription", "publishMessage"), "ld:message correlation"),
    **dict.fromkeys(("in", "out", "variableMappingClass"), "ld:call input / output"),
    **dict.fromkeys(
        ("collection", "collectionString", "elementVariable", "loopCharacteristics", "variableAggregation"),
        "loopDataInputRef / inputDataItem / loopDataOutputRef / outputDataItem",
    ),
    **dict.fromkeys(("inputOutput", "ioMapping"), "ld:action result / ld:message result / ld:call output"),
    **dict.fromkeys(("decisionRef", "mapDecisionResult", "calledDecision"), "ld:decision"),
    **dict.fromkeys(("class", "expression", "delegateExpression", "type", "topic", "taskDefinition"), "ld:action"),
}
"""What the ld extension has for it."""

_WRITING = frozenset(("outputParameter", "output"))
_HARMLESS = frozenset(
    (
        *(
            "asyncBefore",
            "asyncAfter",
            "async",
            "exclusive",
            "jobPriority",
            "historyTimeToLive",
            "versionTag",
            "version",
        ),
        *("modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "properties", "property", "metadata"),
        *("isStartableInTasklist", "candidateStarterUsers", "candidateStarterGroups", "userTask", "documentation"),
        *("instructionsForEndUser", "metaData"),
    )
)


def check(root: etree._Element, ignored: Collection[etree._Element], problems: Problems) -> None:
    """Name every setting of another engine that changes the course (an error) or that has no effect here (a warning). What stands in
    the elements `ignored` is not looked at."""
    stack = [root]
    while stack:
        owner = stack.pop()
        if not is_bpmn(owner) or owner in ignored:
            continue
        if owner.tag != bpmn("extensionElements"):
            stack.extend(reversed(list(owner)))
        for name in map(str, owner.attrib):
            space, short = split(name)
            if space in ENGINES and not _is_read(space, short, owner, owner):
                _judge(ENGINES[space], short, owner, owner, problems)
        for extensions in owner.findall(bpmn("extensionElements")):
            for element in extensions:
                space, short = split(str(element.tag))
                if space in ENGINES and not _is_read(space, short, element, owner):
                    _judge(ENGINES[space], short, element, owner, problems)


def decision_of(rule: etree._Element) -> Decision | None:
    """The decision that Camunda 7 or 8 has a business rule task call, as far as it means the same here: by its plain id, its
    result kept under one key."""
    for name, value in ((str(key), str(text).strip()) for key, text in rule.attrib.items()):
        space, short = split(name)
        if ENGINES.get(space) == "camunda" and short == "decisionRef" and _plain(value):
            into = (rule.get(f"{{{space}}}resultVariable") or "").strip()
            return Decision(value, into or None)
    for extensions in rule.findall(bpmn("extensionElements")):
        for element in extensions:
            space, short = split(str(element.tag))
            ref, into = (element.get("decisionId") or "").strip(), (element.get("resultVariable") or "").strip()
            tagged = (element.get("bindingType") or "").strip() == "versionTag"
            if ENGINES.get(space) == "zeebe" and short == "calledDecision" and _plain(ref) and not tagged:
                return Decision(ref, into or None)
    return None


def _plain(text: str) -> bool:
    return bool(text) and not text.startswith("=") and "{" not in text


def _is_read(space: str, name: str, place: etree._Element, owner: etree._Element) -> bool:
    """Whether a setting is one that `decision_of` reads."""
    if owner.tag != bpmn("businessRuleTask") or decision_of(owner) is None:
        return False
    if ENGINES[space] == "camunda":
        value = (place.get(f"{{{space}}}{name}") or "").strip()
        if name == "mapDecisionResult":
            return value == "singleEntry"
        if name == "decisionRefBinding":
            return value in ("latest", "deployment")
        return name in ("decisionRef", "resultVariable")
    return ENGINES[space] == "zeebe" and name == "calledDecision"


def _value(place: etree._Element, name: str) -> str:
    """The value of an attribute of some vendor."""
    return next((str(text).strip() for key, text in place.attrib.items() if split(str(key))[1] == name), "")


def _judge(vendor: str, name: str, place: etree._Element, owner: etree._Element, problems: Problems) -> None:
    shown = clip(f"{vendor}:{name}", 60)
    if name in _HARMLESS or (name, _value(place, name)) in _AS_HERE:
        return
    if name in _CHANGING or any(split(str(child.tag))[1] in _WRITING for child in place if not is_bpmn(child)):
        ours = _INSTEAD.get(name)
        zh, en = (
            (f" {ours}", ours) if ours else ("标准元素或 ld 扩展", "the elements of the standard or the ld extension")
        )
        called = called_of(owner)
        problems.add(
            "vendor-behaviour",
            f"{called[0]}{shown} 会改变流程的执行，这里不支持；请删去，改用{zh}。",
            f"{called[1]}{shown} would change what the process does and is not supported here; remove it and use {en}.",
            line=line(place),
            element=label(owner),
        )
    else:
        problems.warn(
            "vendor-ignored",
            f"{shown} 在这里不起作用（保留原样）；处理人、表单、期限请用 ld 扩展设置。",
            f"{shown} has no effect here (it is kept); set candidates, forms and clocks with the ld extension.",
            line=line(place),
            element=label(owner),
        )
