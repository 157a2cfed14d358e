"""A called process's tasks are tasks like any other, by its own diagram and forms; decisions come from the version's own bundle."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from engine import definitions
from engine.errors import DefinitionRefused, Invalid, NotAllowed
from engine.queries import inbox
from engine.queries.tasks import user_task
from engine.tables import task
from escalation.tables import clock
from forms.errors import InvalidAnswers
from tests import laws
from tests.bpmn.drawing import chain, end, ext, flow, process, start, tag, timer, user
from tests.db.talking import OPERATOR, at_border, begins, bundle, error, message, work
from tests.dmn.drawing import decision, dmn_file, table
from tests.factories import only_task
from web.city import City
from web.setting_up import load_people

FORM = {
    "title": "意见",
    "x-title": {"en": "Opinion"},
    "type": "object",
    "properties": {
        "question": {"type": "string", "title": "问题", "x-title": {"en": "Question"}, "x-access": "read"},
        "opinion": {"type": "string", "title": "意见", "x-title": {"en": "Opinion"}, "maxLength": 20},
    },
    "required": ["opinion"],
}
CLOCK = '<ld:clock id="answer" budget="2" unit="natural_hour"/>'


def called(text: str = "", **attributes: str) -> str:
    said = '<ld:call input="={question: topic}" output="={answer: opinion}"/>'
    return tag("callActivity", ext(said) + text, id="Call", calledElement="advice", **attributes)


ADVICE = bundle(
    start(),
    user("Advise", settings='<ld:form ref="opinion"/><ld:candidates post="operator"/>' + CLOCK),
    user("Confirm", settings='<ld:fourEyes with="Advise"/><ld:candidates post="operator"/>'),
    end(),
    chain("S", "Advise", "Confirm", "E"),
    key="advice",
    files={"opinion.json": json.dumps(FORM).encode()},
)
CALLER = bundle(start(), called(), work("Z"), end(), chain("S", "Call", "Z", "E"), key="caller")


@pytest.fixture
def advised(city: City) -> City:
    city.deploy(ADVICE)
    city.deploy(CALLER)
    return city


def ask(city: City) -> int:
    return city.start("caller", {}, OPERATOR, given={"topic": "开工吗"})


def test_its_tasks_come_with_its_own_form_and_variables(advised: City) -> None:
    case = ask(advised)
    opened = only_task(advised, case)
    (row,) = laws.rows(advised, task, case)
    assert row["definition_id"] == advised.definition("advice").id
    assert (row["node"], row["within"], row["variables"]["question"]) == ("Advise", "Call", "开工吗")
    shown = user_task(advised.core, advised.actor(OPERATOR), opened.ref)
    form = shown.definition.form_of(shown.node)
    assert form is not None
    assert (set(form.properties), shown.known["question"]) == ({"question", "opinion"}, "开工吗")
    assert shown.main.key == "caller"
    with pytest.raises(InvalidAnswers):
        advised.complete(opened, {}, OPERATOR)
    with pytest.raises(InvalidAnswers):
        advised.complete(opened, {"opinion": "好" * 21}, OPERATOR)
    laws.check(advised)


def test_they_stand_in_the_inbox_and_are_claimed(advised: City) -> None:
    case = ask(advised)
    actor = advised.actor(OPERATOR)
    wanted = inbox.Wanted(tab=inbox.Tab.ALL, process="advice", node="Advise")
    (row,) = inbox.page(advised.core, actor, wanted, advised.world().now).rows
    assert (row["instance_id"], row["process"]) == (case, "caller")
    advised.claim(only_task(advised, case), OPERATOR)
    advised.release(only_task(advised, case), OPERATOR)
    assert [r["kind"] for r in advised.trail(case)] == ["started", "claimed", "released"]


def test_its_end_goes_on_with_the_caller(advised: City) -> None:
    case = ask(advised)
    advised.complete(only_task(advised, case), {"opinion": "可以"}, OPERATOR)
    advised.complete(only_task(advised, case), {}, second(advised))
    assert only_task(advised, case).node == "Z"
    facts = advised.instance(case)["facts"]
    assert facts["answer"] == "可以"
    paths = [node for row in advised.trail(case) for node in (row["data"] or {}).get("path", ())]
    assert "Call/Advise" in paths
    assert "Call" in paths
    laws.check(advised)


def second(city: City) -> str:
    """Another operator."""
    load_people(city.core, [{"login": "second", "name": "第二人", "unit": "command_centre", "post": "operator"}])
    return "second"


def test_four_eyes_hold_inside_it(advised: City) -> None:
    case = ask(advised)
    advised.complete(only_task(advised, case), {"opinion": "可以"}, OPERATOR)
    with pytest.raises(NotAllowed):
        advised.complete(only_task(advised, case), {}, OPERATOR)
    advised.complete(only_task(advised, case), {}, second(advised))
    laws.check(advised)


def test_its_clocks_run_by_its_own_diagram(advised: City) -> None:
    case = ask(advised)
    (row,) = laws.rows(advised, clock, case)
    assert f"{case}.{row['task_id']}" == only_task(advised, case).ref
    assert row["name"] == "answer"
    assert only_task(advised, case).due_at is not None
    advised.advance(timedelta(hours=3))
    assert [r["kind"] for r in advised.trail(case)][-1] == "breached"
    laws.check(advised)


def test_a_call_keeps_the_version_it_began_with(advised: City) -> None:
    case = ask(advised)
    advised.deploy({**ADVICE, "advice.bpmn": process(start(), end(), flow("S", "E"), id="advice")})
    advised.complete(only_task(advised, case), {"opinion": "可以"}, OPERATOR)
    assert only_task(advised, case).node == "Confirm"
    assert only_task(advised, ask(advised)).node == "Z"
    laws.check(advised)


def test_an_error_inside_is_caught_at_the_border_of_the_call(city: City) -> None:
    city.deploy(ADVICE)
    city.deploy(
        bundle(
            start(),
            called(),
            at_border("B", "Call", "error", "stop"),
            end(),
            end("E2"),
            chain("S", "Call", "E"),
            flow("B", "E2"),
            key="caller",
            outside=error("stop"),
        )
    )
    case = ask(city)
    with pytest.raises(Invalid):
        city.fail(only_task(city, case), "other", OPERATOR)
    assert only_task(city, case).node == "Advise"
    city.fail(only_task(city, case), "stop", OPERATOR)
    assert city.instance(case)["outcome"] == "E2"
    laws.check(city)


def test_timers_and_messages_inside_it_are_waited_for(city: City) -> None:
    city.deploy(
        bundle(
            start(),
            tag("intermediateCatchEvent", timer("PT1H"), id="T"),
            tag("receiveTask", id="R", messageRef="MGo"),
            work("A"),
            end(),
            chain("S", "T", "R", "A", "E"),
            key="advice",
            outside=message("Go"),
        )
    )
    city.deploy(CALLER)
    case = ask(city)
    laws.check(city)
    city.advance(timedelta(hours=1))
    laws.check(city)
    assert city.message("Go") == case
    assert only_task(city, case).node == "A"
    laws.check(city)


# ---------------------------------------------------------------- deployment


def codes(refused: pytest.ExceptionInfo[DefinitionRefused]) -> set[str]:
    return {problem.code for problem in refused.value.problems}


def call(key: str, to: str) -> dict[str, bytes]:
    activity = tag("callActivity", id="Call", calledElement=to)
    return bundle(start(), activity, work("A"), end(), chain("S", "Call", "A", "E"), key=key)


def test_what_it_calls_must_be_there(city: City) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        city.deploy(call("one", "two"))
    assert codes(refused) == {"call"}
    made = city.deploy({**call("one", "two"), **bundle(start(), work("A"), end(), chain("S", "A", "E"), key="two")})
    assert [one.key for one in made] == ["one", "two"]


def test_a_ring_of_calls_is_refused_across_bundles_too(city: City) -> None:
    city.deploy(bundle(start(), work("A"), end(), chain("S", "A", "E"), key="two"))
    city.deploy(call("one", "two"))
    with pytest.raises(DefinitionRefused) as refused:
        city.deploy(call("two", "one"))
    assert codes(refused) == {"call-recursion"}
    with pytest.raises(DefinitionRefused):
        city.deploy({**call("x", "y"), **call("y", "x")})


def test_what_only_events_begin_cannot_be_called(city: City) -> None:
    city.deploy(
        bundle(begins("B", "message", "Go"), work("A"), end(), chain("B", "A", "E"), key="two", outside=message("Go"))
    )
    with pytest.raises(DefinitionRefused) as refused:
        city.deploy(call("one", "two"))
    assert codes(refused) == {"call-start"}


def test_a_file_of_several_processes_gives_a_definition_of_each(city: City) -> None:
    second = tag(
        "process", start("S2") + work("A2") + end("E2") + chain("S2", "A2", "E2"), id="two", isExecutable="true"
    )
    file = process(start(), work("A"), end(), chain("S", "A", "E"), id="one", outside=second)
    made = city.deploy({"both.bpmn": file, "opinion.json": json.dumps(FORM).encode()})
    assert [one.key for one in made] == ["one", "two"]
    assert set(definitions.files_of(city.core, made[1].id)) == {"both.bpmn", "opinion.json"}
    assert only_task(city, city.start("two", {}, OPERATOR)).node == "A2"
    assert [one.version for one in city.deploy({"both.bpmn": file, "opinion.json": json.dumps(FORM).encode()})] == [
        1,
        1,
    ]


# ---------------------------------------------------------------- decisions


def decided(limit: str) -> dict[str, bytes]:
    rules = [[f"> {limit}", '"red"'], [f"<= {limit}", '"green"']]
    rule = tag("businessRuleTask", ext('<ld:decision ref="light" into="light"/>'), id="D")
    return bundle(
        start(),
        rule,
        work("A"),
        end(),
        chain("S", "D", "A", "E"),
        key="decided",
        files={"light.dmn": dmn_file(decision("light", table(["amount"], ["light"], rules)))},
    )


def test_a_decision_is_asked_of_the_versions_own_bundle(city: City) -> None:
    def light(amount: int) -> Any:
        return city.instance(city.start("decided", {}, OPERATOR, given={"amount": amount}))["facts"]["light"]

    city.deploy(decided("10"))
    assert (light(10), light(11)) == ("green", "red")
    city.deploy(decided("20"))
    assert (light(20), light(21)) == ("green", "red")
    assert len(definitions.files_of(city.core, city.definition("decided").id)) == 2
