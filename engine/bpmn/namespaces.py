"""The XML namespaces a BPMN file is made of."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LD = "urn:liandong:bpmn:1"


def bpmn(name: str) -> str:
    """The full tag of a BPMN element."""
    return f"{{{BPMN}}}{name}"


@lru_cache(maxsize=4096)
def split(tag: str) -> tuple[str, str]:
    """(namespace, local name) of a full tag or attribute name."""
    if tag.startswith("{"):
        space, _, name = tag[1:].partition("}")
        return space, name
    return "", tag


def local(element: etree._Element) -> str:
    """The local name of an element."""
    return split(str(element.tag))[1]


def is_bpmn(element: etree._Element) -> bool:
    """Whether an element is in the BPMN model namespace."""
    return split(str(element.tag))[0] == BPMN


def line(element: etree._Element) -> int:
    """The line on which an element opens, 0 where it is not known."""
    return element.sourceline or 0


def text(element: etree._Element) -> str:
    """The text of an element itself, stripped; what its documentation and extensions say is not of it."""
    return "".join((element.text or "", *(child.tail or "" for child in element))).strip()


def flag(element: etree._Element, name: str, *, default: bool = False) -> bool:
    """A truth value among the attributes."""
    raw = (element.get(name) or "").strip()
    return raw in ("true", "1") if raw else default


def ref(raw: str | None, element: etree._Element) -> str:
    """The id a reference means. A prefix is dropped when it stands for the file's own target namespace."""
    raw = (raw or "").strip()
    prefix, colon, name = raw.partition(":")
    if colon:
        own = element.getroottree().getroot().get("targetNamespace")
        if element.nsmap.get(prefix) == own:
            return name
    return raw


def id_of(element: etree._Element) -> str:
    """The id of an element, "" when it has none."""
    return (element.get("id") or "").strip()


_PARTS = frozenset(
    (
        *("multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "complexBehaviorDefinition", "event"),
        *("ioSpecification", "inputSet", "outputSet", "dataInput", "dataOutput", "inputDataItem", "outputDataItem"),
        *("dataInputAssociation", "dataOutputAssociation", "assignment", "property", "laneSet", "childLaneSet"),
        *("conditionExpression", "timeDuration", "timeDate", "timeCycle", "condition", "loopCondition"),
        *("loopCardinality", "completionCondition", "activationCondition", "transformation", "from", "to"),
    )
)
"""What belongs to something that is drawn and is not drawn itself."""


def drawn_of(element: etree._Element) -> etree._Element | None:
    """What a person sees of an element: itself, or what it is a part of (the event, not its definition)."""
    at = element
    while is_bpmn(at) and (not id_of(at) or local(at).endswith("EventDefinition") or local(at) in _PARTS):
        parent = at.getparent()
        if parent is None or parent.getparent() is None:
            break
        at = parent
    return at if id_of(at) else None


def label(element: etree._Element) -> str:
    """How to name an element to programs and people: by the id of what is drawn of it, else by its tag."""
    drawn = drawn_of(element)
    return id_of(drawn) if drawn is not None else local(element)
