"""When each step of a replayed request happened.

The file knows when a request was opened and when it was closed. Between them we say that verifying, filing, dispatching, signing
for and handling happened at plausible times, and say so: each step lies at a share of the whole span, but not later after the
opening (or earlier before the closing) than a city's own desk would take (Taiyuan: 立案 and 派遣 within 30 minutes; domain.md A1.5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from web.replay.rows import Request

_AFTER_OPENING = {
    "Verify": (timedelta(minutes=10), 0.02),
    "File": (timedelta(minutes=15), 0.03),
    "Dispatch": (timedelta(minutes=30), 0.05),
    "SignFor": (timedelta(hours=2), 0.10),
}
_BEFORE_CLOSING = {
    "Handle": (timedelta(hours=2), 0.10),
    "Feedback": (timedelta(hours=1), 0.05),
    "Check": (timedelta(minutes=30), 0.02),
    "Close": (timedelta(0), 0.0),
}
OPEN_SPAN = timedelta(days=1)
"""The span an open request is taken to have had when its first steps are placed."""


def at(request: Request, node: str) -> datetime | None:
    """The instant of a step; none for the steps an open request has not reached."""
    span = (request.closed - request.opened) if request.closed is not None else OPEN_SPAN
    if node in _AFTER_OPENING:
        most, share = _AFTER_OPENING[node]
        return request.opened + min(most, span * share)
    if request.closed is None:
        return None
    most, share = _BEFORE_CLOSING[node]
    return request.closed - min(most, span * share)
