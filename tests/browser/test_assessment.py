"""The report to the assessment office in a browser: looked at, closed, corrected, exempted, shown on a wall and to the public; in both
languages, at a desk, on a phone and on a wall."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import openpyxl
import pypdfium2
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests import assessing
from tests.browser.conftest import SCREENSHOTS, Sit
from tests.db.test_assessment import ASSESSOR, MIDDLE

if TYPE_CHECKING:
    from engine.clock import ManualClock
    from web.city import City

WALL = ViewportSize(width=1920, height=1080)
DESK = ViewportSize(width=1280, height=900)


@pytest.fixture
def work(city: City, clock: ManualClock) -> None:
    clock.set(datetime(2026, 6, 2, 2, tzinfo=UTC))
    assessing.populate(city, 240, MIDDLE)


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=name, exact=True).click()
    return waiting.value.path().read_bytes()


@pytest.mark.usefixtures("work")
def test_a_month_is_looked_at_closed_and_taken_away(sit: Sit) -> None:
    desk = sit(ASSESSOR)
    desk.page.set_viewport_size(DESK)
    page = desk.open("/assessment?period=2026-05", "assessment-open")
    page.get_by_text("封存本期").click()
    desk.press("封存", picture="assessment-closed")
    desk.says("与封存时一致")
    desk.open("/assessment/late?period=2026-05&edition=2026-05/1", "assessment-late")
    for address, picture in (
        ("/assessment/unit/sanitation?period=2026-05", "unit"),
        ("/assessment/cases/missed?period=2026-05", "cases"),
        ("/assessment/definitions", "definitions"),
        ("/assessment/exemptions", "exemptions"),
        ("/assessment/plan?period=2026-05", "plan"),
    ):
        desk.open(address, f"assessment-{picture}")
    desk.open("/assessment?period=2026-05")
    book = openpyxl.load_workbook(io.BytesIO(downloaded(page, "Excel")))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.value is None or isinstance(cell.value, str), (sheet.title, cell.coordinate)
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
        for letter, column in sheet.column_dimensions.items():
            assert 8 <= column.width <= 80, (sheet.title, letter)
    document = pypdfium2.PdfDocument(downloaded(page, "PDF"))
    for number in range(min(3, len(document))):
        document[number].render(scale=1.3).to_pil().save(SCREENSHOTS / f"assessment-paper-{number + 1}.png")
    assert len(document) < 20


@pytest.mark.usefixtures("work")
def test_the_same_in_english_on_a_phone_and_on_a_wall(sit: Sit) -> None:
    phone = sit(ASSESSOR, phone=True, locale="en-GB")
    for address, picture in (
        ("/assessment?period=2026-05", "report"),
        ("/assessment/definitions", "definitions"),
        ("/assessment/exemptions", "exemptions"),
        ("/assessment/plan?period=2026-05", "plan"),
        ("/figures?month=2026-05", "figures"),
    ):
        phone.open(address, f"assessment-english-phone-{picture}")
    expect(phone.page.get_by_role("heading", level=1)).to_be_visible()
    for locale in ("zh-CN", "en-GB"):
        wall = sit("hejianping", locale=locale)
        wall.page.set_viewport_size(WALL)
        wall.open("/assessment/wall", f"assessment-wall-{locale[:2]}")
        wall.open("/public/figures", f"assessment-public-{locale[:2]}")
