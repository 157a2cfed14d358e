"""The ordinary procedure of a punishment at browsers: more time is asked for and approved, the hearing is told of, held by others, and put
on the record; in Chinese at a desk, in English on a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.stories.advertising import BRIGADE, HEAD, OFFICER, OTHER_CHECKER, OTHER_OFFICER, do
from tests.stories.hearings import JUSTICE
from tests.stories.test_enforcement import BREACH

if TYPE_CHECKING:
    from tests.browser.conftest import Sit
    from tests.browser.desk import Desk
    from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def open_task(desk: Desk, city: City, case: int, node: str) -> None:
    """The open task of the case, claimed by who sits there."""
    (task,) = [one for one in city.tasks(case) if one.node == node]
    desk.open(f"/tasks/{task.ref}")
    desk.press("Claim" if desk.english else "领取")


@pytest.mark.parametrize("kind", ["zh-desk", "en-phone"])
def test_more_time_and_a_hearing(sit: Sit, city: City, kind: str) -> None:
    english = kind == "en-phone"
    language = "en-GB" if english else "zh-CN"

    def say(zh: str, en: str) -> str:
        return en if english else zh

    def submit(desk: Desk) -> None:
        desk.press(say("提交", "Submit"), desk.page.locator("form.form"))
        city.run_due()

    case = city.start("enforcement", BREACH, OFFICER)
    do(city, case, "File", BRIGADE, file_decision="file")
    do(city, case, "Inquire", OFFICER, officers=[OFFICER, OTHER_OFFICER], inquiry_text="多方取证",
       proposal="extend", extend_reason="案情复杂")  # fmt: skip
    head = sit(HEAD, phone=english, locale=language)
    open_task(head, city, case, "ApproveExtension")
    head.says(say("本次最多延长", "This time at most"))
    head.choose(say("决定", "Decision"), say("同意延长", "Extend"))
    head.page.locator("[name=extend_days]").fill("30")
    head.look(f"enforcement-extension-{kind}")
    submit(head)

    do(city, case, "Inquire", OFFICER, officers=[OFFICER, OTHER_OFFICER], inquiry_text="属实", proposal="punish")
    do(city, case, "Notice", OFFICER, intended="罚款五万元", notice_on="2026-06-10")
    officer = sit(OFFICER, phone=english, locale=language)
    open_task(officer, city, case, "Hear")
    officer.choose(say("当事人的意思", "What the party wants"), say("要求听证", "A hearing"))
    officer.look(f"enforcement-hear-{kind}")
    submit(officer)
    do(city, case, "ApproveStand", JUSTICE, stand_decision="approve")

    host = sit(OTHER_CHECKER, phone=english, locale=language)
    open_task(host, city, case, "TellHearing")
    fill(host, hearing_told_on="2026-06-12", hearing_on="2026-06-24")
    submit(host)
    open_task(host, city, case, "TellHearing")
    host.says(say("通知提前不足法定天数", "Not told long enough ahead"))
    host.says("2026-06-25")
    fill(host, hearing_told_on="2026-06-12", hearing_on="2026-06-25")
    host.look(f"enforcement-tell-hearing-{kind}")
    submit(host)
    city.advance(timedelta(days=16))
    city.run_due()
    open_task(host, city, case, "Hearing")
    submit(host)
    host.says(say("有 1 项需要修改", "One answer needs a change"))
    fill(host, hearing_text="当事人请求从轻，调查人员陈述证据，双方质证。")
    host.look(f"enforcement-hearing-{kind}")
    submit(host)
    host.open(f"/cases/{case}", f"enforcement-case-{kind}")
    host.says(say("法制审核", "Legal review"))
    host.says(say("听证（处罚案件）", "A hearing (punishment)"))


def fill(desk: Desk, **answers: str) -> None:
    """Fields of the form by their names."""
    for name, value in answers.items():
        desk.page.locator(f"[name={name}]").fill(value)
