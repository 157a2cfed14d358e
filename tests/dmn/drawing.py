"""DMN files written in a few lines: `dmn_file(decision("a", table(["x"], ["y"], [["> 1", "2"]])))`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from engine import dmn

SPACES = {
    "1.1": "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "1.2": "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "1.3": "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "1.4": "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "1.5": "https://www.omg.org/spec/DMN/20230324/MODEL/",
}
NOW = dt.datetime(2026, 10, 1, 16, 30, tzinfo=dt.UTC)


def element(name: str, inside: str = "", /, **attributes: str | None) -> str:
    shown = "".join(f" {key.rstrip('_')}={quoteattr(value)}" for key, value in attributes.items() if value is not None)
    return f"<{name}{shown}>{inside}</{name}>\n"


def literal(text: str, name: str = "literalExpression", **attributes: str | None) -> str:
    return element(name, element("text", escape(text)), **attributes)


def dmn_file(*parts: str, version: str = "1.3", **attributes: str) -> bytes:
    head = {"xmlns": SPACES[version], "id": "definitions", "name": "决策", "namespace": "urn:test"} | attributes
    return ("<?xml version='1.0' encoding='UTF-8'?>\n" + element("definitions", "\n" + "".join(parts), **head)).encode()


def variable(name: str, type: str | None = None) -> str:
    return element("variable", name=name, typeRef=type)


def requirement(kind: str, to: str) -> str:
    outer = "knowledgeRequirement" if kind == "Knowledge" else "informationRequirement"
    return element(outer, element(f"required{kind}", href=f"#{to}"))


def decision(
    id: str,
    logic: str,
    *,
    name: str | None = None,
    type: str | None = None,
    inputs: Sequence[str] = (),
    decisions: Sequence[str] = (),
    knowledge: Sequence[str] = (),
) -> str:
    name = name or id
    needs = [requirement("Input", each) for each in inputs] + [requirement("Decision", each) for each in decisions]
    needs += [requirement("Knowledge", each) for each in knowledge]
    item = variable(name, type) if type else ""
    return element("decision", item + "".join(needs) + logic, id=id, name=name)


def input_data(id: str, *, name: str | None = None, type: str | None = None, extra: str = "") -> str:
    return element("inputData", extra + (variable(name or id, type) if type else ""), id=id, name=name or id)


Column = str | tuple[str, Mapping[str, str]]
"""An input's expression, or an output's name; with `type`, `values`, `default`, `label`."""


def table(
    inputs: Sequence[Column],
    outputs: Sequence[Column],
    rules: Sequence[Sequence[str]],
    policy: str = "UNIQUE",
    **attributes: str,
) -> str:
    parts = []
    for column in inputs:
        text, more = (column, {}) if isinstance(column, str) else column
        inside = literal(text, "inputExpression", typeRef=more.get("type"))
        inside += literal(more["values"], "inputValues") if "values" in more else ""
        parts.append(element("input", inside, label=more.get("label")))
    for column in outputs:
        name, more = (column, {}) if isinstance(column, str) else column
        inside = literal(more["values"], "outputValues") if "values" in more else ""
        inside += literal(more["default"], "defaultOutputEntry") if "default" in more else ""
        parts.append(element("output", inside, name=name, typeRef=more.get("type")))
    for rule in rules:
        cells = [literal(text, "inputEntry") for text in rule[: len(inputs)]]
        cells += [literal(text, "outputEntry") for text in rule[len(inputs) :]]
        parts.append(element("rule", "".join(cells)))
    return element("decisionTable", "".join(parts), hitPolicy=policy, **attributes)


def good(*parts: str, **attributes: str) -> dmn.Model:
    """The model of a file without errors."""
    reading = dmn.read("test.dmn", dmn_file(*parts, **attributes))
    assert reading.model is not None, [problem.line_for("en") for problem in reading.problems]
    return reading.model


def made(logic: str, /, **facts: object) -> object:
    """The result of one decision."""
    return good(decision("d", logic)).evaluate("d", facts, now=NOW)


def failed(logic: str, /, **facts: object) -> dmn.DecisionFailed:
    """Why one decision has no result."""
    try:
        found = made(logic, **facts)
    except dmn.DecisionFailed as error:
        return error
    raise AssertionError(f"it has a result: {found!r}")


def codes(data: bytes) -> list[str]:
    """The codes of the errors of a file that is refused."""
    reading = dmn.read("test.dmn", data)
    found = [problem for problem in reading.problems if problem.severity == "error"]
    assert (reading.model is None) is bool(found)
    for problem in found:
        assert problem.zh != problem.en
        assert problem.zh.endswith("。")
    return [problem.code for problem in found]
