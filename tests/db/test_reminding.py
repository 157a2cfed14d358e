"""Reminders, and pauses that end by themselves: once, whoever looks, and by the time that was said."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import steps
from engine.clock import ManualClock
from engine.queries import notices
from engine.steps import Reply, Seen
from engine.tables import history, notice, setting, task, world
from engine.writes import WriteSet
from escalation import reminding, resuming, sweep
from escalation.ledger import REMINDED, WANTED, Ground, Ledger
from escalation.tables import clock as clock_table
from escalation.tables import clock_entry
from tests import laws
from tests.bpmn.drawing import chain, end, ext, process, start, user
from tests.factories import OPERATOR, only_task
from web.city import City

HOURS = 'unit="natural_hour" warn="0.25" remind="true"'


def deploy(city: City, post: str = "operator", whole: int = 100) -> int:
    """S → A, ten hours of which the last two and a half are yellow, inside a case of a hundred (or `whole`) → E."""
    who = f'<ld:candidates post="{post}"/>'
    step = f'<ld:clock id="step" name="本步时限" nameEn="Time of the step" budget="10" {HOURS}/>'
    parts = [
        ext(f'<ld:clock id="whole" name="全案时限" nameEn="Whole term" budget="{whole}" {HOURS}/>'),
        *(start(), user("A", settings=who + step), end()),
        chain("S", "A", "E"),
    ]
    city.deploy({"p.bpmn": process(*parts, id="p")})
    return city.start("p", {}, OPERATOR)


def told(city: City, case: int) -> list[dict[str, Any]]:
    with city.core.db.read() as connection:
        query = select(notice).where(notice.c.instance_id == case, notice.c.kind == "reminded")
        return [dict(row) for row in connection.execute(query).mappings()]


def reminded(city: City, case: int) -> list[dict[str, Any]]:
    return [row["data"] for row in laws.rows(city, history, case) if row["kind"] == "reminded"]


def row_of(city: City, case: int, name: str = "step") -> dict[str, Any]:
    (row,) = [row for row in laws.rows(city, clock_table, case) if row["name"] == name]
    return row


def change(city: City, case: int, act: str, *more: Any, name: str = "step") -> None:
    """Something done with a clock in a step, as the requests of the city do it."""

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        ledger = Ledger(city.core, seen, writes)
        row = next(r for r in seen.extra[clock_table.name] if r["name"] == name)
        getattr(ledger, act)(row, *more)
        return {}

    steps.run(city.core, case, plan)


def test_who_holds_the_post_is_told_once_when_it_turns_yellow(city: City, clock: ManualClock) -> None:
    case = deploy(city, "collector")
    clock.advance(timedelta(hours=7, minutes=29))
    assert reminding.reminders(city.core) == 0
    clock.advance(timedelta(minutes=1))
    assert reminding.reminders(city.core) == 1
    assert reminding.reminders(city.core) == 0
    (said,) = reminded(city, case)
    holders = {row["person_id"] for row in told(city, case)}
    assert said["clock"] == "step"
    assert set(said["people"]) == holders
    assert len(holders) > 1
    assert row_of(city, case)["remind"] == REMINDED
    assert row_of(city, case, "whole")["remind"] == WANTED
    laws.check(city, case)


def test_of_a_claimed_task_its_assignee_and_nobody_else_is_told(city: City, clock: ManualClock) -> None:
    case = deploy(city)
    city.claim(only_task(city, case), OPERATOR)
    clock.advance(timedelta(hours=8))
    assert reminding.reminders(city.core) == 1
    assert [row["person_id"] for row in told(city, case)] == [city.actor(OPERATOR).id]


def test_no_more_are_told_than_the_setting_says(city: City, clock: ManualClock) -> None:
    case = deploy(city, "collector")
    with city.core.db.write() as connection:
        connection.execute(update(setting).where(setting.c.key == "notice_people_most").values(value=1))
    clock.advance(timedelta(hours=8))
    reminding.reminders(city.core)
    assert len(told(city, case)) == 1


def test_of_the_case_s_own_clock_all_who_have_to_act_are_told(city: City, clock: ManualClock) -> None:
    case = deploy(city)
    change(city, case, "extend", Decimal(1000), Ground("工程量大"))
    clock.advance(timedelta(hours=75))
    assert reminding.reminders(city.core) == 1
    assert [row["clock"] for row in reminded(city, case)] == ["whole"]
    assert {row["task_id"] for row in told(city, case)} == {int(only_task(city, case).ref.partition(".")[2])}


def test_two_clocks_that_turn_yellow_together_are_told_in_one_notice(city: City, clock: ManualClock) -> None:
    case = deploy(city, whole=10)
    city.claim(only_task(city, case), OPERATOR)
    clock.advance(timedelta(hours=8))
    assert reminding.reminders(city.core) == 1
    assert reminding.reminders(city.core) == 0
    assert sorted(row["clock"] for row in reminded(city, case)) == ["step", "whole"], "the history has a row of each"
    assert [row["data"] for row in told(city, case)] == [{"clocks": ["step", "whole"]}]
    (read,) = notices.newest(city.core, city.actor(OPERATOR))
    named = {locale: reminding.clocks_of(city.core, read, locale) for locale in ("zh", "en")}
    assert named == {"zh": ["本步时限", "全案时限"], "en": ["Time of the step", "Whole term"]}
    laws.check(city, case)


def test_who_holds_the_post_of_both_is_told_once_each(city: City, clock: ManualClock) -> None:
    case = deploy(city, "collector", whole=10)
    clock.advance(timedelta(hours=8))
    reminding.reminders(city.core)
    people = [row["person_id"] for row in told(city, case)]
    assert len(people) == len(set(people)) > 1


def test_who_is_late_already_is_not_told_that_they_will_be(city: City, clock: ManualClock) -> None:
    case = deploy(city)
    clock.advance(timedelta(hours=11))
    assert reminding.reminders(city.core) == 1  # it is looked at no more
    assert reminded(city, case) == told(city, case) == []


def test_two_workers_remind_once(city: City, clock: ManualClock) -> None:
    cases = [deploy(city), *(city.start("p", {}, OPERATOR) for _ in range(5))]
    clock.advance(timedelta(hours=8))
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _: reminding.reminders(city.core), range(2)))
    assert sum(done) == len(cases)
    for case in cases:
        assert len(reminded(city, case)) == 1
        assert len({row["id"] for row in told(city, case)}) == len({row["person_id"] for row in told(city, case)})


def test_a_clock_that_is_green_again_reminds_again(city: City, clock: ManualClock) -> None:
    case = deploy(city)
    clock.advance(timedelta(hours=8))
    reminding.reminders(city.core)
    change(city, case, "extend", Decimal(10), Ground("设备未到"))
    assert row_of(city, case)["remind"] == WANTED
    clock.advance(timedelta(hours=7))
    assert reminding.reminders(city.core) == 1
    assert len(reminded(city, case)) == 2


def test_in_a_replay_nobody_is_told(city: City, clock: ManualClock) -> None:
    case = deploy(city)
    with city.core.db.write() as connection:
        connection.execute(update(world).values(kind="replay"))
    clock.advance(timedelta(hours=8))
    assert reminding.reminders(city.core) == 1
    assert reminded(city, case) == told(city, case) == []


def test_a_pause_ends_by_itself_at_its_time_and_not_at_the_worker_s(city: City, clock: ManualClock) -> None:
    case = deploy(city)
    begun = clock.now()
    clock.advance(timedelta(hours=4))
    change(city, case, "pause", Ground("等待材料", "shelved"), begun + timedelta(hours=24))
    clock.advance(timedelta(hours=19, minutes=59))
    assert resuming.resumptions(city.core) == 0
    clock.advance(timedelta(hours=2))  # nobody was there on time
    assert resuming.resumptions(city.core) == 1
    assert resuming.resumptions(city.core) == 0
    row = row_of(city, case)
    assert (row["paused_at"], row["running_since"], row["due_at"]) == (
        None,
        begun + timedelta(hours=24),
        begun + timedelta(hours=30),
    )
    entries = [(row["kind"], row["at"]) for row in laws.rows(city, clock_entry, case)]
    assert entries == [("paused", begun + timedelta(hours=4)), ("resumed", begun + timedelta(hours=24))]
    (resumed,) = [row for row in laws.rows(city, history, case) if row["kind"] == "clock_resumed"]
    assert resumed["actor_id"] is None
    with city.core.db.read() as connection:
        due = connection.execute(select(task.c.due_at).where(task.c.instance_id == case)).scalar_one()
    assert due == begun + timedelta(hours=30)


def test_two_workers_resume_once(city: City, clock: ManualClock) -> None:
    case = deploy(city)
    change(city, case, "pause", Ground("等待材料"), clock.now() + timedelta(hours=1))
    clock.advance(timedelta(hours=2))
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _: resuming.resumptions(city.core), range(2)))
    assert sum(done) == 1
    assert [row["kind"] for row in laws.rows(city, clock_entry, case)] == ["paused", "resumed"]


def test_a_step_that_fails_leaves_everything_for_the_next_pass(
    city: City, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = deploy(city)
    clock.advance(timedelta(hours=8))
    with monkeypatch.context() as broken:
        broken.setattr("engine.notices.tell", _fall)
        assert reminding.reminders(city.core) == 0
    assert reminded(city, case) == []
    assert row_of(city, case)["remind"] == WANTED
    assert reminding.reminders(city.core) == 1


def _fall(*_: Any, **__: Any) -> None:
    raise OSError("planted")


def test_who_acts_after_a_pause_is_over_and_late_is_late(city: City, clock: ManualClock) -> None:
    case = deploy(city)
    change(city, case, "pause", Ground("等待材料"), clock.now() + timedelta(hours=1))
    clock.advance(timedelta(hours=12))  # ten of them count, and no worker came by
    city.complete(only_task(city, case), {}, OPERATOR)
    row = row_of(city, case)
    assert row["breached_at"] == row["started_at"] + timedelta(hours=11)
    assert row["paused_at"] is None
    laws.check(city, case)


def test_breaches_are_swept_as_before(city: City, clock: ManualClock) -> None:
    case = deploy(city)
    clock.advance(timedelta(hours=11))
    assert (sweep.breaches(city.core), sweep.breaches(city.core)) == (1, 0)
    assert row_of(city, case)["breached_at"] is not None
