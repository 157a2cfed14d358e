"""More time asked for and agreed to, cards shown and answered, the dossier: at a desk and on a phone, in both languages, with axe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.tables import link
from tests.browser.conftest import Sit
from tests.factories import case_at, do, task_at
from tests.stories import test_clock_requests as asking
from tests.stories import test_ladder as climbing

if TYPE_CHECKING:
    from engine.clock import ManualClock
    from web.city import City


def test_more_time_is_asked_for_and_agreed_to(city: City, sit: Sit) -> None:
    case = asking.drains(city)
    ref = task_at(city, case, "Handle").ref
    desk = sit(asking.HANDLER)
    desk.open(f"/tasks/{ref}", "task-with-clock")
    desk.open(f"/tasks/{ref}/extend", "ask-extension")
    desk.page.get_by_label("理由").fill("管网改造，须分段施工")
    desk.press("申请延期", desk.page.locator("main form"), picture="asked-extension")
    phone = sit(asking.HANDLER, phone=True, locale="en")
    phone.open(f"/tasks/{ref}/shelve", "ask-shelving-phone")
    phone.open(f"/tasks/{ref}/extend", "ask-extension-refused-phone")
    city.run_due()
    with city.core.db.read() as connection:
        query = select(link.c.instance_id).where(link.c.other_id == case, link.c.kind == "about")
        request = connection.execute(query).scalar_one()
    head = sit(asking.HEAD)
    head.open(f"/tasks/{task_at(city, request, 'Department').ref}", "extension-department")
    head.choose("单位意见", "同意")
    head.submit()
    decides = sit(asking.DISPATCHER, phone=True, locale="en")
    decides.open(f"/tasks/{task_at(city, request, 'Decide').ref}", "extension-decide-phone")


def test_a_card_is_shown_answered_and_judged(city: City, clock: ManualClock, sit: Sit) -> None:
    case = case_at(city, "File")
    do(city, case, "File", grade="major")
    do(city, case, "Dispatch")
    do(city, case, "SignFor")
    ladder = climbing.reminded_and_urged(city, clock, case)
    shows = sit(climbing.ZHU)
    shows.open(f"/tasks/{task_at(city, ladder, 'IssueCard').ref}", "card")
    shows.open(f"/cases/{case}/dossier", "dossier")
    sit(climbing.ZHU, phone=True, locale="en").open(f"/cases/{case}/dossier", "dossier-phone")
    city.complete(
        task_at(city, ladder, "IssueCard"),
        {"card_decision": "issue", "card_reason": "井盖缺失逾期未处置"},
        climbing.ZHU,
    )
    late = sit(climbing.HEAD, phone=True)
    late.open(f"/tasks/{task_at(city, ladder, 'CardReply').ref}", "card-reply-phone")
    late.page.get_by_label("陈述").fill("正在组织")
    late.submit("card-replied-phone")
    judge = sit(climbing.GAO, locale="en")
    judge.open(f"/tasks/{task_at(city, ladder, 'JudgeReply').ref}", "card-judge-en")
    city.complete(task_at(city, ladder, "JudgeReply"), {"judge_decision": "uphold"}, climbing.GAO)
    climbing.red_card(city, clock, ladder)
    climbing.until(city, clock, ladder, "Demand")
    demands = sit(climbing.YU)
    demands.open(f"/tasks/{task_at(city, ladder, 'Demand').ref}", "demand")
    demands.open(f"/cases/{ladder}", "supervision-case")
    sit(climbing.YU, phone=True, locale="en").open(f"/cases/{ladder}", "supervision-case-phone")
