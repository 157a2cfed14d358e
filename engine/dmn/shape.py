"""Which elements and attributes may stand where (DMN 1.5, chapter 6 to 10). What is not named here is refused: a misspelt
`hitpolicy` would otherwise be UNIQUE without a word."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.namespaces import split
from engine.bpmn.problems import Problems, clip
from engine.dmn.namespaces import VERSIONS, is_dmn
from engine.dmn.saying import say

EXPRESSIONS = (
    *("literalExpression", "decisionTable", "context", "invocation", "functionDefinition", "relation", "list"),
    *("conditional", "filter", "for", "some", "every"),
)
_LOGIC = "EXPRESSION?"  # one of them, or none
_REFERENCES = "supportedObjective* impactedPerformanceIndicator* decisionMaker* decisionOwner* usingProcess* usingTask*"
_REQUIRED = "informationRequirement* knowledgeRequirement* authorityRequirement*"

_DEFINED = (
    "import* itemDefinition* decision* businessKnowledgeModel* inputData* knowledgeSource* decisionService* group* "
    "textAnnotation* association* elementCollection* performanceIndicator* organizationUnit*"
)

# Attributes, and children with how many there may be: one `1`, at most one `?`, any number `*`, at least one `+`.
_SHAPES: dict[str, tuple[str, str]] = {
    "definitions": (
        "name namespace expressionLanguage typeLanguage exporter exporterVersion",
        _DEFINED,
    ),
    "import": ("name namespace locationURI importType", ""),
    "itemDefinition": (
        "name! typeLanguage isCollection",
        "typeRef? allowedValues? typeConstraint? itemComponent* functionItem?",
    ),
    "functionItem": ("outputTypeRef", "parameters*"),
    "parameters": ("name typeRef", ""),
    "decision": ("name!", f"question? allowedAnswers? variable? {_REQUIRED} {_REFERENCES} {_LOGIC}"),
    "inputData": ("name!", "variable?"),
    "knowledgeSource": ("name locationURI", "authorityRequirement* type? owner?"),
    "businessKnowledgeModel": (
        "name!",
        "variable? encapsulatedLogic? knowledgeRequirement* authorityRequirement*",
    ),
    "decisionService": ("name", "variable? outputDecision* encapsulatedDecision* inputDecision* inputData*"),
    "informationRequirement": ("", "requiredDecision? requiredInput?"),
    "knowledgeRequirement": ("", "requiredKnowledge1"),
    "authorityRequirement": ("", "requiredDecision? requiredInput? requiredAuthority?"),
    "variable": ("name typeRef", ""),
    "literalExpression": ("typeRef expressionLanguage", "text? importedValues?"),
    "importedValues": ("name namespace locationURI importType expressionLanguage", "importedElement?"),
    "invocation": ("typeRef", f"{_LOGIC} binding*"),
    "binding": ("", f"parameter1 {_LOGIC}"),
    "parameter": ("name! typeRef", ""),
    "decisionTable": (
        "typeRef hitPolicy aggregation preferredOrientation outputLabel",
        "input* output+ annotation* rule*",
    ),
    "input": ("", "inputExpression1 inputValues?"),
    "output": ("name typeRef", "outputValues? defaultOutputEntry?"),
    "annotation": ("name", ""),
    "rule": ("", "inputEntry* outputEntry+ annotationEntry*"),
    "annotationEntry": ("", "text?"),
    "context": ("typeRef", "contextEntry*"),
    "contextEntry": ("", "variable? EXPRESSION1"),
    "functionDefinition": ("typeRef kind", f"formalParameter* {_LOGIC}"),
    "formalParameter": ("name! typeRef", ""),
    "relation": ("typeRef", "column* row*"),
    "column": ("name! typeRef", ""),
    "list": ("typeRef", "EXPRESSION*"),
    "conditional": ("typeRef", "if1 then1 else1"),
    "filter": ("typeRef", "in1 match1"),
    "for": ("typeRef iteratorVariable!", "in1 return1"),
    "some": ("typeRef iteratorVariable!", "in1 satisfies1"),
    "in": ("typeRef", "EXPRESSION1"),
    "textAnnotation": ("textFormat", "text?"),
    "association": ("associationDirection", "sourceRef1 targetRef1"),
    "group": ("name", ""),
    "elementCollection": ("name", "drgElement*"),
    "performanceIndicator": ("name URI", "impactingDecision*"),
    "organizationUnit": ("name URI", "decisionMade* decisionOwned*"),
}
_SAME = {
    "itemComponent": "itemDefinition",
    "every": "some",
    "row": "list",
    "encapsulatedLogic": "functionDefinition",
    **dict.fromkeys(("inputExpression", "outputEntry", "defaultOutputEntry"), "literalExpression"),
    **dict.fromkeys(
        ("inputEntry", "inputValues", "outputValues", "allowedValues", "typeConstraint"), "literalExpression"
    ),
    **dict.fromkeys(("if", "then", "else", "match", "return", "satisfies"), "in"),
}
_TEXTS = ("text", "description", "question", "allowedAnswers", "type", "typeRef", "importedElement")
_EVERYWHERE = {"id", "label"}


def check(root: etree._Element, problems: Problems) -> None:
    """Say what is unknown, missing or too often there, in the whole file."""
    waiting = [(root, False)]
    while waiting:
        element, reference = waiting.pop()
        name = split(str(element.tag))[1]
        if reference:
            _attributes(element, {"href"}, {"href"}, problems)
            continue
        shape = _SHAPES.get(_SAME.get(name, name))
        if name in _TEXTS or shape is None:
            _text_only(element, problems)
            continue
        attributes, content = shape
        known = {each.rstrip("!") for each in attributes.split()}
        _attributes(element, known, {each[:-1] for each in attributes.split() if each.endswith("!")}, problems)
        waiting += _children(element, name, content, problems)


def _attributes(element: etree._Element, known: set[str], required: set[str], problems: Problems) -> None:
    for each in map(str, element.attrib):
        space, short = split(each)
        if not space and short not in known | _EVERYWHERE:
            tag = split(str(element.tag))[1]
            zh = f"{tag} 没有属性“{clip(short)}”；请检查拼写（区分大小写）"
            en = f"{tag} has no attribute “{clip(short)}”; check its spelling (and its case)"
            say(problems, "unknown-attribute", element, zh, en)
    for each in sorted(required):
        if not (element.get(each) or "").strip():
            tag = split(str(element.tag))[1]
            say(problems, "missing", element, f"{tag} 缺少 {each}", f"{tag} has no {each}")


def _text_only(element: etree._Element, problems: Problems) -> None:
    for each in element:
        _unknown(each, element, problems)


def _children(
    element: etree._Element, name: str, content: str, problems: Problems
) -> list[tuple[etree._Element, bool]]:
    counts = {each[:-1]: each[-1] for each in content.split()}
    found: dict[str, int] = dict.fromkeys(counts, 0)
    inside: list[tuple[etree._Element, bool]] = []
    for each in element:
        tag = split(str(each.tag))[1]
        if not is_dmn(each):
            if split(str(each.tag))[1] != "DMNDI" or name != "definitions":
                _unknown(each, element, problems)
            continue
        if tag in ("extensionElements", "description"):
            continue
        slot = tag if tag in counts else "EXPRESSION" if tag in EXPRESSIONS else ""
        if slot not in counts:
            _unknown(each, element, problems)
            continue
        found[slot] += 1
        if found[slot] == 2 and counts[slot] in "1?":
            zh, en = f"{name} 中只能有一个 {tag}", f"{name} may hold only one {tag}"
            say(problems, "too-many", each, zh, en)
        inside.append((each, _is_reference(tag, name)))
    for slot, many in counts.items():
        if many in "1+" and not found[slot]:
            what = ("表达式", "expression") if slot == "EXPRESSION" else (slot, slot)
            say(problems, "missing", element, f"{name} 缺少{what[0]}", f"{name} has no {what[1]}")
    return inside


def _is_reference(tag: str, parent: str) -> bool:
    if tag in ("inputData", "drgElement"):
        return parent in ("decisionService", "elementCollection")
    if tag in _TEXTS:
        return False
    return tag not in _SHAPES and tag not in _SAME


def _unknown(element: etree._Element, parent: etree._Element, problems: Problems) -> None:
    space, name = split(str(element.tag))
    shown, inside = clip(name, 60), split(str(parent.tag))[1]
    if space in VERSIONS or not space:
        zh, en = f"{inside} 中不能有 {shown}", f"{shown} cannot stand in {inside}"
    else:
        zh = f"{inside} 中不能有其他工具的 {shown}；请放进 extensionElements"
        en = f"{shown} of another tool cannot stand in {inside}; put it into extensionElements"
    say(problems, "unknown-element", element, zh, en)
