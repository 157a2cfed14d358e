"""Small numbers cannot be told from what is published: for each hidden one, every small value fits what is shown."""

from __future__ import annotations

import random

from escalation.assessment.suppressing import table

LEAST = 5


def test_small_numbers_and_their_totals_are_left_out() -> None:
    shown = table([[3], [40], [0], [90]], LEAST)
    assert [row[0] for row in shown.rows] == [None, None, 0, 90], "the small one, and one that covers it"
    assert shown.totals == (133,)
    assert table([[2], [1]], LEAST).totals == (None,)
    assert table([[6], [7], [2]], LEAST).totals == (None,), "nothing large enough covers it"
    assert table([[60], [70]], LEAST) == table([[60], [70]], 1)


def test_what_is_missing_to_a_whole_is_small_too() -> None:
    shown = table([[100, 98], [80, 40]], LEAST, {1: 0})
    assert shown.rows[0] == (100, None)
    assert shown.rows[1] == (80, None)


def test_every_small_value_fits_what_is_shown() -> None:
    dice = random.Random(4)
    for _ in range(2000):
        numbers = [dice.choice((0, 1, 2, 3, 4, 5, 7, 8, 12, 60)) for _ in range(dice.randint(1, 6))]
        shown = table([[n] for n in numbers], LEAST)
        hidden = [n for n, row in zip(numbers, shown.rows, strict=True) if row[0] is None]
        small = [n for n in hidden if n < LEAST]
        assert all(n == 0 or n >= LEAST or n in hidden for n in numbers)
        if shown.totals[0] is None or not small:
            continue
        left = shown.totals[0] - sum(row[0] or 0 for row in shown.rows)
        assert left == sum(hidden)
        others = sum(small[1:])
        for value in range(1, LEAST):  # the first small one could be any, the rest as they are
            assert left - others - value >= LEAST, (numbers, shown)
