"""What is dug where and when, drawn from reservations of road segments: lines for a map, bars for a timeline whose months are equally wide,
and the same as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from engine.people import Actor
from engine.public.places import metres
from engine.queries import reservations
from engine.queries.reservations import Reserved
from web.auth import city
from web.telling import ZONE, now
from web.telling_facts import label_of
from web.telling_permits import ROADS, purpose_word, segment_word, segments, stretch
from web.texts import t

WIDE = 1000
"""Units of a bar chart's width."""
_ROW, _BAR = 20, 14
MONTHS = (1, 3, 6, 12)


@dataclass(frozen=True, slots=True)
class Bar:
    """A reservation on the timeline of its segment."""

    x: float
    width: float
    y: int
    state: str
    said: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A road segment with its bars, those that overlap in time below each other."""

    name: str
    height: int
    bars: tuple[Bar, ...]

    @property
    def said(self) -> str:
        """For whoever does not see it."""
        return "; ".join(bar.said for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Line:
    """A reservation in words. `instance` and what follows: none for who may not see the case."""

    key: str
    segment: str
    where: str
    when: str
    purpose: str
    state: str
    state_word: str
    points: tuple[tuple[float, float], ...]
    instance: int | None
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What one page shows. `marks`: where months begin, and their names; `today`: where now is, none: not in it."""

    since: date
    months: int
    words: str
    lines: tuple[Line, ...]
    segments: tuple[Segment, ...]
    marks: tuple[tuple[float, str], ...]
    today: float | None

    @property
    def map(self) -> str:
        """For the map: each line with what its pop-up says."""
        return json.dumps(
            [
                {
                    "points": one.points,
                    "state": one.state,
                    "said": [one.segment, one.where, one.when, one.purpose, one.state_word],
                }
                for one in self.lines
                if len(one.points) > 1
            ],
            ensure_ascii=False,
        )

    @property
    def roads(self) -> str:
        """The ground of the map: every registered segment with its name."""
        lines = [(label_of(dict(row)), _points(str(row.get("line") or ""))) for row in segments().values()]
        return json.dumps(
            [{"name": name, "points": points} for name, points in lines if len(points) > 1], ensure_ascii=False
        )


def picture(args: Mapping[str, str], actor: Actor | None) -> Picture:
    """What was asked for: `from` (a day; the picture begins with its month), `months`, `q` (part of a segment's name). `actor`: none: the
    public, who are shown what is granted and public."""
    since = _month(_day(args.get("from", "")) or now().astimezone(ZONE).date())
    months = int(args["months"]) if args.get("months") in {str(n) for n in MONTHS} else 3
    until = _add(since, months)
    words = args.get("q", "").strip()[:60]
    found = reservations.between(city().core, _at(since), _at(until), actor, register=ROADS)
    found = [one for one in found if words.casefold() in segment_word(one.row_key).casefold()]
    by_segment: dict[str, list[Reserved]] = {}
    for one in found:
        by_segment.setdefault(one.row_key, []).append(one)
    today = _x(now(), since, months)
    return Picture(
        since=since,
        months=months,
        words=words,
        lines=tuple(_line(one) for one in found),
        segments=tuple(
            _segment(segment_word(key), rows, since, months)
            for key, rows in sorted(by_segment.items(), key=lambda each: segment_word(each[0]))
        ),
        marks=tuple((i * WIDE / months, _month_word(_add(since, i))) for i in range(months)),
        today=today if 0 < today < WIDE else None,
    )


def part(row: Mapping[str, Any], begins: float | None, ends: float | None) -> tuple[tuple[float, float], ...]:
    """The points (latitude, longitude) of a segment's line between two distances from its beginning, in metres of its registered length;
    nothing for a segment without a line."""
    points = _points(str(row.get("line") or ""))
    if len(points) < 2:
        return ()
    steps = [metres(*a, *b) for a, b in pairwise(points)]
    drawn = sum(steps)
    length = float(row.get("length") or 0) or drawn
    scale = drawn / length if length else 1.0
    first, last = max(0.0, (begins or 0.0) * scale), min(drawn, (ends * scale) if ends is not None else drawn)
    if drawn == 0 or last <= first:
        return ()
    found: list[tuple[float, float]] = []
    gone = 0.0
    for (a, b), step in zip(pairwise(points), steps, strict=True):
        found += [_between(a, b, (at - gone) / step) for at in (first, last) if step and gone <= at <= gone + step]
        gone += step
        if first < gone < last:
            found.append(b)
    return tuple(dict.fromkeys((round(lat, 6), round(lon, 6)) for lat, lon in found))


# ---------------------------------------------------------------- inside


def _line(one: Reserved) -> Line:
    row = segments().get(one.row_key, {})
    return Line(
        key=one.row_key,
        segment=segment_word(one.row_key),
        where=stretch(one.begins, one.ends),
        when=_when(one),
        purpose=purpose_word(str(one.public.get("purpose") or one.purpose)) if one.public or one.purpose else "",
        state=one.state,
        state_word=_state_word(one.state),
        points=part(row, one.begins, one.ends),
        instance=one.instance,
        number=one.number or "",
        title=one.title or "",
    )


def _segment(name: str, rows: list[Reserved], since: date, months: int) -> Segment:
    ends: list[datetime] = []  # when each line of bars is free again
    bars = []
    for one in sorted(rows, key=lambda each: (each.from_at, each.begins or 0)):
        lane = next((i for i, until in enumerate(ends) if until <= one.from_at), len(ends))
        ends[lane : lane + 1] = [one.until_at]
        first, last = max(0.0, _x(one.from_at, since, months)), min(float(WIDE), _x(one.until_at, since, months))
        said = t("，", ", ").join(
            each for each in (_when(one), stretch(one.begins, one.ends), _state_word(one.state)) if each
        )
        bars.append(Bar(round(first, 1), round(max(3.0, last - first), 1), 3 + lane * _ROW, one.state, said))
    return Segment(name, max(1, len(ends)) * _ROW, tuple(bars))


def _x(instant: datetime, since: date, months: int) -> float:
    """Where an instant is on the timeline: months are equally wide."""
    at = instant.astimezone(ZONE)
    whole = (at.year - since.year) * 12 + at.month - since.month
    length = (_add(_month(at.date()), 1) - _month(at.date())).days
    into = (at.day - 1 + (at.hour * 60 + at.minute) / 1440) / length
    return (whole + into) * WIDE / months


def _when(one: Reserved) -> str:
    if one.first_day == one.last_day:
        return one.first_day
    return t(f"{one.first_day} 至 {one.last_day}", f"{one.first_day} to {one.last_day}")


def _state_word(state: str) -> str:
    words = {"asked": t("申请中", "applied for"), "held": t("已批准", "granted"), "over": t("已到期", "over")}
    return words.get(state, state)


def _month_word(day: date) -> str:
    return t(
        f"{day.year}年{day.month}月" if day.month == 1 else f"{day.month}月",
        f"{day:%b %Y}" if day.month == 1 else f"{day:%b}",
    )


def _month(day: date) -> date:
    return day.replace(day=1)


def _add(day: date, months: int) -> date:
    whole = day.year * 12 + day.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)


def _at(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if timedelta() <= found - date(2000, 1, 1) <= timedelta(days=36525) else None


def _points(line: str) -> list[tuple[float, float]]:
    found = []
    for each in line.split(","):
        lat, _, lon = each.strip().partition(" ")
        try:
            found.append((float(lat), float(lon)))
        except ValueError:
            return []
    return found


def _between(a: tuple[float, float], b: tuple[float, float], share: float) -> tuple[float, float]:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
