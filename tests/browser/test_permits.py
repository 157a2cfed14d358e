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
        '<ld:action name="reserve" register="road_segments" row="=segment" begins="=20" ends="=180" from="2026-06-05"'
        ' until="2026-07-20" state="=standing" purpose="water" public="={purpose: &quot;water&quot;}"/>'
    )
    parts = (start(), tag("serviceTask", reserve, id="R"), office("A"), end(), chain("S", "R", "A", "E"))
    city.deploy(bundle(*parts, key="digging"))
    for segment, standing in (("qianyang-1", "held"), ("qianyang-2", "asked")):
        city.start(
            "digging", {}, "fuxiaolin", given={"title": f"管线 {segment}", "segment": segment, "standing": standing}
        )
    city.run_due()
    applicant.open("/permits/map", "permits-map-phone")
    expect(applicant.page.locator("path.dig-line")).to_have_count(1)
    applicant.says("K0+020 至 K0+180")
    assert "管线" not in applicant.page.content()
    desk = sit("fuxiaolin")
    desk.open("/digs", "digs-desktop")
    expect(desk.page.locator("path.dig-line")).to_have_count(2)
    desk.says("管线 qianyang-2")


def _cases(city: City) -> list[int]:

    with city.core.db.read() as connection:
        query = select(instance.c.id).where(instance.c.key == next(iter(permit())).removesuffix(".bpmn"))
        return [int(one) for one in connection.execute(query).scalars()]
