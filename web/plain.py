"""A diagram in the spelling that the drawing library understands. XML says one thing in many ways, and the library knows fewer: it takes
only the word `true` for true, keeps no reference with blanks or a prefix, and reads no names in Chinese."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from engine.bpmn.namespaces import BPMN, BPMNDI, DC, DI, XSI, bpmn, local, ref, split
from engine.bpmn.problems import Problems
from engine.bpmn.reading.document import parse

_PREFIXES: Mapping[str, str] = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI}
_REFERENCES = frozenset(
    (
        *(
            "sourceRef",
            "targetRef",
            "default",
            "attachedToRef",
            "activityRef",
            "processRef",
            "bpmnElement",
            "messageRef",
            "signalRef",
        ),
        *(
            "errorRef",
            "escalationRef",
            "operationRef",
            "dataObjectRef",
            "dataStoreRef",
            "itemSubjectRef",
            "structureRef",
        ),
        *(
            "categoryValueRef",
            "noneBehaviorEventRef",
            "oneBehaviorEventRef",
            "sourceElement",
            "targetElement",
            "choreographyActivityShape",
        ),
    )
)
_REFERRING = frozenset(
    (
        *(
            "incoming",
            "outgoing",
            "flowNodeRef",
            "sourceRef",
            "targetRef",
            "eventDefinitionRef",
            "operationRef",
            "categoryValueRef",
        ),
        *(
            "dataInputRefs",
            "dataOutputRefs",
            "optionalInputRefs",
            "optionalOutputRefs",
            "whileExecutingInputRefs",
            "participantRef",
        ),
        *(
            "whileExecutingOutputRefs",
            "inputSetRefs",
            "outputSetRefs",
            "inMessageRef",
            "outMessageRef",
            "errorRef",
            "interfaceRef",
        ),
        *("loopDataInputRef", "loopDataOutputRef", "supportedInterfaceRef", "resourceRef"),
    )
)
_FLAGS = frozenset(
    (
        *(
            "isExecutable",
            "isClosed",
            "isInterrupting",
            "cancelActivity",
            "parallelMultiple",
            "triggeredByEvent",
            "isForCompensation",
        ),
        *(
            "isSequential",
            "testBefore",
            "instantiate",
            "waitForCompletion",
            "isCollection",
            "isUnlimited",
            "isImmediate",
        ),
        *("isHorizontal", "isExpanded", "isMarkerVisible", "isMessageVisible", "mustUnderstand", "isBold", "isItalic"),
    )
)
_DMN, _DMNDI = b"https://www.omg.org/spec/DMN/20191111/MODEL/", b"https://www.omg.org/spec/DMN/20191111/DMNDI/"
_DECLARED = re.compile(
    rb"""(\sxmlns(?::[^\s=]+)?\s*=\s*["'])(https?://www\.omg\.org/spec/DMN/\d+/(?:MODEL/|DMNDI/|dmn\.xsd|dmn11\.xsd))(["'])"""
)
_TRUTH = {"1": "true", "0": "false"}


def drawable(name: str, data: bytes) -> bytes:
    """A file of a bundle as the library that draws it understands it; any other as it is."""
    if name.endswith(".bpmn"):
        return plain(data)
    return plain_table(data) if name.endswith(".dmn") else data


def plain(data: bytes) -> bytes:
    """The same diagram, spelled plainly. What is no good is given back as it is."""
    root = parse(data, Problems("diagram"))
    if root is None:
        return data
    stack = [root]
    while stack:
        element = stack.pop()
        if element.tag == bpmn("extensionElements") or split(str(element.tag))[0] not in _PREFIXES.values():
            continue  # it belongs to another tool
        _respell(element)
        stack.extend(element)
    return etree.tostring(_renamed(root), xml_declaration=True, encoding="UTF-8")


def plain_table(data: bytes) -> bytes:
    """The same of a decision file, for a library that reads one version of DMN: under that version's namespaces. Versions 1.1 to 1.5 mean
    the same by what that one knows (`engine.dmn.namespaces`); what it does not know it says, and then it may not save."""
    return _DECLARED.sub(lambda found: found[1] + (_DMNDI if b"DMNDI" in found[2] else _DMN) + found[3], data)


def _respell(element: etree._Element) -> None:
    for name, raw in element.attrib.items():
        value = str(raw)
        if name in _REFERENCES:
            element.set(name, ref(value, element))
        elif name in _FLAGS:
            element.set(name, _TRUTH.get(value.strip(), value.strip()))
        elif name == "id":
            element.set(name, value.strip())
        elif name == f"{{{XSI}}}type":
            element.set(name, f"bpmn:{value.strip().rpartition(':')[2]}")
    if local(element) in _REFERRING and len(element) == 0:
        element.text = ref(element.text, element)


def _renamed(root: etree._Element) -> etree._Element:
    """The tree under the usual prefixes; those of other tools stay."""
    others = {prefix: uri for prefix, uri in root.nsmap.items() if prefix and uri not in _PREFIXES.values()}
    made = etree.Element(root.tag, attrib=dict(root.attrib), nsmap={**others, **_PREFIXES})
    made.text = root.text
    made.extend(list(root))
    etree.cleanup_namespaces(made, top_nsmap=_PREFIXES, keep_ns_prefixes=[*others])
    return made
