"""What is wrong is refused by name and cause, and leaves everything as it was; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.bpmn import limits
from engine.errors import DefinitionRefused, Invalid, NotAllowed, NotFound, StepFailed, TaskGone
from engine.tables import definition, incident, instance, link
from forms.errors import InvalidAnswers
from tests import laws
from tests.bpmn.drawing import chain, end, flow, process, start, tag, user
from tests.factories import COLLECTOR, DESIGNER, LEADER, OPERATOR, REPORT, STRANGER, case_at, do, only_task, retry
from tests.faults.crashing import snapshot
from web.city import City

WHO = '<ld:candidates post="operator"/>'


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    laws.check(city)


def count(city: City, table: Any) -> int:
    with city.core.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.parametrize(
    "answers, path",
    [
        ({}, "file_decision"),
        ({"file_decision": "file"}, "standard_code"),
        ({"file_decision": "perhaps"}, "file_decision"),
        ({"file_decision": "void"}, "void_reason"),
        ({"file_decision": 1, "standard_code": "C-0101-1"}, "file_decision"),
        ({"file_decision": "file", "standard_code": "C-0101-1", "verified": True}, "verified"),
        (
            {"file_decision": "file", "standard_code": "C-0101-1", "self_handled": True},
            "self_handled",
        ),  # only shown there
        ({"file_decision": "file", "standard_code": "C-0101-1\x00"}, "standard_code"),
        ({"file_decision": "file", "standard_code": ["C-0101-1"]}, "standard_code"),
    ],
)
def test_answers_are_refused_field_by_field(city: City, answers: dict[str, Any], path: str) -> None:
    case = case_at(city, "File")
    before = snapshot(city, case)
    with pytest.raises(InvalidAnswers) as wrong:
        city.complete(only_task(city, case), answers, LEADER, "k")
    assert path in [p.path for p in wrong.value.problems]
    assert snapshot(city, case) == before
    do(city, case, "File")  # and the same page, mended, goes on


def test_a_start_with_wrong_answers_starts_nothing(city: City) -> None:
    for facts in ({}, {**REPORT, "status": "completed"}, {**REPORT, "title": ""}):
        with pytest.raises(InvalidAnswers):
            city.start("case_dispatch", facts, COLLECTOR, idempotency_key="k")
    with pytest.raises(NotFound):
        city.start("no_such_process", REPORT, COLLECTOR)
    with pytest.raises(NotAllowed):
        city.start("case_dispatch", REPORT, STRANGER)
    with pytest.raises(NotFound):
        city.start("case_dispatch", REPORT, "nobody")
    assert count(city, instance) == 0


def test_a_step_that_cannot_go_on_leaves_its_task_open_with_an_incident(city: City) -> None:
    case = case_at(city, "File")
    with pytest.raises(StepFailed, match="LookUpStandard"):
        do(city, case, "File", standard_code="C-9999-9")
    assert only_task(city, case).node == "File"
    (told,) = laws.rows(city, incident, case)
    assert told["node"] == "LookUpStandard"
    assert "C-9999-9" in told["message"]
    assert city.instance(case)["facts"].get("standard_code") is None
    do(city, case, "File")
    retry(city, case, told["id"])
    with pytest.raises(NotFound):
        retry(city, case, told["id"])
    with pytest.raises(NotAllowed):
        city.retry(case, told["id"], LEADER)


def test_a_stale_page_of_an_ended_case_changes_nothing(city: City) -> None:
    case = case_at(city, "Close")
    task = only_task(city, case)
    do(city, case, "Close")
    before = snapshot(city, case)
    for act in (city.claim, city.release):
        with pytest.raises(TaskGone):
            act(task, LEADER)
    with pytest.raises(TaskGone):
        city.complete(task, {}, LEADER)
    with pytest.raises(NotFound):
        city.cancel(case, OPERATOR, "再来一次")
    assert snapshot(city, case) == before


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "a\x00b", "\ud800"])
def test_a_comment_must_be_text(city: City, text: str) -> None:
    case = case_at(city, "File")
    with pytest.raises(Invalid):
        city.cancel(case, OPERATOR, text)
    with pytest.raises(Invalid):
        city.comment(case, text, LEADER)


@pytest.mark.parametrize(
    "ref", ["", ".", "1.", ".1", "1.1.1", "-1.1", "١.١", "9" * 30 + ".1", "1." + "9" * 12, "1.1'; drop"]
)
def test_a_reference_must_be_one(city: City, ref: str) -> None:
    with pytest.raises(NotFound):
        city.complete(ref, {}, LEADER)


def test_a_refused_definition_leaves_no_version(city: City) -> None:
    before = count(city, definition)
    python = tag("scriptTask", tag("script", "import os"), id="X", scriptFormat="python")
    for bundle in (
        {"bad.bpmn": b"<html/>"},
        {"bad.bpmn": b"\xff\xfe"},
        {"note.txt": b"hello"},
        {"bad.bpmn": process(start(), python, end(), chain("S", "X", "E"))},
        {
            "a.bpmn": process(start(), user("A", settings=WHO), end(), chain("S", "A", "E"), id="a"),
            "b.bpmn": b"<html/>",
        },
    ):
        with pytest.raises(DefinitionRefused) as refused:
            city.deploy(bundle, DESIGNER)
        assert refused.value.problems
        assert not any("\u4e00" <= c <= "\u9fff" for c in str(refused.value)), "an English sentence in English"
    with pytest.raises(NotAllowed):
        city.deploy({"a.bpmn": process(start(), user("A"), end(), chain("S", "A", "E"), id="a")}, LEADER)
    assert count(city, definition) == before


def test_a_running_case_keeps_its_version(city: City) -> None:
    def version(*nodes: str) -> dict[str, bytes]:
        parts = [user(n, settings=WHO) for n in nodes]
        return {"p.bpmn": process(start(), *parts, end(), chain("S", *nodes, "E"), id="p")}

    (first,) = city.deploy(version("A"))
    assert city.deploy(version("A")) == [first]
    old = city.start("p", {}, OPERATOR)
    (second,) = city.deploy(version("A", "B"))
    assert (first.version, second.version) == (1, 2)
    new = city.start("p", {}, OPERATOR)
    for case in (old, new):
        city.complete(only_task(city, case), {}, OPERATOR)
    assert city.instance(old)["status"] == "completed"
    assert only_task(city, new).node == "B"


def test_a_choice_without_a_way_out_is_said(city: City) -> None:
    gateway = tag("exclusiveGateway", id="G")
    parts = [start(), user("A", settings=WHO), gateway, end("E1"), end("E2"), chain("S", "A", "G")]
    city.deploy({"p.bpmn": process(*parts, flow("G", "E1", "n = 1"), flow("G", "E2", "n = 2"), id="p")})
    case = city.start("p", {}, OPERATOR)
    with pytest.raises(StepFailed, match="G"):
        city.complete(only_task(city, case), {}, OPERATOR)
    assert only_task(city, case).node == "A"
    assert len(laws.rows(city, incident, case)) == 1
    assert count(city, link) == 0


def test_the_longest_ids_and_names_have_room(city: City) -> None:
    first, work, last, key = (letter * limits.MAX_ID for letter in "SAEp")
    longest = "长" * limits.MAX_NAME
    flows = flow(first, work, id_="f1") + flow(work, last, id_="f2")
    (made,) = city.deploy(
        {"t.bpmn": process(start(first), user(work, settings=WHO), end(last), flows, id=key, name=longest)}
    )
    assert longest.startswith(made.names.zh)
    case = city.start(key, {}, OPERATOR)
    city.complete(only_task(city, case), {}, OPERATOR)
    assert city.instance(case)["outcome"] == last
