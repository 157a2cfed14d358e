"""What every mutation needs to know of BPMN."""

from __future__ import annotations

import random

from lxml import etree

from engine.bpmn.namespaces import BPMN
from tests.bpmn.corpus.odd import NODES

TAGS = (
    *sorted(NODES),
    *(
        "adHocSubProcess",
        "choreographyTask",
        "callConversation",
        "globalTask",
        "lane",
        "laneSet",
        "sequenceFlow",
        "dataObject",
        "message",
    ),
    *(
        "timerEventDefinition",
        "messageEventDefinition",
        "errorEventDefinition",
        "cancelEventDefinition",
        "linkEventDefinition",
    ),
    *(
        "compensateEventDefinition",
        "terminateEventDefinition",
        "conditionalEventDefinition",
        "escalationEventDefinition",
    ),
    *(
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "ioSpecification",
        "performer",
        "process",
        "definitions",
        "import",
    ),
    *(
        "extensionElements",
        "documentation",
        "incoming",
        "script",
        "nothingOfTheSort",
        "correlationSubscription",
        "resourceRole",
    ),
)
EXPRESSIONS = frozenset(
    (
        *(
            "conditionExpression",
            "timeDuration",
            "timeDate",
            "timeCycle",
            "script",
            "condition",
            "loopCondition",
            "loopCardinality",
        ),
        *("completionCondition", "activationCondition", "from", "to", "transformation", "loopDataInputRef"),
    )
)
FLAGS = frozenset(
    (
        *(
            "isExecutable",
            "isInterrupting",
            "cancelActivity",
            "triggeredByEvent",
            "isForCompensation",
            "isSequential",
            "instantiate",
        ),
        *("parallelMultiple", "testBefore", "waitForCompletion"),
    )
)


def own(root: etree._Element) -> list[etree._Element]:
    return [each for each in root.iter(f"{{{BPMN}}}*") if each is not root]


def pick(rng: random.Random, found: list[etree._Element]) -> etree._Element | None:
    return rng.choice(found) if found else None
