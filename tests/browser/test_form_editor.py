"""A designer makes a form by clicking, looks at it at both widths, tries it, and finds it in the diagram."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.browser.conftest import Sit
from tests.factories import DESIGNER

if TYPE_CHECKING:
    from tests.browser.desk import Desk
    from web.city import City

OTHER = "fangzhiyuan"


def add(desk: Desk, kind: str, zh: str, en: str) -> None:
    """A field of a kind, from the list of the form."""
    page = desk.page
    with page.expect_navigation():
        page.get_by_role("link", name="增加栏目").click()
    page.get_by_role("group", name="哪一种").get_by_label(re.compile(f"^{kind}")).first.check()
    page.get_by_label("中文名称").fill(zh)
    page.get_by_label("英文名称").fill(en)
    desk.press("增加", page.locator("form.form-adding"))
    desk.says("栏目已增加")


def test_a_form_is_made_tried_and_found_in_the_diagram(sit: Sit, city: City) -> None:
    designer = sit(DESIGNER)
    page = designer.open("/definitions/supervision/edit")
    expect(page.locator(".designer-canvas .djs-shape").first).to_be_visible()
    with page.expect_navigation(url=re.compile("/forms$")):
        page.locator("[data-act=forms]").click()
    designer.look("forms-list")
    page.get_by_label("中文名称").fill("安全审查")
    page.get_by_label("英文名称").fill("Safety review")
    designer.press("建立")
    add(designer, "单选", "审查意见", "Opinion")
    settings(designer, page)
    add(designer, "多行文字", "理由", "Grounds")
    depend(designer, page)
    add(designer, "重复行", "措施", "Measures")
    designer.look("form-editor")
    move(page)
    tried(designer, page)
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile("督办 · 草稿")).click()
    expect(page.locator(".designer-canvas .djs-shape").first).to_be_visible()
    page.locator("[data-element-id=Archive] .djs-hit").first.click()
    chosen = page.locator("select[id*=ld-bpmn-UserTask-Form-ref]")
    assert "安全审查 · safety_review" in "".join(chosen.locator("option").all_inner_texts())


def settings(designer: Desk, page: Page) -> None:
    """Choices are named; a mistake is said where it was typed."""
    page.get_by_label("选项 1 中文").fill("同意")
    page.get_by_label("选项 1 英文").fill("Agree")
    page.get_by_label("选项 2 中文").fill("不同意")
    page.get_by_label("选项 2 英文").fill("不行")
    designer.press("保存", page.locator(".form-panel form").first, "form-editor-problem")
    designer.says("缺少英文")
    page.get_by_label("选项 2 英文").fill("Disagree")
    page.get_by_label("选项 1 代码").fill("agree")
    page.get_by_label("选项 2 代码").fill("refuse")
    page.get_by_label("必须填写").check()
    designer.press("保存", page.locator(".form-panel form").first, "form-editor-choices")


def depend(designer: Desk, page: Page) -> None:
    """Grounds are asked for only where somebody does not agree."""
    with page.expect_navigation():
        page.get_by_label("增加条件：看哪一栏").select_option(label="审查意见")
    page.get_by_label("不同意").check()
    page.get_by_label("显示时必须填写").check()
    designer.look("form-editor-condition")
    designer.press("增加条件")
    designer.says("“审查意见” 是 不同意；这时必填")


def move(page: Page) -> None:
    """By the keyboard alone: the button keeps the focus where it went."""
    up = page.get_by_role("button", name=re.compile("^上移 理由"))
    up.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    names = page.locator(".form-line-name > span:first-child").all_inner_texts()
    assert names.index("理由") == 0, names
    expect(page.get_by_role("button", name=re.compile("^下移 理由"))).to_be_focused()  # it cannot go further up
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("^下移 理由")).press("Enter")
    expect(page.get_by_role("button", name=re.compile("^下移 理由"))).to_be_focused()


def tried(designer: Desk, page: Page) -> None:
    """Filled in as somebody would."""
    designer.press("预览和试填", picture="form-try")
    grounds = page.get_by_label("理由", exact=True)
    expect(grounds).to_be_hidden()
    designer.choose("审查意见", "不同意")
    expect(grounds).to_be_visible()
    designer.press("试着提交", picture="form-try-problem")
    designer.says("请填写理由")
    page.get_by_label("理由", exact=True).fill("围挡不足")
    designer.press("试着提交", picture="form-try-written")
    designer.says("会写入")
    designer.says("围挡不足")
    designer.press("手机", picture="form-try-phone-width")


def test_two_designers_in_one_form_are_told(sit: Sit, city: City) -> None:
    designer, other = sit(DESIGNER), sit(OTHER)
    page = designer.open("/definitions/excavation_permit/1")
    designer.press("编辑表单")
    with page.expect_navigation():
        page.get_by_role("link", name="禁挖期内挖掘审批", exact=True).click()
    theirs = other.open(f"{designer.path}?field=exception_document")
    expect(theirs.locator("[data-others]")).to_contain_text("许光明也打开了此草稿")
    page.goto(theirs.url)
    theirs.get_by_label("中文名称").fill("文号")
    other.press("保存", theirs.locator(".form-panel form").first)
    page.get_by_label("中文名称").fill("政府文号")
    designer.press("保存", page.locator(".form-panel form").first, "form-editor-two")
    designer.says("尚未保存")
    expect(page.get_by_label("中文名称")).to_have_value("政府文号")


def test_the_editor_in_english_and_on_a_phone(sit: Sit, city: City) -> None:
    reader = sit(DESIGNER, locale="en-GB")
    page = reader.open("/definitions/excavation_permit/1")
    reader.press("Edit the forms", picture="forms-list-en")
    with page.expect_navigation():
        page.get_by_role("link", name="Digging within the moratorium", exact=True).click()
    reader.look("form-editor-whole-en")
    form = reader.path
    reader.open(f"{form}?field=exception_decision", "form-editor-en")
    reader.open(f"{form}?add=1", "form-editor-add-en")
    reader.open(f"{form}/try", "form-try-en")
    phone = sit(DESIGNER, phone=True)
    for path, name in (
        (form, "whole"),
        (f"{form}?field=exception_decision", "field"),
        (f"{form}?add=1", "add"),
        (f"{form}/try", "try"),
    ):
        phone.open(path, f"form-editor-{name}-phone")
    phone.open(form.rpartition("/")[0], "forms-list-phone")


def test_the_manual_is_read_on_a_desktop_and_a_phone(sit: Sit, city: City) -> None:
    sit(DESIGNER).open("/help/designer", "manual-page")
    sit(DESIGNER, phone=True, locale="en-GB").open("/help/designer", "manual-page-phone-en")
