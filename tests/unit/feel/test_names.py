"""Names of several words and with signs: DMN 1.5, 10.3.1.2 (grammar rules 24 to 29) and 10.3.1.4 (the longest known name wins)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine import feel
from engine.feel.naming import is_name, odd_names

NAMES = odd_names(
    [
        "Applicant Age",
        "Applicant",
        "Age",
        "Pre-bankruptcy risk",
        "a b",
        "a b c",
        "a+b",
        "profit and loss",
        "if needed",
        "占道 面积",
        "Jack's",
    ]
)
SCOPE = {
    "Applicant Age": 30,
    "Applicant": {"Monthly Income": 5},
    "a b": 2,
    "a b c": 3,
    "a+b": 10,
    "a": 1,
    "b": 4,
    "profit and loss": 7,
    "if needed": True,
    "占道 面积": 12,
    "Jack's": 9,
    "Pre-bankruptcy risk": "HIGH",
}


@pytest.mark.parametrize(
    "text,value",
    [
        ("Applicant Age", 30),
        ("Applicant   \n Age + 1", 31),
        ("a b c", 3),
        ("a b + a", 3),
        ("a+b", 10),
        ("a + b", 5),
        ("a +b", 5),
        ("profit and loss - 1", 6),
        ("if if needed then 1 else 2", 1),
        ("占道 面积 / 3", 4),
        ("Jack's * 2", 18),
        ('Pre-bankruptcy risk = "HIGH"', True),
        ('"Applicant Age"', "Applicant Age"),
        ("1 // Applicant Age", 1),
        ("1 /* a b */ + a b", 3),
        ("for a b in [1, 2] return a b * 10", [10, 20]),
        ("{a b: 5, x: a b}.x", 5),
        ("{a b: 5}.a b", 5),
        ("[{a b: 5}, {a b: 6}][a b > 5].a b", [6]),
        ("some a b in [1] satisfies a b = 1", True),
        ("sum([a b, a b c])", 5),
    ],
)
def test_the_longest_known_name(text: str, value: object) -> None:
    assert feel.to_json(feel.compile(text, NAMES).evaluate(SCOPE)) == value


def test_the_free_names_are_told_as_they_are() -> None:
    assert feel.compile("Applicant   Age + a+b + a b", NAMES).names == {"Applicant Age", "a+b", "a b"}


def test_cells_know_them_too() -> None:
    assert feel.compile_unary_tests("> a b, Applicant Age", NAMES).test(Decimal(30), SCOPE) is True


def test_only_known_names_have_spaces() -> None:
    with pytest.raises(feel.FeelSyntaxError):
        feel.compile("Applicant Age")


def test_the_place_of_an_error_is_that_of_the_text() -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile("Applicant Age +\n  a b c )", NAMES)
    assert (caught.value.line, caught.value.column) == (2, 9)


def test_no_letter_passes_for_a_space() -> None:
    with pytest.raises(feel.FeelSyntaxError):
        feel.compile("Applicant\U00010600Age", NAMES)


@pytest.mark.parametrize(
    "name,yes",
    [
        ("a", True),
        ("a b", True),
        ("_x", True),
        ("?x", True),
        ("1a", False),
        ("", False),
        ("a(b)", False),
        ("?", False),
        ("a:b", False),
    ],
)
def test_what_is_a_name(name: str, yes: bool) -> None:
    assert is_name(name) is yes
