"""What the stories of road permits share: who does which step, and what they answer when all goes well."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

from engine import registers
from tests.factories import task_at
from web.city import City

APPLICANT, WINDOW, MUNICIPAL, TRAFFIC, DECIDES = (
    "pengshuisheng",
    "chengsiyuan",
    "xiaoyutong",
    "dongminghui",
    "hanweidong",
)
HEAD, GOVERNMENT, MAYOR, PATROL, CREW = "tangshuzhen", "city_government", "baoguoping", "luqiuju", "lujunfeng"

DAY = timedelta(days=1)
FREE = "jianghan-1"
"""A segment that may be dug."""

APPLIED: dict[str, Any] = {
    "applicant": "潜江市供水公司",
    "applicant_kind": "unit",
    "contact": "夏荷香",
    "phone": "13800000000",
    "title": "江汉路给水管改造",
    "works": "excavation",
    "segment": FREE,
    "begins_m": 100,
    "ends_m": 140,
    "width_m": 1.5,
    "purpose": "water",
    "method": "open",
    "start_on": "2026-07-27",
    "finish_on": "2026-08-07",
}

ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Accept": (WINDOW, {"accept_decision": "accept"}),
    "Supplement": (APPLICANT, {"supplement_note": "已补"}),
    "MunicipalReview": (MUNICIPAL, {"municipal_opinion": "agree"}),
    "TrafficReview": (TRAFFIC, {"traffic_opinion": "agree", "traffic_plan": "half"}),
    "CityApproval": (MAYOR, {"exception_decision": "approve", "exception_document": "潜政函〔2026〕8号"}),
    "Extend": (HEAD, {"extend_decision": "extend", "extend_reason": "须会商燃气管线迁改"}),
    "TellExtension": (WINDOW, {"told_how": "direct", "told_on": "2026-07-01"}),
    "Decide": (DECIDES, {"decision": "grant"}),
    "DeliverRefusal": (WINDOW, {"delivered_how": "post", "delivered_on": "2026-07-01"}),
    "Issue": (
        WINDOW,
        {
            "fee_paid_on": "2026-07-01",
            "fee_receipt": "鄂财 0001",
            "delivered_how": "direct",
            "delivered_on": "2026-07-01",
        },
    ),
    "Report": (APPLICANT, {"report_kind": "finished", "finished_note": "已清场"}),
    "Patrol": (PATROL, {"patrol_result": "ok"}),
    "Rectify": (APPLICANT, {"rectify_note": "已补围挡"}),
    "Inspect": (MUNICIPAL, {"inspect_result": "pass"}),
    "Restore": (CREW, {"restore_note": "已恢复沥青面层"}),
    "MunicipalChange": (MUNICIPAL, {"change_municipal": "agree"}),
    "TrafficChange": (TRAFFIC, {"change_traffic": "agree"}),
    "DecideChange": (DECIDES, {"change_decision": "grant"}),
    "IssueChange": (
        WINDOW,
        {
            "change_fee_paid_on": "2026-08-03",
            "change_fee_receipt": "鄂财 0002",
            "delivered_how": "direct",
            "delivered_on": "2026-08-03",
        },
    ),
    "IssueReduced": (
        WINDOW,
        {"refund_receipt": "鄂财退 0001", "delivered_how": "direct", "delivered_on": "2026-08-03"},
    ),
    "SettleUp": (
        WINDOW,
        {"settle_receipt": "鄂财退 0002", "delivered_how": "direct", "delivered_on": "2026-08-03"},
    ),
    "WarrantyCheck": (MUNICIPAL, {"warranty_result": "ok"}),
    "Repair": (CREW, {"repair_note": "已修补"}),
}
"""Who does a step when all goes well, and what they answer."""


def apply(city: City, by: str = APPLICANT, **other: Any) -> int:
    """A permit applied for; what the system finds is written."""
    case = city.start("excavation_permit", {**APPLIED, **other}, by)
    city.run_due()
    return case


_places = itertools.count()


def accepted(city: City, **other: Any) -> int:
    """A permit that both authorities review, on a stretch of its own."""
    begins = next(_places) * 2 % 600
    case = apply(city, **{"begins_m": begins, "ends_m": begins + 1, **other})
    do(city, case, "Accept")
    return case


def do(city: City, case: int, *nodes: str, by: str | None = None, **answers: Any) -> None:
    """Complete the open tasks at these nodes, one after another, and what follows by itself."""
    for node in nodes:
        who, usual = ANSWERS[node]
        city.complete(task_at(city, case, node), {**usual, **answers}, by or who)
        city.run_due()


def nodes(city: City, case: int) -> list[str]:
    """Where its open tasks are."""
    return sorted(t.node for t in city.tasks(case))


def facts(city: City, case: int) -> dict[str, Any]:
    """Its facts."""
    found: dict[str, Any] = city.instance(case)["facts"]
    return found


def reviewed(city: City, case: int, **decision: Any) -> None:
    """Both authorities agree, and it is decided."""
    do(city, case, "MunicipalReview", "TrafficReview")
    do(city, case, "Decide", **decision)


def granted(city: City, **other: Any) -> int:
    """A permit that was delivered: the works go on."""
    case = apply(city, **other)
    do(city, case, "Accept")
    reviewed(city, case)
    do(city, case, "Issue")
    return case


def segment(city: City, key: str, **columns: Any) -> str:
    """A segment of the register as a test wants it."""
    rows = [row for row in registers.rows(city.core, "road_segments") if row["key"] != key]
    base = next(row for row in registers.rows(city.core, "road_segments") if row["key"] == FREE)
    registers.load(city.core, "road_segments", "key", [*rows, {**base, "key": key, **columns}])
    return key


def years_before(day: str, years: int, days: int = 0) -> str:
    """The corresponding day so many years before, and days after that."""
    at = date.fromisoformat(day)
    return (at.replace(year=at.year - years) + timedelta(days=days)).isoformat()


def here(at: datetime, city: City) -> str:
    """The minute here."""
    return at.astimezone(city.world().zone).isoformat(timespec="minutes")[:16]
