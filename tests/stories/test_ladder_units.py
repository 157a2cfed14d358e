"""Whoever is late: there is somebody above or beside them for each rung, or the ladder ends and says why."""

from __future__ import annotations

from typing import Any

import pytest

from engine import not_of
from engine.clock import ManualClock
from engine.errors import NotAllowed
from engine.organisation import snapshot
from escalation import standing
from tests.factories import case_at, do
from tests.stories.test_ladder import HOUR, ladder_of, rungs, until
from web.city import City, Task

ANSWERS: dict[str, dict[str, Any]] = {
    "IssueCard": {"card_decision": "issue", "card_reason": "逾期"},
    "CardReply": {"card_reply": "正在组织"},
    "JudgeReply": {"judge_decision": "uphold"},
    "Demand": {"demand": "立即处置", "reply_days": 1},
    "Reply": {"reply_text": "正在协调"},
    "Review": {"review_decision": "again", "review_note": "无进展"},
}
THEIRS = ("CardReply", "Reply")


def somebody_does(city: City, ladder: int, task: Task, late: str) -> None:
    """One of those to whom it is offered; never one around the late unit, but where the unit itself is asked."""
    known = snapshot.of(city.core, None)
    unit_id = city.core.unit_id(task.unit)
    assert unit_id is not None, task
    if task.node not in THEIRS:
        named = city.core.unit_id(late)
        assert named is not None
        assert unit_id not in not_of.around(known, [named]), f"{task.node} is offered to {task.unit}, {late} is late"
    for who in known.holders(unit_id, task.post or "", city.world().now):
        try:
            city.complete(task, ANSWERS[task.node], who)
        except NotAllowed:  # four eyes
            continue
        city.run_due()
        return
    raise AssertionError(f"nobody can do {task.node} for {late}")


def late_is(patch: pytest.MonkeyPatch, unit: str) -> None:
    real = standing._of
    patch.setattr(standing, "_of", lambda *args: {**real(*args), "unit": unit})


@pytest.fixture
def ladder(city: City, clock: ManualClock, late: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Of a grave case, about this unit."""
    late_is(monkeypatch, late)
    case = case_at(city, "File")
    do(city, case, "File", grade="major")
    do(city, case, "Dispatch")
    do(city, case, "SignFor")
    city.advance(3 * HOUR)
    return ladder_of(city, case)


@pytest.mark.parametrize(
    "late", ["supervision_centre", "city_management_bureau", "management_committee", "inspection_office"]
)
def test_somebody_fits_for_each_rung(city: City, clock: ManualClock, ladder: int, late: str) -> None:
    for node in ("IssueCard", "CardReply", "JudgeReply", "IssueCard", "CardReply", "JudgeReply", "Demand"):
        done(city, clock, ladder, node, late)
    for _ in range(3):
        done(city, clock, ladder, "Reply", late)
        done(city, clock, ladder, "Review", late)
    until(city, clock, ladder, "ReferUp")
    assert {city.core.unit_key(row["unit_id"]) for row in rungs(city, ladder)} == {late}


def done(city: City, clock: ManualClock, ladder: int, node: str, late: str) -> None:
    until(city, clock, ladder, node)
    (task,) = [one for one in city.tasks(ladder) if one.node == node]
    somebody_does(city, ladder, task, late)


@pytest.mark.parametrize("late", ["city_government"])
def test_nobody_is_above_the_city_government(city: City, clock: ManualClock, ladder: int, late: str) -> None:
    for _ in range(20):
        if city.instance(ladder)["status"] != "active":
            break
        city.advance(4 * HOUR)
    assert (city.instance(ladder)["outcome"], city.tasks(ladder)) == ("EndAbove", [])
    found = rungs(city, ladder)
    assert [row["kind"] for row in found] == ["reminder", "urge"]
    assert {row["outcome"] for row in found} == {"nobody_above"}
    assert all("市人民政府" in row["closing"] for row in found)
