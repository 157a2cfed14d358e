"""A few documents of the demonstration: one being countersigned, one that waits for its signature, one issued."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from web.demo.plan import ZONE
from web.demo.tales import Tale

_SIGNED: dict[str, dict[str, Any]] = {
    "Review": {"review_note": "情况属实，同意报会签。"},
    "UnitPropose": {"unit_proposal": "涉及我单位的内容与职责相符，拟同意。"},
    "UnitSign": {"countersign_vote": "agree", "countersign_opinion": "同意。"},
}


def tales(now: datetime) -> list[Tale]:
    """Documents as they stand `now`."""
    year = now.astimezone(ZONE).year
    return [
        Tale(
            "document",
            ("municipal_works", "handler"),
            timedelta(hours=9),
            {
                "title": "关于潜阳中路雨污管网改造期间交通组织的通知",
                "document_kind": "notice",
                "urgency": "urgent",
                "document_text": "潜阳中路（章华路至东风路段）雨污管网改造，半幅封闭施工，社会车辆绕行东风路。",
                "countersign_units": ["traffic_police", "drainage", "power_supply"],
            },
            _SIGNED,
            80,
        ),
        Tale(
            "document",
            ("street_order_office", "handler"),
            timedelta(days=2),
            {
                "title": "关于规范夜间经济摊点管理的请示",
                "document_kind": "request",
                "urgency": "usual",
                "document_text": "拟在园林、泰丰两街道设置临时摊点疏导区四处，实行定时定点管理。",
                "countersign_units": ["market_regulation", "sanitation"],
            },
            _SIGNED,
            150,
        ),
        Tale(
            "document",
            ("sanitation", "handler"),
            timedelta(days=6),
            {
                "title": "关于开展城区公厕专项整治的通知",
                "document_kind": "notice",
                "urgency": "usual",
                "document_text": "即日起开展为期一个月的城区公厕专项整治，各单位按职责落实。",
                "countersign_units": ["town_yuanlin", "town_taifeng"],
            },
            {
                **_SIGNED,
                "Issue": {"issue_number": f"潜城管发〔{year}〕31 号", "issue_note": "同意印发。"},
            },
            180,
        ),
    ]
