"""What a tale of the demonstration is: one instance of a process, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

Staff = dict[tuple[str, str], list[str]]


@dataclass(frozen=True, slots=True)
class Tale:
    """An instance: who starts it, with what, how long ago, and what is answered to each task, `minutes` after the one before."""

    process: str
    starter: tuple[str, str]
    ago: timedelta
    start: dict[str, Any]
    answers: dict[str, dict[str, Any]]
    minutes: int
    last: tuple[str, ...] = ()
    """Steps that are done only when nothing else is open."""
