"""Information items and item definitions (DMN 1.5, 7.3.2), and the implicit conversions (10.3.2.9.4)."""

from __future__ import annotations

import pytest

from engine import dmn
from tests.dmn.drawing import codes, decision, dmn_file, element, good, input_data, literal, variable


def item(name: str, type: str | None = None, *parts: str, allowed: str | None = None, **attributes: str) -> str:
    inside = element("typeRef", type) if type else ""
    inside += literal(allowed, "allowedValues") if allowed else ""
    return element("itemDefinition", inside + "".join(parts), name=name, **attributes)


def part(name: str, type: str, **attributes: str) -> str:
    return element("itemComponent", element("typeRef", type), name=name, **attributes)


def result(type: str, value: object, *definitions: str) -> object:
    """The value of an input of this type."""
    model = good(*definitions, input_data("x", type=type), decision("d", literal("x"), inputs=["x"]))
    return model.evaluate("d", {"x": value})


@pytest.mark.parametrize(
    "type,good_values,bad_values",
    [
        ("number", [1, 1.5, None], ["1", True, [1, 2], {}]),
        ("string", ["a", ""], [1, True]),
        ("boolean", [True, False], ["true", 1]),
        ("date", ["2026-10-01"], ["2026-02-30", "2026-10-01T00:00:00", 5]),
        ("time", ["09:30:00"], ["25:00:00"]),
        ("date and time", ["2026-10-01T09:30:00+08:00"], ["2026-10-01"]),
        ("days and time duration", ["P1DT2H"], ["P1Y", "1"]),
        ("years and months duration", ["P1Y2M"], ["P1D"]),
        ("Any", [1, "a", [1], {"a": 1}], []),
        ("list", [[1, "a"]], [{}]),
        ("context", [{"a": 1}], [1]),
        ("dateTime", ["2026-10-01T09:30:00Z".replace("Z", "+00:00")], ["x"]),
        ("feel:string", ["a"], [1]),
        ("integer", [3, 3.0], [3.5, "3"]),
    ],
)
def test_the_built_in_types(type: str, good_values: list[object], bad_values: list[object]) -> None:
    for value in good_values:
        assert result(type, value) == value
    for value in bad_values:
        with pytest.raises(dmn.DecisionFailed) as caught:
            result(type, value)
        assert "“x”" in caught.value.text("en")


def test_a_simple_type_with_allowed_values() -> None:
    grade = item("tGrade", "string", allowed='"A", "B"')
    assert result("tGrade", "A", grade) == "A"
    assert result("tGrade", None, grade) is None
    with pytest.raises(dmn.DecisionFailed, match='not among the allowed values "A", "B"'):
        result("tGrade", "C", grade)
    with pytest.raises(dmn.DecisionFailed, match="must be a string"):
        result("tGrade", 1, grade)


def test_a_type_built_on_another_keeps_its_tests() -> None:
    definitions = [item("tSmall", "tPositive", allowed="< 10"), item("tPositive", "number", allowed="> 0")]
    assert result("tSmall", 5, *definitions) == 5
    for value in (-1, 11):
        with pytest.raises(dmn.DecisionFailed):
            result("tSmall", value, *definitions)


def test_parts_and_lists() -> None:
    place = item("tPlace", None, part("name", "string"), part("Floor Area", "number"))
    case = item("tCase", None, part("places", "tPlace", isCollection="true"), part("day", "date"))
    model = good(
        place,
        case,
        input_data("case", type="tCase"),
        decision("d", literal("sum(case.places.Floor Area)"), type="number", inputs=["case"]),
        decision("y", literal("case.day.year"), inputs=["case"]),
    )
    facts = {"case": {"places": [{"name": "a", "Floor Area": 2}, {"name": "b", "Floor Area": 3}], "day": "2026-10-01"}}
    assert model.evaluate("d", facts) == 5
    assert model.evaluate("y", facts) == 2026
    with pytest.raises(dmn.DecisionFailed, match="“Floor Area” of item 2 of “places”"):
        model.evaluate("d", {"case": {"places": [{"name": "a"}, {"Floor Area": "3"}]}})
    with pytest.raises(dmn.DecisionFailed, match="must be a context"):
        model.evaluate("d", {"case": 5})


def test_allowed_values_of_a_collection_are_those_of_its_items() -> None:
    definition = item("tGrades", "string", allowed='"A", "B"', isCollection="true")
    assert result("tGrades", ["A", "B", "A"], definition) == ["A", "B", "A"]
    with pytest.raises(dmn.DecisionFailed, match="item 2"):
        result("tGrades", ["A", "C"], definition)


def test_a_constraint_holds_for_the_whole() -> None:
    constraint = literal("count(?) < 3", "typeConstraint")
    definition = element("itemDefinition", element("typeRef", "number") + constraint, name="tFew", isCollection="true")
    assert result("tFew", [1, 2], definition) == [1, 2]
    with pytest.raises(dmn.DecisionFailed):
        result("tFew", [1, 2, 3], definition)


def test_one_thing_is_a_list_of_it_and_the_other_way_round() -> None:
    assert result("tNumbers", 5, item("tNumbers", "number", isCollection="true")) == [5]
    assert result("number", [5]) == 5


def test_the_result_of_a_decision_is_checked() -> None:
    model = good(decision("d", literal("x"), type="number"))
    assert model.evaluate("d", {"x": 1}) == 1
    with pytest.raises(dmn.DecisionFailed, match="the result must be a number"):
        model.evaluate("d", {"x": "1"})


def test_text_that_is_no_fact_is_not_made_a_date() -> None:
    model = good(decision("d", literal('"2026-10-01"'), type="date"))
    with pytest.raises(dmn.DecisionFailed):
        model.evaluate("d", {})


@pytest.mark.parametrize(
    "parts,code",
    [
        ([decision("d", literal("1"), type="tNothing")], "unknown-type"),
        ([item("t", "u"), item("u", "t")], "type-cycle"),
        ([item("t", None, part("a", "t"))], "type-cycle"),
        ([item("t", "string"), item("t", "number")], "duplicate-name"),
        ([item("number", "string")], "duplicate-name"),
        ([item("t", None, part("a", "string"), part("a", "string"))], "duplicate-name"),
        ([item("t", "string", part("a", "string"))], "contradiction"),
        ([item("t", "string", allowed="other")], "unknown-name"),
        ([item("t", "string", allowed="1 1")], "expression"),
        ([item("t", "xsd:string", typeLanguage="http://www.w3.org/2001/XMLSchema")], "type-language"),
        ([element("itemDefinition", element("functionItem", outputTypeRef="number"), name="f")], "function-type"),
    ],
)
def test_refused(parts: list[str], code: str) -> None:
    extra = [] if any("<decision" in each for each in parts) else [decision("d", literal("1"))]
    assert code in codes(dmn_file(*parts, *extra))


def test_a_variable_may_have_no_type() -> None:
    data = dmn_file(element("decision", variable("d") + literal("1"), id="d", name="d"))
    assert dmn.read("x.dmn", data).model is not None
