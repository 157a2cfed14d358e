"""Facts about a person who reported something: shown to those whose work needs them, to nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine import settings
from engine.people import Actor

if TYPE_CHECKING:
    from sqlalchemy import Connection

DEFAULTS: dict[str, Any] = {
    "personal_facts": ["reporter_name", "reporter_phone"],
    "personal_facts_posts": ["acceptor", "shift_leader"],
}
"""Proposal: those who take a report in and decide on filing may call back. Rows of `setting` win."""


def hidden_facts(connection: Connection, actor: Actor, case: Mapping[str, Any]) -> frozenset[str]:
    """Names of the facts of this case that the actor is not shown, on any page or answer."""
    if case["starter_id"] == actor.id:
        return frozenset()
    limits = settings.read(connection, DEFAULTS)
    if any(p.post in limits["personal_facts_posts"] for p in actor.posts):
        return frozenset()
    return frozenset(limits["personal_facts"])
