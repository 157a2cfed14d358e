"""One evaluation: its budget, its instant and zone, and why something became null."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from engine.feel.errors import FeelLimit

MAX_STEPS = 100_000
MAX_STRING = 1_000_000  # characters
MAX_LIST = 10_000
SHANGHAI = ZoneInfo("Asia/Shanghai")

Functions = Mapping[str, Callable[..., object]]
_NONE: Functions = {}


@dataclass(frozen=True, slots=True)
class Note:
    """Why a part of an expression was null, in both languages."""

    zh: str
    en: str

    def text(self, locale: str = "zh") -> str:
        """The sentence in `locale` ("zh" or "en")."""
        return self.zh if locale.startswith("zh") else self.en


@dataclass(slots=True)
class Budget:
    """Steps that several evaluations share: what one of them takes, the others have no more."""

    left: int


class Run:
    """What the closures of one evaluation share. `locals` holds loop variables and context entries by number."""

    __slots__ = ("functions", "locals", "notes", "now", "steps", "zone")

    def __init__(
        self,
        slots: int,
        now: dt.datetime | None = None,
        functions: Functions | None = None,
        zone: dt.tzinfo | None = None,
        notes: list[Note] | None = None,
    ) -> None:
        self.steps = MAX_STEPS
        self.now = now
        self.zone = zone or SHANGHAI
        self.functions = functions or _NONE
        self.notes = notes
        self.locals: list[object] = [None] * slots

    def spend(self, steps: int) -> None:
        """Count work done; raises FeelLimit when the budget is used up."""
        self.steps -= steps
        if self.steps < 0:
            raise FeelLimit(f"表达式的运算超过 {MAX_STEPS} 步", f"the expression takes more than {MAX_STEPS} steps")

    def null(self, zh: str, en: str, /, **params: object) -> None:
        """Say why the value is null. The sentences are templates, filled only if somebody asked for notes."""
        if self.notes is not None and len(self.notes) < 100:
            note = Note(zh.format(**params), en.format(**params))
            if note not in self.notes:
                self.notes.append(note)


def sized_list(value: list[object]) -> list[object]:
    """The list, if it is not longer than allowed."""
    if len(value) > MAX_LIST:
        raise FeelLimit(f"列表超过 {MAX_LIST} 项", f"a list has more than {MAX_LIST} items")
    return value


def sized_string(value: str) -> str:
    """The string, if it is not longer than allowed."""
    if len(value) > MAX_STRING:
        raise too_long()
    return value


def too_long() -> FeelLimit:
    """The error for a string that grew too long."""
    return FeelLimit(f"文本超过 {MAX_STRING} 个字符", f"a string has more than {MAX_STRING} characters")
