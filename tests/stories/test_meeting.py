"""联席会议 told over two meetings: an agenda of what is late and what was entered, decisions tracked as assignments, one carried over to
the next meeting, which takes it up and closes only when it is done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import registers
from engine.errors import LiandongError
from engine.tables import copy
from tests import laws
from tests.factories import case_at
from tests.stories.telling import do, facts, nodes, running
from web.city import City

SUPERVISOR, COMMITTEE_HEAD, CHECKER = "yuhaiyan", "jiaxinhua", "zhuxiaodong"
SANITATION, SANITATION_HEAD = "dingyumei", "weichangjiang"
DRAINAGE, DRAINAGE_HEAD = "cailihua", "jiabaoshan"
DAY = timedelta(days=1)

MEETING: dict[str, Any] = {
    "title": "六月指挥调度会",
    "meeting_kind": "dispatch",
    "meet_at": "2026-06-15T09:00:00+08:00",
    "next_at": "2026-06-26T09:00:00+08:00",
    "invited_units": ["sanitation", "drainage"],
    "entered": [{"matter": "章华中路反复积水", "unit": "drainage"}],
}
DECISIONS = [
    {"what": "更换破损垃圾箱", "unit": "sanitation", "days": 3},
    {"what": "改造章华中路雨水管", "unit": "drainage", "days": 20},
]


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # that steps are the same on both databases is shown where they are tested


def held(city: City) -> int:
    """A meeting whose minutes are signed, with two decisions. One unit says it comes, the other says nothing."""
    case_at(city, "Handle", title="井盖松动")
    city.advance(timedelta(hours=3))  # two emergency hours: it is late
    meeting = city.start("joint_meeting", MEETING, SUPERVISOR)
    city.run_due()
    agenda = facts(city, meeting)["agenda"]
    assert [(row["kind"], row["unit"]) for row in agenda] == [("entered", "drainage"), ("late", "water_supply")]
    do(city, meeting, "Agenda", SUPERVISOR, agenda=agenda, invited_units=MEETING["invited_units"])
    assert nodes(city, meeting) == ["Invite", "Invite"]
    (reply,) = [t for t in city.tasks(meeting) if t.item == "sanitation"]
    city.complete(reply, {"attend": "yes"}, SANITATION_HEAD)
    city.advance(6 * DAY)
    assert nodes(city, meeting) == ["Minutes"], "it begins without the reply that did not come"
    do(city, meeting, "Minutes", SUPERVISOR, minutes_text="议定两项", decisions=DECISIONS)
    with pytest.raises(LiandongError):
        do(city, meeting, "Issue", SUPERVISOR, issue_decision="agree")
    do(city, meeting, "Issue", COMMITTEE_HEAD, issue_decision="back", issue_note="写明期限")
    do(city, meeting, "Minutes", SUPERVISOR, minutes_text="议定两项，期限见表", decisions=DECISIONS)
    do(city, meeting, "Issue", COMMITTEE_HEAD, issue_decision="agree")
    read = {row["person_id"] for row in laws.rows(city, copy, meeting) if row["kind"] == "circulate"}
    assert read == {city.actor(head).id for head in (SANITATION_HEAD, DRAINAGE_HEAD)}, "each unit has the minutes"
    return meeting


def rectify(city: City, assignment: int, by: str) -> None:
    do(city, assignment, "Receive", by)
    do(city, assignment, "Rectify", by, rectify_text="已办理", rectify_photos=["photo"])
    do(city, assignment, "Check", CHECKER, check_result="pass")


def assigned(city: City) -> dict[str, int]:
    return {facts(city, each)["responsible_unit"]: each for each in running(city, "assignment")}


def states(city: City) -> dict[str, str]:
    return {
        row["what"]: row["state"] for row in registers.rows(city.core, "meeting_decisions") if row["state"] != "taken"
    }


def test_what_is_not_done_goes_to_the_next_meeting(city: City) -> None:
    first = held(city)
    rectify(city, assigned(city)["sanitation"], SANITATION)
    assert states(city) == {"更换破损垃圾箱": "done", "改造章华中路雨水管": "open"}
    city.advance(11 * DAY)
    assert nodes(city, first) == ["Report"]
    do(city, first, "Report", SUPERVISOR, report_decision="wait", next_at="2026-07-01T09:00:00+08:00")
    city.advance(5 * DAY)
    do(city, first, "Report", SUPERVISOR, report_decision="carry", report_text="管网改造未完成")
    assert running(city, "assignment") == [], "what is carried over is taken back"
    do(city, first, "Conclude", SUPERVISOR, conclude_text="一项办结，一项转入下次会议")
    assert city.instance(first)["outcome"] == "EndClosed"
    assert states(city)["改造章华中路雨水管"] == "carried"

    again = {**MEETING, "meet_at": "2026-07-06T09:00:00+08:00", "next_at": "2026-08-01T09:00:00+08:00", "entered": None}
    second = city.start("joint_meeting", again, SUPERVISOR)
    city.run_due()
    known = facts(city, second)
    assert [row["matter"] for row in known["agenda"] if row["kind"] == "carried"] == ["改造章华中路雨水管"]
    do(city, second, "Agenda", SUPERVISOR, agenda=known["agenda"], invited_units=["drainage"])
    do(city, second, "Invite", DRAINAGE_HEAD, attend="yes")
    city.advance(6 * DAY)
    do(city, second, "Minutes", SUPERVISOR, minutes_text="继续督办", decisions=known["decisions"])
    do(city, second, "Issue", COMMITTEE_HEAD, issue_decision="agree")
    assert states(city)["改造章华中路雨水管"] == "open", "the meeting before has passed it on"
    rectify(city, assigned(city)["drainage"], DRAINAGE)
    do(city, second, "Conclude", SUPERVISOR, conclude_text="全部办结")
    assert city.instance(second)["outcome"] == "EndClosed"
    (row,) = [
        r for r in registers.rows(city.core, "meeting_decisions") if r["meeting"] == city.instance(second)["number"]
    ]
    assert (row["state"], row["times"]) == ("done", 1)
    laws.check(city)


def test_what_is_carried_over_again_and_again_is_counted(city: City) -> None:
    """Whoever reads the list sees how often a decision was put off."""
    before = None
    for times in range(3):
        convened = {
            **MEETING,
            "entered": None if times else MEETING["entered"],
            "meet_at": (city.world().now + 5 * DAY).isoformat(),
        }
        convened["next_at"] = (city.world().now + 15 * DAY).isoformat()
        meeting = city.start("joint_meeting", convened, SUPERVISOR)
        city.run_due()
        known = facts(city, meeting)
        do(city, meeting, "Agenda", SUPERVISOR, agenda=known["agenda"], invited_units=["drainage"])
        city.advance(6 * DAY)
        decisions = known["decisions"] or [DECISIONS[1]]
        assert (decisions[0].get("carried_from") is not None) == (times > 0)
        do(city, meeting, "Minutes", SUPERVISOR, minutes_text="督办", decisions=decisions)
        do(city, meeting, "Issue", COMMITTEE_HEAD, issue_decision="agree")
        (row,) = [r for r in registers.rows(city.core, "meeting_decisions") if r["state"] == "open"]
        assert (row["times"], row["key"] != before) == (times, True)
        before = row["key"]
        city.advance(10 * DAY)
        do(city, meeting, "Report", SUPERVISOR, report_decision="carry", report_text="未完成")
        do(city, meeting, "Conclude", SUPERVISOR, conclude_text="转入下次会议")


def test_a_decision_that_nobody_signs_for_is_supervised(city: City) -> None:
    meeting = held(city)
    before = len(running(city, "supervision"))
    city.advance(3 * DAY)
    late = [facts(city, each) for each in running(city, "supervision")]
    assert {f["late_unit"] for f in late} >= {"sanitation", "drainage"}
    assert len(late) == before + 2
    assert nodes(city, meeting) == []
