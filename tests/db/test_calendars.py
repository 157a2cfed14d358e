"""Calendars change by two people, a version at a time; every open clock follows, once."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine import calendars, steps
from engine.calendar import CalendarProblem, Unit
from engine.calendars import changes, editing
from engine.calendars.editing import DayOff
from engine.clock import ManualClock
from engine.errors import Invalid, NotAllowed
from engine.events import Event
from engine.steps import Reply, Seen
from engine.tables import audit, calendar_book, history
from engine.writes import WriteSet
from escalation import lights, recounting, sweep
from escalation.ledger import Ground, Ledger
from escalation.tables import clock as clock_table
from escalation.tables import clock_entry
from tests import laws
from tests.bpmn.drawing import chain, end, ext, process, start, user
from tests.factories import OPERATOR, only_task
from tests.faults.wrecking import ConnectionLost, wrecked
from web.city import City

ONE, OTHER = "shenjiahao", "tanwenbo"
WHO = '<ld:candidates post="operator"/>'
STORM = date(2026, 6, 11)  # the day after the tests' morning
NATIONAL = DayOff(date(2027, 10, 1), working=False, name_zh="国庆节", name_en="National Day")


def override(day: date, value: str = "holiday", until: date | None = None) -> dict[str, str]:
    given = (
        "qianjiang",
        "override",
        day.isoformat(),
        until.isoformat() if until else "",
        value,
        "",
        "",
        "暴雨停工",
        "Storm",
    )
    return dict(zip(calendars.COLUMNS, (*given, "市政府停工通知"), strict=True))


def draft(city: City, *rows: dict[str, str], by: str = ONE) -> int:
    made = changes.begin(city.core, by)
    for row in rows:
        changes.edit(city.core, made, by, partial(editing.put, row=row))
    return made


def proposal(city: City, *rows: dict[str, str], by: str = ONE) -> int:
    made = draft(city, *rows, by=by)
    changes.propose(city.core, made, by, "台风", "市政府停工通知")
    return made


def decide(city: City, *rows: dict[str, str]) -> int:
    return changes.approve(city.core, proposal(city, *rows), OTHER)


def deploy(city: City, *settings: str) -> None:
    found = settings or ('id="whole" budget="2" unit="work_day" remind="true"',)
    parts = [ext("".join(f"<ld:clock {each}/>" for each in found)), *start(), *user("A", settings=WHO), *end()]
    city.deploy({"p.bpmn": process(*parts, *chain("S", "A", "E"), id="p")})


def clocks(city: City, case: int) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in laws.rows(city, clock_table, case)}


def follow(city: City) -> None:
    while recounting.run_due(city.core):
        pass


def said(city: City, case: int, kind: Event) -> int:
    with city.core.db.read() as connection:
        query = select(func.count()).select_from(history)
        return connection.execute(query.where(history.c.instance_id == case, history.c.kind == kind)).scalar_one()


def test_two_people_make_a_version(city: City) -> None:
    made = proposal(city, override(STORM))
    with pytest.raises(NotAllowed, match="somebody else"):
        changes.approve(city.core, made, ONE)
    assert calendars.current(city.core).calendars["qianjiang"].is_working_day(STORM)
    assert changes.approve(city.core, made, OTHER, "同意") == 2
    book = calendars.current(city.core)
    assert book.version == book.calendars["qianjiang"].version == 2
    assert not book.calendars["qianjiang"].is_working_day(STORM)
    assert not book.calendars["qianjiang_law"].is_working_day(STORM)  # begins as the city's
    assert calendars.at(city.core, 1).calendars["qianjiang"].is_working_day(STORM)
    with city.core.db.read() as connection:
        kinds = connection.execute(
            select(audit.c.kind, audit.c.actor_id).where(audit.c.about == f"calendar:{made}").order_by(audit.c.seq)
        ).all()
    assert [k for k, _ in kinds] == ["calendar_drafted", "calendar_edited", "calendar_proposed", "calendar_approved"]
    assert all(actor for _, actor in kinds)


@pytest.mark.parametrize("database_kind", ["sqlite"])  # not of the database
def test_who_may_do_what(city: City) -> None:
    with pytest.raises(NotAllowed):
        changes.begin(city.core, "xiahexiang")
    made = draft(city, override(STORM))
    with pytest.raises(NotAllowed, match="somebody else"):
        changes.edit(city.core, made, OTHER, lambda text: editing.drop(text, 2))
    with pytest.raises(Invalid, match="not open"):
        changes.approve(city.core, made, OTHER)
    changes.propose(city.core, made, ONE, "台风", "通知")
    for refused in (
        lambda: changes.approve(city.core, made, "feiguoqing"),
        lambda: changes.withdraw(city.core, made, OTHER),
    ):
        with pytest.raises(NotAllowed):
            refused()
    with pytest.raises(Invalid):
        changes.edit(city.core, made, ONE, lambda text: editing.drop(text, 2))
    changes.refuse(city.core, made, OTHER, "没有文件")
    with pytest.raises(Invalid):
        changes.approve(city.core, made, OTHER)
    found = changes.get(city.core, made)
    assert (found.state, found.said, found.version) == ("refused", "没有文件", None)
    assert calendars.current(city.core).version == 1


def test_a_second_account_of_who_proposed_decides_nothing(city: City) -> None:
    from engine.tables import person  # noqa: PLC0415

    with city.core.db.write() as connection:
        number = connection.execute(select(person.c.staff_no).where(person.c.login == ONE)).scalar_one()
        connection.execute(update(person).where(person.c.login == OTHER).values(staff_no=number))
    made = proposal(city, override(STORM))
    with pytest.raises(NotAllowed, match="somebody else"):
        changes.approve(city.core, made, OTHER)


def test_of_two_proposals_one_wins_and_the_other_is_brought_onto_it(city: City) -> None:
    first, second = proposal(city, override(STORM)), proposal(city, override(date(2026, 7, 1)), by=OTHER)
    refused: list[Invalid] = []

    def approve(made: int, by: str) -> None:
        try:
            changes.approve(city.core, made, by)
        except Invalid as error:
            refused.append(error)

    racing = [threading.Thread(target=approve, args=args) for args in ((first, OTHER), (second, ONE))]
    for each in racing:
        each.start()
    for each in racing:
        each.join()
    assert len(refused) == 1
    assert "version 2" in refused[0].text("en")
    assert calendars.current(city.core).version == 2
    lost, by, other = (first, ONE, OTHER) if changes.get(city.core, first).state == "proposed" else (second, OTHER, ONE)
    assert changes.rebase(city.core, lost, by) == []
    changes.propose(city.core, lost, by, "再提", "通知")
    assert changes.approve(city.core, lost, other) == 3
    city_days = calendars.current(city.core).calendars["qianjiang"]
    assert not city_days.is_working_day(STORM)
    assert not city_days.is_working_day(date(2026, 7, 1))


@pytest.mark.parametrize("database_kind", ["sqlite"])  # not of the database
@pytest.mark.parametrize(
    "row, why",
    [
        ({"kind": "unit", "value": "no_such_unit"}, "no unit “no_such_unit”"),
        ({"kind": "season", "first": "01-01", "last": "12-31", "value": "17:00-09:00"}, "overlap"),
        ({"kind": "override", "first": "2026-02-30", "value": "holiday"}, "day is out of range|override"),
        ({"kind": "override", "first": "2026-02-03", "value": "holiday", "source": ""}, "source"),
        ({"kind": "override", "first": "2026-02-03", "last": "2026-02-01", "value": "holiday"}, "ends before"),
    ],
)
def test_a_wrong_row_is_refused_in_words_by_its_line(city: City, row: dict[str, str], why: str) -> None:
    made = draft(city)
    with pytest.raises(CalendarProblem, match=why) as refused:
        changes.edit(
            city.core,
            made,
            ONE,
            lambda text: editing.put(text, {"calendar": "qianjiang", "source": "通知", **row}),
        )
    assert "第 13 行" in refused.value.text("zh")
    with pytest.raises(Invalid, match="changes nothing"):
        changes.propose(city.core, made, ONE, "没有", "没有")


@pytest.mark.parametrize("database_kind", ["sqlite"])  # not of the database
def test_a_table_that_leaves_a_year_without_hours_is_refused(city: City) -> None:
    made = draft(city)
    winter = {"calendar": "qianjiang", "kind": "season", "first": "01-01", "last": "12-31", "value": "09:00-12:00"}

    def only_until_2025(text: str) -> str:
        return editing.put(editing.drop(text, 6), {**winter, "until": "2025-12-31", "source": "通知"}, 5)

    with pytest.raises(CalendarProblem, match="no working hours at all in 2026"):
        changes.edit(city.core, made, ONE, only_until_2025)


@pytest.mark.parametrize("database_kind", ["sqlite"])  # not of the database
def test_the_notice_settles_the_year_and_keeps_the_city_s_own_days(city: City) -> None:
    made = draft(city, override(date(2027, 8, 2)))

    def notice(text: str) -> str:
        return editing.settle(text, "qianjiang", 2027, [NATIONAL], "国办发明电〔2026〕9号")

    changes.edit(city.core, made, ONE, notice)
    changes.edit(city.core, made, ONE, notice)  # again, as if corrected
    changes.propose(city.core, made, ONE, "2027 年放假安排", "国办发明电〔2026〕9号")
    changes.approve(city.core, made, OTHER)
    book = calendars.current(city.core)
    for key in ("qianjiang", "qianjiang_law"):
        assert not book.calendars[key].is_provisional(date(2027, 5, 1))
        assert book.calendars[key].is_provisional(date(2028, 5, 1))
        assert not book.calendars[key].is_working_day(date(2027, 8, 2))
        assert book.calendars[key].days[NATIONAL.day].name_zh == "国庆节"
    text = changes.of_version(city.core, 2).rows
    assert text.count("2027-10-01") == text.count("settled") == 1


def test_every_open_clock_follows_once_with_a_word_each(city: City, clock: ManualClock) -> None:
    deploy(city, 'id="whole" budget="2" unit="work_day" remind="true"', 'id="urgent" budget="2" unit="urgent_day"')
    case = city.start("p", {}, OPERATOR)
    before = clocks(city, case)
    decide(city, override(STORM))
    follow(city)
    after = clocks(city, case)
    assert after["whole"]["due_at"] - before["whole"]["due_at"] == timedelta(days=3)  # Thursday off: Friday, Monday
    assert after["urgent"]["due_at"] == before["urgent"]["due_at"]
    assert {row["calendar_version"] for row in after.values()} == {2}
    assert said(city, case, Event.CLOCK_MOVED) == 2  # one each, also where the due time stays
    told = {row["data"]["clock"]: row["data"] for row in laws.rows(city, history, case) if row["kind"] == "clock_moved"}
    entries = {row["name"]: row for row in laws.rows(city, clock_entry, case)}
    for name, row in entries.items():
        assert (row["due_before"], row["due_after"]) == (before[name]["due_at"], after[name]["due_at"])
        dues = [datetime.fromisoformat(told[name][key]) for key in ("before", "after")]
        assert dues == [before[name]["due_at"], after[name]["due_at"]]
        assert (told[name]["from"], told[name]["version"], row["calendar_version"]) == (1, 2, 2)
    assert sorted(entries) == ["urgent", "whole"]
    task = only_task(city, case)
    with city.core.db.read() as connection:
        from engine.tables import task as tasks  # noqa: PLC0415

        row = connection.execute(select(tasks.c.due_at).where(tasks.c.instance_id == case)).scalar_one()
    assert row == min(each["due_at"] for each in after.values())
    assert task.node == "A"
    follow(city)
    assert said(city, case, Event.CLOCK_MOVED) == 2
    book = changes.of_version(city.core, 2)
    assert book.moved_at is not None
    assert book.moved is not None
    assert {k: book.moved[k] for k in ("total", "moved", "earlier", "later")} == {
        "total": 2,
        "moved": 1,
        "earlier": 0,
        "later": 1,
    }
    laws.check(city, case)


def test_what_is_late_stays_late_and_nothing_is_told_twice(city: City, clock: ManualClock) -> None:
    deploy(city)
    case = city.start("p", {}, OPERATOR)
    due = clocks(city, case)["whole"]["due_at"]
    with city.core.db.write() as connection:  # somebody was reminded
        connection.execute(update(clock_table).values(remind=2))
    decide(city, override(STORM, until=STORM + timedelta(days=2)))
    follow(city)
    row = clocks(city, case)["whole"]
    assert row["due_at"] > due
    assert row["warn_at"] > clock.now()
    assert row["remind"] == 2
    late = row["due_at"]
    clock.set(late + timedelta(hours=1))
    decide(city, override(late.date()))  # before any worker saw that it is late
    follow(city)
    assert sweep.breaches(city.core) == 0
    row = clocks(city, case)["whole"]
    assert (row["breached_at"], row["due_at"], row["calendar_version"]) == (late, late, 3)
    assert said(city, case, Event.BREACHED) == 1
    assert said(city, case, Event.CLOCK_MOVED) == 2  # the second change left it late, and says so
    book = changes.of_version(city.core, 3)
    assert book.moved is not None
    assert book.moved["moved"] == 0
    laws.check(city, case)


@pytest.mark.parametrize("database_kind", ["sqlite"])  # not of the database
def test_an_earlier_due_time_is_never_in_the_past(city: City, clock: ManualClock) -> None:
    deploy(city, 'id="whole" budget="3" unit="work_day"')
    clock.set(datetime(2026, 10, 1, 2, tzinfo=UTC))  # the festival: counts from the 8th
    case = city.start("p", {}, OPERATOR)
    clock.set(datetime(2026, 10, 7, 2, tzinfo=UTC))
    decide(city, override(date(2026, 10, 1), "working", date(2026, 10, 7)))
    follow(city)
    row = clocks(city, case)["whole"]
    assert row["due_at"] == clock.now()
    assert row["breached_at"] is None
    book = changes.of_version(city.core, 2)
    assert book.moved is not None
    assert book.moved["earlier"] == 1


def test_what_ran_and_stood_is_counted_anew_from_the_ledger(city: City, clock: ManualClock) -> None:
    deploy(city, 'id="whole" budget="3" unit="work_day"')
    case = city.start("p", {}, OPERATOR)

    def act(name: str) -> None:
        def plan(seen: Seen, writes: WriteSet) -> Reply:
            book = Ledger(city.core, seen, writes)
            row = book.find("whole", 0)
            assert row is not None
            (book.pause if name == "pause" else book.resume)(row, Ground(reason="听证"))
            return {}

        steps.run(city.core, case, plan, OPERATOR)

    clock.advance(timedelta(days=1))  # Thursday 09:00: one working day ran
    act("pause")
    decide(city, override(date(2026, 6, 10)))  # the Wednesday was none, it is found later
    follow(city)
    standing = clocks(city, case)["whole"]
    assert (standing["calendar_version"], standing["due_at"], float(standing["counted"])) == (2, None, 0)
    assert said(city, case, Event.CLOCK_MOVED) == 1
    clock.advance(timedelta(days=4))  # Monday 09:00
    act("resume")
    assert clocks(city, case)["whole"]["due_at"] == datetime(2026, 6, 18, 1, tzinfo=UTC)  # three whole days are left
    decide(city, override(date(2026, 6, 10), "working"))
    follow(city)
    assert clocks(city, case)["whole"]["due_at"] == datetime(2026, 6, 17, 1, tzinfo=UTC)
    laws.check(city, case)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_crash_anywhere_loses_and_repeats_nothing(city: City) -> None:
    deploy(city)
    cases = [city.start("p", {}, OPERATOR) for _ in range(3)]
    decide(city, override(STORM))
    crashes = 0
    for point in range(0, 200, 3):  # crash further and further in, until a round comes to its end
        try:
            with wrecked(city.core.db, point) as wreck:
                follow(city)
            if wreck.point <= point:
                break
        except ConnectionLost:
            pass
        crashes += 1
        with city.core.db.write() as connection:  # the lease of who died is over
            connection.execute(update(calendar_book).values(lease_until=None))
    follow(city)
    assert crashes > 5
    for case in cases:
        assert said(city, case, Event.CLOCK_MOVED) == 1
        assert clocks(city, case)["whole"]["calendar_version"] == 2
        laws.check(city, case)
    book = changes.of_version(city.core, 2)
    assert book.moved is not None
    assert (book.moved["total"], book.moved["moved"]) == (3, 3)


def test_two_workers_count_each_clock_once(city: City) -> None:
    deploy(city)
    cases = [city.start("p", {}, OPERATOR) for _ in range(6)]
    decide(city, override(STORM))
    with city.core.db.write() as connection:  # one whose lease is long over goes on beside the other
        ids = recounting.Clocks().waiting(connection, 2, 0, 10)
    assert ids == sorted(cases)
    first = recounting.run_due(city.core, limit=2)
    stale = threading.Thread(target=lambda: [recounting._one(city.core, i) for i in ids])
    stale.start()
    follow(city)
    stale.join()
    assert first == 2
    assert [said(city, case, Event.CLOCK_MOVED) for case in cases] == [1] * 6
    assert len({clocks(city, case)["whole"]["due_at"] for case in cases}) == 1


def test_a_lease_keeps_a_second_worker_away(city: City) -> None:
    deploy(city)
    for _ in range(3):
        city.start("p", {}, OPERATOR)
    decide(city, override(STORM))
    assert recounting._take(city.core, timedelta(seconds=30)) is not None
    assert recounting.run_due(city.core) == 0
    with city.core.db.write() as connection:
        connection.execute(update(calendar_book).values(lease_until=None))
    follow(city)
    assert changes.of_version(city.core, 2).moved_at is not None


def test_what_cannot_be_counted_holds_up_nobody(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(city)
    bad, good = city.start("p", {}, OPERATOR), city.start("p", {}, OPERATOR)
    decide(city, override(STORM))
    one = recounting._one

    def poisoned(core: Any, instance_id: int, those: Any) -> Any:
        if instance_id == bad:
            raise ValueError("poison")
        return one(core, instance_id, those)

    monkeypatch.setattr(recounting, "_one", poisoned)
    follow(city)
    assert clocks(city, good)["whole"]["calendar_version"] == 2
    assert clocks(city, bad)["whole"]["calendar_version"] == 1
    book = changes.of_version(city.core, 2)
    assert book.moved_at is None
    assert book.moved is not None
    assert "poison" in book.moved["error"]
    monkeypatch.undo()
    with city.core.db.write() as connection:
        connection.execute(update(calendar_book).values(lease_until=None))
    follow(city)
    assert clocks(city, bad)["whole"]["calendar_version"] == 2


def test_a_version_that_is_overtaken_is_done_with_too(city: City) -> None:
    deploy(city)
    case = city.start("p", {}, OPERATOR)
    decide(city, override(STORM))
    decide(city, override(date(2026, 6, 12)))
    follow(city)
    assert clocks(city, case)["whole"]["calendar_version"] == 3
    assert all(book.moved_at is not None for book in changes.listing(city.core))
    assert said(city, case, Event.CLOCK_MOVED) == 1


def test_a_clock_started_late_by_the_older_version_is_found_too(city: City) -> None:
    deploy(city)
    decide(city, override(STORM))
    follow(city)
    case = city.start("p", {}, OPERATOR)
    with city.core.db.write() as connection:  # as a step that was planned before the approval writes it
        connection.execute(update(clock_table).values(calendar_version=1))
    follow(city)
    assert clocks(city, case)["whole"]["calendar_version"] == 2


@pytest.mark.parametrize("database_kind", ["sqlite"])  # not of the database
def test_a_clock_that_counts_days_of_an_unsettled_year_says_so(city: City, clock: ManualClock) -> None:
    deploy(city, 'id="whole" budget="10" unit="work_day"', 'id="urgent" budget="30" unit="urgent_day"')
    clock.set(datetime(2026, 12, 28, 2, tzinfo=UTC))
    found = clocks(city, city.start("p", {}, OPERATOR))
    told = {
        row["name"]: one
        for row, one in zip(found.values(), lights.of_rows(city.core, found.values(), clock.now()), strict=True)
    }
    assert told["whole"].provisional == "2027 年放假安排尚未公布，时限暂定"
    assert told["urgent"].provisional == ""
    assert Unit(found["urgent"]["unit"]).continuous
