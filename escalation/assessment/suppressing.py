"""Small numbers are not published, nor what would tell them. Pure.

Of each column: a number under the least is left out (nought is shown: it is about nobody). So is the part of a larger number in the column
beside it of which nearly all is part: what is missing to it would be small. Where the column's total is shown, the sum of what is left out
can be reckoned, so one more number goes, large enough that each small one could be any; where there is none, the total goes instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """What may be shown; None: left out."""

    rows: tuple[tuple[int | None, ...], ...]
    totals: tuple[int | None, ...]


def table(rows: Sequence[Sequence[int]], least: int, parts: Mapping[int, int] | None = None) -> Published:
    """The cells and totals that may be shown. `parts`: which column is a part of which other one."""
    wide = len(rows[0]) if rows else 0
    hidden: list[set[int]] = []
    totals: list[int | None] = []
    for column in range(wide):
        whole = (parts or {}).get(column)
        numbers = [row[column] for row in rows]
        beside = [row[whole] for row in rows] if whole is not None else numbers
        gone = {n for n, number in enumerate(numbers) if _tells(number, beside[n], least)}
        total: int | None = sum(numbers)
        if _tells(sum(numbers), sum(beside), least):
            total = None
        elif gone:
            covers = [n for n, number in enumerate(numbers) if n not in gone and number >= 2 * least - 2]
            cover = min(covers, key=lambda n: (numbers[n], n), default=None)
            if cover is None:
                total = None
            else:
                gone.add(cover)
        hidden.append(gone)
        totals.append(total)
    shown = tuple(
        tuple(None if n in hidden[column] else row[column] for column in range(wide)) for n, row in enumerate(rows)
    )
    return Published(shown, tuple(totals))


def _tells(number: int, whole: int, least: int) -> bool:
    """Whether a number, or what is missing of it to the number that it is part of, is small."""
    return 0 < number < least or 0 < whole - number < least
