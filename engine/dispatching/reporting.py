"""Figures of a training, kept with its model: how it would have done in the past, by week, by class, and what it confused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from engine.dispatching import learning
from engine.dispatching.learning import Tested, Trained
from engine.dispatching.matters import Closed

Row = dict[str, Any]

MOST_CLASSES = 60
MOST_CONFUSIONS = 20


def of_training(cases: Sequence[Closed], trained: Trained) -> Row:
    """Everything the page of accuracy shows of the past. The first stretch that was judged has no record to go by and is left out of what
    was spoken."""
    first = min((one.stretch for one in trained.tested), default=0)
    judged = [one for one in trained.tested if one.stretch > first]
    return {
        "cases": len(cases),
        "classes": len({one.matter.kind for one in cases}),
        "units": len(trained.model.units),
        "threshold": round(trained.model.threshold, 4),
        "target": trained.model.target,
        "all": learning.figures(judged),
        "weeks": [{"week": week, **learning.figures(of)} for week, of in _groups(judged, _week)],
        "kinds": sorted(
            ({"class": kind, **learning.figures(of)} for kind, of in _groups(judged, lambda one: one.case.matter.kind)),
            key=lambda row: -row["cases"],
        )[:MOST_CLASSES],
        "confused": confused(judged),
    }


def confused(judged: Sequence[Tested]) -> list[Row]:
    """The units most often taken for another, spoken or not."""
    wrong = Counter(
        (one.case.unit, one.guess.unit, one.spoke) for one in judged if one.guess is not None and not one.right
    )
    return [
        {"unit": unit, "said": said, "spoke": spoke, "cases": n}
        for (unit, said, spoke), n in wrong.most_common(MOST_CONFUSIONS)
    ]


def _week(one: Tested) -> str:
    year, week, _ = one.case.opened.isocalendar()
    return f"{year}-W{week:02}"


def _groups(judged: Sequence[Tested], key: Any) -> list[tuple[str, list[Tested]]]:
    groups: dict[str, list[Tested]] = {}
    for one in judged:
        groups.setdefault(key(one), []).append(one)
    return sorted(groups.items())
