"""Figures of the assessment against trails that people made: what was handed back is not handled, what a plan's row says is the plan's,
late changes of place and of filed figures are listed, nobody exempts their own unit."""

from __future__ import annotations

import csv
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from engine import files
from engine.clock import ManualClock
from engine.errors import NotAllowed
from engine.operating import suspending
from engine.queries import flow_waits
from engine.queries.flows import Asked
from engine.tables import instance, membership, person, unit
from escalation import sweep
from escalation.assessment import closing, counting, editions, exemptions, periods, plan
from tests.db.test_assessment import PICTURE, live
from tests.emergency import ORDER, answer
from tests.factories import LEADER, case_at, do
from tests.plans import assess
from tests.stories.test_plans_levels import CHANGE, at_level
from web.city import City
from web.wiring import PROCESSES

CITY = ZoneInfo("Asia/Shanghai")
ASSESSOR, OPERATOR = "yuanzhigang", "fuxiaolin"


def numbers(city: City, clock: ManualClock, *keys: str, reading: int = 1) -> tuple[int, ...]:
    found = live(city, periods.of(periods.YEAR, clock.now(), CITY)).report["whole"]["numbers"]
    return tuple(found.get(key, [0, 0, 0])[reading] for key in keys)


def test_what_a_unit_hands_back_is_not_handled(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Handle")
    keys = ("due_handle", "handled", "handled_in_time", "handle_missed")
    do(city, case, "Handle", handle_result="return", return_reason="not_ours", return_note="不属本单位")
    assert numbers(city, clock, *keys) == (0, 0, 0, 0), "handed back at once: nobody handled it, nobody was to"
    do(city, case, "Dispatch")
    do(city, case, "SignFor")
    do(city, case, "Handle")
    assert numbers(city, clock, *keys) == (1, 1, 1, 0)


def test_what_was_late_when_it_was_handed_back_stays_late(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Handle")
    clock.advance(timedelta(days=30))
    sweep.breaches(city.core)
    do(city, case, "Handle", handle_result="return", return_reason="other", return_note="缺少设备")
    assert numbers(city, clock, "due_handle", "handled_in_time", "handle_missed") == (1, 0, 1)


def test_an_emergency_of_level_iv_is_no_major_one_and_one_that_came_down_to_it_is(
    city: City, clock: ManualClock
) -> None:
    case = at_level(city, "plan_spill", 4)
    answer(city, case, "StartOrder", ORDER)
    assert numbers(city, clock, "emergencies", "emergencies_in_time") == (0, 0)
    for level in (3, 4):
        assess(city, case, "regrade", wanted_level=level)
        answer(city, case, "ChangeOrder", CHANGE)
        city.run_due()
        assert numbers(city, clock, "emergencies", "emergencies_in_time") == (1, 0)


def test_the_plan_s_targets_are_those_of_the_plan() -> None:
    with (PROCESSES / "registers" / "plan_indicators.csv").open(encoding="utf-8", newline="") as sheet:
        rows = {int(row["no"]): row for row in csv.DictReader(sheet)}
    assert [float(rows[no]["target"]) for no in range(1, 31)] == [
        100, 100, 100, 100, 98, 90, 100, 35, 90, 90, 90, 95, 95, 80, 40, 36, 12, 95, 98, 100, 100, 99, 100, 100, 100, 100, 100, 93, 90, 2,
    ]  # fmt: skip
    expected = {1, 2, 6, 9, 10, 11, 12, 14, 19, 25, 26, 28, 29, 30}
    assert {no for no, row in rows.items() if row["kind"] == "expected"} == expected
    assert {no for no, row in rows.items() if row["measured"] == "F"} == {1, 2, 3, 13, 19, 21, 23, 24, 25, 28}


@pytest.mark.parametrize(
    "when, months",
    [
        ("2026-05", "2026-05 2026-Q2"),
        ("2026-04-15/2026-06-14", "2026-04 2026-05 2026-06 2026-Q2"),
        ("2025-12-20/2026-01-10", "2026-01 2025-12"),
    ],
)
def test_a_round_is_of_every_month_that_it_reaches(when: str, months: str) -> None:
    every = [f"2025-{n:02}" for n in (11, 12)] + [f"2026-{n:02}" for n in range(1, 8)] + ["2026-Q2", "2026-Q3"]
    found = []
    for label in every:
        span = periods.read(label, CITY)
        last = (span.until - timedelta(days=1)).astimezone(CITY)
        if plan.meets(when, (f"{span.since:%Y-%m}", f"{last:%Y-%m}")):
            found.append(label)
    assert set(found) == set(months.split())


def test_a_case_that_moves_to_another_town_after_closing_is_listed(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Dispatch")
    month = periods.of(periods.MONTH, clock.now(), CITY)
    clock.advance(timedelta(days=31))
    row = closing.close(city.core, city.actor(ASSESSOR), month)
    assert row is not None
    with city.core.db.write() as connection:
        connection.execute(update(instance).where(instance.c.id == case).values(area="zhangjin"))
    paper = files.accept(city.core, "证明.png", PICTURE)
    plan.file(city.core, city.actor(ASSESSOR), month, 16, "37.5", "测绘", paper)
    with city.core.db.read() as connection:
        kept = editions.find(connection, row["number"])
        _, changed = editions.late(connection, kept, counting.marks(city.core, connection, kept, None), None)
        beside = editions.late_beside(city.core, connection, kept, month)
    assert [one["moved"] for one in changed if one["id"] == case] == [["area"]]
    assert [(one["no"], one["then"], one["now"]) for one in beside] == [(16, None, "37.5")]


def test_nobody_decides_on_an_exemption_of_their_own_unit(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Handle")
    clock.advance(timedelta(days=30))
    sweep.breaches(city.core)
    paper = files.accept(city.core, "证明.png", PICTURE)
    number = exemptions.ask(city.core, city.actor(ASSESSOR), case, "handle", "连续暴雨", paper)
    with city.core.db.write() as connection:
        has = connection.execute(select(instance.c.unit_id).where(instance.c.id == case)).scalar_one()
        office = connection.execute(select(unit.c.id).where(unit.c.key == "assessment_office")).scalar_one()
        who = connection.execute(select(person.c.id).where(person.c.login == LEADER)).scalar_one()
        for where, post in ((office, "assessor"), (has, "handler")):
            connection.execute(membership.insert().values(person_id=who, unit_id=where, post_key=post))
        connection.execute(
            update(person).where(person.c.id == who).values(access_revision=person.c.access_revision + 1)
        )
    with pytest.raises(NotAllowed):
        exemptions.decide(city.core, city.actor(LEADER), number, agreed=True, note="属实")
    with city.core.db.write() as connection:
        connection.execute(membership.delete().where(membership.c.person_id == who, membership.c.unit_id == has))
        connection.execute(
            update(person).where(person.c.id == who).values(access_revision=person.c.access_revision + 1)
        )
    exemptions.decide(city.core, city.actor(LEADER), number, agreed=True, note="属实")
    assert numbers(city, clock, "handle_missed", reading=2) == (0,)
    assert numbers(city, clock, "handle_missed") == (1,)


def test_what_waits_is_what_the_live_picture_says(city: City, clock: ManualClock) -> None:
    cases = [case_at(city, "Handle") for _ in range(3)]
    suspending.suspend(city.core, cases[0], OPERATOR, "复核")
    clock.advance(timedelta(days=30))
    now = city.world().now
    waits = live(city, periods.of(periods.MONTH, clock.now(), CITY)).report["waiting"]
    asked = Asked("case_dispatch", now, now)
    drawn = flow_waits.waiting(city.core, city.actor(ASSESSOR), asked, now)["Handle"]
    assert [(one["node"], one["open"], one["late"]) for one in waits] == [("Handle", drawn.waiting, drawn.late)]
    assert drawn.waiting == 3
