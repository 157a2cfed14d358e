"""What a change of the calendars would move, told before anybody decides: how many open clocks become due earlier or later, of which
processes and units, and the biggest moves.

Only clocks that a changed day can touch are looked at: one that runs, by a calendar that differs, and whose present segment and due time
have a differing day between them. Where there are more than MOST, as many are drawn at even distances, and numbers are told as estimates;
so a preview takes seconds, whatever the city has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from engine import calendars, definitions, worlds
from engine.calendar import Calendar, CalendarProblem, Unit
from engine.calendars import changes
from engine.calendars.books import Book
from engine.calendars.comparing import Span, differing
from engine.tables import LIVE, instance, task
from escalation import sla
from escalation.clocks import from_row
from escalation.sla import SlaClock
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

MOST = 5_000
"""Clocks that are counted; of more, so many."""
SHOWN = 20
"""The biggest moves that are named."""
_WAYS = ("earlier", "later")


@dataclass
class _Tally:
    counted: int = 0
    moved: Counter[str] = field(default_factory=Counter)
    by_process: dict[str, Counter[str]] = field(default_factory=dict)
    by_unit: dict[str, Counter[str]] = field(default_factory=dict)
    moves: list[tuple[timedelta, Row]] = field(default_factory=list)


def preview(core: Core, draft_id: int, most: int = MOST) -> Row:
    """What this draft would move if it counted from now on. As JSON, kept with the proposal."""
    draft = changes.get(core, draft_id)
    with core.db.snapshot() as connection:
        version = calendars.version(connection)
        before = calendars.at(core, version)
        after = calendars.open_book(draft.rows, version + 1)
        return of_books(core, connection, before, after, most)


def propose(core: Core, draft_id: int, by: int | str, note: str, source: str) -> Row:
    """Put a draft up for decision with what it would move, as it is looked at now. As `engine.calendars.changes.propose`."""
    shown = preview(core, draft_id)
    changes.propose(core, draft_id, by, note, source, shown)
    return shown


def of_books(core: Core, connection: Connection, before: Book, after: Book, most: int = MOST) -> Row:
    """The same of two books."""
    today = worlds.get(core, LIVE).now.date()
    spans: dict[str, Span] = {}
    for key, one in before.calendars.items():
        span = differing(one, after.calendars.get(key), today)
        if span is not None:
            spans[key] = span
    open_ones = connection.execute(
        select(func.count()).select_from(clock).where(clock.c.stopped_at.is_(None))
    ).scalar_one()
    concerned = _concerned(spans)
    told: Row = {"open": open_ones, "at": core.db.now_on(connection).isoformat(), "from": before.version}
    if concerned is None:
        return told | {
            "touched": 0,
            "counted": 0,
            "earlier": 0,
            "later": 0,
            "by_process": [],
            "by_unit": [],
            "moves": [],
        }
    touched = connection.execute(select(func.count()).select_from(clock).where(concerned)).scalar_one()
    tally = _Tally()
    for row in _drawn(connection, concerned, touched, most):
        _count(before, after, row, tally)
    share = touched / tally.counted if tally.counted else 1.0
    tally.moves.sort(key=lambda each: abs(each[0]), reverse=True)
    return told | {
        "touched": touched,
        "counted": tally.counted,
        **{way: round(tally.moved[way] * share) for way in _WAYS},
        "by_process": [one | _process(core, one["key"]) for one in _told(tally.by_process, share)],
        "by_unit": _told(tally.by_unit, share),
        "moves": [row for _, row in tally.moves[:SHOWN]],
    }


def _concerned(spans: Mapping[str, Span]) -> ColumnElement[bool] | None:
    """Running clocks that a differing day may touch."""
    c = clock.c
    each = [
        and_(c.calendar == key, c.due_at >= span.since, func.coalesce(c.running_since, c.started_at) <= span.until)
        for key, span in spans.items()
    ]
    if not each:
        return None
    # to the others a day off is a day as any other
    units = [unit.value for unit in Unit if not unit.continuous or unit is Unit.NATURAL_DAY]
    running = (c.stopped_at.is_(None), c.breached_at.is_(None), c.paused_at.is_(None), c.unit.in_(units))
    return and_(*running, or_(*each))


def _drawn(connection: Connection, concerned: ColumnElement[bool], touched: int, most: int) -> list[Row]:
    query = (
        select(
            clock,
            instance.c.number,
            instance.c.definition_id,
            func.coalesce(task.c.unit_id, instance.c.unit_id).label("whose"),
        )
        .select_from(clock)
        .join(instance, instance.c.id == clock.c.instance_id)
        .outerjoin(task, and_(task.c.instance_id == clock.c.instance_id, task.c.id == clock.c.task_id))
        .where(concerned)
    )
    if touched > most:
        order = func.row_number().over(order_by=(clock.c.instance_id, clock.c.name, clock.c.task_id)).label("place")
        keys = select(clock.c.instance_id, clock.c.name, clock.c.task_id, order).where(concerned).subquery()
        step = -(-touched // most)
        query = query.join(
            keys,
            and_(
                keys.c.instance_id == clock.c.instance_id,
                keys.c.name == clock.c.name,
                keys.c.task_id == clock.c.task_id,
                keys.c.place % step == 0,
            ),
        )
    return [dict(row) for row in connection.execute(query).mappings()]


def _count(before: Book, after: Book, row: Row, tally: _Tally) -> None:
    tally.counted += 1
    old = from_row(row)
    calendar = after.calendars.get(old.calendar) or before.calendars.get(old.calendar)
    new = _projected(old, calendar) if calendar is not None else None
    if new is None or new.due_at is None or old.due_at is None or new.due_at == old.due_at:
        return
    move = new.due_at - old.due_at
    way = "later" if move > timedelta() else "earlier"
    tally.moved[way] += 1
    process, whose = str(row["definition_id"]), str(row["whose"] or "")
    tally.by_process.setdefault(process, Counter())[way] += 1
    tally.by_unit.setdefault(whose, Counter())[way] += 1
    told = {
        "case": str(row["instance_id"]),
        "number": row["number"],
        "clock": row["name"],
        "unit": row["whose"],
        "definition": row["definition_id"],
        "before": old.due_at.isoformat(),
        "after": new.due_at.isoformat(),
    }
    tally.moves.append((move, told))
    if len(tally.moves) > 50 * SHOWN:
        tally.moves.sort(key=lambda each: abs(each[0]), reverse=True)
        del tally.moves[SHOWN:]


def _projected(old: SlaClock, calendar: Calendar) -> SlaClock | None:
    try:
        return sla.project(replace(old, breached_at=None), calendar)
    except CalendarProblem:
        return None


def _process(core: Core, definition_id: str) -> Row:
    found = definitions.get(core, int(definition_id))
    return {"key": found.key, "zh": found.names.text("zh"), "en": found.names.text("en")}


def _told(found: Mapping[str, Counter[str]], share: float) -> list[Row]:
    told: list[Row] = [
        {"key": key, **{way: round(ways[way] * share) for way in _WAYS}}
        for key, ways in sorted(found.items(), key=lambda each: -each[1].total())
    ]
    return told[:SHOWN]
