"""Event logs for process mining: cases of a period as XES or OCEL, of what the reader sees, people as pseudonyms. Each is recorded."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, g, render_template, request

from engine import access, settings
from engine.queries import listing, mining
from engine.queries.mining import Wanted
from web import periods
from web.auth import city
from web.mining import ocel as ocel_log
from web.mining import xes as xes_log
from web.mining.telling import DEFAULTS, PSEUDONYMS
from web.periods import Chosen
from web.policies import policy
from web.texts import locale

page = Blueprint("mining", __name__)


@page.get("/mining")
@policy("see_figures")
def choose() -> str:
    """Which period and process, and how much that is."""
    period, wanted = _wanted()
    core = city().core
    with core.db.read() as connection:
        people = settings.read(connection, DEFAULTS)["mining_people"] == PSEUDONYMS
    return render_template(
        "mining.html",
        period=period,
        wanted=wanted,
        counted=mining.counts(core, wanted),
        processes=listing.processes(core),
        people=people,
        scoped=access.SEE_ALL not in g.actor.powers,
    )


@page.get("/mining.xes")
@policy("see_figures")
def xes() -> Response:
    """The log as XES, sent as it is read."""
    period, wanted = _wanted()
    return _sent(xes_log.write(city().core, wanted, locale()), period, "xes", "application/xml")


@page.get("/mining.jsonocel")
@policy("see_figures")
def ocel() -> Response:
    """The log as OCEL 2.0, sent as it is read."""
    period, wanted = _wanted()
    return _sent(ocel_log.write(city().core, wanted, locale()), period, "jsonocel", "application/json")


# ---------------------------------------------------------------- inside


def _wanted() -> tuple[Chosen, Wanted]:
    period = periods.chosen(city().world())
    key = request.args.get("process", "").replace("\x00", "")[:100] or None
    return period, Wanted(period.since, period.until, key, g.actor)


def _sent(pieces: Iterator[str], period: Chosen, ending: str, media: str) -> Response:
    name = f"liandong-{period.first.isoformat()}-{period.last.isoformat()}.{ending}"
    answer = Response((piece.encode() for piece in pieces), mimetype=media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Accel-Buffering"] = "no"
    return answer
