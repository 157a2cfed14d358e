"""Small numbers are not published, nor what would tell them. Pure.

Of each column: a number under the least is left out (nought is shown: it is about nobody). So is the part of a larger number in the
column beside it of which nearly all is part: what is missing to it would be small. Where the column's total is shown, the sum of what is
left out can be reckoned, so one more number goes, the smallest that leaves every small one open. What can be reckoned is asked of the
pair of columns together (`_Pair`), for a part is never more than its whole; where no single number is enough, the total goes instead."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Known = int | None
_MOST_TRIED = 6
"""Covers that are tried in each column before its total goes: a larger one is no better for what a smaller one does not cover."""


@dataclass(frozen=True, slots=True)
class Published:
    """What may be shown; None: left out."""

    rows: tuple[tuple[Known, ...], ...]
    totals: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    """One column as it would be published: rows that are left out, and whether its total is shown."""

    numbers: tuple[int, ...]
    gone: frozenset[int]
    total: bool

    @property
    def left(self) -> Known:
        """What all that is left out sums up to; None: it cannot be reckoned."""
        return sum(self.numbers[n] for n in self.gone) if self.total else None


def table(rows: Sequence[Sequence[int]], least: int, parts: Mapping[int, int] | None = None) -> Published:
    """The cells and totals that may be shown. `parts`: which column is a part of which other one; a column stands in one pair at most."""
    wide = len(rows[0]) if rows else 0
    numbers = [tuple(row[column] for row in rows) for column in range(wide)]
    whole_of = dict(parts or {})
    shown: dict[int, _Column] = {}
    for column in range(wide):
        if column in whole_of or column in shown:
            continue
        part = next((one for one, whole in whole_of.items() if whole == column), None)
        if part is None:
            shown[column] = next(one for one in _ways(numbers[column], None, least) if _Pair(one, None).is_safe(least))
            continue
        shown[column], shown[part] = _pair(numbers[column], numbers[part], least)
    return Published(
        tuple(
            tuple(None if n in shown[column].gone else row[column] for column in range(wide))
            for n, row in enumerate(rows)
        ),
        tuple(sum(shown[column].numbers) if shown[column].total else None for column in range(wide)),
    )


# ---------------------------------------------------------------- inside


def _pair(whole: tuple[int, ...], part: tuple[int, ...], least: int) -> tuple[_Column, _Column]:
    several = itertools.product(_ways(whole, None, least), _ways(part, whole, least))
    tried = sorted(several, key=lambda two: (-two[0].total - two[1].total, -two[0].total))
    return next(two for two in tried if _Pair(*two).is_safe(least))


def _ways(numbers: tuple[int, ...], whole: tuple[int, ...] | None, least: int) -> Iterator[_Column]:
    """How a column might be published, what tells most first; the last leaves its total out."""
    beside = numbers if whole is None else whole
    small = frozenset(n for n, number in enumerate(numbers) if _tells(number, beside[n], least))
    if not _tells(sum(numbers), sum(beside), least):
        if not small:
            yield _Column(numbers, small, total=True)
        # who knows this rule knows that a cover is so large, and takes it from the sum: enough must be left for each small one to be any
        enough = 3 * (least - 1) + max(0, len(small) - 1) - sum(numbers[n] for n in small)
        covers = [n for n, number in enumerate(numbers) if n not in small and number >= max(2 * least - 2, enough)]
        for cover in sorted(covers, key=lambda n: (numbers[n], n))[:_MOST_TRIED]:
            yield _Column(numbers, small | {cover}, total=True)
    yield _Column(numbers, small, total=False)


def _tells(number: int, whole: int, least: int) -> bool:
    """Whether a number, or what is missing of it to the number that it is part of, is small."""
    return 0 < number < least or 0 < whole - number < least


@dataclass(frozen=True, slots=True)
class _Pair:
    """A column, and one that is a part of it, as published: between which bounds each number left out must lie."""

    whole: _Column
    part: _Column | None

    def is_safe(self, least: int) -> bool:
        """Whether every small number that is left out, and every small one that is missing, could be any other small one."""
        whole, part = self.whole, self.part
        for n in sorted(whole.gone | (part.gone if part else frozenset())):
            if 0 < whole.numbers[n] < least and n in whole.gone and self._most_whole(n) < least - 1:
                return False
            if part is None:
                continue
            low, high = self._part(n)
            if 0 < part.numbers[n] < least and n in part.gone and (high < least - 1 or low > 1):
                return False
            if 0 < whole.numbers[n] - part.numbers[n] < least and not self._gap_is_open(n, low, high, least):
                return False
        return True

    def _known(self, n: int) -> int:
        """What a number of the whole is at least: the part of it that is shown."""
        return self.part.numbers[n] if self.part is not None and n not in self.part.gone else 0

    def _room(self) -> float:
        """What all rows of which both are left out may have of the whole."""
        left = self.whole.left
        return float("inf") if left is None else left - sum(self._known(n) for n in self.whole.gone)

    def _wanted(self) -> float:
        """What of the parts left out only rows can hold of which the whole is left out, too."""
        if self.part is None or self.part.left is None:
            return 0
        return max(0, self.part.left - sum(self.whole.numbers[n] for n in self.part.gone - self.whole.gone))

    def _most_whole(self, n: int) -> float:
        both = self.part is not None and n in self.part.gone
        spare = self._room() if both else self._room() - self._wanted()
        return self._known(n) + spare

    def _part(self, n: int) -> tuple[float, float]:
        """The least and the most that a part may be."""
        assert self.part is not None  # noqa: S101  asked of pairs only
        if n not in self.part.gone:
            return self.part.numbers[n], self.part.numbers[n]
        both = n in self.whole.gone
        own = self._room() if both else self.whole.numbers[n]
        left = self.part.left
        if left is None:
            return 0, own
        elsewhere: float = sum(self.whole.numbers[o] for o in self.part.gone - self.whole.gone if o != n)
        if (self.part.gone & self.whole.gone) - {n}:
            elsewhere += self._room()
        return max(0, left - elsewhere), min(own, left)

    def _gap_is_open(self, n: int, low: float, high: float, least: int) -> bool:
        """Whether what is missing of a part could be any small number."""
        assert self.part is not None  # noqa: S101  asked of pairs only
        if n in self.whole.gone:
            spare = self._room() - self._wanted()
            return (self._most_whole(n) - low if n not in self.part.gone else spare) >= least - 1
        return self.whole.numbers[n] - low >= least - 1 and self.whole.numbers[n] - high <= 1
