"""Two files compared as what they say: every element, attribute and text of every namespace; not prefixes, layout, comments,
or the order in which a writer puts the children that have names of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.bpmn.namespaces import BPMN, BPMNDI, XSI, ref, split

Thing = tuple[str, str, str]
"""Where something stands (tags from the root down, ids beside them), what it is, what it says."""

_DEFAULTS = {
    "isExecutable": "false",
    "isClosed": "false",
    "processType": "None",
    "isInterrupting": "true",
    "cancelActivity": "true",
    "parallelMultiple": "false",
    "triggeredByEvent": "false",
    "isSequential": "false",
    "isForCompensation": "false",
    "startQuantity": "1",
    "completionQuantity": "1",
    "gatewayDirection": "Unspecified",
    "instantiate": "false",
    "eventGatewayType": "Exclusive",
    "testBefore": "false",
    "behavior": "All",
    "isCollection": "false",
    "isUnlimited": "true",
    "associationDirection": "None",
    "implementation": "##WebService",
    "expressionLanguage": "http://www.w3.org/1999/XPath",
    "typeLanguage": "http://www.w3.org/2001/XMLSchema",
    "waitForCompletion": "true",
    "method": "##Compensate",
    "textFormat": "text/plain",
    "itemKind": "Information",
}
"""Attributes of BPMN by the value they have when they are left out (the standard's schema): a writer may leave them out."""
FLAGS = frozenset(
    (
        "cancelActivity",
        "parallelMultiple",
        "triggeredByEvent",
        "testBefore",
        "instantiate",
        "waitForCompletion",
        "mustUnderstand",
    )
)
ENDS = ("sourceRef", "targetRef")
REFERRED = frozenset(("incoming", "outgoing", "flowNodeRef", "sourceRef", "targetRef", "eventDefinitionRef"))


def lost(before: bytes, after: bytes) -> list[Thing]:
    """What the first file says and the second does not."""
    return list((things(before) - things(after)).elements())


def things(data: bytes) -> Counter[Thing]:
    """Everything a file says, each thing with where it stands."""
    root = etree.fromstring(data, etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False))
    found = Counter(_things(root, ""))
    found.update(_order(root))
    return found


def _things(element: etree._Element, above: str) -> Iterator[Thing]:
    space, name = split(str(element.tag))
    key = element.get("id") or element.get("bpmnElement")
    where = f"{above}/{name}" + (f"[{key}]" if key else "")
    yield where, "element", space
    for full, raw in element.attrib.items():
        owner, attribute = split(str(full))
        if (owner, attribute) == (XSI, "schemaLocation"):
            continue  # says where a schema lies: about writing, not about the diagram
        value = _value(str(raw), attribute, owner, element)
        if (owner, attribute, value) == (XSI, "type", "tFormalExpression") and above.endswith(
            "/complexBehaviorDefinition"
        ):
            continue  # it is of that type anyway
        if owner or space != BPMN or _DEFAULTS.get(attribute) != value:
            yield where, f"@{{{owner}}}{attribute}", _number(value)
    text = "".join((element.text or "", *(child.tail or "" for child in element)))
    if text.strip():
        yield where, "text", ref(text, element) if space == BPMN and name in REFERRED else text.strip()
    for child in element:
        yield from _things(child, where)


def _order(root: etree._Element) -> Iterator[Thing]:
    """The orders that mean something: of a node's `outgoing`, and of the flows of the file."""
    for scope in root.iter(f"{{{BPMN}}}process", f"{{{BPMN}}}subProcess", f"{{{BPMN}}}transaction"):
        flows = [
            "-".join(ref(flow.get(end), flow) for end in ENDS) for flow in scope.findall(f"{{{BPMN}}}sequenceFlow")
        ]
        yield f"order of flows in {scope.get('id')}", "order", " ".join(flows)
    for node in root.iter(f"{{{BPMN}}}exclusiveGateway", f"{{{BPMN}}}inclusiveGateway"):
        outgoing = [ref(each.text, each) for each in node.findall(f"{{{BPMN}}}outgoing")]
        yield f"order out of {node.get('id')}", "order", " ".join(outgoing)


def _value(raw: str, attribute: str, owner: str, element: etree._Element) -> str:
    """An attribute's value as its type means it: blanks around it and the prefix of a reference mean nothing, 1 is true."""
    space = split(str(element.tag))[0]
    if owner == XSI and attribute == "type":
        return raw.strip().rpartition(":")[2]
    if owner or space not in (BPMN, BPMNDI) or attribute == "name":
        return raw
    if attribute.startswith("is") or attribute in FLAGS:
        return {"1": "true", "0": "false"}.get(raw.strip(), raw.strip())
    return ref(raw, element)


def _number(value: str) -> str:
    """A number as a number: 10 and 10.0 are the same place."""
    try:
        return repr(float(value)) if value.strip() and value.strip()[0] in "-0123456789" else value
    except ValueError:
        return value
