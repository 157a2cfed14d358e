"""What happens in the demonstration's month: how many cases of each fate, when, where and what.

The shape is that of a neighbouring city's published bulletin (天门市, one month: 1,054 received, 996 filed, 972 due, 911 closed, 737 on
time; 96 % from collectors). Names, places and texts are invented; classes, conditions and limits are those of the standards table."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

SEED = 20210628
DAYS = 30
ZONE = ZoneInfo("Asia/Shanghai")


class Fate(StrEnum):
    """How a case stands at the end of the month."""

    VOIDED = "voided"
    ON_TIME = "on_time"
    LATE = "late"
    OVERDUE = "overdue"  # still open, past its term
    RUNNING = "running"  # still open, within its term


SHAPE = {Fate.VOIDED: 58, Fate.ON_TIME: 737, Fate.LATE: 174, Fate.OVERDUE: 61, Fate.RUNNING: 24}
"""1,054 received = 58 voided + 996 filed; 972 due = 737 + 174 + 61; 911 closed = 737 + 174."""

FROM_COLLECTORS = 0.96
SELF_HANDLED = 0.06
SENT_BACK = 0.07
REWORKED = 0.05

ORDER = ("Verify", "File", "Dispatch", "SignFor", "Handle", "Feedback", "Check", "Close")
RUNNING_STAGES = ("Verify", "File", "Dispatch", "SignFor", "Handle", "Feedback", "Check", "Close", "Dispatch", "Handle")
OVERDUE_STAGES = ("Handle",) * 8 + ("SignFor",)
"""Desks work in minutes: what waits there came just now. What is late is late at the unit that owns it."""

COMMON = {
    "E-0110": 9,
    "E-0111": 6,
    "E-0112": 10,
    "E-0114": 4,
    "E-0117": 3,
    "E-0192": 6,
    "E-0201": 12,
    "E-0203": 4,
    "E-0206": 3,
    "E-0302": 4,
    "E-0304": 3,
    "E-0404": 5,
    "E-0405": 9,
    "E-0406": 7,
    "E-0410": 8,
    "E-0493": 4,
    "E-0506": 2,
    "E-0113": 5,
    "C-0101": 3,
    "C-0102": 4,
    "C-0104": 4,
    "C-0137": 6,
    "C-0217": 3,
    "C-0284": 5,
    "C-0305": 5,
    "C-0306": 3,
    "C-0402": 4,
}
"""How common a sub-class is: street order and litter lead, as in every city's bulletin [P]."""

STREETS = {
    "yuanlin": (
        "章华中路",
        "章华南路",
        "章华北路",
        "潜阳中路",
        "东风路",
        "园林路",
        "南门河路",
        "建设街",
        "红梅路",
        "马昌湖路",
    ),
    "taifeng": ("泰丰大道", "潜阳西路", "紫月路", "曹禺大道"),
    "guanghua": ("广华大道", "五七大道", "江汉路"),
    "yangshi": ("杨市大道", "杨市南街"),
    "zhouji": ("周矶大道", "周矶中街"),
    "gaochang": ("高场路", "高场新街"),
}
"""Streets by town: some are the city's, which house stands where is invented."""

SPOTS = ("号门前", "号路段", "号对面", "号人行道", "号公交站旁", "号小区出入口", "号市场门口", "号路口")
PUBLIC_SOURCES = ("hotline_12345", "wechat", "leader", "media")


@dataclass(frozen=True, slots=True)
class Case:
    """One case of the month."""

    number: int
    fate: Fate
    reported: datetime
    source: str
    standard: dict[str, Any]
    area: dict[str, Any]
    title: str
    place: str
    description: str
    stage: str | None
    self_handled: bool = False
    send_backs: int = 0
    rework: int = 0
    photo: bool = False
    share: float = 0.5
    dice: random.Random = field(default_factory=random.Random, compare=False)


def cases(
    now: datetime, standards: list[dict[str, Any]], areas: list[dict[str, Any]], scale: float = 1.0
) -> Iterator[Case]:
    """The month's cases in the order of their reports; `scale` makes a smaller month of the same shape."""
    dice = random.Random(SEED)
    fates = [fate for fate, count in SHAPE.items() for _ in range(max(2, round(count * scale)))]
    dice.shuffle(fates)
    by_class: dict[str, list[dict[str, Any]]] = {}
    for row in standards:
        by_class.setdefault(row["class"], []).append(row)
    places = [a for a in areas if a["kind"] not in ("city", "grid")]
    weights = [8 if a["kind"] == "community" else 1 for a in places]
    drafts = [_case(i, fate, now, dice, by_class, dice.choices(places, weights)[0]) for i, fate in enumerate(fates)]
    yield from sorted(drafts, key=lambda c: c.reported)


def _case(
    number: int,
    fate: Fate,
    now: datetime,
    dice: random.Random,
    by_class: dict[str, list[dict[str, Any]]],
    area: dict[str, Any],
) -> Case:
    standard = _standard(fate, dice, by_class)
    stage = None
    if fate in (Fate.OVERDUE, Fate.RUNNING):
        stages = RUNNING_STAGES if fate is Fate.RUNNING else OVERDUE_STAGES
        stage = stages[number % len(stages)]
    source = "collector" if dice.random() < FROM_COLLECTORS and stage != "Verify" else dice.choice(PUBLIC_SOURCES)
    streets = STREETS.get(area["town"], ())
    in_street = area["kind"] == "community" and bool(streets)
    street, house = dice.choice(streets or ("",)), dice.randrange(1, 180)
    spot = dice.choice(SPOTS)
    place = f"{street}{house}{spot}" if in_street else f"{area['name_zh']}集镇{dice.randrange(1, 60)}{spot}"
    name = str(standard["small_name"]).split("（")[0]
    condition = str(standard["opening_condition"] or "").rstrip("。；")
    closed = fate in (Fate.ON_TIME, Fate.LATE)
    self_handled = fate is Fate.ON_TIME and source == "collector" and dice.random() < SELF_HANDLED
    return Case(
        number=number,
        fate=fate,
        reported=_reported(fate, stage, standard, now, dice),
        source=source,
        standard=standard,
        area=area,
        title=f"{place}{name}{'问题' if standard['kind'] == 'component' else ''}"[:100],
        place=place,
        description=f"巡查发现{place}存在“{name}”问题" + (f"：{condition}。" if condition else "。"),
        stage=stage,
        self_handled=self_handled,
        send_backs=int(not self_handled and dice.random() < SENT_BACK),
        rework=int(closed and not self_handled and dice.random() < REWORKED),
        photo=dice.random() < 0.35,
        share=dice.uniform(0.25, 0.9),
        dice=random.Random(SEED + number),
    )


def _standard(fate: Fate, dice: random.Random, by_class: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    known = {k: w for k, w in COMMON.items() if k in by_class}
    while True:
        row = dice.choice(by_class[dice.choices(list(known), list(known.values()))[0]])
        amount = float(row["limit_amount"])
        long = (row["limit_unit"] == "work_day" and amount >= 2) or (row["limit_unit"] == "urgent_hour" and amount == 2)
        short = row["limit_unit"] != "work_day" or amount <= 3
        if (
            (fate is Fate.RUNNING and long)
            or (fate is Fate.OVERDUE and short)
            or fate not in (Fate.RUNNING, Fate.OVERDUE)
        ):
            return row


def _age(standard: dict[str, Any]) -> float:
    """Days after which the term of a standard has surely run out, weekends counted in."""
    amount = float(standard["limit_amount"])
    if standard["limit_unit"] == "urgent_hour":
        return amount / 24 + 0.2
    return 3.3 if standard["limit_unit"] == "work_hour" else amount * 1.5 + 3


def _reported(fate: Fate, stage: str | None, standard: dict[str, Any], now: datetime, dice: random.Random) -> datetime:
    """Daytime, busier on working days; open cases within their term are of the last hours, overdue ones of the last days."""
    in_hours = standard["limit_unit"] != "work_day"
    if stage in ("Verify", "File"):
        return now - timedelta(minutes=dice.uniform(3, 12))
    if fate is Fate.RUNNING and in_hours:
        return now - timedelta(minutes=dice.uniform(95, 112))  # two urgent hours: nearly over
    if fate is Fate.RUNNING:
        return now - timedelta(hours=dice.uniform(1.5, 20))
    while True:
        earliest, latest = (
            _age(standard) + (2.5 if fate is Fate.LATE else 0.3),
            12.0 if fate is Fate.OVERDUE else float(DAYS),
        )
        day = now - timedelta(days=dice.uniform(earliest, latest))
        local = day.astimezone(ZONE).replace(
            hour=dice.choices(range(7, 20), (3, 8, 10, 9, 6, 3, 5, 9, 9, 7, 5, 3, 2))[0]
        )
        local = local.replace(minute=dice.randrange(60), second=dice.randrange(60))
        if local.weekday() < 5 or dice.random() < 0.35:
            return local
