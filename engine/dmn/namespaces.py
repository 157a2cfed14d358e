"""The versions of DMN by their XML namespace."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.namespaces import split

VERSIONS = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
"""1.1 and 1.2 hold nothing that means something else in 1.3 to 1.5."""

DRAWINGS = tuple(
    f"{space} DMNDI"
    for space in (
        "http://www.omg.org/spec/DMN/20180521/DMNDI/",
        "https://www.omg.org/spec/DMN/20191111/DMNDI/",
        "https://www.omg.org/spec/DMN/20230324/DMNDI/",
    )
)
"""The drawing: never read."""


def is_dmn(element: etree._Element) -> bool:
    """Whether an element belongs to the model: neither to the drawing nor to a tool."""
    return split(str(element.tag))[0] in VERSIONS


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child of the model with this name."""
    return next((each for each in children(element) if split(str(each.tag))[1] == name), None)


def children(element: etree._Element, *names: str) -> list[etree._Element]:
    """The children of the model, of these names if some are given."""
    found = [each for each in element if is_dmn(each)]
    return [each for each in found if split(str(each.tag))[1] in names] if names else found


def walk(root: etree._Element) -> Iterator[etree._Element]:
    """Every element of the model in the order of the file: nothing of the drawing, nothing inside extensions."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += [
            each for each in reversed(element) if is_dmn(each) and split(str(each.tag))[1] != "extensionElements"
        ]
