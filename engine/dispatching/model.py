"""What was learnt, as plain numbers, and how a case is judged by it: no library, no network, nothing that could be run.

Kept as JSON with its SHA-256; a text that does not fit its digest, or is no such model, is refused."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.dispatching.matters import GRAMS, Matter, cleaned, features
from engine.errors import Invalid

FORMAT = 1
BANDS = (0.5, 0.8, 0.95, 0.99)
"""Between these probabilities the record of the whole city is kept apart."""
PSEUDO = 5.0
"""So many cases of the whole city's record count beside those of the same class and unit: few cases prove little."""
FEW = 3
"""A place has a precedent of its own from so many cases on."""
WORDS_SHOWN = 3
_WORD = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
MOST_BYTES = 64 << 20

Record = dict[str, tuple[float, float]]
"""By class and unit, how often it was right and how often it was proposed, in tests on the past."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What the model makes of a case. `share`: its own probability; `trust`: how often such a guess was right, in tests on the past."""

    unit: str
    share: float
    trust: float
    words: tuple[str, ...] = ()
    right: float = 0
    tried: float = 0


@dataclass(frozen=True, slots=True)
class Precedent:
    """Cases of the same class and place: `count` of `total` went to `unit`. `place`: "" for all places."""

    unit: str
    count: int
    total: int
    place: str


@dataclass(frozen=True)
class Model:
    """Weights of the text (with class, place and source), counts of precedents, and the record of how often it was right."""

    units: list[str]
    bias: list[float]
    weights: Mapping[str, Mapping[int, float]]
    precedents: Mapping[str, Mapping[str, int]]
    target: float
    threshold: float = 1.0
    record: Record = field(default_factory=dict)
    bands: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)] * (len(BANDS) + 1))

    def judge(self, matter: Matter, since: Mapping[str, tuple[float, float]] | None = None) -> Guess | None:
        """The most likely unit; none when nothing was learnt. `since`: what was found right and wrong since it was trained."""
        if not self.units:
            return None
        found = features(matter)
        scores = list(self.bias)
        for name, value in found.items():
            for number, weight in self.weights.get(name, {}).items():
                scores[number] += weight * value
        best = max(range(len(scores)), key=scores.__getitem__)
        share = 1 / sum(math.exp(s - scores[best]) for s in scores)
        unit = self.units[best]
        trust, right, tried = self.trust(matter.kind, unit, share, since or {})
        return Guess(unit, share, trust, self._words(matter, scores, best), right, tried)

    def trust(
        self, kind: str, unit: str, share: float, since: Mapping[str, tuple[float, float]]
    ) -> tuple[float, float, float]:
        """How often a guess of this unit for this class was right, the whole city's record counting as a few cases beside; and the
        numbers behind it."""
        key = pair(kind, unit)
        before, after = self.record.get(key, (0.0, 0.0)), since.get(key, (0.0, 0.0))
        right, tried = before[0] + after[0], before[1] + after[1]
        all_right, all_tried = self.bands[band(share)]
        prior = (all_right + 1) / (all_tried + 2)
        return (right + PSEUDO * prior) / (tried + PSEUDO), right, tried

    def speaks(self, guess: Guess | None) -> bool:
        """Whether the guess is sure enough to be told as a proposal."""
        return guess is not None and guess.trust >= self.threshold

    def precedent(self, matter: Matter) -> Precedent | None:
        """Who had most cases of the same class at the same place; at a wider one where there were few, or nobody had most."""
        if not matter.kind:
            return None
        for key, place in precedent_keys(matter):
            counts = self.precedents.get(key)
            if not counts or (place and sum(counts.values()) < FEW):
                continue
            unit = min(counts, key=lambda u: (-counts[u], u))
            if 2 * counts[unit] > sum(counts.values()):
                return Precedent(unit, counts[unit], sum(counts.values()), place)
        return None

    def _words(self, matter: Matter, scores: Sequence[float], best: int) -> tuple[str, ...]:
        """The words of the text that speak most for the best unit against the next one: each character has its part of the weight of
        the pieces it lies in, and words are runs of characters that weigh much."""
        rest = [(score, n) for n, score in enumerate(scores) if n != best]
        if not rest:
            return ()
        second = max(rest)[1]
        text = cleaned(matter.text)
        weight = [0.0] * len(text)
        for n in GRAMS:
            for start in range(len(text) - n + 1):
                own = self.weights.get(f"g:{text[start : start + n]}", {})
                part = (own.get(best, 0.0) - own.get(second, 0.0)) / n
                for at in range(start, start + n):
                    weight[at] += part
        return _runs(text, weight)


def _runs(text: str, weight: Sequence[float]) -> tuple[str, ...]:
    """Runs of letters that weigh at least half of the heaviest one, the heaviest run first; a Latin word is told whole."""
    most = max((w for w, c in zip(weight, text, strict=True) if c.isalnum()), default=0.0)
    if most <= 0:
        return ()
    runs: dict[str, float] = {}
    for match in _WORD.finditer(text):
        start, end = match.span()
        heavy = [at for at in range(start, end) if weight[at] >= most / 2]
        if not heavy:
            continue
        if match[0].isascii():
            runs[match[0]] = max(runs.get(match[0], 0.0), sum(weight[start:end]))
            continue
        first = heavy[0]
        for at, after in zip(heavy, [*heavy[1:], end + 2], strict=True):
            if after != at + 1:
                word = text[first : at + 1]
                runs[word] = max(runs.get(word, 0.0), sum(weight[first : at + 1]))
                first = after
    words = sorted((word for word in runs if len(word) > 1), key=lambda word: (-runs[word], word))
    return tuple(words[:WORDS_SHOWN])


def pair(kind: str, unit: str) -> str:
    """The key of a class and a unit in the record."""
    return f"{kind}\x1f{unit}"


def band(share: float) -> int:
    """Which band of probability this is."""
    return sum(share >= edge for edge in BANDS)


def precedent_keys(matter: Matter) -> list[tuple[str, str]]:
    """Keys of the counts that a case belongs to, the finest place first, each with the place."""
    keys = [(f"{n}\x1f{place}\x1f{matter.kind}", place) for n, place in enumerate(matter.places) if place]
    return [*keys, (f"*\x1f\x1f{matter.kind}", "")]


def count(matters: Sequence[tuple[Matter, str]]) -> dict[str, dict[str, int]]:
    """The counts of precedents: how often each unit had cases of a class at a place."""
    found: dict[str, Counter[str]] = {}
    for matter, unit in matters:
        if matter.kind:
            for key, _ in precedent_keys(matter):
                found.setdefault(key, Counter())[unit] += 1
    return {key: dict(counts) for key, counts in found.items()}


def dump(model: Model) -> tuple[str, str]:
    """The model as text, and its digest."""
    body = {
        "format": FORMAT,
        "units": model.units,
        "bias": model.bias,
        "weights": {name: {str(n): w for n, w in row.items()} for name, row in model.weights.items()},
        "precedents": model.precedents,
        "target": model.target,
        "threshold": model.threshold,
        "record": model.record,
        "bands": model.bands,
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text, digest(text)


def digest(text: str) -> str:
    """What tells whether a stored model is the one that was stored."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def load(text: str, expected: str) -> Model:
    """A stored model. Invalid when it was changed, is too large, or is none."""
    if len(text) > MOST_BYTES or digest(text) != expected:
        raise Invalid(
            why_zh="派遣模型与其校验值不符，已停用", why_en="the dispatch model does not fit its digest and is not used"
        )
    try:
        body = json.loads(text)
        return _read(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Invalid(
            why_zh="派遣模型无法读取，已停用", why_en="the dispatch model cannot be read and is not used"
        ) from error


def _read(body: Any) -> Model:
    if body["format"] != FORMAT:
        raise ValueError("another format")
    units = [str(u) for u in body["units"]]
    bias = [_finite(b) for b in body["bias"]]
    weights = {str(f): {int(n): _finite(w) for n, w in row.items()} for f, row in body["weights"].items()}
    if len(bias) != len(units) or any(not 0 <= n < len(units) for row in weights.values() for n in row):
        raise ValueError("a unit that is none")
    bands = [(_finite(a), _finite(b)) for a, b in body["bands"]]
    if len(bands) != len(BANDS) + 1:
        raise ValueError("other bands")
    return Model(
        units=units,
        bias=bias,
        weights=weights,
        precedents={str(k): {str(u): int(n) for u, n in row.items()} for k, row in body["precedents"].items()},
        target=_finite(body["target"]),
        threshold=_finite(body["threshold"]),
        record={str(k): (_finite(a), _finite(b)) for k, (a, b) in body["record"].items()},
        bands=bands,
    )


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("no number")
    return number
