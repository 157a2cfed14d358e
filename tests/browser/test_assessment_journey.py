"""The month of an assessment officer, in Chinese: a rate opens to its cases and to a clock, an exemption is asked by a unit and granted by
the office, the period is closed, what changes later is listed, the report is handed in by four people, and taken away."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import openpyxl
import pypdfium2
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests import assessing, clocking
from tests.browser.conftest import Sit
from tests.db.test_assessment import PICTURE
from tests.factories import HANDLER

if TYPE_CHECKING:
    from engine.clock import ManualClock
    from tests.browser.desk import Desk
    from web.city import City

ASSESSOR, SUPERVISOR, REVIEWER, SIGNER = "yuanzhigang", "yuhaiyan", "jiaxinhua", "tangshuzhen"
MIDDLE = datetime(2026, 5, 15, tzinfo=UTC)
MAY = "/assessment?period=2026-05"


@pytest.fixture
def numbers(city: City, clock: ManualClock) -> list[str]:
    """The numbers of two cases that were late in May, among many others."""
    clock.set(datetime(2026, 5, 12, 1, tzinfo=UTC))
    cases = [clocking.late(city, clock) for _ in range(2)]
    assessing.populate(city, 120, MIDDLE)
    clock.set(datetime(2026, 6, 2, 1, tzinfo=UTC))
    return [str(city.instance(case)["number"]) for case in cases]


def test_a_month_from_its_first_rate_to_its_receipt(
    city: City, clock: ManualClock, sit: Sit, numbers: list[str]
) -> None:
    officer = sit(ASSESSOR)
    page = officer.page
    page.set_viewport_size(ViewportSize(width=1280, height=900))
    officer.open(MAY, "journey-month")

    rate = page.get_by_role("region", name="结案率", exact=True)
    due = rate.get_by_role("link").last
    wanted = due.inner_text()
    due.click()
    officer.look("journey-cases")
    expect(page.locator(".heading-count")).to_have_text(wanted)
    officer.open("/assessment/cases/missed?period=2026-05&unit=water_supply")
    page.locator("tbody tr, .case-row").filter(has_text=numbers[0]).locator(".light-link").first.click()
    officer.look("journey-clock")
    expect(page.get_by_role("heading", level=1)).to_have_text("为什么是这个时刻？")

    adjusted_before = row_of(officer, "按时结案率")
    asks(sit, numbers[0], "台风期间停工，处置无法进行")
    granted(officer, numbers[0], "journey-exemption")
    adjusted = row_of(officer, "按时结案率")
    assert adjusted[:2] == adjusted_before[:2], "what was counted before stays"
    assert adjusted[2] != adjusted_before[2], "the adjusted rate is without the exempted overrun"

    page.get_by_text("封存本期").click()
    officer.press("封存", page.locator(".assess-close"), picture="journey-closed")
    officer.says("与封存时一致")
    closed = row_of(officer, "按时结案率")
    clock.advance(timedelta(days=1))
    asks(sit, numbers[1], "井盖权属争议，裁定后才能更换")
    granted(officer, numbers[1])
    assert row_of(officer, "按时结案率") == closed, "a closed period does not move"
    changes = page.get_by_role("link", name="封存后的变化").get_attribute("href")
    assert changes is not None
    officer.open(changes, "journey-late")  # counts again: longer than a click may take on a busy machine
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text(numbers[1])
    expect(page.locator("tbody tr")).to_contain_text("申诉剔除")

    handed_in(sit, city)
    same_everywhere(officer)


def row_of(desk: Desk, figure: str) -> list[str]:
    """The three readings of a figure on the report's page."""
    page = desk.open(MAY)
    row = (
        page.get_by_role("region", name="全市指标")
        .locator("tbody tr")
        .filter(has=page.get_by_role("rowheader", name=figure, exact=True))
    )
    return row.locator("td.number").all_inner_texts()


def asks(sit: Sit, number: str, reason: str) -> None:
    """The head of the unit asks, and may not decide."""
    head = sit(HANDLER)
    page = head.open(f"/assessment/exemptions?case={number}")
    page.get_by_label("理由").fill(reason)
    page.get_by_label("证明材料").set_input_files({"name": "证明.png", "mimeType": "image/png", "buffer": PICTURE})
    head.press("提出", picture="journey-asked")
    expect(head.row(number)).to_contain_text("待审批")
    expect(head.row(number).get_by_role("button")).to_have_count(0)


def granted(desk: Desk, number: str, picture: str | None = None) -> None:
    """Another human being agrees."""
    desk.open("/assessment/exemptions")
    desk.row(number).get_by_label("意见").fill("材料齐全，属实")
    desk.press("同意剔除", desk.row(number), picture=picture)
    expect(desk.row(number)).to_contain_text("同意剔除")


def handed_in(sit: Sit, city: City) -> None:
    """Prepared, reviewed, signed, received: four people."""
    supervisor = sit(SUPERVISOR)
    supervisor.open(MAY)
    supervisor.press("报送考评办", picture="journey-hand-in")
    supervisor.page.get_by_label("编制说明").fill("五月考核报告，请审核")
    supervisor.press("报送审核", picture="journey-handed-in")
    case = int(supervisor.path.rsplit("/", 1)[1])
    for who, question, answer in ((REVIEWER, "审核意见", "同意报送"), (SIGNER, "签发意见", "签发")):
        desk = sit(who)
        opened(desk, city, case)
        desk.choose(question, answer)
        desk.submit()
    office = sit(ASSESSOR)
    opened(office, city, case)
    office.page.get_by_label("接收日期").fill("2026-06-03")
    office.submit()
    office.open(f"/cases/{case}", "journey-received")
    office.says("已接收")


def opened(desk: Desk, city: City, case: int) -> None:
    (task,) = city.tasks(case)
    desk.open(f"/tasks/{task.ref}")
    desk.press("领取")


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=name, exact=True).click()
    return waiting.value.path().read_bytes()


def same_everywhere(desk: Desk) -> None:
    """The page, the sheet, CSV and JSON say one number; the paper names the edition."""
    said = row_of(desk, "问题总数")
    report = json.loads(downloaded(desk.page, "JSON"))
    assert report["whole"]["values"]["problems"]["text"] == said
    book = openpyxl.load_workbook(io.BytesIO(downloaded(desk.page, "Excel")))
    (sheet,) = [row for row in book["全市指标"].iter_rows(values_only=True) if row[0] == "问题总数"]
    assert [f"{n:,}" for n in sheet[1:4]] == said
    lines = list(csv.reader(io.StringIO(downloaded(desk.page, "CSV").decode("utf-8-sig"))))
    assert next(line for line in lines if line[:2] == ["全市指标", "问题总数"])[2:5] == said
    paper = pypdfium2.PdfDocument(downloaded(desk.page, "PDF"))
    assert "编号：2026-05/1" in paper[0].get_textpage().get_text_bounded()
