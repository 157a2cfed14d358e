"""The inbox follows what happens without reload, and is worked by keys; what is selected and where one is stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from engine import sessions
from tests.browser.conftest import Sit
from tests.factories import LEADER, OTHER_LEADER, case_at, task_at

if TYPE_CHECKING:
    from web.city import City

FIRST, SECOND, THIRD = "园林路井盖缺失", "江汉路电缆井盖移位", "东方路路灯井盖破损"


def test_it_is_live_and_worked_by_keys(sit: Sit, city: City) -> None:
    case_at(city, "File", title=FIRST)
    second = case_at(city, "File", title=SECOND)
    leader = sit(LEADER)
    with_stream = leader.page.expect_request("**/live?*")
    with with_stream:
        page = leader.open("/inbox?tab=unit", "inbox-keys")
    titles = page.locator("#inbox-list .row-title")
    expect(titles).to_have_count(2)
    page.evaluate("window.loadedOnce = true")

    # keys: down, select, help
    page.keyboard.press("j")
    expect(titles.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(titles.nth(1)).to_be_focused()
    page.keyboard.press("x")
    chosen = page.locator("input[name=ref]").nth(1)
    expect(chosen).to_be_checked()
    expect(page.locator(".batch-bar")).to_contain_text("已选 1 件")
    page.keyboard.press("?")
    expect(page.locator("dialog.keys")).to_be_visible()
    leader.look("inbox-keys-help")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.keys")).to_be_hidden()

    # live: another case comes, one is taken by a colleague; what is selected and where one is stay
    kept = titles.nth(1).inner_text()
    case_at(city, "File", title=THIRD)
    expect(titles).to_have_count(3)
    expect(page.locator(".tabs a[aria-current] .count")).to_have_text("3")
    expect(page.locator("tr.row-picked")).to_contain_text(kept)
    expect(page.locator(":focus")).to_have_text(kept)
    expect(page.locator("#live-said")).to_have_text("列表已更新")
    city.claim(task_at(city, second, "File"), OTHER_LEADER)
    expect(titles).to_have_count(2)
    expect(leader.row(SECOND)).to_have_count(0)
    assert page.evaluate("window.loadedOnce === true")

    # many at once, by the bar
    page.keyboard.press("g")
    for box in page.locator("tbody input[name=ref]").all():
        box.check()
    leader.look("inbox-batch-bar")
    leader.press("领取", page.locator(".batch-bar"), picture="inbox-batch-result")
    leader.says("成功")
    assert {task.assignee for task in city.tasks(second)} == {city.actor(OTHER_LEADER).id}

    # an ended session: the page says so and asks no more
    leader.open("/inbox?tab=mine")
    page.keyboard.press("j")
    sessions.log_out(city.core, next(c["value"] for c in page.context.cookies() if c["name"] == "liandong_session"))
    expect(page.locator("#live-said")).to_contain_text("您已退出登录")
