"""The XML namespaces a BPMN file is made of."""

from __future__ import annotations

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


def label(element: etree._Element) -> str:
    """How to name an element in a sentence: its id, else its tag."""
    return (element.get("id") or "").strip() or local(element)
