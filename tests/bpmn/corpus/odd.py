"""A file being spelled oddly, and what every oddity needs to know of BPMN."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.namespaces import BPMN, bpmn, split

REFERRING = frozenset(
    (
        *(
            "sourceRef",
            "targetRef",
            "default",
            "attachedToRef",
            "bpmnElement",
            "processRef",
            "activityRef",
            "dataObjectRef",
        ),
        *(
            "dataStoreRef",
            "itemSubjectRef",
            "messageRef",
            "signalRef",
            "errorRef",
            "escalationRef",
            "operationRef",
            "dataInputRef",
        ),
        *("categoryValueRef", "noneBehaviorEventRef", "oneBehaviorEventRef", "labelStyle"),
    )
)
NODES = frozenset(
    (
        *(
            "startEvent",
            "endEvent",
            "intermediateCatchEvent",
            "intermediateThrowEvent",
            "boundaryEvent",
            "userTask",
            "manualTask",
        ),
        *(
            "scriptTask",
            "businessRuleTask",
            "serviceTask",
            "sendTask",
            "receiveTask",
            "task",
            "callActivity",
            "exclusiveGateway",
        ),
        *("parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway", "subProcess", "transaction"),
    )
)
SCOPES = frozenset(("process", "subProcess", "transaction"))


@dataclass
class Odd:
    """A file being spelled oddly. `renamed`: ids of nodes that have new names."""

    rng: random.Random
    root: etree._Element
    renamed: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def own(self) -> list[etree._Element]:
        """Elements of BPMN, those in extensions left out."""
        return [
            e
            for e in self.root.iter(f"{{{BPMN}}}*")
            if not any(a.tag == bpmn("extensionElements") for a in e.iterancestors())
        ]

    def nodes(self) -> list[etree._Element]:
        return [each for each in self.own() if split(str(each.tag))[1] in NODES]


def local(element: etree._Element) -> str:
    return split(str(element.tag))[1]
