"""What operators set right in a running case: asked for by one, allowed by another human being, done once and as it was asked for."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from engine import settings
from engine.audit import verifying
from engine.errors import Invalid, NotAllowed, NotFound
from engine.operating import proposing
from engine.tables import notice, person
from tests import laws
from tests.bpmn.drawing import chain, end, start, tag
from tests.db.talking import OPERATOR, bundle, work
from tests.factories import LEADER, SECOND_OPERATOR, case_at, only_task, task_at
from web.city import City

WHEN = tag("conditionalEventDefinition", tag("condition", "=amount > 100"))

FORKED = bundle(
    start(),
    tag("parallelGateway", id="F"),
    work("A"),
    work("B"),
    tag("intermediateCatchEvent", WHEN, id="C"),
    work("D"),
    tag("parallelGateway", id="J"),
    work("Z"),
    end(),
    chain("S", "F", "A", "J", "Z", "E"),
    chain("F", "B", "J"),
    chain("F", "C", "D", "J"),
    key="forked",
)
"""Two tasks and a condition beside each other, joined before the last one."""


def nodes(city: City, case: int) -> list[str]:
    return sorted(t.node for t in city.tasks(case))


def token(city: City, case: int, node: str) -> int:
    return int(task_at(city, case, node).ref.partition(".")[2])


def test_one_asks_and_another_allows(city: City) -> None:
    city.deploy(FORKED)
    case = city.start("forked", {}, OPERATOR, given={"amount": 1})
    core = city.core
    move: dict[str, Any] = {"token": token(city, case, "A"), "to": "J"}
    for data in ({}, {"token": 999, "to": "J"}, {"token": True, "to": "J"}, {**move, "to": "S"}, {**move, "to": "?"}):
        with pytest.raises(Invalid):
            proposing.propose(core, case, "move", data, OPERATOR, "卡住了")
    with pytest.raises(NotAllowed):
        proposing.propose(core, case, "move", move, LEADER, "卡住了")
    asked = proposing.propose(core, case, "move", move, OPERATOR, "卡住了", key="m")
    assert proposing.propose(core, case, "move", move, OPERATOR, "卡住了", key="m") == asked
    assert asked["state"] == "proposed"
    assert nodes(city, case) == ["A", "B"], "nothing is done yet"
    number = asked["operation"]
    told = {(r["person_id"], r["kind"]) for r in laws.rows(city, notice)}
    assert (city.actor(SECOND_OPERATOR).id, "proposed") in told
    assert (city.actor(OPERATOR).id, "proposed") not in told
    with pytest.raises(NotAllowed, match="another person"):
        proposing.approve(core, case, number, OPERATOR)
    with core.db.write() as connection:  # another account of the same human being
        same = update(person).where(person.c.login == SECOND_OPERATOR)
        connection.execute(same.values(staff_no="QJ0036", access_revision=person.c.access_revision + 1))
    with pytest.raises(NotAllowed, match="another person"):
        proposing.approve(core, case, number, SECOND_OPERATOR)
    with core.db.write() as connection:
        connection.execute(same.values(staff_no="QJ0037", access_revision=person.c.access_revision + 1))
    with pytest.raises(NotAllowed):
        proposing.withdraw(core, case, number, SECOND_OPERATOR)
    proposing.approve(core, case, number, SECOND_OPERATOR, "同意")
    assert nodes(city, case) == ["B"]
    with pytest.raises(Invalid):
        proposing.approve(core, case, number, SECOND_OPERATOR)
    laws.check(city)


def test_a_value_is_set_as_it_was_asked_for(city: City) -> None:
    city.deploy(FORKED)
    case = city.start("forked", {}, OPERATOR, given={"amount": 1})
    core = city.core
    bigger = {"name": "amount", "value": 500}
    first = proposing.propose(core, case, "set", bigger, OPERATOR, "录入错误")["operation"]
    second = proposing.propose(core, case, "set", {"name": "amount", "value": 7}, OPERATOR, "录入错误")["operation"]
    for name in ("reporter_phone", "a b", ""):
        with pytest.raises(Invalid):
            proposing.propose(core, case, "set", {"name": name, "value": 1}, OPERATOR, "改")
    proposing.approve(core, case, first, SECOND_OPERATOR)
    assert city.instance(case)["facts"]["amount"] == 500
    assert nodes(city, case) == ["A", "B", "D"], "what waited for a condition goes on"
    with pytest.raises(Invalid, match="changed"):  # what was asked for meant another value
        proposing.approve(core, case, second, SECOND_OPERATOR)
    proposing.refuse(core, case, second, SECOND_OPERATOR, "已改过")
    third = proposing.propose(core, case, "set", {"name": "new", "value": [1]}, SECOND_OPERATOR, "补充")["operation"]
    proposing.withdraw(core, case, third, SECOND_OPERATOR)
    states = [one.state for one in proposing.of_case(core, city.actor(OPERATOR), case)]
    assert states == ["withdrawn", "refused", "done"]
    for node in ("A", "B", "D"):
        city.complete(task_at(city, case, node), {}, OPERATOR)
    assert only_task(city, case).node == "Z", "each join fires once"

    with core.db.write() as connection:
        settings.put(core, connection, "second_person_for", ["move"])
    assert proposing.propose(core, case, "set", {"name": "new", "value": 1}, OPERATOR, "补")["state"] == "done"
    assert city.instance(case)["facts"]["new"] == 1
    city.complete(only_task(city, case), {}, OPERATOR)
    with pytest.raises(NotFound):
        proposing.propose(core, case, "set", bigger, OPERATOR, "晚了")
    laws.check(city)
    assert verifying.verify(core).kinds.keys() <= {"never_sealed"}


def test_a_value_fits_what_the_process_says_of_its_fact(city: City) -> None:
    case = case_at(city, "Handle")
    for name, value in (("grade", 3), ("grade", "no such grade"), ("lat", "30.4"), ("photos", "a1"), ("title", ["x"])):
        with pytest.raises(Invalid):
            proposing.propose(city.core, case, "set", {"name": name, "value": value}, OPERATOR, "更正")
    asked = proposing.propose(city.core, case, "set", {"name": "title", "value": "12"}, OPERATOR, "更正")
    proposing.approve(city.core, case, asked["operation"], SECOND_OPERATOR)
    assert city.instance(case)["title"] == "12"
    for other in ({"name": "area", "value": None}, {"name": "of_our_own", "value": {"any": "thing"}}):
        proposing.propose(city.core, case, "set", other, OPERATOR, "更正")
