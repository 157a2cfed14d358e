"""Two emergency plans: ice on the roads that is being dealt with now, and a spill of last week, reviewed and put to rest."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from web.demo.tales import Tale

COORDINATOR = ("command_centre", "coordinator")
ORDERS: dict[str, dict[str, Any]] = {
    "SignOrder": {"receipt_decision": "accept"},
    "CarryOut": {"order_result": "done", "done_note": "已按要求完成，人员机械在岗。", "people": 12, "vehicles": 3},
    "ReportUp": {"up_way": "phone", "up_to": "省应急管理厅值班室", "up_text": "已启动响应，暂无人员伤亡。"},
}


def tales() -> list[Tale]:
    """One that runs, with orders signed for and some of them done, and one that is over."""
    return [_ice(), _spill()]


def _ice() -> Tale:
    start_order = {
        "order_decision": "start",
        "matter": "夜间道路结冰应对",
        "duration_hours": 12,
        "measures": "桥梁、匝道、学校、医院周边先行撒布，桥面限速，各街镇组织扫雪并定时报告。",
    }
    reported = {"title": "夜间道路结冰黄色预警应对", "signal": "yellow", "signal_kind": "ice", "source": "agency"}
    return Tale(
        "plan_snow",
        COORDINATOR,
        timedelta(hours=3),
        {**reported, "area": "qianjiang", "description": "气象部门发布道路结冰黄色预警，桥面、坡道易结冰。"},
        {
            "Verify": {"verify_decision": "real", "signal": "yellow"},
            "StartOrder": start_order,
            "Roster": {"crews": 86, "spreaders": 14, "salt_stock": 120, "salt_enough": "yes"},
            **ORDERS,
        },
        4,
        last=("CarryOut",),
    )


def _spill() -> Tale:
    lesson = {"lesson": "在东风路增设遗洒抓拍点位", "unit": "enforcement_brigade", "deadline": "2026-12-31"}
    return Tale(
        "plan_spill",
        COORDINATOR,
        timedelta(days=9),
        {
            "title": "东风路泥浆遗洒约 80 平方米",
            "area": "dongfeng",
            "place": "东风路 15 号",
            "area_m2": 80,
            "substance": "mud",
        },
        {
            "Verify": {"verify_decision": "real", "area_m2": 80, "substance": "mud"},
            "StartOrder": {
                "order_decision": "start",
                "matter": "东风路泥浆遗洒处置",
                "duration_hours": 6,
                "measures": "警戒、铲除、冲洗，追查车辆。",
            },
            **ORDERS,
            "OnSite": {"cordon_m": 60, "lanes_shut": 1},
            "Identify": {"substance": "mud"},
            "CleanUp": {"clean_means": "人工铲除后高压冲洗", "clean_cost": 2600},
            "RoadOpen": {"open_at": "2026-06-01T10:20:00+08:00", "skid_checked": True},
            "TraceVehicle": {"vehicle_found": "unknown"},
            "Assess": {"assess_decision": "end", "assess_reason": "路面清洗完毕，已恢复通行。"},
            "StandDownOrder": {
                "end_decision": "end",
                "end_reason": "污染清除，道路恢复通行",
                "lifted": "解除车道封闭",
                "announcement": "东风路已恢复正常通行。",
            },
            "AfterAction": {
                "course": "接报 12 分钟到场，两小时内清洗完毕。",
                "cause": "渣土车密闭不严",
                "loss": "无人员伤亡，占道两小时",
                "review_text": "该路段缺少抓拍点位，未能查明车辆。",
                "lessons": [lesson],
            },
            "ApproveReview": {"review_decision": "approve", "review_remark": "同意"},
            "ReportHigher": {"higher_number": "潜城管应〔2026〕6号", "higher_on": "2026-06-05"},
            "DoLesson": {"lesson_note": "已增设两处抓拍点位并接入平台。"},
            "CheckLesson": {"lesson_decision": "accept"},
        },
        8,
        last=("Assess",),
    )
