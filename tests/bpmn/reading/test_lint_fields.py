"""What a drawing says of the fields of its forms, step by step."""

from __future__ import annotations

import json

from engine.bpmn.lint import lint
from tests.bpmn.drawing import CANDIDATES, chain, end, ext, process, start, tag, user


def asking(**fields: dict[str, object]) -> bytes:
    properties = {
        n: {"type": "string", "title": f"栏{n}", "x-title": {"en": f"Field {n}"}, **one} for n, one in fields.items()
    }
    form = {
        "title": "表",
        "x-title": {"en": "Form"},
        "type": "object",
        "properties": properties,
        "required": [*fields][:1],
    }
    return json.dumps(form).encode()


def found(
    *said: str, before: str = "", form: str = '<ld:form ref="a"/>', more: str = "", **fields: dict[str, object]
) -> list[tuple[str, str, str]]:
    step = user("A", settings=CANDIDATES + form + "".join(said), inside=more)
    files = {
        "t.bpmn": process(start(), before or user("B"), step, end(), chain("S", "B", "A", "E")),
        "a.json": asking(**(fields or {"x": {}, "y": {}})),
        "b.json": asking(x={}),
    }
    told = [one for one in lint(files) if one.code.startswith("field-")]
    assert all(one.line and one.element == "A" for one in told)
    return [(one.code, one.about, str(one.severity)) for one in told]


def right(name: str, access: str) -> str:
    return f'<ld:field name="{name}" access="{access}"/>'


def test_rights_that_can_be_are_taken() -> None:
    assert found(right("x", "required"), right("y", "hidden")) == []
    assert found(right("x", "edit"), right("y", "read")) == []


def test_fields_there_are_not() -> None:
    assert found(right("z", "read")) == [("field-unknown", "z", "error")]
    assert found(right("x", "read"), form="") == [("field-unknown", "x", "error")]
    assert found(right("y", "read"), right("y", "hidden")) == [("field-twice", "y", "error")]
    odd = user(settings=CANDIDATES + '<ld:form ref="a"/>' + right("x", "maybe"))
    told = lint({"t.bpmn": process(start(), odd, end(), chain("S", "A", "E")), "a.json": asking(x={})})
    assert [one.code for one in told] == ["setting"]


def test_what_the_form_asks_for_and_nobody_fills() -> None:
    assert found(right("x", "read")) == [("field-unfilled", "x", "warning")]
    assert found(right("x", "hidden")) == [("field-unfilled", "x", "warning")]
    earlier = user("B", settings=CANDIDATES + '<ld:form ref="b"/>')
    assert found(right("x", "read"), before=earlier) == [], "an earlier step fills it"
    closed = user("B", settings=CANDIDATES + '<ld:form ref="b"/>' + right("x", "hidden"))
    files = {"t.bpmn": process(start(), closed, end(), chain("S", "B", "E")), "b.json": asking(x={})}
    (one,) = lint(files)
    assert one.code == "field-unfilled"
    written = tag("scriptTask", tag("script", "{x: 1}"), id="B", scriptFormat="feel")
    assert found(right("x", "read"), before=written) == [], "the process writes it"


def test_what_is_personal_is_never_read() -> None:
    assert found(right("who", "read"), x={}, who={"x-personal": "name"}) == [("field-closed", "who", "error")]
    assert found(right("who", "hidden"), x={}, who={"x-personal": "name"}) == []


def test_a_vote_is_filled_in() -> None:
    vote = '<ld:vote rule="all" field="y" into="result"/>'
    several = tag("multiInstanceLoopCharacteristics", tag("loopCardinality", "2"))
    assert found(vote, right("y", "hidden"), more=several) == [("field-closed", "y", "error")]
    assert found(vote, right("y", "required"), more=several) == []


def test_a_start_has_none() -> None:
    begun = start(inside=ext('<ld:form ref="a"/>' + right("x", "read")))
    told = lint({"t.bpmn": process(begun, user(), end(), chain("S", "A", "E")), "a.json": asking(x={})})
    assert "setting-misplaced" in {one.code for one in told}
