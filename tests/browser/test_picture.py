"""The live picture of a process in a browser: numbers on the diagram, switched and followed by keyboard, in both languages; and its still
drawing where no script runs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.bench.story import LOOP, OLD, YOUNG, Walker
from tests.browser.conftest import NewPage, Sit
from tests.browser.desk import PASSWORD
from tests.factories import OTHER_LEADER

if TYPE_CHECKING:
    from engine.clock import ManualClock
    from web.city import City

PAGE = "/definitions/case_dispatch/picture"


@pytest.fixture
def work(city: City, clock: ManualClock) -> None:
    walker = Walker(city)
    for number in range(8):
        case = walker.start()
        walker.walk(case, (*YOUNG, *(LOOP if number % 2 else ()), *(OLD if number % 4 == 0 else ())))
        clock.advance(timedelta(minutes=20))
    walker.start()
    clock.advance(timedelta(hours=2))
    city.run_due()


@pytest.mark.usefixtures("work")
def test_numbers_are_switched_and_followed_by_keyboard(sit: Sit) -> None:
    leader = sit(OTHER_LEADER)
    page = leader.open("/definitions/case_dispatch")
    leader.press("运行图")
    badges = page.locator(".heat-badge")
    expect(badges.first).to_be_visible()
    expect(page.get_by_role("link", name="签收：等待 6", exact=True)).to_be_visible()
    leader.look("picture-waiting")
    for name, show, title in (
        ("超时", "late", "签收：超时 6"),
        ("频次", "passed", "派遣：频次 12"),
        ("用时", "time", ""),
    ):
        tab = page.locator(".picture-tabs").get_by_role("link", name=name)
        tab.focus()
        page.keyboard.press("Enter")
        expect(tab).to_have_attribute("aria-current", "true")
        assert f"show={show}" in page.url
        if title:
            expect(page.get_by_role("link", name=title, exact=True)).to_be_visible()
        leader.look(f"picture-{show}")
    page.locator(".picture-tabs").get_by_role("link", name="频次").click()
    page.locator(".diagram-surface").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("heat-badge")
    badge = page.get_by_role("link", name="派遣：频次 12", exact=True)
    badge.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    leader.says("12 次，涉及 8 件案件")
    leader.look("picture-cases")
    leader.open("/mining?from=2026-06-10", "mining")


@pytest.mark.usefixtures("work")
def test_the_same_in_english_on_a_phone_and_without_a_script(sit: Sit, new_page: NewPage, site: str) -> None:
    leader = sit(OTHER_LEADER, phone=True, locale="en-GB")
    leader.open(f"{PAGE}?show=passed", "picture-english-phone")
    expect(leader.page.get_by_role("link", name="Dispatch: Frequency 12", exact=True)).to_be_visible()
    leader.open("/mining", "mining-english-phone")
    browser = new_page(site).context.browser
    assert browser is not None
    still = browser.new_context(base_url=site, java_script_enabled=False, locale="zh-CN").new_page()
    still.goto("/login")
    still.get_by_label("用户名").fill(OTHER_LEADER)
    still.get_by_label("密码").fill(PASSWORD)
    still.get_by_role("button", name="登录").click()
    still.goto(f"{PAGE}?show=passed")
    image = still.locator("img.picture-still")
    expect(image).to_be_visible()
    assert image.evaluate("one => one.complete && one.naturalWidth > 200")
    still.locator("section", has=image).screenshot(path="var/screenshots/picture-still.png")
    still.context.close()
