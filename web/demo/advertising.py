"""Permits of the demonstration for outdoor advertising and construction waste, at different stages: just received, to be corrected, before
the consent, before the decision, in force, with a safety test due, and one that should be gone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from web.demo.plan import ZONE
from web.demo.tales import Tale

Answers = dict[str, dict[str, Any]]

DAY = timedelta(days=1)
CARRIED = "龙湾路商住楼基坑渣土清运"
APPLICANT, WINDOW = ("public", "applicant"), ("service_hall", "window")
CONTACT = {"contact": "周经理", "phone": "13800000000"}

ACCEPT: Answers = {"Accept": {"accept_decision": "accept"}}
CONSENTED: Answers = {**ACCEPT, "Consent": {"consent_opinion": "agree", "consent_note": "符合户外广告设置专项规划"}}
CHECKED: Answers = {
    **CONSENTED,
    "SiteCheck": {"officers": ["fengdawei", "bijianjun"], "site_result": "ok", "site_note": "墙体结构良好，不影响采光和消防"},
}  # fmt: skip


def tales(now: datetime) -> list[Tale]:
    """The permits, the oldest first."""
    today = now.astimezone(ZONE).date()
    return [*_advertising(today), *_waste(today)]


def _advertising(today: date) -> list[Tale]:
    def sign(starter: tuple[str, str], ago: int, first: int, days: int, answers: Answers, said: dict[str, Any]) -> Tale:
        """Asked for so many days ago, from the day `first` (seen from today) on, for so many days."""
        begins = today + first * DAY
        dates = {"wanted_from": begins.isoformat(), "wanted_until": (begins + days * DAY).isoformat()}
        start = {"applicant": "潜江市水乡广告有限公司", **CONTACT, "area": "zhanghua", **dates, **said}
        return Tale("advertising_permit", starter, ago * DAY + timedelta(hours=7), start, answers, 45)

    late = 378  # a year, a test that fell due, and a fortnight to hand it in
    removed = {"removed_on": (today - 13 * DAY).isoformat(), "removed_note": "已于活动结束次日拆除"}
    missing = {"accept_decision": "supplement", "missing": "场地使用权证明（现附合同已过期）；全景彩色效果图"}
    return [
        sign(WINDOW, late, -late, 1000, _granted(today - late * DAY), {
            "title": "潜阳路公交候车亭灯箱", "ad_type": "large", "site": "GG-016", "place": "潜阳路 52 号", "width_m": 4, "height_m": 2.5,
        }),
        sign(WINDOW, 30, -29, 14, {**_granted(today - 29 * DAY), "Remove": removed}, {
            "title": "龙虾节章华广场充气拱门", "ad_type": "temporary", "event_name": "潜江龙虾节", "place": "章华广场",
            "width_m": 12, "height_m": 5,
        }),
        sign(APPLICANT, 12, 5, 1500, _granted(today - 11 * DAY), {
            "title": "章华路商场外墙电子屏", "ad_type": "led", "site": "GG-015", "place": "章华路 133 号", "width_m": 8, "height_m": 5,
        }),
        sign(WINDOW, 6, 20, 700, ACCEPT, {
            "title": "南门河路商铺门头广告", "ad_type": "ordinary", "place": "南门河路 28 号", "width_m": 3, "height_m": 1,
        }),
        sign(APPLICANT, 4, 20, 1000, CHECKED, {
            "title": "广华大道楼体大型广告", "ad_type": "large", "place": "广华大道 60 号", "area": "guanghuasi",
            "width_m": 10, "height_m": 6,
        }),
        sign(APPLICANT, 3, 15, 900, {"Accept": missing}, {
            "title": "潜阳路站牌广告", "ad_type": "large", "site": "GG-023", "place": "潜阳路 73 号", "width_m": 4, "height_m": 3,
        }),
        sign(WINDOW, 0, 30, 1500, {}, {
            "title": "东方路电子显示屏", "ad_type": "led", "site": "GG-001", "place": "东方路 138 号", "width_m": 6, "height_m": 4,
        }),
    ]  # fmt: skip


def _granted(on: date) -> Answers:
    return {
        **CHECKED,
        "Decide": {"decision": "grant", "decision_note": "符合规划和安全条件，准予设置"},
        "Deliver": {"delivered_how": "direct", "delivered_on": on.isoformat(), "issued_to": "周经理"},
    }


def _waste(today: date) -> list[Tale]:
    reviewed: Answers = {
        **ACCEPT,
        "Review": {
            "officers": ["duwenbin", "fengdawei"],
            "review_result": "agree",
            "review_note": "车辆密闭、定位在线",
        },
    }
    issued: Answers = {
        **reviewed,
        "Decide": {"decision": "grant", "decision_note": "符合核准条件"},
        "Deliver": {"delivered_how": "direct", "delivered_on": (today - 9 * DAY).isoformat(), "issued_to": "刘经理"},
    }
    return [
        _load(10, CARRIED, ["V-001", "V-002"], 12000, today, issued),
        _load(2, "章华中路旧楼拆除垃圾清运", ["V-001"], 2600, today, reviewed),
    ]


def _load(ago: int, title: str, vehicles: list[str], amount: int, today: date, answers: Answers) -> Tale:
    start = {
        "applicant": "潜江市宏达渣土运输有限公司",
        **CONTACT,
        "title": title,
        "carrier": "YS-01",
        "vehicles": vehicles,
        "waste_kind": "soil" if amount > 10000 else "demolition",
        "volume_m3": amount,
        "area": "zhanghua",
        "place": "章华中路工地",
        "route": "章华中路—周矶大道，21:00 至次日 5:00",
        "disposal_site": "周矶建筑垃圾消纳场",
        "wanted_from": today.isoformat(),
        "wanted_until": (today + 180 * DAY).isoformat(),
    }
    return Tale("waste_transport_permit", WINDOW, ago * DAY, start, answers, 90)
