"""What a tale of the demonstration is: one instance of a process, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.core import Core

PHOTO = ["photo"]
"""In an answer: a picture is drawn and attached."""
Staff = dict[tuple[str, str], list[str]]


@dataclass(frozen=True, slots=True)
class Tale:
    """An instance: who starts it, with what, how long ago, and what is answered to each task, `minutes` after the one before."""

    process: str
    starter: tuple[str, str]
    ago: timedelta
    start: dict[str, Any] | Callable[[Core], dict[str, Any]]
    answers: dict[str, dict[str, Any]]
    minutes: int
    last: tuple[str, ...] = ()
    """Steps that are done only when nothing else is open."""
    also: tuple[str, ...] = ()
    """Processes whose cases, where this one begins them, are answered too."""
    patient: bool = False
    """Whether it waits for what the time brings, and works on."""

    def started_with(self, core: Core) -> dict[str, Any]:
        """What the start form says: what is known before, or what is found in the city now."""
        return self.start(core) if callable(self.start) else self.start
