"""What the city's management does beside its cases, at different steps: bulletins, a meeting, a dispute, fronts of shops, rounds of
inspection, what a carrier did wrong, punishments."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine.core import Core
from engine.tables import instance
from web.demo.advertising import CARRIED
from web.demo.plan import ZONE
from web.demo.tales import PHOTO, Tale

Answers = dict[str, dict[str, Any]]

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
COMMITTEE, OFFICER = ("management_committee", "supervisor"), ("enforcement_brigade", "handler")
COLLECTOR, ASSESSOR = ("supervision_centre", "collector"), ("assessment_office", "assessor")
RECTIFIED: Answers = {
    "Receive": {},
    "Rectify": {"rectify_text": "已按要求整改到位，并安排专人巡查。", "rectify_photos": PHOTO},
    "Check": {"check_result": "pass", "check_text": "现场核查，整改到位"},
}


def tales(now: datetime) -> list[Tale]:
    """One or two of each."""
    return [
        *_bulletins(),
        *_meetings(now),
        *_disputes(),
        *_fronts(),
        *_rounds(now),
        _violation(now),
        *_punishments(now),
    ]


def _bulletins() -> list[Tale]:
    signed: Answers = {"Approve": {"approve_decision": "agree", "approve_note": "同意通报，限期整改"}}
    summary = {"summary_text": "通报的两项问题均已整改并经复核，责任单位已加密巡查频次。"}
    return [
        Tale(
            "problem_bulletin",
            COMMITTEE,
            16 * DAY,
            {
                "title": "章华中路、南门河路市容问题通报",
                "found": "patrol",
                "grade": "general",
                "basis": "日常巡查",
                "problems": [
                    {"unit": "sanitation", "problem": "垃圾箱满溢，周边散落垃圾", "demand": "立即清运，加密频次", "days": 3},
                    {"unit": "drainage", "problem": "雨水篦子堵塞", "demand": "疏通并排查全路段", "days": 5},
                ],
            },
            {**signed, **RECTIFIED, "Summary": summary},
            400,
            also=("assignment",),
        ),
        Tale(
            "problem_bulletin",
            COMMITTEE,
            2 * DAY,
            {
                "title": "第三方考核发现问题通报",
                "found": "third_party",
                "grade": "serious",
                "problems": [
                    {"unit": "sanitation", "problem": "背街小巷清扫不及时", "demand": "三日内整改到位", "days": 3},
                    {"unit": "drainage", "problem": "污水井盖周边路面沉陷", "demand": "设置围护并修复", "days": 5},
                ],
            },
            {**signed, "Receive": {}},
            500,
            also=("assignment",),
        ),
    ]  # fmt: skip


def _meetings(now: datetime) -> list[Tale]:
    def at(days: int) -> str:
        return (
            datetime.combine(now.astimezone(ZONE).date() + days * DAY, datetime.min.time(), ZONE)
            .replace(hour=9)
            .isoformat()
        )

    def titled(days: int) -> str:
        met = now.astimezone(ZONE).date() + days * DAY
        return f"{met.month} 月 {met.day} 日大城管指挥调度会"

    agenda = [
        {"kind": "entered", "matter": "章华中路雨天反复积水", "unit": "drainage"},
        {"kind": "entered", "matter": "冬季除雪物资储备和队伍准备", "unit": "sanitation"},
    ]  # fmt: skip
    said = {
        "meeting_kind": "dispatch",
        "meet_place": "市城管委会议室",
        "invited_units": ["sanitation", "drainage"],
        "entered": [{"matter": row["matter"], "unit": row["unit"]} for row in agenda],
    }
    agreed = {"agenda": agenda, "invited_units": ["sanitation", "drainage"]}
    decisions = [
        {"what": "改造章华中路雨水管，汛期前完工", "unit": "drainage", "days": 30},
        {"what": "备足融雪剂 120 吨，组建 14 台撒布车队伍", "unit": "sanitation", "days": 5},
    ]
    done: Answers = {
        "Agenda": agreed,
        "Invite": {"attend": "yes"},
        "Minutes": {"minutes_text": "会议听取两单位汇报，议定两项，期限见决定事项。", "decisions": decisions},
        "Issue": {"issue_decision": "agree"},
        "Receive": {},
    }
    return [
        Tale(
            "joint_meeting",
            COMMITTEE,
            11 * DAY,
            {"title": titled(-8), "meet_at": at(-8), "next_at": at(12), **said},
            done,
            420,
            also=("assignment",),
            patient=True,
        ),
        Tale(
            "joint_meeting",
            COMMITTEE,
            20 * HOUR,
            {"title": titled(4), "meet_at": at(4), "next_at": at(32), **said},
            {"Agenda": agreed},
            120,
        ),
    ]


def _disputes() -> list[Tale]:
    answers: Answers = {
        "Answer": {"answer_position": "not_ours", "answer_unit": "drainage", "answer_basis": "依市政设施养护分工，雨水设施由排水单位养护"},
    }  # fmt: skip
    said = {"class": "C-0103", "own_unit": "sanitation", "object_basis": "篦子内淤堵属管网养护，路面保洁不含井内清掏"}
    ruled: Answers = {
        "Draft": {
            "ruling_unit": "drainage",
            "ruling_text": "雨水篦子为排水设施，井内清掏由排水单位负责，篦面保洁由环卫单位负责。",
            "ruling_precedent": True,
            "ruling_area": "zhanghua",
        },
        "Rule": {"rule_decision": "agree", "rule_note": "同意，作为同类问题派遣依据"},
    }
    own = ("sanitation", "handler")
    return [
        Tale(
            "responsibility_dispute",
            own,
            13 * DAY,
            {**said, "title": "章华社区雨水篦子清掏归属", "town": "zhanghua", "other_units": ["drainage"]},
            {
                "Answer": {"answer_position": "shared", "answer_basis": "井内由我单位负责，篦面保洁应由环卫负责"},
                **ruled,
            },
            300,
        ),
        Tale(
            "responsibility_dispute",
            own,
            30 * HOUR,
            {**said, "title": "人行道树池积水处置归属", "other_units": ["drainage", "water_supply"]},
            answers,
            200,
        ),
    ]


def _fronts() -> list[Tale]:
    def shop(key: str, ago: timedelta, offence: str, said: str, answers: Answers) -> Tale:
        start = {"shop_key": key, "offence": offence, "description": said}
        return Tale("front_four", COLLECTOR, ago, start, answers, 180)

    served: Answers = {
        "Assign": {"assigned_to": "shop", "days": 3, "assign_note": "上门送达，讲清责任"},
        "Serve": {"served_to": "店主", "serve_photos": PHOTO},
    }
    settled = {**served, "Rectify": RECTIFIED["Rectify"], "Check": {"check_result": "pass", "check_text": "已归店经营"}}
    return [
        shop("MQ-0003", 9 * DAY, "order", "货物摆出店外两米", settled),
        shop("MQ-0012", 2 * DAY, "cleanliness", "店前油污、垃圾未清理", served),
        shop("MQ-0002", 3 * HOUR, "order", "桌椅占用人行道", {}),
    ]


def _rounds(now: datetime) -> list[Tale]:
    today = now.astimezone(ZONE).date()

    def plan(title: str, first: int, last: int, **more: Any) -> dict[str, Any]:
        period = {"period_from": (today + first * DAY).isoformat(), "period_to": (today + last * DAY).isoformat()}
        return {
            "title": title,
            "frame": "areas",
            "sample_size": 5,
            "standard": "城市管理第三方考核评分细则",
            **period,
            **more,
        }

    def titled(days: int) -> str:
        begun = today + days * DAY
        return f"{begun.year} 年 {begun.month} 月第三方考核"

    agreed: Answers = {"Approve": {"approve_decision": "agree"}}
    seen = {"score": 88, "inspect_photos": PHOTO, "inspect_note": "主干道较好，背街小巷有少量暴露垃圾"}
    told = {"publish_text": "本轮考核抽查 5 个点位，总体较好，通报如下。"}
    done: Answers = {**agreed, "Inspect": seen, "Review": {"review_decision": "uphold"}, "Publish": told}
    return [
        Tale("third_party_round", ASSESSOR, 24 * DAY, plan(titled(-24), -40, -10, towns=["yuanlin"]), done, 500),
        Tale("third_party_round", ASSESSOR, 2 * DAY, plan(titled(-2), -9, 20), {**agreed, "Inspect": seen}, 600),
    ]


def _violation(now: datetime) -> Tale:
    def said(core: Core) -> dict[str, Any]:
        with core.db.read() as connection:
            number = connection.execute(select(instance.c.number).where(instance.c.title == CARRIED)).scalar_one()
        happened = (now - 2 * DAY).astimezone(ZONE).date().isoformat()
        return {
            "case_number": number,
            "title": "夜查发现沿途遗撒",
            "violation": "spilled",
            "vehicle": "V-001",
            "area": "zhanghua",
            "place": "周矶大道",
            "happened_on": happened,
        }

    confirmed: Answers = {"Confirm": {"confirm_decision": "confirm", "confirm_note": "现场照片、过磅记录清楚"}}
    return Tale("waste_violation", OFFICER, 2 * DAY, said, confirmed, 300)


def _punishments(now: datetime) -> list[Tale]:
    today = now.astimezone(ZONE).date()

    def on(days: int) -> str:
        return (today + days * DAY).isoformat()

    number = f"潜城罚〔{today.year}〕31号"
    officers = {
        "officers": ["lvshuhua", "gengdongmei"],
        "inquiry_text": "现场勘验、询问当事人，制作笔录",
        "proposal": "punish",
    }
    filed: Answers = {"File": {"file_decision": "file"}, "Inquire": officers}
    return [
        Tale(
            "enforcement",
            OFFICER,
            15 * DAY,
            {
                "title": "擅自设置大型户外广告",
                "party": "潜江市某商贸公司",
                "area": "zhanghua",
                "place": "章华中路 1 号",
                "facts_text": "未经许可在楼顶设置大型户外广告一处，面积约 60 平方米",
                "law_text": "《城市市容和环境卫生管理条例》第三十六条",
            },
            {
                **filed,
                "Notice": {"intended": "责令限期拆除，罚款五千元", "notice_on": on(-13)},
                "Hear": {"heard": "waive", "statement": "当事人书面放弃陈述申辩和听证"},
                "LegalReview": {"legal_review": "pass", "legal_note": "事实清楚，程序合法"},
                "Decide": {"penalty_decision": "punish", "penalty_text": "责令拆除，罚款五千元", "penalty_number": number},
                "Serve": {"served_how": "direct", "served_on": on(-9)},
            },
            600,
        ),
        Tale(
            "enforcement",
            OFFICER,
            3 * DAY,
            {
                "title": "运输车辆沿途遗撒泥浆",
                "party": "潜江市某渣土运输公司",
                "area": "dongfeng",
                "place": "东风路 15 号",
                "facts_text": "车辆未密闭，沿途遗撒泥浆约 80 平方米",
                "law_text": "《城市建筑垃圾管理规定》第二十三条",
            },
            {**filed, "Notice": {"intended": "责令改正，罚款六千元", "notice_on": on(-1)}},
            500,
        ),
    ]  # fmt: skip
