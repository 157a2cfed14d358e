"""Times written in a diagram, ISO 8601: `PT1H`, `P3D`, `2026-05-01T08:00:00+08:00`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from engine.bpmn import limits

_DURATION = re.compile(
    r"P(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,9})M)?(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?P<time>T(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})S)?)?\Z"
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?\Z")
_HERE = timezone(timedelta(hours=8))
_SECONDS = {"years": 365 * 86_400, "months": 30 * 86_400, "weeks": 604_800, "days": 86_400}
_SECONDS |= {"hours": 3_600, "minutes": 60, "seconds": 1}


class BadTimer(ValueError):
    """A text that is no time, or one outside the limits. `zh` and `en` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def duration(text: str) -> str:
    """A duration made regular (weeks as days). Raises `BadTimer`. A year counts as 365 days and a month as 30 days for
    the limits only."""
    match = _DURATION.match(text)
    if text.startswith("R"):
        raise BadTimer("不支持重复的定时（R…）", "repeating timers (R…) are not supported yet")
    if match is None or text in ("P", "PT") or match["time"] == "T" or text == "P":
        raise BadTimer("不是 ISO 8601 时长，例如 PT2H、P3D", "it is no ISO 8601 duration such as PT2H or P3D")
    parts = {name: int(match[name] or 0) for name in _SECONDS}
    total = sum(amount * _SECONDS[name] for name, amount in parts.items())
    if not limits.MIN_TIMER_SECONDS <= total <= limits.MAX_TIMER_SECONDS:
        raise BadTimer("时长须在 1 分钟到 10 年之间", "a duration must lie between 1 minute and 10 years")
    parts["days"] += 7 * parts.pop("weeks")
    date = "".join(f"{parts[name]}{name[0].upper()}" for name in ("years", "months", "days") if parts[name])
    time = "".join(f"{parts[name]}{name[0].upper()}" for name in ("hours", "minutes", "seconds") if parts[name])
    return "P" + date + ("T" + time if time else "")


def moment(text: str) -> str:
    """A date or date-time made regular, with its offset; one without an offset is meant in Asia/Shanghai (+08:00).
    Raises `BadTimer`."""
    if not _DATE.match(text):
        raise BadTimer(
            "不是 ISO 8601 日期时间，例如 2026-05-01T08:00:00+08:00",
            "it is no ISO 8601 date-time such as 2026-05-01T08:00:00+08:00",
        )
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadTimer("没有这个日期或时刻", "there is no such date or time") from None
    if not 2000 <= found.year <= 2199:
        raise BadTimer("年份须在 2000 到 2199 之间", "the year must lie between 2000 and 2199")
    return (found if found.tzinfo else found.replace(tzinfo=_HERE)).isoformat()
