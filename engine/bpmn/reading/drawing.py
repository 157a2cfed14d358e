"""What is only drawn may dangle: it is said, and the file is taken."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.namespaces import BPMNDI, bpmn, label, line, ref
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import ids

_REFERENCES = (
    ("association", "sourceRef"),
    ("association", "targetRef"),
    ("messageFlow", "sourceRef"),
    ("messageFlow", "targetRef"),
    ("dataStoreReference", "dataStoreRef"),
)


def check(root: etree._Element, problems: Problems) -> None:
    """Warn of references of the drawing that lead nowhere, and of message flows, which join nothing by themselves."""
    known = ids.all_of(root)
    for tag, name in _REFERENCES:
        for element in root.iter(bpmn(tag)):
            target = ref(element.get(name), element)
            if target and target not in known:
                _loose(element, name, target, problems)
    for element in root.iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge", f"{{{BPMNDI}}}BPMNPlane"):
        target = ref(element.get("bpmnElement"), element)
        if target and target not in known:
            _loose(element, "bpmnElement", target, problems)
    for element in root.iter(bpmn("messageFlow")):
        problems.warn(
            "message-flow",
            "消息流只作图示；消息由发送和接收双方的消息名（messageRef）对应。",
            "a message flow is only drawn; who sends and who receives are joined by the name of the message (messageRef).",
            line=line(element),
            element=label(element),
        )
        break


def _loose(element: etree._Element, name: str, target: str, problems: Problems) -> None:
    problems.warn(
        "drawing",
        f"{name} 指向“{clip(target)}”，文件里没有这个元素（只影响图形）。",
        f"{name} points to “{clip(target)}”, which is not in the file (this only concerns the drawing).",
        line=line(element),
        element=label(element),
    )
