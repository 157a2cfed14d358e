"""What the editor is told of a drawing: problems with their mends, the names an expression may use, whether one is good."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from engine import drafts
from engine.bpmn.lint import FACTS_FILE
from engine.feel.builtins.registry import FUNCTIONS
from tests.web.visitor import Visit, Visitor
from web.city import City
from web.definition_sides import problems_of
from web.setting_up import bundle
from web.wiring import PROCESSES
from web.words_of_functions import FUNCTIONS as HELP

DESIGNER = "xuguangming"
KEY = "case_dispatch"
PEOPLE = ("unit-missing", "post-missing", "no-name", "form-undeclared")


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def config(designer: Visitor, key: str = KEY) -> dict[str, Any]:
    found = re.search(r'data-config="([^"]*)"', designer.get(f"/definitions/{key}/edit").text)
    assert found is not None
    said: dict[str, Any] = json.loads(unescape(found[1]))
    return said


def send(designer: Visitor, path: str, **more: object) -> Any:
    token = config(designer)["csrf"]
    headers = {"X-CSRFToken": token, "Content-Type": "application/json", "Accept": "application/json"}
    body = {"base": 1, "tab": "one", "draft": None, "xml": diagram(), **more}
    return designer.client.post(path, data=json.dumps(body), headers=headers)


def diagram(old: str = "", new: str = "") -> str:
    text = bundle(PROCESSES / KEY)[f"{KEY}.bpmn"].decode()
    assert old in text
    return text.replace(old, new, 1)


def problem(answer: Any, code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in answer.json["problems"] if one["code"] == code)
    return found


def test_what_ships_names_only_units_and_posts_that_are_there(app: Flask, city: City) -> None:
    with app.test_request_context():
        for path in sorted(PROCESSES.glob("*/*.bpmn")):
            found = problems_of(path.parent.name, bundle(path.parent))
            assert [one.line_for() for one in found if one.code in PEOPLE] == []


def test_a_problem_comes_with_its_mend_in_the_language_of_the_page(visit: Visit) -> None:
    drawn = diagram('<ld:form ref="verify"/>', '<ld:form ref="verfy"/>')
    for locale, words in (("zh", "改为“verify”"), ("en", "Write “verify”")):
        told = problem(send(visit(DESIGNER, locale), f"/definitions/{KEY}/lint", xml=drawn), "form-missing")
        mend = told["mends"][0]
        assert mend["text"] == words
        assert mend["steps"] == [{"kind": "set", "element": told["element"], "property": "Form.ref", "value": "verify"}]


def test_settings_are_called_as_the_panel_calls_them(visit: Visit) -> None:
    """Nobody who draws knows what ld:clock is; a limit without its unit opens that field."""
    odd = re.sub(r"(<ld:clock [^>]*?) unit=\"[^\"]*\"", r'\1 unit="hour"', diagram(), count=1)
    found = send(visit(DESIGNER, "zh"), f"/definitions/{KEY}/lint", xml=odd).json["problems"]
    assert any(one["text"].startswith("时限（时限单位）：“hour”") for one in found), [one["text"] for one in found]
    nobody = re.sub(r"<ld:candidates [^>]*/>", "", diagram(), count=1)
    told = problem(send(visit(DESIGNER), f"/definitions/{KEY}/lint", xml=nobody), "no-candidates")
    assert "没有写明由谁办理，" in told["text"]
    drawn = re.sub(r"(<ld:clock [^>]*?) unit=\"[^\"]*\"", r"\1", diagram(), count=1)
    for locale, words, choose in (
        ("zh", "时限：有“时限数额”就须有“时限单位”。", "选择单位…"),
        ("en", "Term: a budget needs its unit.", "Choose its unit…"),
    ):
        found = send(visit(DESIGNER, locale), f"/definitions/{KEY}/lint", xml=drawn).json["problems"]
        told = next(one for one in found if one["text"] == words)
        (mend,) = told["mends"]
        assert mend["text"] == choose
        assert [(step["kind"], step["property"]) for step in mend["steps"]] == [("choose", "Clock.unit")]


def test_a_unit_that_is_not_there_is_told_with_the_nearest(visit: Visit, city: City) -> None:
    drawn = re.sub(r'(<ld:candidates [^>]*post="[a-z_]+)"', r'\1x"', diagram(), count=1)
    told = problem(send(visit(DESIGNER), f"/definitions/{KEY}/lint", xml=drawn), "post-missing")
    assert told["severity"] == "warning"
    assert told["mends"][0]["steps"][0]["kind"] == "set"


def test_a_fact_is_declared_in_the_draft_and_taken_back(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    drawn = re.sub(r"(<bpmn:conditionExpression[^>]*>)[^<]*", r"\1weight &gt; 3", diagram(), count=1)
    told = problem(send(designer, f"/definitions/{KEY}/lint", xml=drawn), "unknown-fact")
    step = next(step for mend in told["mends"] for step in mend["steps"] if step["kind"] == "declare")
    declare = {step["property"]: json.loads(step["value"])}
    assert declare["weight"]["type"] == "number"
    again = send(designer, f"/definitions/{KEY}/lint", xml=drawn, declare=declare).json
    assert "unknown-fact" not in {one["code"] for one in again["problems"]}
    assert "weight" in {one["name"] for one in again["names"]}
    made = send(designer, f"/definitions/{KEY}/drafts", xml=drawn, declare=declare).json
    facts = drafts.files_of(city.core, made["draft"])[FACTS_FILE]
    assert json.loads(facts)["properties"]["weight"] == declare["weight"]
    send(designer, made["save"], xml=drawn, revision=made["revision"], declare={"weight": None})
    facts = drafts.files_of(city.core, made["draft"])[FACTS_FILE]
    assert "weight" not in json.loads(facts)["properties"]


@pytest.mark.parametrize(
    "declare", [{"X y": {"type": "string"}}, {"ok": "string"}, {"ok": {"type": "nonsense"}}, ["ok"]]
)
def test_what_is_no_fact_is_not_declared(visit: Visit, city: City, declare: object) -> None:
    answer = send(visit(DESIGNER), f"/definitions/{KEY}/drafts", declare=declare)
    if answer.status_code == 201:
        assert drafts.files_of(city.core, answer.json["draft"])[FACTS_FILE] == bundle(PROCESSES / KEY)[FACTS_FILE]
    else:
        assert answer.status_code == 422


@pytest.mark.parametrize(
    "text,said",
    [
        ('source = "web" and this.number != null', None),
        ("source = ", "第 1 行"),
        ("sorce = 1", "sorce"),
        ("flor(3) = 3", "flor"),
        ('register row("nope", {}).x = 1', "nope"),
    ],
)
def test_an_expression_is_judged_as_it_is_written(visit: Visit, text: str, said: str | None) -> None:
    answer = send(visit(DESIGNER), f"/definitions/{KEY}/expression", text=text).json
    assert answer["problem"] is None if said is None else said in answer["problem"]


def test_the_editor_knows_what_an_expression_may_use(visit: Visit) -> None:
    for locale, label in (("zh", "来源"), ("en", "Source")):
        words = config(visit(DESIGNER, locale))["vocabulary"]
        source = next(one for one in words["names"] if one["name"] == "source")
        assert source["label"] == label
        assert {"value": "web", "label": "网页公众上报" if locale == "zh" else "Public web page"} in source["choices"]
        checked = send(visit(DESIGNER, locale), f"/definitions/{KEY}/lint").json["names"]
        unit = next(one for one in checked if one["name"] == "responsible_unit")
        assert unit["type"] == "unit"
        assert {"this.number", "this.started"} <= {one["name"] for one in checked}
        assert {one["name"] for one in words["functions"]} == set(FUNCTIONS)


def test_each_function_has_a_line_of_help_in_both_languages() -> None:
    assert set(HELP) == set(FUNCTIONS)
    assert all(zh and en.isascii() for zh, en in HELP.values())
