"""The supervision board at a browser: axe, desk and phone, both languages; each line leads on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests import clocking
from tests.browser.conftest import Sit
from tests.db.test_board import supervised
from tests.db.test_board_pages import many
from tests.factories import LEADER, case_at

if TYPE_CHECKING:
    from engine.clock import ManualClock
    from web.city import City


def test_the_board_leads_to_case_clock_and_supervision(city: City, clock: ManualClock, sit: Sit) -> None:
    first, second = clocking.late(city, clock), clocking.late(city, clock)
    supervised(city, second, "red_card", due_at=city.world().now)
    case_at(city, "Handle")
    clock.advance(timedelta(hours=1, minutes=45))
    desk = sit(LEADER)
    desk.open("/supervision", "supervision")
    expect(desk.page.locator(".board-table tbody tr")).to_have_count(2)
    desk.page.get_by_label("督办阶次").select_option("red_card")
    expect(desk.page.locator(".board-table tbody tr")).to_have_count(1)
    desk.page.locator(".board-table .light-link").click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("为什么是这个时刻？")
    phone = sit(LEADER, phone=True, locale="en")
    phone.open("/supervision", "supervision-phone")
    expect(phone.page.locator(f'a[href="/cases/{first}"]')).to_be_visible()


def test_a_large_city_pages_through_it(city: City, clock: ManualClock, sit: Sit) -> None:
    many(city, clock, 120)
    desk = sit(LEADER)
    desk.open("/supervision", "supervision-pages")
    rows = desk.page.locator(".board-table tbody tr")
    expect(rows).to_have_count(50)
    expect(desk.page.get_by_text("共 120 条")).to_be_visible()
    desk.page.get_by_role("link", name="下一页").click()
    desk.page.get_by_role("link", name="下一页").click()
    expect(rows).to_have_count(20)
    desk.page.get_by_label("灯", exact=True).select_option("red")  # a filter begins at the first page again
    expect(rows).to_have_count(50)
    desk.page.get_by_label("督办阶次").select_option("red_card")
    expect(rows).to_have_count(24)
    english = sit(LEADER, locale="en")
    english.open("/supervision?page=2", "supervision-pages-en")
    expect(english.page.get_by_text("Page 2 · 120 in all")).to_be_visible()
    phone = sit(LEADER, phone=True, locale="en")
    phone.open("/supervision", "supervision-pages-phone")
    phone.page.get_by_role("link", name="Next").click()
    expect(phone.page.locator(".board-table tbody tr")).to_have_count(50)
    phone = sit(LEADER, phone=True)
    phone.open("/supervision?page=3", "supervision-pages-phone-zh")
