"""Events for open pages: that something of theirs changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, g, request

from engine import sessions
from engine.errors import Invalid, NotFound
from engine.queries import cases
from web import live as streams
from web.auth import city, session_token
from web.policies import SIGNED_IN, policy

page = Blueprint("live", __name__)

EVENTS = "text/event-stream"


@page.get("/live")
@policy(SIGNED_IN, by_token=False)
def live() -> Response:
    """Server-sent events. `age`: milliseconds since the page was made; `case`: one that it shows, whoever acts on it."""
    if EVENTS not in request.headers.get("Accept", ""):
        raise Invalid(why_zh="此地址供页面接收实时更新", why_en="this address is where pages listen for changes")
    age = timedelta(milliseconds=min(max(request.args.get("age", 10**6, type=int), 0), 10**6))
    case = _case()
    key = sessions.key_of(session_token() or "")
    try:
        body = streams.hub(current_app).stream(request.environ, g.actor, key, age, case)
    except streams.NoRoom:
        return Response(status=204)  # a browser then asks no more; the page refreshes now and then
    return Response(body, mimetype=EVENTS, headers={"X-Accel-Buffering": "no"})


def _case() -> int | None:
    """The case that the page shows; none where there is none that the actor sees."""
    text = request.args.get("case", "")
    if not text.isdecimal() or len(text) > 19:
        return None
    try:
        row: dict[str, Any] = cases.row(city().core, g.actor, int(text))
    except NotFound:
        return None
    return int(row["id"])
