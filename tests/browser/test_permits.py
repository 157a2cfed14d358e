"""Somebody who applies with a phone: form, what meets it, code, what is missing, certificate, verification; and the map of works on roads
for everybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from engine import certificates
from engine.tables import instance
from tests.applying import SAID, offer, permit, work
from tests.bpmn.drawing import chain, end, ext, start, tag
from tests.browser.conftest import NewPage, Sit
from tests.browser.desk import Accessible, Desk, Screenshot
from tests.db.talking import bundle
from tests.db.talking import work as office

if TYPE_CHECKING:
    from web.city import City


@pytest.fixture
def applicant(site: str, new_page: NewPage, accessible: Accessible, screenshot: Screenshot, city: City) -> Desk:
    offer(city)
    return Desk(new_page(site, phone=True), "", accessible, screenshot)


def test_from_the_form_to_the_certificate_on_a_phone(applicant: Desk, city: City) -> None:
    page = applicant.page
    applicant.open("/apply", "permits-apply-phone")
    page.get_by_role("link", name="去申请").click()
    page.get_by_label("工程名称").fill(SAID["title"])
    page.wait_for_timeout(1_000)
    page.reload()
    expect(page.get_by_label("工程名称")).to_have_value(SAID["title"])  # the draft of this browser
    for name, value in SAID.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=place]").fill("")
    applicant.press("下一步：核对", picture="permits-refused-phone")
    applicant.says("有 1 项需要修改")
    page.locator("[name=place]").fill(SAID["place"])
    applicant.press("下一步：核对", picture="permits-confirm-phone")
    applicant.press("确认提交", picture="permits-receipt-phone")
    code = re.sub(r"\s", "", page.locator("#receipt-code").inner_text())
    applicant.open("/public/follow")
    page.get_by_label("查询码").fill(code.lower())
    applicant.press("查看", picture="permits-application-phone")
    (case,) = _cases(city)
    work(city, case)
    applicant.open("/application")
    page.get_by_role("link", name="现在办理").click()
    page.get_by_label("施工方法").fill("开槽")
    applicant.press("提交", picture="permits-corrected-phone")
    applicant.says("已提交")
    work(city, case)
    applicant.open("/application", "permits-granted-phone")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载证书").click()
    (row,) = certificates.of_instance(city.core, case)
    assert download.value.suggested_filename == f"{row['number']}.pdf"
    applicant.open(f"/verify/{row['number']}?code={certificates.code_of(row)}", "permits-verify-phone")
    applicant.says("有效")
    applicant.open("/permits", "permits-register-phone")
    applicant.says(row["number"])


def test_the_map_of_works_for_everybody_and_for_staff(applicant: Desk, sit: Sit, city: City) -> None:
    reserve = ext(
        '<ld:action name="reserve" register="road_segments" row="=segment" begins="=20" ends="=180" from="=first"'
        ' until="=last" state="=standing" purpose="water" public="={purpose: &quot;water&quot;}"/>'
    )
    parts = (start(), tag("serviceTask", reserve, id="R"), office("A"), end(), chain("S", "R", "A", "E"))
    city.deploy(bundle(*parts, key="digging"))
    works = (  # one after another on a segment, two at once on the other
        ("qianyang-1", "held", "2026-06-05", "2026-07-20"),
        ("qianyang-2", "asked", "2026-06-05", "2026-07-20"),
        ("qianyang-2", "held", "2026-07-01", "2026-07-31"),
        ("qianyang-2", "held", "2026-08-05", "2026-08-15"),
    )
    for segment, standing, first, last in works:
        said = {"title": f"管线 {segment}", "segment": segment, "standing": standing, "first": first, "last": last}
        city.start("digging", {}, "fuxiaolin", given=said)
    city.run_due()
    applicant.open("/permits/map", "permits-map-phone")
    expect(applicant.page.locator("path.dig-line")).to_have_count(3)
    applicant.says("K0+020 至 K0+180")
    assert "管线" not in applicant.page.content()
    for english in (False, True):
        desk = sit("fuxiaolin", locale="en-GB" if english else "zh-CN")
        desk.open("/digs", f"digs-desktop-{'en' if english else 'zh'}")
        expect(desk.page.locator("path.dig-line")).to_have_count(4)
        desk.says("管线 qianyang-2")
        timeline(desk, english=english)
    desk.open("/digs?from=2026-08-01&months=1&q=Qianyang", "digs-august-en")
    expect(desk.page.locator(".digs-bars rect")).to_have_count(1)
    desk.open("/digs?from=2027-08-01&months=1")
    desk.says("No works on roads are applied for or granted in this time.")


def timeline(desk: Desk, *, english: bool) -> None:
    """A line a segment; works at the same time stand below each other, others side by side; each bar is said in words."""
    expect(desk.page.locator(".digs-timeline tbody tr")).to_have_count(2)
    busy = desk.page.locator(".digs-timeline tbody tr").filter(
        has_text="Yuanlin–Zhanghua" if english else "园林路—章华路"
    )
    expect(desk.page.locator(".digs-months span")).to_have_text(
        ["Jun", "Jul", "Aug"] if english else ["6月", "7月", "8月"]
    )
    expect(desk.page.locator(".digs-today")).to_have_count(2)  # 10 June is in each of them
    bars = busy.locator("rect")
    expect(bars).to_have_count(3)
    asked, held, later = ([float(one.get_attribute(name) or 0) for name in ("x", "width", "y")] for one in bars.all())
    assert asked[0] < held[0] < asked[0] + asked[1] < later[0], "in the order of time"
    assert asked[2] == later[2] < held[2], "what is at once stands below"
    assert held[:2] == [pytest.approx(333, abs=1)] * 2, "a whole month, the second of three, on a line of 1000"
    said = busy.locator("svg").get_attribute("aria-label") or ""
    assert ("2026-07-01 to 2026-07-31" if english else "2026-07-01 至 2026-07-31") in said
    assert ("applied for" if english else "申请中") in said
    if english:
        assert "，" not in said


def _cases(city: City) -> list[int]:

    with city.core.db.read() as connection:
        query = select(instance.c.id).where(instance.c.key == next(iter(permit())).removesuffix(".bpmn"))
        return [int(one) for one in connection.execute(query).scalars()]
