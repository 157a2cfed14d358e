"""Another city's limits, found in its own due times: one limit for each type of request, counted by a calendar that is rows of a
table (`processes/replay/boston/calendar.csv`). A test mapping: it shows that rules of another city are data here, and says nothing of
that city's regulations."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from engine.calendar import Budget, Calendar, CalendarProblem, Unit
from engine.calendars import load
from web.replay.rows import ZONE, Request

FOLDER = Path(__file__).resolve().parents[2] / "processes" / "replay" / "boston"
WITHIN = timedelta(minutes=1)
"""What counts as the same due time."""
UNITS = (Unit.WORK_DAY, Unit.NATURAL_DAY)
"""What a limit may be counted in; of two that fit as often the first."""
FEW = 5
"""A limit that was fitted to fewer requests than this proves little: the figure of the others is told apart."""
A_LITTLE = timedelta(minutes=15)
COLUMNS = ("type", "amount", "unit", "requests", "within_a_minute")

OTHER_LIMIT, EARLIER_START, BY_HAND, UNKNOWN = "other_limit", "other_start", "by_hand", "unexplained"
MISSES = {
    OTHER_LIMIT: ("同类型的另一个天数", "another number of days than most of its type: retyped, or given more time"),
    EARLIER_START: (
        "按相差几分钟的另一时刻起算",
        "same day, minutes off: counted from another moment than the opening",
    ),
    BY_HAND: ("整分钟，系人工录入", "a whole minute on another day: typed by hand"),
    UNKNOWN: ("未能解释", "unexplained"),
}
"""Why a due time is missed, in words."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The limit of a type, of how many requests, and how many due times come out within a minute."""

    type: str
    limit: Budget
    requests: int
    matched: int


@dataclass
class Report:
    """What a file of requests says of a calendar and limits: due times compared, those that come out, and each miss by its cause."""

    compared: int = 0
    matched: int = 0
    misses: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[str, Request]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Of all that were compared, those within a minute."""
        return self.matched / self.compared if self.compared else 1.0


def calendar() -> Calendar:
    """The other city's calendar."""
    return load(FOLDER / "calendar.csv")["boston"]


def fit(requests: Iterable[Request], city: Calendar) -> dict[str, Fitted]:
    """For each type the limit by which most of its due times come out; of several the shortest."""
    votes: dict[str, Counter[tuple[int, int]]] = defaultdict(Counter)
    seen: Counter[str] = Counter()
    for one in requests:
        if one.target is None:
            continue
        seen[one.type] += 1
        for limit in _fitting(one.opened, one.target, city):
            votes[one.type][UNITS.index(limit.unit), int(limit.amount)] += 1
    found = {}
    for kind, ways in sorted(votes.items()):
        (unit, days), matched = max(ways.items(), key=lambda each: (each[1], -each[0][0], -each[0][1]))
        found[kind] = Fitted(kind, Budget(Decimal(days), UNITS[unit]), seen[kind], matched)
    return found


def compare(requests: Iterable[Request], city: Calendar, limits: Mapping[str, Budget]) -> Report:
    """Each due time of the file against the one counted; the misses explained."""
    report = Report()
    for one in requests:
        if one.target is None:
            continue
        report.compared += 1
        limit = limits.get(one.type)
        if limit is not None and abs(city.due(one.opened, limit) - one.target) <= WITHIN:
            report.matched += 1
        else:
            why = _why(one.opened, one.target, city, limit)
            report.misses[why] += 1
            report.missed.append((why, one))
    return report


def read(path: Path = FOLDER / "limits.csv") -> dict[str, Budget]:
    """The limits that ship, by type."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["type"]: Budget.of(row["amount"], row["unit"]) for row in csv.DictReader(file)}


def write(found: Mapping[str, Fitted], path: Path) -> None:
    """Fitted limits as the table that ships."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        out.writerows(
            (each.type, each.limit.amount, each.limit.unit, each.requests, each.matched) for each in found.values()
        )


# ---------------------------------------------------------------- inside


def _fitting(opened: datetime, target: datetime, city: Calendar) -> Iterator[Budget]:
    """Whole numbers of days that come to this due time."""
    for unit in UNITS:
        near = int(city.between(opened, target, unit))
        for days in range(max(0, near - 2), near + 2):
            limit = Budget(Decimal(days), unit)
            try:
                if abs(city.due(opened, limit) - target) <= WITHIN:
                    yield limit
            except CalendarProblem:
                return


def _why(opened: datetime, target: datetime, city: Calendar, limit: Budget | None) -> str:
    if next(_fitting(opened, target, city), None) is not None:
        return OTHER_LIMIT
    if limit is not None and abs(city.due(opened, limit) - target) <= A_LITTLE:
        return EARLIER_START
    return BY_HAND if target.astimezone(ZONE).second == 0 else UNKNOWN
