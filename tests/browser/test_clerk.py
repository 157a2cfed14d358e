"""The clerk's day: an inbox, tasks claimed and given back, handed over, done once and only once; by phone and by keyboard alone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Sit
from tests.browser.desk import PASSWORD, Desk
from tests.factories import COLLECTOR, HANDLER, OTHER_COLLECTOR, case_at

if TYPE_CHECKING:
    from web.city import City

LATE, SOON, FRESH = "园林路井盖缺失", "江汉路电缆井盖移位", "东方路路灯井盖破损"


@pytest.fixture
def waiting(city: City) -> dict[str, int]:
    """Three reports of the public to verify: one is late, one nearly, one has just come."""
    cases = {}
    for title, place, later in ((LATE, "园林路 3 号", 14), (SOON, "江汉路 8 号", 23), (FRESH, "东方路 1 号", 0)):
        cases[title] = case_at(city, "Verify", title=title, place=place, source="hotline_12345")
        city.advance(timedelta(minutes=later))
    return cases


def titles(page: Page) -> list[str]:
    return page.locator("#inbox-list .row-title").all_inner_texts()


def tab(page: Page, name: str) -> Locator:
    return page.locator(".tabs a").filter(has_text=name)


def test_the_inbox_sorts_by_what_is_due_and_finds(sit: Sit, waiting: dict[str, int]) -> None:
    clerk = sit(COLLECTOR)
    page = clerk.open("/inbox", "clerk-inbox")
    assert titles(page) == [LATE, SOON, FRESH]  # nobody has them: the unit's tab opens by itself
    expect(tab(page, "本单位待领")).to_have_attribute("aria-current", "page")
    expect(tab(page, "超时")).to_contain_text("1")
    expect(tab(page, "临期")).to_contain_text("1")
    expect(clerk.row(LATE)).to_contain_text("超时")
    expect(clerk.row(FRESH)).to_contain_text("还剩 30 分钟")
    tab(page, "超时").click()
    expect(page.locator("#inbox-list .row-title")).to_have_text([LATE])
    tab(page, "临期").click()
    expect(page.locator("#inbox-list .row-title")).to_have_text([SOON])
    tab(page, "本单位待领").click()
    page.locator("#inbox-sort").select_option(label="最新到达在前")
    expect(page.locator("#inbox-list .row-title")).to_have_text([FRESH, SOON, LATE])
    page.locator("#inbox-q").fill("江汉路")
    expect(page.locator("#inbox-list .row-title")).to_have_text([SOON])
    expect(page).to_have_url(re.compile("q="))
    page.locator("#inbox-q").fill("没有这样的路")
    expect(page.get_by_text("没有符合条件的待办")).to_be_visible()
    clerk.look("clerk-inbox-nothing")
    clerk.press("清除条件")
    assert len(titles(page)) == 3
    page.reload()
    assert len(titles(page)) == 3


def test_claimed_given_back_and_handed_to_a_colleague(sit: Sit, waiting: dict[str, int]) -> None:
    clerk, colleague = sit(COLLECTOR, phone=True), sit(OTHER_COLLECTOR, phone=True)
    page = clerk.open("/inbox?tab=unit")
    clerk.press(f"领取 {SOON}", clerk.row(SOON), picture="clerk-task-phone")
    colleague.open("/inbox?tab=unit")
    expect(colleague.row(SOON)).to_have_count(0)
    # A colleague who opens it all the same reads whose it is.
    task = clerk.path
    colleague.open(task, "clerk-task-of-another-phone")
    colleague.says("此任务已由李建国领取")
    expect(colleague.page.locator("form.form")).to_have_count(0)
    page.locator("summary", has_text="更多").last.click()
    clerk.press("退回待领")
    clerk.says("任务已退回")
    colleague.open("/inbox?tab=unit")
    expect(colleague.row(SOON)).to_have_count(1)
    clerk.open("/inbox?tab=unit")
    clerk.press(f"领取 {SOON}", clerk.row(SOON))
    page.get_by_role("link", name="转办…").click()
    page.get_by_role("radio", name="王秀英").check()
    page.get_by_label("说明").fill("我在另一片区")
    clerk.look("clerk-hand-over-phone")
    clerk.press("转办", page.locator("dialog"))
    clerk.says("任务已转给王秀英")
    colleague.open("/inbox?tab=mine")
    expect(colleague.row(SOON)).to_have_count(1)
    colleague.open(task)
    colleague.says("我在另一片区")
    colleague.page.get_by_label("留言内容").fill("已在路上。")
    colleague.press("留言")
    colleague.says("留言已保存")
    expect(colleague.page.locator(".timeline")).to_contain_text("已在路上。")


def test_a_stale_page_is_told_who_did_it_and_when(sit: Sit, waiting: dict[str, int], city: City) -> None:
    clerk, colleague = sit(COLLECTOR), sit(OTHER_COLLECTOR)
    (task,) = city.tasks(waiting[FRESH])
    for desk in (clerk, colleague):
        desk.open(f"/tasks/{task.ref}")
        desk.choose("核实结果", "属实")
    clerk.submit()
    answer = colleague.submit("clerk-stale")
    assert answer is not None
    assert answer.status == 409
    colleague.says("李建国")
    colleague.says("今天 09:37")
    colleague.press("返回待办")
    assert colleague.path == "/inbox"
    assert [e["kind"] for e in city.trail(waiting[FRESH])].count("completed") == 1


def test_a_wrong_form_keeps_what_was_typed_and_says_what_to_change(sit: Sit, city: City) -> None:
    case = case_at(city, "Handle")
    (task,) = city.tasks(case)
    clerk = sit(HANDLER, phone=True)
    page = clerk.open(f"/tasks/{task.ref}")
    clerk.choose("处置结果", "回退")
    page.get_by_label("回退说明").fill("该处归交通局管护。")
    answer = clerk.submit("clerk-wrong-form-phone")
    assert answer is not None
    assert answer.status == 422
    expect(page.locator("[data-problems]")).to_be_focused()
    expect(page.locator("#f-return_reason-error")).to_be_visible()
    expect(page.get_by_label("回退说明")).to_have_value("该处归交通局管护。")
    page.locator("[data-problems] a").first.click()
    page.get_by_label("回退理由").select_option(label="不属本单位职责")
    clerk.submit()
    clerk.says("“处置”已提交")
    assert city.tasks(case)[0].node == "Dispatch"


def reach(page: Page, name: str) -> None:
    """Press Tab until the thing of this name has the focus."""
    words = "document.activeElement.innerText || document.activeElement.closest('label')?.innerText || ''"
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.evaluate(words):
            return
    pytest.fail(f"Tab never came to {name}")


def test_a_task_is_done_by_the_keyboard_alone(sit: Sit, waiting: dict[str, int], city: City) -> None:
    clerk: Desk = sit(COLLECTOR, form=True)
    page = clerk.open("/login", "clerk-login")
    page.keyboard.type(COLLECTOR)  # the name has the focus
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    clerk.look("clerk-home")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    page.keyboard.press("Enter")
    reach(page, FRESH)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    clerk.look()
    reach(page, "属实")
    page.keyboard.press("Space")
    reach(page, "提交")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    clerk.says("“核实”已提交")
    assert city.tasks(waiting[FRESH])[0].node == "File"
