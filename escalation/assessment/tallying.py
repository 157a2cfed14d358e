"""Sums over marks: rows of one query go by once, and each adds to its unit, its town, its kind and the filters it passes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Numbers = dict[str, list[int]]
"""A count's key, and its number in each reading."""
Patterns = Counter[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Filter:
    """Cases of these kinds, from these sources; none: of all."""

    classes: frozenset[str] | None
    sources: frozenset[str] | None

    def takes(self, kind: str | None, source: str | None) -> bool:
        """Whether a case passes."""
        return (self.classes is None or kind in self.classes) and (self.sources is None or source in self.sources)


@dataclass(slots=True)
class Tally:
    """What went by, as patterns of marks: their number is bounded by what happens to cases, not by how many there are."""

    keys: Sequence[str]
    units: dict[int | None, Patterns] = field(default_factory=dict)
    towns: dict[str | None, Patterns] = field(default_factory=dict)
    kinds: dict[tuple[str | None, str | None], Patterns] = field(default_factory=dict)
    filtered: dict[Filter, Patterns] = field(default_factory=dict)

    def numbers(self, patterns: Mapping[tuple[int, int, int], int]) -> Numbers:
        """The number of each count in each reading."""
        found: Numbers = {key: [0, 0, 0] for key in self.keys}
        for three, cases in patterns.items():
            for reading, bits in enumerate(three):
                left = bits
                while left:
                    place = (left & -left).bit_length() - 1
                    found[self.keys[place]][reading] += cases
                    left &= left - 1
        return found

    def whole(self) -> Numbers:
        """Of all that went by."""
        total: Patterns = Counter()
        for patterns in self.units.values():
            total.update(patterns)
        return self.numbers(total)


def tally(
    rows: Iterable[Any], keys: Sequence[str], town: Callable[[str | None], str | None], filters: Iterable[Filter]
) -> Tally:
    """Rows of `marking.patterns`. `town`: the street or town that a place lies in."""
    found = Tally(keys, filtered={one: Counter() for one in filters})
    for unit, place, kind, source, full, base, adjusted, cases in rows:
        three, at = (full, base, adjusted), town(place)
        found.units.setdefault(unit, Counter())[three] += cases
        found.towns.setdefault(at, Counter())[three] += cases
        found.kinds.setdefault((kind, at), Counter())[three] += cases
        for one, patterns in found.filtered.items():
            if one.takes(kind, source):
                patterns[three] += cases
    return found
