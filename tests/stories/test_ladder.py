"""A grave case that is ignored for weeks climbs the ladder rung by rung, up to the request to the inspection office; the late unit is heard
on each card, and stops nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import access
from engine.clock import ManualClock
from engine.errors import NotAllowed, NotFound
from engine.tables import LIVE, instance, job, notice
from escalation import board, indicators, stalling
from escalation.tables import clock as clock_table
from escalation.tables import rung
from tests.factories import LEADER, STRANGER, case_at, do, only_task, task_at
from tests.laws import check
from web.city import City
from web.replay import replay

SAMPLE = Path(__file__).parents[1] / "data" / "boston_sample.csv"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZHU, GAO = "zhuxiaodong", "gaoyulan"  # supervisors of the supervision centre
YU, JIA = "yuhaiyan", "jiaxinhua"  # supervisor, head of the committee's office
HEAD = "xiahexiang"  # the water company's head, and its handler


def ladder_of(city: City, case: int) -> int:
    """The one supervision of a case, the newest where there were several."""
    with city.core.db.read() as connection:
        query = select(rung.c.instance_id).where(rung.c.case_id == case).distinct()
        found = list(connection.execute(query).scalars())
        ids = select(instance.c.id).where(instance.c.id.in_(found)).order_by(instance.c.started_at.desc())
        return int(connection.execute(ids).scalars().first() or 0)


def rungs(city: City, ladder: int) -> list[dict[str, Any]]:
    with city.core.db.read() as connection:
        query = select(rung).where(rung.c.instance_id == ladder).order_by(rung.c.id)
        return [dict(row) for row in connection.execute(query).mappings()]


def told(city: City, ladder: int, kind: str) -> list[str]:
    """Who was told something of this kind by the supervision, by name of log-in, in order; once for each time it was told."""
    with city.core.db.read() as connection:
        query = select(notice.c.person_id).where(notice.c.instance_id == ladder, notice.c.kind == kind)
        found = list(connection.execute(query.order_by(notice.c.at)).scalars())
    return [city.actor(who).login for who in found]


def nodes(city: City, case: int) -> list[str]:
    return sorted(t.node for t in city.tasks(case))


def inspections(city: City, ladder: int) -> list[dict[str, Any]]:
    """The facts of the inspections that a supervision asked for."""
    with city.core.db.read() as connection:
        found = connection.execute(select(instance.c.facts).where(instance.c.key == "government_inspection")).scalars()
        return [facts for facts in found if facts["supervision_id"] == str(ladder)]


def until(city: City, clock: ManualClock, case: int, node: str, most: int = 60) -> None:
    """Let time pass, from one thing that is due to the next, until the supervision has a task at this node."""
    for _ in range(most):
        if any(t.node == node for t in city.tasks(case)):
            return
        clock.set(_next_due(city, clock.now()))
        city.run_due()
    raise AssertionError(f"{node} never came: {nodes(city, case)} {city.trail(case)[-1]}")


def _next_due(city: City, now: datetime) -> datetime:
    """When the next job or clock of the city is due; in half an hour where nothing waits."""
    ahead = (
        select(job.c.due_at.label("at")).where(job.c.state == "waiting", job.c.due_at > now),
        select(clock_table.c.due_at.label("at")).where(clock_table.c.stopped_at.is_(None), clock_table.c.due_at > now),
    )
    with city.core.db.read() as connection:
        found = [
            at for query in ahead if (at := connection.execute(query.order_by("at").limit(1)).scalar()) is not None
        ]
    return min(found, default=now + HOUR / 2)


@pytest.fixture
def grave(city: City) -> int:
    """A case of grade major in the hands of the water company, which does nothing."""
    case = case_at(city, "File")
    do(city, case, "File", grade="major")
    do(city, case, "Dispatch")
    do(city, case, "SignFor")
    return case


def test_a_grave_case_climbs_to_the_inspection_office(city: City, clock: ManualClock, grave: int) -> None:
    ladder = reminded_and_urged(city, clock, grave)
    yellow_card(city, clock, ladder)
    red_card(city, clock, ladder)
    three_rounds(city, clock, ladder)
    referred_up(city, grave, ladder)
    # sight: the late unit sees what is about it, another unit does not
    with city.core.db.read() as connection:
        for who, sees in ((HEAD, True), (YU, True), (STRANGER, False)):
            assert access.can(access.check_can_see, connection, city.actor(who), ladder) is sees
    check(city)


def reminded_and_urged(city: City, clock: ManualClock, grave: int) -> int:
    """The system's own acts, told to the unit."""
    city.advance(2 * HOUR - timedelta(seconds=1))
    assert ladder_of(city, grave) == 0
    city.advance(timedelta(seconds=2))
    ladder = ladder_of(city, grave)
    (reminder,) = rungs(city, ladder)
    assert (reminder["kind"], reminder["by_id"]) == ("reminder", None)
    assert city.core.unit_key(reminder["unit_id"]) == "water_supply"
    assert reminder["at"] - clock.now() <= timedelta(seconds=60)
    assert told(city, ladder, "reminder") == [HEAD, HEAD]  # its only handler is its head
    assert nodes(city, ladder) == []  # it waits two working hours before it urges
    until(city, clock, ladder, "IssueCard")
    assert told(city, ladder, "urge") == [HEAD, HEAD]
    urge = rungs(city, ladder)[1]
    assert (urge["kind"], urge["by_id"]) == ("urge", None)
    assert urge["at"] - reminder["at"] >= 2 * HOUR
    return ladder


def yellow_card(city: City, clock: ManualClock, ladder: int) -> None:
    """The first card is the supervision centre's, never the late unit's; the unit is heard, and another person judges."""
    card = task_at(city, ladder, "IssueCard")
    assert (card.unit, card.post) == ("supervision_centre", "supervisor")
    with pytest.raises((NotAllowed, NotFound)):
        city.complete(card, {"card_decision": "hold", "card_reason": "不必"}, HEAD)
    city.complete(card, {"card_decision": "issue", "card_reason": "井盖缺失逾期未处置"}, ZHU)
    yellow = rungs(city, ladder)[2]
    assert (yellow["kind"], city.actor(yellow["by_id"]).login, yellow["reason"]) == (
        "yellow_card",
        ZHU,
        "井盖缺失逾期未处置",
    )
    assert city.core.unit_key(yellow["by_unit_id"]) == "supervision_centre"
    city.run_due()
    assert told(city, ladder, "yellow_card") == [HEAD]
    reply = task_at(city, ladder, "CardReply")
    assert (reply.unit, reply.post) == ("water_supply", "unit_head")
    assert reply.due_at == yellow["due_at"]

    city.complete(reply, {"card_reply": "正在组织"}, HEAD)
    judge = task_at(city, ladder, "JudgeReply")
    with pytest.raises(NotAllowed):
        city.complete(judge, {"judge_decision": "withdraw", "judge_note": "可以"}, ZHU)
    city.complete(judge, {"judge_decision": "uphold"}, GAO)
    yellow = rungs(city, ladder)[2]
    assert (yellow["answer"], yellow["outcome"], city.actor(yellow["closed_by"]).login) == ("正在组织", "upheld", GAO)


def red_card(city: City, clock: ManualClock, ladder: int) -> None:
    """The red card is the committee's; the unit is silent, and that is kept too."""
    until(city, clock, ladder, "IssueCard")
    card = task_at(city, ladder, "IssueCard")
    assert (card.unit, card.post) == ("management_committee", "supervisor")
    city.complete(card, {"card_decision": "issue", "card_reason": "黄牌后仍未处置"}, YU)
    red = rungs(city, ladder)[3]
    assert red["kind"] == "red_card"
    city.run_due()
    assert told(city, ladder, "red_card") == [HEAD]
    clock.set(red["due_at"])
    city.run_due()
    red = rungs(city, ladder)[3]
    assert (red["outcome"], red["answered_at"], red["closed_by"]) == ("expired", None, None)
    assert "CardReply" not in nodes(city, ladder)


def three_rounds(city: City, clock: ManualClock, ladder: int) -> None:
    """A demand, a term, a reply that says nothing, then silence."""
    until(city, clock, ladder, "Demand")
    assert only_task(city, ladder).unit == "management_committee"
    city.complete(only_task(city, ladder), {"demand": "24 小时内恢复井盖", "reply_days": 2}, YU)
    for number in (1, 2, 3):
        city.run_due()
        assert told(city, ladder, "supervise") == [HEAD] * number  # the last word is asked for after them
        order = [r for r in rungs(city, ladder) if r["kind"] == "supervise"][-1]
        assert (order["round"], city.core.unit_key(order["unit_id"])) == (number, "water_supply")
        assert task_at(city, ladder, "Reply").due_at == order["due_at"]
        if number == 1:
            city.complete(task_at(city, ladder, "Reply"), {"reply_text": "正在协调"}, HEAD)
        else:
            clock.set(order["due_at"])
            city.run_due()
        review = task_at(city, ladder, "Review")
        assert review.unit == ("supervision_centre" if number == 1 else "management_committee")
        who = GAO if number == 1 else YU
        city.complete(review, {"review_decision": "again", "review_note": "仍无进展"}, who)
        order = [r for r in rungs(city, ladder) if r["kind"] == "supervise"][number - 1]
        assert order["outcome"] == ("refused" if number == 1 else "expired")
        city.run_due()


def referred_up(city: City, grave: int, ladder: int) -> None:
    """The unit is heard once more; then a major matter may go further, by a named person's act."""
    assert nodes(city, ladder) == ["Hear"]
    assert inspections(city, ladder) == []  # nothing leaves before
    city.complete(only_task(city, ladder), {"hear_text": "管网改造，待停水"}, HEAD)
    assert nodes(city, ladder) == ["ReferUp"]
    city.complete(only_task(city, ladder), {"refer_decision": "refer", "refer_reason": "三轮督办无进展"}, YU)
    city.run_due()  # the dossier is made
    assert told(city, ladder, "refer_up") == [HEAD]
    last = rungs(city, ladder)[-1]
    assert (last["kind"], last["reason"], city.actor(last["by_id"]).login) == ("refer_up", "三轮督办无进展", YU)
    assert [r["kind"] for r in rungs(city, ladder)] == [
        "reminder",
        "urge",
        "yellow_card",
        "red_card",
        "supervise",
        "supervise",
        "supervise",
        "refer_up",
    ]
    (asked,) = inspections(city, ladder)
    assert (asked["case_id"], asked["rounds"], asked["unit_statement"]) == (str(grave), 3, "管网改造，待停水")
    assert asked["dossier_hash"].startswith("sha256:")
    assert asked["dossier_page"].startswith(f"/cases/{grave}/dossier?event=")
    assert city.instance(ladder)["status"] == "active"  # it waits for their answer


def ignored_to_the_end(city: City, clock: ManualClock, ladder: int) -> None:
    """Cards are shown, nobody answers, every round goes by."""
    for who in (ZHU, YU):
        until(city, clock, ladder, "IssueCard")
        city.complete(task_at(city, ladder, "IssueCard"), {"card_decision": "issue", "card_reason": "逾期"}, who)
    until(city, clock, ladder, "Demand")
    city.complete(only_task(city, ladder), {"demand": "立即处置", "reply_days": 1}, YU)
    for who in (ZHU, YU, YU):
        until(city, clock, ladder, "Review")
        city.complete(task_at(city, ladder, "Review"), {"review_decision": "again", "review_note": "无进展"}, who)
        city.run_due()


def test_a_case_that_is_not_grave_stops_at_supervision(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Handle")
    city.advance(3 * HOUR)
    ladder = ladder_of(city, case)
    ignored_to_the_end(city, clock, ladder)
    assert nodes(city, ladder) == ["Hear"]
    until(city, clock, ladder, "DeclareMajor")  # it says nothing
    assert nodes(city, ladder) == ["DeclareMajor"]
    answers = {"declare_decision": "not", "declare_reason": "影响不大"}
    city.complete(only_task(city, ladder), answers, YU)
    assert city.instance(ladder)["outcome"] == "EndSupervised"
    assert "refer_up" not in [row["kind"] for row in rungs(city, ladder)]
    assert counted(city, "carded", "ordered", "carried_out", "not_carried_out") == [1, 1, 0, 1]
    check(city)


def counted(city: City, *keys: str) -> list[int]:
    """These figures over all time."""
    period = indicators.Period(city.world().now - 99 * DAY, city.world().now + 99 * DAY)
    with city.core.db.read() as connection:
        queries = [select(func.count()).where(indicators.COUNTS[key].condition(period)) for key in keys]
        return [connection.execute(each.select_from(instance)).scalar_one() for each in queries]


def test_a_matter_that_moves_ends_its_supervision(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Handle")
    city.advance(3 * HOUR)
    ladder = ladder_of(city, case)
    until(city, clock, ladder, "IssueCard")
    assert offered(city, ladder) == ("supervision_centre", "water_supply")
    do(city, case, "Handle")  # the unit has done it, late; the case is late too, and who has it now is asked next
    city.run_due()
    assert offered(city, ladder) == ("supervision_centre", "command_centre")
    do(city, case, "Feedback")
    city.run_due()
    assert offered(city, ladder) == ("management_committee", "supervision_centre")
    for node in ("Check", "Close"):
        do(city, case, node)
    city.run_due()
    assert (nodes(city, ladder), city.instance(ladder)["outcome"]) == ([], "EndResolved")
    assert {row["outcome"] for row in rungs(city, ladder)} == {"resolved"}
    assert [row["kind"] for row in rungs(city, ladder)] == [
        "reminder",
        "urge",
    ]  # none was climbed again for the new unit
    check(city)


def offered(city: City, ladder: int) -> tuple[str | None, str]:
    """The unit that the card is offered to, and the unit it is about."""
    return task_at(city, ladder, "IssueCard").unit, city.instance(ladder)["facts"]["late_unit"]


def test_the_unit_that_is_late_is_named_not_the_one_that_was_in_time(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Handle")
    city.advance(HOUR / 3)
    do(city, case, "Handle")  # in twenty minutes
    do(city, case, "Feedback")
    city.advance(2 * HOUR)  # the centre sits on its check, and the case runs out of time
    ladder = ladder_of(city, case)
    (reminder,) = rungs(city, ladder)
    assert city.core.unit_key(reminder["unit_id"]) == "supervision_centre"
    found = board.read(city.core, city.actor(LEADER), board.Wanted(), clock.now())
    (line,) = found.lines
    assert city.core.unit_key(line.unit_id) == "supervision_centre"
    ours = city.core.unit_id("supervision_centre")
    assert [c[0] for c in found.units if c[1]] == [ours]
    until(city, clock, ladder, "IssueCard")
    assert offered(city, ladder) == ("management_committee", "supervision_centre")
    city.complete(task_at(city, ladder, "IssueCard"), {"card_decision": "issue", "card_reason": "核查逾期"}, YU)
    card = rungs(city, ladder)[-1]
    assert (card["kind"], city.core.unit_key(card["unit_id"])) == ("yellow_card", "supervision_centre")
    assert task_at(city, ladder, "CardReply").unit == "supervision_centre"
    check(city)


def test_one_supervision_a_case_and_further_breaches_are_noted_in_it(city: City, clock: ManualClock) -> None:
    case = case_at(city, "SignFor")
    city.advance(HOUR)  # signing for it is late
    ladder = ladder_of(city, case)
    assert [row["kind"] for row in rungs(city, ladder)] == ["reminder"]
    city.advance(5 * HOUR)  # the case as a whole is late too
    assert city.instance(ladder)["facts"]["breaches_noted"] == 1
    with city.core.db.read() as connection:
        query = select(instance.c.id).where(instance.c.key == "supervision")
        assert list(connection.execute(query).scalars()) == [ladder]
    check(city)


def test_a_matter_that_moved_may_be_supervised_anew(city: City, clock: ManualClock) -> None:
    case = case_at(city, "SignFor")
    city.advance(HOUR)
    first = ladder_of(city, case)
    do(city, case, "SignFor")
    city.run_due()
    assert city.instance(first)["outcome"] == "EndResolved"
    city.advance(5 * HOUR)
    assert ladder_of(city, case) != first
    check(city)


def test_a_case_that_nobody_moves_is_supervised(city: City, clock: ManualClock) -> None:
    case = case_at(city, "File")
    do(city, case, "File", grade="major", target_at="2026-07-20T09:00:00+08:00")
    do(city, case, "Dispatch")
    do(city, case, "SignFor")
    for _ in range(6):
        city.advance(DAY)
        assert stalling.sweep(city.core) == 0  # Wednesday to Tuesday: four working days
    city.advance(DAY + HOUR)
    assert stalling.sweep(city.core) == 1
    assert stalling.sweep(city.core) == 0  # told once
    city.run_due()
    (reminder,) = rungs(city, ladder_of(city, case))
    assert (reminder["kind"], reminder["reason"]) == ("reminder", "长期无进展")
    do(city, case, "Handle")  # somebody did something
    until_over(city, ladder_of(city, case))
    check(city)


def until_over(city: City, ladder: int) -> None:
    """Let three days pass: before the next rung the supervision sees that the matter moved."""
    for _ in range(6):
        city.advance(DAY / 2)
    assert city.instance(ladder)["outcome"] == "EndResolved"


def test_in_a_replay_nobody_is_supervised(city: City) -> None:
    replay(city, SAMPLE)
    city.run_due()
    with city.core.db.read() as connection:
        late = select(clock_table.c.name).where(clock_table.c.world_id != LIVE, clock_table.c.breached_at.is_not(None))
        assert connection.execute(late).first() is not None
        assert connection.execute(select(instance.c.id).where(instance.c.key == "supervision")).first() is None
