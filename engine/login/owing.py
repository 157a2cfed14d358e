"""What somebody owes before they do anything else: the same for a session and for a token of the API."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.login.rules import Rules
from engine.people import Actor

PASSWORD, ENROL = "password", "enrol"
"""A new password; to set up a second factor."""


def must_change(actor: Actor, law: Rules, now: datetime, password_at: datetime | None) -> bool:
    """Must somebody who has a password choose another: one was given to them, or theirs is too old?"""
    old = law.days > 0 and (password_at is None or now - password_at >= timedelta(days=law.days))
    return actor.must_change or old


def owed(actor: Actor, law: Rules, *, has_second: bool, elsewhere: bool) -> str:
    """PASSWORD, ENROL, or "" for nothing; `actor.must_change` as `must_change` answers it. `elsewhere`: they came by the identity
    provider."""
    if actor.must_change:
        return PASSWORD
    shown = has_second or (elsewhere and law.provider_is_enough)
    return ENROL if not shown and law.wants_totp(frozenset(p.post for p in actor.own_posts)) else ""
