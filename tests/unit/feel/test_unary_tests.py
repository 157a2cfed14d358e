"""The cells of decision tables: DMN 1.5, grammar rules 13 to 17."""

import pytest

from engine import feel


def passes(text: str, value: object, **scope: object) -> bool | None:
    return feel.compile_unary_tests(text).test(value, scope)


@pytest.mark.parametrize(
    "text,yes,no",
    [
        ("-", [1, "a", None, [1]], []),
        ("5", [5, 5.0], [4, None]),
        ("-5", [-5], [5]),
        ('"a"', ["a"], ["b", None]),
        ('"a", "b"', ["a", "b"], ["c"]),
        ("< 5", [4], [5, 6]),
        ("<= 5", [5], [6]),
        ("> 5, < 1", [6, 0], [3]),
        ("[1..5)", [1, 4], [0, 5]),
        ("]1..5[", [2], [1, 5]),
        ("(1..5]", [5], [1]),
        ("[1..2], [4..5], 9", [1, 5, 9], [3, 8]),
        ("not(1)", [2], [1]),
        ("not(1, 2)", [3], [1, 2]),
        ("not(< 3)", [3], [2]),
        ("not([1..5], 9)", [6], [3, 9]),
        ("null", [None], [1]),
        ("not(null)", [1], [None]),
        ("true", [True], [False, None]),
        ("limit", [7], [6]),
        ("> limit", [8], [7]),
        ("> limit * 2, < 0", [15, -1], [14]),
        ("listed", [1, 2], [3]),
        ("? > 3 and ? < 5", [4], [3, 5]),
        ("? in listed", [2], [3]),
        ('contains(?, "井盖")', ["井盖丢失"], ["路灯"]),
        ('@"2026-10-01"', [], [None]),
        ("yes", [1, "a", True], [False]),
        ("= 5", [5], [4]),
        ("!= 5", [4], [5]),
        ("(not(yes))", [False], [True]),
    ],
)
def test_cells(text: str, yes: list[object], no: list[object]) -> None:
    scope = {"limit": 7, "listed": [1, 2], "yes": True}
    for value in yes:
        assert passes(text, value, **scope) is True, value
    for value in no:
        assert passes(text, value, **scope) is False, value


@pytest.mark.parametrize("text,value", [("< 5", None), ("< 5", "a"), ('"a"', 1), ("[1..5]", None), ("not(< 5)", "a")])
def test_what_cannot_be_compared_is_null(text: str, value: object) -> None:
    assert passes(text, value) is None


def test_the_input_is_a_name() -> None:
    tests = feel.compile_unary_tests("< 5")
    assert tests.evaluate({"?": 4}) is True
    assert tests.names == {"?"}


@pytest.mark.parametrize("text", ["", "not(1", "1,", "not()", "- 1 -", "< < 5", "1 2"])
def test_what_is_no_cell(text: str) -> None:
    with pytest.raises(feel.FeelSyntaxError):
        feel.compile_unary_tests(text)
