"""Acts on a whole case: the diagram allows or forbids them also to who works one of its steps; and what was sent on comes back only to who
has still to do with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update

from engine import files
from engine.acts import assigning, assisting, copying, holding, talking, urging, withdrawing
from engine.audit import verifying
from engine.errors import Invalid, NotAllowed, NotFound
from engine.organisation import lapsing
from engine.queries import earlier
from engine.tables import notice, unit
from tests import laws
from tests.bpmn.drawing import chain, end, ext, start, user
from tests.db import organising
from tests.db.talking import bundle
from tests.factories import (
    DESIGNER,
    DISPATCHER,
    HANDLER,
    LEADER,
    case_at,
    do,
    only_task,
    task_at,
)
from tests.web.test_work import photo
from web.city import City

WORKER = '<ld:candidates unit="water_supply" post="handler"/>'
SHOWS = ("comment", "attach", "copy", "circulate")


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def tries(city: City, case: int, who: str) -> set[str]:
    """Which of the acts on a case somebody can do."""
    to = city.actor(LEADER).id
    acts: dict[str, Callable[[], object]] = {
        "comment": lambda: talking.comment(city.core, case, "看一下", who),
        "attach": lambda: files.attach(city.core, case, [city.accept("a.jpg", photo().getvalue())], who),
        "copy": lambda: copying.copy(city.core, case, [to], who),
        "circulate": lambda: copying.copy(city.core, case, [to], who, how="circulate"),
    }
    done = set()
    for name, act in acts.items():
        try:
            act()
        except NotAllowed:
            continue
        done.add(name)
    return done


def test_a_step_and_a_process_forbid_what_is_done_on_the_case(city: City) -> None:
    none = f'<ld:acts deny="{" ".join(SHOWS)}"/>'
    parts = (start(), user("A", settings=WORKER + none), user("B", settings=WORKER), end(), chain("S", "A", "B", "E"))
    city.deploy(bundle(*parts, key="step"))
    case = city.start("step", {}, DESIGNER)
    assert tries(city, case, HANDLER) == set(), "the step that they work forbids all of it"
    assert tries(city, case, DISPATCHER) == set(SHOWS), "who works none of its steps is asked of the process"
    city.complete(only_task(city, case), {}, HANDLER)
    assert tries(city, case, HANDLER) == set(SHOWS)

    some = '<ld:acts allow="comment"/>'
    parts = (ext(none), start(), user("A", settings=WORKER + some), end(), chain("S", "A", "E"))
    city.deploy(bundle(*parts, key="whole"))
    case = city.start("whole", {}, DESIGNER)
    assert tries(city, case, HANDLER) == {"comment"}, "what a task says comes first"
    assert tries(city, case, DISPATCHER) == set()


def test_a_substitute_for_one_process_attaches_nothing_to_a_task_of_another(city: City) -> None:
    organising.hire(city, "colleague", "water_supply", "applicant")
    organising.lend(city, HANDLER, "colleague", processes=["document"])
    case = case_at(city, "Handle")
    city.claim(only_task(city, case), HANDLER)
    copying.copy(city.core, case, [city.actor("colleague").id], DISPATCHER)
    task_id = int(only_task(city, case).ref.partition(".")[2])
    with pytest.raises(NotFound):
        files.attach(city.core, case, [city.accept("a.jpg", photo().getvalue())], "colleague", task_id=task_id)


def test_who_left_the_post_takes_nothing_back(city: City) -> None:
    organising.hire(city, "colleague", "water_supply", "handler")
    case = case_at(city, "Handle")
    ref = only_task(city, case).ref
    do(city, case, "Handle", "colleague")
    assert earlier.withdrawable(city.core, city.actor("colleague"), case) == [ref]
    organising.dismiss(city, "colleague")
    organising.put(city, "colleague", "drainage", "handler")
    assert earlier.withdrawable(city.core, city.actor("colleague"), case) == []
    with pytest.raises(NotAllowed, match="do not hold the post any more"):
        withdrawing.withdraw(city.core, ref, "colleague")

    organising.hire(city, "stand_in", "water_supply", "applicant")
    organising.lend(city, HANDLER, "stand_in")
    case = case_at(city, "Handle")
    ref = only_task(city, case).ref
    do(city, case, "Handle", "stand_in")
    assert earlier.withdrawable(city.core, city.actor("stand_in"), case) == [ref]
    organising.come_back(city, HANDLER, "stand_in")
    with pytest.raises(NotAllowed):
        withdrawing.withdraw(city.core, ref, "stand_in")
    assert only_task(city, case).node == "Feedback"
    laws.check(city)


def test_what_others_were_asked_to_assist_with_is_not_taken_back(city: City) -> None:
    case = case_at(city, "SignFor")
    ref = only_task(city, case).ref
    do(city, case, "SignFor")
    assert earlier.withdrawable(city.core, city.actor(HANDLER), case) == [ref]
    assisting.ask(city.core, task_at(city, case, "Handle").ref, ["drainage"], HANDLER, text="请协助排水")
    with pytest.raises(Invalid):
        withdrawing.withdraw(city.core, ref, HANDLER)
    assert "Handle" in {t.node for t in city.tasks(case)}
    laws.check(city)


def test_who_had_a_task_is_told_that_their_head_gave_it_to_another(city: City) -> None:
    organising.hire(city, "colleague", "water_supply", "handler")
    organising.hire(city, "chief", "water_supply", "unit_head")
    case = case_at(city, "Handle")
    ref = only_task(city, case).ref
    city.claim(ref, HANDLER)
    assigning.assign(city.core, ref, city.actor("colleague").id, "chief", reason="另有任务")
    told = {
        (r["person_id"], r["kind"]) for r in laws.rows(city, notice, case) if r["task_id"] == int(ref.split(".")[1])
    }
    assert {(city.actor(HANDLER).id, "taken"), (city.actor("colleague").id, "assigned")} <= told
    holding.transfer(city.core, ref, city.actor(HANDLER).id, "colleague", reason="还给您")
    mine = [r for r in laws.rows(city, notice, case) if r["person_id"] == city.actor("colleague").id]
    assert "taken" not in {r["kind"] for r in mine}, "who hands it on knows"
    with pytest.raises(Invalid):
        holding.transfer(city.core, ref, city.actor("colleague").id, HANDLER, reason="\x00")


def test_a_unit_that_assists_is_not_asked_again_until_it_has_answered(city: City) -> None:
    case = case_at(city, "Handle")
    ref = only_task(city, case).ref
    city.claim(ref, HANDLER)
    assisting.ask(city.core, ref, ["drainage"], HANDLER)
    with pytest.raises(Invalid, match="assists already"):
        assisting.ask(city.core, ref, ["sanitation", "drainage"], HANDLER)
    assisting.ask(city.core, ref, ["sanitation"], HANDLER)
    assert sorted(t.node for t in city.tasks(case)) == ["AssistSign", "AssistSign", "Handle"]
    for node, answers in (("AssistSign", {}), ("Assist", {"assist_note": "已排水"})):
        here = next(t for t in city.tasks(case) if t.node == node and t.unit == "drainage")
        city.complete(here, answers, "cailihua")
    assisting.ask(city.core, ref, ["drainage"], HANDLER, text="再排一次")
    assert "drainage" in {t.unit for t in city.tasks(case)}
    laws.check(city)


def test_a_post_whose_term_runs_out_gives_back_what_its_holder_had(city: City) -> None:
    organising.hire(city, "for_a_time", "water_supply", "handler")
    organising.hire(city, "stand_in", "drainage", "applicant")
    organising.lend(city, "for_a_time", "stand_in")
    mine, lent, others = (case_at(city, "Handle") for _ in range(3))
    city.claim(only_task(city, mine).ref, "for_a_time")
    city.claim(only_task(city, lent).ref, "stand_in")
    city.claim(only_task(city, others).ref, HANDLER)
    assert lapsing.run_due(city.core, 100) == 0
    organising.dismiss(city, "for_a_time")  # nobody carried out a change: the time came
    assert lapsing.run_due(city.core, 100) == 2
    assert lapsing.run_due(city.core, 100) == 0
    assert [only_task(city, case).assignee for case in (mine, lent, others)] == [None, None, city.actor(HANDLER).id]
    assert city.trail(mine)[-1]["kind"] == "moved"
    with pytest.raises(NotFound):
        do(city, mine, "Handle", "for_a_time")
    do(city, mine, "Handle")
    laws.check(city)
    assert verifying.verify(city.core).kinds.keys() <= {"never_sealed"}


def test_who_stands_in_is_told_of_what_comes_and_is_urged(city: City) -> None:
    for login in ("stand_in", "for_letters"):
        organising.hire(city, login, "drainage", "handler")
    organising.hire(city, "colleague", "water_supply", "handler")
    organising.lend(city, "colleague", "stand_in")
    organising.lend(city, "colleague", "for_letters", processes=["document"])
    case = case_at(city, "Handle")
    ref = only_task(city, case).ref

    def told(who: str) -> list[tuple[str, object]]:
        mine = [r for r in laws.rows(city, notice, case) if r["person_id"] == city.actor(who).id]
        return [(r["kind"], (r["data"] or {}).get("for")) for r in mine]

    away = city.actor("colleague").id
    holding.transfer(city.core, ref, away, HANDLER, reason="请办")
    assert told("stand_in") == [("assigned", away)]
    urging.urge(city.core, case, DISPATCHER, text="今天要办")
    assert [kind for kind, _ in told("stand_in")] == ["assigned", "urged"]
    assert [kind for kind, _ in told("colleague")] == ["assigned", "urged"]
    assert told("for_letters") == [], "for another process only"

    own = user("A", settings='<ld:candidates person="colleague"/>')
    city.deploy(bundle(start(), own, end(), chain("S", "A", "E"), key="meant"))
    case = city.start("meant", {}, DESIGNER)
    assert told("stand_in") == [("assigned", away)], "what the diagram means for who is away"
    organising.come_back(city, "colleague", "stand_in")
    case = city.start("meant", {}, DESIGNER)
    assert told("stand_in") == []


def test_whose_unit_was_merged_into_another_takes_back_what_they_did_before(city: City) -> None:
    organising.hire(city, "colleague", "water_supply", "handler")
    case = case_at(city, "Handle")
    ref = only_task(city, case).ref
    do(city, case, "Handle", "colleague")
    with city.core.db.write() as connection:
        to = city.core.unit_id("drainage")
        over = update(unit).where(unit.c.key == "water_supply").values(ended_at=city.core.db.now(), successor_id=to)
        connection.execute(over)
    organising.dismiss(city, "colleague")
    assert earlier.withdrawable(city.core, city.actor("colleague"), case) == []
    organising.put(city, "colleague", "drainage", "handler")
    city.core.forget_units()
    assert earlier.withdrawable(city.core, city.actor("colleague"), case) == [ref]
