"""A month's report and a month's live picture in two cities, one of ten thousand cases and one of a million: how long a worker counts each,
cold and warm, and how much memory that takes; a closing; how long pages take that show them; and the inbox of the large city alone and
while a month is counted."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, update

from engine import sessions, settings
from engine.passwords import hash_password
from engine.tables import person
from escalation.assessment import closing, periods
from escalation.kept import keeping
from escalation.tables import kept_count
from tests.bench.story import Walker
from tests.postgres import PostgresServer
from web.app import create_app
from web.auth import COOKIE
from web.city import City
from web.wiring import open_city

PASSWORD = "bench-Only-1"
LEADER, BUSY = ("supervision_centre", "shift_leader"), ("sanitation", "handler")
"""One who sees every case, and one of the unit that has most."""
CLOSER = "yuanzhigang"
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
        "picture_passed": f"{picture}/cases?element=Handle&show=passed&period=month&from={month}-01",
        "picture_waiting": f"{picture}/cases?element=Handle&show=waiting&period=month&from={month}-01",
    }


def measure(server: PostgresServer, urls: tuple[str, str], rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Everything, in milliseconds where a name does not say otherwise."""
    figures: dict[str, Any] = {}
    medians: list[dict[str, float]] = []
    for size, url in zip(("10k", "1m"), urls, strict=True):
        month, _ = _ready(url)
        for what in (
            "picture",
            "report",
        ):  # the report stays for the pages, as the picture of the last whole month does
            for how in ("cold", "warm"):
                if how == "cold":
                    server.stop()
                    server.start()
                _ask(url, pages(month)[what])
                figures |= _told(url, f"{what}_counted_{size}_{how}")
            say(
                f"{size}: {what} counted in {[v for k, v in figures.items() if k.startswith(f'{what}_counted_{size}')]}"
            )
        figures |= _closed(url, month, size)
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


def _ask(url: str, *addresses: str) -> None:
    """Have what these pages show counted anew."""
    city = open_city(url)
    with city.core.db.write() as connection:
        keeping.drop(connection, *connection.execute(select(kept_count.c.id)).scalars())
    client = _client(city, LEADER)
    for address in addresses:
        client.get(address)
    city.close()


def _told(url: str, name: str) -> dict[str, Any]:
    """Count, and say how long and at how much memory."""
    found = json.loads(_counted(url).communicate()[0])
    if found["counted"] != 1:
        raise RuntimeError(f"nothing was counted: {found}")
    return {f"{name}_s": found["seconds"], f"{name}_mb": found["peak_mb"]}


def _closed(url: str, month: str, size: str) -> dict[str, Any]:
    """Close the month before by a worker; what the page takes that asks for it."""
    city = open_city(url)
    span = periods.shift(periods.read(month, city.world().zone), -1)
    began = time.perf_counter()
    closing.close(city.core, city.actor(CLOSER), span)
    asked = time.perf_counter() - began
    city.close()
    return {f"closing_{size}_asked_ms": round(asked * 1000, 1), **_told(url, f"closing_{size}")}


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
    client.get(pages(month)["picture"])
    for _ in range(2):  # the month under way too, for the wall
        _counted(url).communicate()
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
    """The inbox alone, and while a worker counts a month's report, and its picture."""
    month, _ = _ready(url)
    city = open_city(url)
    client = _client(city, BUSY)
    for _ in range(10):
        _get(client, INBOX)
    times = {"alone": [_get(client, INBOX) for _ in range(40)]}
    for what in ("report", "picture"):
        _ask(url, pages(month)[what])
        worker = _counted(url)
        time.sleep(3)  # it starts
        beside = times[f"while_{what}"] = []
        while worker.poll() is None:
            beside.append(_get(client, INBOX))
            time.sleep(0.02)
        times["alone"] += [_get(client, INBOX) for _ in range(20)]  # before, between and after: the machine has moods
    city.close()
    figures: dict[str, Any] = {}
    for name, several in times.items():
        ordered = sorted(several) or [0.0]
        figures[f"inbox_{name}_p50"] = round(statistics.median(ordered) * 1000, 1)
        figures[f"inbox_{name}_p95"] = round(ordered[int(len(ordered) * 0.95)] * 1000, 1)
        say(f"inbox {name}: {len(several)} times")
    return figures


def _get(client: FlaskClient, page: str) -> float:
    began = time.perf_counter()
    response = client.get(page)
    taken = time.perf_counter() - began
    if response.status_code != 200:
        raise RuntimeError(f"{page}: {response.status}")
    return taken
