"""Business time: real, moved by hand, and scaled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.clock import Clock, ManualClock, RealClock, ScaledClock

START = datetime(2025, 11, 20, 9, tzinfo=UTC)


def test_a_manual_clock_stands_until_moved() -> None:
    clock = ManualClock(START.astimezone(ZoneInfo("Asia/Shanghai")))
    assert clock.now() == START
    assert clock.now().tzinfo is UTC
    assert clock.advance(timedelta(hours=2)) == clock.now() == START + timedelta(hours=2)
    clock.set(START)
    assert clock.now() == START
    with pytest.raises(ValueError, match="forward"):
        clock.advance(timedelta(seconds=-1))


def test_a_scaled_clock_runs_so_many_times_as_fast() -> None:
    base = ManualClock(datetime(2030, 1, 1, tzinfo=UTC))
    drill = ScaledClock(60, START, base)
    base.advance(timedelta(minutes=2))
    assert drill.now() == START + timedelta(hours=2)


@pytest.mark.parametrize("factor", [0, -1, float("nan"), float("inf")])
def test_a_clock_never_stands_or_runs_back(factor: float) -> None:
    with pytest.raises(ValueError, match="factor"):
        ScaledClock(factor, START)


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        ManualClock(START.replace(tzinfo=None))


def test_the_real_clock_is_aware_utc_and_goes_on() -> None:
    clock: Clock = RealClock()
    first = clock.now()
    assert first.tzinfo is UTC
    assert clock.now() >= first
