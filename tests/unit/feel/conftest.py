"""`feel("a + 1", a=2)` evaluates; `holds("1 + 1 => 2")` compares two expressions, value and type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from engine import feel as package
from engine.feel.values import kind, to_number

NOW = dt.datetime(2026, 10, 1, 16, 30, tzinfo=dt.UTC)  # half past midnight on 2 October in Shanghai


def evaluate(text: str, **scope: object) -> object:
    return package.compile(text).evaluate(scope, now=NOW)


def same(left: object, right: object) -> bool:
    """Of one type and the same value: stricter than FEEL's `=`, which compares instants and takes null for an answer."""
    if kind(left) != kind(right):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, dt.datetime | dt.time) and isinstance(right, dt.datetime | dt.time):
        return left.isoformat() == right.isoformat()
    if kind(left) == "number":
        return to_number(left) == to_number(right)
    return left == right


@pytest.fixture(name="feel")
def _feel() -> Callable[..., object]:
    return evaluate


@pytest.fixture
def holds() -> Callable[[str], None]:
    def check(line: str) -> None:
        text, _, expected = line.partition("=>")
        found, wanted = evaluate(text.strip()), evaluate(expected.strip())
        assert same(found, wanted), f"{text.strip()} is {found!r}, not {wanted!r}"

    return check
