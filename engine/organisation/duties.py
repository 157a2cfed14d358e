"""Who is on duty for a unit's post, and when."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.core import Core


def put(
    core: Core,
    unit: str,
    post: str,
    person: int | str,
    since: datetime,
    until: datetime,
    by: int | str,
    *,
    note: str = "",
) -> int:
    """`person`, who holds this post in this unit, is on duty from `since` up to `until`; answers the id. NotFound: no such unit, post or
    person. NotAllowed: `by` neither organises the unit nor administers. Invalid: the time is wrong or over, the person does not hold
    the post all that time, or is on duty for it then already. Several may be on duty at once."""
    raise NotImplementedError


def remove(core: Core, duty_id: int, by: int | str) -> None:
    """Take a duty off the roster; one that has begun ends now. NotFound: no such duty. Invalid: it is over."""
    raise NotImplementedError
