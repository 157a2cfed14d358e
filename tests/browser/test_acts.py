"""Acts at a browser: dialogs by keyboard and phone, people found as one types, drafts that keep themselves; and without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Sit
from tests.factories import DISPATCHER, HANDLER, LEADER
from tests.web.letters import letter

if TYPE_CHECKING:
    from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def opened(page: Page) -> None:
    """The dialog is open, holds the focus, and fits the screen."""
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    assert page.evaluate("document.querySelector('dialog').contains(document.activeElement)")
    assert page.evaluate(
        "(() => { const d = document.querySelector('dialog'); return d.scrollWidth <= d.clientWidth; })()"
    )


def test_a_letter_is_drafted_asked_about_and_sent_back(sit: Sit, city: City) -> None:
    case = letter(city, "Sign")
    task = f"/tasks/{city.tasks(case)[0].ref}"
    desk = sit(DISPATCHER)
    page = desk.open(task, "acts-task")
    # what is typed keeps itself
    page.get_by_label("审核意见").fill("写到一半")
    with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.status == 204):
        pass
    expect(page.locator("[data-draft-said]")).to_have_text("草稿已自动保存")
    desk.open(task)
    expect(page.get_by_label("审核意见")).to_have_value("写到一半")
    # by keyboard alone: the dialog opens, closes with Escape, and the focus is where it was
    back = page.get_by_role("link", name="退回…")
    back.focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_be_visible()
    opened(page)
    desk.look("acts-back")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(back).to_be_focused()
    # people are found as one types; who was chosen stays while one looks on
    name = city.actor(HANDLER).name
    page.get_by_role("link", name="加签…").click()
    expect(page.locator("dialog[open]")).to_be_visible()
    opened(page)
    page.get_by_role("searchbox", name="查找人员").fill(name)
    page.get_by_role("checkbox", name=name).check()
    page.get_by_role("searchbox", name="查找人员").fill("没有这个人")
    expect(page.locator("dialog .people-row")).to_have_count(1)
    expect(page.get_by_role("checkbox", name=name)).to_be_checked()
    page.get_by_role("radio", name="同时签").check()
    expect(page.locator(".people-list[aria-busy]")).to_have_count(0)
    desk.look("acts-add")
    desk.press("加签", page.locator("dialog"))
    desk.says("待发表")
    # sent back, by telephone, in English
    phone = sit(DISPATCHER, phone=True, locale="en-GB")
    page = phone.open(task, "acts-task-phone-en")
    page.get_by_role("link", name="Send back…").click()
    expect(page.locator("dialog[open]")).to_be_visible()
    opened(page)
    page.get_by_role("radio", name="Draft").check()
    page.get_by_role("radio", name="Straight back to me").check()
    page.get_by_label("Why").fill("A page is missing")
    phone.look("acts-back-phone-en")
    phone.press("Send back", page.locator("dialog"))
    phone.says("It was sent back.")
    assert [one.node for one in city.tasks(case) if one.assignee == city.actor(LEADER).id] == ["Draft"]


def test_without_a_script_the_same_is_pages(sit: Sit, city: City) -> None:
    case = letter(city, "Sign")
    task = f"/tasks/{city.tasks(case)[0].ref}"
    desk = sit(DISPATCHER, java_script_enabled=False)
    page = desk.page
    page.goto(task)
    page.get_by_role("link", name="加签…").click()
    page.get_by_label("请签事项").fill("请看第三条")
    page.get_by_role("searchbox", name="查找人员").fill(city.actor(HANDLER).name)
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_label("请签事项")).to_have_value("请看第三条")
    page.get_by_role("checkbox", name=city.actor(HANDLER).name).check()
    page.get_by_role("button", name="加签").click()
    expect(page.locator(".note-good")).to_contain_text(f"已请{city.actor(HANDLER).name}签署意见")
    assert any(one.assignee == city.actor(HANDLER).id for one in city.tasks(case))
