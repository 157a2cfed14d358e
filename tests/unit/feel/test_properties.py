"""Laws that hold for every text and value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from engine import feel
from engine.feel.builtins.registry import FUNCTIONS
from engine.feel.printing import print_value, quote
from engine.feel.values import NUMBERS

NUMBER = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
# Shanghai has had one offset since 1992: naive times of earlier summers may be ambiguous.
DAY = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))
MOMENT = st.datetimes(dt.datetime(1992, 1, 1), dt.datetime(2100, 1, 1), timezones=st.sampled_from([None, dt.UTC]))  # noqa: DTZ001
SPAN = st.timedeltas(dt.timedelta(days=-10_000), dt.timedelta(days=10_000))
SCALAR = st.none() | st.booleans() | NUMBER | TEXT
VALUE = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=8
)
ANY = VALUE | DAY | MOMENT | SPAN | st.times() | st.floats() | st.integers()

# Texts that look like FEEL, so that more of them than pure noise would parse.
PIECES = st.sampled_from(
    [
        *"()[]{},.:?+-*/<>=@\"'\\ \n0129ab",
        "**", "..", "!=", "<=", ">=", "//", "/*", "*/", " and ", " or ", "not(", "if ", " then ", " else ", "for ", " in ",
        " return ", "some ", "every ", " satisfies ", " between ", " instance of ", "null", "true", "item", "partial", "x",
        '"text"', '@"2026-10-01"', '@"P1D"', "1.5", "[1, 2]", "{a: 1}", "[1..3)", "date and time(", "years and months ",
        "井盖", "\ud800", "\x00", "\u3000",
    ]
)  # fmt: skip
NOISE = st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=40)
CALLS = st.builds(
    lambda name, arguments: f"{name}({', '.join(arguments)})",
    st.sampled_from(sorted(FUNCTIONS)),
    st.lists(st.sampled_from(["a", "b", "c", "[a, b]", "{k: a}", "[a..b]", "-a", "null", '"x"', "1"]), max_size=4),
)


@given(NOISE | CALLS, ANY, ANY, ANY)
@example("{}", 1, 1, 1)
@example("-a", dt.timedelta.min, 1, 1)
def test_any_text_is_a_value_or_a_feel_error(text: str, a: object, b: object, c: object) -> None:
    for compiled in (feel.compile, feel.compile_unary_tests):
        try:
            value = compiled(text).evaluate({"a": a, "b": b, "c": c, "?": a})
            feel.to_json(value)
        except feel.FeelError:
            pass  # any other exception fails the test


@given(st.sampled_from(["+", "-", "*", "/", "**", "<", "<=", ">", ">=", "=", "!="]), ANY, ANY)
def test_any_two_values_have_a_result_or_null(op: str, a: object, b: object) -> None:
    feel.to_json(feel.compile(f"a {op} b").evaluate({"a": a, "b": b}))


@given(VALUE)
@example({"a·b": 1, "a b": 2, "if": 3, "井": [4]})
def test_a_printed_value_is_its_literal(value: object) -> None:
    text = quote(value) if isinstance(value, str) else print_value(value)
    assert feel.compile(text).evaluate({}) == value


@given(DAY | MOMENT | SPAN | st.times(), st.booleans())
def test_a_printed_date_is_its_literal(value: object, called: bool) -> None:
    names = {dt.datetime: "date and time", dt.date: "date", dt.timedelta: "duration", dt.time: "time"}
    printed = print_value(value)
    text = f'{names[type(value)]}("{printed}")' if called else f'@"{printed}"'
    assert feel.compile(text).evaluate({}) == value


@given(VALUE)
def test_json_of_facts_is_the_facts(value: object) -> None:
    def plain(part: object) -> object:
        if isinstance(part, Decimal):
            return int(part) if part == int(part) else float(part)
        if isinstance(part, list):
            return [plain(item) for item in part]
        return {key: plain(item) for key, item in part.items()} if isinstance(part, dict) else part

    assert feel.to_json(feel.compile("a").evaluate({"a": value})) == plain(value)


@given(NUMBER, NUMBER)
def test_numbers_do_as_decimal128(a: Decimal, b: Decimal) -> None:
    scope = {"a": a, "b": b}
    assert feel.compile("a + b").evaluate(scope) == NUMBERS.add(a, b)
    assert feel.compile("a * b").evaluate(scope) == NUMBERS.multiply(a, b)
    assert feel.compile("a < b").evaluate(scope) is (a < b)
    assert feel.compile("a between b and a").evaluate(scope) is (b <= a)
    if b:
        assert feel.compile("modulo(a, b) + floor(a / b) * b").evaluate(scope) == a


@given(ANY, ANY)
def test_equality_is_symmetric_and_denied_by_its_opposite(a: object, b: object) -> None:
    scope = {"a": a, "b": b}
    equal = feel.compile("a = b").evaluate(scope)
    assert feel.compile("b = a").evaluate(scope) is equal
    assert feel.compile("a != b").evaluate(scope) is {True: False, False: True, None: None}[equal]  # type: ignore[index]


@given(st.lists(NUMBER, max_size=8))
def test_list_functions_agree(numbers: list[Decimal]) -> None:
    scope = {"l": numbers}
    assert feel.compile("sort(l)").evaluate(scope) == sorted(numbers)
    assert feel.compile("reverse(reverse(l))").evaluate(scope) == numbers
    assert feel.compile("count(l[item > 0]) + count(l[item <= 0]) = count(l)").evaluate(scope) is True
    assert feel.compile("every x in l satisfies list contains(l, x)").evaluate(scope) is True
    assert feel.compile("for x in l return x").evaluate(scope) == numbers


@given(MOMENT, SPAN)
def test_time_goes_there_and_back(moment: dt.datetime, span: dt.timedelta) -> None:
    scope = {"m": moment, "s": span}
    assert feel.compile("m + s - s = m").evaluate(scope) is True
    assert feel.compile("m + s - m = s").evaluate(scope) is True
