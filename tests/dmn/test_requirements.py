"""Decision requirements graphs and input data (DMN 1.5, 6.3), and how names meet facts."""

from __future__ import annotations

import datetime as dt

import pytest

from engine import dmn
from tests.dmn.drawing import NOW, codes, decision, dmn_file, element, good, input_data, literal, table

GRADE = decision("grade", table(["amount"], ["x"], [["> 10", '"A"'], ["<= 10", '"B"']]))


def test_a_decision_sees_those_it_requires_by_name() -> None:
    model = good(
        GRADE,
        decision("days", table(["grade"], ["x"], [['"A"', "1"], ['"B"', "3"]]), decisions=["grade"]),
        decision("hours", literal("days * 8"), decisions=["days"]),
    )
    assert model.evaluate("hours", {"amount": 20}) == 8
    assert model.evaluate("hours", {"amount": 2}) == 24
    assert model.decisions["hours"].inputs == {"amount"}
    assert model.decisions["hours"].requires == ("days",)
    assert list(model.decisions) == ["grade", "days", "hours"]


def test_the_order_of_the_file_does_not_matter() -> None:
    model = good(decision("b", literal("a + 1"), decisions=["a"]), decision("a", literal("1")))
    assert model.evaluate("b", {}) == 2


def test_each_required_decision_is_made_once() -> None:
    calls = []

    def counted(value: object) -> object:
        calls.append(value)
        return value

    parts = (
        decision("top", literal("left + right"), decisions=["left", "right"]),
        decision("left", literal("base + 1"), decisions=["base"]),
        decision("right", literal("base + 2"), decisions=["base"]),
        decision("base", literal("counted(x)")),
    )
    reading = dmn.read("x.dmn", dmn_file(*parts), functions=["counted"])
    assert reading.model is not None
    assert reading.model.evaluate("top", {"x": 1}, functions={"counted": counted}) == 5
    assert calls == [1]


def test_names_of_several_words_and_in_chinese() -> None:
    model = good(
        input_data("_i1", name="Applicant  Age", type="number"),
        input_data("area_size", name="占道 面积", type="number"),
        decision("d1", literal("Applicant Age + 1"), name="Next Age", inputs=["_i1"]),
        decision(
            "d2",
            literal("Next Age * 占道 面积 - Applicant Age"),
            name="Pre-check/2 result",
            inputs=["_i1", "area_size"],
            decisions=["d1"],
        ),
        decision("d3", literal("Pre-check/2 result"), name="结论", decisions=["d2"]),
    )
    assert model.decisions["d3"].inputs == {"Applicant Age", "area_size"}
    assert model.evaluate("d3", {"Applicant Age": 10, "area_size": 3}) == 23
    assert model.decisions["d3"].names.text("zh") == "结论"


def test_the_variable_gives_the_name() -> None:
    model = good(
        element("inputData", element("variable", name="amount", typeRef="number"), id="i", name="Amount claimed"),
        decision("d", literal("amount + 1"), inputs=["i"]),
    )
    assert model.evaluate("d", {"amount": 1}) == 2


def test_the_key_of_a_fact_can_be_said() -> None:
    key = element("extensionElements", '<ld:data xmlns:ld="urn:liandong:bpmn:1" key="limit_amount"/>')
    model = good(input_data("x7", name="时限", extra=key), decision("d", literal("时限 + 1"), inputs=["x7"]))
    assert model.decisions["d"].inputs == {"limit_amount"}
    assert model.evaluate("d", {"limit_amount": 1}) == 2


def test_an_english_name() -> None:
    names = element("extensionElements", '<ld:names xmlns:ld="urn:liandong:bpmn:1" en="Grade"/>')
    data = dmn_file(element("decision", names + literal("1"), id="d", name="等级"))
    model = dmn.read("x.dmn", data).model
    assert model is not None
    assert (model.decisions["d"].names.text("zh"), model.decisions["d"].names.text("en")) == ("等级", "Grade")


def test_a_required_decision_is_also_known_by_its_id() -> None:
    """So do Camunda's files name it, where name and id differ."""
    model = good(
        decision("season", literal('"冬"'), name="季节"), decision("d", literal("season"), decisions=["season"])
    )
    assert model.evaluate("d", {"season": "not this"}) == "冬"


def test_names_without_a_requirement_are_facts() -> None:
    model = good(decision("d", literal("a + sum(rows[size > limit].size)")))
    assert model.decisions["d"].inputs == {"a", "rows"}
    assert model.evaluate("d", {"a": 1, "rows": [{"size": 2}, {"size": 9}], "limit": 5}) == 10


def test_missing_facts_are_null() -> None:
    assert good(decision("d", literal("a = null"))).evaluate("d", {}) is True


def test_time_and_zone_are_handed_over() -> None:
    model = good(decision("d", literal("today()")))
    assert model.evaluate("d", {}, now=NOW) == "2026-10-02"
    assert model.evaluate("d", {}, now=NOW, zone=dt.UTC) == "2026-10-01"


def test_knowledge_sources_and_annotations_are_only_drawn() -> None:
    model = good(
        element("knowledgeSource", "", id="law", name="条例"),
        element(
            "decision",
            element("authorityRequirement", element("requiredAuthority", href="#law"), id="ar") + literal("1"),
            id="d",
            name="d",
        ),
        element("textAnnotation", element("text", "说明"), id="note"),
        element("association", element("sourceRef", href="#d") + element("targetRef", href="#note"), id="as"),
    )
    assert model.evaluate("d", {}) == 1


def test_a_failure_inside_a_required_decision_names_it() -> None:
    model = good(
        decision("a", table(["x"], ["y"], [["> 1", "1"], ["> 2", "2"]]), name="分级"),
        decision("b", literal("分级 + 1"), decisions=["a"]),
    )
    with pytest.raises(dmn.DecisionFailed) as caught:
        model.evaluate("b", {"x": 3})
    assert (caught.value.decision, caught.value.rules) == ("a", (1, 2))
    assert caught.value.text("zh").startswith("决策“分级”没有结果：")


def test_an_unknown_decision() -> None:
    with pytest.raises(dmn.DecisionFailed):
        good(GRADE).evaluate("nothing", {})


def test_work_without_end_is_stopped() -> None:
    loop = "count(for a in 1..1000, b in 1..1000 return 1)"
    with pytest.raises(dmn.DecisionFailed, match="more than"):
        good(decision("d", literal(loop))).evaluate("d", {})


@pytest.mark.parametrize(
    "parts,code",
    [
        ([decision("a", literal("a"), decisions=["a"])], "cycle"),
        ([decision("a", literal("b"), decisions=["b"]), decision("b", literal("a"), decisions=["a"])], "cycle"),
        ([decision("a", literal("1"), decisions=["nowhere"])], "dangling"),
        ([decision("a", literal("1"), inputs=["b"]), decision("b", literal("1"))], "requirement"),
        ([decision("a", literal("1")), decision("a", literal("2"), name="other")], "duplicate-id"),
        ([decision("a", literal("1"), name="n"), decision("b", literal("2"), name="n")], "duplicate-name"),
        ([decision("a", literal("b")), decision("b", literal("1"))], "requirement-missing"),
        (
            [decision("a", table(["x"], ["u", "v"], [["1", "2", "3"]])), decision("b", literal("u"), decisions=["a"])],
            "output-as-name",
        ),
        ([decision("a", "")], "no-logic"),
        ([], "no-decision"),
        (
            [decision(f"d{n}", literal("1"), decisions=[f"d{n - 1}"] if n else []) for n in range(60)],
            "too-deep",
        ),
    ],
)
def test_refused(parts: list[str], code: str) -> None:
    assert code in codes(dmn_file(*parts))


def test_an_input_used_without_a_line_is_warned_of_and_means_that_input() -> None:
    reading = dmn.read("x.dmn", dmn_file(input_data("the_amount", name="金额"), decision("d", literal("金额 + 1"))))
    assert [problem.code for problem in reading.problems] == ["requirement-missing"]
    assert reading.model is not None
    assert reading.model.evaluate("d", {"the_amount": 1}) == 2


def test_all_problems_are_said_at_once_with_line_and_element() -> None:
    data = dmn_file(
        decision("a", literal("1 +")), decision("b", table(["x"], ["y"], [["<", "1 2"]])), decision("c", "")
    )
    problems = dmn.read("x.dmn", data).problems
    assert [(problem.code, problem.element) for problem in problems] == [
        ("expression", "a"),
        ("expression", "b"),
        ("expression", "b"),
        ("no-logic", "c"),
    ]
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)
    assert all(problem.line > 1 for problem in problems)


def test_several_files_of_a_bundle() -> None:
    files = {
        "a.dmn": dmn_file(GRADE),
        "b.dmn": dmn_file(decision("other", literal("1")), decision("grade", literal("2"))),
        "c.dmn": dmn_file(decision("broken", literal("1 +"))),
    }
    decisions = dmn.Decisions(files)
    assert [(problem.file, problem.code, problem.element) for problem in decisions.problems] == [
        ("b.dmn", "duplicate-decision", "grade"),
        ("c.dmn", "expression", "broken"),
    ]
    assert decisions.ids() == ["grade", "other"]
    assert decisions.evaluate("grade", {"amount": 11}) == "A"
    assert decisions["other"].inputs == frozenset()
    assert "broken" not in decisions
