"""Conditions by clicking: read back from the text, written to it, never changed by being looked at; or written, with completion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.browser.designing import kept
from tests.browser.test_designer_problems import KEY, choose, diagram, opened

if TYPE_CHECKING:
    from tests.browser.conftest import Sit
    from web.city import City


def opens(page: Page, flow: str) -> None:
    """The condition of a flow, on the panel."""
    choose(page, flow)
    group = page.locator("[data-group-id='group-ld-condition-group']")
    header = group.locator(".bio-properties-panel-group-header")
    if "open" not in (header.get_attribute("class") or ""):
        header.click()
    expect(group.locator(".condition")).to_be_visible()


def drafted(city: City) -> str:
    """The diagram of the newest draft."""
    from engine import drafts  # noqa: PLC0415

    return drafts.files_of(city.core, drafts.listing(city.core, KEY)[0].id)[f"{KEY}.bpmn"].decode()


def test_a_condition_is_clicked_together_and_stands_in_the_draft(sit: Sit, city: City) -> None:
    designer = opened(sit, city)
    page = designer.page
    opens(page, "G-Big")
    words = page.locator(".condition-words")
    expect(words).to_have_text("当“面积”大于20")
    designer.look("designer-condition")
    page.get_by_role("button", name="再加一项").click()
    expect(words).to_contain_text("还没有填完")
    page.get_by_label("第 2 项：数据").select_option(label="报批类型")
    page.get_by_label("第 2 项：值").select_option(label="占道")
    expect(words).to_have_text("当“面积”大于20，且“报批类型”是“占道”")
    page.get_by_role("button", name="加一组“有一项成立”").click()
    group = page.get_by_role("group", name="一组条件")
    group.get_by_label("第 1 项：数据").select_option(label="已缴费")
    group.get_by_role("button", name="再加一项").click()
    group.get_by_label("第 2 项：数据").select_option(label="止于")
    group.get_by_label("第 2 项：比较").select_option(label="早于")
    group.get_by_label("第 2 项：与什么比").select_option(label="今天")
    expect(words).to_have_text("当“面积”大于20，且“报批类型”是“占道”，且（“已缴费”是“是”，或“止于”早于今天）")
    designer.look("designer-condition-rows")
    kept(page)
    expected = 'area &gt; 20 and works = "occupy" and (paid = true or date(until) &lt; today())'
    assert expected in drafted(city).replace("&#34;", '"').replace("&quot;", '"')
    expect(page.locator(".problems-said")).to_contain_text("0 个错误")
    page.locator("[data-act=undo]").click()
    expect(words).not_to_contain_text("今天")


ODD = 'if area > 20 then true else works = "dig"'


def test_what_rows_cannot_show_is_written_and_never_changed_by_looking(sit: Sit, city: City) -> None:
    designer = opened(sit, city, diagram(ODD))
    page = designer.page
    opens(page, "G-Big")
    editor = page.locator(".condition .cm-content")
    expect(editor).to_have_text(ODD)
    expect(page.locator(".condition-note")).to_contain_text("按文字显示")
    expect(page.get_by_role("button", name="改为点选")).to_be_disabled()
    expect(page.locator(".expression-said")).to_have_text("可用")
    choose(page, "Look")
    opens(page, "G-Small")
    expect(page.locator(".condition-words")).to_have_text("当“面积”不大于20")
    opens(page, "G-Big")
    expect(editor).to_have_text(ODD)
    designer.look("designer-condition-text")
    expect(page.locator(".designer-said")).to_have_text("修改会自动保存为草稿")


def test_an_expression_is_completed_checked_and_becomes_rows_again(sit: Sit, city: City) -> None:
    designer = opened(sit, city)
    page = designer.page
    opens(page, "G-Big")
    page.get_by_role("button", name="改为书写").click()
    editor = page.locator(".condition .cm-content")
    editor.fill("")
    editor.press_sequentially("报批")
    expect(page.locator(".cm-tooltip-autocomplete li")).to_contain_text(["works"])
    page.keyboard.press("Enter")
    editor.press_sequentially(' = "')
    expect(page.locator(".cm-tooltip-autocomplete li")).to_contain_text(["occupy占道", "dig开挖"])
    designer.look("designer-expression")
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    expect(editor).to_have_text('works = "occupy"')
    expect(page.locator(".expression-said")).to_have_text("可用")
    editor.press_sequentially(" and arae > 3")
    page.keyboard.press("Escape")
    expect(page.locator(".expression-said")).to_contain_text("arae")
    near = page.locator(".problem[data-code=unknown-fact]")
    near.get_by_role("button", name="改为“area”").click()
    expect(near).to_have_count(0)
    choose(page, "Look")
    opens(page, "G-Big")
    expect(page.locator(".condition-words")).to_have_text("当“报批类型”是“占道”，且“面积”大于3")
    kept(page)
    assert 'works = "occupy" and area &gt; 3' in drafted(city)


def test_in_english_and_by_the_keyboard(sit: Sit, city: City) -> None:
    designer = opened(sit, city, locale="en-GB")
    page = designer.page
    opens(page, "G-Big")
    page.get_by_role("button", name="Add another").focus()
    page.keyboard.press("Enter")
    fact = page.get_by_label("fact of condition 2")
    expect(fact).to_be_focused()
    page.keyboard.type("Kind")
    expect(fact).to_have_value("works")
    comparison = page.get_by_label("comparison of condition 2")
    comparison.focus()
    page.keyboard.type("is one")
    for name in ("Occupation", "Excavation"):
        page.get_by_role("group", name="values of condition 2").get_by_label(name).focus()
        page.keyboard.press("Space")
    expect(page.locator(".condition-words")).to_have_text(
        "When “Area” is above 20 and “Kind of works” is one of “Occupation”, “Excavation”"
    )
    designer.look("designer-condition-en")
    page.get_by_role("button", name="remove of condition 1").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".condition-words")).to_have_text("When “Kind of works” is one of “Occupation”, “Excavation”")
    kept_english(page)
    assert 'works in ("occupy", "dig")' in drafted(city).replace("&#34;", '"').replace("&quot;", '"')


def kept_english(page: Page) -> None:
    expect(page.locator(".designer-said")).to_contain_text("Draft saved")


def test_nothing_is_lost_while_the_server_is_away(sit: Sit, city: City) -> None:
    designer = opened(sit, city)
    page = designer.page
    opens(page, "G-Big")
    for path in ("**/lint", "**/expression"):
        page.route(path, lambda route: route.fulfill(status=401, body="{}"))
    page.get_by_label("第 1 项：值").fill("30")
    page.get_by_label("第 1 项：值").blur()
    expect(page.locator(".condition-words")).to_have_text("当“面积”大于30")
    expect(page.locator(".problems-said")).to_contain_text("可能已旧")
    expect(page.locator(".problem[data-code=no-default]")).to_have_count(1)
    kept(page)
    assert "area &gt; 30" in drafted(city)
    for path in ("**/lint", "**/expression"):
        page.unroute(path)
    page.locator("[data-act=check]").click()
    expect(page.locator(".designer-said")).to_have_text("检查通过")
    expect(page.locator(".problems-said")).not_to_contain_text("可能已旧")
