"""Server time of the inbox and of a case page with 1,000 and with 100,000 open tasks."""

from __future__ import annotations

import statistics
import time

from flask.testing import FlaskClient
from sqlalchemy import Connection, text, update

from engine import sessions
from engine.passwords import hash_password
from engine.tables import person
from tests.bench.story import YOUNG, Walker
from web.app import create_app
from web.auth import COOKIE
from web.city import City

SMALL = 1_000
COPIES = 99
COPIED = ("instance", "task", "clock", "involvement", "history", "gram")
SAMPLES = 25


def measure(city: City) -> dict[str, float]:
    """The ratio, and the times behind it in milliseconds."""
    walker = Walker(city)
    for _ in range(SMALL - 1):
        walker.walk(walker.start(), YOUNG)
    shown = walker.start()
    walker.walk(shown, YOUNG)
    client = _logged_in(city, walker.who("SignFor"))
    pages = ("/inbox?tab=unit", f"/cases/{shown}")
    _analyze(city)
    small = [_time(client, page) for page in pages]
    with city.core.db.write() as connection:
        _copy(connection)
    _analyze(city)
    large = [_time(client, page) for page in pages]
    return {
        "inbox_100k_over_1k": round(max(b / a for a, b in zip(small, large, strict=True)), 3),
        "inbox_1k_ms": round(small[0] * 1000, 2),
        "inbox_100k_ms": round(large[0] * 1000, 2),
        "case_page_1k_ms": round(small[1] * 1000, 2),
        "case_page_100k_ms": round(large[1] * 1000, 2),
    }


def _logged_in(city: City, login: str) -> FlaskClient:
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == login).values(password_hash=hash_password("bench-Only-1")))
    token, _ = sessions.log_in(city.core, login, "bench-Only-1")
    client = create_app(city, b"bench").test_client()
    client.set_cookie(COOKIE, token)
    return client


def _time(client: FlaskClient, page: str) -> float:
    times = []
    for _ in range(SAMPLES + 5):
        began = time.perf_counter()
        response = client.get(page)
        times.append(time.perf_counter() - began)
        if response.status_code != 200:
            raise RuntimeError(f"{page}: {response.status}")
    return statistics.median(times[5:])


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
                f"insert into {table} ({', '.join(columns)}) select {', '.join(values)} from {table}"  # noqa: S608  names of ours
                f" cross join generate_series(1, {COPIES}) k"
            )
        )


def _analyze(city: City) -> None:
    with city.core.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
