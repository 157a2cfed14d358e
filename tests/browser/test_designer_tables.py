"""A designer changes, tries, makes and copies decision tables; the editor takes nothing away of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from engine import dmn, drafts
from tests.bpmn.foreign.canonical import lost
from tests.browser.conftest import Sit
from tests.browser.designing import KEPT, kept, publish
from tests.dmn.drawing import decision, dmn_file, element, input_data, literal, table
from tests.factories import DESIGNER

if TYPE_CHECKING:
    from tests.browser.desk import Desk
    from web.city import City

PROCESSES = Path(__file__).parents[2] / "processes"
SHIPPED = sorted(PROCESSES.glob("*/*.dmn"))
FILE = "plan_snow_level.dmn"


def opened(desk: Desk, path: str = f"/definitions/plan_snow/tables/{FILE}") -> Page:
    page = desk.open(path)
    expect(page.locator(".table-stage td").first).to_be_visible()
    return page


def cell(page: Page, element: str) -> Locator:
    return page.locator(f"td[data-element-id='{element}']")


def write(page: Page, element: str, text: str) -> None:
    """Put a text into a cell, as one does in dmn-js: a click opens it."""
    cell(page, element).click()
    editor = cell(page, element).locator(".cm-content, [contenteditable]").first
    editor.press("Control+a")
    page.keyboard.insert_text(text)
    page.locator("h1").click()


def take_back(page: Page) -> None:
    """Undo all of one write: the library may take it for two changes."""
    for _ in range(3):
        page.locator("[data-act=undo]").click()


def attempt(page: Page, **answers: str) -> Locator:
    """Give facts and press the button."""
    for key, value in answers.items():
        field = page.locator(f"#try-{key}")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="试算").click()
    return page.locator(".table-result")


def ground(page: Page, element: str) -> str:
    """The colour a cell stands on."""
    found: str = cell(page, element).evaluate("one => getComputedStyle(one).backgroundColor")
    return found


def test_a_cell_is_changed_tried_saved_and_published(sit: Sit, city: City) -> None:
    designer = sit(DESIGNER)
    page = opened(designer)
    designer.look("tables-editor")
    before = ground(page, "r3_1")
    told = attempt(page, signal="orange", traffic_stopped="false")
    expect(told).to_contain_text("符合第 3 条规则")
    expect(told).to_contain_text("结果：2")
    assert ground(page, "r3_1") != before
    assert ground(page, "r1_1") != ground(page, "r3_1")
    designer.look("tables-tried")
    write(page, "r3_out", "1")
    expect(told).to_be_empty()
    kept(page)
    assert "/definitions/drafts/1/tables/" in page.url
    expect(attempt(page)).to_contain_text("结果：1")
    told = attempt(page, signal="", traffic_stopped="")
    expect(told).to_contain_text("符合第 5 条规则")
    (draft,) = drafts.listing(city.core)
    files = drafts.files_of(city.core, draft.id)
    model = dmn.read(FILE, files[FILE]).model
    assert model is not None
    assert model.evaluate("plan_snow_level", {"signal": "orange"}) == 1
    assert files["plan_snow.bpmn"] == (PROCESSES / "plan_snow" / "plan_snow.bpmn").read_bytes()
    with page.expect_navigation():
        page.get_by_role("link", name="流程图").first.click()
    expect(page.locator(".designer-canvas .djs-shape").first).to_be_visible()
    publish(designer, city, "橙色信号提一级", "tables-propose")
    assert city.definition("plan_snow").decisions.evaluate("plan_snow_level", {"signal": "orange"}) == 1


def test_what_is_wrong_is_told_at_its_cell_while_one_writes(sit: Sit, city: City) -> None:
    designer = sit(DESIGNER)
    page = opened(designer)
    before = ground(page, "r2_2")
    write(page, "r2_2", "true or")
    problem = page.locator(".table-problems li").first
    expect(problem).to_contain_text("第 2 条 · 条件 2")
    expect(page.locator(".table-try")).to_be_hidden()
    assert ground(page, "r2_2") != before
    designer.look("tables-wrong")
    kept(page)
    problem.get_by_role("button").click()
    assert cell(page, "r2_2").locator(":focus").count() == 1
    take_back(page)
    expect(page.locator(".table-problems")).to_be_hidden()
    assert ground(page, "r2_2") == before
    # A policy under which two rules may not both match: a note at the later one.
    page.locator(".hit-policy .dms-input-select").click()
    page.locator(".options .option", has_text="唯一（UNIQUE）").click()
    expect(page.locator(".table-problems li.problem-note").first).to_contain_text("重叠")
    designer.look("tables-overlap")


def test_a_rule_is_added_with_its_ground_and_taken_back(sit: Sit, city: City) -> None:
    designer = sit(DESIGNER)
    page = opened(designer)
    expect(page.locator("th.annotation")).to_have_text("依据")
    cell(page, "r3_1").click(button="right")
    designer.look("tables-menu")
    page.get_by_role("menuitem", name="在上方加规则").click()
    expect(page.locator("td.rule-index")).to_have_count(6)
    row = page.locator(".tjs-table tbody tr").nth(2)
    row.locator("td.annotation [contenteditable]").click()
    page.keyboard.type("新依据")
    page.locator("h1").click()
    expect(page.locator(".designer-said")).to_have_text(KEPT)
    (draft,) = drafts.listing(city.core)
    text = drafts.files_of(city.core, draft.id)[FILE].decode()
    assert text.count("<rule ") == 6
    assert "<text>新依据</text>" in text
    assert "<text>橙色信号；本项目建议值（A3）</text>" in text
    page.locator("[data-act=undo]").click()
    page.locator("[data-act=undo]").click()
    expect(page.locator("td.rule-index")).to_have_count(5)


def test_a_table_is_made_asked_by_a_step_and_copied(sit: Sit, city: City) -> None:
    designer = sit(DESIGNER)
    page = designer.open("/definitions/plan_snow/edit")
    with page.expect_navigation():
        page.get_by_role("link", name="决策表").first.click()
    designer.look("tables-list")
    designer.says("由哪些环节查")
    assert page.get_by_role("button", name="去掉").count() == 0  # a step asks it
    page.get_by_label("名称（中文）").fill("融雪剂用量")
    page.get_by_label("英文名称").fill("Amount of salt")
    page.get_by_label("标识").fill("plan_snow_level")
    designer.press("新建", picture="tables-refused")
    designer.says("已有标识为“plan_snow_level”的决策")
    page.get_by_label("标识").fill("salt")
    designer.press("新建", picture="tables-new")
    expect(page.locator(".table-stage td").first).to_be_visible()
    expect(page.locator("h1")).to_contain_text("融雪剂用量")
    with page.expect_navigation():
        page.get_by_role("link", name="决策表").first.click()
    designer.says("还没有环节查它")
    page.get_by_label("名称（中文）").fill("另一级别")
    page.get_by_label("标识").fill("other_level")
    page.get_by_label("照哪一张").select_option(FILE)
    designer.press("新建")
    expect(page.locator("td.rule-index")).to_have_count(5)
    with page.expect_navigation():
        page.get_by_role("link", name="流程图").first.click()
    task = page.locator(
        ".designer-canvas [data-element-id=JudgeLevel], .designer-canvas .djs-shape:has-text('判定')"
    ).first
    task.locator(".djs-hit").first.click()
    page.locator(".bio-properties-panel-group-header", has_text="决策表").click()
    chosen = page.locator("#bio-properties-panel-ld-bpmn-BusinessRuleTask-Decision-ref-0")
    expect(chosen).to_have_value("plan_snow_level")
    chosen.select_option("other_level")
    designer.look("tables-chosen")
    kept(page)
    with page.expect_navigation():
        page.get_by_role("link", name="决策表").first.click()
    designer.look("tables-three")
    page.get_by_role("button", name="去掉 salt.dmn").click()
    designer.says("“salt.dmn”已从草稿中去掉")
    (draft,) = drafts.listing(city.core)
    files = drafts.files_of(city.core, draft.id)
    assert sorted(name for name in files if name.endswith(".dmn")) == ["other_level.dmn", FILE]
    assert b'ref="other_level"' in files["plan_snow.bpmn"]


def test_two_who_change_one_table_keep_both(sit: Sit, city: City) -> None:
    designer, other = sit(DESIGNER), sit("fangzhiyuan")
    page = opened(designer)
    write(page, "r3_out", "1")
    kept(page)
    theirs = opened(other, page.url)
    write(page, "r4_out", "2")
    kept(page)
    write(theirs, "r4_out", "1")
    expect(theirs.locator(".designer-collided")).to_contain_text("两份都在")
    expect(theirs.locator(".designer-others")).to_contain_text("也打开了此")
    other.look("tables-collided")
    assert "/tables/" in str(theirs.locator("[data-theirs]").get_attribute("href"))
    with theirs.expect_navigation():
        theirs.get_by_role("link", name="比较两份").click()
    other.says("融雪防冻响应级别判定")


@pytest.mark.parametrize("phone", [False, True])
def test_the_pages_are_whole_in_english(phone: bool, sit: Sit, city: City) -> None:
    designer = sit(DESIGNER, locale="en-GB", phone=phone)
    name = "phone" if phone else "en"
    designer.open("/definitions/plan_snow/tables", f"tables-list-{name}")
    page = opened(designer)
    page.locator("#try-signal").fill("red")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".table-result")).to_contain_text("rule 1 matches")
    page.evaluate("scrollTo(0, 0)")
    designer.look(f"tables-editor-{name}")
    expect(page.locator(".hit-policy")).to_contain_text("Hit policy:")


def test_every_shipped_table_comes_through_the_editor(sit: Sit, city: City) -> None:
    """Opened, touched and saved, each says what it said, and ours reads it."""
    assert len(SHIPPED) >= 10
    designer = sit(DESIGNER)
    for path in SHIPPED:
        page = opened(designer, f"/definitions/{path.parent.name}/tables/{path.name}")
        first = page.locator("tbody td.input-cell").first
        write(page, str(first.get_attribute("data-element-id")), "-1")
        take_back(page)
        kept(page)
        expect(page.locator(".table-problems")).to_be_hidden()
        draft = next(one for one in drafts.listing(city.core) if one.key == path.parent.name)
        after = drafts.files_of(city.core, draft.id)[path.name]
        was = path.read_bytes()
        assert after != was, path.name  # the editor wrote it
        assert lost(was, after) == [], path.name
        assert lost(after, was) == [], path.name
        assert dmn.lint(path.name, after) == dmn.lint(path.name, was), path.name


def graph() -> bytes:
    """Two tables, one of which asks the other, beside an input and a decision that is no table, with a drawing of their own."""
    risk = decision("risk", table(["signal"], ["points"], [['"red"', "3"], ["-", "1"]], "FIRST"), inputs=["signal"])
    level = decision(
        "plan_snow_level", table(["risk"], ["out"], [[">= 3", "1"], ["-", "4"]], "FIRST"), decisions=["risk"]
    )
    words = decision("words", element("context", element("contextEntry", literal("1"))))
    shape = (
        '<dmndi:DMNShape xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" id="shape" dmnElementRef="risk"/>'
    )
    risk = risk.replace("<outputEntry>", '<outputEntry id="risk_red">', 1)
    drawn = '<dmndi:DMNDI xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"><dmndi:DMNDiagram id="d">' + shape
    return dmn_file(input_data("signal"), risk, level, words, drawn + "</dmndi:DMNDiagram></dmndi:DMNDI>")


def test_several_decisions_of_one_file_are_edited_and_the_rest_is_kept(sit: Sit, city: City) -> None:
    from web.setting_up import bundle  # noqa: PLC0415

    files = {**bundle(PROCESSES / "plan_snow"), FILE: graph()}
    begun = drafts.begin(city.core, "plan_snow", files, DESIGNER, base=1)
    designer = sit(DESIGNER)
    page = opened(designer, f"/definitions/drafts/{begun.id}/tables/{FILE}")
    tabs = page.locator(".table-tabs button")
    expect(tabs).to_have_count(2)
    tabs.nth(1).click()
    needs = page.locator(".table-needs")
    expect(needs).to_contain_text("要用到：risk")
    expect(needs).to_contain_text("逻辑不是表格")
    expect(needs).to_contain_text("words")
    designer.look("tables-several")
    needs.get_by_role("button", name="risk").click()
    expect(tabs.nth(0)).to_have_attribute("aria-pressed", "true")
    expect(needs).to_contain_text("被这些用到")
    write(page, "risk_red", "7")
    kept(page)
    (draft,) = drafts.listing(city.core)
    after = drafts.files_of(city.core, draft.id)[FILE]
    assert b">7<" in after
    for whole in (b"informationRequirement", b'href="#risk"', b"<contextEntry", b'dmnElementRef="risk"', b"<inputData"):
        assert whole in after, whole
