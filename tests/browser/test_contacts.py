"""A person's channels and the operators' deliveries at a browser: axe, desk and phone, both languages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.conftest import Sit
from tests.factories import DISPATCHER, LEADER, OPERATOR, case_at
from tests.receivers import FAIL, always, http_receiver, mail_receiver
from tests.sending import HASTE, hooks_at, mail_by, put, reach, tell, work

if TYPE_CHECKING:
    from engine.clock import ManualClock
    from web.city import City


def test_somebody_adds_a_channel_and_an_operator_sees_what_failed(city: City, clock: ManualClock, sit: Sit) -> None:
    case = case_at(city, "Dispatch")
    desk = sit(LEADER)
    with mail_receiver() as mail, http_receiver(always(FAIL)) as hook:
        mail_by(city, mail)
        hooks_at(city, hook)
        desk.open("/account/notices")
        desk.page.get_by_label("渠道", exact=True).select_option("mail")
        desk.page.get_by_label("地址", exact=True).fill("sun@city.example")
        desk.press("添加并发送验证码", picture="contacts-code")
        code = re.search(r"\d{6}", mail.arrived[0][2]["Subject"])
        assert code is not None
        desk.page.get_by_label("发送到该渠道的验证码").fill(code.group())
        desk.press("验证", picture="contacts")
        desk.page.get_by_label("免打扰开始").fill("22:00")
        desk.page.get_by_label("免打扰结束").fill("07:00")
        desk.press("保存 邮件")
        expect(desk.page.get_by_label("免打扰结束")).to_have_value("07:00")
        phone = sit(LEADER, phone=True, locale="en")
        phone.open("/account/notices", "contacts-phone")
        put(city, **{**HASTE, "sending_tries": 1})
        reach(city, DISPATCHER, "webhook", f"http://127.0.0.1:{hook.port}/")
        tell(city, case, DISPATCHER, 2)
        work(city)
        clock.advance(timedelta(minutes=1))
        work(city)
        put(city, sending_off=["webhook"])
        tell(city, case, DISPATCHER, kind="urged", first=3000)
        work(city)
    operator = sit(OPERATOR)
    operator.open("/deliveries", "deliveries")
    operator.press("全部重发")
    expect(operator.page.get_by_text("2 条已重新排队。")).to_be_visible()
    sit(OPERATOR, phone=True, locale="en").open("/deliveries", "deliveries-phone")
