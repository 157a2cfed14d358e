"""问题通报 told once: two units rectify, one fails its check, one is silent and is supervised; what came of each is in the bulletin, and
in the register that the yearly assessment sums up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import registers
from engine.errors import LiandongError
from engine.tables import copy
from escalation import asking
from forms.errors import InvalidAnswers
from tests import laws
from tests.factories import task_at
from tests.stories.telling import do, facts, nodes, running
from web.city import City

SUPERVISOR, COMMITTEE_HEAD = "yuhaiyan", "jiaxinhua"
CHECKER = "zhuxiaodong"
SANITATION, DRAINAGE, DRAINAGE_HEAD = "dingyumei", "cailihua", "jiabaoshan"
DISPATCHER = "hejianping"
DAY = timedelta(days=1)
PHOTO = ["photo"]

BULLETIN: dict[str, Any] = {
    "title": "章华中路市容问题通报",
    "found": "patrol",
    "grade": "general",
    "problems": [
        {"unit": "sanitation", "problem": "垃圾箱满溢", "demand": "清运并加密频次", "days": 3},
        {"unit": "drainage", "problem": "雨水篦子堵塞", "demand": "疏通", "days": 2},
    ],
}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # that steps are the same on both databases is shown where they are tested


def told(city: City) -> tuple[int, dict[str, int]]:
    """A bulletin that was signed, and the assignment of each unit."""
    bulletin = city.start("problem_bulletin", BULLETIN, SUPERVISOR)
    city.run_due()
    do(city, bulletin, "Approve", COMMITTEE_HEAD, approve_decision="agree")
    found = running(city, "assignment")
    return bulletin, {facts(city, each)["responsible_unit"]: each for each in found}


def test_it_is_signed_by_another_and_goes_to_each_unit(city: City) -> None:
    bulletin = city.start("problem_bulletin", BULLETIN, SUPERVISOR)
    city.run_due()
    with pytest.raises(LiandongError):
        do(city, bulletin, "Approve", SUPERVISOR, approve_decision="agree")
    with pytest.raises(InvalidAnswers):
        do(city, bulletin, "Approve", COMMITTEE_HEAD, approve_decision="back")
    do(city, bulletin, "Approve", COMMITTEE_HEAD, approve_decision="back", approve_note="写明期限依据")
    do(city, bulletin, "Redraft", SUPERVISOR, **BULLETIN, basis="日常巡查")
    do(city, bulletin, "Approve", COMMITTEE_HEAD, approve_decision="agree")
    asked = [facts(city, each) for each in running(city, "assignment")]
    assert sorted((f["responsible_unit"], f["matter"], f["days"], f["origin_number"]) for f in asked) == [
        ("drainage", "雨水篦子堵塞", 2, city.instance(bulletin)["number"]),
        ("sanitation", "垃圾箱满溢", 3, city.instance(bulletin)["number"]),
    ]


def test_rectified_checked_by_another_and_fed_back(city: City) -> None:
    bulletin, assignments = told(city)
    first, other = assignments["sanitation"], assignments["drainage"]
    with pytest.raises(LiandongError):
        do(city, first, "Receive", DRAINAGE)
    do(city, first, "Receive", SANITATION)
    with pytest.raises(InvalidAnswers):
        do(city, first, "Rectify", SANITATION, rectify_text="已清运")
    do(city, first, "Rectify", SANITATION, rectify_text="已清运", rectify_photos=PHOTO)
    with pytest.raises(LiandongError):
        do(city, first, "Check", SANITATION, check_result="pass")
    do(city, first, "Check", CHECKER, check_result="fail", check_text="周边仍有散落垃圾")
    do(city, first, "Rectify", SANITATION, rectify_text="已清扫", rectify_photos=PHOTO)
    do(city, first, "Check", CHECKER, check_result="pass")
    assert nodes(city, bulletin) == [], "the other unit has not answered yet"
    # The other signs for nothing: its clock runs out, it is supervised, then it answers too late.
    city.advance(5 * DAY)
    (supervision,) = running(city, "supervision")
    assert facts(city, supervision)["late_unit"] == "drainage"
    do(city, other, "Receive", DRAINAGE)
    city.advance(4 * DAY)
    do(city, other, "Rectify", DRAINAGE, rectify_text="已疏通", rectify_photos=PHOTO)
    do(city, other, "Check", CHECKER, check_result="pass")
    results = {row["unit"]: row for row in facts(city, bulletin)["results"]}
    assert (results["sanitation"]["in_time"], results["sanitation"]["reworks"]) == (True, 1)
    assert (results["drainage"]["in_time"], results["drainage"]["reworks"]) == (False, 0)
    do(city, bulletin, "Summary", SUPERVISOR, summary_text="两项均已整改")
    assert city.instance(bulletin)["outcome"] == "EndFedBack"
    read = {row["person_id"] for row in laws.rows(city, copy, bulletin) if row["kind"] == "circulate"}
    assert read == {city.actor(head).id for head in ("weichangjiang", "jiabaoshan")}, "the heads of both units"
    kept = {row["unit"]: row for row in registers.rows(city.core, "assignments")}
    assert {unit: (row["year"], row["in_time"], row["reworks"], row["result"]) for unit, row in kept.items()} == {
        "sanitation": (2026, True, 1, "done"),
        "drainage": (2026, False, 0, "done"),
    }
    laws.check(city)


def test_more_time_is_asked_as_elsewhere(city: City) -> None:
    _, assignments = told(city)
    one = assignments["drainage"]
    do(city, one, "Receive", DRAINAGE)
    task = task_at(city, one, "Rectify").ref.rpartition(".")[2]
    given = {"request_reason": "管网须分段清淤"}
    asked = int(asking.ask(city.core, "extension", one, f"rectify.{task}", DRAINAGE, answers=given)["instance"])
    city.run_due()
    do(city, asked, "Department", DRAINAGE_HEAD, department_decision="approve")
    do(city, asked, "Decide", DISPATCHER, decision="approve")
    assert city.instance(asked)["outcome"] == "EndExtended"
    city.advance(5 * DAY)  # Monday: the third working day
    do(city, one, "Rectify", DRAINAGE, rectify_text="已疏通", rectify_photos=PHOTO)
    assert facts(city, one)["in_time"] is True
    laws.check(city)
