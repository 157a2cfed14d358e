"""Good files broken: each mutation takes a tree and makes it wrong (or, now and then, leaves it another good file)."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping

from lxml import etree

from engine.bpmn.namespaces import BPMN, bpmn, split
from tests.bpmn.corpus.oddities import NODES, REFERRING, SCOPES, local
from tests.bpmn.corpus.poison import CODE, IDS, NUMBERS, TIMES

Mutation = Callable[[random.Random, etree._Element], None]
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


# ---------------------------------------------------------------- ids and references


def duplicate_id(rng: random.Random, root: etree._Element) -> None:
    named = [each for each in own(root) if each.get("id")]
    if len(named) > 1:
        one, other = rng.sample(named, 2)
        one.set("id", str(other.get("id")))


def no_id(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, [each for each in own(root) if each.get("id")])) is not None:
        del found.attrib["id"]


def strange_id(rng: random.Random, root: etree._Element) -> None:
    """An id that shows as another, or is none; told to all who name it, or to nobody."""
    found = pick(rng, [each for each in own(root) if each.get("id")])
    if found is None:
        return
    old, new = str(found.get("id")), rng.choice(IDS)
    for each in own(root) if rng.random() < 0.6 else [found]:
        for key, value in each.attrib.items():
            if str(value) == old and (key in REFERRING or key == "id"):
                each.set(key, new)
        if (each.text or "").strip() == old:
            each.text = new


def dangling(rng: random.Random, root: etree._Element) -> None:
    sites = [(each, key) for each in own(root) for key in each.attrib if key in REFERRING]
    if sites:
        each, key = rng.choice(sites)
        each.set(str(key), rng.choice(("nobody", "", "P", "S E", "../S", "own:S", "\u200b")))


def another(rng: random.Random, root: etree._Element) -> None:
    """A reference to something else of the file: a flow into another scope, a default that is no way out, a host that is a flow."""
    sites = [(each, key) for each in own(root) for key in each.attrib if key in REFERRING]
    ids = [str(each.get("id")) for each in own(root) if each.get("id")]
    if sites and ids:
        each, key = rng.choice(sites)
        each.set(str(key), rng.choice(ids))


# ---------------------------------------------------------------- elements


def removed(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, own(root))) is not None and (parent := found.getparent()) is not None:
        parent.remove(found)


def doubled(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, own(root))) is not None and (parent := found.getparent()) is not None:
        parent.insert(parent.index(found), copy.deepcopy(found))


def moved(rng: random.Random, root: etree._Element) -> None:
    """Somewhere it does not belong."""
    found, place = pick(rng, own(root)), pick(rng, own(root))
    if found is not None and place is not None and found is not place and found not in list(place.iterancestors()):
        place.insert(rng.randint(0, len(place)), found)


def renamed(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, own(root))) is not None:
        found.tag = bpmn(rng.choice(TAGS))


def foreign_tag(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, own(root))) is not None:
        space = rng.choice(("urn:x", "http://www.omg.org/bpmn20", "http://www.omg.org/spec/BPMN/20100524/DI", ""))
        name = split(str(found.tag))[1]
        found.tag = f"{{{space}}}{name}" if space else name


def node_kind(rng: random.Random, root: etree._Element) -> None:
    """A node that is suddenly of another sort."""
    if (found := pick(rng, [each for each in own(root) if local(each) in NODES])) is not None:
        found.tag = bpmn(rng.choice(sorted(NODES)))


def definition_kind(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, [each for each in own(root) if local(each).endswith("EventDefinition")])) is not None:
        found.tag = bpmn(rng.choice([tag for tag in TAGS if tag.endswith("EventDefinition")]))


def more_definitions(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, [each for each in own(root) if local(each).endswith("Event")])) is not None:
        tag = rng.choice([tag for tag in TAGS if tag.endswith("EventDefinition")])
        etree.SubElement(found, bpmn(tag))


def more_loops(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, [each for each in own(root) if local(each) in NODES])) is not None:
        etree.SubElement(found, bpmn(rng.choice(("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"))))


def wrapped(rng: random.Random, root: etree._Element) -> None:
    """A part of a process put into a new scope: its flows now cross the border."""
    found = pick(rng, [each for each in own(root) if local(each) in NODES])
    if found is not None and (parent := found.getparent()) is not None:
        at = parent.index(found)
        scope = etree.Element(bpmn(rng.choice(("subProcess", "transaction", "adHocSubProcess"))), id="wrapping")
        parent.insert(at, scope)
        scope.append(found)


# ---------------------------------------------------------------- flows


def new_flow(rng: random.Random, root: etree._Element) -> None:
    """A way nobody thought of: back, across, into a start, out of an end."""
    ids = [str(each.get("id")) for each in own(root) if local(each) in NODES and each.get("id")]
    scope = pick(rng, [each for each in own(root) if local(each) in SCOPES])
    if ids and scope is not None:
        made = etree.Element(bpmn("sequenceFlow"), id="new_flow", sourceRef=rng.choice(ids), targetRef=rng.choice(ids))
        scope.insert(len(scope) if not len(scope) else rng.randrange(len(scope)), made)
        if rng.random() < 0.5:
            etree.SubElement(made, bpmn("conditionExpression")).text = rng.choice(("true", "n > 1", *CODE))


def turned_flow(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, root.findall(f".//{bpmn('sequenceFlow')}"))) is not None:
        one, other = str(found.get("sourceRef")), str(found.get("targetRef"))
        found.set("sourceRef", other)
        found.set("targetRef", one)


def no_condition(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, root.findall(f".//{bpmn('conditionExpression')}"))) is not None and (
        above := found.getparent()
    ) is not None:
        above.remove(found)


def no_default(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, [each for each in own(root) if each.get("default")])) is not None:
        del found.attrib["default"]


# ---------------------------------------------------------------- what looks right and is not


def copied(rng: random.Random, root: etree._Element) -> None:
    """A second one with ids of its own: two starts, two joins, two handlers, tokens that were not there."""
    found = pick(rng, [each for each in own(root) if local(each) in NODES or local(each) == "sequenceFlow"])
    if found is None or (parent := found.getparent()) is None:
        return
    twin = copy.deepcopy(found)
    new = {str(each.get("id")): f"{each.get('id')}_2" for each in twin.iter() if each.get("id")}
    for each in twin.iter():
        for key, value in each.attrib.items():
            each.set(key, new.get(str(value), str(value)))
    parent.insert(parent.index(found) + 1, twin)
    for flow in parent.findall(bpmn("sequenceFlow")) if local(found) in NODES else []:
        if str(found.get("id")) in (flow.get("sourceRef"), flow.get("targetRef")) and rng.random() < 0.8:
            other = copy.deepcopy(flow)
            other.set("id", f"{flow.get('id')}_2")
            for key in ("sourceRef", "targetRef"):
                other.set(key, new.get(str(flow.get(key)), str(flow.get(key))))
            parent.insert(parent.index(flow), other)


def led_elsewhere(rng: random.Random, root: etree._Element) -> None:
    """A flow that leads to another node of the same scope."""
    flow = pick(rng, root.findall(f".//{bpmn('sequenceFlow')}"))
    if flow is not None and (parent := flow.getparent()) is not None:
        beside = [str(each.get("id")) for each in parent if local(each) in NODES and each.get("id")]
        flow.set(rng.choice(("sourceRef", "targetRef")), rng.choice(beside or ["nobody"]))


def hosted_elsewhere(rng: random.Random, root: etree._Element) -> None:
    event = pick(rng, root.findall(f".//{bpmn('boundaryEvent')}"))
    if event is not None and (parent := event.getparent()) is not None:
        beside = [
            str(each.get("id")) for each in parent if local(each) in NODES and each is not event and each.get("id")
        ]
        event.set("attachedToRef", rng.choice(beside or ["nobody"]))


def left_out(rng: random.Random, root: etree._Element) -> None:
    """A node without its flows, or a node bridged: the one before leads to the one after."""
    found = pick(rng, [each for each in own(root) if local(each) in NODES])
    if found is None or (parent := found.getparent()) is None:
        return
    into = [each for each in parent.findall(bpmn("sequenceFlow")) if each.get("targetRef") == found.get("id")]
    out = [each for each in parent.findall(bpmn("sequenceFlow")) if each.get("sourceRef") == found.get("id")]
    for flow in into if out else []:
        flow.set("targetRef", str(out[0].get("targetRef")))
    for each in [found, *out, *(into if not out else [])]:
        parent.remove(each)


def gateway_kind(rng: random.Random, root: etree._Element) -> None:
    kinds = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway")
    if (found := pick(rng, [each for each in own(root) if local(each) in kinds])) is not None:
        found.tag = bpmn(rng.choice(kinds))


def swapped(rng: random.Random, root: etree._Element) -> None:
    """Two expressions change places."""
    found = [each for each in own(root) if local(each) in EXPRESSIONS]
    if len(found) > 1:
        one, other = rng.sample(found, 2)
        one.text, other.text = other.text, one.text


def flag_of_its_kind(rng: random.Random, root: etree._Element) -> None:
    """A flag the element may have, turned."""
    kinds = {
        "boundaryEvent": "cancelActivity",
        "startEvent": "isInterrupting",
        "subProcess": "triggeredByEvent",
        "receiveTask": "instantiate",
    }
    kinds |= {
        "eventBasedGateway": "instantiate",
        "userTask": "isForCompensation",
        "task": "isForCompensation",
        "scriptTask": "isForCompensation",
    }
    kinds |= {"intermediateCatchEvent": "parallelMultiple", "compensateEventDefinition": "waitForCompletion"}
    kinds |= {"multiInstanceLoopCharacteristics": "isSequential", "standardLoopCharacteristics": "testBefore"}
    if (found := pick(rng, [each for each in own(root) if local(each) in kinds])) is not None:
        key = kinds[local(found)]
        found.set(
            key,
            "false"
            if (found.get(key) or ("true" if key in ("cancelActivity", "isInterrupting") else "false")) == "true"
            else "true",
        )


# ---------------------------------------------------------------- words


def code(rng: random.Random, root: etree._Element) -> None:
    """Code of another language where an expression stands."""
    found = pick(rng, [each for each in own(root) if local(each) in EXPRESSIONS])
    if found is None:
        flow = pick(rng, root.findall(f".//{bpmn('sequenceFlow')}"))
        if flow is None:
            return
        found = etree.SubElement(flow, bpmn("conditionExpression"))
    for child in list(found):
        found.remove(child)
    found.text = rng.choice(("", "", "=")) + rng.choice(CODE)
    if rng.random() < 0.3:
        found.set(
            rng.choice(("language", "evaluatesToTypeRef")),
            rng.choice(("python", "groovy", "javascript", "java", "feel", "XPath")),
        )


def code_in_attribute(rng: random.Random, root: etree._Element) -> None:
    found = pick(rng, own(root))
    if found is not None:
        spaces = (
            "http://camunda.org/schema/1.0/bpmn",
            "http://flowable.org/bpmn",
            "urn:liandong:bpmn:1",
            "http://activiti.org/bpmn",
        )
        names = (
            "expression",
            "class",
            "delegateExpression",
            "assignee",
            "resultVariable",
            "skipExpression",
            "collection",
            "script",
        )
        found.set(f"{{{rng.choice(spaces)}}}{rng.choice(names)}", rng.choice(CODE))


def foreign_script(rng: random.Random, root: etree._Element) -> None:
    found = pick(rng, [each for each in own(root) if local(each) in NODES])
    if found is not None:
        found.tag = bpmn("scriptTask")
        found.set("scriptFormat", rng.choice(("python", "text/javascript", "groovy", "feel", "bash", "", "juel")))
        etree.SubElement(found, bpmn("script")).text = rng.choice(CODE)


def monstrous_time(rng: random.Random, root: etree._Element) -> None:
    found = pick(rng, [each for each in own(root) if local(each).startswith("time") and local(each) in EXPRESSIONS])
    if found is None:
        event = pick(
            rng,
            [each for each in own(root) if local(each) in ("intermediateCatchEvent", "boundaryEvent", "startEvent")],
        )
        if event is None:
            return
        found = etree.SubElement(
            etree.SubElement(event, bpmn("timerEventDefinition")),
            bpmn(rng.choice(("timeDuration", "timeCycle", "timeDate"))),
        )
    found.text = rng.choice(TIMES)


def monstrous_number(rng: random.Random, root: etree._Element) -> None:
    sites = [
        (each, key)
        for each in own(root)
        for key in ("startQuantity", "completionQuantity", "loopMaximum")
        if key in each.attrib
    ]
    counted = [each for each in own(root) if local(each) == "loopCardinality"]
    if sites and rng.random() < 0.5:
        each, key = rng.choice(sites)
        each.set(key, rng.choice(NUMBERS))
    elif counted:
        rng.choice(counted).text = rng.choice(NUMBERS)
    elif (
        found := pick(rng, [each for each in own(root) if local(each) in NODES and "Task" in local(each)])
    ) is not None:
        kind = rng.choice(("startQuantity", "completionQuantity"))
        found.set(kind, rng.choice(NUMBERS))
        if rng.random() < 0.5:
            loop = etree.SubElement(found, bpmn("multiInstanceLoopCharacteristics"))
            etree.SubElement(loop, bpmn("loopCardinality")).text = rng.choice(NUMBERS)


def flipped(rng: random.Random, root: etree._Element) -> None:
    found = pick(rng, [each for each in own(root) if set(map(str, each.attrib)) & FLAGS] or own(root))
    if found is not None:
        key = rng.choice(sorted(set(map(str, found.attrib)) & FLAGS) or sorted(FLAGS))
        found.set(key, rng.choice(("true", "false", "1", "0", "yes", "", "TRUE", "${true}", "null")))


def junk_attribute(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, own(root))) is not None:
        names = (
            "id",
            "name",
            "onclick",
            "isExecutable",
            "implementation",
            "behavior",
            "gatewayDirection",
            "eventGatewayType",
            "method",
        )
        found.set(rng.choice(names), rng.choice((*IDS, *CODE, "x" * 5000, "Converging", "##WebService", "-1")))


def no_attribute(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, [each for each in own(root) if each.attrib])) is not None:
        del found.attrib[rng.choice(list(found.attrib))]


def typed_otherwise(rng: random.Random, root: etree._Element) -> None:
    """XML Schema's way of saying that an element is really another."""
    if (found := pick(rng, own(root))) is not None:
        found.set(
            "{http://www.w3.org/2001/XMLSchema-instance}type",
            f"bpmn:t{rng.choice(TAGS)[:1].upper()}{rng.choice(TAGS)[1:]}",
        )


def settings(rng: random.Random, root: etree._Element) -> None:
    """Our own settings, said wrongly or with code in them."""
    if (found := pick(rng, [each for each in own(root) if local(each) in NODES])) is None:
        return
    inside = found.find(bpmn("extensionElements"))
    if inside is None:
        inside = etree.Element(bpmn("extensionElements"))
        found.insert(0, inside)
    name = rng.choice(
        (
            "form",
            "candidates",
            "clock",
            "fourEyes",
            "acts",
            "lookup",
            "action",
            "decision",
            "message",
            "call",
            "data",
            "execute",
        )
    )
    keys = (
        "ref",
        "unit",
        "post",
        "id",
        "budget",
        "with",
        "deny",
        "register",
        "match",
        "into",
        "name",
        "correlation",
        "payload",
        "result",
        "key",
    )
    made = etree.SubElement(inside, f"{{urn:liandong:bpmn:1}}{name}")
    for key in rng.sample(keys, rng.randint(0, 4)):
        made.set(key, rng.choice(("", "=", "=" + rng.choice(CODE), rng.choice(CODE), "handler", "../../etc/passwd")))


MUTATIONS: Mapping[str, Mutation] = {
    each.__name__: each
    for each in (
        *(duplicate_id, no_id, strange_id, dangling, another, removed, doubled, moved, renamed, foreign_tag, node_kind),
        *(
            definition_kind,
            more_definitions,
            more_loops,
            wrapped,
            new_flow,
            turned_flow,
            no_condition,
            no_default,
            code,
        ),
        *(
            code_in_attribute,
            foreign_script,
            monstrous_time,
            monstrous_number,
            flipped,
            junk_attribute,
            no_attribute,
            typed_otherwise,
        ),
        *(settings, copied, led_elsewhere, hosted_elsewhere, left_out, gateway_kind, swapped, flag_of_its_kind),
    )
}


def mutated(rng: random.Random, data: bytes, first: str) -> tuple[bytes, tuple[str, ...]]:
    """A file with one to three mutations, the `first` of them given; what the library itself refuses to write is written by force."""
    root = etree.fromstring(data, etree.XMLParser(remove_comments=True))
    names = [first, *rng.choices(list(MUTATIONS), k=rng.choice((0, 0, 0, 1, 2)))]
    for name in names:
        try:
            MUTATIONS[name](rng, root)
        except ValueError:  # a control character, say: the library would not have it, a stranger's file may
            return etree.tostring(root).replace(b'id="S"', b'id="S\x00"', 1), (*names, "forced")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8"), tuple(names)
