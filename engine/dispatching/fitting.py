"""The one door to scikit-learn: a multinomial logistic regression over named features, answered as plain numbers.

Imported only where a model is fitted (it takes more than a second to import); a model is asked without it (`model.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

MOST_WEIGHTS = 4_000_000
"""Features times units of one fit: bounds its memory to some 700 MB, and its time."""
MOST_ROUNDS = 200
SMALLEST = 0.01
"""Weights nearer to nothing are left out of the model."""

Weights = dict[str, dict[int, float]]


def fit(
    rows: Sequence[dict[str, float]], units: Sequence[str], weights: Sequence[float]
) -> tuple[list[str], list[float], Weights]:
    """Learn which unit each row belongs to. Answers the units, the bias of each, and for each feature its weight by the unit's number.
    Features of a single row are left out: they say nothing of others. Nothing depends on chance."""
    from sklearn.feature_extraction import DictVectorizer  # noqa: PLC0415  slow to import
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    names = sorted(set(units))
    if len(names) < 2:
        return names, [0.0] * len(names), {}
    common = _common(rows, MOST_WEIGHTS // len(names))
    vectorizer = DictVectorizer(sort=True)
    matrix = vectorizer.fit_transform([{k: v for k, v in row.items() if k in common} for row in rows])
    judge = LogisticRegression(C=10.0, max_iter=MOST_ROUNDS, tol=1e-3)
    with threadpool_limits(
        1
    ):  # a worker has other work; and threads that wait for each other are slower on a busy machine
        judge.fit(matrix, list(units), sample_weight=list(weights))
    return _plain(judge, vectorizer, names)


def _common(rows: Sequence[dict[str, float]], most: int) -> set[str]:
    counts = Counter(name for row in rows for name in row)
    frequent = [(n, name) for name, n in counts.items() if n > 1]
    return {name for _, name in sorted(frequent, key=lambda one: (-one[0], one[1]))[: max(1, most)]}


def _plain(judge: Any, vectorizer: Any, names: list[str]) -> tuple[list[str], list[float], Weights]:
    table, bias = judge.coef_.T, judge.intercept_
    if len(names) == 2:  # the library keeps one column for two units: that of the second against the first
        table = [[-row[0] / 2, row[0] / 2] for row in table]
        bias = [-bias[0] / 2, bias[0] / 2]
    weights: Weights = {}
    for name, row in zip(vectorizer.feature_names_, table, strict=True):
        kept = {n: round(float(w), 3) for n, w in enumerate(row) if abs(w) >= SMALLEST}
        if kept:
            weights[name] = kept
    return names, [round(float(b), 4) for b in bias], weights
