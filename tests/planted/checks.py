"""The checks that planted bugs must turn red, each a function of a city on a manual clock. They pass on the real code."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from engine import calendars, jobs
from engine.bpmn.program import compile_program
from engine.calendar import Budget, Unit
from engine.clock import ManualClock
from engine.errors import LeaseLost, LiandongError, NotAllowed
from engine.tables import person
from escalation.tables import clock as clock_table
from tests import laws
from tests.bpmn.drawing import boundary, chain, end, flow, model, process, start, tag, user
from tests.bpmn.running.machines import Ours, same
from tests.bpmn.running.oracle import Game
from tests.bpmn.running.test_fuzz import play_all
from tests.bpmn.running.test_joins import (
    ORDERS,
    early,
    send_back,
    test_an_inclusive_join_waits_for_a_task_whose_border_could_lead_elsewhere,
)
from tests.bpmn.running.test_state_v1 import CASES, finish
from tests.db import organising
from tests.db.eyes import try_all
from tests.db.talking import OPERATOR, THROWER, WAITER
from tests.db.test_candidates import TestOnEitherDatabase, TestRules
from tests.factories import COLLECTOR, HANDLER, OTHER_COLLECTOR, REPORT, case_at, do, only_task
from tests.faults import drill
from tests.faults.crashing import crash_everywhere
from tests.faults.scenes import SCENES
from tests.faults.test_races import both_succeed, one_wins
from tests.stories.test_case import give_post
from web.city import City

PLAYS = 150
"""Random diagrams that are enough to see every planted bug."""


def _clock(city: City) -> ManualClock:
    assert isinstance(city.core.clock, ManualClock)
    return city.core.clock


def crashes(city: City) -> None:
    """Nothing is half done after a crash at any call."""
    for name in ("file, with look-ups", "comment"):
        crash_everywhere(city, next(s for s in SCENES if s.name == name))


def crashes_of_jobs(city: City) -> None:
    """A job is done whole or not at all."""
    crash_everywhere(city, next(s for s in SCENES if s.name == "a timer's job"))


def races(city: City) -> None:
    """One of many completes a task. Several times: on a busy machine racers may come one after another."""
    for _ in range(4):
        one_wins(city)


def two_tasks(city: City) -> None:
    """Two tasks of one case at once."""
    for _ in range(10):
        both_succeed(city)


def fence(city: City) -> None:
    """A worker that slept through its lease writes nothing."""
    (case,) = drill.begin(city, 1)
    _clock(city).advance(timedelta(hours=2))
    jobs.run_due(city.core, 1)  # the border timer; its notice is due now
    (sleeper,) = jobs.lease(city.core, 1, lease_for=timedelta(seconds=-1))
    (other,) = jobs.lease(city.core, 1)
    outcome = []
    for each in (sleeper, other, sleeper):
        try:
            jobs.execute(city.core, each)
            outcome.append("done")
        except LeaseLost:
            outcome.append("lost")
    assert outcome == ["lost", "done", "lost"]
    assert [r["kind"] for r in city.trail(case)].count("action_done") == 1


def repeats(city: City) -> None:
    """A request sent again is the same request."""
    case = case_at(city, "Dispatch")
    first = city.comment(case, "请尽快", "hejianping", "k")
    assert city.comment(case, "请尽快", "hejianping", "k") == first
    assert [r["kind"] for r in city.trail(case)].count("commented") == 1


def joins(_city: City) -> None:
    """A join waits for every branch in every round."""
    for kind in ("parallelGateway", "inclusiveGateway"):
        its = model(send_back(kind))
        assert not any(early(Ours(its, {}, restore=True), orders) for orders in ORDERS[::5])


def restarts(_city: City) -> None:
    """A multi-instance goes on in another process."""
    its = model(in_turn())
    facts = {"l1": ["a", "b", "c"]}
    game, ours = Game(its, facts), Ours(its, facts, restore=True)
    rng = random.Random(1)
    while not game.ended():
        wait = rng.choice(game.open())
        ours.program = compile_program(its)
        game.complete(wait)
        ours.complete(wait)
        assert same(game, ours)


def plays(_city: City) -> None:
    """Random diagrams stand where the token game stands."""
    play_all(range(PLAYS), plain=False)


def conditions(_city: City) -> None:
    """A condition is an event when it becomes true, and not again while it stays so."""
    when = tag("conditionalEventDefinition", tag("condition", "c = 1"))
    its = model(
        process(
            *(start(), tag("parallelGateway", id="G"), user("A"), boundary("A", "B", when, cancelActivity="false")),
            *(user("N"), end("E2"), end("E3"), end(), chain("S", "G", "A", "E"), chain("B", "N", "E2")),
            *(tag("exclusiveGateway", id="M"), user("Ask"), chain("G", "M", "Ask", "X"), flow("X", "M", "true = true")),
            *(tag("exclusiveGateway", id="X", default="X-E3"), flow("X", "E3")),
        )
    )
    ours = Ours(its, {"c": 0}, restore=True)
    for value, told in ((1, 1), (1, 1), (0, 1), (1, 2), (1, 2)):
        ours.complete(("Ask", ()), {"c": value})
        assert ours.open().count(("N", ())) == told


def borders(_city: City) -> None:
    """A border event is no sequence flow to an inclusive join."""
    test_an_inclusive_join_waits_for_a_task_whose_border_could_lead_elsewhere()


def first_format(_city: City) -> None:
    """What the first version stored goes on."""
    for case in CASES:
        assert finish(case).ended()


def in_turn() -> bytes:
    """A task for each of a list, one after another."""
    each = tag(
        "multiInstanceLoopCharacteristics",
        tag("loopDataInputRef", "l1") + tag("inputDataItem", id="i", name="m1"),
        isSequential="true",
    )
    return process(start(), user("A", each), user("Z"), end(), chain("S", "A", "Z", "E"))


def four_eyes(city: City) -> None:
    """Nobody checks what they handled."""
    give_post(city, HANDLER, "supervision_centre", "collector")
    case = case_at(city, "Check")
    try:
        do(city, case, "Check", by=HANDLER)
    except NotAllowed:
        return
    raise AssertionError("the handler checked her own work")


def every_way_round(city: City) -> None:
    """No way round four eyes leads through."""
    assert try_all(city).passed == []


def _reviewers(city: City) -> City:
    for login in ("jia", "yi", "bing"):
        organising.hire(city, login, "market_regulation", "reviewer")
    return city


def recusals(city: City) -> None:
    """Nobody of a unit that a case is about sees it or works it."""
    _said(lambda: TestOnEitherDatabase().test_a_case_about_a_unit_is_kept_from_it(_reviewers(city)))


def turns(city: City) -> None:
    """Turns go round."""
    TestOnEitherDatabase().test_turns_go_round_and_loads_are_even(_reviewers(city))


def nobody(city: City) -> None:
    """A task for nobody is an incident."""
    _said(lambda: TestRules().test_nobody_fits_is_an_incident_with_a_name(city))


def _said(test: Callable[[], None]) -> None:
    """What pytest misses is an error like any other here."""
    try:
        test()
    except pytest.fail.Exception as error:
        raise AssertionError(str(error)) from error


def rights(city: City) -> None:
    """A step planned under rights that were taken away meanwhile is not written."""
    case = case_at(city, "Check")
    real = city.core.listeners[0]
    taken: list[int] = []

    def take_away(step: object) -> None:
        if not taken:
            taken.append(1)
            with city.core.db.write() as connection:
                connection.execute(
                    update(person)
                    .where(person.c.login == OTHER_COLLECTOR)
                    .values(active=False, access_revision=person.c.access_revision + 1)
                )
        real(step)  # type: ignore[arg-type]

    city.core.listeners = (take_away,)
    try:
        do(city, case, "Check", by=OTHER_COLLECTOR)
    except LiandongError:
        assert only_task(city, case).node == "Check"
        return
    finally:
        city.core.listeners = (real,)
    raise AssertionError("somebody without rights completed it")


def due_times(city: City) -> None:
    """Due times are those the calendar counts."""
    case = case_at(city, "Handle")
    calendar = calendars.current(city.core).calendars[calendars.DEFAULT]
    for row in laws.rows(city, clock_table, case):
        assert row["due_at"] == calendar.due(row["started_at"], Budget(Decimal(row["amount"]), Unit(row["unit"])))


def breaches(city: City) -> None:
    """A clock that ran out is written as breached, with a word in the history."""
    case = case_at(city, "Handle")
    _clock(city).advance(timedelta(hours=3))
    city.run_due()
    late = [c for c in laws.rows(city, clock_table, case) if c["stopped_at"] is None]
    assert late
    assert all(c["breached_at"] == c["due_at"] for c in late)
    assert [r["kind"] for r in city.trail(case)].count("breached") == len(late)


def letters(city: City) -> None:
    """A message goes to the one instance it is meant for, which waits for it no more."""
    city.deploy(WAITER)
    city.deploy(THROWER)
    other = city.start("waiter", {}, OPERATOR, given={"ref": "r2"})
    _clock(city).advance(timedelta(seconds=1))
    mine = city.start("waiter", {}, OPERATOR, given={"ref": "r1"})
    city.start("thrower", {}, OPERATOR, given={"ref": "r1", "n": 7})
    city.run_due()
    assert city.instance(mine)["facts"].get("got") == 7
    assert "got" not in city.instance(other)["facts"]
    laws.check(city)


def agreement(city: City) -> None:
    """State, tasks, timers, clocks and history agree after a course of acts."""
    case = case_at(city, "Check")
    do(city, case, "Check", check_result="fail", check_note="未恢复")
    laws.check(city, case)
    (one,) = drill.begin(city, 1)
    laws.check(city, one)
    city.complete(only_task(city, one), {}, drill.OPERATOR)
    laws.check(city, one)
    _clock(city).advance(timedelta(minutes=1))
    city.run_due()
    laws.check(city, one)


def ends(_city: City) -> None:
    """A case sent back so often that a walk of the tree gives up ends only when it ends."""
    its = model(send_back("parallelGateway"))
    ours = Ours(its, {"again": True}, restore=True)
    for _ in range(170):
        for name in ("A", "B", "C", "Ask"):
            ours.complete((name, ()))
    assert not ours.ended()
    ours.decide({"again": False})
    for name in ("A", "B", "C", "Ask"):
        ours.complete((name, ()))
    assert ours.ended()


def strangers(city: City) -> None:
    """Whoever has nothing to do with a case does not see it."""
    case = city.start("case_dispatch", REPORT, COLLECTOR)
    try:
        city.comment(case, "路过", "lvshuhua")
    except LiandongError:
        return
    raise AssertionError("a stranger spoke on it")
