"""Pages of a large city in a browser: a live picture and a report that are being counted, and show themselves when a worker is done; a
period that is closed; in both languages, at a desk and on a phone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from engine import settings
from escalation.kept import working
from tests import assessing
from tests.bench.story import OLD, YOUNG, Walker
from tests.browser.conftest import Sit
from tests.db.test_assessment import ASSESSOR, MIDDLE
from tests.factories import OTHER_LEADER

if TYPE_CHECKING:
    from engine.clock import ManualClock
    from web.city import City

PAGE = "/definitions/case_dispatch/picture?show=passed"


@pytest.fixture
def large(city: City, clock: ManualClock) -> City:
    clock.set(datetime(2026, 6, 2, 2, tzinfo=UTC))
    assessing.populate(city, 150, MIDDLE)
    walker = Walker(city)
    for steps in ((*YOUNG, *OLD), YOUNG):
        walker.walk(walker.start(), steps)
    with city.core.db.write() as connection:
        settings.put(city.core, connection, "assessment_counted_from", 1)
    return city


def test_a_picture_shows_itself_when_it_is_counted(large: City, clock: ManualClock, sit: Sit) -> None:
    leader = sit(OTHER_LEADER)
    page = leader.open(PAGE, "picture-counting")
    expect(page.get_by_text("统计好后本页自动显示")).to_be_visible()
    assert working.run_due(large.core) == 1
    expect(page.locator(".heat-badge").first).to_be_visible()
    expect(page.get_by_role("link", name="派遣：频次 2", exact=True)).to_be_visible()
    leader.look("picture-counted")
    clock.advance(timedelta(minutes=20))
    page.reload()
    expect(page.locator(".heat-badge").first).to_be_visible()
    leader.look("picture-counted-anew")
    assert working.run_due(large.core) == 1
    expect(page.get_by_text("后台正在重新统计")).to_have_count(0)  # it goes with the page that had it
    page.get_by_role("link", name="派遣：频次 2", exact=True).click()
    leader.says("2 次，涉及 2 件案件")
    leader.look("picture-counted-cases")
    phone = sit(OTHER_LEADER, phone=True, locale="en-GB")
    phone.open(f"{PAGE}&period=day", "picture-counting-english-phone")
    phone.open(PAGE, "picture-counted-english-phone")


def test_a_period_is_counted_and_closed_by_a_worker(large: City, sit: Sit) -> None:
    desk = sit(ASSESSOR)
    page = desk.open("/assessment?period=2026-05", "assessment-counting")
    expect(page.get_by_role("heading", name="正在统计")).to_be_visible()
    assert working.run_due(large.core) == 1
    expect(page.get_by_text("后台统计，数据截至")).to_be_visible()
    page.get_by_text("封存本期").click()
    desk.press("封存", picture="assessment-closing")
    desk.says("正在封存")
    phone = sit(ASSESSOR, phone=True, locale="en-GB")
    phone.open("/assessment?period=2026-05", "assessment-closing-english-phone")
    assert working.run_due(large.core) == 1
    expect(page.get_by_text("as it was closed")).to_be_visible()  # the language is the person's
