"""Searching on SQLite: pages of hits with 1,000 and with 100,000 cases, for somebody who sees all and for one small unit."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from engine import search
from engine.queries import listing
from engine.queries.listing import Wanted
from engine.tables import instance, involvement, words
from tests.bench.inbox import texts
from tests.bench.inbox.measuring import COMMON, ENGLISH, LEADER, POSTS, QUIET, RARE, USUAL
from tests.bench.story import PROCESS, Walker
from web.city import City
from web.setting_up import load_everything, migrate
from web.wiring import open_city

SIZES = {"1k": 1_000, "100k": 100_000}
QUIET_SHARE = 200
"""Every so many-th case is the small unit's."""


def run(rounds: int, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Fill two files, search in both in turn, answer medians in milliseconds and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        cities = {name: _city(Path(folder) / f"{name}.db", count, say) for name, count in SIZES.items()}
        figures: dict[str, Any] = {}
        for post in (LEADER, QUIET):
            for wanted in (COMMON, USUAL, RARE, ENGLISH):
                times: dict[str, list[float]] = {name: [] for name in cities}
                for number in range(rounds + 3):
                    for name, (city, people) in cities.items():
                        actor = city.actor(people[post])
                        began = time.perf_counter()
                        listing.page(city.core, actor, Wanted(text=wanted))
                        if number >= 3:
                            times[name].append(time.perf_counter() - began)
                medians = {name: statistics.median(each) * 1000 for name, each in times.items()}
                ratio = medians["100k"] / medians["1k"]
                figures[f"{post} {wanted}"] = f"{medians['1k']:.1f} ms, {medians['100k']:.1f} ms, ratio {ratio:.2f}"
        for city, _ in cities.values():
            city.close()
    return figures


def _city(file: Path, count: int, say: Callable[[str], None]) -> tuple[City, dict[str, str]]:
    began = time.monotonic()
    city = open_city(f"sqlite:///{file}", durable=False)
    migrate(city.core.db)
    load_everything(city.core)
    walker = Walker(city)
    _fill(city, walker.start(), count)
    say(f"{count} cases in {time.monotonic() - began:.0f} s")
    return city, {name: walker.people[place] for name, place in POSTS.items()}


def _fill(city: City, case: int, count: int) -> None:
    """Copies of one case with other texts, an hour of three years between each and the next."""
    said = texts.rows(20_000)
    wide, narrow = city.core.unit_id("supervision_centre"), city.core.unit_id(POSTS[QUIET][0])
    with city.core.db.write() as connection:
        known = dict(connection.execute(select(instance).where(instance.c.id == case)).mappings().one())
        apart = timedelta(days=1000) / count
        for first in range(0, count, 5000):
            cases, found_by, parts = [], [], []
            for n in range(first, min(count, first + 5000)):
                _, title, place, _, area, its_words = said[n % len(said)]
                at = known["started_at"] - apart * (count - n)
                units = [unit for unit in (wide, narrow if n % QUIET_SHARE == 0 else None) if unit is not None]
                cases.append(
                    {
                        **known,
                        "id": n + 1,
                        "number": f"n{n}",
                        "title": title,
                        "place": place,
                        "area": area,
                        "started_at": at,
                    }
                )
                scope = search.scope_of(1, PROCESS, known["starter_id"], at, units)
                found_by.append({"instance_id": n + 1, "at": at, "words": its_words, "scope": scope})
                parts += [{"instance_id": n + 1, "unit_id": unit} for unit in units]
            connection.execute(insert(instance), cases)
            connection.execute(insert(words), found_by)
            connection.execute(insert(involvement), parts)
