"""Who acts for another for a time (代理): made by the person, by the head of the unit, or by the system administrator."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.core import Core


def make(
    core: Core,
    principal: int | str,
    substitute: int | str,
    since: datetime | None,
    until: datetime,
    by: int | str,
    *,
    unit: str | None = None,
    post: str | None = None,
    processes: Iterable[str] | None = None,
    reason: str = "",
) -> int:
    """From `since` (none: now) up to `until` (database time) the substitute may do what the principal's posts allow: those of `unit`,
    this `post`, tasks of these `processes` (none: all). Answers the id. NotFound: no such person, unit or post. NotAllowed: `by` is
    neither the principal, nor may organise the units concerned, nor administers. Invalid: the time is wrong; there is nothing to
    lend; a post of system, security or audit administration is among what is lent; the substitute is the same human being, or would
    hold two posts that one person may not hold."""
    raise NotImplementedError


def end(core: Core, substitution_id: int, by: int | str, reason: str = "") -> None:
    """End it before its time: by the principal, the substitute, who organises the unit, or who administers. NotFound: no such
    substitution, or none that is theirs to see. Ending it again changes nothing."""
    raise NotImplementedError
