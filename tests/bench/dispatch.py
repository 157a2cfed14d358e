"""How often the proposed queue is right on real requests: trained on July 2011, measured on August (City of Boston, PDDL).

Read of a request: its title, type, source, and where it is (precinct, ward, public works district, neighbourhood): all known when it is
opened. Never read: who handled it (`department`, `queue` of the case itself), anything of its target, closing or label. The label to
learn is `queue`. Strictly, only requests closed before August are learnt from: the queue of the others was not known by then."""

from __future__ import annotations

import csv
import gzip
import io
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.dispatching import learning
from engine.dispatching.learning import Tested, Trained
from engine.dispatching.matters import Closed, Matter

ZONE = ZoneInfo("America/New_York")
AUGUST = datetime(2011, 8, 1, tzinfo=ZONE)
FILE = Path(__file__).parents[3] / "shared" / "data" / "cases" / "boston_311_2011_07_08.csv.gz"
TARGET = 0.99
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
PLACES = ("precinct", "ward", "pwd_district", "neighborhood")


def read(path: Path) -> list[Closed]:
    """Every request; `known` is when it was closed, never for one that is open."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return [_request({k: (v or "").strip() for k, v in row.items()}) for row in rows]


def _request(row: dict[str, str]) -> Closed:
    matter = Matter(row["case_title"], row["type"], tuple(row[c] for c in PLACES), row["source"])
    closed = _instant(row["closed_dt"]) if row["closed_dt"] else NEVER
    return Closed(matter, row["queue"], _instant(row["open_dt"]), closed)


def _instant(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=ZONE)


def run(path: Path = FILE, *, lenient: bool = True) -> dict[str, Any]:
    """Measure; answers the figures."""
    requests = read(path)
    july = [one for one in requests if one.opened < AUGUST]
    august = [one for one in requests if one.opened >= AUGUST]
    closed = [one for one in july if one.known < AUGUST]
    found: dict[str, Any] = {"july": len(july), "july_closed": len(closed), "august": len(august)}
    begin = time.monotonic()
    strict = learning.train(closed, TARGET)
    found["seconds"] = round(time.monotonic() - begin, 1)
    begin = time.monotonic()
    tested = list(learning.judged(strict.model, closed, august))
    found["microseconds_a_judgement"] = round((time.monotonic() - begin) * 1e6 / max(1, len(august)))
    found |= _shares("", tested)
    found["threshold"] = round(strict.model.threshold, 4)
    found |= _hold_out(strict)
    found |= _drift(strict, tested)
    found |= _shares("weekly_", list(_weekly(requests, august)))
    if lenient:
        every = [Closed(one.matter, one.unit, one.opened, one.opened) for one in july]
        found |= _shares("all_of_july_", list(learning.judged(learning.train(every, TARGET).model, every, august)))
    return found


def _shares(name: str, tested: Sequence[Tested]) -> dict[str, Any]:
    all_of = learning.figures(tested)
    return {
        f"{name}speaks": round(all_of["spoke"] / max(1, all_of["cases"]), 4),
        f"{name}right_where_it_speaks": round(all_of["right"] / max(1, all_of["spoke"]), 4),
        f"{name}right_of_any_guess": round(all_of["any_right"] / max(1, all_of["cases"]), 4),
        f"{name}table_speaks": round(all_of["table_spoke"] / max(1, all_of["cases"]), 4),
        f"{name}table_right_where_it_speaks": round(all_of["table_right"] / max(1, all_of["table_spoke"]), 4),
    }


def _hold_out(trained: Trained) -> dict[str, Any]:
    last = max((one.stretch for one in trained.tested), default=0)
    held = learning.figures([one for one in trained.tested if one.stretch == last])
    return {
        "july_hold_out_speaks": round(held["spoke"] / max(1, held["cases"]), 4),
        "july_hold_out_right": round(held["right"] / max(1, held["spoke"]), 4),
    }


def _drift(trained: Trained, tested: Sequence[Tested]) -> dict[str, Any]:
    units = set(trained.model.units)
    weeks: dict[str, list[Tested]] = {}
    for one in tested:
        weeks.setdefault(f"{one.case.opened.astimezone(ZONE):%G-W%V}", []).append(one)
    wrong = Counter(
        (one.case.matter.kind, one.guess.unit, one.case.unit)
        for one in tested
        if one.spoke and one.guess and not one.right
    )
    return {
        "august_in_queues_never_seen": round(
            sum(one.case.unit not in units for one in tested) / max(1, len(tested)), 4
        ),
        "by_week": {
            week: f"speaks {sum(o.spoke for o in of) / len(of):.3f}, right {_right(of):.4f}"
            for week, of in sorted(weeks.items())
        },
        "most_often_wrong": [f"{n} × {kind}: {said}, was {was}" for (kind, said, was), n in wrong.most_common(5)],
    }


def _right(tested: Sequence[Tested]) -> float:
    spoke = [one for one in tested if one.spoke]
    return sum(one.right for one in spoke) / max(1, len(spoke))


def _weekly(requests: Sequence[Closed], august: Sequence[Closed]) -> list[Tested]:
    """Learning goes on: trained anew each week on all that was closed by then."""
    tested: list[Tested] = []
    begin = AUGUST
    while begin < AUGUST + timedelta(days=31):
        end = begin + timedelta(days=7)
        known = [one for one in requests if one.known <= begin]
        model = learning.train(known, TARGET).model
        tested += learning.judged(model, known, [one for one in august if begin <= one.opened < end])
        begin = end
    return tested
