"""A few instances of the other processes, so that every kind of user's home page has something on it."""

from __future__ import annotations

from datetime import datetime

from engine.clock import ManualClock
from engine.core import Core


def play(core: Core, clock: ManualClock, now: datetime, staff: dict[tuple[str, str], list[str]]) -> None:
    """Start them and leave each where people would find it."""
