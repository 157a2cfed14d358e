"""When a message goes out: quiet hours, and how long to wait after a failure. Pure."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60
"""Minutes of a day, as quiet hours count them."""


def after_quiet(at: datetime, quiet_from: int | None, quiet_to: int | None, zone: ZoneInfo) -> datetime:
    """The instant itself, or when the quiet hours that it lies in are over. They are minutes after midnight of the city's day, the
    first counts and the last does not; from 22:00 to 07:00 goes over midnight; equal ends, or none, are no quiet hours."""
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return at
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if quiet_from < quiet_to:
        quiet, over = quiet_from <= minute < quiet_to, 0
    else:
        quiet, over = minute >= quiet_from or minute < quiet_to, int(minute >= quiet_from)
    if not quiet:
        return at
    end = datetime.combine(local.date() + timedelta(days=over), time(quiet_to // 60, quiet_to % 60), zone)
    return end.astimezone(at.tzinfo)


def back_off(tries: int, wait: timedelta, most: timedelta, rng: random.Random | None = None) -> timedelta:
    """How long to wait after so many failures: doubled with each, up to `most`, and then between half and all of that, so that what
    failed together does not come back together."""
    full = min(most, wait * float(2 ** min(tries - 1, 30)))
    return full * (0.5 + (rng or random).random() / 2)
