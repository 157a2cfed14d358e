"""One's own figures, and the address of one's calendar."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from engine import feeds
from engine.queries import counting_mine, inbox
from web.auth import city
from web.calendars import deadlines
from web.policies import PUBLIC, SIGNED_IN, policy
from web.telling import ZONE, now
from web.telling_cases import node_name
from web.texts import t

page = Blueprint("mine", __name__)

LATE = {"done": None, "in_time": False, "late": True}
"""The numbers that open to their tasks, and what is asked of these."""
PAGE_SIZE = 25


@page.get("/mine")
@policy(SIGNED_IN)
def mine() -> str:
    """What I did this week or month, whether in time; and how a calendar reads my deadlines."""
    return _page()


@page.post("/mine/calendar")
@policy(SIGNED_IN, by_token=False)
def make_feed() -> Response:
    """A new address, shown this once; the one before is closed."""
    secret = feeds.make(city().core, g.actor)
    return make_response(_page(url_for("mine.calendar", secret=secret, _external=True)), 201)


@page.post("/mine/calendar/close")
@policy(SIGNED_IN, by_token=False)
def close_feed() -> Any:
    """The address opens nothing any more."""
    feeds.revoke(city().core, g.actor)
    flash(t("日历地址已停用。", "The calendar address is closed."))
    return redirect(url_for("mine.mine"), 303)


@page.get("/calendar/<secret>.ics")
@policy(PUBLIC)
def calendar(secret: str) -> Response:
    """Deadlines for a calendar program that knows the address."""
    actor = feeds.reader(city().core, secret)
    body = deadlines(city().core, actor, now(), lambda ref: url_for("tasks.task", ref=ref, _external=True))
    return Response(body, mimetype="text/calendar")


def _page(address: str | None = None) -> str:
    core = city().core
    today = now().astimezone(ZONE).date()
    periods = _periods(today)
    chosen = request.args.get("period", "week")
    chosen = chosen if chosen in periods else "week"
    _, first, last = periods[chosen]
    found = counting_mine.of(core, g.actor, _midnight(first), _midnight(last + timedelta(days=1)), ZONE)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return render_template(
        "mine.html",
        periods=[(key, label) for key, (label, _, _) in periods.items()],
        chosen=chosen,
        mine=found,
        listed=_listed(first, last),
        list_title=_list_title(),
        page=max(1, request.args.get("page", 1, type=int)),
        days=[(one, found.days.get(one.isoformat(), 0), one > today) for one in days],
        counts=inbox.counts(core, g.actor, now()),
        node_name=node_name,
        span=_span,
        feed=feeds.standing(core, g.actor),
        address=address,
    )


def _listed(first: date, last: date) -> counting_mine.Page | None:
    """The tasks behind the number that was opened (`show`, of a `day` or a `step`); none was."""
    show = request.args.get("show", "")
    if show not in LATE:
        return None
    day = _day()
    first, last = (day, day) if day is not None and first <= day <= last else (first, last)
    page_ = max(1, min(100_000, request.args.get("page", 1, type=int)))
    until = _midnight(last + timedelta(days=1))
    wanted = counting_mine.Wanted(_midnight(first), until, LATE[show], _step(), page_, PAGE_SIZE)
    return counting_mine.listing(city().core, g.actor, wanted)


def _list_title() -> str:
    show, day, step = request.args.get("show", ""), _day(), _step()
    words = {"done": t("办结任务", "Tasks completed"), "in_time": t("按时办结", "Completed in time")}
    parts = [words.get(show, t("超时办结", "Completed late"))]
    parts += [day.isoformat()] if day is not None else []
    parts += [node_name(*step)] if step is not None else []
    return " · ".join(parts)


def _day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None


def _step() -> tuple[int, str] | None:
    definition, _, node = request.args.get("step", "").replace("\x00", "").partition(".")
    known = definition.isdecimal() and len(definition) < 10 and node
    return (int(definition), node[:200]) if known else None


def _periods(today: date) -> dict[str, tuple[str, date, date]]:
    """Words, first and last day."""
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    next_month = (first + timedelta(days=32)).replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    return {
        "week": (t("本周", "This week"), monday, monday + timedelta(days=6)),
        "last_week": (t("上周", "Last week"), monday - timedelta(days=7), monday - timedelta(days=1)),
        "month": (t("本月", "This month"), first, next_month - timedelta(days=1)),
        "last_month": (t("上月", "Last month"), before, first - timedelta(days=1)),
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def _span(length: timedelta | None) -> str:
    """3 小时 20 分钟; 3 h 20 min."""
    if length is None:
        return "—"
    minutes = max(0, round(length.total_seconds() / 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return t(f"{days} 天 {hours} 小时", f"{days} d {hours} h")
    return (
        t(f"{hours} 小时 {minutes} 分钟", f"{hours} h {minutes} min")
        if hours
        else t(f"{minutes} 分钟", f"{minutes} min")
    )
