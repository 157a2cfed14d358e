"""The editor takes nothing away: a file opened, touched and saved says all it said before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from engine import definitions
from tests.bpmn.drawing import CANDIDATES, chain, end, ext, process, start, tag
from tests.bpmn.foreign.canonical import lost
from tests.browser.conftest import Sit
from tests.browser.designing import publish
from tests.factories import DESIGNER

if TYPE_CHECKING:
    from web.city import City

# ruff: noqa: PLC0415

FOREIGN = Path(__file__).parents[1] / "bpmn" / "foreign" / "files"


def signing() -> bytes:
    """Several sign a list that is a fact, each of them throws; spelled as few tools spell."""
    thrown = tag("condition", "=numberOfCompletedInstances = 2", xsi__type="bpmn:tFormalExpression")
    thrown += tag("event", tag("signalEventDefinition", signalRef="signed"), id="thrown")
    several = tag("loopDataInputRef", "units") + tag("inputDataItem", id="item", name="unit")
    loop = tag(
        "multiInstanceLoopCharacteristics",
        several + tag("complexBehaviorDefinition", thrown),
        behavior="Complex",
        isSequential="1",
    )
    data = process(
        start(),
        tag("userTask", ext(CANDIDATES) + loop, id="A", name="会签"),
        end(),
        chain("S", "A", "E"),
        id="signing",
        isExecutable="1",
        outside=shapes("S", "A", "E"),
    )
    data = data.replace(b'<bpmn:process id="', b'<bpmn:signal id="signed" name="signed"/><bpmn:process id="')
    data = data.replace(b'targetRef="A"', b'targetRef=" A "').replace(b'sourceRef="S"', b'sourceRef="\n S"')
    spelled = (
        data.decode().replace("<bpmn:", "<流程:").replace("</bpmn:", "</流程:").replace("xmlns:bpmn=", "xmlns:流程=")
    )
    return spelled.replace("bpmn:tFormal", "流程:tFormal").encode()


def shapes(*ids: str) -> str:
    drawn = "".join(
        f'<bpmndi:BPMNShape id="{id_}_di" bpmnElement="{id_}"><dc:Bounds x="{100 * at}" y="80" width="50" height="50"/></bpmndi:BPMNShape>'
        for at, id_ in enumerate(ids)
    )
    return f'<bpmndi:BPMNDiagram id="D"><bpmndi:BPMNPlane id="DP" bpmnElement="signing">{drawn}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'


def shipped() -> dict[str, bytes]:
    from web.setting_up import bundle
    from web.wiring import PROCESSES

    return bundle(PROCESSES / "plan_snow")


def foreign(name: str) -> dict[str, bytes]:
    return {f"{name}.bpmn": (FOREIGN / f"{name}.bpmn").read_bytes()}


@pytest.mark.parametrize("key", ["signing", "plan_snow", "camunda7_forms", "bpmnjs_coloured", "flowable_side_by_side"])
def test_opened_touched_and_saved_it_is_the_same(key: str, sit: Sit, city: City) -> None:
    files = {"signing": lambda: {"signing.bpmn": signing()}, "plan_snow": shipped}.get(key, lambda: foreign(key))()
    (before,) = (one for one in city.deploy(files) if one.key == key)
    designer = sit(DESIGNER)
    page = designer.open(f"/definitions/{key}/edit")
    expect(page.locator(".designer-canvas .djs-shape").first).to_be_visible()
    publish(designer, city, "只是看看")
    after = city.definition(key)
    assert after.version == before.version + 1
    (was, now) = (
        next(data for name, data in definitions.files_of(city.core, one.id).items() if name.endswith(".bpmn"))
        for one in (before, after)
    )
    assert lost(was, now) == []
    assert lost(now, was) == []
