"""Training: fit on what was closed, test on what came after it, and keep the record of how often it was right.

The past is cut into stretches of time. Each stretch is judged by a model fitted only on cases that were closed before it began; what
it got right, by class and unit, is the record. Where that record is good enough (`target`), the model speaks; the last stretch, which
the record of the earlier ones judged, tells what to expect. Then the model is fitted once more on everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.dispatching import fitting
from engine.dispatching.matters import Closed, features
from engine.dispatching.model import BANDS, Guess, Model, Record, band, count, pair

STRETCHES = 6
"""The first one is only learnt from, the second makes the first record."""
FEWEST = 60
"""With fewer closed cases nothing is learnt."""
CORRECTED = 3.0
"""What somebody had to correct counts so many times."""


@dataclass(frozen=True, slots=True)
class Tested:
    """A case of the past, judged by a model that did not know it. `guess` none: it knew no unit at all; `spoke`: it was sure enough;
    `table`: what the plain most-frequent table would have said."""

    case: Closed
    guess: Guess | None
    spoke: bool
    table: str | None
    stretch: int

    @property
    def right(self) -> bool:
        """Whether the guess was right, spoken or not."""
        return self.guess is not None and self.guess.unit == self.case.unit


@dataclass(frozen=True, slots=True)
class Trained:
    """A model and what was tested on the way."""

    model: Model
    tested: list[Tested]


def train(cases: Sequence[Closed], target: float) -> Trained:
    """Learn from closed cases, in the order of time. With too few of them the model is empty and never speaks."""
    cases = sorted(cases, key=lambda one: (one.opened, one.unit))
    if len(cases) < FEWEST:
        return Trained(Model([], [], {}, {}, target), [])
    edges = [cases[len(cases) * n // STRETCHES].opened for n in range(1, STRETCHES)]
    tested: list[Tested] = []
    threshold = target
    for n, begin in enumerate(edges):
        end = edges[n + 1] if n + 1 < len(edges) else None
        known = [one for one in cases if one.known <= begin]
        after = [one for one in cases if one.opened > begin and (end is None or one.opened <= end)]
        if len(known) < FEWEST // STRETCHES or not after:
            continue
        fitted = _with_record(_fit(known, target), tested, threshold)
        tested.extend(judged(fitted, known, after, n))
    last = max((one.stretch for one in tested), default=0)
    threshold = threshold_of([one for one in tested if one.stretch == last and last > 0], target)
    tested = [replace(one, spoke=one.guess is not None and one.guess.trust >= threshold) for one in tested]
    return Trained(_with_record(_fit(cases, target), tested, threshold), tested)


def judged(model: Model, known: Sequence[Closed], cases: Sequence[Closed], stretch: int = 0) -> Iterator[Tested]:
    """What the model, and the plain most-frequent table of the same known cases, say of these."""
    frequent = most_frequent(known)
    for one in cases:
        guess = model.judge(one.matter)
        yield Tested(one, guess, model.speaks(guess), frequent.get(one.matter.kind), stretch)


def most_frequent(cases: Sequence[Closed]) -> dict[str, str]:
    """The plain table to be compared with: each class to the unit that had most of its cases."""
    counts: dict[str, Counter[str]] = {}
    for one in cases:
        counts.setdefault(one.matter.kind, Counter())[one.unit] += 1
    return {kind: min(by, key=lambda u: (-by[u], u)) for kind, by in counts.items()}


def threshold_of(tested: Sequence[Tested], target: float) -> float:
    """The trust from which on it speaks: the target itself, or more where the last stretch shows that from there on it is right less
    often than the target."""
    trusts = sorted({one.guess.trust for one in tested if one.guess is not None and one.guess.trust >= target})
    for trust in [target, *trusts]:
        spoken = [one for one in tested if one.guess is not None and one.guess.trust >= trust]
        if sum(one.right for one in spoken) >= target * len(spoken):
            return trust
    return 1.0


def _fit(cases: Sequence[Closed], target: float) -> Model:
    rows = [features(one.matter) for one in cases]
    units, bias, weights = fitting.fit(
        rows, [one.unit for one in cases], [CORRECTED if one.corrected else 1.0 for one in cases]
    )
    return Model(units, bias, weights, count([(one.matter, one.unit) for one in cases]), target)


def _with_record(model: Model, tested: Sequence[Tested], threshold: float) -> Model:
    record: Record = {}
    bands = [(0.0, 0.0)] * (len(BANDS) + 1)
    for one in tested:
        if one.guess is None:
            continue
        key, which = pair(one.case.matter.kind, one.guess.unit), band(one.guess.share)
        right, tried = record.get(key, (0.0, 0.0))
        record[key] = (right + one.right, tried + 1)
        bands[which] = (bands[which][0] + one.right, bands[which][1] + 1)
    return replace(model, record=record, bands=bands, threshold=threshold)


def figures(tested: Sequence[Tested]) -> dict[str, Any]:
    """Coverage, accuracy where it spoke, of any guess, and of the plain table."""
    spoke = [one for one in tested if one.spoke]
    with_table = [one for one in tested if one.table is not None]
    return {
        "cases": len(tested),
        "spoke": len(spoke),
        "right": sum(one.right for one in spoke),
        "any_right": sum(one.right for one in tested),
        "table_spoke": len(with_table),
        "table_right": sum(one.table == one.case.unit for one in with_table),
    }
