"""Ordinary pages load nothing of the editors, an editor nothing of another; a large diagram opens in the editor."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.bpmn.drawing import CANDIDATES, end, ext, flow, process, start, tag
from tests.browser.conftest import Sit
from tests.factories import DESIGNER
from web.assets import DIST

if TYPE_CHECKING:
    from web.city import City

WORDS = {
    "bpmn-js": "bpmn:BoundaryEvent",
    "dmn-js": "dmn:DecisionTable",
    "codemirror": "cm-editor",
    "simulation": "bts-palette",
}
"""A word that stands in the code of each of them, however it was made smaller."""
DRAWS = {f"src/{name}.ts": {"bpmn-js"} for name in ("diagram", "migrate", "picture")}
EDITORS = {"src/designer.ts": {"bpmn-js", "codemirror"}, "src/tables.ts": {"dmn-js", "codemirror"}}


def test_no_page_loads_an_editor_but_the_editors() -> None:
    manifest = json.loads((DIST / "manifest.json").read_text())
    for entry, chunk in manifest.items():
        if not chunk.get("isEntry"):
            continue
        code = "".join((DIST / manifest[name]["file"]).read_text() for name in with_imports(manifest, entry))
        found = {what for what, word in WORDS.items() if word in code}
        assert found == {**DRAWS, **EDITORS}.get(entry, set()), entry
    lazy = [chunk["file"] for name, chunk in manifest.items() if chunk.get("isDynamicEntry")]
    assert any(WORDS["simulation"] in (DIST / file).read_text() for file in lazy)


def with_imports(manifest: dict[str, dict[str, list[str]]], name: str) -> set[str]:
    """A chunk and all it imports at once, not what it may ask for later."""
    found = {name}
    for other in manifest[name].get("imports", []):
        found |= with_imports(manifest, other)
    return found


def test_what_a_browser_asks_for(sit: Sit, city: City) -> None:
    designer = sit(DESIGNER)
    for path in ("/", "/inbox", "/cases", "/definitions", "/definitions/plan_snow/tables"):
        assert not re.search("designer-|tables-|simulating|page-", scripts(designer.open(path))), path
    page = designer.open("/definitions/plan_snow/tables/plan_snow_level.dmn")
    expect(page.locator(".table-stage td").first).to_be_visible()
    assert not re.search("designer-|simulating", scripts(page))
    page = designer.open("/definitions/plan_snow/edit")
    expect(page.locator(".designer-canvas .djs-shape").first).to_be_visible()
    assert not re.search("tables-|simulating", scripts(page))


def scripts(page: Page) -> str:
    found: str = page.evaluate(
        "performance.getEntriesByType('resource').map(one => one.name).filter(one => one.endsWith('.js')).join(' ')"
    )
    return found


def test_a_diagram_of_two_hundred_elements_opens_and_is_walked(sit: Sit, city: City) -> None:
    count = 98  # tasks; with their flows, the two events and the process it is 200
    city.deploy({"large.bpmn": large(count)})
    designer = sit(DESIGNER)
    page = designer.open("/definitions/large/edit")
    expect(page.locator(f".designer-canvas [data-element-id=T{count}]")).to_be_visible()
    expect(page.locator(".designer-canvas .djs-shape, .designer-canvas .djs-connection")).to_have_count(2 * count + 3)
    page.locator("[data-act=simulate]").click()
    expect(page.locator(f".designer-simulation [data-element-id=T{count}]")).to_be_visible()
    page.locator(".designer-simulation").get_by_title("触发", exact=True).first.click()
    expect(page.locator(".designer-simulation .bts-token-count, .designer-simulation .bts-token").first).to_be_visible()


def large(count: int) -> bytes:
    names = ["S", *(f"T{at}" for at in range(1, count + 1)), "E"]
    tasks = [tag("userTask", ext(CANDIDATES), id=name, name=f"环节 {name}") for name in names[1:-1]]
    flows = [flow(a, b) for a, b in pairwise(names)]
    places = {name: (200 + 160 * (at % 14), 100 + 140 * (at // 14)) for at, name in enumerate(names)}
    drawn = "".join(
        f'<bpmndi:BPMNShape id="{name}_di" bpmnElement="{name}"><dc:Bounds x="{x}" y="{y}" '
        f'width="{36 if name in "SE" else 100}" height="{36 if name in "SE" else 80}"/></bpmndi:BPMNShape>'
        for name, (x, y) in places.items()
    )
    drawn += "".join(
        f'<bpmndi:BPMNEdge id="{a}-{b}_di" bpmnElement="{a}-{b}"><di:waypoint x="{places[a][0]}" y="{places[a][1]}"/>'
        f'<di:waypoint x="{places[b][0]}" y="{places[b][1]}"/></bpmndi:BPMNEdge>'
        for a, b in pairwise(names)
    )
    outside = f'<bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="p" bpmnElement="large">{drawn}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    return process(start(), *tasks, end(), *flows, id="large", outside=outside)
