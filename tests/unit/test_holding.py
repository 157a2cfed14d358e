"""Holding times: every minute of a case belongs to one holder, however it was bounced about."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from escalation.holding import Held, by_unit, stretches

BEGAN = datetime(2026, 6, 1, 2, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return BEGAN + timedelta(minutes=minutes)


def task(id_: int, unit: int | None, opened: float, closed: float | None, role: str | None = None) -> dict[str, Any]:
    return {
        "id": id_,
        "unit_id": unit,
        "role": role,
        "opened_at": at(opened),
        "closed_at": at(closed) if closed is not None else None,
    }


def test_a_case_bounced_through_three_units_sums_to_its_time() -> None:
    rows = [task(1, 7, 0, 10), task(2, 8, 10, 25), task(3, 9, 25, 30), task(4, 7, 30, 90), task(5, 8, 90, None)]
    found = stretches(BEGAN, at(100), rows)
    assert [(h.unit_id, h.length / timedelta(minutes=1)) for h in found] == [(7, 10), (8, 15), (9, 5), (7, 60), (8, 10)]
    assert by_unit(found) == [
        (7, True, timedelta(minutes=70), 2),
        (8, True, timedelta(minutes=25), 2),
        (9, True, timedelta(minutes=5), 1),
    ]


def test_the_lead_holds_it_while_others_assist_and_an_opinion_holds_nothing() -> None:
    rows = [task(1, 7, 0, 60), task(2, 8, 5, 70), task(3, 9, 0, 90, "signer")]
    found = stretches(BEGAN, at(100), rows)
    assert found == [
        Held(7, at(0), at(60), (1,)),
        Held(8, at(60), at(70), (2,)),
        Held(None, at(70), at(100)),
    ]


def test_whatever_happened_the_parts_make_the_whole() -> None:
    dice = random.Random(6)
    for _ in range(300):
        rows = []
        for n in range(dice.randint(0, 8)):
            opened = dice.randint(0, 99)
            rows.append(
                task(n + 1, dice.choice([None, 7, 8, 9]), opened, dice.choice([None, opened + dice.randint(0, 50)]))
            )
        found = stretches(BEGAN, at(100), rows)
        assert sum((h.length for h in found), timedelta()) == timedelta(minutes=100)
        assert all(a.until == b.since for a, b in itertools.pairwise(found))
        assert sum((length for _, _, length, _ in by_unit(found)), timedelta()) == timedelta(minutes=100)
