"""Who reports: a citizen with a phone, who sees what became of their own report and of nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import Sit
from tests.factories import case_at, do

if TYPE_CHECKING:
    from web.city import City

# ruff: noqa: PLC0415

CITIZEN = "cengqingfeng"
TITLE = "小区门口路灯不亮"


def test_a_citizen_reports_from_a_phone_and_follows_it(sit: Sit, city: City) -> None:
    from web.demo.pictures import scene

    citizen = sit(CITIZEN, phone=True, permissions=[])
    page = citizen.open("/", "reporter-home-phone")
    citizen.says("您还没有发起过")
    expect(page.locator("#home-figures")).to_have_count(0)  # figures of an inbox that they never use
    citizen.press("发现上报", page.locator("main"))
    page.get_by_label("来源").select_option(label="微信公众举报")
    page.get_by_label("问题简述").fill(TITLE)
    photo = FilePayload(name="路灯.jpg", mimeType="image/jpeg", buffer=scene("C-02", mended=False, variant=1))
    page.locator("input[name=photos]").set_input_files([photo])
    page.get_by_role("button", name="用我现在的位置").click()
    expect(page.get_by_text("没有取得位置，请填写文字位置")).to_be_visible()
    # The place is missing: nothing typed is lost, the photo neither.
    answer = citizen.submit("reporter-refused-phone")
    assert answer is not None
    assert answer.status == 422
    citizen.says("有 2 项需要修改")
    expect(page.get_by_label("问题简述")).to_have_value(TITLE)
    citizen.says("已上传：路灯.jpg")
    page.get_by_label("所在街镇、社区").select_option("zhanghua")
    page.get_by_label("具体位置").fill("章华小区北门")
    citizen.submit("reporter-case-phone")
    citizen.says("已提交，编号")
    expect(page.get_by_role("img", name="照片 1").first).to_be_visible()
    case = int(citizen.path.rpartition("/")[2])

    city.advance(timedelta(minutes=9))
    do(city, case, "Verify")
    do(city, case, "File")
    page.reload()
    citizen.look("reporter-case-filed-phone")
    expect(page.locator(".timeline")).to_contain_text("立案")
    citizen.open("/")
    expect(page.locator(".row-title", has_text=TITLE)).to_be_visible()


def test_a_citizen_sees_nobody_elses_report(sit: Sit, city: City) -> None:
    case = case_at(city, "Handle")
    citizen = sit(CITIZEN, phone=True)
    citizen.open(f"/cases/{case}", "reporter-not-theirs-phone")
    citizen.says("没有找到")
    citizen.says("或者您无权查看")
    citizen.open("/cases", "reporter-no-cases-phone")
    citizen.says("还没有案件")
    for closed in ("/dispatch", "/figures", "/operations", "/definitions/upload"):
        citizen.open(closed)
        citizen.says("无权操作")
    expect(citizen.page.get_by_role("navigation", name="主导航")).not_to_contain_text("派遣")
