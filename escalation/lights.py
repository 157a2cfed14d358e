"""What clocks show: one light and one phrase for a task or a case, computed from clock rows at one instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import calendars
from engine.calendar import Calendar
from escalation import sla, words
from escalation.clocks import from_row
from escalation.sla import Light, SlaClock
from escalation.tables import clock, clock_entry

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]
Key = tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a clock stands. `colour` is none, green, yellow or red; `words` say it in a phrase. `raw` is the time on the wall since it was
    started, `used` what counted of it. `clock`: which one it is, by case, name and task; none: nobody's row, but a task's own times.
    `provisional`: what to say because no notice settles the holidays by which it comes to its due time; empty: they are settled."""

    colour: str
    words: str
    due_at: datetime | None
    stopped_at: datetime | None = None
    used: str = ""
    raw: str = ""
    paused: bool = False
    clock: Key | None = None
    provisional: str = ""


def calendar_of(core: Core, one: SlaClock) -> Calendar | None:
    """The calendar that a clock counts by, in the version it was last counted by."""
    return calendars.at(core, one.calendar_version).calendars.get(one.calendar)


def standing(
    core: Core,
    one: SlaClock,
    now: datetime,
    locale: str = "zh",
    *,
    key: Key | None = None,
    ground: str | None = None,
) -> Standing:
    """The light and the words of one clock. `ground`: why it stands, where it does."""
    calendar = calendar_of(core, one)
    left = sla.remaining(one, calendar, now) if calendar is not None else None
    used = sla.used(one, calendar, now) if calendar is not None else None
    zone = calendar.zone_info if calendar is not None else None
    return Standing(
        colour=str(sla.light(one, now)),
        words=words.standing(one, left, now, locale, zone=zone, ground=ground),
        due_at=one.due_at,
        stopped_at=one.stopped_at,
        used=words.amount(used, locale) if used is not None else "",
        raw=words.length(sla.raw(one, now), locale),
        paused=one.paused_at is not None and one.stopped_at is None,
        clock=key,
        provisional=words.provisional(sla.unsettled(one, calendar), locale) if calendar is not None else "",
    )


def of_rows(core: Core, rows: Iterable[Mapping[str, Any]], now: datetime, locale: str = "zh") -> list[Standing]:
    """The standings of clock rows, in their order; what those stand for that stand is read at once."""
    listed = list(rows)
    why = _grounds(core, [_key(r) for r in listed if r["paused_at"] is not None and r["stopped_at"] is None])
    return [standing(core, from_row(r), now, locale, key=_key(r), ground=why.get(_key(r))) for r in listed]


def _key(row: Mapping[str, Any]) -> Key:
    return row["instance_id"], row["name"], row["task_id"]


def _grounds(core: Core, keys: list[Key]) -> dict[Key, str | None]:
    """The ground of the last pause of each of these clocks."""
    if not keys:
        return {}
    c = clock_entry.c
    query = select(c.instance_id, c.name, c.task_id, c.ground).order_by(c.instance_id, c.n)
    query = query.where(c.instance_id.in_({key[0] for key in keys}), c.kind == "paused")
    with core.db.read() as connection:
        found = {(row.instance_id, row.name, row.task_id): row.ground for row in connection.execute(query)}
    return {key: found.get(key) for key in keys}


def plain(due_at: datetime | None, warn_at: datetime | None, now: datetime, locale: str = "zh") -> Standing:
    """The same from a task's own two times, where its clock is not at hand."""
    one = SlaClock("", "", None, "", 0, now, due_at, Decimal("0.25"), warn_at)
    if due_at is None:
        return Standing(str(Light.NONE), words.standing(one, None, now, locale), None)
    left = sla.Amount(Decimal(str((due_at - now).total_seconds())) / 3600, one.unit)
    return Standing(str(sla.light(one, now)), words.standing(one, left, now, locale), due_at)


def of_tasks(
    core: Core, tasks: Iterable[Mapping[str, Any]], now: datetime, locale: str = "zh"
) -> dict[tuple[int, int], Standing]:
    """The standing of open tasks by (instance id, task id): that of the clock that is due first, the task's own or its case's."""
    listed = list(tasks)
    rows = _running(core, {t["instance_id"] for t in listed})
    nearest: dict[tuple[int, int], Row] = {}
    found: dict[tuple[int, int], Standing] = {}
    for task in listed:
        mine = [r for r in rows.get(task["instance_id"], ()) if r["task_id"] in (0, task["id"])]
        due = [r for r in mine if r["due_at"]] or [r for r in mine if r["paused_at"]]
        if due:
            nearest[task["instance_id"], task["id"]] = min(due, key=_nearness)
        else:
            found[task["instance_id"], task["id"]] = plain(task["due_at"], task["warn_at"], now, locale)
    return found | dict(zip(nearest, of_rows(core, nearest.values(), now, locale), strict=True))


def _nearness(row: Row) -> tuple[bool, datetime, bool]:
    """What is due first, of those that stand what runs again first; a task's own before its case's."""
    due = row["due_at"] or row["paused_until"]
    return due is None, due or row["started_at"], row["task_id"] == 0


def of_cases(core: Core, instance_ids: Iterable[int], now: datetime, locale: str = "zh") -> dict[int, Standing]:
    """The standing of cases by id: their case clock, running or stopped; cases without one are left out."""
    ids = set(instance_ids)
    if not ids:
        return {}
    query = select(clock).where(clock.c.instance_id.in_(ids), clock.c.task_id == 0).order_by(clock.c.started_at)
    with core.db.read() as connection:
        rows = {r["instance_id"]: dict(r) for r in connection.execute(query).mappings()}
    return dict(zip(rows, of_rows(core, rows.values(), now, locale), strict=True))


def of_case(core: Core, instance_id: int, now: datetime, locale: str = "zh") -> list[tuple[Row, Standing]]:
    """Every clock of one case with its standing, the case's own first, then as they were started."""
    query = select(clock).where(clock.c.instance_id == instance_id)
    with core.db.read() as connection:
        found = connection.execute(query.order_by(clock.c.task_id != 0, clock.c.started_at, clock.c.task_id))
        rows = [dict(r) for r in found.mappings()]
    return list(zip(rows, of_rows(core, rows, now, locale), strict=True))


def _running(core: Core, instance_ids: set[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    if instance_ids:
        with core.db.read() as connection:
            rows = connection.execute(
                select(clock).where(clock.c.instance_id.in_(instance_ids), clock.c.stopped_at.is_(None))
            ).mappings()
            for row in rows:
                found.setdefault(row["instance_id"], []).append(dict(row))
    return found
