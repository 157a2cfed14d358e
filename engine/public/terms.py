"""What the city sets for its public side: rows of `setting`, with these proposals where a row is missing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from engine import settings
from engine.errors import NotFound

DEFAULTS: dict[str, Any] = {
    "public_open": True,
    "public_process": "case_dispatch",
    "public_form": "public",
    "public_source": "web",
    "public_source_wechat": "wechat",
    "public_reports_by_address_and_hour": 30,
    "public_reports_by_phone_and_day": 10,
    "public_wrong_codes_by_address_and_hour": 20,
    "public_messages_by_report_and_day": 20,
    "public_hold_by_address_and_hour": 6,
    "public_hold_seconds": 3,
    "public_hold_words": ["http://", "https://", "www.", "加微信", "代开发票", "办证", "贷款", "博彩", "刷单"],
    "public_duplicate_metres": 150,
    "public_duplicate_days": 30,
    "public_duplicate_sources": ["collector", "hotline_12345", "wechat", "web", "media"],
    "public_reopen_days": 30,
    "public_shows_units": False,
    "public_shows_facts": [],
    "public_stages": {},
    "public_notice": {
        "zh": "您的联系方式加密保存，只用于核实和答复本问题，到期自动删除；承办单位看不到。",
        "en": "Your contact is kept encrypted, used only to verify and answer this report, and deleted when its time is over. "
        "The unit that handles the problem does not see it.",
    },
}


def read(connection: Connection) -> dict[str, Any]:
    """The terms now in force."""
    return settings.read(connection, DEFAULTS)


def check_open(terms: dict[str, Any]) -> None:
    """NotFound when the city has closed its public side."""
    if not terms["public_open"]:
        raise NotFound(what="page")
