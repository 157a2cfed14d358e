"""Functions that take functions, `range`, and the types of contexts: DMN 1.5, tables 73 and 76, 10.3.2.9 and 10.3.2.13."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine import feel as package


@pytest.mark.parametrize(
    "line",
    [
        "sort([3, 1, 4, 5, 2], function(x, y) x < y) => [1, 2, 3, 4, 5]",
        "sort([3, 1, 2], function(x, y) x > y) => [3, 2, 1]",
        "sort(list: [3, 1, 2], precedes: function(x, y) x > y) => [3, 2, 1]",
        "sort([{n: 2}, {n: 1}], function(a, b) a.n < b.n).n => [1, 2]",
        "sort([], function(x, y) x < y) => []",
        "sort([1, null], function(x, y) x < y) => null",
        "sort([2, 1], function(x, y) 5) => null",
        "sort([[2, 1], [3]], function(x, y) count(x) < count(y)) => [[3], [2, 1]]",
        "for k in [1, -1] return sort([1, 3, 2], function(x, y) x * k < y * k) => [[1, 2, 3], [3, 2, 1]]",
        "list replace([2, 4, 7, 8], 3, 6) => [2, 4, 6, 8]",
        "list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5) => [5, 5, 7, 8]",
        "list replace([1, 2], function(item, newItem) 1, 5) => null",
        'range("[18..21)") => [18..21)',
        'range("]18..21[") => (18..21)',
        'range("[-1.5 .. 2]") => [-1.5..2]',
        'range("[@\\"2026-10-01\\"..@\\"2026-10-03\\"]") => [@"2026-10-01"..@"2026-10-03"]',
        'range("[date(\\"2026-10-01\\")..date(\\"2026-10-03\\"))") => [@"2026-10-01"..@"2026-10-03")',
        'range("[\\"a\\"..\\"z\\"]") => ["a".."z"]',
        'range("[1..x]") => null',
        'range("[1..\\"a\\"]") => null',
        'range("1..2") => null',
        'range("[now()..now()]") => null',
        "range(null) => null",
        '{a: 1, b: "x"} instance of context<a: number, b: string> => true',
        "{a: 1} instance of context<a: number, b: string> => false",
        '{a: "1"} instance of context<a: number> => false',
        "{a: [1]} instance of context<a: list<number>> => true",
        "{a: {b: 1}} instance of context<a: context<b: number>> => true",
        "1 instance of context<a: number> => false",
    ],
)
def test_lines(holds: Callable[[str], None], line: str) -> None:
    holds(line)


@pytest.mark.parametrize(
    "text",
    [
        "function(x) x",
        "{f: function(x) x}",
        "count(function(x) x)",
        "sort(function(x, y) x < y, [1])",
        "sort([1], function(x) x)",
        "sort([1], function(x, x) x)",
        "sort([1], f)",
        "own(function(x) x)",
        "1 instance of list<a: number>",
        "1 instance of context<a: number, a: number>",
        "1 instance of function<number> -> number",
    ],
)
def test_refused_when_compiled(text: str) -> None:
    with pytest.raises(package.FeelSyntaxError):
        package.compile(text)


def test_a_function_has_its_share_of_the_budget() -> None:
    with pytest.raises(package.FeelLimit):
        package.compile("for i in 1..300 return sort(xs, function(x, y) x > y)").evaluate({"xs": list(range(1_000))})
