"""What becomes of a supervision by each answer of the inspection office, and of an inspection by each decision of a review."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.clock import ManualClock
from engine.tables import instance
from tests.factories import only_task
from tests.stories.test_inspection import (
    INSPECTOR,
    LATE,
    REVIEWER,
    asked,
    case,
    concluded,
    database_kind,
    do,
    facts,
    nodes,
)
from tests.stories.test_ladder import HEAD, YU, ZHU, inspections, rungs, told
from web.city import City

__all__ = ["case", "database_kind"]


@pytest.fixture
def referred(city: City, clock: ManualClock) -> int:
    """A major matter, raised by hand with one round, that went to the inspection office."""
    said = {
        "title": "井盖缺失",
        "responsible_unit": "water_supply",
        "demand": "立即修复",
        "reply_days": 1,
        "rounds_most": 1,
    }
    ladder = city.start("supervision", {**said, "grade": "major"}, ZHU)
    city.complete(only_task(city, ladder), {"reply_text": "正在协调"}, HEAD)
    city.complete(only_task(city, ladder), {"review_decision": "again", "review_note": "无进展"}, ZHU)
    city.run_due()
    city.complete(only_task(city, ladder), {"hear_text": "待停水"}, HEAD)
    refer(city, ladder)
    return ladder


def refer(city: City, ladder: int) -> None:
    city.complete(only_task(city, ladder), {"refer_decision": "refer", "refer_reason": "督办无进展"}, YU)
    city.run_due()


def newest(city: City) -> int:
    """The inspection that waits for the decision whether it is taken up."""
    with city.core.db.read() as connection:
        query = select(instance.c.id).where(instance.c.key == "government_inspection", instance.c.status == "active")
        (found,) = connection.execute(query).scalars()
        return int(found)


def test_decided_at_once(city: City, clock: ManualClock, referred: int) -> None:
    inspection = newest(city)
    do(city, inspection, "Decide", INSPECTOR, take_decision="decide", take_text="由市政府专题会议处理")
    city.run_due()
    assert city.instance(inspection)["outcome"] == "EndOtherwise"
    assert (city.instance(referred)["outcome"], nodes(city, referred)) == ("EndDecided", [])
    last = rungs(city, referred)[-1]
    assert (last["kind"], last["outcome"], last["closing"]) == ("refer_up", "decide", "由市政府专题会议处理")
    assert told(city, inspection, "inspection") == []  # it never was announced


def test_returned_it_may_be_asked_again_and_nobody_is_heard_twice(
    city: City, clock: ManualClock, referred: int
) -> None:
    first = newest(city)
    do(city, first, "Decide", INSPECTOR, take_decision="return", take_text="材料不全")
    city.run_due()
    assert nodes(city, referred) == ["ReferUp"]
    assert facts(city, referred)["inspection_text"] == "材料不全"
    refer(city, referred)
    second = newest(city)
    assert second != first
    assert [one["unit_statement"] for one in inspections(city, referred)] == ["待停水", "待停水"]
    assert [(r["kind"], r["outcome"]) for r in rungs(city, referred)] == [
        ("supervise", "refused"),
        ("refer_up", "return"),
        ("refer_up", None),
    ]
    assert told(city, referred, "refer_up") == [HEAD, HEAD]


@pytest.mark.parametrize("decision", ["uphold", "change"])
def test_a_conclusion_that_stands_or_is_changed_is_carried_out(
    city: City, clock: ManualClock, case: int, decision: str
) -> None:
    supervision, inspection = asked(city, case)
    concluded(city, inspection)
    assert told(city, inspection, "inspection") == [LATE]
    city.advance(timedelta(days=10))
    do(city, inspection, "Object", LATE, object_decision="object", object_text="属不可抗力")
    do(city, inspection, "Review", REVIEWER, review_decision=decision, review_text="复核完毕")
    assert nodes(city, inspection) == ["Rectify"]
    do(city, inspection, "Rectify", LATE, rectify_text="已修复")
    do(city, inspection, "Recheck", INSPECTOR, recheck_result="done", recheck_text="到位")
    assert city.instance(inspection)["outcome"] == "EndConcluded"
    said = facts(city, supervision)["conclusion"]
    assert (said["conclusion"], said["text"]) == ("founded", "复核完毕" if decision == "change" else "属实，履职不到位")
