"""The measurement as a whole: a server of its own, two cities of different size in it, both asked in turn, all of it gone afterwards."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Any

from tests.bench.inbox import filling, measuring, samples
from tests.postgres import PostgresServer
from web.setting_up import load_everything, migrate
from web.wiring import open_city

SMALL = 10_000
CLOSED = 10
"""Closed tasks for each open one."""

BYTES = 21_000
"""Of disk for each open task with ten closed ones and their history, indexes and what building them takes, measured."""

SETTINGS = (
    "shared_buffers=2GB",
    "effective_cache_size=12GB",
    "max_wal_size=8GB",
    "wal_level=minimal",
    "max_wal_senders=0",
    "checkpoint_timeout=1h",
    "autovacuum=off",
)
"""A server as a city of this size has, but for the last four: they let the rows in quickly, and keep clean-up out of the figures."""


def run(open_tasks: int, rounds: int, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Load, measure, drop. RuntimeError when the disk is too small."""
    server = PostgresServer(durable=True, more=SETTINGS)
    free = shutil.disk_usage(server.folder).free
    if free < (open_tasks + SMALL) * BYTES * 1.3:
        shutil.rmtree(server.folder)
        raise RuntimeError(
            f"{free // 2**30} GB are free; {open_tasks} open tasks take {open_tasks * BYTES // 2**30} GB and some more"
        )
    began = time.monotonic()
    server.create()
    try:
        city = open_city(server.create_database("bench_base"))
        migrate(city.core.db)
        load_everything(city.core)
        made = samples.make(city)
        city.close()
        say(f"{len(made)} sample cases walked: {time.monotonic() - began:.0f} s")
        cities = []
        for name, count in (("bench_small", SMALL), ("bench_large", open_tasks)):
            url = server.create_database(name, "bench_base")
            plain = url.replace("postgresql+psycopg://", "postgresql://")
            filled = filling.fill(plain, made, count, count * CLOSED, say)
            say(
                f"{name}: {filled.open_tasks} open, {filled.closed_tasks} closed tasks of {filled.cases} cases in {filled.seconds:.0f} s"
            )
            cities.append(open_city(url))
        size = sum(file.stat().st_size for file in server.folder.rglob("*") if file.is_file())
        figures = measuring.measure(cities[0], cities[1], rounds, say)
        for city in cities:
            city.close()
        return {"open_tasks": open_tasks, "load_s": round(filled.seconds), "disk_gb": round(size / 2**30, 1), **figures}
    finally:
        server.remove()
