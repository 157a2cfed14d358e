"""Lint of bundles, and of everything the product ships."""

from __future__ import annotations

import json
from pathlib import Path

from engine.bpmn.lint import lint
from engine.bpmn.reading import moddle
from tests.bpmn.drawing import CANDIDATES, chain, end, ext, flow, process, simple, start, tag, user

ROOT = Path(__file__).parents[3]
FORM = {"title": "表", "x-title": {"en": "Form"}, "type": "object", "properties": {}}


def form(**properties: str) -> bytes:
    made = {name: {"type": type_, "title": name, "x-title": {"en": name}} for name, type_ in properties.items()}
    return json.dumps({**FORM, "properties": made}).encode()


def wanting_a_form() -> bytes:
    return simple(settings='<ld:form ref="a"/>' + CANDIDATES)


def test_what_ships_is_clean() -> None:
    files = [*ROOT.glob("processes/*/*.bpmn"), *ROOT.glob("processes/*/*.dmn"), *ROOT.glob("forms/schemas/*/*.json")]
    assert [path for path in files if path.suffix == ".bpmn"]
    found = lint({str(path.relative_to(ROOT)): path.read_bytes() for path in files})
    assert [problem.line_for() for problem in found] == []


def test_forms_are_found_beside_the_diagram() -> None:
    assert lint({"t.bpmn": wanting_a_form(), "a.json": form(x="string")}) == []
    assert lint({"processes/t/t.bpmn": wanting_a_form(), "forms/schemas/t/a.json": form(x="string")}) == []
    elsewhere = lint({"processes/t/t.bpmn": wanting_a_form(), "forms/schemas/u/a.json": form(x="string")})
    assert [problem.code for problem in elsewhere] == ["form-missing"]


def test_a_bad_form_is_said_of_the_form() -> None:
    found = lint({"t.bpmn": wanting_a_form(), "a.json": b'{"type": "object", "$ref": "http://127.0.0.1/"}'})
    assert found
    assert {(problem.file, problem.code) for problem in found} == {("a.json", "form")}


def test_a_form_that_disagrees_with_the_facts() -> None:
    found = lint({"a.json": form(x="string"), "facts.json": form(x="integer"), "t.bpmn": wanting_a_form()})
    assert [(problem.file, problem.code) for problem in found] == [("a.json", "form")]


def test_names_are_checked_against_the_facts_file() -> None:
    data = process(
        start(),
        user(),
        tag("exclusiveGateway", id="G", default="G-E"),
        end(),
        chain("S", "A", "G", "E"),
        flow("G", "A", "grade = x"),
    )
    assert lint({"t.bpmn": data}) == []
    assert [problem.code for problem in lint({"t.bpmn": data, "facts.json": form(y="string")})] == ["unknown-fact"]
    assert lint({"t.bpmn": data, "facts.json": form(x="string")}) == []


DMN = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="D" name="d" namespace="urn:d">'
    b'<decision id="Urgency" name="Urgency"><variable name="Urgency"/><literalExpression><text>1 + 1</text></literalExpression>'
    b"</decision></definitions>"
)


def deciding(ref: str) -> bytes:
    rule = tag("businessRuleTask", ext(f'<ld:decision ref="{ref}" into="x"/>'), id="X")
    return process(start(), rule, end(), chain("S", "X", "E"))


def test_decisions_are_those_of_the_bundle() -> None:
    assert lint({"t.bpmn": deciding("Urgency"), "t.dmn": DMN}) == []
    assert [each.code for each in lint({"t.bpmn": deciding("Other"), "t.dmn": DMN})] == ["decision-missing"]
    assert [each.code for each in lint({"t.bpmn": deciding("Urgency")})] == ["decision-missing"]
    assert [each.code for each in lint({"a/t.bpmn": deciding("Urgency"), "b/t.dmn": DMN})] == ["decision-missing"]


def test_one_decision_of_an_id() -> None:
    assert [(each.file, each.code) for each in lint({"a.dmn": DMN, "b.dmn": DMN})] == [("b.dmn", "decision-twice")]


def test_a_bad_decision_file_is_said_of_that_file() -> None:
    found = lint({"t.bpmn": deciding("Urgency"), "t.dmn": b"<definitions/>"})
    assert found
    assert {problem.file for problem in found} == {"t.dmn"}


def test_other_files_are_refused() -> None:
    found = lint({"t.exe": b"MZ"})
    assert [(problem.file, problem.code) for problem in found] == [("t.exe", "unknown-file")]
    assert found[0].line_for() == f"t.exe:0: -: {found[0].en}"


def test_the_descriptor_is_one_the_editor_reads() -> None:
    document = json.loads(moddle.FILE.read_text("utf-8"))
    assert (document["prefix"], document["uri"]) == ("ld", "urn:liandong:bpmn:1")
    assert document["xml"] == {"tagAlias": "lowerCase"}
    for kind in document["types"]:
        assert kind["superClass"] == ["Element"]
        assert all(each["isAttr"] and each["type"] in ("String", "Real", "Boolean") for each in kind["properties"])
    tags = {"names", "form", "field", "candidates", "clock", "fourEyes", "acts", "lookup", "action"}
    tags |= {"decision", "message", "call", "data", "auto", "copy", "signature", "vote", "dispatch", "joint"}
    tags |= {"worktime", "misfire", "confidential", "operating", "rung", "subject"}
    assert tags == set(moddle.types())
    words = (ROOT / "web/frontend/src/bpmn/words.ts").read_text("utf-8")
    for kind in document["types"]:
        assert f"  {kind['name']}: t(" in words, f"the editor has no word for {kind['name']}"
        for each in kind["properties"]:
            said = f'"{kind["name"]}.{each["name"]}": [t(' in words or kind["name"] == "Acts"
            assert said, f"the editor has no word for {each['name']} of {kind['name']}"
            for value in each["meta"].get("values", ()) if "meta" in each else ():
                assert f"{kind['name']}.{each['name']}.{value}" in words or f"\n  {value}: t(" in words, value


def test_fields_that_nothing_uses_are_told_where_a_diagram_is_beside() -> None:
    files = {"a.json": form(x="string", title="string"), "facts.json": form(y="string")}
    assert [problem.code for problem in lint({**files, "t.bpmn": wanting_a_form()})] == ["form-undeclared"]
    assert lint(files) == []
