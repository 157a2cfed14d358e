"""Permits of the demonstration to dig up or occupy a road, at different stages: asked for, in review, at work, an emergency dig."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from web.demo.plan import ZONE
from web.demo.tales import Tale

DAY = timedelta(days=1)
APPLICANT, WINDOW = ("public", "applicant"), ("service_hall", "window")

ACCEPT: dict[str, dict[str, Any]] = {"Accept": {"accept_decision": "accept"}}
REVIEW: dict[str, dict[str, Any]] = {
    **ACCEPT,
    "MunicipalReview": {"municipal_opinion": "agree", "ban_note": "活动当日停工，恢复通行"},
    "TrafficReview": {"traffic_opinion": "agree", "traffic_plan": "half"},
}


def tales(now: datetime) -> list[Tale]:
    """The permits, the oldest first."""
    today = now.astimezone(ZONE).date()

    def on(days: int) -> str:
        return (today + days * DAY).isoformat()

    def dig(
        applicant: str, title: str, segment: str, begins: float, ends: float, first: int, last: int
    ) -> dict[str, Any]:
        return {
            "applicant": applicant,
            "applicant_kind": "unit",
            "contact": "周经理",
            "phone": "13800000000",
            "title": title,
            "works": "excavation",
            "method": "open",
            "segment": segment,
            "begins_m": begins,
            "ends_m": ends,
            "width_m": 1.2,
            "purpose": "water",
            "start_on": on(first),
            "finish_on": on(last),
        }

    issued = {
        **REVIEW,
        "Decide": {"decision": "grant", "decision_note": "符合规定，准予许可"},
        "Issue": {
            "fee_paid_on": on(-9),
            "fee_receipt": "鄂财非税 0026118",
            "issued_to": "周经理",
            "delivered_how": "direct",
            "delivered_on": on(-9),
        },
    }
    return [
        Tale(
            "excavation_permit",
            APPLICANT,
            20 * DAY,
            dig("潜江市供水公司", "江汉路给水支管接入", "jianghan-1", 120, 166, -6, 12),
            issued,
            1500,
        ),
        Tale(
            "excavation_permit",
            APPLICANT,
            12 * DAY,
            {
                **dig("潜江市燃气公司", "潜阳路燃气主管改造", "qianyang-3", 40, 220, 15, 35),
                "purpose": "gas",
                "exception_reason": "主管超期服役且有泄漏记录，须在大修禁挖期内更换",
            },
            {
                **REVIEW,
                "CityApproval": {
                    "exception_decision": "approve",
                    "exception_document": f"潜政函〔{today.year}〕18号",
                },
            },
            1300,
        ),
        Tale(
            "excavation_permit",
            APPLICANT,
            9 * DAY,
            dig("湖北某通信公司", "园林路通信管道新建", "yuanlin-3", 10, 130, 10, 20),
            {**ACCEPT, "TrafficReview": {"traffic_opinion": "disagree", "traffic_note": "早晚高峰无交通组织方案"}},
            900,
        ),
        Tale(
            "excavation_permit",
            APPLICANT,
            3 * DAY,
            {**dig("中国电信潜江分公司", "江汉路通信管道接入", "jianghan-1", 150, 210, 3, 14), "purpose": "telecom"},
            ACCEPT,
            400,
        ),
        Tale(
            "excavation_permit",
            WINDOW,
            30 * DAY / 24,
            {
                **dig("潜江市建筑公司", "东方路建筑外立面脚手架", "dongfang-1", 300, 380, 8, 60),
                "works": "occupation",
                "purpose": "site",
                "method": None,
            },
            {"Accept": {"accept_decision": "supplement", "missing": "占道施工的安全防护方案"}},
            60,
        ),
        Tale(
            "excavation_permit",
            WINDOW,
            5 * DAY / 24,
            {**dig("潜江市供电公司", "红梅路电缆沟", "hongmei-2", 0, 90, 20, 32), "purpose": "power"},
            {},
            60,
        ),
        Tale(
            "emergency_dig",
            APPLICANT,
            5 * DAY / 24,
            {
                "applicant": "潜江市供水公司",
                "contact": "周经理",
                "phone": "13800000000",
                "title": "建设路 DN300 供水管爆裂抢修",
                "pipe": "water",
                "cause": "管道爆裂，路面塌陷约 4 平方米，已围护",
                "segment": "jianshe-1",
                "begins_m": 210,
                "ends_m": 222,
                "width_m": 1.5,
                "dug_at": (now - 6 * DAY / 24).isoformat(),
                "finish_on": on(2),
            },
            {"MunicipalReceipt": {"municipal_receipt": "已派员到场"}},
            30,
        ),
    ]
