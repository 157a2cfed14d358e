"""What is refused by name: foreign languages, foreign versions, unknown elements, what is too large."""

from __future__ import annotations

import pytest

from engine import dmn
from engine.bpmn import limits as file_limits
from engine.dmn import limits
from tests.dmn.drawing import codes, decision, dmn_file, element, literal, table

GOOD = dmn_file(decision("d", table(["n"], ["x"], [["> 1", "1"], ["<= 1", "2"]]))).decode()


@pytest.mark.parametrize(
    "language",
    [
        *("groovy", "juel", "javascript", "python", "java", "ruby", "scala", "kie:java", "xpath"),
        "http://www.w3.org/1999/XPath",
        "http://www.java.com/java",
    ],
)
def test_other_languages(language: str) -> None:
    for data in (
        dmn_file(decision("d", literal("1", expressionLanguage=language))),
        dmn_file(decision("d", literal("1")), expressionLanguage=language),
        GOOD.replace("<inputEntry>", f'<inputEntry expressionLanguage="{language}">').encode(),
        GOOD.replace("<outputEntry>", f'<outputEntry expressionLanguage="{language}">', 1).encode(),
    ):
        assert set(codes(data)) == {"expression-language"}


@pytest.mark.parametrize(
    "language",
    [
        "feel",
        "FEEL",
        "S-FEEL",
        "http://www.omg.org/spec/FEEL/20140401",
        "https://www.omg.org/spec/DMN/20230324/FEEL/",
        "",
    ],
)
def test_names_of_feel(language: str) -> None:
    assert codes(dmn_file(decision("d", literal("1", expressionLanguage=language)))) == []


@pytest.mark.parametrize(
    "text,code",
    [
        ("${amount > 3}", "expression-language"),
        ("#{bean.method()}", "expression-language"),
        ("__import__('os').system('id')", "expression"),
        ('__import__("os")', "unknown-function"),
        ("amount == 1", "expression"),
        ("amount > 1 && b", "expression"),
        ("x if y else z", "expression"),
        ("True", "expression-language"),
        ("cellInput > 3", "expression-language"),
        ("?", "expression"),
        ("function(x) x", "expression"),
        ('{f: function(s) external {java: {class: "java.lang.Runtime"}}}', "expression"),
        ("random number()", "expression"),
        ("nobody(1)", "unknown-function"),
        ("substring()", "expression"),
        ("", "empty-expression"),
        ("1" + "+1" * 6000, "expression"),
        ("(" * 100 + "1" + ")" * 100, "expression"),
    ],
)
def test_expressions(text: str, code: str) -> None:
    assert codes(dmn_file(decision("d", literal(text)))) == [code]


@pytest.mark.parametrize(
    "change,code",
    [
        (("hitPolicy=", "hitpolicy="), "unknown-attribute"),
        (("<rule>", "<rules>"), "unknown-element"),
        (("<inputEntry>", "<entry>"), "unknown-element"),
        (("<decisionTable", '<variable name="a"/><variable name="b"/><decisionTable'), "too-many"),
        (("<decisionTable", "<literalExpression><text>1</text></literalExpression><decisionTable"), "too-many"),
        (('name="d"', ""), "missing"),
        (("<definitions", '<definitions foo="1"'), "unknown-attribute"),
        (("20191111", "20240513"), "not-dmn"),
        (("https://www.omg.org/spec/DMN/20191111/MODEL/", "urn:other"), "not-dmn"),
        (("<decision ", '<import namespace="urn:x" importType="urn:y" name="z"/><decision '), "import"),
        (("<decision ", '<x:thing xmlns:x="urn:x"/><decision '), "unknown-element"),
    ],
)
def test_the_shape(change: tuple[str, str], code: str) -> None:
    data = GOOD.replace(*change)
    for opened, closed in (("rules", "rule"), ("entry", "inputEntry")):
        if f"<{opened}>" in data:
            data = data.replace(f"</{closed}>", f"</{opened}>")
    assert code in codes(data.encode())


def test_imported_values() -> None:
    inside = element("importedValues", element("importedElement", "x"), importType="t", namespace="n", locationURI="u")
    assert codes(dmn_file(decision("d", element("literalExpression", inside)))) == ["import"]


@pytest.mark.parametrize(
    "data,code",
    [
        (dmn_file(decision("d", table(["n"], ["x"], [["-", "1"]] * (limits.MAX_RULES + 1)))), "too-large"),
        (
            dmn_file(decision("d", table(["n"] * limits.MAX_COLUMNS, ["x"], [["-"] * limits.MAX_COLUMNS + ["1"]]))),
            "too-large",
        ),
        (dmn_file(*(decision(f"d{n}", literal("1")) for n in range(limits.MAX_DECISIONS + 1))), "too-large"),
        (dmn_file(decision("d", "<list>" * 60 + literal("1") + "</list>" * 60)), "too-deep"),
        (b" " * (file_limits.MAX_BYTES + 1), "too-large"),
        (dmn_file(decision("d" * 300, literal("1"))), "bad-id"),
    ],
)
def test_sizes(data: bytes, code: str) -> None:
    assert code in codes(data)


def test_no_more_problems_than_anyone_reads() -> None:
    data = dmn_file(*(decision(f"d{n}", table(["n"], ["x"], [["<", "+"]] * 5)) for n in range(100)))
    assert len(dmn.read("x.dmn", data).problems) <= 200
