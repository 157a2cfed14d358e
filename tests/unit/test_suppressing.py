"""Small numbers cannot be told from what is published: for each hidden one, every small value fits what is shown."""

from __future__ import annotations

import random
from collections.abc import Iterator

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


def test_the_pair_of_columns_does_not_tell_a_small_number() -> None:
    # closed and closed in time, found by a review: 63 closed in both, of which B alone had 60 in time, so A closed at most 3
    shown = table([[3, 0], [60, 60]], LEAST, {1: 0})
    assert shown.totals[0] is None
    # 110 closed in both and 106 in time: 2 in A and B together were late
    shown = table([[100, 98], [12, 12], [90, 40]], LEAST, {1: 0})
    assert shown.rows[0] == (100, None)
    assert shown.totals[1] is None or shown.rows[2][1] is None


def test_who_knows_the_rule_learns_no_more() -> None:
    shown = table([[1], [8], [20]], LEAST)  # 9 left out, a cover of 8 at least: it would be 1
    assert shown.rows == ((None,), (8,), (None,))


def test_nobody_reckons_a_small_number_from_both_columns() -> None:
    """By trying every table that fits what is shown: each small number, and each small number that is missing, could be any other."""
    dice, least, tried = random.Random(8), 3, 0
    for _ in range(250):
        rows = []
        for _ in range(dice.randint(1, 3)):
            whole = dice.choice((0, 1, 2, 3, 4, 5, 6, 8))
            rows.append([whole, max(0, whole - dice.choice((0, 0, 1, 2, 3, 8)))])
        shown = table(rows, least, {1: 0})
        fits = list(_fitting(shown.rows, shown.totals))
        assert tuple(tuple(row) for row in rows) in fits
        for n, (whole, part) in enumerate(rows):
            for small, seen, of in (
                (whole, {one[n][0] for one in fits}, shown.rows[n][0] is None),
                (part, {one[n][1] for one in fits}, shown.rows[n][1] is None),
                (whole - part, {one[n][0] - one[n][1] for one in fits}, None in shown.rows[n]),
            ):
                if 0 < small < least:
                    tried += 1
                    assert of, (rows, shown)
                    assert seen >= set(range(1, least)), (rows, shown)
    assert tried > 100


Rows = tuple[tuple[int | None, ...], ...]


def _fitting(rows: Rows, totals: tuple[int | None, ...]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every table of wholes and parts that could have been published so; where no total is shown, of numbers up to ten."""
    most = [10 if total is None else total for total in totals]
    if not rows:
        if all(total in (0, None) for total in totals):
            yield ()
        return
    (whole, part), *others = rows
    for one in range(most[0] + 1) if whole is None else (whole,):
        for of_it in range(min(one, most[1]) + 1) if part is None else (part,):
            left = tuple(None if total is None else total - n for total, n in zip(totals, (one, of_it), strict=True))
            if of_it <= one and all(n is None or n >= 0 for n in left):
                yield from ((((one, of_it), *rest)) for rest in _fitting(tuple(others), left))
