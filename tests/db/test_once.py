"""A process that runs once for a correlation: whoever starts it second, by a form or by a message, joins the first; both are told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import instances, joining, worlds
from engine.errors import NotFound
from engine.tables import history, instance, notice
from tests import laws
from tests.bpmn.drawing import chain, end, flow, start, tag
from tests.db.talking import OPERATOR, begins, bundle, message, throw, work
from tests.factories import COLLECTOR
from tests.sending import person_id
from web.city import City

PLAN = bundle(
    start(),
    begins("T", "message", "plan_triggered", once="true", correlation='="flood"'),
    work("A"),
    end(),
    chain("S", "A", "E") + flow("T", "A"),
    key="plan",
    outside=message("plan_triggered"),
)


def of(city: City, world: int = 1) -> list[dict[str, Any]]:
    with city.core.db.read() as connection:
        query = select(instance).where(instance.c.key == "plan", instance.c.world_id == world).order_by(instance.c.id)
        return [dict(row) for row in connection.execute(query).mappings()]


def test_two_people_at_once_start_one_and_both_are_told(city: City) -> None:
    city.deploy(PLAN)
    people = [OPERATOR, COLLECTOR] * 4
    with ThreadPoolExecutor(len(people)) as pool:
        futures = [
            pool.submit(instances.start, city.core, "plan", {}, who, key=f"k{n}") for n, who in enumerate(people)
        ]
        replies = [future.result() for future in futures]
    (row,) = of(city)
    assert {reply["instance"] for reply in replies} == {row["id"]}
    assert sum("joined" not in reply for reply in replies) == 1
    again = instances.start(city.core, "plan", {}, people[0], key="k0")
    assert again == replies[0]
    with city.core.db.read() as connection:
        joins = select(func.count()).where(history.c.instance_id == row["id"], history.c.kind == "joined")
        assert connection.execute(joins).scalar() == len(people) - 1
        told = set(connection.execute(select(notice.c.person_id).where(notice.c.kind == "joined")).scalars())
    assert told == {row["starter_id"], person_id(city, OPERATOR)}, "who began it, and who may take its open task"
    assert row["starter_id"] in {person_id(city, who) for who in people}
    laws.check(city)


def test_a_message_and_a_person_meet_and_the_next_time_begins_anew(city: City) -> None:
    city.deploy(PLAN)
    first = city.message("plan_triggered", "flood")
    reply = instances.start(city.core, "plan", {}, OPERATOR)
    assert (reply["instance"], reply["joined"]) == (first, True)
    again = [city.message("plan_triggered", "flood", {"depth": 31}, idempotency_key="m") for _ in range(2)]
    assert again == [first, first], "another message begins no second one, and is kept once with what runs"
    with city.core.db.read() as connection:
        joined = select(history.c.data).where(history.c.instance_id == first, history.c.kind == "joined")
        kept = [data["answers"] for data in connection.execute(joined).scalars()]
    assert kept == [{}, {"depth": 31}]
    other = city.message("plan_triggered", "snow")
    assert other != first
    city.cancel(first, OPERATOR, "over")
    anew = instances.start(city.core, "plan", {}, OPERATOR)
    assert "joined" not in anew
    assert len(of(city)) == 3
    again = [city.message("plan_triggered", "flood", {"depth": 31}, idempotency_key="m")]
    assert again == [first], "what was kept begins nothing when it is sent again, though that one is over"


def told(city: City, case: int) -> list[str]:
    with city.core.db.read() as connection:
        kinds = select(history.c.kind).where(history.c.instance_id == case).order_by(history.c.seq)
        return [kind for kind in connection.execute(kinds).scalars() if kind in ("joined", "message")]


@pytest.mark.parametrize("optional", [False, True])
def test_what_another_process_says_before_anybody_listens_is_not_lost(city: City, optional: bool) -> None:
    """Offered until the step that takes it opens; where none ever does, or it would be dropped, it joins what runs."""
    city.deploy(PLAN)
    city.deploy(SENDER if not optional else MAYBE)
    first = city.message("plan_triggered", "flood")
    sender = city.start("sender", {}, OPERATOR)
    city.run_due()
    assert told(city, first) == (["joined"] if optional else [])
    city.advance(timedelta(hours=100))
    city.run_due()
    assert told(city, first) == ["joined"]
    assert len(of(city)) == 1
    with city.core.db.read() as connection:
        kinds = connection.execute(select(history.c.kind).where(history.c.instance_id == sender)).scalars().all()
    assert "sent" in kinds
    laws.check(city)


def test_a_drill_runs_beside_the_real_one_by_its_own_clock(city: City) -> None:
    """Its clock runs so many times as fast; it neither joins what really runs nor stops that from beginning; and only who is on
    its list is told anything."""
    city.deploy(PLAN)
    real = city.start("plan", {}, OPERATOR)
    listed = person_id(city, COLLECTOR)
    began = city.world().now
    drill = worlds.create(city.core, "drill", "演练", began, rate=60, receivers=[listed])
    assert drill.is_drill
    assert drill.now >= began
    first = instances.start(city.core, "plan", {}, OPERATOR, world_id=drill.id)
    assert first["instance"] != real
    again = instances.start(city.core, "plan", {}, COLLECTOR, world_id=drill.id)
    assert again["joined"]
    with city.core.db.read() as connection:
        assert connection.execute(select(notice.c.id).where(notice.c.world_id == drill.id)).all() == []
    earlier = worlds.get(city.core, drill.id).now
    later = worlds.get(city.core, drill.id).now
    assert timedelta() <= later - earlier < timedelta(minutes=10)
    with city.core.db.write() as connection:
        worlds.stop(connection, city.core, drill.id)
    assert worlds.get(city.core, drill.id).now == worlds.get(city.core, drill.id).now


def passing(over: str) -> dict[str, bytes]:
    """The same with a review: from the second task on the instance counts as over."""
    done = tag("scriptTask", tag("script", "{ standdown: true }"), id="X", scriptFormat="feel")
    return bundle(
        start(),
        begins("T", "message", "plan_triggered", once="true", over=over, correlation='="flood"'),
        work("A"),
        done,
        work("Review"),
        end(),
        chain("S", "A", "X", "Review", "E") + flow("T", "A"),
        key="plan",
        outside=message("plan_triggered"),
    )


SENDER = bundle(
    start(),
    throw("T", "message", "plan_triggered", correlation='="flood"', payload="={}"),
    end(),
    chain("S", "T", "E"),
    key="sender",
    outside=message("plan_triggered"),
)

MAYBE = bundle(
    start(),
    throw("T", "message", "plan_triggered", correlation='="flood"', payload="={}", optional="true"),
    end(),
    chain("S", "T", "E"),
    key="sender",
    outside=message("plan_triggered"),
)


def at(city: City, case: int) -> list[str]:
    return [task.node for task in city.tasks(case)]


def go_on(city: City, case: int) -> None:
    (task,) = city.tasks(case)
    city.complete(task, {}, OPERATOR)


@pytest.mark.parametrize("way", ["form", "message", "other process"])
def test_what_is_over_joins_nothing_and_is_finished_beside_the_next(city: City, way: str) -> None:
    city.deploy(passing("=standdown = true"))
    city.deploy(SENDER)

    def begin() -> None:
        if way == "form":
            instances.start(city.core, "plan", {}, COLLECTOR)
        elif way == "message":
            city.message("plan_triggered", "flood")
        else:
            city.start("sender", {}, OPERATOR)
            city.run_due()

    first = city.message("plan_triggered", "flood")
    assert instances.start(city.core, "plan", {}, COLLECTOR, key="k")["joined"], (
        "it runs yet, and nothing says it is over"
    )
    go_on(city, first)
    assert at(city, first) == ["Review"]
    assert joining.running(city.core, "plan", "flood") is None
    with pytest.raises(NotFound):  # who asked just before it was over begins anew
        joining.join(city.core, first, {}, None)
    again = instances.start(city.core, "plan", {}, COLLECTOR, key="k")
    assert (again["instance"], again["joined"]) == (first, True), "what was kept begins nothing when it is sent again"
    begin()
    (second,) = {row["id"] for row in of(city)} - {first}
    assert at(city, second) == ["A"]
    reply = instances.start(city.core, "plan", {}, OPERATOR)
    assert (reply["instance"], reply["joined"]) == (second, True)
    go_on(city, first)
    assert city.instance(first)["outcome"] == "E"
    assert joining.running(city.core, "plan", "flood") == second
    go_on(city, second)
    begin()
    assert len(of(city)) == 3
    laws.check(city)


def test_two_at_once_after_one_that_is_over_begin_one(city: City) -> None:
    city.deploy(passing("=standdown = true"))
    first = city.message("plan_triggered", "flood")
    go_on(city, first)

    def knock(number: int) -> int | None:
        if number % 2:
            return int(instances.start(city.core, "plan", {}, COLLECTOR, key=f"k{number}")["instance"])
        try:
            return city.message("plan_triggered", "flood", idempotency_key=f"m{number}")
        except NotFound:
            return None

    with ThreadPoolExecutor(8) as pool:
        replies = set(pool.map(knock, range(8))) - {None}
    (second,) = {row["id"] for row in of(city)} - {first}
    assert replies == {second}
    laws.check(city)


@pytest.mark.parametrize("over", ["=not_yet", "=count(for a in 1..9999, b in 1..9999 return a) > 0"])
def test_what_is_null_or_fails_is_not_over(city: City, over: str) -> None:
    city.deploy(passing(over))
    first = city.message("plan_triggered", "flood")
    go_on(city, first)
    assert instances.start(city.core, "plan", {}, OPERATOR)["instance"] == first


def test_one_that_nobody_began_is_told_to_who_may_take_its_task(city: City) -> None:
    city.deploy(PLAN)
    city.message("plan_triggered", "flood")
    instances.start(city.core, "plan", {}, COLLECTOR)
    with city.core.db.read() as connection:
        told = set(connection.execute(select(notice.c.person_id).where(notice.c.kind == "joined")).scalars())
    assert told == {person_id(city, OPERATOR)}
