"""Times written in a diagram, ISO 8601: `PT1H`, `P3D`, `2026-05-01T08:00:00+08:00`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from engine.bpmn import limits

_DURATION = re.compile(
    r"P(?:(?P<years>[0-9]{1,9})Y)?(?:(?P<months>[0-9]{1,9})M)?(?:(?P<weeks>[0-9]{1,9})W)?(?:(?P<days>[0-9]{1,9})D)?"
    r"(?P<time>T(?:(?P<hours>[0-9]{1,9})H)?(?:(?P<minutes>[0-9]{1,9})M)?(?:(?P<seconds>[0-9]{1,9})S)?)?\Z"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?\Z")
_CYCLE = re.compile(r"R(?P<count>-?[0-9]{0,9})/(?:(?P<start>[^/P][^/]*)/)?(?P<period>P[^/]*)\Z")
_CRON = re.compile(r"@\w+|[0-9*?/,\-#LW]+( +[\w*?/,\-#]+){4,6}\Z")
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
        raise BadTimer("重复的定时（R…）请写在 timeCycle 里", "a repeating timer (R…) belongs into a timeCycle")
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


def cycle(text: str) -> str:
    """A repetition made regular: `R3/PT1H`, `R/PT1H`, `R3/<date-time>/PT1H`, the start with its offset. Raises `BadTimer`."""
    match = _CYCLE.match(text)
    if match is None:
        if _CRON.match(text):
            raise BadTimer(
                "不支持 cron 表达式，请写成 ISO 8601 重复，例如每天 R/2026-05-01T08:00:00+08:00/P1D",
                "cron expressions are not supported; write an ISO 8601 repetition such as, for every day, "
                "R/2026-05-01T08:00:00+08:00/P1D",
            )
        raise BadTimer("不是 ISO 8601 重复，例如 R3/PT1H", "it is no ISO 8601 repetition such as R3/PT1H")
    count, start, period = match["count"], match["start"], match["period"]
    if count.startswith("-"):
        if count != "-1":
            raise BadTimer("重复次数不能是负数", "the number of repetitions cannot be negative")
        count = ""  # as some tools write it: without end
    if count and not 1 <= int(count) <= limits.MAX_REPETITIONS:
        most = limits.MAX_REPETITIONS
        raise BadTimer(f"重复次数须在 1 到 {most} 之间", f"the repetitions must number between 1 and {most}")
    parts = [f"R{int(count)}" if count else "R", *([moment(start)] if start else []), duration(period)]
    return "/".join(parts)
