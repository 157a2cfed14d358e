"""The ten emergency plans played through by those who hold the posts: what each one's own steps are answered with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from engine.tables import task
from tests.emergency import COORDINATOR, ORDER, answer, open_at
from web.setting_up import read_table
from web.wiring import PROCESSES

if TYPE_CHECKING:
    from web.city import City

Row = dict[str, Any]
AT: Final = "2026-06-22T12:00:00+08:00"

REPORTS: Final[Mapping[str, Row]] = {
    "plan_waste": {"title": "焚烧厂停运", "backlog_days": 1.5, "plant_down": True},
    "plan_snow": {"title": "道路结冰橙色预警", "signal": "orange", "signal_kind": "ice"},
    "plan_spill": {"title": "东风路泥浆遗洒", "area_m2": 80, "length_m": 60, "substance": "mud"},
    "plan_road": {"title": "章华中路塌陷爆管", "road_state": "road_closed", "pipe_burst": True},
    "plan_bridge": {"title": "汉江桥裂缝", "crack_mm": 0.4},
    "plan_flood": {"title": "殷台路积水", "rain_signal": "yellow", "depth_cm": 32},
    "plan_cover": {"title": "章华北路井盖缺失", "missing_count": 1, "on_carriageway": False, "area": "zhanghua"},
    "plan_furniture": {"title": "大风刮倒护栏", "unsafe_count": 3, "whole_row": True, "wind_force": 6},
    "plan_illegal_building": {"title": "抢建阻碍执法", "build_m2": 120, "resistance": True},
    "plan_muck": {"title": "消纳场滑坡", "dirty_vehicles": 2, "dump_slip": True},
}
"""What a coordinator reports, and the level that the plan's own table makes of it."""
LEVELS: Final = {
    "plan_waste": 3,
    "plan_snow": 2,
    "plan_spill": 3,
    "plan_road": 2,
    "plan_bridge": 3,
    "plan_flood": 2,
    "plan_cover": 4,
    "plan_furniture": 3,
    "plan_illegal_building": 3,
    "plan_muck": 1,
}
SHARED: Final[Mapping[str, Row]] = {
    "StartOrder": {**ORDER, "matter": "应急响应"},
    "SignOrder": {"receipt_decision": "accept"},
    "CarryOut": {"order_result": "done", "done_note": "已完成", "people": 6},
    "ReportUp": {"up_way": "phone", "up_to": "省应急管理厅值班室", "up_text": "情况报告"},
    "StandDownOrder": {
        "end_decision": "end",
        "end_reason": "险情解除",
        "lifted": "解除交通管制",
        "announcement": "应急响应终止",
    },
    "AfterAction": {
        "course": "经过",
        "cause": "原因",
        "loss": "无人员伤亡",
        "review_text": "预置不足",
        "lessons": [{"lesson": "补充储备", "unit": "sanitation", "deadline": "2026-07-31"}],
    },
    "ApproveReview": {"review_decision": "approve"},
    "ReportHigher": {"higher_number": "潜政〔2026〕9号", "higher_on": "2026-06-30"},
    "DoLesson": {"lesson_note": "已补充"},
    "CheckLesson": {"lesson_decision": "accept"},
}
GRAVE: Final[Mapping[str, Mapping[str, Row]]] = {
    "plan_illegal_building": {"PoliceAct": {"police_result": "已劝离", "detained": 0}},
}
"""Steps that only the graver levels have."""
OWN: Final[Mapping[str, Mapping[str, Row]]] = {
    "plan_waste": {
        "SwitchPlant": {"reserve_kind": "neighbour", "reserve_place": "仙桃焚烧厂", "reserve_tonnes": 200},
        "Reroute": {"routes": "城东线改道", "lorries": 12, "reserve_carrier": "YS-01"},
        "BacklogCleared": {"backlog_left": 0, "plant_normal": True},
        "Monitor": {"odour": "pass", "leachate_result": "pass"},
        "CostReport": {"down_cause": "炉排检修", "extra_cost": 83000},
    },
    "plan_snow": {
        "Roster": {"crews": 120, "salt_enough": "no"},
        "BringSalt": {"salt_from": "天门", "salt_brought": 40},
        "Passable": {"main_roads_open": 18, "main_roads_shut": 0, "bridges_treated": 18},
        "SignalLifted": {"lifted_at": AT},
        "RoadsClear": {"roads_clear": True, "clear_at": AT},
        "TrafficControl": {"control": "limit", "control_where": "高架桥限速 40"},
        "SaltDamage": {"salt_total": 62, "damage_found": True, "damage": "绿化带受损"},
    },
    "plan_spill": {
        "OnSite": {"cordon_m": 50},
        "Identify": {"substance": "mud"},
        "CleanUp": {"clean_means": "铲除后冲洗", "clean_cost": 3000},
        "RoadOpen": {"open_at": AT, "skid_checked": True},
        "TraceVehicle": {"vehicle_found": "found", "plate": "鄂N12345"},
        "CostRecovery": {"recover_amount": 3000},
    },
    "plan_road": {
        "Fence": {"fence_m": 30},
        "NameOwners": {"pipe_owners": ["water_supply", "telecom"]},
        "OwnerOnSite": {"leak": "leak"},
        "CloseValve": {"valve_closed_at": AT},
        "GroundSafe": {"cavity_checked": True, "filled": "concrete"},
        "DetourNotice": {"detour": "走东风路"},
        "Acceptance": {"accept_result": "pass"},
    },
    "plan_bridge": {
        "LimitOrClose": {"bridge_measure": "closed", "measure_at": AT},
        "ExpertLook": {"expert": "王工", "expert_opinion": "裂缝稳定", "expert_advice": "keep"},
        "DetectionCar": {"detected": "裂缝 0.4 毫米"},
        "Opinion": {"bridge_finding": "limited", "opinion_text": "限载可通行"},
        "ReopenOrder": {"reopen_decision": "open"},
        "DetectionReport": {
            "report_number": "QJ-2026-7",
            "bridge": "QL-03",
            "detected_on": "2026-06-24",
            "bridge_grade": "D",
        },
    },
    "plan_flood": {
        "StaffPumps": {"pumps_manned": 9, "sluices_manned": 16},
        "ListSpots": {
            "spots": [
                {"spot": "殷台路下穿", "depth": 31, "underpass": True},
                {"spot": "南门河路", "depth": 18, "electric": True},
            ]
        },
        "CloseUnderpass": {"closed_at": AT},
        "PowerOff": {"power_off_at": AT},
        "PumpDry": {"drained_at": AT},
        "Reopen": {"reopened_at": AT, "lining_checked": True},
        "WaterGone": {"water_state": "gone"},
        "SiltCleared": {"silt_m3": 12},
        "SpotRegister": {"spot_measures": "增设泵"},
    },
    "plan_cover": {
        "Guard": {"guard_note": "已围挡看护"},
        "NameOwner": {"cover_owner": "water_supply", "cover_kind": "water", "theft": True},
        "CoverOn": {"covers_on": 1},
        "PoliceReport": {"police_number": "潜公〔2026〕3"},
        "OwnerRecord": {"manhole": "JG-0003", "cover_owner": "water_supply"},
    },
    "plan_furniture": {
        "CordonOff": {"cordon_note": "已警戒"},
        "ListByStreet": {
            "objects": [
                {"street": "章华路", "object": "护栏", "item": "CJ-0001", "owner": "municipal_works"},
                {"street": "东风路", "object": "灯杆", "owner": "street_lighting"},
            ]
        },
        "RemoveOrProp": {"fix_result": "propped"},
        "RegisterUpdate": {"updated": "恢复 30 米护栏"},
    },
    "plan_illegal_building": {
        "StopOrder": {"stop_number": "潜停〔2026〕1号", "stop_party": "某户", "stop_served": "left"},
        "Evidence": {"officers": "甲、乙", "measured_m2": 118},
        "PlanningOpinion": {"planning_result": "not", "planning_text": "无许可"},
        "AskUtilities": {"utilities": ["water_supply", "power_supply"], "utilities_text": "请不予办理"},
        "Withhold": {"withheld": "yes"},
        "LegalSteps": {"case_filed_on": "2026-06-23", "legal_note": "已立案"},
    },
    "plan_muck": {
        "StopVehicle": {"plate": "鄂N54321", "permit_shown": "none"},
        "WashRoad": {"washed_m2": 400},
        "SealSite": {"site_name": "某工地", "sealed": "sealed"},
        "StabilityCheck": {"stable": "stable"},
        "SuspendPermit": {
            "muck_carrier": "YS-03",
            "suspend_decision": "suspend",
            "suspend_until": "2026-09-30",
            "suspend_reason": "无核准",
        },
    },
}
WRITTEN: Final[Mapping[str, tuple[str, str, Row]]] = {
    "plan_waste": ("carriers", "YS-01", {"state": "admitted", "called_on": "2026-06-10"}),
    "plan_bridge": ("bridges", "QL-03", {"inspected": "2026-06-24", "grade": "D", "load": 49}),
    "plan_furniture": (
        "street_furniture",
        "CJ-0001",
        {"state": "propped", "checked": "2026-06-10", "owner": "municipal_works"},
    ),
    "plan_cover": ("manholes", "JG-0003", {"owner": "water_supply", "checked": "2026-06-10", "state": "good"}),
    "plan_muck": ("carriers", "YS-03", {"state": "suspended", "suspended_until": "2026-09-30"}),
}
"""What stands in a register after the plan: register, row, columns. What nobody said stays as it was."""
WAITING: Final = ("Assess", "SituationReport")
"""Open all along: nobody has to do them for the rest to go on."""


def opened(city: City, case: int) -> list[Row]:
    """The open tasks, oldest first."""
    with city.core.db.read() as connection:
        query = select(task).where(task.c.instance_id == case, task.c.state == "open").order_by(task.c.id)
        return [dict(row) for row in connection.execute(query).mappings()]


def play(city: City, case: int, plan: str, *, orders: int = 3) -> list[str]:
    """Do what is open, step by step, until nothing but the waiting ones is left, and those of the orders beyond the first `orders`.
    Answers the nodes that were done."""
    done: list[str] = []
    answers = {**SHARED, **OWN[plan], **GRAVE.get(plan, {})}
    while True:
        city.run_due()
        nodes = {row["node"] for row in opened(city, case)} - {*WAITING}
        if done.count("SignOrder") >= orders:
            nodes -= {"SignOrder"}
        if not nodes:
            return done
        for node in sorted(nodes):
            while open_at(city, case, node) and not (node == "SignOrder" and done.count(node) >= orders):
                answer(city, case, node, answers[node])
                done.append(node)
                assert len(done) < 200, f"{plan}: round and round at {node}"


def assess(city: City, case: int, decision: str, **more: Any) -> None:
    """The coordinator proposes."""
    answer(city, case, "Assess", {"assess_decision": decision, "assess_reason": "研判", **more})


def started(city: City, plan: str, **report: Any) -> int:
    """A plan reported by a coordinator and verified: its start order waits to be signed."""
    given = {"area": "qianjiang", **REPORTS[plan], **report}
    case = city.start(plan, given, COORDINATOR)
    readings = {name: value for name, value in given.items() if name not in ("title", "area")}
    answer(city, case, "Verify", {"verify_decision": "real", **readings})
    return case


@lru_cache
def _orders() -> tuple[Row, ...]:
    rows = read_table("plan_orders", PROCESSES / "registers")
    return tuple({**row, **{n: int(row[n]) for n in ("level", "receipt_minutes", "minutes")}} for row in rows)


def rows_of(plan: str, level: int = 1) -> list[Row]:
    """The orders of a plan that apply at a level."""
    return [row for row in _orders() if row["plan"] == plan and row["level"] >= level]
