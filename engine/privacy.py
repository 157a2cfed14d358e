"""Facts that no page shows: what names a reporter in processes whose forms do not mark it (`x-personal`) yet. What is marked is no
fact at all and stands apart (`engine.identities`); who may learn it says `engine.unmasking`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import settings
from engine.identities import BEFORE_MARKS

if TYPE_CHECKING:
    from sqlalchemy import Connection

DEFAULTS: dict[str, Any] = {"personal_facts": []}
"""Further names that a city adds for forms of its own."""


def hidden_facts(connection: Connection) -> frozenset[str]:
    """Names of facts that nobody is shown, on any page or answer."""
    return frozenset(BEFORE_MARKS) | frozenset(settings.read(connection, DEFAULTS)["personal_facts"])
