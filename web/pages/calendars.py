"""The city's calendars: a year to look at, the hours of its seasons, who keeps which, what two versions differ in, and a box to try a
limit in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, g, render_template, request

from engine import calendars
from engine.calendar import Budget, Calendar, CalendarProblem, Unit
from engine.calendar.explaining import Explanation, explain
from engine.calendars import changes, comparing, editing
from engine.calendars.books import ACTIVE, DRAFT, PROPOSED
from engine.calendars.changes import Change
from engine.errors import NotFound
from engine.queries.organisation import STAFF
from escalation import words
from web import telling_calendars as telling
from web.auth import city
from web.policies import policy
from web.telling import ZONE, names, now
from web.texts import locale, t

page = Blueprint("calendars", __name__)

KEEPERS = ("administer", "audit")
"""Who sees drafts and proposals."""
YEARS = (2004, 2100)
LARGEST_ID = 2**31 - 1


@page.get("/calendars")
@policy(STAFF, *KEEPERS)
def year() -> str:
    """A year of one calendar."""
    core = city().core
    shown = _version(request.args.get("version", 0, type=int))
    book = calendars.at(core, shown.version or 1)
    key = request.args.get("calendar", calendars.DEFAULT)[:64]
    one = book.calendars.get(key)
    if one is None:
        raise NotFound(what="page")
    today = now().astimezone(ZONE).date()
    number = min(max(request.args.get("year", today.year, type=int), YEARS[0]), YEARS[1])
    return render_template(
        "calendars.html",
        shown=shown,
        calendar=one,
        calendars=book.calendars.values(),
        year=number,
        months=telling.months(one, number, today),
        specials=telling.specials(one, number),
        seasons=[each for each in reversed(one.seasons) if each.since.year <= number <= each.until.year],
        keeps=_keepers(book, key),
        provisional=one.is_provisional(date(number, 7, 1)),
        unsettled=_unsettled(one, today),
        **shared(),
    )


@page.get("/calendars/try")
@policy(STAFF, *KEEPERS)
def trial() -> Any:
    """When a limit that begins at some moment is due, and why."""
    core = city().core
    book = calendars.current(core)
    asked = {
        "calendar": request.args.get("calendar", calendars.DEFAULT)[:64],
        "start": request.args.get("start", "")[:16] or now().astimezone(ZONE).strftime("%Y-%m-%dT%H:%M"),
        "amount": request.args.get("amount", "5")[:12],
        "unit": request.args.get("unit", Unit.WORK_HOUR.value)[:30],
    }
    found: Explanation | None = None
    problem = ""
    one = book.calendars.get(asked["calendar"])
    if one is None:
        raise NotFound(what="page")
    start = _start(asked["start"])
    if start is None:
        problem = t("起算时间应写作 2026-09-30 16:00", "The start should be written like 2026-09-30 16:00")
    else:
        try:
            found = explain(one, start, Budget.of(asked["amount"].strip(), asked["unit"]))
        except CalendarProblem as error:
            problem = error.text(locale())
    told = render_template(
        "calendar_try.html",
        asked=asked,
        units=list(Unit),
        calendars=book.calendars.values(),
        found=found,
        problem=problem,
        local=found.calendar.local(found.due) if found else None,
        provisional=words.provisional(found.provisional, locale()) if found else "",
        **shared(),
    )
    return (told, 422) if problem else told


@page.get("/calendars/versions")
@policy(*KEEPERS)
def versions() -> str:
    """Drafts and proposals that are open, and every version."""
    found = changes.listing(city().core)
    names().learn({i for one in found for i in (one.proposed_by, one.decided_by)})
    return render_template(
        "calendar_versions.html",
        waiting=[one for one in found if one.state in (DRAFT, PROPOSED)],
        done=[one for one in found if one.state not in (DRAFT, PROPOSED)],
        counted=[one.version for one in found if one.state == ACTIVE],
        current=calendars.current(city().core).version,
        **shared(),
    )


@page.get("/calendars/compare")
@policy(*KEEPERS)
def compare() -> str:
    """What two versions differ in."""
    core = city().core
    one = _version(request.args.get("from", 0, type=int))
    other = _version(request.args.get("to", 0, type=int))
    with core.db.read() as connection:
        texts = [changes.text_of(connection, each.version or 1) for each in (one, other)]
    before, after = (calendars.at(core, each.version or 1) for each in (one, other))
    return render_template(
        "calendar_compare.html",
        one=one,
        other=other,
        rows=editing.changed(*texts),
        days=changed_days(before, after),
        versions=changes.listing(core, (ACTIVE,)),
        **shared(),
    )


def changed_days(before: calendars.Book, after: calendars.Book) -> list[tuple[Calendar, list[comparing.Days]]]:
    """The days that two books count otherwise, by calendar."""
    today = now().astimezone(ZONE).date()
    found = []
    for key, one in after.calendars.items():
        was = before.calendars.get(key)
        days = list(comparing.days(was, one, today)) if was is not None else []
        if days:
            found.append((one, days))
    return found


def shared() -> dict[str, Any]:
    """What every page of calendars knows."""
    powers = g.actor.powers
    return {
        "telling": telling,
        "may_change": changes.POWER in powers,
        "sees_changes": not powers.isdisjoint(KEEPERS),
    }


# ---------------------------------------------------------------- inside


def _start(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "T"))
    except ValueError:
        return None
    found = found if found.tzinfo is not None else found.replace(tzinfo=ZONE)
    return found if YEARS[0] <= found.year <= YEARS[1] else None


def _version(number: int) -> Change:
    core = city().core
    if not 0 < number <= LARGEST_ID:
        number = calendars.current(core).version
    return changes.of_version(core, number)


def _keepers(book: calendars.Book, key: str) -> list[str]:
    return [names().unit_by_key(unit, locale()) for unit, kept in book.units.items() if kept == key]


def _unsettled(one: Calendar, today: date) -> list[int]:
    """This year and the next, where no notice settles them."""
    return [number for number in (today.year, today.year + 1) if one.is_provisional(date(number, 7, 1))]
