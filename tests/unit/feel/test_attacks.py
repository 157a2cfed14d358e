"""Expressions written to hurt: they end in a limit or in null, soon and small, and never reach Python."""

from __future__ import annotations

import ast
from decimal import Decimal
from pathlib import Path

import pytest

from engine import feel
from engine.feel.running import MAX_STEPS


def chain(first: str, step: str, count: int = 60) -> str:
    """A context whose every entry is made of the one before."""
    entries = [f"a{i}: {step.replace('$', f'a{i - 1}')}" for i in range(1, count)]
    return "{a0: " + first + ", " + ", ".join(entries) + "}"


LIMITS = {
    "long text": "1" + " " * 10_000,
    "lists in lists": "[" * 3_000 + "1" + "]" * 3_000,
    "parentheses": "(" * 3_000 + "1" + ")" * 3_000,
    "contexts in contexts": "{a:" * 2_000 + "1" + "}" * 2_000,
    "minus upon minus": "-" * 9_000 + "1",
    "calls in calls": "abs(" * 1_500 + "1" + ")" * 1_500,
    "conditions in conditions": "if a then 1 else " * 500 + "1",
    "a path too long": "a" + ".b" * 4_000,
    "a list too long": "for i in 1..1000000000 return i",
    "a table of pairs": "for i in 1..9999, j in 1..9999 return 1",
    "endless search": "some i in 1..1000000000 satisfies false",
    "endless agreement": "every i in 1..1000000000 satisfies true",
    "loops in loops": "count(for i in 1..999 return count(for j in 1..999 return j))",
    "doubling a string": chain('"xxxxxxxxxx"', "$ + $"),
    "doubling a list": chain("[1]", "concatenate($, $)"),
    "comparing what doubles": "{d: " + chain("[1]", "[$, $]") + ", e: d = d}",
    "flattening what doubles": "flatten(" + chain("[1]", "[$, $]") + ".a59)",
    "printing what doubles": "string(" + chain("[1]", "[$, $]") + ".a59)",
    "matching a deep value": "{d: for i in 1..400 return if i = 1 then [1] else [partial[-1]], e: string(d[-1])}",
    "replacing by much": 'replace("' + "a" * 4_000 + '", "a", "' + "b" * 4_000 + '")',
    "joining much": 'string join(for i in 1..9999 return "' + "a" * 1_000 + '")',
    "long strings again and again": "for i in 1..9000 return long + string(i)",
    "searching long strings": 'for i in 1..9000 return contains(long, "b")',
    "a filter in a filter": "many[count(many[item > 0]) > 0]",
    "a long body many times": "some i in 1..40000 satisfies " + " or ".join(["i = 0"] * 900),
    "distinct again and again": "for i in 1..9000 return distinct values(many)",
    "lists of lists": "for i in 1..9999 return [" + ", ".join(["1"] * 2_000) + "]",
    "days without end": 'count(for d in @"0001-01-01"..@"9999-12-31" return 1)',
}
FACTS = {"a": True, "long": "a" * 900_000, "many": list(range(9_000))}


@pytest.mark.parametrize("text", LIMITS.values(), ids=LIMITS)
def test_a_limit(text: str) -> None:
    with pytest.raises(feel.FeelLimit) as caught:
        feel.compile(text).evaluate(FACTS)
    assert caught.value.text("zh") != caught.value.text("en")


NULLS = {
    "power upon power": "9 ** (9 ** (9 ** 9))",
    "a fine power": "9.9999 ** 9999999999",
    "e to the much": "exp(1e30)",
    "dunder of a string": '"".__class__',
    "dunder of a fact": "a.__class__.__mro__",
    "dunder by key": 'get value({a: 1}, "__class__")',
    "method of a context": "{a: 1}.keys",
    "method of a date": 'date("2026-10-01").replace',
    "method of a duration": 'duration("P1D").total_seconds',
    "slot of a range": "[1..2].low",
    "slot of a duration": '@"P1Y".__slots__',
    "attribute of a stranger": "stranger.secret",
    "index of a stranger": "stranger[1].secret",
    "import": '__import__("os")',
    "getattr": 'getattr(a, "b")',
    "globals": "globals",
    "builtins": "__builtins__",
    "look-ahead": 'matches("a", "(?=a)")',
    "repetition of repetition": 'matches("a", "(x{1000}){1000}")',
    "open groups": 'matches("a", "' + "(" * 900 + '")',
    "a long pattern": 'matches("a", "' + "a" * 1_001 + '")',
    "a path as a zone": 'time("10:00:00@../../etc/passwd")',
    "an infinite duration": '@"P999999999D" * 999999999',
    "the negative of the largest": '-duration("-P999999999D")',
    "rounding the smallest": "round up(1e-6143, -6111)",
    "an index out of this world": "[1, 2][1e30]",
    "a huge int": "huge + 1",
    "a huge Decimal": "vast + 1",
    "a huge Decimal as an index": "[1][vast]",
    "not a number": "nan + 1",
    "half a surrogate pair": 'matches(half, "a")',
}


class Stranger:
    secret = "not for you"


@pytest.mark.parametrize("text", NULLS.values(), ids=NULLS)
def test_a_null(text: str) -> None:
    facts = {
        "a": 1,
        "stranger": Stranger(),
        "huge": 10**50_000,
        "vast": Decimal("1E+999999999"),
        "nan": float("nan"),
        "half": "\ud800",
    }
    value, notes = feel.compile(text).evaluate_explained(facts)
    assert value is None
    assert notes or "get value" in text


def test_the_parts_of_a_list_are_its_items_parts() -> None:
    assert feel.compile("[1].append").evaluate({}) == [None]


def test_evil_patterns_take_linear_time() -> None:
    """Python's own `re` would not come back from these in this universe."""
    for pattern in ("(a+)+$", "^(a|a)*$", "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x", "(a|aa)+$"):
        assert feel.compile("matches(text, pattern)").evaluate({"text": "a" * 5_000 + "!", "pattern": pattern}) is False


def test_a_result_that_doubles_is_not_written_as_json() -> None:
    value = feel.compile(chain("[1]", "[$, $]")).evaluate({})
    with pytest.raises(feel.FeelLimit):
        feel.to_json(value)
    deep = feel.compile("for i in 1..300 return if i = 1 then [1] else [partial[-1]]").evaluate({})
    with pytest.raises(feel.FeelLimit):
        feel.to_json(deep)


def test_long_chains_are_no_nesting() -> None:
    assert feel.compile("1" + "+1" * 4_900).evaluate({}) == 4_901
    assert feel.compile(" or ".join(["false"] * 1_000)).evaluate({}) is False
    assert feel.compile("1 in (" + ",".join(["2"] * 3_000) + ")").evaluate({}) is False


def test_ordinary_work_stays_far_below_the_limits() -> None:
    rows = [{"grade": "A" if index % 3 else "B", "amount": index} for index in range(1_000)]
    text = 'sum(rows[grade = "A" and amount > 10].amount) / count(rows)'
    assert feel.compile(text).evaluate({"rows": rows}) is not None
    assert MAX_STEPS == 100_000


def test_the_package_has_no_way_to_python() -> None:
    """No call of what could lead from a name in an expression to an attribute or to code."""
    forbidden = {"getattr", "setattr", "eval", "exec", "__import__", "import_module", "vars", "globals"}
    for path in Path(feel.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not used & forbidden, path
