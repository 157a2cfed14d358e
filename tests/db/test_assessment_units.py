"""No unit answers for what another did: a case that passed from one to another counts for each by its own task, in numbers, lists and
closed editions."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, update

from engine import files
from engine.clock import ManualClock
from engine.errors import NotAllowed
from engine.tables import instance, task
from escalation import sweep
from escalation.assessment import closing, counting, editions, exemptions, opening, periods
from escalation.assessment.opening import Number
from escalation.tables import assessment_edition, assessment_unit_mark, rung
from tests.db.organised import MERGE, changed
from tests.db.test_assessment import ASSESSOR, PICTURE, second_assessor
from tests.factories import case_at, do
from tests.stories.test_case import give_post
from web.city import City

JUNE = periods.read("2026-06", ZoneInfo("Asia/Shanghai"))
KEYS = ("due_handle", "handled", "handled_in_time", "handle_missed")
A, B, SWEEPER = "water_supply", "sanitation", "lvshuhua"
HOUR = timedelta(hours=1)


def live(city: City) -> editions.Read:
    with city.core.db.read() as connection:
        return editions.live(city.core, connection, JUNE, None)


def numbers(read: editions.Read, unit: str, reading: int = 1) -> tuple[int, ...]:
    """Due, handled, in time and missed: of a unit, or of the city."""
    rows = {"city": read.report["whole"], **{row["key"]: row for row in read.report["units"]}}
    found = rows.get(unit, {"numbers": {}})["numbers"]
    return tuple(found.get(key, [0, 0, 0])[reading] for key in KEYS)


def behind(city: City, read: editions.Read, key: str, unit: str, reading: str = "base") -> list[int]:
    with city.core.db.read() as connection:
        wanted = opening.cases(connection, read, Number(key, reading, unit=unit), ())
        return list(connection.execute(select(instance.c.id).where(wanted)).scalars())


def handed_on(city: City, case: int) -> None:
    """The first unit hands it back; the other signs for it."""
    do(city, case, "Handle", handle_result="return", return_reason="place_unclear", return_note="位置不清")
    do(city, case, "Dispatch", responsible_unit=B)
    give_post(city, SWEEPER, B, "handler")
    do(city, case, "SignFor", by=SWEEPER)


def late_then_in_time(city: City) -> int:
    """A case that is late with one unit and in time with the next."""
    case = case_at(city, "Handle")
    city.advance(3 * HOUR)
    sweep.breaches(city.core)
    handed_on(city, case)
    city.advance(HOUR)
    do(city, case, "Handle", by=SWEEPER)
    return case


def test_late_for_who_was_late_and_in_time_for_who_was_in_time(city: City, clock: ManualClock) -> None:
    case = late_then_in_time(city)
    now = live(city)
    assert numbers(now, "city") == (1, 1, 0, 1)
    assert numbers(now, A) == (1, 1, 0, 1), "it had the task when its time ran out, though the case is another's now"
    assert numbers(now, B) == (1, 1, 1, 0)
    for key, units in {"due_handle": (A, B), "handle_missed": (A,), "handled_in_time": (B,)}.items():
        assert [unit for unit in (A, B) if behind(city, now, key, unit) == [case]] == list(units), key
    (a,) = [row for row in now.report["units"] if row["key"] == A]
    assert a["numbers"].get("received") is None, "a unit that has no case at the end stands in the table for its task"
    assert a["values"]["handling_in_time_rate"]["text"] == ["0.0%"] * 3
    (due,) = [one for one in now.report["counts"] if one["key"] == "due_handle"]
    assert "各单位之和可大于全市" in due["means_zh"]
    assert "more than the city" in due["means_en"]


def test_what_was_handed_back_in_time_is_nobodys_fault(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Handle")
    city.advance(HOUR / 2)
    handed_on(city, case)
    city.advance(3 * HOUR)
    sweep.breaches(city.core)
    do(city, case, "Handle", by=SWEEPER)
    assert numbers(live(city), A) == (0, 0, 0, 0)
    assert numbers(live(city), B) == numbers(live(city), "city") == (1, 1, 0, 1)


@pytest.mark.parametrize("late", [True, False])
def test_a_task_that_passes_with_its_unit_is_of_who_had_it_when_its_time_ran_out(
    city: City, clock: ManualClock, late: bool
) -> None:
    case = case_at(city, "Handle")
    if late:
        city.advance(3 * HOUR)
        sweep.breaches(city.core)
    changed(city, "merge", MERGE)
    assert city.instance(case)["unit_id"] == city.core.unit_id("water")
    open_ = live(city)
    assert numbers(open_, A) == ((1, 0, 0, 1) if late else (0, 0, 0, 0))
    do(city, case, "Handle")
    now = live(city)
    assert numbers(now, A) == ((1, 1, 0, 1) if late else (0, 0, 0, 0))
    assert numbers(now, "water") == ((0, 0, 0, 0) if late else (1, 1, 1, 0))


def test_an_exemption_is_of_the_unit_whose_overrun_it_covers(city: City, clock: ManualClock) -> None:
    case = late_then_in_time(city)
    paper = files.accept(city.core, "证明.png", PICTURE)
    number = exemptions.ask(city.core, city.actor(ASSESSOR), case, "handle", "连续暴雨", paper)
    other = second_assessor(city)
    give_post(city, other.login, A, "handler")
    with pytest.raises(NotAllowed):  # the case is another's now, the figures that it betters are not
        exemptions.decide(city.core, city.actor(other.login), number, agreed=True, note="属实")
    leave(city, other.id, A)
    exemptions.decide(city.core, city.actor(other.login), number, agreed=True, note="属实")
    now = live(city)
    assert [numbers(now, unit, 2) for unit in ("city", A, B)] == [(0, 0, 0, 0), (0, 0, 0, 0), (1, 1, 1, 0)]
    assert numbers(now, A) == (1, 1, 0, 1), "the fact stays"
    assert behind(city, now, "handle_missed", A, "adjusted") == []
    assert behind(city, now, "handled_in_time", B, "adjusted") == [case]


def leave(city: City, person_id: int, unit: str) -> None:
    from engine.tables import membership, person  # noqa: PLC0415

    with city.core.db.write() as connection:
        own = (membership.c.person_id == person_id, membership.c.unit_id == city.core.unit_id(unit))
        connection.execute(membership.delete().where(*own))
        again = update(person).where(person.c.id == person_id)
        connection.execute(again.values(access_revision=person.c.access_revision + 1))


@pytest.fixture
def closed(city: City, clock: ManualClock) -> tuple[int, dict[str, Any]]:
    """A case that was late with one unit, which was urged, and in time with the next; and its month's edition."""
    case = late_then_in_time(city)
    urged = {"instance_id": case + 1, "id": 0, "world_id": 1, "case_id": case, "kind": "urge", "node": "Urge"}
    with city.core.db.write() as connection:
        connection.execute(insert(rung).values(**urged, unit_id=city.core.unit_id(A), at=clock.now()))
    clock.set(JUNE.until + timedelta(days=1))
    row = closing.close(city.core, city.actor(ASSESSOR), JUNE)
    assert row is not None
    return case, row


def read(city: City, row: dict[str, Any], *, whole: bool = True) -> editions.Read:
    with city.core.db.read() as connection:
        actor = None if whole else city.actor(ASSESSOR)
        return editions.read(city.core, connection, editions.find(connection, row["number"]), actor, JUNE)


def late(city: City, row: dict[str, Any]) -> list[tuple[int, list[str]]]:
    with city.core.db.read() as connection:
        kept = editions.find(connection, row["number"])
        total, found = editions.late(connection, kept, counting.marks(city.core, connection, kept, None), None)
    assert total == len(found)
    return [(one["id"], one["moved"]) for one in found]


def test_a_closed_period_keeps_whose_it_was_and_lists_what_changed(
    city: City, closed: tuple[int, dict[str, Any]]
) -> None:
    case, row = closed
    assert late(city, row) == []
    with city.core.db.write() as connection:  # somebody corrects whose the first task was
        wrong = (task.c.instance_id == case, task.c.node == "Handle", task.c.unit_id == city.core.unit_id(A))
        connection.execute(update(task).where(*wrong).values(unit_id=city.core.unit_id("drainage")))
    assert numbers(live(city), "drainage") == (1, 1, 0, 1)
    for whole in (True, False):
        found = read(city, row, whole=whole)
        assert [numbers(found, unit) for unit in (A, B, "drainage")] == [(1, 1, 0, 1), (1, 1, 1, 0), (0, 0, 0, 0)]
        assert behind(city, found, "handle_missed", A) == [case]
        assert behind(city, found, "handle_missed", B) == behind(city, found, "handle_missed", "drainage") == []
    assert late(city, row) == [(case, ["units"])], "the city's numbers are the same, two units' are not"


def test_a_mark_of_a_unit_that_somebody_touched_is_found(city: City, closed: tuple[int, dict[str, Any]]) -> None:
    _, row = closed
    m = assessment_unit_mark
    with city.core.db.read() as connection:
        assert editions.is_sound(connection, editions.find(connection, row["number"]))
    with city.core.db.write() as connection:
        connection.execute(update(m).where(m.c.unit_id == city.core.unit_id(A)).values(base=0))
    with city.core.db.read() as connection:
        assert not editions.is_sound(connection, editions.find(connection, row["number"]))


@pytest.mark.parametrize("rungs", [True, False])
def test_an_edition_of_the_time_before_reads_as_it_did(
    city: City, closed: tuple[int, dict[str, Any]], rungs: bool
) -> None:
    case, row = closed
    body = json.loads(row["body"])
    del body["unit_marks"]
    for one in body["counts"]:
        if one.get("whose") == "task" or not rungs:
            one.pop("whose", None)
    text = editions.canonical(body)
    with city.core.db.write() as connection:
        connection.execute(update(assessment_edition).values(body=text, hash=editions.hashed(text)))
        connection.execute(assessment_unit_mark.delete())
    with city.core.db.read() as connection:
        assert editions.is_sound(connection, editions.find(connection, row["number"]))
    assert read(city, row).report == body
    found = read(city, row, whole=False)
    assert [numbers(found, unit) for unit in (A, B)] == [(0, 0, 0, 0), (1, 1, 0, 1)], "by who has the case"
    assert behind(city, found, "handle_missed", B) == [case]
    assert [behind(city, found, "urged", unit) for unit in (A, B)] == ([[case], []] if rungs else [[], [case]])
    assert late(city, row) == []
