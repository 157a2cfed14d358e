"""The pages of the report to the assessment office, each in both languages at a desk and on a phone, with axe and a picture; the wall at
its sizes; the public's page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import ViewportSize
from sqlalchemy import select, update

from engine import files
from engine.errors import Invalid
from engine.tables import instance
from escalation.assessment import closing, exemptions, periods
from escalation.assessment.exemptions import Decided
from tests import assessing
from tests.browser.conftest import Sit
from tests.db.test_assessment import ASSESSOR, CITY, MIDDLE, PICTURE

if TYPE_CHECKING:
    from engine.clock import ManualClock
    from web.city import City

DESK = ViewportSize(width=1280, height=900)
WALLS = (
    ViewportSize(width=1280, height=800),
    ViewportSize(width=1920, height=1080),
    ViewportSize(width=3840, height=2160),
)
PAGES = (
    ("/assessment?period=2026-05", "report"),
    ("/assessment?period=2026-06", "open"),
    ("/assessment?period=2026-Q2", "quarter"),
    ("/assessment/late?period=2026-05&edition=2026-05/1", "late"),
    ("/assessment/unit/sanitation?period=2026-05", "unit"),
    ("/assessment/area/yuanlin?period=2026-05", "area"),
    ("/assessment/cases/missed?period=2026-05", "cases"),
    ("/assessment/definitions", "definitions"),
    ("/assessment/exemptions", "exemptions"),
    ("/assessment/plan?period=2026-05", "plan"),
    ("/figures?month=2026-05", "figures"),
    ("/figures/closed?month=2026-05", "figure-cases"),
    ("/public/figures", "public"),
)


@pytest.fixture
def work(city: City, clock: ManualClock) -> None:
    """Four months, three of them closed, one corrected, with exemptions asked and something changed since."""
    for month in (4, 5, 6):
        clock.set(datetime(2026, month, 15, tzinfo=UTC))
    clock.set(datetime(2026, 6, 20, 2, tzinfo=UTC))
    assessing.populate(city, 240, MIDDLE)
    assessor = city.actor(ASSESSOR)
    paper = files.accept(city.core, "停工证明.png", PICTURE)
    with city.core.db.read() as connection:
        several = connection.execute(select(instance.c.id).where(instance.c.id >= assessing.BEGIN_ID)).scalars().all()
    asked = 0
    for case in several:
        try:
            exemptions.ask(
                city.core, assessor, case, "check", "暴雨红色预警期间全市停工，无法进场处置，附停工通知。", paper
            )
        except (Invalid, Decided):
            continue
        asked += 1
        if asked == 3:
            break
    for label in ("2026-03", "2026-04", "2026-05"):
        closing.close(city.core, assessor, periods.read(label, CITY))
    with city.core.db.write() as connection:
        moved = instance.c.id.in_(several[:40])
        connection.execute(update(instance).where(moved).values(started_at=MIDDLE + timedelta(days=12)))
    closing.close(city.core, assessor, periods.read("2026-04", CITY), "补录了一批四月份的案件")


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize("kind", ["zh-desk", "zh-phone", "en-desk", "en-phone"])
def test_every_page(sit: Sit, kind: str) -> None:
    language, where = kind.split("-")
    desk = sit(ASSESSOR, phone=where == "phone", locale="zh-CN" if language == "zh" else "en-GB")
    if where == "desk":
        desk.page.set_viewport_size(DESK)
    for address, picture in PAGES:
        desk.open(address, f"assessment-{picture}-{kind}")
    hands_in = sit("yuhaiyan", phone=where == "phone", locale="zh-CN" if language == "zh" else "en-GB")
    hands_in.open("/assessment/hand-in?period=2026-05&edition=2026-05/1", f"assessment-hand-in-{kind}")


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_wall_fits_on_every_wall(sit: Sit, locale: str) -> None:
    wall = sit("hejianping", locale=locale)
    for size in WALLS:
        wall.page.set_viewport_size(size)
        wall.open("/assessment/wall", f"assessment-wall-{locale[:2]}-{size['width']}")
        if size["width"] > 1280:
            high = wall.page.evaluate("document.documentElement.scrollHeight")
            assert high <= size["height"], f"{high} px high: nobody scrolls a wall"
        towns = wall.page.locator(".wall-map text.wall-label")
        boxes = [one for one in (towns.nth(n).bounding_box() for n in range(towns.count())) if one is not None]
        around = wall.page.locator(".wall-map").bounding_box()
        assert around is not None
        for n, one in enumerate(boxes):
            assert around["x"] <= one["x"], "a name is cut off"
            assert one["x"] + one["width"] <= around["x"] + around["width"] + 1, "a name is cut off"
            for other in boxes[:n]:
                apart = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
                above = one["y"] + one["height"] <= other["y"] + 4 or other["y"] + other["height"] <= one["y"] + 4
                assert apart or above, "two names lie on each other"
    phone = sit("hejianping", phone=True, locale=locale)
    phone.open("/assessment/wall", f"assessment-wall-{locale[:2]}-phone")
