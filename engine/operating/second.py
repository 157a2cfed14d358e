"""Which operations a second person, another human being, must allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import settings

if TYPE_CHECKING:
    from engine.core import Core

MOVE, SET, RETRY = "move", "set", "retry"
CANCEL, SUSPEND = "cancel", "suspend"

DEFAULTS: dict[str, Any] = {"second_person_for": [MOVE, SET, RETRY]}
"""Proposal; a row of `setting` wins."""


def needed_for(core: Core) -> frozenset[str]:
    """The kinds of operations that one person alone cannot do."""
    with core.db.read() as connection:
        return frozenset(settings.read(connection, DEFAULTS)["second_person_for"])
