"""Names, lists, filters, contexts, paths, loops, types, calls (DMN 1.5, 10.3.1.2 and 10.3.2.5 to 10.3.2.14)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from engine import feel as package


@pytest.mark.parametrize(
    "line",
    [
        "[1, 2, 3][1] => 1",
        "[1, 2, 3][-1] => 3",
        "[1, 2, 3][0] => null",
        "[1, 2, 3][4] => null",
        "[1, 2, 3][-4] => null",
        "[1, 2, 3][1.5] => null",
        "[1, 2, 3][1 + 1] => 2",
        "[1, 2, 3][item >= 2] => [2, 3]",
        "[1, 2, 3][item > 5] => []",
        "[1, null, 3][item > 2] => [3]",
        "[1, 2, 3, 4][even(item)] => [2, 4]",
        "[][item > 1] => []",
        "5[1] => 5",
        "5[2] => null",
        "5[item > 3] => [5]",
        "null[1] => null",
        "null[item > 1] => null",
        "[{a: 1}, {a: 2}][a = 2] => [{a: 2}]",
        "[{a: 1}, {a: 2}][item.a = 2].a => [2]",
        "[{a: 1, b: [1, 2]}][b[item > 1][1] = 2].a => [1]",
        "{x: 2, r: [{a: 1}, {a: 2}][a = x]}.r => [{a: 2}]",
        "[{x: 1}, {x: 2}][x = 2] => [{x: 2}]",
        "[[1, 2], [3]][1][2] => 2",
        "[{a: 1}, {a: 2}].a => [1, 2]",
        "[{a: 1}, {b: 2}].a => [1, null]",
        "{a: {b: 2}}.a.b => 2",
        "{a: 1}.b => null",
        "null.a => null",
        '"abc".length => null',
        "{a: 1, b: a + 1, c: a + b} => {a: 1, b: 2, c: 3}",
        '{"a b": 1, in: 2, if: 3}.in => 2',
        "{} => {}",
        "{a: b, b: 1} => {a: null, b: 1}",
        "for x in [1, 2] return x * 2 => [2, 4]",
        "for x in [1, 2], y in [3, 4] return x * y => [3, 4, 6, 8]",
        "for x in [[1, 2], [3]], y in x return y => [1, 2, 3]",
        "for x in 1..3 return x => [1, 2, 3]",
        "for x in 3..1 return x => [3, 2, 1]",
        "for x in [1..3] return x => [1, 2, 3]",
        "for x in (1..3) return x => [2]",
        'for x in @"2026-09-30"..@"2026-10-01" return x => [@"2026-09-30", @"2026-10-01"]',
        "for x in [1..5] return if x = 1 then 1 else x * partial[-1] => [1, 2, 6, 24, 120]",
        "for x in 1..3 return partial => [[], [[]], [[], [[]]]]",
        "for x in null return x => null",
        "for x in 7 return x => [7]",
        "for x in 1..null return x => null",
        "for x in 1.5..2.5 return x => null",
        "for x in (< 3) return x => null",
        "some x in [1, 2] satisfies x > 1 => true",
        "some x in [1, 2] satisfies x > 2 => false",
        "some x in [] satisfies true => false",
        "some x in [null, 1] satisfies x > 0 => true",
        "some x in [null] satisfies x > 0 => null",
        "some x in null satisfies true => null",
        "some x in [1, 2], y in [2, 3] satisfies x = y => true",
        "every x in [1, 2] satisfies x > 0 => true",
        "every x in [1, 2] satisfies x > 1 => false",
        "every x in [] satisfies false => true",
        "every x in [null, 0] satisfies x > 0 => false",
        "every x in [null, 1] satisfies x > 0 => null",
        "every x in [1, 2] satisfies 5 => null",
        "true and some x in [1] satisfies x = 1 and x < 2 => true",
        "1 instance of number => true",
        '"1" instance of number => false',
        '"a" instance of string => true',
        "true instance of boolean => true",
        "[1] instance of list => true",
        "[1] instance of list<number> => true",
        '[1, "a"] instance of list<number> => false',
        "{} instance of context => true",
        "[1..2] instance of range<number> => true",
        "[1..2] instance of range<string> => false",
        "null instance of Null => true",
        "null instance of Any => false",
        "null instance of string => false",
        "1 instance of Any => true",
        '@"2026-10-01" instance of date => true',
        '@"2026-10-01T00:00:00" instance of date => false',
        '@"2026-10-01T00:00:00" instance of date and time => true',
        '@"10:00:00" instance of time => true',
        '@"P1D" instance of days and time duration => true',
        '@"P1Y" instance of years and months duration => true',
        "1 + 1 instance of number => null",
        'substring(start position: 3, string: "foobar") => "obar"',
        'date(year: 2026, month: 10, day: 1) => @"2026-10-01"',
        'date  and\n time("2026-10-01T00:00:00") => @"2026-10-01T00:00:00"',
        "1 /* one */ + // and\n 2 => 3",
    ],
)
def test_lines(holds: Callable[[str], None], line: str) -> None:
    holds(line)


def test_facts_by_name(feel: Callable[..., object]) -> None:
    assert feel('grade = "A" and amount > 3', grade="A", amount=5) is True
    assert feel("amount", amount=5) == Decimal(5)
    assert isinstance(feel("amount", amount=5.5), Decimal)
    assert feel("missing") is None
    assert feel("case.place.area", case={"place": {"area": "yuelu"}}) == "yuelu"
    assert feel("数量 + 1", 数量=1) == Decimal(2)
    assert feel("date", date="2026-10-01") == "2026-10-01"
    assert feel("count(count)", count=[1, 2]) == Decimal(2)


def test_an_item_s_key_hides_a_fact(feel: Callable[..., object]) -> None:
    assert feel("rows[limit > 1]", rows=[{"limit": 2}, {"other": 1}], limit=0) == [{"limit": 2}]
    assert feel("rows[limit > 1]", rows=[{"limit": 0}, {"other": 1}], limit=9) == [{"other": 1}]


@pytest.mark.parametrize(
    "text,names,item_names,functions",
    [
        ("a + b", {"a", "b"}, set(), set()),
        ("for x in a return x + y", {"a", "y"}, set(), set()),
        ("{a: 1, b: a}", set(), set(), set()),
        ("{a: a}", {"a"}, set(), set()),
        ("a[b > c]", {"a"}, {"b", "c"}, set()),
        ("a[b > c] and b", {"a", "b"}, {"c"}, set()),
        ("some x in a satisfies x.b = c", {"a", "c"}, set(), set()),
        ("working_days(a, 3) > count(b)", {"a", "b"}, set(), {"working_days"}),
        ("a.b.c", {"a"}, set(), set()),
    ],
)
def test_free_names(text: str, names: set[str], item_names: set[str], functions: set[str]) -> None:
    expression = package.compile(text)
    found = [set(expression.names), set(expression.item_names), set(expression.functions)]
    assert found == [names, item_names, functions]


def test_our_own_functions() -> None:
    def double(number: Decimal, times: Decimal = Decimal(1)) -> Decimal:
        if number < 0:
            raise ValueError("negative")
        return number * 2 * times

    def value(text: str) -> object:
        return package.compile(text).evaluate({}, functions={"double": double})

    assert value("double(2) + 1") == Decimal(5)
    assert value("double(number: 2, times: 3)") == Decimal(12)
    assert value("double(-1)") is None
    assert value("double()") is None
    assert value("double(a: 1)") is None
    assert value("triple(1)") is None
    assert value("double") is None


def test_a_bug_in_our_own_function_is_not_hidden() -> None:
    def broken(number: Decimal) -> object:
        return number + "a"  # type: ignore[operator]

    with pytest.raises(TypeError):
        package.compile("broken(1)").evaluate({}, functions={"broken": broken})


@pytest.mark.parametrize(
    "text,reason",
    [
        ("missing > 3", "there is nothing named “missing”"),
        ('1 = "a"', "a number cannot be compared with a string"),
        ("1 / 0", "division by zero"),
        ('"a" + 1', "string + number is not defined"),
        ("string length(1)", "the parameter string of string length must be a string, not a number"),
        ("nobody(1)", "there is no function named nobody"),
        ("{a: 1}.b", "the context has no “b”"),
        ("[1][2]", "the list has no item 2"),
        ("true and 1", "a boolean is wanted, not a number"),
        ('date("2026-02-30")', "“2026-02-30” is no date"),
        ("now()", "no present instant was given"),
    ],
)
def test_why_it_is_null(text: str, reason: str) -> None:
    value, notes = package.compile(text).evaluate_explained({})
    assert value is None
    assert reason in [note.text("en") for note in notes]
    assert all(note.text("zh") != note.text("en") for note in notes)


def test_compiling_is_cached() -> None:
    assert package.compile("a + 1") is package.compile("a + 1")
    assert package.compile_unary_tests("< 1") is package.compile_unary_tests("< 1")


def test_an_evaluation_leaves_nothing_behind() -> None:
    """Locals belong to the evaluation: one inside another (by an own function) does not disturb it."""
    expression = package.compile("for x in xs return if x > 1 then again(x) + x else x")

    def again(x: Decimal) -> object:
        return sum(expression.evaluate({"xs": [1]}))  # type: ignore[call-overload]

    assert expression.evaluate({"xs": [1, 2, 3]}, functions={"again": again}) == [1, 3, 4]
