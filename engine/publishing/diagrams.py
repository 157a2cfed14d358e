"""Two diagrams beside each other, element by element: by id, whatever each says, and where it is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.namespaces import BPMN, BPMNDI, LD, is_bpmn, local, ref, split
from engine.bpmn.problems import Problems
from engine.bpmn.reading.document import parse
from engine.publishing.differing import Change, Element, settings_between

_EVENTS = ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")
_TASKS = (
    "userTask",
    "manualTask",
    "scriptTask",
    "businessRuleTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "task",
    "callActivity",
)
_SCOPES = ("subProcess", "transaction", "adHocSubProcess", "process", "participant", "lane", "group")
_GATEWAYS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway")
_LINES = ("sequenceFlow", "messageFlow", "association")
_DATA = ("dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "textAnnotation")
_ROOTS = ("message", "signal", "error", "escalation")
KINDS = frozenset((*_EVENTS, *_TASKS, *_SCOPES, *_GATEWAYS, *_LINES, *_DATA, *_ROOTS))
"""What is told of by itself; all else is said of the element around it."""
SKIPPED = frozenset({"incoming", "outgoing", "flowNodeRef", "laneSet", "childLaneSet"})
"""Said by the flows, and by the lane of each node."""
REFERENCES = frozenset(
    {"default", "sourceRef", "targetRef", "attachedToRef", "processRef", "messageRef", "signalRef", "activityRef"}
)
_TRUTH = {"1": "true", "0": "false"}
_FLAGS = frozenset(
    {"cancelActivity", "parallelMultiple", "triggeredByEvent", "testBefore", "instantiate", "waitForCompletion"}
)
_NAMING = ("id", "name", "ref", "kind", "register", "with")
"""Attributes by which one of several alike is known."""
_ALWAYS_NAMED = frozenset({"ld:field"})
"""Known by that even where there is only one: a second one changes nothing about it."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An element as a file has it."""

    kind: str
    names: tuple[str, str]
    says: dict[tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class Diagram:
    """A file: elements and their places by id."""

    elements: dict[str, Drawn] = field(default_factory=dict)
    places: dict[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs; `moved` is only drawn elsewhere."""

    elements: tuple[Element, ...]
    moved: tuple[str, ...]
    names: Mapping[str, tuple[str, str]]
    unnamed: Mapping[str, tuple[str, str, str]]
    """Elements without a name: what each is, and for a flow what it joins."""


def compare(before: bytes, after: bytes) -> Compared:
    """Element by element, in the order of the later file, then what it has no more. A file that cannot be read has no elements."""
    old, new = read(before), read(after)
    found, moved = [], []
    for id_, now in new.elements.items():
        was = old.elements.get(id_)
        if was is None:
            found.append(_element(id_, now, Change.ADDED, {}, now.says))
        elif was.kind != now.kind or was.says != now.says:
            says = {("kind",): was.kind, **was.says}, {("kind",): now.kind, **now.says}
            found.append(_element(id_, now, Change.CHANGED, *says))
        elif old.places.get(id_) != new.places.get(id_):
            moved.append(id_)
    for id_, was in old.elements.items():
        if id_ not in new.elements:
            found.append(_element(id_, was, Change.REMOVED, was.says, {}))
    every = {**old.elements, **new.elements}
    names = {id_: one.names for id_, one in every.items() if any(one.names)}
    unnamed = {
        id_: (one.kind, one.says.get(("sourceRef",), ""), one.says.get(("targetRef",), ""))
        for id_, one in every.items()
        if id_ not in names
    }
    return Compared(tuple(found), tuple(moved), names, unnamed)


def read(data: bytes) -> Diagram:
    """The elements of a file with all they say, and where they are drawn."""
    found = Diagram()
    root = parse(data, Problems("diagram")) if data else None
    if root is None:
        return found
    lanes = _lanes(root)
    for element in root.iter():
        if not isinstance(element.tag, str) or not is_bpmn(element) or local(element) not in KINDS:
            continue
        id_ = _id(element, found)
        says: dict[tuple[str, ...], str] = {}
        _flatten(element, (), says)
        holder = element.getparent()
        while holder is not None and local(holder) not in KINDS:
            holder = holder.getparent()
        if holder is not None and local(holder) not in ("process", "participant", "lane"):
            says["parent",] = holder.get("id") or ""
        if id_ in lanes:
            says["lane",] = lanes[id_]
        found.elements[id_] = Drawn(local(element), _names(element), says)
    found.places.update(_places(root))
    return found


def _element(
    id_: str,
    one: Drawn,
    change: Change,
    before: Mapping[tuple[str, ...], str],
    after: Mapping[tuple[str, ...], str],
) -> Element:
    return Element(id_, one.kind, *one.names, change, settings_between(before, after))


def _id(element: etree._Element, found: Diagram) -> str:
    given = (element.get("id") or "").strip()
    if given:
        return given
    made = f"{local(element)} {ref(element.get('sourceRef'), element)} → {ref(element.get('targetRef'), element)}"
    number = sum(1 for id_ in found.elements if id_.startswith(made))
    return f"{made} {number + 1}" if number else made


def _names(element: etree._Element) -> tuple[str, str]:
    zh = " ".join((element.get("name") or "").split())
    if not zh and local(element) == "textAnnotation":
        zh = " ".join("".join(element.itertext(f"{{{BPMN}}}text")).split())[:60]
    named = element.find(f"{{{BPMN}}}extensionElements/{{{LD}}}names")
    return zh, (named.get("en") or "" if named is not None else "") or zh


def _lanes(root: etree._Element) -> dict[str, str]:
    """Node to the id of its lane, the innermost: lanes come after those around them."""
    return {
        (node.text or "").strip(): lane.get("id") or ""
        for lane in root.iter(f"{{{BPMN}}}lane")
        for node in lane.findall(f"{{{BPMN}}}flowNodeRef")
    }


def _flatten(element: etree._Element, path: tuple[str, ...], says: dict[tuple[str, ...], str]) -> None:
    """Everything an element says, except what is told of by itself."""
    before = len(says)
    for raw, given in element.attrib.items():
        space, name = split(str(raw))
        if (name == "id" and (is_bpmn(element) or not path)) or space.endswith("XMLSchema-instance"):
            continue
        if name == "name" and _tag(element) in _ALWAYS_NAMED:
            continue  # stands in its path
        value = " ".join(str(given).split())
        if is_bpmn(element) and name in REFERENCES:
            value = ref(value, element)
        elif is_bpmn(element) and (name.startswith("is") or name in _FLAGS):
            value = _TRUTH.get(value, value)
        says[*path, name] = value
    children = [child for child in element if isinstance(child.tag, str) and not _apart(child)]
    if not children and (element.text or "").strip():
        says[path or ("text",)] = (element.text or "").strip()
    for child, name in _named(children):
        _flatten(child, path if local(child) == "extensionElements" else (*path, name), says)
    if path and len(says) == before and local(element) != "extensionElements":
        says[path] = ""  # that it is there is all it says


def _apart(child: etree._Element) -> bool:
    return is_bpmn(child) and (local(child) in SKIPPED or local(child) in KINDS)


def _named(children: list[etree._Element]) -> Iterator[tuple[etree._Element, str]]:
    """Each with a name of its own: of several alike, by what they say they are, else by number."""
    tags = [_tag(child) for child in children]
    seen: dict[str, int] = {}
    for child, tag in zip(children, tags, strict=True):
        name = tag
        if tags.count(tag) > 1 or tag in _ALWAYS_NAMED:
            known = next((child.get(one) for one in _NAMING if child.get(one) and not is_bpmn(child)), None)
            name = f"{tag}[{known}]" if known else tag
            seen[name] = seen.get(name, 0) + 1
            if known is None or seen[name] > 1:
                name = f"{tag}[{known + ' ' if known else ''}{seen[name]}]"
        yield child, name


def _tag(child: etree._Element) -> str:
    space, name = split(str(child.tag))
    return f"ld:{name}" if space == LD else name


def _places(root: etree._Element) -> Iterator[tuple[str, tuple[int, ...]]]:
    for drawn in root.iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge"):
        numbers = []
        for child in drawn:
            if isinstance(child.tag, str) and local(child) in ("Bounds", "waypoint"):
                numbers += [_whole(child.get(name)) for name in ("x", "y", "width", "height") if child.get(name)]
        yield ref(drawn.get("bpmnElement"), drawn), tuple(numbers)


def _whole(text: str | None) -> int:
    try:
        return round(float(text or 0))
    except (ValueError, OverflowError):
        return 0
