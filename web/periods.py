"""The period that a page counts in: a day, a week, a month, or from a day to a day, in the world's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import request

from engine import settings
from engine.errors import Invalid
from engine.worlds import World
from web.auth import city

DAY, WEEK, MONTH, BETWEEN = "day", "week", "month", "between"
KINDS = (DAY, WEEK, MONTH, BETWEEN)
DEFAULTS = {"picture_days": 92}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A period: from `since` up to, not including, `until`; the same as days, `last` among them. `before` and `after`: a day in the
    period of its kind next to it."""

    kind: str
    first: date
    last: date
    since: datetime
    until: datetime

    @property
    def before(self) -> date:
        """A day of the period before it."""
        return self.first - timedelta(days=1)

    @property
    def after(self) -> date:
        """The first day after it."""
        return self.last + timedelta(days=1)

    @property
    def asked(self) -> dict[str, str]:
        """What an address says of it."""
        last = {"to": self.last.isoformat()} if self.kind == BETWEEN else {}
        return {"period": self.kind, "from": self.first.isoformat(), **last}


def chosen(world: World, *, usual: str = MONTH) -> Chosen:
    """What `?period=…&from=…&to=…` asks for; else the month (or what is usual) now. Invalid when it is longer than `picture_days`."""
    today = world.now.astimezone(world.zone).date()
    kind = request.args.get("period", usual)
    kind = kind if kind in KINDS else usual
    first = _day("from") or today
    if kind == WEEK:
        first -= timedelta(days=first.weekday())
    elif kind == MONTH:
        first = first.replace(day=1)
    last = {DAY: first, WEEK: first + timedelta(days=6), MONTH: _end_of_month(first)}.get(kind) or _day("to") or first
    if last < first:
        first, last = last, first
    with city().core.db.read() as connection:
        most = int(settings.read(connection, DEFAULTS)["picture_days"])
    if (last - first).days >= most:
        raise Invalid(
            why_zh=f"时段最长 {most} 天，请缩短后再看。",
            why_en=f"A period has at most {most} days; choose a shorter one.",
        )
    since = datetime.combine(first, time(), world.zone)
    until = datetime.combine(last + timedelta(days=1), time(), world.zone)
    return Chosen(kind, first, last, since, until)


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None


def _end_of_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
