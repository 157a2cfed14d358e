"""Three-valued logic: DMN 1.5, tables 50 (and, or) and the function not."""

from collections.abc import Callable

import pytest

AND = {
    ("true", "true"): "true",
    ("true", "false"): "false",
    ("true", "null"): "null",
    ("false", "true"): "false",
    ("false", "false"): "false",
    ("false", "null"): "false",
    ("null", "true"): "null",
    ("null", "false"): "false",
    ("null", "null"): "null",
}
OR = {
    ("true", "true"): "true",
    ("true", "false"): "true",
    ("true", "null"): "true",
    ("false", "true"): "true",
    ("false", "false"): "false",
    ("false", "null"): "null",
    ("null", "true"): "true",
    ("null", "false"): "null",
    ("null", "null"): "null",
}
VALUES = {"true": True, "false": False, "null": None}


@pytest.mark.parametrize("operands,result", AND.items())
def test_and(feel: Callable[..., object], operands: tuple[str, str], result: str) -> None:
    left, right = operands
    assert feel(f"{left} and {right}") is VALUES[result]
    assert feel("a and b", a=VALUES[left], b=VALUES[right]) is VALUES[result]
    assert feel("a and true and b", a=VALUES[left], b=VALUES[right]) is VALUES[result]


@pytest.mark.parametrize("operands,result", OR.items())
def test_or(feel: Callable[..., object], operands: tuple[str, str], result: str) -> None:
    left, right = operands
    assert feel(f"{left} or {right}") is VALUES[result]
    assert feel("a or b", a=VALUES[left], b=VALUES[right]) is VALUES[result]
    assert feel("a or false or b", a=VALUES[left], b=VALUES[right]) is VALUES[result]


@pytest.mark.parametrize(
    "line",
    [
        'true and "a" => null',
        'false and "a" => false',
        '"a" and false => false',
        "1 and true => null",
        "1 or true => true",
        "false or 1 => null",
        "true and true and 1 => null",
        "1 or 2 or 3 => null",
        "not(true) => false",
        "not(false) => true",
        "not(null) => null",
        'not("true") => null',
        "false and false or true => true",
        "true or true and false => true",
        "(true or true) and false => false",
        "if true then 1 else 2 => 1",
        "if false then 1 else 2 => 2",
        "if null then 1 else 2 => 2",
        'if "true" then 1 else 2 => 2',
        "if false then 1 else if true then 2 else 3 => 2",
        "if true then 1 else 2 + 10 => 1",
        "1 + if false then 1 else 2 + 10 => 13",
        "(if true then 1 else 2) + 10 => 11",
        "true and if false then true else false => false",
    ],
)
def test_lines(holds: Callable[[str], None], line: str) -> None:
    holds(line)


def test_the_settled_side_hides_the_other(feel: Callable[..., object]) -> None:
    assert feel("false and unknown_function()") is False
    assert feel("true or unknown_function()") is True
