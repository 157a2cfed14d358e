"""Boxed expressions and business knowledge models (DMN 1.5, 10.2.1 and 6.3.9)."""

from __future__ import annotations

import pytest

from engine import dmn
from tests.dmn.drawing import codes, decision, dmn_file, element, failed, good, literal, made, table, variable


def entry(name: str | None, logic: str, type: str | None = None) -> str:
    return element("contextEntry", (variable(name, type) if name else "") + logic)


def knowledge(id: str, parameters: list[str], body: str, *, requires: tuple[str, ...] = (), **attributes: str) -> str:
    formal = "".join(element("formalParameter", name=name) for name in parameters)
    needs = "".join(element("knowledgeRequirement", element("requiredKnowledge", href=f"#{each}")) for each in requires)
    logic = element("encapsulatedLogic", formal + body, **attributes)
    return element("businessKnowledgeModel", logic + needs, id=id, name=id)


def call(name: str, **arguments: str) -> str:
    bindings = [element("binding", element("parameter", name=key) + literal(text)) for key, text in arguments.items()]
    return element("invocation", literal(name) + "".join(bindings))


def test_a_context_each_entry_sees_those_before_it() -> None:
    entries = entry("a", literal("x + 1")) + entry("b", literal("a * 2")) + entry("c d", literal("b + a"))
    assert made(element("context", entries), x=1) == {"a": 2, "b": 4, "c d": 6}


def test_a_context_with_a_result() -> None:
    entries = entry("a b", literal("x + 1")) + entry(
        "t", table(["a b"], ["r"], [["> 2", '"big"'], ["-", '"small"']], "FIRST")
    )
    assert made(element("context", entries + entry(None, literal('t + "!"'))), x=5) == "big!"


def test_the_type_of_an_entry() -> None:
    assert "“a”" in failed(element("context", entry("a", literal("x"), "number")), x="1").text("en")


def test_a_list_and_a_relation() -> None:
    assert made(element("list", literal("x") + literal("x + 1")), x=1) == [1, 2]
    columns = element("column", name="name", typeRef="string") + element("column", name="n", typeRef="number")
    rows = element("row", literal('"a"') + literal("1")) + element("row", literal('"b"') + literal("x"))
    assert made(element("relation", columns + rows), x=7) == [{"name": "a", "n": 1}, {"name": "b", "n": 7}]
    assert "the column “n”" in failed(element("relation", columns + rows), x="7").text("en")


def test_a_conditional() -> None:
    parts = element("if", literal("x > 1")) + element("then", literal('"yes"')) + element("else", literal('"no"'))
    assert made(element("conditional", parts), x=2) == "yes"
    assert made(element("conditional", parts), x=1) == "no"
    assert made(element("conditional", parts)) == "no"


def test_a_filter() -> None:
    parts = element("in", literal("rows")) + element("match", literal("size > limit and item.size < 10"))
    rows = [{"size": 2}, {"size": 7}, {"size": 20}]
    assert made(element("filter", parts), rows=rows, limit=5) == [{"size": 7}]


def test_loops() -> None:
    parts = element("in", literal("[1..3]"))
    assert made(
        element("for", parts + element("return", literal("n * x + count(partial)")), iteratorVariable="n"), x=10
    ) == [10, 21, 32]
    some = element("in", literal("xs")) + element("satisfies", literal("n > 2"))
    assert made(element("some", some, iteratorVariable="n"), xs=[1, 3]) is True
    assert made(element("some", some, iteratorVariable="n"), xs=[1, None]) is None
    assert made(element("every", some, iteratorVariable="n"), xs=[3, 1]) is False
    assert made(element("every", some, iteratorVariable="n"), xs=[3, 4]) is True


def test_a_knowledge_model_is_invoked() -> None:
    model = good(
        knowledge("Monthly Rate", ["p", "r"], literal("p * r / 12")),
        decision("a", call("Monthly Rate", p="amount", r="0.06"), knowledge=["Monthly Rate"]),
        decision(
            "b", literal("Monthly Rate(amount, 0.12) + Monthly Rate(r: 0.06, p: amount)"), knowledge=["Monthly Rate"]
        ),
    )
    assert model.evaluate("a", {"amount": 1200}) == 6
    assert model.evaluate("b", {"amount": 1200}) == 18
    assert model.decisions["b"].inputs == {"amount"}


def test_a_knowledge_model_may_be_a_table_and_call_others() -> None:
    model = good(
        knowledge("twice", ["n"], literal("n * 2")),
        knowledge(
            "grade", ["n"], table(["twice(n)"], ["g"], [["> 10", '"A"'], ["-", '"B"']], "FIRST"), requires=("twice",)
        ),
        decision("d", literal("for x in xs return grade(x)"), knowledge=["grade"]),
    )
    assert model.evaluate("d", {"xs": [5, 6]}) == ["B", "A"]


def test_a_call_inside_a_loop_leaves_the_loop_alone() -> None:
    model = good(
        knowledge("sums", ["n"], literal("sum(for i in 1..n return i)")),
        decision("d", literal("for i in 1..3 return sums(i) * 10 + i"), knowledge=["sums"]),
    )
    assert model.evaluate("d", {}) == [11, 32, 63]


def test_a_knowledge_model_sees_only_its_parameters() -> None:
    assert "unknown-name" in codes(
        dmn_file(knowledge("f", ["a"], literal("a + fact")), decision("d", literal("f(1)"), knowledge=["f"]))
    )


def test_calls_upon_calls_are_stopped() -> None:
    models = [knowledge("f0", ["n"], literal("n"))]
    for index in range(1, 30):
        last = f"f{index - 1}"
        models.append(knowledge(f"f{index}", ["n"], literal(f"{last}(n) + {last}(n)"), requires=(last,)))
    model = good(*models, decision("d", literal("f29(1)"), knowledge=["f29"]))
    with pytest.raises(dmn.DecisionFailed):
        model.evaluate("d", {})


@pytest.mark.parametrize(
    "parts,code",
    [
        ([decision("d", literal("f(1)"))], "unknown-function"),
        ([knowledge("f", ["a"], literal("a")), decision("d", literal("f(1)"))], "unknown-function"),
        ([knowledge("f", ["a"], literal("a")), decision("d", literal("f(1, 2)"), knowledge=["f"])], "arguments"),
        ([knowledge("f", ["a"], literal("a")), decision("d", literal("f(b: 2)"), knowledge=["f"])], "arguments"),
        ([knowledge("f", ["a"], literal("a")), decision("d", call("f", b="2"), knowledge=["f"])], "arguments"),
        ([decision("d", call("f", a="2"))], "invocation"),
        ([knowledge("f", [], literal("f()"), requires=("f",)), decision("d", literal("1"))], "cycle"),
        (
            [knowledge("f", ["a"], literal('"java.lang.Math"'), kind="Java"), decision("d", literal("1"))],
            "function-kind",
        ),
        ([knowledge("f", ["a"], literal("a"), kind="PMML"), decision("d", literal("1"))], "function-kind"),
        (
            [knowledge("count", ["a"], literal("a")), decision("d", literal("count(1)"), knowledge=["count"])],
            "duplicate-name",
        ),
        ([knowledge("f", ["a"], ""), decision("d", literal("1"))], "no-logic"),
        ([decision("d", element("functionDefinition", literal("1")))], "function"),
        ([decision("d", element("context", entry("a", literal("1")) * 2))], "context-entry"),
        ([decision("d", element("context", entry(None, literal("1")) + entry("a", literal("1"))))], "context-entry"),
        (
            [decision("d", element("relation", element("column", name="a") + element("row", literal("1") * 2)))],
            "row-size",
        ),
    ],
)
def test_refused(parts: list[str], code: str) -> None:
    assert code in codes(dmn_file(*parts))
