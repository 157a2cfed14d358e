"""Server time of the inbox and of a case page with 1,000 and with 100,000 open tasks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import Connection, text, update

from engine import sessions
from engine.passwords import hash_password
from engine.tables import person
from tests.bench.story import YOUNG, Walker
from tests.postgres import PostgresServer
from web.app import create_app
from web.auth import COOKIE
from web.city import City
from web.wiring import open_city

SMALL = 1_000
COPIES = 99
COPIED = ("instance", "task", "clock", "involvement", "history", "words")
SAMPLES = 40


def measure(server: PostgresServer, open_small: Callable[[str], City]) -> dict[str, float]:
    """The ratio, and the times behind it in milliseconds: two databases, asked in turn, so that the machine's moods meet both."""
    small = open_small(server.create_database("bench_inbox_1k"))
    walker = Walker(small)
    for _ in range(SMALL):
        shown = walker.start()
        walker.walk(shown, YOUNG)
    login = walker.who("SignFor")
    _analyze(small)
    small.close()
    large = open_city(server.create_database("bench_inbox_100k", "bench_inbox_1k"))
    with large.core.db.write() as connection:
        _copy(connection)
    _analyze(large)
    small = open_city(server.url("bench_inbox_1k"))
    clients = (_logged_in(small, login), _logged_in(large, login))
    figures: dict[str, float] = {}
    ratios = []
    for name, page in (("inbox", "/inbox?tab=unit"), ("case_page", f"/cases/{shown}")):
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(SAMPLES + 5):
            for client, taken in zip(clients, times, strict=True):
                taken.append(_get(client, page))
                if number < 5:
                    taken.clear()
        young, old = (statistics.median(t) for t in times)
        figures[f"{name}_1k_ms"], figures[f"{name}_100k_ms"] = round(young * 1000, 2), round(old * 1000, 2)
        ratios.append(old / young)
    small.close()
    large.close()
    return {"inbox_100k_over_1k": round(max(ratios), 3), **figures}


def _logged_in(city: City, login: str) -> FlaskClient:
    with city.core.db.write() as connection:
        connection.execute(
            update(person).where(person.c.login == login).values(password_hash=hash_password("bench-Only-1"))
        )
    token, _ = sessions.log_in(city.core, login, "bench-Only-1")
    client = create_app(city, b"bench").test_client()
    client.set_cookie(COOKIE, token)
    return client


def _get(client: FlaskClient, page: str) -> float:
    began = time.perf_counter()
    response = client.get(page)
    taken = time.perf_counter() - began
    if response.status_code != 200:
        raise RuntimeError(f"{page}: {response.status}")
    return taken


def _copy(connection: Connection) -> None:
    """Every open case a hundred times, as rows: what is measured is reading."""
    for table in COPIED:
        names = connection.execute(
            text("select column_name from information_schema.columns where table_name = :t order by ordinal_position"),
            {"t": table},
        ).scalars()
        key = "id" if table == "instance" else "instance_id"
        columns = [f'"{n}"' for n in names]
        values = [f'"{key}" - k' if c == f'"{key}"' else c for c in columns]
        connection.execute(
            text(
                f"insert into {table} ({', '.join(columns)}) select {', '.join(values)} from {table}"
                f" cross join generate_series(1, {COPIES}) k"
            )
        )


def _analyze(city: City) -> None:
    with city.core.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
