"""Clocks in words: why they stand, what was added to them, what a row of their ledger or of the history says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from engine import registers
from engine.bpmn.settings import ClockSetting
from engine.calendar import Unit
from engine.calendar.units import plain
from engine.events import Event
from escalation.clocks import setting_id
from escalation.explaining import Stretch, Why
from escalation.sla import SlaClock
from escalation.statutory import GROUNDS
from web.auth import city
from web.scales import Scale
from web.telling import ZONE, names, stamp
from web.texts import locale, t

Row = dict[str, Any]

_HAIR = timedelta(minutes=1)
"""A picture is at least so long."""
_CENT = Decimal("0.01")

_OWN_GROUNDS: Final = {
    "shelved": ("挂账", "shelved"),
    "supplement": ("补正材料", "papers to be completed"),
    "litigation": ("诉讼或复议", "a court case or review"),
}
"""Grounds on which a clock stands that no row of `suspension_grounds` names."""

CLOCK_EVENTS: Final = frozenset(
    {Event.CLOCK_ASKED, Event.CLOCK_REFUSED}
    | {Event.REMINDED, Event.CLOCK_PAUSED, Event.CLOCK_RESUMED, Event.CLOCK_EXTENDED, Event.CLOCK_MOVED}
    | {Event.CLOCK_BUDGET}
)
"""Kinds of history rows that tell of a clock."""


def ground_word(ground: Any) -> str:
    """Why a clock stands: as the register of grounds names it; one that nobody names is shown as it is."""
    if ground in _OWN_GROUNDS:
        return t(*_OWN_GROUNDS[ground])
    row = registers.lookup(city().core, GROUNDS, {"key": ground}) if ground else None
    return t(row["name_zh"], row["name_en"]) if row is not None else str(ground or "").replace("_", " ")


def clock_label(name: str, settings: Iterable[ClockSetting]) -> str:
    """A clock by its own name in the diagram, among those of its step or process; else empty."""
    found = next((each for each in settings if each.id == setting_id(name)), None)
    return found.names.text(locale()) if found is not None else ""


def amount_word(amount: Any, unit: Any) -> str:
    """An amount as a row holds it, in words, to two places so that parts make the whole: 3 工作日, 0.55 工作日."""
    try:
        kind, value = Unit(str(unit)), Decimal(str(amount)).quantize(_CENT)
        return f"{plain(value)} {kind.label(locale(), value)}"
    except (InvalidOperation, ValueError):
        return f"{amount or ''} {unit or ''}".strip()


def about_clock(kind: Event, data: Row) -> str:
    """What stands below the line of the history: when it is due then, by what right, who said so."""
    parts = []
    if kind is Event.CLOCK_MOVED:
        if data.get("before") != data.get("after"):
            parts.append(f"{_stamp(data.get('before'))} → {_stamp(data.get('after'))}")
        versions = " → ".join(str(data[name]) for name in ("from", "version") if data.get(name) is not None)
        parts.append(t(f"日历第 {versions} 版", f"calendars, version {versions}"))
    elif kind is Event.CLOCK_PAUSED:
        if data.get("until"):
            parts.append(t(f"至 {_stamp(data['until'])} 自动恢复", f"runs again by itself on {_stamp(data['until'])}"))
    elif kind is Event.CLOCK_BUDGET and data.get("to"):
        limits = [amount_word(data[a], data[u]) for a, u in (("amount", "ground"), ("to", "unit")) if data.get(a)]
        parts.append(" → ".join(limits))
        parts.append(t(f"截止 {_stamp(data.get('due'))}", f"due {_stamp(data.get('due'))}"))
    elif data.get("due"):
        parts.append(t(f"截止 {_stamp(data['due'])}", f"due {_stamp(data['due'])}"))
    parts += [str(data[name]) for name in ("basis", "document", "text") if data.get(name)]
    approved = names().person(data.get("approved_by"))
    if approved:
        parts.append(t(f"批准：{approved}", f"approved by {approved}"))
    return t("；", "; ").join(parts)


def folded(rows: Iterable[Row]) -> list[Row]:
    """The rows of a history with one for all clocks that the same change of the calendar left where they were: `data.stayed`, how many."""
    kept: list[Row] = []
    first: dict[Any, Row] = {}
    for row in rows:
        data = row["data"] or {}
        if row["kind"] != Event.CLOCK_MOVED or data.get("before") != data.get("after"):
            kept.append(row)
            continue
        change = (row["at"], data.get("version"))
        if change in first:
            first[change]["stayed"] += 1
        else:
            first[change] = {**data, "stayed": 1}
            kept.append({**row, "data": first[change]})
    return kept


def _stamp(value: Any) -> str:
    try:
        return stamp(datetime.fromisoformat(str(value))) or "—"
    except ValueError:
        return "—"


# ---------------------------------------------------------------- drawn


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch that is drawn. `kind`: run, stand, plan (it will stand), late; step, hold, wait."""

    kind: str
    x: float
    width: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant that is drawn over the bars: start, warn, due, breach, stop, now. `level`: the line its words stand on, from the top."""

    kind: str
    x: float
    label: str
    anchor: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """A line of time with bars and marks on it."""

    scale: Scale
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]


def picture(why: Why, now: datetime) -> Picture:
    """How a clock ran and stood, and where it turns yellow and red."""
    one = why.one
    ends = one.stopped_at or now
    scale = Scale(one.started_at, max(ends, one.due_at or ends, one.paused_until or ends, one.started_at + _HAIR))
    drawn = list(bars(scale, why.stretches, one.due_at))
    if one.stopped_at is None and one.paused_until is not None and one.paused_until > now:
        told = _span(t("停表，到时自动恢复", "paused, runs again by itself"), now, one.paused_until)
        drawn.append(Bar("plan", scale.at(now), scale.width(now, one.paused_until), told))
    return Picture(scale, tuple(drawn), tuple(_marks(scale, one, now)))


def bars(scale: Scale, stretches: Sequence[Stretch], due: datetime | None) -> Iterator[Bar]:
    """The segments; what ran past the due time in its own colour."""
    for each in stretches:
        since, until = each.segment.since, each.until
        if not each.segment.running:
            yield Bar("stand", scale.at(since), scale.width(since, until), _span(t("停表", "paused"), since, until))
            continue
        in_time = until if due is None else max(since, min(until, due))
        if in_time > since or in_time == until:
            yield Bar("run", scale.at(since), scale.width(since, in_time), _span(t("计时", "runs"), since, in_time))
        if until > in_time:
            yield Bar("late", scale.at(in_time), scale.width(in_time, until), _span(t("超时", "late"), in_time, until))


def _marks(scale: Scale, one: SlaClock, now: datetime) -> Iterator[Mark]:
    if one.due_at is not None:
        yield _mark(scale, "due", one.due_at, t("截止", "due"), 1)
        if one.warn_at is not None and one.warn_at < one.due_at:
            yield _mark(scale, "warn", one.warn_at, t("预警", "warning"), 0)
    if one.stopped_at is None and one.paused_until is not None:
        yield _mark(scale, "resume", one.paused_until, t("自动恢复", "runs again"), 1)
    if one.stopped_at is not None:
        yield _mark(scale, "stop", one.stopped_at, t("停表办结", "done"), 2)
    elif scale.since <= now <= scale.until:
        yield _mark(scale, "now", now, t("现在", "now"), 2)


def _mark(scale: Scale, kind: str, at: datetime, label: str, level: int) -> Mark:
    x = scale.at(at)
    return Mark(kind, x, f"{label} {short(at)}", "start" if x < 22 else "end" if x > 78 else "middle", level)


def short(at: datetime) -> str:
    """11/20 15:30, for pictures; the tables beside them have the year."""
    local = at.astimezone(ZONE)
    return f"{local.month}/{local.day} {local:%H:%M}"


def _span(what: str, since: datetime, until: datetime) -> str:
    return t(f"{what}：{short(since)} 至 {short(until)}", f"{what}: {short(since)} to {short(until)}")
