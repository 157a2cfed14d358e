"""What a file declares beside its processes and its events refer to: messages, signals, errors, escalations, operations, event
definitions."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.namespaces import bpmn, id_of, is_bpmn, local, ref, text
from engine.bpmn.reading.supported import TRIGGERS


@dataclass(frozen=True, slots=True)
class Declared:
    """The root elements of a file by kind (its tag) and id; `definitions` are event definitions."""

    by_tag: dict[str, dict[str, etree._Element]] = field(default_factory=dict)
    definitions: dict[str, etree._Element] = field(default_factory=dict)

    def find(self, tag: str, id_: str) -> etree._Element | None:
        """The declaration of that kind with that id."""
        return self.by_tag.get(tag, {}).get(id_)

    def message_of_operation(self, id_: str) -> str | None:
        """The id of the message that an operation takes, None when there is no such operation."""
        operation = self.find("operation", id_)
        found = operation.find(bpmn("inMessageRef")) if operation is not None else None
        return ref(text(found), found) if found is not None else None


_TAGS = ("message", "signal", "error", "escalation")


def declared(root: etree._Element) -> Declared:
    """What the root of a file declares."""
    found = Declared()
    for element in root:
        if not is_bpmn(element):
            continue
        tag = local(element)
        if tag in _TAGS:
            found.by_tag.setdefault(tag, {}).setdefault(id_of(element), element)
        elif tag in TRIGGERS:
            found.definitions.setdefault(id_of(element), element)
        elif tag == "interface":
            for operation in element.findall(bpmn("operation")):
                found.by_tag.setdefault("operation", {}).setdefault(id_of(operation), operation)
    return found
