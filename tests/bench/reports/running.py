"""The measurement as a whole: a server of its own, two cities of different size in it, all of it gone afterwards."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Any

from tests.bench.inbox import filling, samples
from tests.bench.inbox.running import BYTES, CLOSED, SETTINGS
from tests.bench.reports import measuring
from tests.postgres import PostgresServer
from web.setting_up import load_everything, migrate
from web.wiring import open_city

SMALL = 10_000
CASES_EACH = 1.754
"""Cases for each open task with ten closed ones, as the samples are made: 12.4 rows of history a case."""


def run(cases: int, rounds: int, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Load, measure, drop. RuntimeError when the disk is too small."""
    server = PostgresServer(durable=True, more=SETTINGS)
    free = shutil.disk_usage(server.folder).free
    wanted = (cases + SMALL) / CASES_EACH * BYTES * 1.3
    if free < wanted:
        shutil.rmtree(server.folder)
        raise RuntimeError(f"{free // 2**30} GB are free; {cases} cases take {wanted / 2**30:.0f} GB")
    server.create()
    try:
        city = open_city(server.create_database("bench_base"))
        migrate(city.core.db)
        load_everything(city.core)
        made = samples.make(city)
        city.close()
        began = time.monotonic()
        urls, loaded = [], []
        for name, count in (("bench_small", SMALL), ("bench_large", cases)):
            url = server.create_database(name, "bench_base")
            open_tasks = round(count / CASES_EACH)
            plain = url.replace("postgresql+psycopg://", "postgresql://")
            filled = filling.fill(plain, made, open_tasks, open_tasks * CLOSED, say)
            say(f"{name}: {filled.cases} cases in {filled.seconds:.0f} s")
            urls.append(url)
            loaded.append(filled.cases)
        figures = measuring.measure(server, (urls[0], urls[1]), rounds, say)
        return {"cases": loaded[1], "load_s": round(time.monotonic() - began), **figures}
    finally:
        server.remove()
