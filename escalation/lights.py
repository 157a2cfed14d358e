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
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a clock stands. `colour` is none, green, yellow or red; `words` say it in a phrase."""

    colour: str
    words: str
    due_at: datetime | None
    stopped_at: datetime | None = None
    used: str = ""


def calendar_of(core: Core, one: SlaClock) -> Calendar | None:
    """The calendar that a clock counts by, in the version it was last counted by."""
    return calendars.at(core, one.calendar_version).calendars.get(one.calendar)


def standing(core: Core, one: SlaClock, now: datetime, locale: str = "zh") -> Standing:
    """The light and the words of one clock."""
    calendar = calendar_of(core, one)
    left = sla.remaining(one, calendar, now) if calendar is not None else None
    used = sla.used(one, calendar, now) if calendar is not None else None
    return Standing(
        colour=str(sla.light(one, now)),
        words=words.standing(one, left, now, locale),
        due_at=one.due_at,
        stopped_at=one.stopped_at,
        used=_amount(used, locale) if used is not None else "",
    )


def _amount(amount: sla.Amount, locale: str) -> str:
    shown = amount.amount.quantize(Decimal("0.1"))
    shown = shown.to_integral_value() if shown == shown.to_integral_value() else shown
    return f"{shown} {amount.unit.zh if locale == 'zh' else amount.unit.label('en', shown)}"


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
    found: dict[tuple[int, int], Standing] = {}
    for task in listed:
        mine = [r for r in rows.get(task["instance_id"], ()) if r["task_id"] in (0, task["id"]) and r["due_at"]]
        if mine:
            first = min(mine, key=lambda r: (r["due_at"], r["task_id"] == 0))
            found[task["instance_id"], task["id"]] = standing(core, from_row(first), now, locale)
        else:
            found[task["instance_id"], task["id"]] = plain(task["due_at"], task["warn_at"], now, locale)
    return found


def of_cases(core: Core, instance_ids: Iterable[int], now: datetime, locale: str = "zh") -> dict[int, Standing]:
    """The standing of cases by id: their case clock, running or stopped; cases without one are left out."""
    ids = set(instance_ids)
    if not ids:
        return {}
    with core.db.read() as connection:
        rows = connection.execute(
            select(clock).where(clock.c.instance_id.in_(ids), clock.c.task_id == 0).order_by(clock.c.started_at)
        ).mappings()
        return {r["instance_id"]: standing(core, from_row(dict(r)), now, locale) for r in rows}


def of_case(core: Core, instance_id: int, now: datetime, locale: str = "zh") -> list[tuple[Row, Standing]]:
    """Every clock of one case with its standing, the case's own first, then as they were started."""
    with core.db.read() as connection:
        rows = [
            dict(r)
            for r in connection.execute(
                select(clock)
                .where(clock.c.instance_id == instance_id)
                .order_by(clock.c.task_id != 0, clock.c.started_at, clock.c.task_id)
            ).mappings()
        ]
    return [(r, standing(core, from_row(r), now, locale)) for r in rows]


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
