"""Clocks on pages: why a deadline is that moment, and a case along time; with axe, on a desk and on a phone, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests import clocking
from tests.browser.conftest import Sit
from tests.factories import DISPATCHER

if TYPE_CHECKING:
    from engine.clock import ManualClock
    from web.city import City


def test_clocks_explain_themselves(city: City, clock: ManualClock, sit: Sit) -> None:
    late, bounced, shelved = clocking.late(city, clock), clocking.bounced(city, clock), clocking.shelved(city, clock)
    desk = sit(DISPATCHER)
    desk.open(f"/cases/{shelved}", "clocks-case")
    desk.page.locator(".clocks .light-link").filter(has_text="挂账中").last.click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("为什么是这个时刻？")
    desk.look("clock-shelved")
    desk.open(f"/cases/{late}/clocks/handle/{_task(city, late)}", "clock-late")
    desk.open(f"/cases/{bounced}/timeline", "timeline")
    expect(desk.page.locator(".lane-bar").first).to_be_visible()
    phone = sit(DISPATCHER, phone=True, locale="en")
    phone.open(f"/cases/{late}/clocks/handle/{_task(city, late)}", "clock-late-phone")
    phone.open(f"/cases/{shelved}/clocks/handle/{_task(city, shelved)}", "clock-shelved-phone")
    phone.open(f"/cases/{late}/timeline", "timeline-phone")


def _task(city: City, case: int) -> str:
    (task,) = city.tasks(case)
    return task.ref.partition(".")[2]
