"""A second look at a BPMN file by other means (the standard library's XML): which nodes it has and where their flows lead, in the
order in which conditions are tried."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from engine.bpmn.model import ProcessModel

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_NODE_ENDS = ("Event", "Task", "Gateway")
_NODES = ("task", "subProcess", "transaction", "callActivity")


def agrees(found: ProcessModel, data: bytes) -> None:
    """The model has the nodes and the flows of the file, and no others but links."""
    process = next(each for each in ET.fromstring(data).iter(f"{BPMN}process") if _id(each) == found.id)
    elements = list(_elements(process))
    nodes = {_id(each): each for each in elements if _is_node(each)}
    flows = [each for each in elements if each.tag == f"{BPMN}sequenceFlow"]
    assert set(found.nodes) == set(nodes)
    for id_, element in nodes.items():
        mine = [each for each in flows if _ref(each.get("sourceRef")) == id_]
        listed = [_ref(each.text) for each in element.findall(f"{BPMN}outgoing")]
        mine.sort(key=lambda each: listed.index(_id(each)) if _id(each) in listed else len(listed))
        drawn = [found.flows[flow] for flow in found.nodes[id_].outgoing if not flow.startswith("link:")]
        assert [(flow.target, flow.condition) for flow in drawn] == [
            (_ref(each.get("targetRef")), _condition(each)) for each in mine
        ]
        assert [flow.order for flow in drawn] == list(range(len(mine)))
        host = element.get("attachedToRef")
        assert found.nodes[id_].host == (_ref(host) if host else None)


def _elements(parent: ET.Element) -> list[ET.Element]:
    found = []
    for child in parent:
        if child.tag != f"{BPMN}extensionElements":
            found += [child, *_elements(child)]
    return found


def _is_node(element: ET.Element) -> bool:
    name = element.tag.removeprefix(BPMN)
    return element.tag.startswith(BPMN) and (name.endswith(_NODE_ENDS) or name in _NODES)


def _id(element: ET.Element) -> str:
    return (element.get("id") or "").strip()


def _ref(raw: str | None) -> str:
    return (raw or "").strip().rpartition(":")[2]


def _condition(flow: ET.Element) -> str | None:
    found = flow.find(f"{BPMN}conditionExpression")
    return "".join(found.itertext()).strip().removeprefix("=").strip() if found is not None else None
