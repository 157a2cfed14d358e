"""Ways around a rule that an adversary found: each was open once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, select, update

from engine import links
from engine.acts import assigning, copying, delegating, drafts, receiving, signers
from engine.audit import verifying
from engine.errors import Invalid, KeyReused, NotAllowed, NotFound
from engine.operating import proposing, suspending
from engine.tables import copy, instance, operation, task
from tests import laws
from tests.bpmn.drawing import chain, end, start, user
from tests.db import organising
from tests.db.organised import changed
from tests.db.talking import bundle
from tests.factories import (
    COLLECTOR,
    DISPATCHER,
    HANDLER,
    LEADER,
    OPERATOR,
    SECOND_OPERATOR,
    STRANGER,
    case_at,
    do,
    only_task,
    task_at,
)
from web.city import City
from web.wiring import PROCESSES

HEAD = "water_head"
ONE = '<ld:candidates unit="market_regulation" post="reviewer"/>'


@pytest.fixture
def database_kind() -> str:
    """That rows agree with histories on PostgreSQL too is seen wherever a test verifies there."""
    return "sqlite"


def test_a_case_that_ended_leaves_no_mark_on_the_one_it_was_to_be_joined_to(city: City) -> None:
    core, main, ended = city.core, case_at(city, "Handle"), case_at(city, "Handle")
    for node in ("Handle", "Feedback", "Check", "Close"):
        do(city, ended, node)
    before = len(city.trail(main))
    with pytest.raises(NotFound):
        links.join(core, ended, main, DISPATCHER, "同一井盖")
    assert len(city.trail(main)) == before, "its reporters follow what they followed"
    # opened again once, but the same request once more is the same
    again = links.follow_up(core, ended, links.REOPENED, LEADER, "又坏了", key="r")
    assert links.follow_up(core, ended, links.REOPENED, LEADER, "又坏了", key="r") == again
    with pytest.raises(Invalid):
        links.follow_up(core, ended, links.REOPENED, LEADER, "又坏了", key="s")
    with pytest.raises(KeyReused):
        links.follow_up(core, ended, links.REOPENED, LEADER, "另一件", key="r")
    assert [row["kind"] for row in city.trail(ended)].count("linked") == 1


def test_nobody_passes_a_four_eyes_rule_by_having_it_done_for_them(city: City) -> None:
    """The rule stands at the other task: it keeps both apart."""
    settings = ONE + '<ld:auto same="previous"/>', ONE + '<ld:fourEyes with="B"/>'
    parts = user("Ask", settings=ONE), user("B", settings=settings[0]), user("C", settings=settings[1])
    city.deploy(bundle(start(), *parts, end(), chain("S", "Ask", "C", "B", "E"), key="apart"))
    organising.hire(city, "only_one", "market_regulation", "reviewer")
    case = city.start("apart", {}, OPERATOR)
    for node in ("Ask", "C"):
        city.complete(task_at(city, case, node), {}, "only_one")
    city.run_due()
    assert only_task(city, case).node == "B"
    with pytest.raises(NotAllowed):
        city.complete(only_task(city, case), {}, "only_one")


def test_operators_are_not_stuck(city: City) -> None:
    """A task that was delegated to nobody who comes back, and what was asked for a case that has ended meanwhile."""
    core, case = city.core, case_at(city, "Handle")
    ref = task_at(city, case, "Handle").ref
    delegating.delegate(core, ref, city.actor(STRANGER).id, HANDLER)
    with pytest.raises(NotFound):
        delegating.recall(core, ref, LEADER)
    delegating.recall(core, ref, OPERATOR, reason="受托人休假")
    assert task_at(city, case, "Handle").assignee == city.actor(HANDLER).id
    asked = proposing.propose(core, case, "set", {"name": "new", "value": 1}, OPERATOR, "补")["operation"]
    for node in ("Handle", "Feedback", "Check", "Close"):
        do(city, case, node)
    proposing.withdraw(core, case, asked, OPERATOR)
    assert not proposing.listing(core, city.actor(OPERATOR), open_only=True)
    laws.check(city, case)


def test_what_is_delegated_goes_back_to_whose_it_is_when_its_delegate_leaves(city: City) -> None:
    parts = start(), user("A", settings='<ld:candidates person="only_one"/>'), end(), chain("S", "A", "E")
    city.deploy(bundle(*parts, key="mine"))
    for login in ("only_one", "helper"):
        organising.hire(city, login, "market_regulation", "reviewer", f"QJ-{login}")
    me = city.actor("only_one").id
    meant, offered = city.start("mine", {}, OPERATOR), case_at(city, "Handle")
    delegating.delegate(city.core, only_task(city, meant).ref, city.actor("helper").id, "only_one")
    delegating.delegate(city.core, only_task(city, offered).ref, city.actor("helper").id, HANDLER)
    changed(city, "leave", {"login": "helper"})
    assert only_task(city, offered).assignee == city.actor(HANDLER).id
    assert only_task(city, meant).assignee == me
    city.complete(only_task(city, meant), {}, "only_one")
    do(city, offered, "Handle")
    laws.check(city)


def test_who_stands_in_for_a_head_assigns_nothing_that_they_started(city: City) -> None:
    case = case_at(city, "Handle")
    ref, handler = only_task(city, case).ref, city.actor(HANDLER).id
    organising.hire(city, HEAD, "water_supply", "unit_head")
    organising.lend(city, HEAD, COLLECTOR)
    with pytest.raises(NotAllowed, match="started"):
        assigning.assign(city.core, ref, handler, COLLECTOR)
    organising.lend(city, HEAD, DISPATCHER)
    assigning.assign(city.core, ref, handler, DISPATCHER)


def test_what_is_kept_fits_its_form_and_every_database(city: City) -> None:
    """The draft of who was added to a task is of the form that they fill in; a value is one that JSON has."""
    acts = '<ld:form ref="check"/><ld:acts allow="add_beside"/>'
    form = (PROCESSES.parent / "forms" / "schemas" / "case_dispatch" / "check.json").read_bytes()
    parts = start(), user("A", settings=ONE + acts), end(), chain("S", "A", "E")
    city.deploy(bundle(*parts, key="asked", files={"check.json": form}))
    organising.hire(city, "only_one", "market_regulation", "reviewer")
    case = city.start("asked", {}, OPERATOR)
    who = city.actor(STRANGER).id
    reply = signers.add(city.core, only_task(city, case).ref, "only_one", people=[who], how="beside")
    kept = drafts.save(city.core, f"{case}.{reply['opened'][0]}", {"opinion": "可以", "check_result": "pass"}, STRANGER)
    assert kept.answers == {"opinion": "可以"}
    deep: Any = []
    for _ in range(4000):
        deep = [deep]
    for value in (float("nan"), [float("inf")], deep):
        with pytest.raises(Invalid):
            proposing.propose(city.core, case, "set", {"name": "x", "value": value}, OPERATOR, "补")


def differs(city: City, table: Table, case: int, *where: Any, **values: Any) -> bool:
    """Whether verification finds rows changed so, behind the program's back (no values: deleted); they are put back."""
    here = (table.c["id" if table is instance else "instance_id"] == case, *where)
    with city.core.db.write() as connection:
        before = [dict(row) for row in connection.execute(select(table).where(*here)).mappings()]
        act = update(table).where(*here).values(**values) if values else delete(table).where(*here)
        assert connection.execute(act).rowcount
    found = verifying.verify(city.core).kinds
    with city.core.db.write() as connection:
        if values:
            for row in before:
                same = [column == row[column.name] for column in table.primary_key]
                connection.execute(update(table).where(*same).values(**{name: row[name] for name in values}))
        else:
            connection.execute(insert(table), before)
    return found["row_differs"] > 0


def test_what_people_did_beside_completing_is_verified(city: City) -> None:
    core, case = city.core, case_at(city, "Handle")
    ref = task_at(city, case, "Handle").ref
    stranger = city.actor(STRANGER).id
    receiving.sign(core, ref, HANDLER)
    copying.copy(core, case, [stranger], LEADER, how="circulate", note="请阅")
    copying.read(core, case, STRANGER, opinion="已阅")
    delegating.delegate(core, ref, stranger, HANDLER)
    delegating.resolve(core, ref, {"handle_result": "done", "handle_note": "已更换"}, STRANGER)
    numbers = [
        proposing.propose(core, case, "set", {"name": name, "value": 1}, OPERATOR, "补")["operation"] for name in "abc"
    ]
    proposing.approve(core, case, numbers[0], SECOND_OPERATOR)
    proposing.refuse(core, case, numbers[1], SECOND_OPERATOR, "不必")
    suspending.suspend(core, case, OPERATOR, "核对")
    assert verifying.verify(core).kinds.keys() <= {"never_sealed"}
    assert differs(city, instance, case, status="active")
    suspending.resume(core, case, OPERATOR, "继续")
    assert verifying.verify(core).kinds.keys() <= {"never_sealed"}
    assert differs(city, instance, case, status="suspended")
    assert differs(city, task, case, task.c.signed_by.is_not(None), signed_by=stranger)
    assert differs(city, copy, case)
    assert differs(city, copy, case, copy.c.kind == "asked", copy.c.person_id == stranger, person_id=1)
    assert differs(city, copy, case, copy.c.kind == "circulate", opinion="不同意")
    third = operation.c.id == numbers[2]
    assert differs(city, operation, case, third, by_id=stranger)
    assert differs(city, operation, case, third, data={"name": "c", "before": None, "after": 2})
    assert differs(city, operation, case, operation.c.id == numbers[1], state="done")
    for node in ("Handle", "Feedback", "Check", "Close"):
        do(city, case, node)
    assert differs(city, instance, case, status="rejected")
    assert verifying.verify(core).kinds.keys() <= {"never_sealed"}
