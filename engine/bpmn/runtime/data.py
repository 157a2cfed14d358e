"""What names mean at a place: the variables around it, the nearest first, and behind them the facts of the instance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.bpmn.runtime.live import HELD, Token


def around(token: Token) -> Iterator[dict[str, Any]]:
    """The sets of variables that a token sees, the nearest first."""
    at: Token | None = token
    while at is not None:
        part: Token | None = at
        while part is not None:
            if part.data:
                yield part.data
            part = part.host if HELD not in part.internal_data else None  # a detour sees nothing of what waits for it
        if at.workflow.locals:
            yield at.workflow.locals
        at = at.workflow.host


def variables(token: Token) -> dict[str, Any]:
    """All variables that a token sees."""
    found: dict[str, Any] = {}
    for each in around(token):
        for key, value in each.items():
            found.setdefault(key, value)
    return found


def view(token: Token, facts: dict[str, Any]) -> dict[str, Any]:
    """Everything a token sees: its variables before the facts."""
    found = variables(token)
    return {**facts, **found} if found else facts


def write(token: Token, facts: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Write each value where its name is known nearest, else among the facts."""
    places = list(around(token))
    for key, value in values.items():
        next((place for place in places if key in place), facts)[key] = value
