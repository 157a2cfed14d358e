"""A month's report in two cities, one of ten thousand cases and one of a million: how long a worker counts it, cold and warm, and how much
memory that takes; how long pages take that show it; and the inbox of the large city alone and while the count goes on."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import delete, update

from engine import sessions, settings
from engine.passwords import hash_password
from engine.tables import person
from escalation.assessment import periods
from escalation.tables import assessment_count, assessment_count_mark
from tests.bench.story import Walker
from tests.postgres import PostgresServer
from web.app import create_app
from web.auth import COOKIE
from web.city import City
from web.wiring import open_city

PASSWORD = "bench-Only-1"
LEADER, BUSY = ("supervision_centre", "shift_leader"), ("sanitation", "handler")
"""One who sees every case, and one of the unit that has most."""
INBOX = "/inbox?tab=unit"


def pages(month: str) -> dict[str, str]:
    """What is asked for of the report, and of the live picture of the same month."""
    picture = "/definitions/case_dispatch/picture"
    return {
        "report": f"/assessment?period={month}",
        "cases_behind": f"/assessment/cases/missed?period={month}&edition=live",
        "unit": f"/assessment/unit/sanitation?period={month}&edition=live",
        "excel": f"/assessment/report.xlsx?period={month}&edition=live",
        "wall": "/assessment/wall",
        "picture": f"{picture}?period=month&from={month}-01",
        "picture_cases": f"{picture}/cases?element=Handle&show=passed&period=month&from={month}-01",
    }


def measure(server: PostgresServer, urls: tuple[str, str], rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Everything, in milliseconds where a name does not say otherwise."""
    figures: dict[str, Any] = {}
    medians: list[dict[str, float]] = []
    for size, url in zip(("10k", "1m"), urls, strict=True):
        month, _ = _ready(url)
        server.stop()
        server.start()
        for how in ("cold", "warm"):
            _ask(url, month)
            told = _counted(url).communicate()[0]
            found = json.loads(told)
            if found["counted"] != 1:
                raise RuntimeError(f"nothing was counted: {told}")
            figures[f"count_{size}_{how}_s"] = found["seconds"]
            figures[f"count_{size}_peak_mb"] = found["peak_mb"]
        say(f"{size}: counted cold {figures[f'count_{size}_cold_s']} s, warm {figures[f'count_{size}_warm_s']} s")
        medians.append(_pages(url, month, rounds, say))
    for name, small in medians[0].items():
        figures |= {f"{name}_10k": round(small, 1), f"{name}_1m": round(medians[1][name], 1)}
        figures[f"{name}_ratio"] = round(medians[1][name] / small, 2)
    figures |= _beside(urls[1], say)
    return figures


# ---------------------------------------------------------------- inside


def _ready(url: str) -> tuple[str, City]:
    """The last whole month of this city, which from now on counts as large; its people can log in."""
    city = open_city(url)
    with city.core.db.write() as connection:
        settings.put(city.core, connection, "assessment_counted_from", 1)
        settings.put(city.core, connection, "assessment_counted_minutes", 1440)
        connection.execute(update(person).values(password_hash=hash_password(PASSWORD), must_change=False))
    world = city.world()
    month = periods.shift(periods.of(periods.MONTH, world.now, world.zone), -1).label
    city.close()
    return month, city


def _ask(url: str, *months: str) -> None:
    """Have these months counted anew."""
    city = open_city(url)
    with city.core.db.write() as connection:
        connection.execute(delete(assessment_count_mark))
        connection.execute(delete(assessment_count))
    client = _client(city, LEADER)
    for month in months:
        client.get(f"/assessment?period={month}")
    city.close()


def _counted(url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench.reports.counting", url], stdout=subprocess.PIPE, text=True
    )


def _client(city: City, who: tuple[str, str]) -> FlaskClient:
    client = create_app(city, b"bench").test_client()
    client.set_cookie(COOKIE, sessions.log_in(city.core, Walker(city).people[who], PASSWORD)[0])
    return client


def _pages(url: str, month: str, rounds: int, say: Callable[[str], None]) -> dict[str, float]:
    city = open_city(url)
    client = _client(city, LEADER)
    world = city.world()
    client.get(f"/assessment?period={periods.of(periods.MONTH, world.now, world.zone).label}")
    _counted(url).communicate()  # the month under way too, for the wall
    found = {}
    for name, page in pages(month).items():
        times = [_get(client, page) for _ in range(2)][1:]
        until = time.monotonic() + 60  # one that takes seconds is not asked for so often
        while len(times) < rounds and time.monotonic() < until:
            times.append(_get(client, page))
        found[name] = statistics.median(times) * 1000
        say(f"  {found[name]:8.1f} ms  {page}")
    city.close()
    return found


def _beside(url: str, say: Callable[[str], None]) -> dict[str, Any]:
    """The inbox alone, and while a worker counts a month."""
    month, _ = _ready(url)
    city = open_city(url)
    client = _client(city, BUSY)
    for _ in range(10):
        _get(client, INBOX)
    alone = [_get(client, INBOX) for _ in range(40)]
    _ask(url, month)
    worker = _counted(url)
    time.sleep(3)  # it starts
    beside = []
    while worker.poll() is None:
        beside.append(_get(client, INBOX))
        time.sleep(0.02)
    alone += [_get(client, INBOX) for _ in range(40)]  # before and after: the machine has moods
    city.close()
    figures: dict[str, Any] = {}
    for name, times in (("alone", alone), ("while_counting", beside or alone)):
        ordered = sorted(times)
        figures[f"inbox_{name}_p50"] = round(statistics.median(ordered) * 1000, 1)
        figures[f"inbox_{name}_p95"] = round(ordered[int(len(ordered) * 0.95)] * 1000, 1)
    say(f"inbox while a month is counted: {len(beside)} times")
    return figures


def _get(client: FlaskClient, page: str) -> float:
    began = time.perf_counter()
    response = client.get(page)
    taken = time.perf_counter() - began
    if response.status_code != 200:
        raise RuntimeError(f"{page}: {response.status}")
    return taken
