"""Who draws the processes, and who keeps them running."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import FilePayload, Page, expect

from tests.bpmn.drawing import CANDIDATES, chain, end, ext, flow, process, start, tag
from tests.browser.conftest import Sit
from tests.browser.designing import kept, publish
from tests.factories import DESIGNER, OPERATOR, case_at

if TYPE_CHECKING:
    from web.city import City

# ruff: noqa: PLC0415


def bundle(**changed: bytes) -> list[FilePayload]:
    """The files of case dispatch, some of them changed."""
    from web.setting_up import bundle as read
    from web.wiring import PROCESSES

    files = {**read(PROCESSES / "case_dispatch"), **{n.replace("_bpmn", ".bpmn"): c for n, c in changed.items()}}
    return [
        FilePayload(name=name, mimeType="application/octet-stream", buffer=content) for name, content in files.items()
    ]


def diagram() -> bytes:
    from web.wiring import PROCESSES

    return (PROCESSES / "case_dispatch" / "case_dispatch.bpmn").read_bytes()


def test_a_process_is_shown_and_a_broken_file_is_told_line_by_line(sit: Sit, city: City) -> None:
    designer = sit(DESIGNER)
    page = designer.open("/definitions", "designer-processes")
    for name in ("城市管理案件处置", "督办", "融雪防冻"):
        designer.says(name)
    with page.expect_navigation():
        page.get_by_role("link", name="城市管理案件处置", exact=True).click()
    expect(page.locator(".diagram svg").first).to_be_visible()
    designer.look("designer-process")
    designer.says("派遣员")
    designer.open("/definitions/upload", "designer-upload")
    broken = diagram().replace(b'<ld:form ref="verify"/>', b'<ld:form ref="no_such_form"/>')
    assert broken != diagram()
    page.locator("#files").set_input_files(bundle(case_dispatch_bpmn=broken))
    answer = designer.press("检查", page.locator("main"), picture="designer-broken")
    assert answer is not None
    assert answer.status == 422
    line = diagram()[: diagram().index(b'<ld:form ref="verify"/>')].count(b"\n") + 1
    row = page.locator(".problem-table tbody tr").first
    expect(row).to_contain_text("case_dispatch.bpmn")
    expect(row).to_contain_text("no_such_form")
    shown = int("".join(c for c in row.locator("td").last.inner_text().partition("第")[2] if c.isdigit()))
    assert abs(shown - line) <= 5
    # Not XML at all.
    designer.open("/definitions/upload")
    page.locator("#files").set_input_files(bundle(case_dispatch_bpmn=b"<definitions><process></definitions>"))
    designer.press("检查", page.locator("main"))
    designer.says("不能存为草稿")


def test_a_mended_file_becomes_a_new_version_and_open_cases_keep_theirs(sit: Sit, city: City) -> None:
    case = case_at(city, "Handle")
    designer = sit(DESIGNER)
    page = designer.open("/definitions/upload")
    longer = diagram().replace("核实".encode(), "现场核实".encode())
    page.locator("#files").set_input_files(bundle(case_dispatch_bpmn=longer))
    designer.press("检查", page.locator("main"), picture="designer-checked")
    designer.says("检查通过")
    designer.press("存为草稿")
    expect(page.locator(".designer-canvas .djs-shape").first).to_be_visible()
    publish(designer, city, "核实改称现场核实", "designer-propose-upload")
    designer.says("第 2 版")
    designer.says("核实改称现场核实")
    assert city.definition("case_dispatch").version == 2
    operator = sit(OPERATOR)
    operator.open(f"/cases/{case}")
    operator.says("第 1 版")


def rename(page: Page, element: str, name: str) -> None:
    """Type a new name onto a shape, as one does in bpmn-js."""
    page.locator(f"[data-element-id={element}] .djs-hit").first.dblclick()
    editor = page.locator(".djs-direct-editing-content")
    editor.fill(name)
    page.keyboard.press("Enter")
    expect(editor).to_have_count(0)


def test_a_diagram_is_edited_checked_and_saved_as_a_new_version(sit: Sit, city: City) -> None:
    designer = sit(DESIGNER)
    page = designer.open("/definitions/supervision")
    with page.expect_navigation():
        page.get_by_role("link", name="编辑").first.click()
    task = next(
        n.id
        for n in city.definition("supervision").model.nodes.values()
        if str(n.kind) == "userTask" or n.settings.form
    )
    expect(page.locator(f"[data-element-id={task}]").first).to_be_visible()
    designer.look("designer-editor")
    rename(page, task, "改过的名称")
    kept(page)
    page.locator("[data-act=check]").click()
    expect(page.locator(".designer-said")).to_have_text("检查通过")
    designer.look("designer-editor-changed")
    publish(designer, city, "名称更清楚", "designer-editor-propose")
    designer.look("designer-editor-saved")
    designer.says("改过的名称")
    designer.says("名称更清楚")
    definition = city.definition("supervision")
    assert definition.version == 2
    assert definition.model.nodes[task].names.text("zh") == "改过的名称"


def test_the_operator_sees_that_no_worker_runs_and_what_is_planned(sit: Sit, city: City) -> None:
    case_at(city, "Handle")
    operator = sit(OPERATOR)
    operator.open("/operations", "operator-operations")
    operator.says("没有后台进程")
    operator.says("没有停住的案件")
    operator.says("SQLite")
    sit(OPERATOR, phone=True).open("/operations", "operator-operations-phone")


def chinese_ids() -> bytes:
    """A diagram whose ids are Chinese, as XML allows and some tools write them."""
    parts = (
        start("开始"),
        tag("userTask", tag("documentation", "到场看一看") + ext(CANDIDATES), id="核实", name="核实"),
        tag("exclusiveGateway", id="判断", default="判断-结束"),
        end("结束"),
        chain("开始", "核实", "判断", "结束"),
        flow("判断", "核实", "again = true"),
    )
    places = {"开始": (100, 100), "核实": (200, 80), "判断": (360, 95), "结束": (480, 100)}
    edges = [("开始", "核实"), ("核实", "判断"), ("判断", "结束"), ("判断", "核实")]
    return process(*parts, id="chinese_ids", outside=drawn(places, edges))


def drawn(places: dict[str, tuple[int, int]], edges: list[tuple[str, str]]) -> str:
    shapes = "".join(
        f'<bpmndi:BPMNShape id="{id_}_di" bpmnElement="{id_}"><dc:Bounds x="{x}" y="{y}" width="50" height="50"/>'
        "</bpmndi:BPMNShape>"
        for id_, (x, y) in places.items()
    )
    lines = "".join(
        f'<bpmndi:BPMNEdge id="{a}-{b}_di" bpmnElement="{a}-{b}"><di:waypoint x="{places[a][0]}" y="{places[a][1]}"/>'
        f'<di:waypoint x="{places[b][0]}" y="{places[b][1]}"/></bpmndi:BPMNEdge>'
        for a, b in edges
    )
    plane = f'<bpmndi:BPMNPlane id="plane" bpmnElement="chinese_ids">{shapes}{lines}</bpmndi:BPMNPlane>'
    return f'<bpmndi:BPMNDiagram id="drawing">{plane}</bpmndi:BPMNDiagram>'


def test_chinese_ids_come_through_the_editor(sit: Sit, city: City) -> None:
    city.deploy({"chinese_ids.bpmn": chinese_ids()})
    before = city.definition("chinese_ids").model
    designer = sit(DESIGNER)
    page = designer.open("/definitions/chinese_ids")
    with page.expect_navigation():
        page.get_by_role("link", name="编辑").first.click()
    expect(page.locator(".designer-canvas .djs-shape").first).to_be_visible()
    page.locator(".designer-canvas .djs-shape", has_text="核实").locator(".djs-hit").first.dblclick()
    page.locator(".djs-direct-editing-content").fill("现场核实")
    page.keyboard.press("Enter")
    kept(page)
    publish(designer, city)
    after = city.definition("chinese_ids").model
    assert list(after.nodes) == list(before.nodes)
    assert set(after.flows) == set(before.flows)
    assert after.nodes["核实"].names.zh == "现场核实"
    assert after.nodes["核实"].documentation == "到场看一看"
