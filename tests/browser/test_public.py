"""Somebody of the public with a phone: reports with a photo and the place, keeps the code, follows, answers, and is not content."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import NewPage, Sit
from tests.browser.desk import Accessible, Desk, Screenshot
from tests.factories import do

if TYPE_CHECKING:
    from web.city import City

# ruff: noqa: PLC0415

HERE = {"latitude": 30.4021, "longitude": 112.8993}


@pytest.fixture
def patient(city: City) -> None:
    """A browser fills a form in faster than anybody writes: here that is no reason to hold a report."""
    from sqlalchemy import update

    from engine.tables import setting

    with city.core.db.write() as connection:
        connection.execute(update(setting).where(setting.c.key == "public_hold_seconds").values(value=0))


@pytest.fixture
def citizen(site: str, new_page: NewPage, accessible: Accessible, screenshot: Screenshot, patient: None) -> Desk:
    page = new_page(site, phone=True, geolocation=HERE, permissions=["geolocation"])
    return Desk(page, "", accessible, screenshot)


def write_report(citizen: Desk, title: str, *, picture: str | None = None) -> None:
    from web.demo.pictures import scene

    page = citizen.page
    citizen.open("/public/report", picture)
    citizen.choose("哪一类问题", "井盖、路灯、管线")
    page.get_by_label("一句话说明").fill(title)
    photo = FilePayload(name="路灯.jpg", mimeType="image/jpeg", buffer=scene("C-02", mended=False, variant=1))
    page.locator("input[name=photos]").set_input_files([photo])
    page.get_by_role("button", name="用我现在的位置").click()
    expect(page.locator("[data-said]")).to_contain_text("已记录位置")


def test_a_report_from_a_phone_to_its_second_case(citizen: Desk, sit: Sit, city: City) -> None:
    page = citizen.page
    citizen.open("/public", "public-home-phone")
    citizen.page.get_by_role("link", name="我要上报").click()
    write_report(citizen, "小区门口路灯不亮", picture="public-form-phone")
    citizen.choose("留不留联系方式", "留下联系方式")
    # the telephone is missing: nothing typed is lost, the photo neither
    citizen.press("提交上报", picture="public-refused-phone")
    citizen.says("有 1 项需要修改")
    citizen.says("已上传：路灯.jpg")
    page.get_by_label("联系电话").fill("13800138000")
    page.get_by_label("称呼", exact=False).first.fill("陈")
    citizen.press("提交上报", picture="public-receipt-phone")
    citizen.says("已收到您的上报")
    code = re.sub(r"\s", "", page.locator("#receipt-code").inner_text())
    assert len(code.replace("-", "")) == 28

    citizen.open("/public/follow", "public-follow-phone")
    page.get_by_label("查询码").fill(code.lower())
    citizen.press("查看", picture="public-case-phone")
    citizen.says("正在核实")
    expect(page.get_by_role("img", name="您的照片 1")).to_be_visible()

    acceptor = sit("zhouxiaoyan")
    acceptor.open("/cases")
    acceptor.page.locator("a.row-title", has_text="小区门口路灯不亮").click()
    acceptor.page.get_by_label("写给上报人").fill("请问是哪一盏路灯？")
    acceptor.press("询问", picture="public-talk-desktop")
    case = int(re.findall(r"\d+", acceptor.path)[0])
    citizen.open("/public/case", "public-asked-phone")
    page.get_by_label("您的回答").fill("北门东边第二盏")
    citizen.press("回答")
    citizen.says("已发送")
    acceptor.open("/public-reports", "public-waiting-desktop")
    acceptor.says("小区门口路灯不亮")

    for node in ("Verify", "File", "Dispatch", "SignFor", "Handle", "Feedback", "Check", "Close"):
        city.advance(timedelta(minutes=2))
        do(city, case, node)
    citizen.open("/public/case", "public-judge-phone")
    page.get_by_text("没有解决", exact=True).click()
    page.get_by_label("哪里没有解决").fill("晚上还是不亮")
    citizen.press("要求重新办理", picture="public-reopened-phone")
    citizen.says("已重新立件办理")
    citizen.says("重新办理自")
    citizen.says("晚上还是不亮")
    links = acceptor.open(f"/cases/{case}").locator("[aria-labelledby=links-title]")
    expect(links).to_contain_text("重开为")


def test_in_english_and_joining_what_is_there(
    citizen: Desk, site: str, new_page: NewPage, accessible: Accessible, screenshot: Screenshot, city: City
) -> None:
    write_report(citizen, "路灯杆倾斜")
    citizen.press("提交上报")
    citizen.says("您的查询码")
    page = new_page(site, phone=True, locale="en-GB", geolocation=HERE, permissions=["geolocation"])
    second = Desk(page, "", accessible, screenshot)
    second.open("/public", "public-home-phone-en")
    second.open("/public/report", "public-form-phone-en")
    second.choose("Kind of problem", "Covers, lamps, pipes")
    page.get_by_label("Short description").fill("Lamp post leans over the pavement")
    page.get_by_role("button", name="Use where I am").click()
    expect(page.locator("[data-said]")).to_contain_text("Position taken")
    second.press("Send the report", picture="public-near-phone-en")
    second.says("within 10 m")
    assert "路灯杆倾斜" not in page.content()  # what another person wrote is theirs
    second.press("It is the same: join it", picture="public-receipt-phone-en")
    second.says("It was joined to the same problem nearby.")
    second.press("Follow it now", picture="public-case-phone-en")
    second.says("Being verified")
    assert "路灯杆倾斜" not in page.content()
