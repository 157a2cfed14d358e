"""The quick reader of common cells gives the tree that the grammar gives."""

from __future__ import annotations

import random

import pytest

from engine import feel
from engine.feel import quick
from engine.feel.parsing import parse_by_grammar

PARTS = [
    "5",
    "-5",
    ".5",
    "1.50",
    "0",
    '"a"',
    '"井盖, 丢失"',
    '""',
    "true",
    "false",
    "null",
    "truey",
    "x",
    "-",
    "- 5",
    "1e3",
    '"\\n"',
    '"//"',
]
SHAPES = [
    *("{}", " {} ", "< {}", "<={}", ">= {}", "!= {}", "={}", "[{}..{}]", "( {} .. {} )", "]{}..{}[", "[{}..{})"),
    *(
        "{}, {}",
        "< {}, {}",
        "{},[{}..{}] , > {}",
        "not({})",
        "{},",
        ", {}",
        "< < {}",
        "{} {}",
        "{}\n",
        "{}..{}",
        "{} // a",
    ),
]


def tree(text: str, start: str) -> str | None:
    try:
        return repr(parse_by_grammar(text, start))
    except feel.FeelError:
        return None


def test_cells_and_constants() -> None:
    chance = random.Random(7)
    taken = 0
    for _ in range(3_000):
        shape = chance.choice(SHAPES)
        text = shape.format(*(chance.choice(PARTS) for _ in range(shape.count("{}"))))
        for found, start in ((quick.unary_tests(text), "unary_tests"), (quick.literal(text), "expression")):
            if found is not None:
                taken += 1
                assert repr(found) == tree(text, start), text
    assert taken > 1_000


@pytest.mark.parametrize("text", ["-", "5", "[1..5)", '"a", "b"', "< 3", "true"])
def test_the_common_ones_are_taken(text: str) -> None:
    assert quick.unary_tests(text) is not None


@pytest.mark.parametrize("text", ["not(1)", "x", "? > 3", "date(1)", "1 + 1", "1,\n2", "", ",", "1,"])
def test_the_others_are_left_to_the_grammar(text: str) -> None:
    assert quick.unary_tests(text) is None
