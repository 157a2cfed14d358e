from typing import Any

import pytest

import forms
from tests.unit.forms.build import choice, form, text

GRADES = [choice("a", "轻微", "Slight"), choice("b", "严重", "Severe")]
ROWS = {"type": "object", "properties": {"amount": text("数量", "Amount", type="number")}}


def facts() -> forms.FactsSchema:
    return forms.load_facts(
        form(
            {
                "grade": text("等级", "Grade", type="string", oneOf=GRADES),
                "rework": text("返工次数", "Rework rounds", type="integer"),
                "budget": text("预算", "Budget", type="number"),
                "due": text("期限", "Due", type="string", format="date"),
                "urgent": text("紧急", "Urgent", type="boolean"),
                "causes": text("成因", "Causes", type="array", items={"type": "string", "oneOf": GRADES}),
                "materials": text("材料", "Materials", type="array", items=ROWS),
                "standard": text("标准", "Standard", **form({"code": text("代码", "Code", type="string")})),
            }
        )
    )


def test_names_types_and_labels() -> None:
    known = facts()
    assert {"grade", "standard"} <= known.names
    assert "grade" in known
    assert known.label("grade", "zh") == "等级"
    assert known.label("nothing", "en") == "nothing"
    assert known.value_label("grade", "b", "en") == "Severe"
    assert known.value_label("causes", ["a", "b"], "zh") == "轻微、严重"
    assert known.value_label("urgent", False, "zh") == "否"
    assert known.value_label("grade", None, "zh") == ""
    assert known.value_label("nothing", 3, "zh") == "3"
    assert known.type_of("standard.code") == "string"
    assert known.type_of("materials.amount") == "number"
    assert known.type_of("standard.code.x") is None
    assert known.type_of("nothing") is None


def test_values_are_checked_without_being_required() -> None:
    assert facts().problems({"grade": "a", "rework": 2, "due": None}) == []
    found = facts().problems({"grade": "z", "rework": "2", "evil": 1})
    assert [problem.path for problem in found] == ["grade", "rework", "evil"]


def test_a_facts_file_has_no_conditions() -> None:
    with pytest.raises(forms.FormProblem) as caught:
        forms.load_facts(form({}, **{"if": {}, "then": {}}))
    assert [problem.path for problem in caught.value.problems] == ["/if", "/then"]


@pytest.mark.parametrize(
    "name, schema, path",
    [
        ("grade", {"type": "string", "oneOf": GRADES[:1]}, None),
        ("grade", {"type": "string", "oneOf": [*GRADES, choice("c", "特重", "Extreme")]}, "/properties/grade/oneOf"),
        ("grade", {"type": "string"}, "/properties/grade/oneOf"),
        ("grade", {"type": "integer"}, "/properties/grade/type"),
        ("budget", {"type": "integer"}, None),
        ("rework", {"type": "number"}, "/properties/rework/type"),
        ("due", {"type": "string"}, "/properties/due/format"),
        ("due", {"type": "string", "format": "date"}, None),
        ("materials", {"type": "array", "items": {"type": "string"}}, "/properties/materials/items/type"),
        ("materials", {"type": "array", "items": ROWS}, None),
        ("standard", form({"x": text("甲", "A", type="string")}), "/properties/standard/properties/x"),
        ("only_here", {"type": "boolean"}, None),
    ],
)
def test_a_form_must_agree_with_the_facts(name: str, schema: dict[str, Any], path: str | None) -> None:
    found = forms.load(form({name: {**schema, **text("甲", "A")}})).check_against(facts())
    assert [problem.path for problem in found] == ([path] if path else [])
