"""The supervision board: who is late, on which rung, what comes next, by when that is; only what its reader sees, nothing confidential."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, update

from engine.clock import ManualClock
from engine.tables import LIVE, instance, job
from escalation import board
from escalation.board import NO_RUNG, Wanted
from escalation.tables import clock as clock_table
from escalation.tables import rung
from tests.bpmn.drawing import chain, end, process, start, user
from tests.clocking import late
from tests.factories import COLLECTOR, HANDLER, LEADER, OPERATOR, case_at
from web.city import City

SUPERVISOR_SEES = LEADER  # sees all cases


def supervised(city: City, case: int, kind: str = "yellow_card", **more: Any) -> int:
    """A supervision of this case, by another process of that name, with a rung."""
    parts = [start(), user("Reply", settings='<ld:candidates post="operator"/>'), end(), chain("S", "Reply", "E")]
    city.deploy({"p.bpmn": process(*parts, id="watching")})
    own = city.start("watching", {}, OPERATOR)
    with city.core.db.write() as connection:
        connection.execute(
            update(instance).where(instance.c.id == own).values(key=board.SUPERVISION, facts={"case_id": str(case)})
        )
        climb(connection, city, own, case, kind, **more)
    return own


def climb(connection: Any, city: City, own: int, case: int, kind: str, **more: Any) -> None:
    row = {
        "instance_id": own,
        "id": 1,
        "world_id": LIVE,
        "case_id": case,
        "kind": kind,
        "round": 1,
        "node": "Reply",
        "at": city.world().now,
        "reason": "",
        "basis": "",
        "answer": "",
        **more,
    }
    connection.execute(insert(rung).values(**row))


def read(city: City, login: str = SUPERVISOR_SEES, **wanted: Any) -> board.Board:
    return board.read(city.core, city.actor(login), Wanted(**wanted), city.world().now)


def cases(found: board.Board) -> list[int]:
    return [line.case["id"] for line in found.lines]


def test_what_comes_next_comes_first_with_its_rung(city: City, clock: ManualClock) -> None:
    first = late(city, clock)
    second = late(city, clock)
    fresh = case_at(city, "Dispatch")
    own = supervised(city, second)
    with city.core.db.write() as connection:
        at = city.world().now + timedelta(hours=4)
        timer = {"world_id": LIVE, "kind": "timer", "state": "waiting", "tries": 0, "fence": 0}
        connection.execute(insert(job).values(instance_id=own, id="timer-1", node="Reply", due_at=at, **timer))
    found = read(city)
    assert cases(found) == [second, first], "nothing is planned for the first, whatever it is late by"
    assert fresh not in cases(found)
    other, one = found.lines
    assert (one.rung, one.supervision, one.nexts) == (None, None, [])
    assert other.rung is not None
    assert other.rung["kind"] == "yellow_card"
    assert other.supervision is not None
    assert other.supervision["id"] == own
    assert [(n.node, n.task is not None, n.at) for n in other.nexts] == [("Reply", True, None), ("Reply", False, at)]
    assert {row["name"] for row in one.late} == {"case", "handle"}
    assert one.since == min(row["breached_at"] for row in one.late)


def test_the_ladder_itself_is_on_it(city: City, clock: ManualClock) -> None:
    case = late(city, clock)
    city.run_due()
    (line,) = read(city).lines
    assert line.case["id"] == case
    assert line.supervision is not None
    assert line.rung is not None
    assert line.rung["kind"] == "reminder"
    assert line.nexts


def test_filters_by_unit_rung_and_grade(city: City, clock: ManualClock) -> None:
    first, second = late(city, clock), late(city, clock)
    supervised(city, second, "red_card")
    with city.core.db.write() as connection:
        connection.execute(update(instance).where(instance.c.id == first).values(grade="major"))
    calm = case_at(city, "Dispatch")
    supervised(city, calm, "urge")
    assert cases(read(city, light="red")) == [first, second] or cases(read(city, light="red")) == [second, first]
    assert cases(read(city, light="green")) == [calm]
    assert cases(read(city, light="yellow")) == []
    clock.advance(timedelta(hours=1, minutes=45))
    assert cases(read(city, light="yellow")) == [calm]
    assert cases(read(city, rung="red_card")) == [second]
    assert cases(read(city, rung=NO_RUNG)) == [first]
    assert cases(read(city, grade="major")) == [first]
    late_unit = city.core.unit_id("water_supply")
    assert len(cases(read(city, unit=late_unit))) == 2
    assert cases(read(city, unit=10**6)) == []


def test_what_is_supervised_though_nothing_is_late_is_on_it(city: City, clock: ManualClock) -> None:
    calm = case_at(city, "Dispatch")
    own = supervised(city, calm, "urge")
    behind = late(city, clock)
    clock.advance(timedelta(seconds=1))
    with city.core.db.write() as connection:  # as if it had been dispatched in time
        connection.execute(update(clock_table).where(clock_table.c.instance_id == calm).values(breached_at=None))
    found = read(city)
    assert cases(found) == [calm, behind], "somebody is asked to act for the one, nobody yet for the other"
    assert found.lines[0].since is None
    assert found.lines[0].supervision is not None
    assert found.lines[0].supervision["id"] == own


def test_a_stopped_clock_and_an_ended_case_are_not_on_it(city: City, clock: ManualClock) -> None:
    case = late(city, clock)
    city.cancel(case, OPERATOR, "重复")
    assert cases(read(city)) == []


def test_who_does_not_see_a_case_does_not_see_it_here(city: City, clock: ManualClock) -> None:
    case = late(city, clock)
    assert cases(read(city, HANDLER)) == [case]  # their own unit's
    assert read(city, "shenjiahao").lines == []
    assert read(city, "shenjiahao").units == []


def test_nothing_confidential_is_on_it_not_even_a_rung(city: City, clock: ManualClock) -> None:
    case, hidden = late(city, clock), late(city, clock)
    own = supervised(city, case, "refer_up")
    with city.core.db.write() as connection:
        for one in (own, hidden):
            connection.execute(update(instance).where(instance.c.id == one).values(confidential=True))
    found = read(city)
    assert cases(found) == [case]
    assert (found.lines[0].rung, found.lines[0].supervision) == (None, None)
    assert cases(read(city, rung="refer_up")) == []
    assert sum(red for _, red, _ in found.units) == 1


def test_lights_by_unit(city: City, clock: ManualClock) -> None:
    late(city, clock)
    case_at(city, "Handle")
    clock.advance(timedelta(hours=1, minutes=45))  # of two hours: yellow
    found = read(city).units
    assert [(red, yellow) for unit, red, yellow in found] == [(1, 1)]
    assert read(city, COLLECTOR).units in ([], found)


def raised(city: City, unit: str, numbers: str = "") -> int:
    """A matter that a supervisor raised by hand."""
    said = {"title": "占道经营反复", "responsible_unit": unit, "demand": "限期整改", "reply_days": 3, "rounds_most": 2}
    own = city.start("supervision", {**said, "grade": "serious", "case_numbers": numbers}, "zhuxiaodong")
    city.run_due()
    return own


def test_a_matter_raised_by_hand_is_on_the_board(city: City, clock: ManualClock) -> None:
    own = raised(city, "sanitation")
    (line,) = read(city).lines
    assert (line.case["id"], city.core.unit_key(line.unit_id), line.rungs) == (own, "sanitation", 1)
    assert line.rung is not None
    assert (line.rung["kind"], line.rung["open"]) == ("supervise", True)
    assert [one.node for one in line.nexts if one.task] == ["Reply"]
    assert cases(read(city, unit=city.core.unit_id("sanitation"), rung="supervise", grade="serious")) == [own]
    assert cases(read(city, unit=city.core.unit_id("drainage"))) == []
    assert cases(read(city, rung="red_card")) == []
    assert cases(read(city, grade="major")) == []


def test_one_that_names_one_case_stands_at_that_case(city: City, clock: ManualClock) -> None:
    case, calm = late(city, clock), case_at(city, "Dispatch")
    numbers = [city.instance(each)["number"] for each in (case, calm)]
    own = raised(city, "water_supply", numbers[1])
    joined = raised(city, "water_supply", numbers[0])  # that case has a supervision, which this joins
    two = raised(city, "water_supply", "、".join(numbers))
    lines = {line.case["id"]: line for line in read(city).lines}
    assert set(lines) == {case, calm, two}
    supervised_by = {each: line.supervision["id"] for each, line in lines.items() if line.supervision is not None}
    assert (supervised_by[calm], supervised_by[case], supervised_by[two]) == (own, joined, two)
    assert len({own, joined, two}) == 3
    assert (lines[calm].rungs, len(lines[calm].late)) == (1, 0)
