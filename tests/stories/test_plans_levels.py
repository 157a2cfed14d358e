"""Each of the ten plans at each level that its table knows: who signs it, what it orders, up and down and to the end of its review."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine.tables import task
from tests import laws
from tests.emergency import COORDINATOR, ORDER, answer, open_at
from tests.plans import REPORTS, SHARED, assess, play, rows_of
from tests.unit.test_ten_plans import GRADES
from web.city import City

LEVELS = (4, 3, 2, 1)
WHO = {4: "city_management_bureau", 3: "city_management_bureau", 2: "city_government", 1: "city_government"}
"""Who orders a level: domain A3, common rules."""
MINUTES = {4: 240, 3: 120, 2: 60, 1: 30}
"""Between situation reports: domain A3, process shape."""
CHANGE = {"change_decision": "approve", "duration_hours": 8, "measures": "按新级别执行"}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def at_level(city: City, plan: str, level: int) -> int:
    """The plan, reported and verified with the first readings that make this level."""
    readings = next(read for read, made in GRADES[plan] if made == level)
    case = city.start(plan, {"title": REPORTS[plan]["title"], "area": "qianjiang", **readings}, COORDINATOR)
    answer(city, case, "Verify", {"verify_decision": "real", **readings})
    assert city.instance(case)["facts"]["proposed_level"] == level
    return case


def check_level(city: City, case: int, plan: str, level: int) -> None:
    """The orders that are out, the units that report and how often are those of the level."""
    known = city.instance(case)["facts"]
    rows = rows_of(plan, level)
    assert known["level"] == level
    assert sorted(known["orders_issued"]) == sorted(row["key"] for row in rows)
    asked = [row["variables"]["order"]["key"] for row in open_at(city, case, "SignOrder")]
    assert sorted(asked) == sorted(row["key"] for row in rows), "each once"
    reporting = {row["unit"] for row in rows if row["reports"] == "true"}
    assert {row["variables"]["report_unit"] for row in open_at(city, case, "SituationReport")} == reporting
    assert known["level_rule"]["report_minutes"] == MINUTES[level]


@pytest.mark.parametrize("plan", sorted(REPORTS))
def test_a_plan_up_from_its_lightest_level_to_the_gravest_and_down_again(city: City, plan: str) -> None:
    case = at_level(city, plan, 4)
    signed = {row.unit for row in city.tasks(case) if row.node == "StartOrder"}
    assert signed == {WHO[4]}
    answer(city, case, "StartOrder", ORDER)
    check_level(city, case, plan, 4)
    for before, level in ((4, 2), (2, 1), (1, 3), (3, 4)):
        assess(city, case, "regrade", wanted_level=level)
        signed = {row.unit for row in city.tasks(case) if row.node == "ChangeOrder"}
        assert signed == {WHO[min(before, level)]}, "who orders the graver of both levels"
        answer(city, case, "ChangeOrder", CHANGE)
        city.run_due()
        check_level(city, case, plan, level)
    assess(city, case, "end")
    answer(city, case, "StandDownOrder", SHARED["StandDownOrder"])
    city.run_due()
    assert open_at(city, case, "SignOrder") == open_at(city, case, "SituationReport") == []
    laws.check(city)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("plan", sorted(REPORTS))
def test_a_plan_at_each_level_from_trigger_to_review(city: City, plan: str, level: int) -> None:
    case = at_level(city, plan, level)
    assert {row.unit for row in city.tasks(case) if row.node == "StartOrder"} == {WHO[level]}
    done = play(city, case, plan, orders=1)
    assess(city, case, "end")
    done += play(city, case, plan, orders=1)
    found = city.instance(case)
    assert (found["status"], found["outcome"]) == ("completed", "EndReviewed")
    answers = found["facts"]["order_answers"]
    assert sorted(one["key"] for one in answers) == sorted(row["key"] for row in rows_of(plan, level))
    assert {one["result"] for one in answers} <= {"done", "withdrawn"}
    assert_tracked(city, case)
    laws.check(city)


def assert_tracked(city: City, case: int) -> None:
    """The lesson of the report became a unit's task with a deadline, which was checked."""
    (said,) = SHARED["AfterAction"]["lessons"]
    with city.core.db.read() as connection:
        query = select(task).where(task.c.instance_id == case, task.c.node == "DoLesson")
        row: dict[str, Any] = dict(connection.execute(query).mappings().one())
    assert row["variables"]["lesson"]["lesson"] == said["lesson"]
    assert row["variables"]["lesson_unit"] == said["unit"]
    assert row["due_at"].astimezone(city.world().zone).date().isoformat() == said["deadline"]
    assert city.instance(case)["facts"]["review_text"]
