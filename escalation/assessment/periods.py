"""The periods of a report: months, quarters and years of the city's own time. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from engine.errors import Invalid

MONTH: Final = "month"
QUARTER: Final = "quarter"
YEAR: Final = "year"
MONTHS: Final = {MONTH: 1, QUARTER: 3, YEAR: 12}
YEARS: Final = range(1900, 9900)
"""Of which periods are asked for: those before and after one can be reckoned, in any zone."""
_LABEL = re.compile(r"(?P<year>\d{4})(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])))?")


@dataclass(frozen=True, slots=True)
class Span:
    """A calendar period from `since` up to, not including, `until`. `label`: 2026-06, 2026-Q2 or 2026."""

    kind: str
    since: datetime
    until: datetime
    label: str

    def name(self, locale: str) -> str:
        """2026年6月, 2026年第2季度; June 2026, Q2 2026."""
        year, month = self.since.year, self.since.month
        if self.kind == YEAR:
            return f"{year}年" if locale == "zh" else str(year)
        if self.kind == QUARTER:
            quarter = (month + 2) // 3
            return f"{year}年第{quarter}季度" if locale == "zh" else f"Q{quarter} {year}"
        return f"{year}年{month}月" if locale == "zh" else f"{self.since:%B} {year}"


def of(kind: str, at: datetime, zone: ZoneInfo) -> Span:
    """The period of a kind that an instant lies in."""
    local = at.astimezone(zone)
    months = MONTHS[kind]
    return _from(kind, local.year * 12 + (local.month - 1) // months * months, zone)


def read(label: str, zone: ZoneInfo) -> Span:
    """The period that a label names. Invalid for any other word."""
    found = _LABEL.fullmatch(label)
    if found is None or int(found["year"]) not in YEARS:
        raise Invalid(why_zh="没有这个时段。", why_en="There is no such period.")
    year = int(found["year"]) * 12
    if found["month"]:
        return _from(MONTH, year + int(found["month"]) - 1, zone)
    if found["quarter"]:
        return _from(QUARTER, year + (int(found["quarter"]) - 1) * 3, zone)
    return _from(YEAR, year, zone)


def covering(kind: str, since: datetime, until: datetime) -> Span:
    """The period that begins and ends then, to reckon with: it has no name."""
    return Span(kind, since, until, "")


def shift(span: Span, by: int) -> Span:
    """The period so many periods later (or, below nought, earlier)."""
    zone = span.since.tzinfo
    assert isinstance(zone, ZoneInfo)  # noqa: S101  periods are made here, in a zone
    return _from(span.kind, span.since.year * 12 + span.since.month - 1 + by * MONTHS[span.kind], zone)


def _from(kind: str, month: int, zone: ZoneInfo) -> Span:
    since, until = (datetime(n // 12, n % 12 + 1, 1, tzinfo=zone) for n in (month, month + MONTHS[kind]))
    quarter = (since.month + 2) // 3
    label = {MONTH: f"{since:%Y-%m}", QUARTER: f"{since:%Y}-Q{quarter}", YEAR: f"{since:%Y}"}[kind]
    return Span(kind, since, until, label)
