"""Registers for expressions: the functions `register row` and `register rows`, answered by the look-up that a step was given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine import feel
from engine.feel.builtins.registering import ROW, ROWS

Ask = Callable[[str, Mapping[str, Any], bool], list[dict[str, Any]]]


class Registers:
    """What the expressions of one step look up. The same question is asked once: a step is one instant."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[tuple[str, str, bool], list[dict[str, Any]]] = {}

    @property
    def functions(self) -> Mapping[str, Callable[..., object]]:
        """By the names of FEEL's functions."""
        return {ROW: self._row, ROWS: self._rows}

    def _row(self, register: str, match: Mapping[str, Any]) -> object:
        return next(iter(self._found(register, match, every=False)), None)

    def _rows(self, register: str, match: Mapping[str, Any]) -> object:
        return list(self._found(register, match, every=True))

    def _found(self, register: str, match: Mapping[str, Any], *, every: bool) -> list[dict[str, Any]]:
        plain = {key: feel.to_json(value) for key, value in match.items()}
        question = (register, repr(sorted(plain.items())), every)
        if question not in self._known:
            self._known[question] = self._ask(register, plain, every)
        return self._known[question]
