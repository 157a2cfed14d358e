"""The shift leader: the list of cases with its filters, the same as a sheet, and figures that open to exactly their cases."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Sit
from tests.factories import COVER, LEADER, case_at, do

if TYPE_CHECKING:
    from web.city import City

CLOSED, OPEN, VOIDED, LATE = "章华中路井盖缺失", "紫月路井盖破裂", "园林路井盖移位", "东方路井盖松动"


@pytest.fixture
def month(city: City) -> dict[str, int]:
    """A case of every fate; the late one has a supervision too, which bears its title."""
    cases = {LATE: case_at(city, "Handle", title=LATE, place="东方路 2 号")}
    city.advance(timedelta(hours=26))
    city.advance(timedelta(minutes=1))
    do(city, cases[LATE], "Handle")
    do(city, cases[LATE], "Feedback")
    do(city, cases[LATE], "Check")
    do(city, cases[LATE], "Close")
    cases[CLOSED] = case_at(city, "Close", title=CLOSED)
    do(city, cases[CLOSED], "Close")
    city.advance(timedelta(minutes=9))
    cases[VOIDED] = case_at(city, "File", title=VOIDED, place="园林路 5 号", source="hotline_12345")
    do(city, cases[VOIDED], "File", file_decision="void", void_reason="现场未发现", standard_code=None)
    city.advance(timedelta(minutes=9))
    cases[OPEN] = case_at(city, "Handle", title=OPEN, place="紫月路 9 号")
    city.advance(timedelta(minutes=1))
    return cases


def listed(page: Page) -> list[str]:
    return page.locator(".case-table .row-title").all_inner_texts()


def test_the_list_is_filtered_sorted_and_kept_as_a_sheet(sit: Sit, month: dict[str, int]) -> None:
    leader = sit(LEADER)
    page = leader.open("/cases", "leader-cases")
    assert listed(page) == [OPEN, VOIDED, CLOSED, LATE, LATE]
    told = page.locator(".case-table tbody tr td:first-child .row-more").all_inner_texts()
    assert ["督办" in each for each in told] == [False, False, False, True, False]
    page.locator("summary", has_text="更多条件").click()
    page.get_by_label("流程", exact=True).select_option("case_dispatch")
    leader.press("查找", page.locator("main"))
    assert listed(page) == [OPEN, VOIDED, CLOSED, LATE]
    page.get_by_label("状态").select_option(label="办理中")
    leader.press("查找", page.locator("main"))
    assert listed(page) == [OPEN]
    leader.press("清除")
    page.get_by_label("时限", exact=True).select_option(label="超时")
    leader.press("查找", page.locator("main"))
    assert listed(page) == [LATE]
    leader.open("/cases?q=" + "园林路")
    assert listed(page) == [VOIDED]
    page.locator("summary", has_text="更多条件").click()
    leader.look("leader-cases-filters")
    page.get_by_label("查找", exact=True).fill("")
    page.get_by_label("来源").select_option(label="12345 热线")
    leader.press("查找", page.locator("main"))
    assert listed(page) == [VOIDED]
    leader.open("/cases?unit=water_supply&sort=started")
    assert listed(page) == [LATE, LATE, CLOSED, OPEN]
    leader.open("/cases?unit=water_supply&process=case_dispatch&sort=started")
    assert listed(page) == [LATE, CLOSED, OPEN]
    with page.expect_download() as fetched:
        page.get_by_role("link", name="导出 Excel").click()
    assert fetched.value.suggested_filename.endswith(".xlsx")
    sheet = openpyxl.load_workbook(BytesIO(fetched.value.path().read_bytes())).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    heads = list(rows[0])
    assert [row[heads.index("问题")] for row in rows[1:]] == [LATE, CLOSED, OPEN]
    assert {row[heads.index("责任单位")] for row in rows[1:]} == {"市供水公司"}
    leader.open("/cases?q=没有这样的案件")
    leader.says("没有符合条件的案件")


def test_the_list_on_a_phone(sit: Sit, month: dict[str, int]) -> None:
    leader = sit(LEADER, phone=True)
    page = leader.open("/cases", "leader-cases-phone")
    assert set(listed(page)) == set(month)
    leader.open("/figures", "leader-figures-phone")
    leader.open("/", "leader-home-phone")


def test_every_number_of_the_figures_opens_to_as_many_cases(sit: Sit, month: dict[str, int]) -> None:
    leader = sit(LEADER)
    page = leader.open("/figures", "leader-figures")
    for name in ("问题总数", "结案率", "按时立案率", "按时结案率"):
        expect(page.locator(".key-figures")).to_contain_text(name)
    links = {
        link.get_attribute("href") or "": int((link.text_content() or "").replace(",", ""))
        for link in page.locator(".key-figures a, .units-table tbody a").all()
    }
    assert len(links) >= 8
    assert links["/figures/received?month=2026-06"] == len(month)
    for address, number in links.items():
        leader.open(address)
        expect(page.locator(".heading-count")).to_have_text(str(number))
        assert len(listed(page)) == number, address
    leader.look("leader-figure-cases")
    expect(page.locator("main")).to_contain_text("2026年6月")


def test_filing_asks_for_what_is_missing(sit: Sit, city: City) -> None:
    case = case_at(city, "File", title=OPEN)
    (task,) = city.tasks(case)
    leader = sit(LEADER)
    page = leader.open(f"/tasks/{task.ref}")
    page.get_by_label("批注").fill("请尽快。")
    answer = leader.submit("leader-filing-refused")
    assert answer is not None
    assert answer.status == 422
    expect(page.locator("#f-standard_code-error")).to_be_visible()
    expect(page.get_by_label("批注")).to_have_value("请尽快。")
    leader.choose("处理意见", "作废")
    expect(page.locator("#f-standard_code")).to_be_hidden()
    page.get_by_label("作废理由").fill("不属于本市范围。")
    leader.submit()
    assert city.instance(case)["status"] == "completed"
    leader.open(f"/cases/{case}")
    leader.says(re.compile("作废"))
    assert COVER not in page.locator("main").inner_text()
