"""What counted on one day, or on several that are alike: facts, and the words for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from engine.calendar.names import DAYS_ZH, SHORT_DAYS, SHORT_MONTHS
from engine.calendar.units import Unit, plain

_NONE = Decimal(0)
_SHOWN = Decimal("0.01")


class Kind(StrEnum):
    """What a line tells."""

    BEGIN = "begin"  # counting begins later than the start, or on the day after it
    COUNTED = "counted"
    OFF = "off"  # days that do not count
    MOVED = "moved"  # a rule moved the due time


@dataclass(frozen=True, slots=True)
class Line:
    """One day, or several that are alike. `spans`: the stretches that counted (aware UTC); `amount` of the unit counted in it,
    `total` so far; `days`: working days in it; `off`: days off told along with them; names and `source`: of the holiday, the swapped
    day or the rule."""

    kind: Kind
    first: date
    last: date
    unit: Unit
    spans: tuple[tuple[datetime, datetime], ...] = ()
    amount: Decimal = _NONE
    total: Decimal = _NONE
    days: int = 0
    off: int = 0
    name_zh: str = ""
    name_en: str = ""
    source: str = ""
    hours_zh: str = ""
    hours_en: str = ""
    moved_to: datetime | None = None
    clocks: tuple[str, ...] = ()

    def text(self, locale: str = "zh") -> str:
        """The line in words: 9月30日 周二 16:00–17:30，计 1.5 工作时，累计 1.5."""
        return _zh(self) if locale.startswith("zh") else _en(self)


def _number(amount: Decimal) -> str:
    return plain(amount.quantize(_SHOWN)) if amount != amount.to_integral_value() else plain(amount)


def _zh(line: Line) -> str:
    one = line.first == line.last
    year = f"{line.last.year}年" if line.last.year != line.first.year else ""
    days = f"{line.first.month}月{line.first.day}日"
    if one or line.kind is Kind.BEGIN:
        days += f" 周{DAYS_ZH[line.first.weekday()]}"
    else:
        days += f"至{year}{line.last.month}月{line.last.day}日"
    if line.kind is Kind.OFF:
        why = line.name_zh or "周末"
        return f"{days}：{why}，不计" + ("" if one else f"（{line.off} 天）")
    if line.kind is Kind.BEGIN:
        later = "" if one else f"{year}{line.last.month}月{line.last.day}日 "
        at = f"（{later}{line.clocks[1]}）" if line.clocks else ""
        return f"{days}{' ' + line.clocks[0] if line.clocks else ''}：{line.name_zh}{at}"
    if line.kind is Kind.MOVED:
        return f"{line.name_zh}：{line.clocks[0]} → {line.clocks[1]}"
    said = f"计 {_number(line.amount)} {line.unit.zh}，累计 {_number(line.total)}"
    if line.unit.continuous:
        return f"{days}：{line.name_zh}，{said}"
    clocks = (" " + "、".join(line.clocks)) if line.clocks else ""
    until = " 止" if clocks and not line.unit.hour_like else ""
    swapped = f"（{line.name_zh}调休上班）" if line.name_zh else ""
    rest = f"（其间周末 {line.off} 天不计）" if line.off else ""
    return f"{days}{clocks}{until}{swapped}：{said}{rest}"


def _en(line: Line) -> str:
    one = line.first == line.last
    year = f" {line.last.year}" if line.last.year != line.first.year else ""
    days = f"{line.first.day} {SHORT_MONTHS[line.first.month - 1]}"
    if one or line.kind is Kind.BEGIN:
        days = f"{SHORT_DAYS[line.first.weekday()]} {days}"
    else:
        days = f"{days} to {line.last.day} {SHORT_MONTHS[line.last.month - 1]}{year}"
    if line.kind is Kind.OFF:
        return f"{days}: {line.name_en or 'weekend'}, not counted" + ("" if one else f" ({line.off} days)")
    if line.kind is Kind.BEGIN:
        later = "" if one else f"{line.last.day} {SHORT_MONTHS[line.last.month - 1]}{year} "
        at = f" ({later}{line.clocks[1]})" if line.clocks else ""
        return f"{days}{' ' + line.clocks[0] if line.clocks else ''}: {line.name_en}{at}"
    if line.kind is Kind.MOVED:
        return f"{line.name_en}: {line.clocks[0]} → {line.clocks[1]}"
    said = f"{_number(line.amount)} {line.unit.label('en', line.amount)}, {_number(line.total)} so far"
    if line.unit.continuous:
        return f"{days}: {line.name_en}; {said}"
    clocks = (" " + ", ".join(line.clocks)) if line.clocks else ""
    until = " (until)" if clocks and not line.unit.hour_like else ""
    swapped = f" (worked in exchange for {line.name_en})" if line.name_en else ""
    rest = f" (without {line.off} days of weekends)" if line.off else ""
    return f"{days}{clocks}{until}{swapped}: {said}{rest}"
