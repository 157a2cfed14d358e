"""The organisation at a browser: a merger previewed, proposed, approved on a phone by another; duty planned, a substitute named."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from engine.organisation import moving
from engine.queries.organisation import people
from tests.browser.conftest import Sit
from tests.factories import case_at
from web.telling import ZONE

if TYPE_CHECKING:
    from web.city import City


def test_a_merger_is_previewed_proposed_and_approved(sit: Sit, city: City) -> None:
    case_at(city, "Handle")  # an open task of the water company
    administrator = sit("shenjiahao")
    page = administrator.open("/organisation", "organisation-tree")
    page.get_by_role("link", name="市供水公司", exact=True).click()
    administrator.look("organisation-unit")
    page.locator("summary", has_text="提出变更").click()
    administrator.press("合并")
    page.get_by_placeholder("输入文字缩小范围").first.fill("供热")
    page.get_by_role("checkbox", name=re.compile("市供热公司")).check()
    page.locator("#n-into").select_option("gas_supply")
    administrator.press("预览变更", picture="organisation-preview")
    administrator.says("市供水公司 → 市燃气公司")
    administrator.says("待办 1 项")
    page.get_by_label("变更理由").fill("公用事业合并")
    administrator.press("提交审批")
    administrator.says("待审批")
    (security,) = (
        p for p in people(city.core, limit=1000)[0] if any(h.post == "security_administrator" for h in p.posts)
    )
    reviewer = sit(security.login, phone=True)
    phone = reviewer.open("/organisation/changes", "organisation-changes-phone")
    phone.get_by_role("link", name=re.compile("机构合并")).click()
    reviewer.look("organisation-change-phone")
    reviewer.press("批准")
    while moving.run_due(city.core):
        pass
    reviewer.open(phone.url)
    reviewer.says("已执行")
    administrator.open("/organisation/units/water_supply")
    administrator.says("职能由 市燃气公司 承接")


def test_a_head_plans_duty_and_somebody_names_a_substitute(sit: Sit, city: City) -> None:
    head = sit("zhengguodong")
    page = head.open("/organisation/duty")
    page.get_by_label("值班人员").select_option(label="何建平 · 派遣员")
    tomorrow = city.core.db.now().astimezone(ZONE).date() + timedelta(days=1)
    page.get_by_label("开始").fill(f"{tomorrow}T08:00")
    page.get_by_label("结束").fill(f"{tomorrow}T20:00")
    head.press("排班", page.locator(".duty-form"), picture="organisation-duty")
    expect(page.locator(".duty")).to_have_count(1)
    expect(page.locator(".duty")).to_contain_text("08:00–20:00")
    away = sit("hejianping", phone=True)
    phone = away.open("/substitutes", "substitutes-phone")
    phone.get_by_placeholder("输入姓名或单位缩小范围").fill("郭红霞")
    phone.locator("#s-who").select_option(label="郭红霞（数字城管指挥中心）")
    phone.get_by_label("结束").fill(f"{tomorrow}T20:00")
    away.press("安排代理", picture="substitutes-named-phone")
    away.says("何建平 由 郭红霞 代理")
    away.press("结束代理 何建平 → 郭红霞")
    away.says("代理已结束")
