"""Lint of bundles, and of everything the product ships."""

from __future__ import annotations

import json
from pathlib import Path

from engine.bpmn import moddle
from engine.bpmn.lint import lint
from tests.bpmn.drawing import CANDIDATES, chain, end, flow, process, simple, start, tag, user

ROOT = Path(__file__).parents[3]
FORM = {"title": "表", "x-title": {"en": "Form"}, "type": "object", "properties": {}}


def form(**properties: str) -> bytes:
    made = {name: {"type": type_, "title": name, "x-title": {"en": name}} for name, type_ in properties.items()}
    return json.dumps({**FORM, "properties": made}).encode()


def wanting_a_form() -> bytes:
    return simple(settings='<ld:form ref="a"/>' + CANDIDATES)


def test_what_ships_is_clean() -> None:
    files = [*ROOT.glob("processes/*/*.bpmn"), *ROOT.glob("forms/schemas/*/*.json")]
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


def test_decision_tables_and_other_files_are_refused() -> None:
    found = lint({"t.dmn": b"<definitions/>", "t.exe": b"MZ"})
    assert [(problem.file, problem.code) for problem in found] == [("t.dmn", "dmn"), ("t.exe", "unknown-file")]
    assert found[0].line_for() == f"t.dmn:0: -: {found[0].en}"


def test_the_descriptor_is_one_the_editor_reads() -> None:
    document = json.loads(moddle.FILE.read_text("utf-8"))
    assert (document["prefix"], document["uri"]) == ("ld", "urn:liandong:bpmn:1")
    assert document["xml"] == {"tagAlias": "lowerCase"}
    for kind in document["types"]:
        assert kind["superClass"] == ["Element"]
        assert all(each["isAttr"] and each["type"] in ("String", "Real", "Boolean") for each in kind["properties"])
    tags = {"names", "form", "candidates", "clock", "fourEyes", "acts", "lookup", "action"}
    assert tags == set(moddle.types())
