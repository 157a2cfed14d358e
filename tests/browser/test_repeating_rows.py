"""Repeating rows at the browser: added, taken away, kept after an error in the order in which they were written, and read as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Sit
from tests.browser.desk import Desk
from tests.factories import task_at
from tests.stories.telling import facts, running

if TYPE_CHECKING:
    from web.city import City

SUPERVISOR, HEAD = "yuhaiyan", "jiaxinhua"
ROWS = (
    ("sanitation", "垃圾箱满溢", "清运并加密频次", "3"),
    ("drainage", "雨水篦子堵塞", "疏通", "2"),
    ("landscape", "绿地黄土裸露", "补植", "10"),
)


def rows(desk: Desk) -> Locator:
    """The rows that are open to be written."""
    return desk.page.locator("[data-rows=problems] [data-row]:not([hidden])")


def write(row: Locator, unit: str, problem: str, demand: str, days: str) -> None:
    row.locator("select[name$='.unit']").select_option(unit)
    for name, text in (("problem", problem), ("demand", demand), ("days", days)):
        row.locator(f"[name$='.{name}']").fill(text)


def written(desk: Desk) -> list[tuple[str, ...]]:
    """What stands in the open rows, from the top."""
    names = ("unit", "problem", "demand", "days")
    return [tuple(row.locator(f"[name$='.{name}']").input_value() for name in names) for row in rows(desk).all()]


def test_rows_are_added_taken_away_and_kept_after_an_error(sit: Sit, city: City) -> None:
    desk = sit(SUPERVISOR, phone=True)
    page = desk.page
    desk.open("/start/problem_bulletin", "rows-empty-phone")
    page.locator("[name=title]").fill("章华中路市容问题通报")
    page.locator("[name=found]").select_option("patrol")
    desk.choose("等级", "一般")
    expect(rows(desk)).to_have_count(1)
    add = page.get_by_role("button", name="增加一行")
    for each in ROWS:
        if rows(desk).last.locator("[name$='.problem']").input_value():
            add.click()
        write(rows(desk).last, *each)
    desk.look("rows-three-phone")
    rows(desk).nth(1).get_by_role("button", name="删除此行").click()
    expect(add).to_be_focused()
    assert written(desk) == [ROWS[0], ROWS[2]]

    rows(desk).nth(1).locator("[name$='.problem']").fill("")
    desk.submit("rows-refused-phone")
    assert written(desk) == [ROWS[0], (ROWS[2][0], "", *ROWS[2][2:])], (
        "what was written is there, what was taken away is not"
    )
    bad = rows(desk).nth(1).locator("[name$='.problem']")
    expect(bad).to_have_attribute("aria-invalid", "true")
    page.locator("[data-problems] a").first.click()
    expect(bad).to_be_focused()
    bad.fill(ROWS[2][1])
    add.click()  # an empty row is nothing
    desk.submit()
    city.run_due()
    (case,) = running(city, "problem_bulletin")
    kept = [
        tuple(str(row[name]) for name in ("unit", "problem", "demand", "days")) for row in facts(city, case)["problems"]
    ]
    assert kept == [ROWS[0], ROWS[2]]

    for english in (False, True):
        head = sit(HEAD, phone=english, locale="en-GB" if english else "zh-CN")
        head.open(f"/tasks/{task_at(city, case, 'Approve')}", f"rows-read-{'en-phone' if english else 'desk'}")
        read = head.page.locator(".field-rows tbody tr")
        expect(read).to_have_count(2)
        expect(read.nth(1)).to_contain_text(ROWS[2][1])
