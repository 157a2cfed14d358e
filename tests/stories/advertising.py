"""An advertisement's permit, step by step: who does what when all goes well, and how it is brought to a step."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine.tables import instance
from escalation.tables import clock
from tests.factories import task_at
from web.city import City

WINDOW, OTHER_WINDOW, APPLICANT = "caojinfeng", "chengsiyuan", "pengshuisheng"
CONSENTER, CHECKER, OTHER_CHECKER = "daihanping", "fengdawei", "bijianjun"
REVIEWER, OTHER_REVIEWER, HEAD = "xiefangfang", "hanweidong", "tangshuzhen"
OFFICER, OTHER_OFFICER, BRIGADE = "lvshuhua", "gengdongmei", "suyongfu"
WASTE, WASTE_HEAD = "duwenbin", "duwenbin"
DAY = timedelta(days=1)

APPLICATION: dict[str, Any] = {
    "applicant": "潜江市龙虾节广告有限公司",
    "contact": "周经理",
    "phone": "13800000000",
    "title": "章华中路商场外墙电子屏",
    "ad_type": "led",
    "area": "zhanghua",
    "place": "章华中路 12 号",
    "width_m": 8,
    "height_m": 5,
    "wanted_from": "2026-06-20",
    "wanted_until": "2036-06-19",
}

ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Accept": (WINDOW, {"accept_decision": "accept"}),
    "Supplement": (WINDOW, {"supplement_note": "已补场地使用权证明"}),
    "AcceptAgain": (WINDOW, {"accept_again_decision": "accept"}),
    "Consent": (CONSENTER, {"consent_opinion": "agree"}),
    "SiteCheck": (CHECKER, {"officers": [CHECKER, OTHER_CHECKER], "site_result": "ok"}),
    "Decide": (REVIEWER, {"decision": "grant"}),
    "ApproveExtension": (HEAD, {"extension_decision": "approve"}),
    "Deliver": (WINDOW, {"delivered_how": "direct", "delivered_on": "2026-06-12"}),
    "AskRenewal": (WINDOW, {"renewal_decision": "renew", "renewal_until": "2046-01-01"}),
    "DecideRenewal": (REVIEWER, {"renewal_opinion": "grant"}),
    "Judge": (CONSENTER, {"judge_result": "pass"}),
    "Remove": (WINDOW, {"removed_on": "2026-07-01"}),
    "CheckRemoval": (OFFICER, {"officers": [OFFICER, OTHER_OFFICER], "removal_result": "removed"}),
    "Review": (WASTE, {"officers": [WASTE, CHECKER], "review_result": "agree"}),
}


def do(city: City, case: int, node: str, by: str | None = None, **answers: Any) -> None:
    """Do the one open task at a node as all goes well but for what is given, or, where somebody is named, with these answers alone; then
    whatever is due."""
    who, usual = (by, {}) if by else ANSWERS[node]
    city.complete(task_at(city, case, node), {**usual, **answers}, who)
    city.run_due()


def applied(city: City, process: str = "advertising_permit", by: str = WINDOW, **more: Any) -> int:
    """An application that the window took in."""
    case = city.start(process, {**APPLICATION, **more}, by)
    city.run_due()
    return case


def granted(city: City, **more: Any) -> int:
    """A permit that was delivered: its advertisement stands."""
    case = applied(city, **more)
    while nodes(city, case) and (node := nodes(city, case)[0]) in (
        "Accept", "Consent", "SiteCheck", "Decide", "Deliver",
    ):  # fmt: skip
        do(city, case, node)
    return case


def nodes(city: City, case: int) -> list[str]:
    """The open tasks, by node."""
    return sorted(t.node for t in city.tasks(case))


def facts(city: City, case: int) -> dict[str, Any]:
    """What is known of it."""
    found: dict[str, Any] = city.instance(case)["facts"]
    return found


def due(city: City, case: int, name: str) -> datetime:
    """When the newest clock of that name is over."""
    with city.core.db.read() as connection:
        query = select(clock.c.due_at).where(clock.c.instance_id == case, clock.c.name == name)
        found: datetime = connection.execute(query.order_by(clock.c.started_at.desc()).limit(1)).scalar_one()
    return found


def of(city: City, key: str) -> list[int]:
    """The instances of a process, oldest first."""
    with city.core.db.read() as connection:
        return list(
            connection.execute(select(instance.c.id).where(instance.c.key == key).order_by(instance.c.id)).scalars()
        )


def to(city: City, moment: datetime, step: timedelta = timedelta(days=10)) -> None:
    """Let time pass, in steps, for each thing to come when it is due."""
    while (now := city.world().now) < moment:
        city.advance(min(step, moment - now))
