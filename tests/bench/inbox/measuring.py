"""Server time of what people do all day, in two cities at once: one with ten thousand open tasks, one with a hundred times as many.

They are asked in turn, so that the machine's moods meet both; pages are read through the application, completions go through the
engine's own functions, each on a task that nobody has touched."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, update

from engine import sessions
from engine.acts import holding
from engine.passwords import hash_password
from engine.tables import instance, person, task
from tests.bench.inbox.texts import RAREST
from tests.bench.story import OLD
from web.app import create_app
from web.auth import COOKIE
from web.city import City

WARM = 6
"""Rounds that are not counted: definitions are read, plans made, pages of the disk brought in."""

PASSWORD = "bench-Only-1"
LEADER, DISPATCHER, BUSY, QUIET = "leader", "dispatcher", "busy", "quiet"
POSTS = {
    LEADER: ("supervision_centre", "shift_leader"),
    DISPATCHER: ("command_centre", "dispatcher"),
    BUSY: ("sanitation", "handler"),
    QUIET: ("sports", "handler"),
}
"""Two who see every case, one of the unit with most cases, one of that with fewest."""

COMMON, USUAL, RARE, ENGLISH = "井盖", "路灯不亮", f"{RAREST}", "leaking hydrant"

PAGES: dict[str, tuple[tuple[str, str], ...]] = {
    "inbox": tuple((who, f"/inbox?tab={tab}") for who in POSTS for tab in ("unit", "mine")),
    "filter": (
        (LEADER, "/inbox?tab=unit&kind=case_dispatch.Close"),
        (DISPATCHER, "/inbox?tab=unit&kind=case_dispatch.Feedback"),
        (BUSY, "/inbox?tab=late&kind=case_dispatch.SignFor"),
        (BUSY, "/inbox?tab=unit&sort=-opened"),
        (QUIET, "/inbox?tab=soon"),
        (LEADER, "/inbox?tab=unit&kind=supervision.Reply"),
        (LEADER, "/cases?process=supervision"),
        (DISPATCHER, "/cases?status=active&area=hongmei"),
        (QUIET, "/cases?status=active"),
        (BUSY, "/cases?status=completed"),
    ),
    "search": tuple(
        (who, f"/{page}q={wanted}")
        for who in POSTS
        for wanted in (COMMON, USUAL, RARE, ENGLISH)
        for page in ("cases?", "inbox?tab=unit&")
    ),
}


@dataclass(slots=True)
class Side:
    """One of the two cities, with its people logged in."""

    city: City
    clients: dict[str, FlaskClient]
    logins: dict[str, str]
    cases: Iterator[int]
    tasks: Iterator[str]
    times: dict[str, list[float]] = field(default_factory=dict)


def measure(small: City, large: City, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Median and 95th percentile in milliseconds of both, and their ratios."""
    sides = [_side(city) for city in (small, large)]
    gc.collect()
    gc.freeze()
    for number in range(WARM + rounds):
        for name, pages in PAGES.items():
            for who, page in pages:
                for side in sides:
                    side.times.setdefault(f"{name} {who} {page}", []).append(_get(side.clients[who], page))
        for _ in range(4):
            for side in sides:
                case = next(side.cases)
                side.times.setdefault("case_page leader /cases/…", []).append(
                    _get(side.clients[LEADER], f"/cases/{case}")
                )
            for side in sides:
                side.times.setdefault("completion busy claim+complete", []).append(_complete(side, next(side.tasks)))
        if number < WARM:
            for side in sides:
                side.times.clear()
        elif not number % 5:
            say(f"round {number - WARM + 1} of {rounds}")
    for name in sorted(sides[0].times):
        medians = [statistics.median(side.times[name]) * 1000 for side in sides]
        say(f"  {medians[0]:7.1f} {medians[1]:7.1f} ms  {medians[1] / medians[0]:5.2f}  {name}")
    return _figures(sides)


def _figures(sides: list[Side]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    kinds = dict.fromkeys(name.partition(" ")[0] for name in sides[0].times)
    for kind in kinds:
        both = [
            sorted(t * 1000 for name, times in side.times.items() if name.startswith(f"{kind} ") for t in times)
            for side in sides
        ]
        for size, times in zip(("10k", "1m"), both, strict=True):
            figures[f"{kind}_{size}_p50_ms"] = round(statistics.median(times), 1)
            figures[f"{kind}_{size}_p95_ms"] = round(times[int(len(times) * 0.95)], 1)
        figures[f"{kind}_ratio_p50"] = round(statistics.median(both[1]) / statistics.median(both[0]), 2)
        figures[f"{kind}_ratio_p95"] = round(both[1][int(len(both[1]) * 0.95)] / both[0][int(len(both[0]) * 0.95)], 2)
    return figures


def _side(city: City) -> Side:
    logins = {}
    with city.core.db.write() as connection:
        connection.execute(update(person).values(password_hash=hash_password(PASSWORD), must_change=False))
    for name, (unit_key, post) in POSTS.items():
        logins[name] = _holder(city, unit_key, post)
    application = create_app(city, b"bench")
    clients = {}
    for name, login in logins.items():
        client = application.test_client()
        client.set_cookie(COOKIE, sessions.log_in(city.core, login, PASSWORD)[0])
        clients[name] = client
    return Side(city, clients, logins, cycle(_some_cases(city)), iter(_some_tasks(city)))


def _holder(city: City, unit_key: str, post: str) -> str:
    from tests.bench.story import Walker  # noqa: PLC0415  it reads who there is

    return Walker(city).people[unit_key, post]


def _some_cases(city: City, count: int = 400) -> list[int]:
    """Cases from all over the table."""
    with city.core.db.read() as connection:
        ids = list(connection.execute(select(instance.c.id).order_by(instance.c.id).limit(count)).scalars())
    random.Random(3).shuffle(ids)
    return ids


def _some_tasks(city: City, count: int = 2000) -> list[str]:
    """Tasks to sign for that wait at the busiest unit."""
    query = (
        select(task.c.instance_id, task.c.id)
        .where(
            task.c.world_id == 1,
            task.c.post_key == "handler",
            task.c.unit_id == city.core.unit_id(POSTS[BUSY][0]),
            task.c.node == "SignFor",
            task.c.state == "open",
            task.c.assignee_id.is_(None),
        )
        .limit(count * 4)
    )
    with city.core.db.read() as connection:
        refs = [f"{row.instance_id}.{row.id}" for row in connection.execute(query)]
    random.Random(4).shuffle(refs)
    return refs[:count]


def _get(client: FlaskClient, page: str) -> float:
    began = time.perf_counter()
    response = client.get(page)
    taken = time.perf_counter() - began
    if response.status_code != 200:
        raise RuntimeError(f"{page}: {response.status}")
    return taken


def _complete(side: Side, ref: str) -> float:
    by, (_, answers) = side.logins[BUSY], OLD[0]
    began = time.perf_counter()
    holding.claim(side.city.core, ref, by)
    side.city.complete(ref, answers, by=by)
    return time.perf_counter() - began
