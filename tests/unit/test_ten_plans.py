"""What makes each of the ten emergency plans another: its triggers, orders, units, minutes and steps, each true to its rows (domain A3)."""

from __future__ import annotations

import datetime as dt
import re
from itertools import combinations
from typing import Any

import pytest

from engine import dmn
from tests.plans import OWN, REPORTS, rows_of
from web.setting_up import read_table
from web.wiring import PROCESSES

PLANS = sorted(REPORTS)
NOW = dt.datetime(2026, 6, 22, 12, tzinfo=dt.UTC)
REGISTERS = PROCESSES / "registers"

GRADES: dict[str, list[tuple[dict[str, Any], int]]] = {
    "plan_waste": [({"backlog_days": 0.5}, 4), ({"backlog_days": 1}, 3), ({"backlog_days": 2.5}, 2), ({"backlog_days": 3.1}, 1),
                   ({"leachate": True}, 1), ({"waste_fire": True}, 1), ({"epidemic": True}, 1)],
    "plan_snow": [({"signal": "blue"}, 4), ({"signal": "yellow"}, 3), ({"signal": "orange"}, 2), ({"signal": "red"}, 1),
                  ({"signal": "blue", "traffic_stopped": True}, 1)],
    "plan_spill": [({"area_m2": 49}, 4), ({"area_m2": 50}, 3), ({"substance": "chemical", "area_m2": 1}, 2), ({"length_m": 1001}, 2),
                   ({"drains_hit": True}, 1), ({"injuries": 1}, 1)],
    "plan_road": [({"road_state": "passable"}, 4), ({"road_state": "lane_closed"}, 3), ({"road_state": "road_closed"}, 2),
                  ({"pipe_burst": True}, 2), ({"casualties": 1}, 1)],
    "plan_bridge": [({"reading_ratio": 1.1}, 4), ({"crack_mm": 0.3}, 3), ({"overload": True}, 3), ({"closure_needed": True}, 2),
                    ({"bridge_hit": True}, 1), ({"collapse": True}, 1), ({"casualties": 1}, 1)],
    "plan_flood": [({"rain_signal": "blue"}, 4), ({"depth_cm": 15}, 4), ({"depth_cm": 16}, 3), ({"depth_cm": 31}, 2), ({"depth_cm": 51}, 1),
                   ({"underpass_cm": 26}, 4), ({"underpass_cm": 27}, 1), ({"rain_signal": "red"}, 1), ({"flood_response": 2}, 2)],
    "plan_cover": [({"missing_count": 1}, 4), ({"missing_count": 2}, 3), ({"missing_count": 1, "on_carriageway": True}, 3),
                   ({"injuries": 1}, 2), ({"deaths": 1}, 1), ({"missing_count": 20}, 1)],
    "plan_furniture": [({"unsafe_count": 1}, 4), ({"whole_row": True}, 3), ({"wind_force": 7}, 4), ({"wind_force": 8}, 2),
                       ({"injuries": 1}, 1)],
    "plan_illegal_building": [({}, 4), ({"resistance": True}, 3), ({"crowd": 30}, 2), ({"violence": True}, 1)],
    "plan_muck": [({"dirty_vehicles": 1}, 4), ({"spill_m2": 1}, 3), ({"night_convoy": True}, 3), ({"road_blocked": True}, 2),
                  ({"dump_slip": True}, 1), ({"casualties": 1}, 1)],
}  # fmt: skip
"""Readings at the edges that domain A3 names, and their level."""

FIRST: dict[str, dict[str, int]] = {
    "plan_waste": {"SwitchPlant": 30, "Reroute": 60, "Monitor": 120},
    "plan_snow": {"TrafficControl": 30, "Passable": 60},
    "plan_spill": {"OnSite": 15, "EcologyHandles": 30, "CleanUp": 30},
    "plan_road": {"Fence": 15, "NameOwners": 30, "CloseValve": 60},
    "plan_bridge": {"LimitOrClose": 10, "ExpertLook": 60, "DetectionCar": 120, "Opinion": 24 * 60},
    "plan_flood": {"PumpDry": 60, "PowerOff": 30},
    "plan_cover": {"Guard": 10, "NameOwner": 30, "CoverOn": 120},
    "plan_furniture": {"CordonOff": 30, "ListByStreet": 60},
    "plan_illegal_building": {"StopOrder": 30, "Evidence": 120},
    "plan_muck": {"StopVehicle": 15, "WashRoad": 30, "SealSite": 60, "StabilityCheck": 120},
}
"""Minutes from the start of the first tasks (domain A3)."""


def diagram(plan: str) -> str:
    return (PROCESSES / plan / f"{plan}.bpmn").read_text()


def table(plan: str) -> Any:
    reading = dmn.read(f"{plan}_level.dmn", (PROCESSES / plan / f"{plan}_level.dmn").read_bytes())
    assert reading.model is not None, reading.problems
    return reading.model


@pytest.mark.parametrize("plan", PLANS)
def test_readings_make_the_level_that_the_plan_names(plan: str) -> None:
    model = table(plan)
    names = model.decisions[f"{plan}_level"].inputs
    assert {level for _, level in GRADES[plan]} == {1, 2, 3, 4}
    for readings, level in GRADES[plan]:
        data = {**dict.fromkeys(names), **readings}
        assert model.evaluate(f"{plan}_level", data, now=NOW, zone=dt.UTC) == level, (plan, readings)


def own_steps(plan: str) -> set[str]:
    return set(re.findall(r'<bpmn:userTask id="(\w+)"', diagram(plan))) - {"Verify"}


def test_no_two_plans_are_alike() -> None:
    shown: dict[str, dict[str, set[Any]]] = {}
    for plan in PLANS:
        rows = rows_of(plan)
        shown[plan] = {
            "orders": {row["order_zh"] for row in rows},
            "english": {row["order_en"] for row in rows},
            "units": {(row["level"], row["unit"]) for row in rows},
            "minutes": {(row["level"], row["unit"], row["minutes"]) for row in rows},
            "steps": own_steps(plan),
            "readings": set(table(plan).decisions[f"{plan}_level"].inputs),
        }
        assert {row["level"] for row in rows} == {1, 2, 3, 4}, f"{plan}: every level adds something"
        assert {row["unit"] for row in rows if row["level"] == 4 and row["reports"] == "true"}, (
            f"{plan}: somebody reports"
        )
        assert len(shown[plan]["steps"]) >= 4
    for one, other in combinations(PLANS, 2):
        for what in ("units", "minutes", "readings"):
            assert shown[one][what] != shown[other][what], (one, other, what)
        treated = {"救治受伤人员", "现场救护、转运伤员"}
        assert shown[one]["orders"] & shown[other]["orders"] <= treated, (one, other)
        assert shown[one]["steps"] & shown[other]["steps"] == set(), (one, other)


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_is_true_to_its_rows(plan: str) -> None:
    timed = {row["step"]: int(row["minutes"]) for row in read_table("plan_steps", REGISTERS) if row["plan"] == plan}
    assert FIRST[plan].items() <= timed.items()
    asked = set(re.findall(r"step: (?:&quot;|\")(\w+)", diagram(plan)))
    assert asked == set(timed), "each row is a step, each step on the continuous clock has its row"
    assert asked <= own_steps(plan)
    assert set(OWN[plan]) <= own_steps(plan)
    levels = {int(row["level"]): row for row in read_table("plan_levels", REGISTERS) if row["plan"] == plan}
    assert {level: int(row["report_minutes"]) for level, row in levels.items()} == {4: 240, 3: 120, 2: 60, 1: 30}
    assert {levels[n]["unit"] for n in (3, 4)} == {"city_management_bureau"}
    assert {levels[n]["unit"] for n in (1, 2)} == {"city_government"}
    for row in levels.values():
        assert int(row["substitute_minutes"]) < int(row["head_minutes"]) < int(row["leader_minutes"])
    known = {row["key"] for row in read_table("units")}
    for row in rows_of(plan):
        assert row["unit"] in known
        assert 0 < row["receipt_minutes"] <= row["minutes"]
        assert row["source"]
