"""Quiet hours and waits, by vectors."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from escalation.sending.times import after_quiet, back_off

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = (22 * 60, 7 * 60)
NOON = (12 * 60, 13 * 60 + 30)


def at(day: int, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 6, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    "quiet, now, goes",
    [
        (NIGHT, (10, "21:59"), (10, "21:59")),
        (NIGHT, (10, "22:00"), (11, "07:00")),
        (NIGHT, (11, "00:30"), (11, "07:00")),
        (NIGHT, (11, "06:59"), (11, "07:00")),
        (NIGHT, (11, "07:00"), (11, "07:00")),
        (NOON, (10, "12:00"), (10, "13:30")),
        (NOON, (10, "13:30"), (10, "13:30")),
        (NOON, (10, "11:59"), (10, "11:59")),
        ((None, None), (10, "23:00"), (10, "23:00")),
        ((600, 600), (10, "10:00"), (10, "10:00")),
        ((0, 24 * 60 - 1), (10, "23:58"), (10, "23:59")),
    ],
)
def test_quiet_hours_end_when_they_say(
    quiet: tuple[int | None, int | None], now: tuple[int, str], goes: tuple[int, str]
) -> None:
    assert after_quiet(at(*now), *quiet, ZONE) == at(*goes)


def test_quiet_hours_end_in_the_last_night_of_a_year() -> None:
    eve = datetime(2026, 12, 31, 23, 0, tzinfo=ZONE)
    assert after_quiet(eve, *NIGHT, ZONE) == datetime(2027, 1, 1, 7, 0, tzinfo=ZONE)


def test_waits_double_up_to_a_limit_and_differ() -> None:
    wait, most, rng = timedelta(seconds=30), timedelta(minutes=60), random.Random(1)
    for tries in range(1, 200):
        full = min(most, wait * 2 ** min(tries - 1, 20))
        found = [back_off(tries, wait, most, rng) for _ in range(20)]
        assert full / 2 <= min(found) <= max(found) <= full
        assert len(set(found)) > 1
