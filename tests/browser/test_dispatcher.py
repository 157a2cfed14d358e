"""The dispatcher's board: what waits, to whom and why; several at once, and what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Sit
from tests.factories import DISPATCHER, OTHER_DISPATCHER, case_at, do, task_at

if TYPE_CHECKING:
    from web.city import City

COVER, POSTER, LEFT = "章华中路上水井盖缺失", "紫月路上水井盖破裂", "园林路上水井盖移位"


@pytest.fixture
def waiting(city: City) -> dict[str, int]:
    """Three to be sent, and one with its unit already."""
    case_at(city, "Handle", title="东方路上水井盖松动")
    return {title: case_at(city, "Dispatch", title=title) for title in (COVER, POSTER, LEFT)}


def test_several_are_dispatched_at_once_and_one_that_fails_holds_up_none(
    sit: Sit, waiting: dict[str, int], city: City
) -> None:
    dispatcher = sit(DISPATCHER)
    page = dispatcher.open("/dispatch", "dispatcher-board")
    for title in waiting:
        expect(dispatcher.row(title)).to_contain_text("市供水公司")
    expect(page.locator(".loads li", has_text="市供水公司").locator(".load-count")).to_have_text("1")
    do(city, waiting[POSTER], "Dispatch", by=OTHER_DISPATCHER)  # meanwhile a colleague sends one of them
    for title in (COVER, POSTER):
        dispatcher.row(title).get_by_role("checkbox").check()
    expect(page.locator("[data-chosen]")).to_have_text("2")
    with page.expect_navigation():
        page.locator(".dispatch-foot button").click()
    dispatcher.look("dispatcher-results")
    results = page.locator(".results")
    expect(results).to_contain_text("1 件成功，1 件未成")
    expect(results.locator(".result-good")).to_contain_text(COVER)
    expect(results.locator(".result-bad")).to_contain_text(POSTER)
    expect(results.locator(".result-bad")).to_contain_text("郭红霞，今天 09:00")
    assert city.tasks(waiting[COVER])[0].node == "SignFor"
    expect(page.locator(".dispatch-table .row-title").first).to_have_text(LEFT)


def test_a_case_is_sent_to_another_unit_than_proposed_and_comes_back(
    sit: Sit, waiting: dict[str, int], city: City
) -> None:
    dispatcher = sit(DISPATCHER, phone=True)
    page = dispatcher.open("/dispatch", "dispatcher-board-phone")
    dispatcher.press(f"改派或退回 {LEFT}", dispatcher.row(LEFT), picture="dispatcher-task-phone")
    page.locator("#f-responsible_unit").select_option("drainage")
    page.get_by_label("派遣意见").fill("请核实是否污水井盖。")
    dispatcher.submit()
    assert city.instance(waiting[LEFT])["facts"]["responsible_unit"] == "drainage"
    task = task_at(city, waiting[LEFT], "SignFor")
    city.complete(
        task, {"sign_decision": "return", "return_reason": "not_ours", "return_note": "是上水井盖"}, "cailihua"
    )
    dispatcher.open("/dispatch")
    expect(dispatcher.row(LEFT)).to_contain_text("已回退 1 次")
    expect(dispatcher.row(LEFT)).to_contain_text("是上水井盖")
