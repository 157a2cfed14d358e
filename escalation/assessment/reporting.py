"""The report of a period as one plain object: what the page, the sheets, the paper and the programs show is read from it and nowhere else.
Texts in both languages, numbers as they are, values rounded down once; it becomes JSON without loss."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, case, func, not_, select

from engine import access, registers, settings
from engine.queries.flow_waits import OPEN
from engine.tables import area, instance, post, task, unit
from escalation.assessment import plan
from escalation.assessment.counts import COUNTS, READINGS
from escalation.assessment.definitions import Book
from escalation.assessment.marking import Asked
from escalation.assessment.periods import Span
from escalation.assessment.tallying import Numbers, Tally, tally
from escalation.indicators import PROCESS, Period

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

Row = dict[str, Any]
FORMAT = 1
TOWNS = ("street", "town", "district")
DEFAULTS: Row = {"assessment_collector_sources": ["collector"], "assessment_units": [], "assessment_worst": 10}


@dataclass(frozen=True, slots=True)
class Sums:
    """What a report is made of: rows of `marking.patterns`, the counts in the order of the bits, what is `waiting`, and rows of
    `unit_marks.patterns` with the counts that units have by these (`own`)."""

    rows: Iterable[Any]
    keys: Sequence[str]
    waiting: list[Row]
    units: Iterable[Any] = ()
    own: Sequence[str] = ()


def asked(core: Core, connection: Connection, period: Period, world: int, actor: Actor | None) -> Asked:
    """What marks are asked for, with what the city's content says."""
    known = settings.read(connection, DEFAULTS)
    public = tuple(str(r["key"]) for r in registers.rows(core, "sources") if str(r.get("public")).lower() == "true")
    plans = tuple(str(r["key"]) for r in registers.rows(core, "plans"))
    return Asked(world, period, public, tuple(known["assessment_collector_sources"]), plans, actor)


def make(
    core: Core,
    connection: Connection,
    span: Span,
    sums: Sums,
    book: Book,
    public: Sequence[str],
    now: datetime,
) -> Row:
    """The report of these sums. `public`: sources of the public; `now`: until when the period is known."""
    keys = sums.keys
    units, areas = _names(connection, unit, unit.c.id), _names(connection, area, area.c.key)
    filters = [one for row in book.plan if (one := plan.scope(row, public)) is not None]
    found = tally(sums.rows, keys, lambda place: town_of(areas, place), filters)
    whole = found.whole()
    most = int(settings.read(connection, DEFAULTS)["assessment_worst"])
    by_unit = {one: found.numbers(patterns) for one, patterns in found.units.items()}
    _own(by_unit, sums)
    by_area = {one: found.numbers(patterns) for one, patterns in found.towns.items()}
    return {
        "format": FORMAT,
        "kind": span.kind,
        "label": span.label,
        "since": span.since.isoformat(),
        "until": span.until.isoformat(),
        "as_of": min(now, span.until).isoformat(),
        "counts": [_count(key) for key in keys],
        "public": sorted(public),
        "definitions": book.as_data(),
        "whole": _object(book, "city", whole),
        "units": _ranked([_of(book, "unit", units.get(one), n) for one, n in by_unit.items()]),
        "areas": _ranked([_of(book, "area", _said(areas.get(one)), n) for one, n in by_area.items()], _no_towns(areas)),
        "posts": _posts(connection, book, whole),
        "plan": plan.rows(core, connection, book, span, found, public),
        "worst": _worst(found, areas, most),
        "waiting": sums.waiting,
    }


def text(value: Fraction | None, unit_: str) -> str:
    """A value as everybody prints it: per cents and points with one decimal, rounded down (99.96 % is not 100 %); a dash for none."""
    if value is None:
        return "—"
    if unit_ == "count":
        return f"{int(value):,}"
    tenths = value * (1000 if unit_ == "share" else 10) // 1
    shown = f"{tenths // 10}.{tenths % 10}" if tenths >= 0 else f"-{-tenths // 10}.{-tenths % 10}"
    if unit_ == "share":
        return "100%" if value == 1 else f"{shown}%"
    return shown


def waiting(connection: Connection, wanted: Asked, now: datetime) -> list[Row]:
    """Where open cases wait now, by step, as on the live picture: how many, and how many of them late."""
    late = func.sum(case((task.c.due_at < now, 1), else_=0))
    who = access.visible(connection, wanted.actor) if wanted.actor is not None else not_(instance.c.confidential)
    query = (
        select(task.c.node, func.count(), late, func.min(task.c.opened_at))
        .join(instance, instance.c.id == task.c.instance_id)
        .where(task.c.state.in_(OPEN), instance.c.world_id == wanted.world, instance.c.key == PROCESS, who)
        .group_by(task.c.node)
    )
    rows = [
        {"node": r[0], "open": int(r[1]), "late": int(r[2] or 0), "oldest": r[3].isoformat()}
        for r in connection.execute(query)
    ]
    return sorted(rows, key=lambda row: (-row["open"], row["node"]))


# ---------------------------------------------------------------- inside


def _count(key: str) -> Row:
    one = next(each for each in COUNTS if each.key == key)
    found = {"key": key, "zh": one.names.zh, "en": one.names.en, "means_zh": one.means.zh, "means_en": one.means.en}
    return {**found, "whose": one.whose} if one.whose else found


def _own(by_unit: dict[int | None, Numbers], sums: Sums) -> None:
    """Give each unit the numbers that are its own, instead of those of the cases that it has when the period ends."""
    for numbers in by_unit.values():
        numbers.update({key: [0] * len(READINGS) for key in sums.own if key in numbers})
    for unit_id, *three, cases in sums.units:
        numbers = by_unit.setdefault(unit_id or None, {key: [0] * len(READINGS) for key in sums.keys})
        for reading, bits in enumerate(three):
            for place, key in enumerate(sums.keys):
                numbers[key][reading] += cases * (bits >> place & 1)


def _names(connection: Connection, table: Any, key: Any) -> dict[Any, Row]:
    return {row[key.name]: dict(row) for row in connection.execute(select(table)).mappings()}


def town_of(areas: Mapping[str, Row], key: str | None) -> str | None:
    """The street or town that an area lies in; itself where it lies in none."""
    at = key
    while at is not None and at in areas:
        if areas[at]["kind"] in TOWNS:
            return at
        at = areas[at]["parent_key"]
    return key if key in areas else None


def values(book: Book, figures: Sequence[Row], numbers: Numbers) -> Row:
    """Each figure in each reading: as everybody prints it, and exactly."""
    found: Row = {}
    readings = [book.values(figures, {k: n[place] for k, n in numbers.items()}) for place in range(len(READINGS))]
    for row in figures:
        key = str(row["key"])
        found[key] = {
            "text": [text(each[key], str(row["unit"])) for each in readings],
            "exact": [str(each[key]) if each[key] is not None else None for each in readings],
        }
    return found


def _object(book: Book, thing: str, numbers: Numbers, post_key: str = "") -> Row:
    figures = [row for row in book.of(thing) if not post_key or row.get("post") == post_key]
    found: Row = {"numbers": {k: n for k, n in numbers.items() if any(n)}, "values": values(book, figures, numbers)}
    score = next((row for row in figures if row["unit"] == "points"), None)
    exact = found["values"][score["key"]]["exact"] if score else [None] * 3
    found["score"] = found["values"][score["key"]]["text"] if score else ["—"] * 3
    found["exact"] = exact
    found["grade"] = [book.grade(Fraction(e) if e is not None else None) for e in exact]
    return found


def _of(book: Book, thing: str, named: Row | None, numbers: Numbers) -> Row:
    none_zh, none_en = ("尚未派遣", "Not dispatched yet") if thing == "unit" else ("位置不明", "Place not known")
    return {
        "key": str(named["key"]) if named else "none",
        "zh": named["name_zh"] if named else none_zh,
        "en": named["name_en"] if named else none_en,
        "lat": named.get("lat") if named else None,
        "lon": named.get("lon") if named else None,
        **_object(book, thing, numbers),
    }


def _said(area_: Row | None) -> Row | None:
    """An area as it is named among towns: of one that is none, what it stands for there."""
    if area_ is None or area_["kind"] in TOWNS:
        return area_
    more = {"name_zh": f"{area_['name_zh']}（未标明街镇）", "name_en": f"{area_['name_en']} (no town given)"}
    return {**area_, **more}


def _no_towns(areas: Mapping[str, Row]) -> frozenset[str]:
    """What lies in no town, such as the city itself: its cases count, and it is not ranked among the towns."""
    return frozenset(key for key, row in areas.items() if row["kind"] not in TOWNS)


def _ranked(rows: list[Row], unranked: Collection[str] = ()) -> list[Row]:
    """By the adjusted score, best first; equal scores share a rank, and are told as tied. Without a score: at the end, unranked."""
    for row in rows:
        if row["key"] == "none" or row["key"] in unranked:
            row["exact"], row["score"], row["grade"] = [None] * 3, ["—"] * 3, [""] * 3
    scores = [Fraction(row["exact"][2]) for row in rows if row["exact"][2] is not None]
    for row in rows:
        own = Fraction(row["exact"][2]) if row["exact"][2] is not None else None
        row["rank"] = 1 + sum(other > own for other in scores) if own is not None else None
        row["tied"] = own is not None and scores.count(own) > 1
    return sorted(rows, key=lambda row: (row["rank"] is None, row["rank"] or 0, row["key"]))


def _named(areas: Mapping[str, Row], key: str | None, column: str) -> str:
    return str(areas[key][column]) if key is not None and key in areas else ""


def _posts(connection: Connection, book: Book, whole: Numbers) -> list[Row]:
    names = _names(connection, post, post.c.key)
    wanted = list(dict.fromkeys(str(row["post"]) for row in book.of("post") if row.get("post")))
    return [
        {"key": key, "zh": names[key]["name_zh"], "en": names[key]["name_en"], **_object(book, "post", whole, key)}
        for key in wanted
        if key in names
    ]


def _worst(found: Tally, areas: Mapping[str, Row], most: int) -> list[Row]:
    """Kinds of problems by town, those with the most cases not closed in time first (十差项目), in the base reading. Equal ones stand in
    the order of their share, and are told as tied."""
    several = [(*one, found.numbers(patterns)) for one, patterns in found.kinds.items()]
    late = [(kind, town, n["missed"][1], n["due"][1]) for kind, town, n in several if n["missed"][1]]
    late.sort(key=lambda one: (-one[2], -Fraction(one[2], one[3] or 1), str(one[:2])))
    return [
        {
            "class": kind,
            "area": town,
            "area_zh": _named(areas, town, "name_zh"),
            "area_en": _named(areas, town, "name_en"),
            "missed": missed,
            "due": due,
            "text": text(Fraction(missed, due) if due else None, "share"),
            "tied": sum(other[2] == missed for other in late) > 1,
        }
        for kind, town, missed, due in late[:most]
    ]
