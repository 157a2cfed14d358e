"""Teams and stock in an emergency: chosen in the forms of orders and reports, kept in their registers, shown on the board."""

from __future__ import annotations

from typing import Any

import pytest

from engine import registers
from escalation.emergencies import board
from tests import laws
from tests.emergency import COORDINATOR, ORDER, actor, answer, open_at
from tests.plans import SHARED, assess, started
from tests.stories.test_plans import MAYOR, facts, told_of
from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_teams_go_out_and_stock_is_taken_and_both_come_back(city: City) -> None:
    """By the look-ups of the forms alone: no team twice, no stock that is not there, and the board says who is where."""
    case = started(city, "plan_snow")
    answer(city, case, "StartOrder", ORDER)

    def sign(**more: Any) -> None:
        tasks = open_at(city, case, "SignOrder")
        which = next(i for i, row in enumerate(tasks) if row["variables"]["order_unit"] == "sanitation")
        answer(city, case, "SignOrder", {"receipt_decision": "accept", **more}, which=which)
        city.run_due()

    def row(register: str, key: str) -> dict[str, Any]:
        (found,) = [row for row in registers.rows(city.core, register) if row["key"] == key]
        return found

    salt = {"stock": "WZ-001", "amount": 40}
    sign(order_teams=["sanitation-snow"], order_stock=[salt, {"stock": "WZ-004", "amount": 3}])
    assert (row("teams", "sanitation-snow")["state"], row("teams", "sanitation-snow")["out_for"]) == (
        "out", city.instance(case)["number"]
    )  # fmt: skip
    assert (row("stocks", "WZ-001")["quantity"], row("stocks", "WZ-004")["quantity"]) == (20, 1)
    assert told_of(city, case, "低于最低储备") >= 1, "20 of at least 24"
    assert len(open_at(city, case, "CarryOut")) == 1

    sign(order_teams=["sanitation-snow", "drainage-1"], order_stock=[salt])
    known = facts(city, case)
    assert [(one["team"], one["back"]) for one in known["teams_out"]] == [("sanitation-snow", None)], (
        "once, and its own"
    )
    assert [(one["stock"], one["left"]) for one in known["stock_taken"]] == [("WZ-001", 20), ("WZ-004", 1)]
    assert row("teams", "drainage-1")["state"] == "ready", "another unit's"
    assert row("stocks", "WZ-001")["quantity"] == 20, "what is not there is not taken"
    assert (told_of(city, case, "队伍不能派出") >= 2, told_of(city, case, "应急物资不足") >= 1) == (True, True)
    assert len(open_at(city, case, "CarryOut")) == 2, "the order goes on all the same"

    found = board.read(city.core, actor(city, COORDINATOR), case)
    assert [one["team"] for one in found.teams] == ["sanitation-snow"]
    assert {one["stock"] for one in found.stock} == {"WZ-001", "WZ-004"}
    report = next(
        i for i, t in enumerate(open_at(city, case, "SituationReport")) if t["variables"]["report_unit"] == "sanitation"
    )
    said = {
        "situation": "撒布中",
        "wish_level": "keep",
        "report_teams": ["sanitation-snow"],
        "report_stock": [{"stock": "WZ-002", "amount": 5}],
    }
    answer(city, case, "SituationReport", said, which=report)
    city.run_due()
    assert row("stocks", "WZ-002")["quantity"] == 20

    for _ in range(2):
        answer(city, case, "CarryOut", SHARED["CarryOut"])
        city.run_due()
    assert (row("teams", "sanitation-snow")["state"], row("teams", "sanitation-snow").get("out_for")) == ("ready", None)
    assert (row("stocks", "WZ-001")["quantity"], row("stocks", "WZ-004")["quantity"]) == (20, 4), (
        "salt is gone, spreaders are back"
    )
    assert all(one["back"] for one in facts(city, case)["teams_out"])
    laws.check(city)


@pytest.mark.parametrize("how", ["stand_down", "lighter_level_and_back"])
def test_an_order_withdrawn_while_its_teams_are_sent_is_no_longer_under_way(city: City, how: str) -> None:
    """It was signed for, its next task never opened: the board says withdrawn; given anew it is another order."""
    plan, level = ("plan_cover", 4) if how == "stand_down" else ("plan_flood", 2)
    case = started(city, plan)
    answer(city, case, "StartOrder", ORDER)
    change = {"change_decision": "approve", "duration_hours": 8, "measures": "全市排查"}
    tasks = open_at(city, case, "SignOrder")
    teams = {row["unit"]: row["key"] for row in registers.rows(city.core, "teams")}
    which, unit = next(
        (i, row["variables"]["order_unit"])
        for i, row in enumerate(tasks)
        if row["variables"]["order"]["level"] == level and row["variables"]["order_unit"] in teams
    )
    answer(city, case, "SignOrder", {"receipt_decision": "accept", "order_teams": [teams[unit]]}, which=which)
    assert not open_at(city, case, "CarryOut"), "its team is being sent"
    assert "signed" in states(city, case, unit)

    if how == "stand_down":
        assess(city, case, "end")
        answer(city, case, "StandDownOrder", SHARED["StandDownOrder"])
    else:
        assess(city, case, "regrade", wanted_level=3)
        answer(city, case, "ChangeOrder", change, by=MAYOR)
    assert "signed" not in states(city, case, unit)
    assert "dropped" in states(city, case, unit)
    city.run_due()
    assert "signed" not in states(city, case, unit)
    assert all(one["back"] for one in facts(city, case).get("teams_out") or [])
    if how != "stand_down":
        assess(city, case, "regrade", wanted_level=2)
        answer(city, case, "ChangeOrder", change, by=MAYOR)
        city.run_due()
        assert {"dropped", "unsigned"} <= set(states(city, case, unit))
        assert "signed" not in states(city, case, unit)
    laws.check(city)


def test_what_is_left_of_a_withdrawn_order_is_asked_for(city: City) -> None:
    """Nobody but the unit knows how much salt was spread: it is told to bring the rest back; spreaders are back by themselves."""
    case = started(city, "plan_snow")
    answer(city, case, "StartOrder", ORDER)
    tasks = open_at(city, case, "SignOrder")
    which = next(i for i, row in enumerate(tasks) if row["variables"]["order_unit"] == "sanitation")
    taken = [{"stock": "WZ-001", "amount": 40}, {"stock": "WZ-004", "amount": 3}]
    answer(city, case, "SignOrder", {"receipt_decision": "accept", "order_stock": taken}, which=which)
    city.run_due()
    assess(city, case, "end")
    answer(city, case, "StandDownOrder", SHARED["StandDownOrder"], by=MAYOR)
    city.run_due()
    assert told_of(city, case, "请交回仓库") >= 1
    left = {row["key"]: row["quantity"] for row in registers.rows(city.core, "stocks")}
    assert (left["WZ-001"], left["WZ-004"]) == (20, 4)
    laws.check(city)


def states(city: City, case: int, unit: str) -> list[str]:
    """How the orders to a unit stand on the board, and on the list of activations the same."""
    core = city.core
    found = board.read(core, actor(city, COORDINATOR), case)
    assert dict(found.counts) == board.summary(core, [case])[case]
    return [str(order.state) for one in found.units if one.key == unit for order in one.orders]


def test_what_was_taken_with_a_report_comes_back_at_the_stand_down(city: City) -> None:
    """Pumps and spreaders that a unit took while it reported are the city's again when the response is over; salt is not. Each line of an
    order comes back too, though two of them are alike."""
    case = started(city, "plan_snow")
    answer(city, case, "StartOrder", ORDER)

    def left(key: str) -> Any:
        return next(row["quantity"] for row in registers.rows(city.core, "stocks") if row["key"] == key)

    spreaders, salt = left("WZ-004"), left("WZ-002")
    which = next(
        i for i, t in enumerate(open_at(city, case, "SituationReport")) if t["variables"]["report_unit"] == "sanitation"
    )
    stock = [{"stock": "WZ-004", "amount": 1}, {"stock": "WZ-004", "amount": 1}, {"stock": "WZ-002", "amount": 5}]
    said = {"situation": "撒布中", "wish_level": "keep", "report_stock": stock}
    answer(city, case, "SituationReport", said, which=which)
    city.run_due()
    assert (left("WZ-004"), left("WZ-002")) == (spreaders - 2, salt - 5)
    answer(city, case, "Assess", {"assess_decision": "end", "assess_reason": "险情解除"})
    answer(city, case, "StandDownOrder", SHARED["StandDownOrder"])
    city.run_due()
    assert (left("WZ-004"), left("WZ-002")) == (spreaders, salt - 5)
    laws.check(city)
