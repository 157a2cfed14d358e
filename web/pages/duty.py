"""The duty roster of a unit, a week at a time: who looks at it, and who plans it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import Invalid
from engine.organisation import duties as acts
from engine.queries import organisation as reading
from engine.queries import rosters
from engine.queries.organisation import STAFF, Unit
from engine.queries.rosters import Duty
from web import telling_organisation as telling
from web.auth import city
from web.pages.organisation import KEEPERS, LARGEST_ID
from web.policies import policy
from web.telling import ZONE, now
from web.texts import t

page = Blueprint("duty", __name__)

MOST_DAYS = 31
"""A duty is put on so many days at once at most."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week shown, and who is on duty in it."""

    date: date
    duties: tuple[Duty, ...]


@page.get("/organisation/duty")
@policy(STAFF)
def week() -> str:
    """A week of a unit; the reader's own unit and this week when nothing is asked."""
    core = city().core
    units = reading.units(core)
    unit = _unit(units, request.args.get("unit", "")[:64])
    monday = _monday(request.args.get("week", ""))
    start = datetime.combine(monday, time(), ZONE)
    found = rosters.duties(core, start, start + timedelta(days=7), unit_ids=[unit.id])
    held = reading.held(core, unit_ids=[unit.id], staff=True)
    return render_template(
        "duty.html",
        unit=unit,
        options=telling.unit_options(units),
        days=[_day(monday + timedelta(days=n), found) for n in range(7)],
        monday=monday,
        today=now().astimezone(ZONE).date(),
        held=held,
        may_organise=unit.id in rosters.organised(core, g.actor),
        keeps=not KEEPERS.isdisjoint(g.actor.powers),
        span=_span,
        most_days=MOST_DAYS,
        telling=telling,
    )


@page.post("/organisation/duty/put")
@policy("organise", "administer")
def put() -> Response:
    """Put somebody on duty, on one day or on several in a row."""
    form = request.form
    post, _, person = form.get("who", "").partition("|")
    if not person.isdecimal() or not 0 < int(person) <= LARGEST_ID:
        raise Invalid(why_zh="请选择值班人员。", why_en="Choose who is on duty.")
    since = telling.read_time(form.get("since", ""), needed=True)
    until = telling.read_time(form.get("until", ""), needed=True)
    days = form.get("days", 1, type=int)
    if since is None or until is None or not 1 <= days <= MOST_DAYS:
        raise Invalid(why_zh=f"连续天数为 1 至 {MOST_DAYS}。", why_en=f"Days in a row: 1 to {MOST_DAYS}.")
    unit = form.get("unit", "")[:64]
    for n in range(days):
        shift = timedelta(days=n)
        acts.put(
            city().core,
            unit,
            post[:64],
            int(person),
            since + shift,
            until + shift,
            g.actor.id,
            note=form.get("note", "").strip()[:500],
        )
    flash(t("已排班。", "It is on the roster."))
    return redirect(url_for("duty.week", unit=unit, week=since.astimezone(ZONE).date().isoformat()), 303)


@page.post("/organisation/duty/<int:duty_id>/remove")
@policy("organise", "administer")
def remove(duty_id: int) -> Response:
    """Take a duty off; one that has begun ends now."""
    acts.remove(city().core, min(duty_id, LARGEST_ID), g.actor.id)
    flash(t("已取消值班。", "It is off the roster."))
    unit, of = request.form.get("unit", "")[:64], request.form.get("week", "")[:10]
    return redirect(url_for("duty.week", unit=unit, week=of), 303)


# ---------------------------------------------------------------- inside


def _unit(units: dict[int, Unit], key: str) -> Unit:
    """The unit asked for, else the reader's own, else the first."""
    if key:
        return next((u for u in units.values() if u.key == key), None) or reading.unit_by_key(city().core, key)
    own = next((units[h.unit_id] for h in g.actor.own_posts if h.unit_id in units), None)
    return own or next(iter(units.values()))


def _monday(text: str) -> date:
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        asked = now().astimezone(ZONE).date()
    if not 2000 <= asked.year <= 2200:
        asked = now().astimezone(ZONE).date()
    return asked - timedelta(days=asked.weekday())


def _day(day: date, found: list[Duty]) -> Day:
    start = datetime.combine(day, time(), ZONE)
    end = start + timedelta(days=1)
    return Day(day, tuple(one for one in found if one.since < end and one.until > start))


def _span(one: Duty, day: date) -> str:
    """The hours of a duty within a day: 08:00–24:00."""
    start = datetime.combine(day, time(), ZONE)
    since, until = one.since.astimezone(ZONE), one.until.astimezone(ZONE)
    begin = "00:00" if since <= start else f"{since:%H:%M}"
    end = "24:00" if until >= start + timedelta(days=1) else f"{until:%H:%M}"
    return f"{begin}–{end}"
