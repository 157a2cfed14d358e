"""Calendars: which there are, a year of one, and when a limit is due by it. Read only; they change by two people, on their pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from marshmallow import Schema, fields, validate

from engine import calendars
from engine.calendar import Budget, Calendar, Unit
from engine.calendar.explaining import explain
from engine.errors import NotFound
from web.api.house import blueprint
from web.api.problems import speak
from web.api.schemas import Line, Moment
from web.auth import city
from web.policies import SIGNED_IN, policy
from web.telling_calendars import clock

Row = dict[str, Any]

FIRST_YEAR, LAST_YEAR = 2004, 2100


class CalendarSchema(Schema):
    """A calendar by which limits are counted."""

    key = fields.String()
    name = fields.String()
    zone = fields.String()
    settled_years = fields.List(
        fields.Integer(), allow_none=True, metadata={"description": "None: no year is provisional."}
    )
    units = fields.List(fields.String(), metadata={"description": "Keys of units that keep it, with those below them."})


class CalendarsSchema(Schema):
    """All calendars of the version that counts."""

    version = fields.Integer()
    items = fields.List(fields.Nested(CalendarSchema))


class DaySchema(Schema):
    """A day of a year: its working spans in local time; `name` where it differs from its weekday."""

    date = fields.Date()
    working = fields.Boolean()
    spans = fields.List(fields.List(fields.String()))
    name = fields.String(allow_none=True)
    override = fields.Boolean(metadata={"description": "The city's own word about a single day, not a notice's."})


class CalendarYearSchema(Schema):
    """A year of a calendar."""

    key = fields.String()
    version = fields.Integer()
    year = fields.Integer()
    provisional = fields.Boolean(metadata={"description": "No notice settles the holidays of this year yet."})
    days = fields.List(fields.Nested(DaySchema))


class DueQuerySchema(Schema):
    """A limit, and when it begins."""

    start = Moment(format="iso", required=True)
    amount = Line(required=True, validate=validate.Length(1, 20), metadata={"description": "A decimal number."})
    unit = fields.String(required=True, validate=validate.OneOf([unit.value for unit in Unit]))


class DueSchema(Schema):
    """When it is due, and why, a line for each stretch that counted or did not."""

    due = fields.DateTime(format="iso")
    version = fields.Integer()
    provisional = fields.List(fields.Integer(), metadata={"description": "Years whose holidays are not announced yet."})
    lines = fields.List(fields.String())


@blueprint.get("/calendars")
@policy(SIGNED_IN)
@blueprint.response(200, CalendarsSchema)
def list_calendars() -> Row:
    """Every calendar of the version that counts."""
    book = calendars.current(city().core)
    return {"version": book.version, "items": [_calendar(book, one) for one in book.calendars.values()]}


@blueprint.get("/calendars/<name:key>/years/<no:number>")
@policy(SIGNED_IN)
@blueprint.response(200, CalendarYearSchema)
def show_year(key: str, number: int) -> Row:
    """Each day of a year: worked or not, and its hours."""
    book, one = _one(key)
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise NotFound(what="page")
    days = (date(number, 1, 1) + timedelta(days=n) for n in range(366))
    return {
        "key": key,
        "version": book.version,
        "year": number,
        "provisional": one.is_provisional(date(number, 7, 1)),
        "days": [_day(one, day) for day in days if day.year == number],
    }


@blueprint.get("/calendars/<name:key>/due")
@policy(SIGNED_IN)
@blueprint.arguments(DueQuerySchema, location="query")
@blueprint.response(200, DueSchema)
def show_due(given: Row, key: str) -> Row:
    """When a limit that begins then is due, and how that was counted."""
    book, one = _one(key)
    found = explain(one, given["start"], Budget.of(given["amount"], given["unit"]))
    return {
        "due": found.due,
        "version": book.version,
        "provisional": found.provisional,
        "lines": found.text(speak()),
    }


def _one(key: str) -> tuple[calendars.Book, Calendar]:
    book = calendars.current(city().core)
    one = book.calendars.get(key)
    if one is None:
        raise NotFound(what="page")
    return book, one


def _calendar(book: calendars.Book, one: Calendar) -> Row:
    return {
        "key": one.key,
        "name": one.name_en if speak() == "en" else one.name_zh,
        "zone": one.zone,
        "settled_years": sorted(one.settled_years) if one.settled_years is not None else None,
        "units": sorted(unit for unit, key in book.units.items() if key == one.key),
    }


def _day(one: Calendar, day: date) -> Row:
    own = one.days.get(day)
    return {
        "date": day,
        "working": one.is_working_day(day),
        "spans": [[clock(opens), clock(closes)] for opens, closes in one.hours_on(day)],
        "name": (own.name_en if speak() == "en" else own.name_zh) if own is not None else None,
        "override": own is not None and own.override,
    }
