"""Supervision, told once. Road permits: test_road_permit_*; emergency plans: test_plans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from engine.clock import ManualClock
from engine.errors import NotAllowed, NotFound
from engine.tables import job
from escalation.tables import rung
from tests.factories import only_task
from tests.laws import check, rows
from web.city import City

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    check(city)


def nodes(city: City, case: int) -> list[str]:
    return sorted(t.node for t in city.tasks(case))


def kinds(city: City, case: int) -> list[str]:
    return [row["kind"] for row in city.trail(case)]


# ---------------------------------------------------------------- supervision

RAISED = {
    "title": "占道经营反复",
    "responsible_unit": "enforcement_brigade",
    "demand": "限期整改",
    "reply_days": 3,
    "rounds_most": 2,
}
ZHU, SU, COMMITTEE = "zhuxiaodong", "suyongfu", "yuhaiyan"  # supervisor, head of the brigade, committee office


def test_a_supervision_urges_once_before_the_reply_is_due(city: City, clock: ManualClock) -> None:
    case = city.start("supervision", RAISED, ZHU)
    clock.advance(2 * DAY - timedelta(seconds=1))  # Wednesday, and three working days to reply
    city.run_due()
    assert "timer_fired" not in kinds(city, case)
    city.advance(timedelta(seconds=1))
    assert kinds(city, case)[-2:] == ["timer_fired", "action_done"]
    city.advance(DAY)
    assert kinds(city, case).count("timer_fired") == 1
    assert nodes(city, case) == ["Reply"]  # urging does not interrupt it

    city.complete(only_task(city, case), {"reply_text": "已整改"}, SU)
    city.complete(only_task(city, case), {"review_decision": "accept"}, ZHU)
    city.complete(only_task(city, case), {"conclusion": "归档"}, ZHU)
    assert city.instance(case)["outcome"] == "EndArchived"
    assert rungs_of(city, case) == [("supervise", 1, "accepted")]


def test_silence_is_no_way_out(city: City, clock: ManualClock) -> None:
    case = city.start("supervision", RAISED, ZHU)
    city.advance(5 * DAY)  # the third working day is a Monday
    assert (nodes(city, case), rungs_of(city, case)) == (["Review"], [("supervise", 1, "expired")])
    with pytest.raises((NotAllowed, NotFound)):  # whoever is supervised does not review it
        city.complete(only_task(city, case), {"review_decision": "accept"}, SU)
    city.complete(only_task(city, case), {"review_decision": "again", "review_note": "未答复"}, ZHU)
    city.run_due()
    assert rungs_of(city, case)[1:] == [("supervise", 2, None)]


def test_a_reply_in_time_is_not_urged(city: City) -> None:
    case = city.start("supervision", RAISED, ZHU)
    city.run_due()  # the order is served
    assert sorted(j["node"] for j in rows(city, job, case)) == ["ReplyOver", "UrgeDue"]
    city.complete(only_task(city, case), {"reply_text": "已整改"}, SU)
    assert rows(city, job, case) == []
    city.advance(30 * DAY)
    assert "timer_fired" not in kinds(city, case)


def two_rounds(city: City, **raised: Any) -> int:
    case = city.start("supervision", {**RAISED, **raised}, ZHU)
    for by in (ZHU, COMMITTEE):  # the first round is the centre's, later ones the committee's
        city.complete(only_task(city, case), {"reply_text": "正在协调"}, SU)
        city.complete(only_task(city, case), {"review_decision": "again", "review_note": "无进展"}, by)
        city.run_due()
    city.complete(only_task(city, case), {"hear_text": "待协调"}, SU)  # heard before anything is decided
    return case


def test_two_rounds_of_a_major_matter_are_referred_up(city: City) -> None:
    case = two_rounds(city, grade="major")
    assert (only_task(city, case).node, only_task(city, case).unit) == ("ReferUp", "management_committee")
    city.complete(only_task(city, case), {"refer_decision": "refer", "refer_reason": "两轮无进展"}, COMMITTEE)
    assert [(kind, out) for kind, _, out in rungs_of(city, case)] == [
        ("supervise", "refused"),
        ("supervise", "refused"),
        ("refer_up", None),
    ]
    assert city.instance(case)["status"] == "active"  # it waits for what they say


@pytest.mark.parametrize("decision, after", [("major", ["ReferUp"]), ("not", [])])
def test_another_matter_goes_further_only_when_declared_major(city: City, decision: str, after: list[str]) -> None:
    case = two_rounds(city)
    assert (only_task(city, case).node, only_task(city, case).unit) == ("DeclareMajor", "management_committee")
    answers = {"declare_decision": decision, "declare_reason": "群众反映强烈"}
    city.complete(only_task(city, case), answers, COMMITTEE)
    assert nodes(city, case) == after
    assert ("declared_major", 2, None) in rungs_of(city, case) or not after
    if not after:
        assert city.instance(case)["outcome"] == "EndSupervised"


def rungs_of(city: City, case: int) -> list[tuple[str, int, str | None]]:
    return [(row["kind"], row["round"], row["outcome"]) for row in rows(city, rung, case)]
