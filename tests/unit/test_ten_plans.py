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
    "plan_snow": {},
    "plan_spill": {"OnSite": 15, "EcologyHandles": 30, "CleanUp": 30},
    "plan_road": {"Fence": 15, "OwnerOnSite": 30, "CloseValve": 60},
    "plan_bridge": {"LimitOrClose": 10, "ExpertLook": 60, "DetectionCar": 120, "Opinion": 24 * 60},
    "plan_flood": {},
    "plan_cover": {"Guard": 10, "NameOwner": 30, "CoverOn": 120},
    "plan_furniture": {"CordonOff": 30, "RemoveOrProp": 60},
    "plan_illegal_building": {"StopOrder": 30, "Evidence": 120},
    "plan_muck": {"StopVehicle": 15, "WashRoad": 30, "SealSite": 60, "StabilityCheck": 120},
}
"""Minutes from the start of the first tasks that domain A3 numbers and a step of the plan's own does; what A3 wants at once (0) has
minutes of its own, and says so."""

AT_ONCE = {"plan_snow": "Roster", "plan_flood": "StaffPumps"}

ORDERED: dict[str, set[tuple[int, str, str, int]]] = {
    "plan_waste": {(4, "sanitation", "备用填埋场", 30), (4, "sanitation", "清运线路", 60), (3, "ecology", "臭气", 120)},
    "plan_snow": {(4, "sanitation", "桥梁、匝道", 30), (4, "sanitation", "学校、医院", 30)},
    "plan_road": {(2, unit, "30 分钟内", 30) for unit in ("water_supply", "gas_supply", "power_supply", "telecom")},
    "plan_flood": {(4, "drainage", "打开雨水箅", 30), (2, "drainage", "移动泵车", 60)},
    "plan_cover": {(4, "municipal_works", "查明权属", 30), (3, "telecom", "补装", 120)},
    "plan_muck": {(4, "sanitation", "冲洗", 30), (3, "construction_waste", "封闭出土工地", 60)},
}
"""From which level on, who, a word of the order, minutes: the first tasks of domain A3 that are ordered."""

TOWN = "town_yuanlin"
UTILITIES = {"water_supply", "gas_supply", "power_supply", "telecom"}
WITH: dict[str, set[str]] = {
    "plan_waste": {"ecology", "housing_construction", "health", TOWN, "waste_plant"},
    "plan_snow": {"traffic_police", "housing_construction", "transport", "meteorology", "power_supply", "water_supply", TOWN},
    "plan_spill": {"traffic_police", "ecology", "fire_rescue", "emergency"},
    "plan_road": {"traffic_police", "housing_construction", *UTILITIES},
    "plan_bridge": {"traffic_police", "emergency", "housing_construction", "bridge_testing"},
    "plan_flood": {"water_lakes", "meteorology", "traffic_police", "power_supply", TOWN},
    "plan_cover": {"drainage", "police", *UTILITIES},
    "plan_furniture": {TOWN, "street_lighting", "bus_company"},
    "plan_illegal_building": {TOWN, "natural_resources", "police", "water_supply", "power_supply", "justice"},
    "plan_muck": {"housing_construction", "traffic_police", "ecology", "water_lakes", "natural_resources"},
}  # fmt: skip
"""Whom domain A3 names with the lead: each has an order."""


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


def thrown(plan: str) -> set[str]:
    return set(re.findall(r'<bpmn:intermediateThrowEvent id="(\w+)"', diagram(plan)))


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
    own = {row["step"]: row for row in read_table("plan_steps", REGISTERS) if row["plan"] == plan}
    assert all(bool(row["minutes"]) != bool(row["days"]) for row in own.values()), (
        "minutes, or working days after the response"
    )
    timed = {step: int(row["minutes"]) for step, row in own.items() if row["minutes"]}
    assert FIRST[plan].items() <= timed.items()
    if plan in AT_ONCE:
        assert "at once" in own[AT_ONCE[plan]]["source"]
    asked = dict(re.findall(r'step: "(\w+)"}\)\.(minutes|days)', diagram(plan)))
    assert asked == {step: "minutes" if row["minutes"] else "days" for step, row in own.items()}, (
        "each row is a step's clock"
    )
    assert set(asked) <= own_steps(plan) | thrown(plan)
    assert set(OWN[plan]) <= own_steps(plan)
    for level, unit, word, minutes in ORDERED.get(plan, ()):
        assert [
            row
            for row in rows_of(plan)
            if (row["level"], row["unit"], row["minutes"]) == (level, unit, minutes) and word in row["order_zh"]
        ], (unit, word)
    assert WITH[plan] <= {row["unit"] for row in rows_of(plan)}
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


CITY_WIDE = {"plan_waste": 3, "plan_snow": 3, "plan_flood": 3, "plan_furniture": 2, "plan_illegal_building": 4}
"""Plans with which domain A3 names 街镇, and the level from which all 23 have their order (by 查违控违 the one where it is)."""


def test_where_the_plan_means_the_towns_all_23_of_them_are_ordered() -> None:
    towns = {row["key"] for row in read_table("units") if row["kind"] == "town"}
    assert len(towns) == 23, "domain A5"
    for plan in PLANS:
        ordered = {row["unit"]: row for row in rows_of(plan) if row["unit"] in towns}
        assert set(ordered) == (towns if plan in CITY_WIDE else set()), plan
        assert {row["level"] for row in ordered.values()} <= {CITY_WIDE.get(plan)}, plan
        assert {row["local"] == "true" for row in ordered.values()} <= {plan == "plan_illegal_building"}, plan
        assert all("domain A3" in row["source"] for row in ordered.values()), plan


@pytest.mark.parametrize("plan", PLANS)
def test_the_page_of_a_plan_counts_its_orders(plan: str) -> None:
    said = re.findall(
        r"([ⅠⅡⅢⅣ]) (\d+)", (PROCESSES / plan / "README.md").read_text().partition("register `plan_orders`")[2]
    )
    added = [row["level"] for row in rows_of(plan)]
    assert said == [(roman, str(added.count(level))) for roman, level in zip("ⅣⅢⅡⅠ", (4, 3, 2, 1), strict=True)]


def test_no_term_of_a_plan_stands_in_a_diagram() -> None:
    found = [
        (path.stem, clock)
        for path in PROCESSES.glob("*/*.bpmn")
        if path.stem.startswith(("plan_", "emergency_"))
        for clock in re.findall(r'<ld:clock [^>]*budget="([^="][^"]*)"', path.read_text())
    ]
    assert found == [], "each comes from a row that a city may change"
