"""A message goes to the one instance that waits for it, whenever it comes, and is taken there once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import jobs
from engine.clock import ManualClock
from engine.errors import KeyReused, NotAllowed, NotFound
from engine.tables import incident, instance, job, setting, subscription
from tests import laws
from tests.db.talking import ALARM, BEGINNER, HEARER, OPERATOR, THROWER, TWO_WAYS, WAITER, WOKEN
from tests.factories import only_task, retry
from web.city import City


def kinds(city: City, case: int) -> list[str]:
    return [row["kind"] for row in city.trail(case)]


def facts(city: City, case: int) -> dict[str, Any]:
    found: dict[str, Any] = city.instance(case)["facts"]
    return found


def waiter(city: City, ref: str | None = "r1") -> int:
    return city.start("waiter", {}, OPERATOR, given={"ref": ref})


def thrower(city: City, ref: str | None = "r1", n: int = 1) -> int:
    return city.start("thrower", {}, OPERATOR, given={"ref": ref, "n": n})


def waits(city: City, case: int) -> bool:
    return any(row["instance_id"] == case for row in laws.rows(city, subscription))


def cases(city: City, key: str) -> list[int]:
    with city.core.db.read() as connection:
        return list(connection.execute(select(instance.c.id).where(instance.c.key == key)).scalars())


@pytest.fixture
def both(city: City) -> City:
    city.deploy(WAITER)
    city.deploy(THROWER)
    return city


def test_it_reaches_the_one_that_waits_for_just_this(both: City) -> None:
    other, mine = waiter(both, "r2"), waiter(both, "r1")
    sender = thrower(both, n=7)
    assert waits(both, mine)
    both.run_due()
    assert facts(both, mine)["got"] == 7
    assert only_task(both, mine).node == "A"
    assert "got" not in facts(both, other)
    assert kinds(both, mine) == ["started", "message"]
    assert kinds(both, sender) == ["started", "sent"]
    assert not waits(both, mine)
    assert waits(both, other)
    laws.check(both)


def test_it_is_sent_in_the_transaction_of_the_step_that_throws_it(both: City) -> None:
    sender = thrower(both)
    (row,) = laws.rows(both, job, sender)
    assert (row["kind"], row["state"], row["payload"]["key"]) == ("send", "waiting", "r1")


def test_of_several_the_one_that_has_waited_longest_gets_it(both: City, clock: ManualClock) -> None:
    first = waiter(both)
    clock.advance(timedelta(seconds=1))
    second = waiter(both)
    thrower(both, n=1)
    both.run_due()
    assert (waits(both, first), waits(both, second)) == (False, True)
    thrower(both, n=2)
    both.run_due()
    assert (facts(both, first)["got"], facts(both, second)["got"]) == (1, 2)


def test_it_may_come_before_its_receiver_waits(both: City) -> None:
    sender = thrower(both, n=3)
    both.run_due()
    assert kinds(both, sender) == ["started"]
    late = waiter(both)
    both.advance(timedelta(minutes=1))
    assert facts(both, late)["got"] == 3
    assert kinds(both, sender) == ["started", "sent"]
    laws.check(both)


def test_nobody_takes_it_and_it_becomes_an_incident_that_can_be_tried_again(both: City) -> None:
    sender = thrower(both, n=4)
    both.run_due()
    for _ in range(3):
        both.advance(timedelta(hours=25))
    (held,) = laws.rows(both, incident, sender)
    assert held["node"] == "T"
    assert "Go" in held["message"]
    late = waiter(both)
    both.advance(timedelta(hours=1))
    assert waits(both, late), "a held message waits for an operator"
    retry(both, sender, held["id"])
    both.run_due()
    assert facts(both, late)["got"] == 4
    laws.check(both)


def test_two_for_one_that_waits_once(both: City) -> None:
    """Both are addressed to the same token before it takes the first: the second goes back and finds another."""
    first = waiter(both)
    thrower(both, n=1)
    thrower(both, n=2)
    for leased in jobs.lease(both.core, 10):
        jobs.execute(both.core, leased)
    both.run_due()
    second = waiter(both)
    both.advance(timedelta(minutes=1))
    assert sorted([facts(both, first)["got"], facts(both, second)["got"]]) == [1, 2]
    assert kinds(both, first) == ["started", "message", "missed"]
    assert kinds(both, second) == ["started", "message"]
    assert laws.rows(both, job) == []
    laws.check(both)


def test_it_takes_a_task_away_at_its_border(both: City) -> None:
    both.deploy(TWO_WAYS)
    case = both.start("two_ways", {}, OPERATOR, given={"ref": "r1"})
    task = only_task(both, case)
    thrower(both, n=9)
    both.run_due()
    row = both.instance(case)
    assert (row["status"], row["outcome"], row["facts"]["got"]) == ("completed", "E2", 9)
    assert both.tasks(case) == []
    other = both.start("two_ways", {}, OPERATOR, given={"ref": "r1"})
    both.complete(only_task(both, other), {}, OPERATOR)
    assert not waits(both, other)
    assert task.node == "A"
    laws.check(both)


def test_without_anybody_waiting_it_begins_a_process(both: City) -> None:
    both.deploy(BEGINNER)
    sender = thrower(both, "r5", n=5)
    both.run_due()
    (begun,) = cases(both, "beginner")
    row = both.instance(begun)
    assert (row["facts"]["got"], row["title"], row["starter_id"]) == (5, "由消息发起", None)
    assert only_task(both, begun).node == "A"
    assert kinds(both, sender)[-1] == "sent"
    waiting = waiter(both, "r5")
    thrower(both, "r5", n=6)
    both.run_due()
    assert facts(both, waiting)["got"] == 6, "an instance that waits comes before a new one"
    assert len(cases(both, "beginner")) == 1
    laws.check(both)


def test_a_new_version_without_the_start_is_not_begun_any_more(both: City) -> None:
    both.deploy(BEGINNER)
    both.deploy({"beginner.bpmn": WAITER["waiter.bpmn"].replace(b'"waiter"', b'"beginner"')})
    thrower(both, "r9")
    both.run_due()
    assert cases(both, "beginner") == []


# ---------------------------------------------------------------- from outside


def test_from_outside_it_is_taken_at_once(both: City) -> None:
    case = waiter(both)
    assert both.message("Go", "r1", {"n": 8}, OPERATOR) == case
    assert facts(both, case)["got"] == 8
    with pytest.raises(NotFound):
        both.message("Go", "r1", {"n": 8}, OPERATOR)
    with pytest.raises(NotAllowed):
        both.message("Go", "r1", {"n": 8}, "lijianguo")
    laws.check(both)


def test_from_outside_a_key_makes_it_happen_once(both: City) -> None:
    first, second = waiter(both), waiter(both)
    taken = both.message("Go", "r1", {"n": 1}, OPERATOR, idempotency_key="k")
    assert both.message("Go", "r1", {"n": 1}, OPERATOR, idempotency_key="k") == taken
    assert sorted([waits(both, first), waits(both, second)]) == [False, True]
    with pytest.raises(KeyReused):
        both.message("Go", "r1", {"n": 2}, OPERATOR, idempotency_key="k")
    laws.check(both)


def test_from_outside_it_begins_a_process_once(both: City) -> None:
    both.deploy(BEGINNER)
    begun = both.message("Go", payload={"n": 2}, by=OPERATOR, idempotency_key="k")
    assert both.message("Go", payload={"n": 2}, by=OPERATOR, idempotency_key="k") == begun
    assert cases(both, "beginner") == [begun]
    laws.check(both)


def apart(files: dict[str, bytes], event: str) -> dict[str, bytes]:
    """The same process, whose message or signal comes from other instances only."""
    ((name, drawn),) = files.items()
    told = drawn.replace(
        f'id="{event}"><bpmn:extensionElements><ld:message '.encode(),
        f'id="{event}"><bpmn:extensionElements><ld:message from="instances" '.encode(),
    )
    assert told != drawn
    return {name: told}


def test_from_outside_nobody_answers_what_comes_from_instances_only(both: City) -> None:
    """It waits as if it did not: only what was drawn before takes the forged one."""
    before = waiter(both)
    both.deploy(apart(WAITER, "C"))
    case = waiter(both)
    assert both.message("Go", "r1", {"n": 6}, OPERATOR) == before
    with pytest.raises(NotFound):
        both.message("Go", "r1", {"n": 6}, OPERATOR)
    assert "got" not in facts(both, case)
    thrower(both, n=7)
    both.run_due()
    assert facts(both, case)["got"] == 7
    laws.check(both)


def test_from_outside_nobody_begins_what_instances_begin(both: City) -> None:
    both.deploy(apart(BEGINNER, "B"))
    with pytest.raises(NotFound):
        both.message("Go", "", {"n": 6}, OPERATOR)
    assert cases(both, "beginner") == []
    thrower(both, n=7)
    both.run_due()
    (begun,) = cases(both, "beginner")
    assert facts(both, begun)["got"] == 7
    laws.check(both)


def test_from_outside_a_signal_for_instances_passes_by(city: City) -> None:
    city.deploy(apart(HEARER, "C"))
    city.deploy(apart(WOKEN, "B"))
    case = city.start("hearer", {}, OPERATOR)
    assert city.signal("Alarm", {"level": 1}, OPERATOR) == []
    assert cases(city, "woken") == []
    city.deploy(ALARM)
    city.start("alarm", {}, OPERATOR, given={"level": 2})
    city.run_due()
    assert facts(city, case)["level"] == 2
    assert len(cases(city, "woken")) == 1


def test_correlations_of_any_length_are_compared(both: City) -> None:
    long = "很长" * 500
    case = waiter(both, long)
    other = waiter(both, long + "x")
    thrower(both, long, n=1)
    both.run_due()
    assert facts(both, case)["got"] == 1
    assert waits(both, other)


def test_how_long_it_is_offered_is_a_setting(both: City) -> None:
    with both.core.db.write() as connection:
        connection.execute(update(setting).where(setting.c.key == "message_ttl_hours").values(value=1))
    sender = thrower(both)
    both.run_due()
    both.advance(timedelta(minutes=61))
    assert len(laws.rows(both, incident, sender)) == 1
