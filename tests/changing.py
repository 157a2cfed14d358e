"""The road permit in another version: a step called otherwise, one put in, one taken out; and permits at work to change to it."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from lxml import etree
from sqlalchemy import select

from engine.bpmn.changing import pairing
from engine.migrating import deciding
from engine.tables import job
from escalation.tables import clock
from tests import laws
from tests.factories import DESIGNER, task_at
from tests.stories import permits
from web.setting_up import bundle
from web.wiring import PROCESSES

if TYPE_CHECKING:
    from web.city import City

KEY = "excavation_permit"
DIAGRAM = f"{KEY}.bpmn"
OTHER = "fangzhiyuan"
"""Another designer."""
RENAMED = {"MunicipalReview": "MunicipalExamination"}

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"


def renamed(diagram: bytes, old: str, new: str, name: str = "") -> bytes:
    """A node with another id, and another name."""
    text = re.sub(rf"(?<!\w){old}(?!\w)", new, diagram.decode())
    if name:
        text = re.sub(rf'(id="{new}" name=")[^"]*"', rf'\g<1>{name}"', text)
    return text.encode()


def inserted(diagram: bytes, flow: str, new: str, name: str) -> bytes:
    """A step put on a flow: a task of the window."""
    root = etree.fromstring(diagram)
    into = _one(root, flow)
    after = _one(root, into.get("targetRef"))
    task = etree.fromstring(
        f'<bpmn:userTask xmlns:bpmn="{_BPMN[1:-1]}" xmlns:ld="{root.nsmap["ld"]}" id="{new}" name="{name}"><bpmn:extensionElements>'
        f'<ld:names en="{new}"/><ld:form ref="deliver_refusal"/><ld:candidates unit="service_hall" post="window"/>'
        f"</bpmn:extensionElements><bpmn:incoming>{flow}</bpmn:incoming><bpmn:outgoing>{new}_on</bpmn:outgoing></bpmn:userTask>"
    )
    after.addprevious(task)
    next(each for each in after.iter(_BPMN + "incoming") if each.text == flow).text = f"{new}_on"
    into.addnext(etree.Element(_BPMN + "sequenceFlow", id=f"{new}_on", sourceRef=new, targetRef=after.get("id")))
    into.set("targetRef", new)
    _shape(root, flow, new)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def removed(diagram: bytes, gone: str) -> bytes:
    """A step with one way in and one out taken out: the way in leads on."""
    root = etree.fromstring(diagram)
    node = _one(root, gone)
    way_in, way_out = (node.find(_BPMN + which).text for which in ("incoming", "outgoing"))
    on = _one(root, way_out)
    after = _one(root, on.get("targetRef"))
    next(each for each in after.iter(_BPMN + "incoming") if each.text == way_out).text = way_in
    _one(root, way_in).set("targetRef", after.get("id"))
    lines = {edge.get("bpmnElement"): edge for edge in root.iter(_DI + "BPMNEdge")}
    for point in list(lines[way_in])[1:]:
        lines[way_in].remove(point)
    lines[way_in].append(lines[way_out][-1])
    for each in (node, on, *(d for d in root.iter() if d.get("bpmnElement") in (gone, way_out))):
        each.getparent().remove(each)
    for rule in root.iter("{*}fourEyes"):
        rule.set("with", " ".join(word for word in (rule.get("with") or "").split() if word != gone))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def shipped() -> bytes:
    """The diagram that is shipped."""
    return bundle(PROCESSES / KEY)[DIAGRAM]


def improved() -> bytes:
    """Another version: the municipal review is called otherwise, and a step follows it."""
    diagram = renamed(shipped(), "MunicipalReview", "MunicipalExamination", "市政核验")
    return inserted(diagram, "TrafficReview_BothReviewed", "TrafficSeal", "交警盖章")


def without_traffic() -> bytes:
    """Another version: the municipal review is called otherwise, the police are asked no more."""
    diagram = renamed(shipped(), "MunicipalReview", "MunicipalExamination", "市政核验")
    return removed(diagram, "TrafficReview")


def deploy(city: City, diagram: bytes, **other: bytes) -> int:
    """One more version of the road permit; answers its number."""
    files = {**bundle(PROCESSES / KEY), DIAGRAM: diagram, **other}
    city.deploy(files, DESIGNER, "改版")
    return city.definition(KEY).version


def proposed_nodes(city: City, source: int, target: int) -> dict[str, str]:
    """The plan that is proposed between two versions."""
    return pairing.propose(model(city, source), model(city, target))


def model(city: City, number: int) -> Any:
    """What a version's diagram says."""
    from engine import definitions  # noqa: PLC0415
    from engine.queries import deployed  # noqa: PLC0415

    return definitions.get(city.core, deployed.version(city.core, KEY, number)["id"]).model


def drawn_up(city: City, source: int = 1, target: int = 2, nodes: dict[str, str] | None = None) -> int:
    """A plan, as it is proposed or as given."""
    return deciding.make(
        city.core, KEY, source, target, proposed_nodes(city, source, target) if nodes is None else nodes, DESIGNER
    )


def permits_at_work(city: City, count: int) -> list[int]:
    """Permits in five places in turn: at the window; in review by both authorities; by one of the two; the works under way."""
    made = []
    for number in range(count):
        round_, place = divmod(number, 300)  # none meets another in place and time
        days = {"start_on": str(date(2026, 7, 27) + 15 * round_ * permits.DAY)}
        days["finish_on"] = str(date(2026, 8, 7) + 15 * round_ * permits.DAY)
        applied = {**permits.APPLIED, **days, "begins_m": place * 2, "ends_m": place * 2 + 1}
        made.append(city.start(KEY, applied, permits.APPLICANT))
    city.run_due()
    for node, ways in _WAYS.items():
        for number, case in enumerate(made):
            if number % 5 in ways:
                who, answers = permits.ANSWERS[node]
                city.complete(task_at(city, case, node), answers, who)
        city.run_due()
    return made


_WAYS = {"Accept": (1, 2, 3, 4), "TrafficReview": (2, 4), "MunicipalReview": (3, 4), "Decide": (4,), "Issue": (4,)}


def remaining(city: City) -> dict[tuple[Any, ...], Any]:
    """When every clock and timer that runs is due, in microseconds of this very moment: what is left of it."""
    now = city.world().now
    with city.core.db.read() as connection:
        clocks = connection.execute(select(clock).where(clock.c.stopped_at.is_(None))).mappings().all()
        timers = connection.execute(select(job).where(job.c.kind == "timer")).mappings().all()
    found: dict[tuple[Any, ...], Any] = {}
    for row in clocks:
        left = (row["due_at"] - now) if row["due_at"] else None
        found["clock", row["instance_id"], row["name"], row["task_id"]] = (
            left,
            row["amount"],
            row["counted"],
            row["started_at"],
        )
    for row in timers:
        found["timer", row["instance_id"], row["id"]] = (row["due_at"] - now, row["calendars"])
    return found


def lawful(city: City) -> None:
    """Every law, for every instance."""
    laws.check(city)


def _one(root: Any, id_: str) -> Any:
    return next(each for each in root.iter() if each.get("id") == id_)


def _shape(root: Any, flow: str, new: str) -> None:
    """Draw the step where its flow lay."""
    edge = next(each for each in root.iter(_DI + "BPMNEdge") if each.get("bpmnElement") == flow)
    points = [(float(p.get("x")), float(p.get("y"))) for p in edge if p.get("x")]
    x, y = (sum(values) / len(values) for values in zip(points[0], points[-1], strict=True))
    shape = etree.Element(_DI + "BPMNShape", id=f"{new}_di", bpmnElement=new)
    bounds = {"x": str(int(x) - 50), "y": str(int(y) - 40), "width": "100", "height": "80"}
    etree.SubElement(shape, _DC + "Bounds", bounds)
    line = etree.Element(_DI + "BPMNEdge", id=f"{new}_on_di", bpmnElement=f"{new}_on")
    space = edge[0].tag
    for point in ((x, y), points[-1]):
        etree.SubElement(line, space, {"x": str(int(point[0])), "y": str(int(point[1]))})
    edge.addnext(line)
    edge.addnext(shape)
