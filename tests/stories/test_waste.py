"""A permit to move construction waste: taken in by silence, twenty days, points, suspension and exit by score, the annual check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from engine import certificates, registers
from engine.errors import LiandongError
from engine.tables import incident
from forms.errors import InvalidAnswers
from tests import laws
from tests.stories.advertising import (
    CHECKER,
    DAY,
    OTHER_OFFICER,
    OTHER_REVIEWER,
    REVIEWER,
    WASTE,
    WINDOW,
    do,
    due,
    facts,
    nodes,
    to,
)
from tests.stories.test_advertising import at
from web.city import City

APPLICATION = {
    "applicant": "潜江市宏达渣土运输有限公司",
    "contact": "刘经理",
    "phone": "13800000000",
    "title": "龙湾路商住楼基坑渣土清运",
    "carrier": "YS-01",
    "vehicles": ["V-001", "V-002"],
    "waste_kind": "soil",
    "volume_m3": 12000,
    "area": "zhanghua",
    "place": "龙湾路 6 号工地",
    "route": "龙湾路—周矶大道，21:00 至次日 5:00",
    "disposal_site": "周矶消纳场",
    "wanted_from": "2026-06-20",
    "wanted_until": "2028-06-19",
}
REVIEWED = {"officers": [WASTE, CHECKER], "review_result": "agree"}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # that steps are the same on both databases is shown where they are tested


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    laws.check(city)
    assert laws.rows(city, incident) == []


@pytest.fixture
def permit(city: City) -> int:
    case = city.start("waste_transport_permit", APPLICATION, WINDOW)
    do(city, case, "Accept")
    do(city, case, "Review", WASTE, **REVIEWED)
    do(city, case, "Decide")
    do(city, case, "Deliver")
    return case


def state(city: City, case: int) -> str:
    return str(certificates.of_instance(city.core, case)[-1]["state"])


def violated(city: City, case: int, kind: str, *, confirmed: bool = True) -> None:
    """A violation is reported, and judged by another."""
    number = city.instance(case)["number"]
    said = {
        "case_number": number,
        "title": "夜查",
        "violation": kind,
        "vehicle": "V-001",
        "area": "zhanghua",
        "place": "周矶大道",
    }
    report = city.start("waste_violation", {**said, "happened_on": "2026-07-01"}, OTHER_OFFICER)
    city.run_due()
    answer = {"confirm_decision": "confirm"} if confirmed else {"confirm_decision": "drop", "confirm_note": "非本车"}
    do(city, report, "Confirm", WASTE, **answer)


def test_taken_in_by_silence_and_decided_within_twenty_days(city: City) -> None:
    """行政许可法 32 (1)(4), 42; 许昌 12: twenty days."""
    case = city.start("waste_transport_permit", APPLICATION, WINDOW)
    city.advance(8 * DAY)
    assert (nodes(city, case), facts(city, case)["deemed_accepted"]) == (["Review"], True)
    assert due(city, case, "case") == at("2026-07-09T18:00"), "from the day of receipt"
    do(city, case, "Review", WASTE, officers=[WASTE, CHECKER], review_result="disagree", review_note="车辆未密闭")
    do(city, case, "Decide", REVIEWER, decision="grant")
    assert nodes(city, case) == ["Decide"], "no grant against the review"
    do(city, case, "Decide", REVIEWER, decision="refuse", decision_note="车辆未密闭")
    assert nodes(city, case) == ["DeliverRefusal"]


def test_ten_days_more_by_the_head_once_and_in_time(city: City) -> None:
    """行政许可法 42 (1): within the term, approved by the agency's head, the reason told to the applicant."""
    case = city.start("waste_transport_permit", APPLICATION, WINDOW)
    do(city, case, "Accept")
    do(city, case, "Review", WASTE, **REVIEWED)
    with pytest.raises(InvalidAnswers):
        do(city, case, "Decide", REVIEWER, decision="extend")
    do(city, case, "Decide", REVIEWER, decision="extend", decision_note="消纳场所待核")
    with pytest.raises(LiandongError):
        do(city, case, "ApproveExtension", OTHER_REVIEWER, extension_decision="approve")
    do(city, case, "ApproveExtension")
    assert (nodes(city, case), due(city, case, "case")) == (["Decide"], at("2026-07-23T18:00"))
    do(city, case, "Decide", REVIEWER, decision="extend", decision_note="再延")
    assert nodes(city, case) == ["Decide"], "once"
    late = city.start("waste_transport_permit", APPLICATION, WINDOW)
    do(city, late, "Accept")
    do(city, late, "Review", WASTE, **REVIEWED)
    do(city, late, "Decide", REVIEWER, decision="extend", decision_note="消纳场所待核")
    to(city, at("2026-07-09T18:01"))
    do(city, late, "ApproveExtension")
    assert (nodes(city, late), due(city, late, "case")) == (["Decide"], at("2026-07-09T18:00"))


def test_who_was_struck_off_gets_none(city: City) -> None:
    carriers = registers.matching(city.core, "carriers", {}, every=True)
    out = next(row for row in carriers if row["state"] != "admitted")
    case = city.start("waste_transport_permit", {**APPLICATION, "carrier": out["key"]}, WINDOW)
    do(city, case, "Accept")
    do(city, case, "Review", WASTE, **REVIEWED)
    do(city, case, "Decide")
    assert nodes(city, case) == ["Decide"]


def test_points_suspend_and_strike_off(city: City, permit: int) -> None:
    """Twelve points a year: at six it is suspended for thirty days, at none it is over; all rows of `permit_terms`."""
    assert (facts(city, permit)["score"], state(city, permit)) == (12, "valid")
    violated(city, permit, "dumped", confirmed=False)
    assert facts(city, permit)["score"] == 12
    violated(city, permit, "spilled")
    assert (facts(city, permit)["score"], state(city, permit)) == (9, "valid")
    violated(city, permit, "beyond")
    assert (facts(city, permit)["score"], state(city, permit)) == (5, "suspended")
    assert facts(city, permit)["last_violation"] == "超出核准范围承运：夜查"
    carrier = registers.lookup(city.core, "carriers", {"key": "YS-01"})
    assert carrier is not None
    assert carrier["points"] == 7
    city.advance(32 * DAY)
    assert state(city, permit) == "valid", "thirty days"
    violated(city, permit, "dumped")
    assert (city.instance(permit)["outcome"], state(city, permit)) == ("EndExit", "revoked")
    carrier = registers.lookup(city.core, "carriers", {"key": "YS-01"})
    assert carrier is not None
    assert carrier["state"] == "ended"


def test_the_annual_check_falls_due_by_itself(city: City, permit: int) -> None:
    violated(city, permit, "muddy")
    to(city, datetime.fromisoformat("2027-06-20T09:01:00+08:00"), timedelta(days=100))
    assert nodes(city, permit) == ["HandInAnnual"]
    to(city, at("2027-07-25T09:00"))
    assert (nodes(city, permit), state(city, permit)) == (["LateAnnual"], "suspended")
    paper = city.accept("check.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    (task,) = city.tasks(permit)
    with pytest.raises(InvalidAnswers) as unsaid:
        city.complete(task, {"check_files": [paper.id]}, WINDOW, accepted=[paper])
    assert [one.path for one in unsaid.value.problems] == ["check_note"], "who is late says why"
    city.complete(task, {"check_files": [paper.id], "check_note": "负责人住院"}, WINDOW, accepted=[paper])
    do(city, permit, "JudgeAnnual", WASTE, annual_result="pass")
    assert (facts(city, permit)["score"], state(city, permit)) == (12, "valid"), "a new year of points"
    to(city, at("2028-06-20T00:01"), timedelta(days=100))
    assert city.instance(permit)["outcome"] == "EndExpired"
