"""A matter raised by hand, and the supervision that begins by itself: of one case there is one ladder, whichever came first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import instances, settings
from engine.clock import ManualClock
from engine.tables import instance
from escalation import indicators
from escalation.tables import rung
from tests.factories import case_at, do, only_task
from tests.laws import check
from tests.stories.test_ladder import HEAD, HOUR, ZHU, nodes, rungs
from web.city import City

RAISED: dict[str, Any] = {
    "title": "井盖缺失",
    "responsible_unit": "water_supply",
    "demand": "立即修复",
    "reply_days": 1,
}


@pytest.fixture
def grave(city: City) -> int:
    case = case_at(city, "File")
    do(city, case, "File", grade="major")
    do(city, case, "Dispatch")
    do(city, case, "SignFor")
    return case


def number(city: City, case: int) -> str:
    return str(city.instance(case)["number"])


def ladders(city: City) -> list[int]:
    """All supervisions there are."""
    with city.core.db.read() as connection:
        query = select(instance.c.id).where(instance.c.key == "supervision").order_by(instance.c.started_at)
        return list(connection.execute(query).scalars())


def not_accepted(city: City, ladder: int) -> None:
    city.complete(only_task(city, ladder), {"reply_text": "正在协调"}, HEAD)
    city.complete(only_task(city, ladder), {"review_decision": "again", "review_note": "无进展"}, ZHU)
    city.run_due()


@pytest.mark.parametrize("rounds", [1, 3])
def test_rounds_that_nobody_gave_are_the_setting(city: City, rounds: int) -> None:
    with city.core.db.write() as connection:
        settings.put(city.core, connection, "supervision_rounds", rounds)
    ladder = city.start("supervision", RAISED, ZHU)
    city.run_due()
    assert city.instance(ladder)["facts"]["rounds_most"] == rounds
    not_accepted(city, ladder)
    assert nodes(city, ladder) == (["Hear"] if rounds == 1 else ["Reply"])


def test_what_is_late_later_is_noted_in_the_matter_that_was_raised(city: City, clock: ManualClock, grave: int) -> None:
    ladder = city.start("supervision", {**RAISED, "case_numbers": f" {number(city, grave)} "}, ZHU)
    city.run_due()
    assert city.instance(ladder)["facts"]["case_id"] == str(grave)
    city.advance(3 * HOUR)  # the case and its task are late
    assert ladders(city) == [ladder], "no second one beside it"
    known = city.instance(ladder)["facts"]
    assert (known["breaches_noted"], known["matter_moved"]) == (2, False)
    assert [(r["kind"], r["case_id"], r["round"]) for r in rungs(city, ladder)] == [("supervise", grave, 1)]
    do(city, grave, "Handle")  # its late clock stops, and the order still wants its answer
    city.run_due()
    assert nodes(city, ladder) == ["Reply"]
    for node in ("Feedback", "Check", "Close"):
        do(city, grave, node)
    not_accepted(city, ladder)
    assert city.instance(ladder)["outcome"] == "EndSettled", "the case is closed"
    june = indicators.Period(clock.now() - timedelta(days=2), clock.now() + timedelta(days=9))
    with city.core.db.read() as connection:
        query = select(instance.c.id).where(indicators.ORDERED.condition(june))
        assert list(connection.execute(query).scalars()) == [grave], "it counts as any"
    check(city)


def test_an_order_about_a_case_that_is_not_late_wants_its_answer(city: City, grave: int) -> None:
    ladder = city.start("supervision", {**RAISED, "case_numbers": number(city, grave)}, ZHU)
    city.run_due()
    not_accepted(city, ladder)
    assert nodes(city, ladder) == ["Reply"], "that nothing is late settles nothing"
    assert [(r["round"], r["outcome"]) for r in rungs(city, ladder)] == [(1, "refused"), (2, None)]


def test_a_matter_about_a_case_that_is_supervised_joins_that_supervision(city: City, grave: int) -> None:
    city.advance(3 * HOUR)
    (ladder,) = ladders(city)
    before = rungs(city, ladder)
    said = {**RAISED, "case_numbers": number(city, grave)}
    reply = instances.start(city.core, "supervision", said, ZHU, key="one")
    assert (reply["instance"], reply["joined"]) == (ladder, True)
    assert instances.start(city.core, "supervision", said, ZHU, key="one") == reply
    city.run_due()
    assert (ladders(city), rungs(city, ladder)) == ([ladder], before)
    (joined,) = [row for row in city.trail(ladder) if row["kind"] == "joined"]
    assert joined["data"]["answers"]["demand"] == RAISED["demand"]
    assert nodes(city, ladder) == []  # it goes on as it did
    check(city)


def test_matters_about_no_case_each_have_their_own(city: City, grave: int) -> None:
    several = f"{number(city, grave)}、{number(city, grave)}1"
    found = {
        city.start("supervision", {**RAISED, "case_numbers": said}, ZHU) for said in (None, None, several, "无编号")
    }
    city.run_due()
    assert len(found) == len(ladders(city)) == 4
    with city.core.db.read() as connection:
        assert set(connection.execute(select(rung.c.case_id)).scalars()) == {None}
    city.advance(3 * HOUR)
    assert len(ladders(city)) == 5, "the case has its own"
