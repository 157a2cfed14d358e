"""A permit for an advertisement at the browser: a window clerk takes a paper application in, an applicant corrects by code on a phone,
reviewers decide, the certificate is verified."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from engine import certificates
from tests.browser.conftest import NewPage, Sit
from tests.browser.desk import Accessible, Desk, Screenshot
from tests.factories import task_at
from tests.stories.advertising import CHECKER, CONSENTER, OTHER_WINDOW, REVIEWER, WINDOW, do, nodes, of

if TYPE_CHECKING:
    from web.city import City

SAID = {
    "applicant": "潜江市水乡广告有限公司", "contact": "周经理", "phone": "13800000000", "title": "章华路商场外墙电子屏",
    "place": "章华路 133 号", "width_m": "8", "height_m": "5", "wanted_from": "2026-06-20", "wanted_until": "2036-06-19",
}  # fmt: skip


def fill(desk: Desk) -> None:
    """The application, as it is written on paper."""
    for name, value in SAID.items():
        desk.page.locator(f"[name={name}]").fill(value)
    desk.page.locator("[name=ad_type][value=led]").check()
    area = desk.page.locator("[name=area]")
    if area.evaluate("e => e.tagName") == "SELECT":
        area.select_option("zhanghua")
    else:
        area.fill("zhanghua")


def at_task(desk: Desk, city: City, case: int, node: str, picture: str) -> None:
    """Opens the one task at a node and claims it."""
    instance, task = str(task_at(city, case, node)).split(".")
    desk.open(f"/tasks/{instance}.{task}")
    claim = desk.page.get_by_role("button", name="领取", exact=True)
    if claim.count():
        desk.press("领取")
    desk.look(picture)


@pytest.fixture
def applicant(site: str, new_page: NewPage, accessible: Accessible, screenshot: Screenshot) -> Desk:
    return Desk(new_page(site, phone=True), "", accessible, screenshot)


def decided(sit: Sit, clerk: Desk, city: City, case: int) -> None:
    """Accepted after the supplement, consented to, checked, granted: each by who does it."""
    at_task(clerk, city, case, "AcceptAgain", "advertising-accept-again")
    clerk.says("已附新合同")
    clerk.choose("受理意见", "受理")
    clerk.submit()
    city.run_due()
    consenter = sit(CONSENTER, phone=True)
    at_task(consenter, city, case, "Consent", "advertising-consent-phone")
    consenter.choose("市容环卫部门意见", "同意设置")
    consenter.submit()
    city.run_due()
    checker = sit(CHECKER, phone=True)
    at_task(checker, city, case, "SiteCheck", "advertising-check-phone")
    do(city, case, "SiteCheck")
    reviewer = sit(REVIEWER)
    at_task(reviewer, city, case, "Decide", "advertising-decide")
    reviewer.choose("许可决定", "准予许可")
    reviewer.submit()
    city.run_due()
    assert nodes(city, case) == ["Deliver"]


def test_applied_for_on_a_phone_corrected_by_code_decided_and_verified(applicant: Desk, sit: Sit, city: City) -> None:
    page = applicant.page
    applicant.open("/apply/advertising_permit", "advertising-apply-phone")
    fill(applicant)
    applicant.press("下一步：核对", picture="advertising-confirm-phone")
    applicant.press("确认提交", picture="advertising-receipt-phone")
    code = re.sub(r"\s", "", page.locator("#receipt-code").inner_text())
    city.run_due()
    (case,) = of(city, "advertising_permit")

    clerk = sit(WINDOW)
    at_task(clerk, city, case, "Accept", "advertising-accept")
    clerk.choose("受理意见", "一次告知补正")
    clerk.page.get_by_label("需补正的全部内容").fill("场地使用权证明（合同已过期）")
    clerk.submit()
    city.run_due()

    applicant.open("/public/follow")
    page.get_by_label("查询码").fill(code)
    applicant.press("查看", picture="advertising-missing-phone")
    page.get_by_role("link", name="现在办理").click()
    page.get_by_label("补正说明").fill("已附新合同")
    applicant.look("advertising-correct-phone")
    applicant.press("提交")
    applicant.says("已提交")
    city.run_due()

    decided(sit, clerk, city, case)
    do(city, case, "Deliver")

    applicant.open("/application", "advertising-granted-phone")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载证书").click()
    (row,) = certificates.of_instance(city.core, case)
    assert download.value.suggested_filename == f"{row['number']}.pdf"
    applicant.open(f"/verify/{row['number']}?code={certificates.code_of(row)}", "advertising-verify-phone")
    applicant.says("户外广告设施设置许可证")
    applicant.open("/permits", "advertising-register-phone")
    applicant.says(row["number"])
    assert SAID["contact"] not in page.content()
    clerk.open(f"/cases/{case}", "advertising-case")


def test_the_window_takes_paper_in_and_the_days_count_from_its_receipt(sit: Sit, city: City) -> None:
    clerk = sit(OTHER_WINDOW)
    clerk.open("/start/advertising_permit", "advertising-start")
    fill(clerk)
    clerk.page.locator("[name=received_on]").fill("2026-06-08")
    clerk.press("提交", clerk.page.locator("form.form"), "advertising-taken-in")
    city.run_due()
    (case,) = of(city, "advertising_permit")
    clerk.open(f"/cases/{case}")
    clerk.says("窗口受理")
    city.advance(timedelta(days=6))
    clerk.open(f"/cases/{case}", "advertising-deemed")
    clerk.says("市容环卫部门意见")
    expect(clerk.page.locator("main")).to_contain_text("视为受理")
