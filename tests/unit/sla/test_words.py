"""Time as people write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.calendar import Budget, Calendar, Season, Unit, hours
from escalation import sla, words

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2025, 11, 20, 10, tzinfo=SHANGHAI).astimezone(UTC)
CITY = Calendar("city", 1, "Asia/Shanghai", (Season((1, 1), (12, 31), hours("09:00-12:00 13:30-17:30")),))


@pytest.mark.parametrize(
    "local,zh,en",
    [
        ("2025-11-20T15:30", "今天 15:30", "today 15:30"),
        ("2025-11-20T00:00", "今天 00:00", "today 00:00"),
        ("2025-11-19T23:59", "昨天 23:59", "yesterday 23:59"),
        ("2025-11-21T09:00", "明天 09:00", "tomorrow 09:00"),
        ("2025-11-22T09:00", "11月22日 09:00", "22 Nov 09:00"),
        ("2025-01-05T09:05", "1月5日 09:05", "5 Jan 09:05"),
        ("2026-01-05T09:05", "2026年1月5日 09:05", "5 Jan 2026 09:05"),
    ],
)
def test_an_instant_beside_now(local: str, zh: str, en: str) -> None:
    instant = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert words.when(instant, NOW, SHANGHAI) == zh
    assert words.when(instant, NOW, SHANGHAI, "en") == en


def test_today_is_the_zones_today() -> None:
    late = datetime(2025, 11, 20, 23, tzinfo=SHANGHAI)  # the 20th in Shanghai, still the morning of it in New York
    assert words.when(late, NOW, SHANGHAI) == "今天 23:00"
    assert words.when(late, late, ZoneInfo("America/New_York"), "en") == "today 10:00"


def test_a_limit_in_days_ends_at_24() -> None:
    midnight = datetime(2025, 11, 22, tzinfo=SHANGHAI)
    assert words.when(midnight, NOW, SHANGHAI, closing=True) == "明天 24:00"
    assert words.when(midnight, NOW, SHANGHAI) == "11月22日 00:00"


@pytest.mark.parametrize(
    "amount,unit,zh,en",
    [
        ("2", Unit.WORK_HOUR, "还剩 2 工作时", "2 working hours left"),
        ("1", Unit.WORK_HOUR, "还剩 1 工作时", "1 working hour left"),
        ("1.99", Unit.WORK_HOUR, "还剩 1.9 工作时", "1.9 working hours left"),  # never more than is so
        ("30.9", Unit.WORK_HOUR, "还剩 30 工作时", "30 working hours left"),
        ("0.75", Unit.WORK_HOUR, "还剩 45 分钟", "45 minutes left"),
        ("0.017", Unit.URGENT_HOUR, "还剩 1 分钟", "1 minute left"),
        ("0.01", Unit.URGENT_HOUR, "还剩不足 1 分钟", "less than a minute left"),
        ("0", Unit.NATURAL_HOUR, "还剩不足 1 分钟", "less than a minute left"),
        ("47.9", Unit.NATURAL_HOUR, "还剩 47 小时", "47 hours left"),
        ("60", Unit.NATURAL_HOUR, "还剩 2.5 天", "2.5 calendar days left"),
        ("3", Unit.WORK_DAY, "还剩 3 工作日", "3 working days left"),
        ("0.01", Unit.WORK_DAY, "还剩不足 0.1 工作日", "less than 0.1 working days left"),
        ("10", Unit.NATURAL_DAY, "还剩 10 天", "10 calendar days left"),
    ],
)
def test_what_is_left(amount: str, unit: Unit, zh: str, en: str) -> None:
    left = sla.Amount(Decimal(amount), unit)
    assert words.remaining(left) == zh
    assert words.remaining(left, "en") == en


@pytest.mark.parametrize(
    "length,zh,en",
    [
        (timedelta(days=3, hours=5), "超时 3 天", "3 days overdue"),
        (timedelta(days=1), "超时 1 天", "1 day overdue"),
        (timedelta(hours=23, minutes=59), "超时 23 小时", "23 hours overdue"),
        (timedelta(minutes=60), "超时 1 小时", "1 hour overdue"),
        (timedelta(minutes=1, seconds=59), "超时 1 分钟", "1 minute overdue"),
        (timedelta(seconds=59), "超时不足 1 分钟", "less than a minute overdue"),
    ],
)
def test_how_long_overdue(length: timedelta, zh: str, en: str) -> None:
    assert words.overdue(length) == zh
    assert words.overdue(length, "en") == en


def test_a_clock_in_one_phrase() -> None:
    clock = sla.start("handle", "task", CITY, NOW, budget=Budget.of(4, "work_hour"))
    assert clock.due_at is not None
    late = clock.due_at + timedelta(days=3)

    def phrases(shown: sla.SlaClock, now: datetime) -> tuple[str, str]:
        left = sla.remaining(shown, CITY, now)
        return words.standing(shown, left, now), words.standing(shown, left, now, "en")

    assert phrases(clock, NOW + timedelta(hours=2)) == ("还剩 2 工作时", "2 working hours left")
    assert phrases(clock, late) == ("超时 3 天", "3 days overdue")
    assert phrases(sla.stop(clock, clock.due_at), late) == ("按时办结", "done in time")
    assert phrases(sla.stop(clock, late), late) == ("超时 3 天办结", "done 3 days late")
    free = sla.start("case", "case", CITY, NOW)
    assert phrases(free, late) == ("无时限", "no limit")
    assert phrases(sla.stop(free, late), late) == ("已办结", "done")


def test_provisional_years_are_said() -> None:
    assert words.provisional(()) == ""
    assert words.provisional((2027,)) == "2027 年放假安排尚未公布，时限暂定"
    assert words.provisional((2027, 2028), "en").startswith("provisional: the holidays of 2027, 2028")


def test_every_minute_of_an_hour_is_told_as_itself() -> None:
    for minutes in range(1, 60):
        left = sla.Amount(Decimal(minutes) / 60, Unit.URGENT_HOUR)
        assert words.remaining(left) == f"还剩 {minutes} 分钟"
