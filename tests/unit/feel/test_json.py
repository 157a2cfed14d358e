"""Values back to JSON."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest

from engine import feel


@pytest.mark.parametrize(
    "text,expected",
    [
        ("1", 1),
        ("5.00", 5),
        ("10 / 4", 2.5),
        ("1e20", 10**20),
        ("1e40", 1e40),
        ('"a"', "a"),
        ("true", True),
        ("null", None),
        ("[1, [2.5, null]]", [1, [2.5, None]]),
        ('{a: 1, b: @"2026-10-01"}', {"a": 1, "b": "2026-10-01"}),
        ('@"2026-10-01T09:30:00"', "2026-10-01T09:30:00+08:00"),
        ('@"2026-10-01T09:30:00Z"', "2026-10-01T09:30:00+00:00"),
        ('@"2026-10-01T09:30:00@America/New_York"', "2026-10-01T09:30:00-04:00"),
        ('@"09:30:00"', "09:30:00"),
        ('@"PT36H"', "P1DT12H"),
        ('@"P14M"', "P1Y2M"),
        ("[1..3)", "[1..3)"),
    ],
)
def test_to_json(text: str, expected: object) -> None:
    found = feel.to_json(feel.compile(text).evaluate({}))
    assert found == expected
    assert type(found) is type(expected)
    json.dumps(found)


def test_beyond_floats_the_digits_stay() -> None:
    assert feel.to_json(Decimal("1e400")) == "1" + "0" * 400
    json.dumps(feel.to_json(Decimal("1e6144")))


def test_what_json_does_not_know_is_null() -> None:
    assert feel.to_json({"a": object(), "b": float("nan")}) == {"a": None, "b": None}
    assert feel.to_json((1, 2)) == [1, 2]
    assert feel.to_json(dt.datetime(2026, 10, 1, tzinfo=dt.UTC)) == "2026-10-01T00:00:00+00:00"
