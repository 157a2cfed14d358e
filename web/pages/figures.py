"""A month's key figures, each with its definition, each opening to exactly its cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for

from engine import access, worlds
from engine.errors import NotFound
from engine.queries import counting, listing
from engine.queries.listing import Wanted
from engine.tables import LIVE, instance
from escalation import indicators
from escalation.assessment import key_figures, periods
from escalation.indicators import Count, Indicator, Period
from web.auth import city
from web.pages.case_list import MOST_EXPORTED, PAGE_SIZE, as_sheet, told
from web.policies import policy
from web.telling import names
from web.texts import locale, t

page = Blueprint("figures", __name__)

MONTHS_BACK = 6
NOT_DISPATCHED = "none"


@dataclass(frozen=True, slots=True)
class Shown:
    """An indicator with its number. `value` is text: 96.4 %, 1,054, or a dash when there is nothing to divide by."""

    indicator: Indicator
    value: str
    share: float | None
    part: int
    base: int | None
    missed: int | None


@page.get("/figures")
@policy("see_figures")
def figures() -> str:
    """The four key figures of a month, by unit and by day."""
    world = _world()
    month = _month(world)
    period = _period(month, world)
    conditions = {key: one.condition(period) for key, one in indicators.COUNTS.items()}
    with city().core.db.read() as connection:
        figures_ = key_figures.read(connection)
    units = counting.by_unit(city().core, g.actor, conditions, world.id, period.until)
    whole = _sum(units)
    rows = sorted(units.items(), key=lambda item: (-item[1]["due"], -item[1]["received"], item[0] or 0))
    return render_template(
        "figures.html",
        world=world,
        worlds=_worlds(),
        month=month,
        months=_months(month, world),
        previous=_shift(month, -1),
        next=_shift(month, 1) if _shift(month, 1) <= world.now else None,
        under_way=period.until > world.now,
        month_name=month_name,
        shown=[_shown(one, whole) for one in figures_],
        all={one.key: _shown(one, whole) for one in figures_},
        rows=[(unit_id, counts, {one.key: _shown(one, counts) for one in figures_}) for unit_id, counts in rows],
        days=_days(period, world),
        trend=_trend(month, world, figures_),
        counts=indicators.COUNTS,
        whole=whole,
        scoped=access.SEE_ALL not in g.actor.powers,
    )


@page.get("/figures/<name>")
@policy("see_figures")
def behind(name: str) -> str:
    """The cases that a number counts."""
    one = _count(name)
    world = _world()
    month = _month(world)
    wanted = _wanted(one, month, world)
    found = listing.page(city().core, g.actor, wanted)
    return render_template(
        "figure_cases.html",
        one=one,
        month=month,
        month_name=month_name,
        day=_day(),
        day_name=day_name,
        world=world,
        unit=_unit_name(),
        found=found,
        wanted=wanted,
        **told(found.rows, world),
    )


@page.get("/figures/<name>.xlsx")
@policy("see_figures")
def export(name: str) -> Response:
    """The same cases as a sheet."""
    world = _world()
    wanted = _wanted(_count(name), _month(world), world)
    return as_sheet(listing.everything(city().core, g.actor, wanted, MOST_EXPORTED)[:MOST_EXPORTED], world)


def month_name(month: datetime) -> str:
    """2026年11月; November 2026."""
    return f"{month.year}年{month.month}月" if locale() == "zh" else f"{month:%B} {month.year}"


def day_name(month: datetime, day: int) -> str:
    """2026年11月3日; 3 November 2026."""
    return f"{month_name(month)}{day}日" if locale() == "zh" else f"{day} {month_name(month)}"


# ---------------------------------------------------------------- inside


def _world() -> worlds.World:
    asked = request.args.get("world", LIVE, type=int)
    if asked != LIVE and access.SEE_ALL in g.actor.powers:
        found = worlds.get(city().core, asked)
        if not found.is_drill:  # drills have pages of their own, which say so
            return found
    return city().world()


def _worlds() -> list[worlds.World]:
    return [one for one in worlds.every(city().core) if not one.is_drill] if access.SEE_ALL in g.actor.powers else []


def _month(world: worlds.World) -> datetime:
    """The first instant of the month that was asked for, in the world's zone; else of the month now."""
    try:
        asked = datetime.strptime(request.args.get("month", ""), "%Y-%m").replace(tzinfo=world.zone)
    except ValueError:
        asked = world.now
    asked = (asked if asked.year in periods.YEARS else world.now).astimezone(world.zone)
    return asked.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _months(month: datetime, world: worlds.World) -> list[datetime]:
    """Two years of months to choose from, newest first, and the one shown."""
    newest = world.now.astimezone(world.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return sorted({*(_shift(newest, -back) for back in range(24)), month}, reverse=True)


def _shift(month: datetime, by: int) -> datetime:
    index = month.year * 12 + month.month - 1 + by
    return month.replace(year=max(1, index // 12), month=index % 12 + 1)


def _period(month: datetime, world: worlds.World) -> Period:
    # What happens at this very instant is in.
    return Period(month, max(month, min(_shift(month, 1), world.now + timedelta(microseconds=1))))


def _count(name: str) -> Count:
    one = indicators.count(name)
    if one is None:
        raise NotFound(what="figure")
    return one


def _day() -> int:
    """The day of the month that was asked for; 0: all of it."""
    found = request.args.get("day", 0, type=int)
    return found if 0 < found < 32 else 0


def _of_day(period: Period, day: int, world: worlds.World) -> Period:
    since = period.since.astimezone(world.zone) + timedelta(days=day - 1)
    return Period(
        max(period.since, min(since, period.until)), max(period.since, min(since + timedelta(days=1), period.until))
    )


def _wanted(one: Count, month: datetime, world: worlds.World) -> Wanted:
    unit = request.args.get("unit")
    period = _period(month, world)
    if day := _day():
        period = _of_day(period, day, world)
    condition = one.condition(period)
    whose = counting.unit_at(period.until)
    if unit == NOT_DISPATCHED:
        condition = condition & whose.is_(None)
    elif unit:
        condition = condition & (whose == names().unit_keys.get(unit, -1))
    return Wanted(
        world=world.id,
        more=(condition,),
        page=max(1, min(100_000, request.args.get("page", 1, type=int))),
        size=PAGE_SIZE,
    )


def _unit_name() -> str:
    unit = request.args.get("unit")
    if unit == NOT_DISPATCHED:
        return t("尚未派遣", "Not dispatched yet")
    return names().unit_by_key(unit, locale()) if unit else ""


def _sum(units: dict[int | None, dict[str, int]]) -> dict[str, int]:
    return {key: sum(counts[key] for counts in units.values()) for key in indicators.COUNTS}


def _shown(one: Indicator, counts: dict[str, int]) -> Shown:
    part = counts[one.part.key]
    if one.base is None:
        return Shown(one, f"{part:,}", None, part, None, None)
    base = counts[one.base.key]
    share = part / base if base else None
    missed = counts[one.missed.key] if one.missed is not None else None
    return Shown(one, percent(part, base), share, part, base, missed)


def percent(part: int, base: int) -> str:
    """One decimal, rounded down: 99.96 % is not 100 %. A dash when there is nothing to divide by."""
    if not base:
        return "—"
    tenths = part * 1000 // base
    return "100%" if tenths == 1000 else f"{tenths // 10}.{tenths % 10}%"


def _days(period: Period, world: worlds.World) -> list[dict[str, Any]]:
    """Cases received and ended by day of the month."""
    core = city().core
    received = counting.instants(core, g.actor, instance.c.started_at, indicators.RECEIVED.condition(period), world.id)
    ended = counting.instants(core, g.actor, instance.c.ended_at, indicators.ENDED.condition(period), world.id)
    last = (_shift(period.since, 1) - timedelta(hours=1)).astimezone(world.zone).day
    days = [{"day": n, "received": 0, "ended": 0} for n in range(1, last + 1)]
    for key, several in (("received", received), ("ended", ended)):
        for at in several:
            days[at.astimezone(world.zone).day - 1][key] += 1
    return days


def _trend(month: datetime, world: worlds.World, figures_: Sequence[Indicator]) -> list[dict[str, Any]]:
    """The rates of this month and the ones before it, oldest first; months without anything due are left out at the front."""
    rates = [one for one in figures_ if one.base is not None]
    counts_wanted = {c.key: c for one in rates for c in (one.part, one.base, one.missed) if c is not None}
    found: list[dict[str, Any]] = []
    for back in range(MONTHS_BACK - 1, -1, -1):
        start = _shift(month, -back)
        period = _period(start, world)
        conditions = {key: one.condition(period) for key, one in counts_wanted.items()}
        units = counting.by_unit(city().core, g.actor, conditions, world.id)
        whole = {key: sum(c[key] for c in units.values()) for key in counts_wanted}
        values = [
            (one.indicator.names.text(locale()), one.share, one.value) for one in (_shown(r, whole) for r in rates)
        ]
        if found or any(share is not None for _, share, _ in values):
            label = f"{start:%Y-%m}"
            href = url_for("figures.figures", month=label, world=None if world.id == LIVE else world.id)
            found.append({"name": month_name(start), "label": label, "href": href, "values": values})
    return found
