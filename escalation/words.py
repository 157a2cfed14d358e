"""Time as people write it: 今天 15:30, 还剩 2 工作时, 超时 3 天; today 15:30, 2 working hours left, 3 days overdue.

Amounts left are rounded down and amounts overdue too: nobody is promised more or accused of more than is so.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_DOWN, Decimal

from engine.calendar.names import SHORT_MONTHS
from engine.calendar.units import Unit, plain
from escalation import sla

_NEAR = {-1: ("昨天", "yesterday"), 0: ("今天", "today"), 1: ("明天", "tomorrow")}
_UNITS = {Unit.NATURAL_HOUR: "小时", Unit.NATURAL_DAY: "天", Unit.URGENT_DAY: "天"}
_MILLIONTH = Decimal("0.000001")
_TENTH = Decimal("0.1")
_WHOLE = Decimal(1)

SHELVED = "shelved"
"""The ground of a clock that stands because its matter cannot be done for now (挂账)."""


def when(instant: datetime, now: datetime, zone: tzinfo, locale: str = "zh", *, closing: bool = False) -> str:
    """An instant beside now: 昨天 15:30, 11月20日 09:00, 2024年11月20日 09:00. `closing`: midnight is the 24:00 of the
    day before, as the end of a limit in days is told."""
    local, today = instant.astimezone(zone), now.astimezone(zone).date()
    shown, clock = local.date(), f"{local:%H:%M}"
    if closing and local.hour == local.minute == local.second == local.microsecond == 0:
        shown, clock = shown - timedelta(days=1), "24:00"
    zh = locale.startswith("zh")
    near = _NEAR.get((shown - today).days)
    if near:
        return f"{near[0 if zh else 1]} {clock}"
    other_year = shown.year != today.year
    if zh:
        return f"{f'{shown.year}年' if other_year else ''}{shown.month}月{shown.day}日 {clock}"
    return f"{shown.day} {SHORT_MONTHS[shown.month - 1]}{f' {shown.year}' if other_year else ''} {clock}"


def standing(
    clock: sla.SlaClock,
    left: sla.Amount | None,
    now: datetime,
    locale: str = "zh",
    *,
    zone: tzinfo | None = None,
    ground: str | None = None,
) -> str:
    """One phrase for a clock: what is left, how long overdue, how long it stands, or how it ended. `left` is `sla.remaining`, `ground` why
    a clock stands that does, `zone` the one its end is told in (none: UTC)."""
    zh = locale.startswith("zh")
    if clock.stopped_at is not None or sla.late(clock, now):
        return _over(clock, now, ground, locale)
    if clock.paused_at is not None:
        return _paused(clock, left, zone, ground, locale)
    if left is None:
        return "无时限" if zh else "no limit"
    more = extended(clock.extensions, locale)
    if not more:
        return remaining(left, locale)
    return f"{remaining(left, locale)}（{more}）" if zh else f"{remaining(left, locale)} ({more})"


def _over(clock: sla.SlaClock, now: datetime, ground: str | None, locale: str) -> str:
    """Of a clock that stopped or is late."""
    zh = locale.startswith("zh")
    over = sla.overdue(clock, now)
    if clock.stopped_at is None:
        stands = stands_word(ground, locale) if clock.paused_at is not None else ""
        return overdue(over, locale) + (("，" if zh else ", ") + stands if stands else "")
    if sla.late(clock, now):
        return f"{overdue(over)}办结" if zh else f"done {duration(over, locale)} late"
    if clock.due_at is None and clock.paused_at is None:
        return "已办结" if zh else "done"
    return "按时办结" if zh else "done in time"


def stands_word(ground: str | None, locale: str = "zh") -> str:
    """That a clock stands: 挂账中 where the matter was shelved, else 中止计时."""
    if ground == SHELVED:
        return "挂账中" if locale.startswith("zh") else "shelved"
    return "中止计时" if locale.startswith("zh") else "paused"


def extended(times: int, locale: str = "zh") -> str:
    """已延期 1 次, extended once; empty when it never was."""
    if not times:
        return ""
    if locale.startswith("zh"):
        return f"已延期 {times} 次"
    return {1: "extended once", 2: "extended twice"}.get(times, f"extended {times} times")


def _paused(clock: sla.SlaClock, left: sla.Amount | None, zone: tzinfo | None, ground: str | None, locale: str) -> str:
    """挂账中，至 2027-03-01 自动恢复，剩 3 工作日; shelved, runs again by itself on 2027-03-01, 3 working days left."""
    zh = locale.startswith("zh")
    parts = [stands_word(ground, locale)]
    if clock.paused_until is not None:
        until = clock.paused_until.astimezone(zone or UTC)
        shown = f"{until:%Y-%m-%d}" if until.hour == until.minute == 0 else f"{until:%Y-%m-%d %H:%M}"
        parts.append(f"至 {shown} 自动恢复" if zh else f"runs again by itself on {shown}")
    if left is not None:
        told = remaining(left, locale)
        parts.append(told.removeprefix("还") if zh else told)
    more = extended(clock.extensions, locale)
    if more:
        parts.append(more)
    return ("，" if zh else ", ").join(parts)


def remaining(left: sla.Amount, locale: str = "zh") -> str:
    """还剩 2 工作时, 2 working hours left; below an hour in minutes."""
    zh = locale.startswith("zh")
    amount, unit = max(Decimal(0), left.amount), left.unit
    if unit is Unit.NATURAL_HOUR and amount >= 48:
        amount, unit = amount / 24, Unit.NATURAL_DAY
    if unit.hour_like and amount < 1:
        minutes = int((amount * 60).quantize(_MILLIONTH))  # eight minutes are 0.1333… hours
        if not minutes:
            return "还剩不足 1 分钟" if zh else "less than a minute left"
        return f"还剩 {minutes} 分钟" if zh else f"{_counted(minutes, 'minute')} left"
    shown = amount.quantize(_TENTH if amount < 10 else _WHOLE, ROUND_DOWN)
    if not shown:
        return f"还剩不足 0.1 {_UNITS.get(unit, unit.zh)}" if zh else f"less than 0.1 {unit.en}s left"
    if zh:
        return f"还剩 {plain(shown)} {_UNITS.get(unit, unit.zh)}"
    return f"{plain(shown)} {unit.label('en', shown)} left"


def overdue(over: timedelta, locale: str = "zh") -> str:
    """超时 3 天, 3 days overdue: time on the wall, whatever the limit was counted in."""
    length = duration(over, locale)
    if not locale.startswith("zh"):
        return f"{length} overdue"
    return f"超时 {length}" if length[0].isdigit() else f"超时{length}"


def duration(length: timedelta, locale: str = "zh") -> str:
    """A length of time in its largest fitting unit: 3 天, 5 小时, 12 分钟; days from 24 hours on."""
    zh = locale.startswith("zh")
    minutes = int(length.total_seconds()) // 60
    if minutes >= 24 * 60:
        days = minutes // (24 * 60)
        return f"{days} 天" if zh else _counted(days, "day")
    if minutes >= 60:
        return f"{minutes // 60} 小时" if zh else _counted(minutes // 60, "hour")
    if minutes:
        return f"{minutes} 分钟" if zh else _counted(minutes, "minute")
    return "不足 1 分钟" if zh else "less than a minute"


def length(time: timedelta, locale: str = "zh") -> str:
    """A length of time to its second unit, for comparing: 3 天 4 小时, 1 小时 20 分钟."""
    minutes = int(time.total_seconds()) // 60
    if minutes < 60:
        return duration(time, locale)
    large, small = (24 * 60, 60) if minutes >= 24 * 60 else (60, 1)
    first = duration(timedelta(minutes=minutes // large * large), locale)
    rest = timedelta(minutes=minutes % large // small * small)
    return f"{first} {duration(rest, locale)}" if rest else first


def amount(of: sla.Amount, locale: str = "zh") -> str:
    """An amount of a unit, rounded down to a tenth: 2.5 工作日, 2.5 working days; of less than an hour its minutes."""
    unit, value = of.unit, of.amount
    if unit.hour_like and 0 < value < 1:
        return duration(timedelta(minutes=int((value * 60).quantize(_MILLIONTH))), locale)
    shown = value.quantize(_TENTH, ROUND_DOWN)
    return f"{plain(shown)} {_UNITS.get(unit, unit.zh) if locale.startswith('zh') else unit.label('en', shown)}"


def provisional(years: tuple[int, ...], locale: str = "zh") -> str:
    """What to say beside a due time that counts days of years without announced holidays; empty for none."""
    if not years:
        return ""
    if locale.startswith("zh"):
        return f"{'、'.join(map(str, years))} 年放假安排尚未公布，时限暂定"
    return f"provisional: the holidays of {', '.join(map(str, years))} are not announced yet"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
