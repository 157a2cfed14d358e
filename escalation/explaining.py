"""Why is this deadline that moment? Everything a clock rests on, from its row, its ledger and the books of calendars: what was promised and
by which row of which table, how it ran and stood, and how the calendar counted. Facts only; pages say them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import calendars, definitions
from engine.bpmn.settings import ClockSetting
from engine.calendar import Budget, Calendar, explaining, lines
from engine.errors import NotFound
from engine.events import Event
from engine.tables import calendar_book, history, register_row, task
from escalation import ledger, sla
from escalation.clocks import from_row, setting_id
from escalation.ledger import Segment
from escalation.sla import Amount, SlaClock
from escalation.tables import clock, clock_entry

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A segment with what passed in it on the wall, and what of it counted (none while it stood). `lines`: how, day by day."""

    segment: Segment
    until: datetime
    raw: timedelta
    counted: Amount | None
    lines: tuple[lines.Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """Where the budget comes from: the setting of the diagram, and the row of a register that the diagram looked it up in."""

    setting: ClockSetting | None
    definition_id: int
    version: int
    register: str = ""
    row: Row | None = None
    row_version: int = 0


@dataclass(frozen=True, slots=True)
class Why:
    """A clock explained at an instant. `counting`: how what was left came to the due time, from its present segment on; none where it
    stands, has no budget, or cannot be counted. `clamped`: the due time is another one, for a calendar that changed would have moved it
    into the past. `book`: who proposed and who approved the calendar's version."""

    row: Row
    one: SlaClock
    task: Row | None
    promise: Promise
    calendar: Calendar | None
    book: Row | None
    stretches: Sequence[Stretch]
    entries: Sequence[Row]
    raw: timedelta
    used: Amount | None
    left: Amount | None
    counting: explaining.Explanation | None
    clamped: bool
    provisional: tuple[int, ...]
    breach_written: datetime | None


def why(core: Core, case: Mapping[str, Any], name: str, task_id: int, now: datetime) -> Why:
    """The clock of a case (its row, which the reader may see), by name and task. NotFound when it has no such clock."""
    key = (clock.c.instance_id == case["id"], clock.c.name == name, clock.c.task_id == task_id)
    with core.db.read() as connection:
        found = connection.execute(select(clock).where(*key)).mappings().first()
        if found is None:
            raise NotFound(what="clock")
        row = dict(found)
        c = clock_entry.c
        mine = select(clock_entry).where(c.instance_id == case["id"], c.name == name, c.task_id == task_id)
        entries = [dict(r) for r in connection.execute(mine.order_by(c.n)).mappings()]
        its_task = None
        if task_id:
            wanted = select(task).where(task.c.instance_id == case["id"], task.c.id == task_id)
            its_task = connection.execute(wanted).mappings().first()
        book = (
            connection.execute(
                select(
                    *(
                        calendar_book.c[n]
                        for n in ("version", "source", "note", "proposed_by", "decided_by", "decided_at")
                    )
                ).where(calendar_book.c.version == row["calendar_version"])
            )
            .mappings()
            .first()
        )
        told = connection.execute(
            select(history.c.at, history.c.data, history.c.task_id).where(
                history.c.instance_id == case["id"], history.c.kind == str(Event.BREACHED)
            )
        ).all()
    one = from_row(row)
    calendar = calendars.at(core, one.calendar_version).calendars.get(one.calendar)
    stretches = [_stretch(each, calendar, one, now) for each in ledger.segments(row, entries)]
    counting = _counting(one, calendar)
    written = [t.at for t in told if t.data.get("clock") == name and (t.task_id or 0) == task_id]
    return Why(
        row=row,
        one=one,
        task=dict(its_task) if its_task is not None else None,
        promise=_promise(core, case, row, dict(its_task) if its_task is not None else None),
        calendar=calendar,
        book=dict(book) if book is not None else None,
        stretches=stretches,
        entries=entries,
        raw=sla.raw(one, now),
        used=sla.used(one, calendar, now) if calendar is not None else None,
        left=sla.remaining(one, calendar, now) if calendar is not None else None,
        counting=counting,
        clamped=counting is not None and one.due_at is not None and counting.due != one.due_at,
        provisional=counting.provisional if counting is not None else (),
        breach_written=min(written, default=None),
    )


def _stretch(segment: Segment, calendar: Calendar | None, one: SlaClock, now: datetime) -> Stretch:
    until = max(segment.since, segment.until if segment.until is not None else now)
    if not segment.running or calendar is None:
        return Stretch(segment, until, until - segment.since, None)
    since = sla.counts_from(one, calendar, segment.since)
    counted = max(Decimal(0), calendar.between(since, until, one.unit))
    lines = explaining.stretch(calendar, since, until, one.unit) if until > segment.since else ()
    return Stretch(segment, until, until - segment.since, Amount(counted, one.unit), tuple(lines))


def _counting(one: SlaClock, calendar: Calendar | None) -> explaining.Explanation | None:
    """How the present segment's due time was counted from what was left when it began."""
    if calendar is None or one.budget is None or one.total is None or one.running_since is None or one.due_at is None:
        return None
    left = max(Decimal(0), one.total - one.counted)
    return explaining.explain(calendar, sla.counts_from(one, calendar, one.running_since), Budget(left, one.unit))


def _promise(core: Core, case: Mapping[str, Any], row: Row, its_task: Row | None) -> Promise:
    """The clock's setting in the diagram it was started by; and, of what the diagram looked up, the row whose columns hold this
    budget."""
    definition = definitions.get(core, its_task["definition_id"] if its_task is not None else case["definition_id"])
    node = definition.model.nodes.get(its_task["node"]) if its_task is not None else None
    settings = definition.model.clocks if its_task is None else (node.settings.clocks if node is not None else ())
    setting = next((each for each in settings if each.id == setting_id(row["name"])), None)
    plain = Promise(setting, definition.id, definition.version)
    if row["amount"] is None or setting is None or setting.budget is None or not _looked_up(setting):
        return plain
    looks = (node.settings.lookup for node in definition.model.nodes.values())
    registers = {look.into: look.register for look in looks if look is not None}
    for fact, register in registers.items():
        value = case["facts"].get(fact)
        if isinstance(value, dict) and _holds(value, row):
            found = _register_row(core, register, value)
            if found is not None:
                return Promise(setting, definition.id, definition.version, register, found, value["row_version"])
    return plain


def _looked_up(setting: ClockSetting) -> bool:
    """Whether the budget is an expression, and no constant of the diagram."""
    return setting.budget is not None and setting.budget.is_feel


def _holds(value: Mapping[str, Any], row: Row) -> bool:
    """Whether a looked-up row has the clock's amount and unit among its columns."""
    amounts = {str(Decimal(str(v))) for v in value.values() if isinstance(v, int | float | str) and _number(v)}
    return (
        "row_key" in value
        and str(Decimal(row["amount"])) in amounts
        and row["unit"] in {v for v in value.values() if isinstance(v, str)}
    )


def _number(value: object) -> bool:
    text = str(value)
    return not isinstance(value, bool) and text.replace(".", "", 1).isdigit()


def _register_row(core: Core, register: str, value: Mapping[str, Any]) -> Row | None:
    """The row that was looked up, in the version it had then, with its source."""
    c = register_row.c
    query = select(c.data).where(
        c.register == register, c.row_key == value["row_key"], c.version == value.get("row_version")
    )
    with core.db.read() as connection:
        found = connection.execute(query).scalar()
    return dict(found) if found is not None else None
