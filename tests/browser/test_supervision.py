"""The supervision board at a browser: axe, desk and phone, both languages; each line leads on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests import clocking
from tests.browser.conftest import Sit
from tests.db.test_board import supervised
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
