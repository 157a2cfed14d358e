"""第三方考核 told once: a plan settled by another, a sample that anybody can draw again, inspections at once, one that nobody makes, a
share reviewed by somebody else, a score for each unit, and what was found is a case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import feel, registers
from engine.errors import LiandongError
from engine.tables import copy
from forms.errors import InvalidAnswers
from tests import laws
from tests.stories.telling import do, facts, nodes, running
from web.city import City

ASSESSOR, OFFICE_HEAD = "yuanzhigang", "pangdongmei"
INSPECTOR, SECOND = "qiuwenhua", "taoyongjun"
DAY = timedelta(days=1)
PLAN: dict[str, Any] = {
    "title": "2026 年第二季度第三方考核",
    "period_from": "2026-06-01",
    "period_to": "2026-06-30",
    "frame": "areas",
    "towns": ["yuanlin"],
    "sample_size": 4,
    "seed": "2026-Q2",
}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # that steps are the same on both databases is shown where they are tested


def drawn(city: City) -> int:
    """A round whose sample is drawn."""
    round_ = city.start("third_party_round", PLAN, ASSESSOR)
    city.run_due()
    with pytest.raises(LiandongError):
        do(city, round_, "Approve", ASSESSOR, approve_decision="agree")
    do(city, round_, "Approve", OFFICE_HEAD, approve_decision="agree")
    return round_


def test_sampled_inspected_reviewed_and_told(city: City) -> None:
    round_ = drawn(city)
    sampled = facts(city, round_)["sampled"]
    candidates = facts(city, round_)["candidates"]
    assert (len(sampled), {one["town"] for one in sampled}) == (4, {"yuanlin"})
    again = feel.compile("sample(candidates, 4, seed)").evaluate({"candidates": candidates, "seed": "2026-Q2"})
    assert feel.to_json(again) == sampled, "anybody can draw it again"
    tasks = city.tasks(round_)
    assert [t.node for t in tasks] == ["Inspect"] * 4
    with pytest.raises(InvalidAnswers):
        city.complete(tasks[0], {"score": 90}, INSPECTOR)
    with pytest.raises(LiandongError):
        city.complete(tasks[0], {"score": 90, "inspect_photos": ["photo"]}, ASSESSOR)
    found = [{"problem": "垃圾箱满溢", "detail": "社区门口"}]
    city.complete(tasks[0], {"score": 60, "inspect_photos": ["photo"], "problems": found}, INSPECTOR)
    for task in tasks[1:3]:
        city.complete(task, {"score": 90, "inspect_photos": ["photo"]}, SECOND)
    city.advance(16 * DAY)  # the fourth nobody inspects
    assert nodes(city, round_) == ["Review"], "one in five of three, rounded up"
    known = facts(city, round_)
    assert [row["inspected"] for row in known["inspected"]].count(False) == 1
    score = known["to_review"][0]["score"]
    with pytest.raises(LiandongError):
        do(city, round_, "Review", INSPECTOR, review_decision="uphold")
    do(city, round_, "Review", ASSESSOR, review_decision="change", review_score=score - 3, review_note="漏扣")
    known = facts(city, round_)
    (result,) = known["results"]
    assert (result["unit"], result["places"], result["problems"]) == ("town_yuanlin", 3, 1)
    assert (result["score"], result["passed"], known["coverage"]) == (79, False, 75)
    (row,) = registers.rows(city.core, "round_results")
    assert (row["unit"], row["score"], row["period"]) == ("town_yuanlin", 79, "2026-06-01/2026-06-30")
    (case,) = running(city, "case_dispatch")
    told = facts(city, case)
    assert (told["source"], told["title"], nodes(city, case)) == ("third_party", "垃圾箱满溢", ["File"])
    do(city, round_, "Publish", OFFICE_HEAD, publish_text="通报如上")
    assert laws.rows(city, copy, round_), "the heads of the units that were inspected read it"
    assert city.instance(round_)["outcome"] == "EndPublished"
    laws.check(city)


def test_a_plan_that_is_refused_and_a_round_that_nobody_makes(city: City) -> None:
    refused = city.start("third_party_round", PLAN, ASSESSOR)
    city.run_due()
    do(city, refused, "Approve", OFFICE_HEAD, approve_decision="refuse", approve_note="范围太小")
    assert city.instance(refused)["outcome"] == "EndRefused"
    round_ = drawn(city)
    city.advance(16 * DAY)
    known = facts(city, round_)
    assert (nodes(city, round_), known["results"], known["coverage"]) == (["Publish"], [], 0)
    laws.check(city)


def test_roads_are_drawn_too(city: City) -> None:
    plan = {**PLAN, "frame": "roads", "towns": None, "sample_size": 3, "seed": None}
    round_ = city.start("third_party_round", plan, ASSESSOR)
    city.run_due()
    do(city, round_, "Approve", OFFICE_HEAD, approve_decision="agree")
    known = facts(city, round_)
    assert len(known["sampled"]) == 3
    assert known["seed_used"] == city.instance(round_)["number"]
    assert all(one["unit"] for one in known["sampled"])
