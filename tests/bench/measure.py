"""All figures of `./run bench`, in interleaved rounds on one server: floor, naive, ours, again and again."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import text

from tests.bench import floor, large_inbox, over_http
from tests.bench.naive import Naive
from tests.bench.proxy import Proxy
from tests.bench.story import LOOP, OLD, PROCESS, YOUNG, Walker
from tests.postgres import PostgresServer
from web.city import City
from web.setting_up import load_everything, migrate
from web.wiring import open_city

ROUNDS = 7
CASES = 60
"""Cases a round: with five measured completions each, 300 steps a side a round."""

Figures = dict[str, Any]


def run(
    server: PostgresServer, say: Callable[[str], None] = print, rounds: int = ROUNDS, cases: int = CASES
) -> Figures:
    """Measure everything and answer the figures."""
    figures: Figures = {}
    city = _city(server.create_database("bench"))
    walker = Walker(city)
    naive = Naive(city.definition(PROCESS).model)
    with psycopg.connect(_plain(server.create_database("bench_floor"))) as connection:
        _side_by_side(figures, walker, naive, connection, rounds, cases, say)
    figures["growth_1000"] = growth(walker)
    figures["state_bytes"] = state_bytes(walker)
    figures["http_completions_tps"] = over_http.completions(walker, server.url("bench"), cases)
    city.close()
    figures["instance_bytes"] = instance_bytes(_city(server.create_database("bench_bytes")), say)
    figures.update(at_a_distance(server, rounds=3, cases=max(10, cases // 3)))
    figures.update(large_inbox.measure(server, _city))
    return figures


def _side_by_side(
    figures: Figures,
    walker: Walker,
    naive: Naive,
    connection: psycopg.Connection[Any],
    rounds: int,
    cases: int,
    say: Callable[[str], None],
) -> None:
    rates: dict[str, list[float]] = {"floor": [], "naive": [], "completions": [], "starts": []}
    for number in range(rounds + 1):
        floor.prepare(connection, cases)
        rates["floor"].append(_rate(lambda: _floor(connection, cases)))
        naive.prepare(connection, cases)
        rates["naive"].append(_rate(lambda: sum(naive.run(connection, case) for case in range(cases))))
        aged = list(walker.aged(cases))
        rates["completions"].append(_rate(lambda aged=aged: sum(_close(walker, *case) for case in aged)))  # type: ignore[misc]
        rates["starts"].append(_rate(lambda: sum(1 for _ in range(cases) if walker.start())))
        say(f"round {number}: " + ", ".join(f"{k} {v[-1]:.0f}/s" for k, v in rates.items()))
    for name, values in rates.items():
        del values[0]  # the first round warms caches and plans up, on every side
        figures[f"{name}_tps"] = round(statistics.median(values), 1)
        figures[f"{name}_tps_range"] = [round(min(values), 1), round(max(values), 1)]
    pairs = list(zip(rates["completions"], rates["floor"], rates["naive"], strict=True))
    figures["ratio_to_floor"] = round(statistics.median(o / f for o, f, _ in pairs), 3)
    figures["ratio_to_naive"] = round(statistics.median(o / n for o, _, n in pairs), 3)


def _floor(connection: psycopg.Connection[Any], cases: int) -> int:
    for revision in range(len(OLD)):
        for case in range(cases):
            floor.step(connection, case, revision)
    return cases * len(OLD)


def _close(walker: Walker, instance_id: int, ref: str) -> int:
    assert walker.walk(instance_id, OLD, ref) is None
    return len(OLD)


def _rate(work: Callable[[], int]) -> float:
    began = time.perf_counter()
    done = work()
    return done / (time.perf_counter() - began)


def growth(walker: Walker, loops: int = 1000, width: int = 40) -> float:
    """Cost of a step at send-back `loops` over its cost at the third: medians over `width` rounds each, of a case followed all
    the way; young rounds are taken from fresh cases in between, so that the machine's moods meet both."""
    instance_id = walker.start()
    ref = walker.walk(instance_id, YOUNG)
    for _ in range(loops - width):
        ref = walker.walk(instance_id, LOOP, ref)
    old: list[float] = []
    young: list[float] = []
    for _ in range(width):
        fresh = walker.start()
        fresh_ref = walker.walk(fresh, YOUNG + LOOP * 2)
        began = time.perf_counter()
        walker.walk(fresh, LOOP, fresh_ref)
        between = time.perf_counter()
        ref = walker.walk(instance_id, LOOP, ref)
        old.append(time.perf_counter() - between)
        young.append(between - began)
    return round(statistics.median(old) / statistics.median(young), 3)


def state_bytes(walker: Walker) -> int:
    """Stored state of a case at rest, three send-backs old, waiting to be handled."""
    [(instance_id, ref)] = list(walker.aged(1))
    walker.walk(instance_id, OLD[:1], ref)
    return len(walker.city.instance(instance_id)["state"].encode())


def instance_bytes(city: City, say: Callable[[str], None], cases: int = 1000) -> int:
    """Growth of every table and index over finished cases, per case."""
    walker = Walker(city)
    before = _size(city)
    for _ in range(cases):
        instance_id = walker.start()
        walker.walk(instance_id, YOUNG + OLD)
    grown = _size(city) - before
    with city.core.db.read() as connection:
        rows = connection.execute(
            text(
                "select relname, pg_total_relation_size(oid) from pg_class where relkind = 'r' and relnamespace = "
                "'public'::regnamespace order by 2 desc limit 8"
            )
        ).all()
    say("largest tables: " + ", ".join(f"{name} {size // 1024} KB" for name, size in rows))
    city.close()
    return round(grown / cases)


def _size(city: City) -> int:
    with city.core.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
        size: int = connection.execute(
            text(
                "select sum(pg_total_relation_size(oid)) from pg_class where relkind = 'r' and relnamespace = "
                "'public'::regnamespace"
            )
        ).scalar_one()
    return size


def at_a_distance(server: PostgresServer, rounds: int, cases: int) -> Figures:
    """Round trips of a completion, and the ratio to the floor with a millisecond of network between."""
    proxy = Proxy(server.port)
    city = _city(server.create_database("bench_far"))
    city.close()
    city = open_city(server.url("bench_far", port=proxy.port))
    walker = Walker(city)
    for case in walker.aged(5):  # warm up: plans prepared, definitions read
        _close(walker, *case)
    [(instance_id, ref)] = list(walker.aged(1))
    before = proxy.trips
    _close(walker, instance_id, ref)
    trips = (proxy.trips - before) / len(OLD)
    server.create_database("bench_far_floor")
    ratios = []
    with psycopg.connect(_plain(server.url("bench_far_floor", port=proxy.port))) as connection:
        for _ in range(rounds):
            proxy.delay = 0.0
            floor.prepare(connection, cases)
            aged = list(walker.aged(cases))
            proxy.delay = 0.001
            far_floor = _rate(lambda: _floor(connection, cases))
            ours = _rate(lambda aged=aged: sum(_close(walker, *case) for case in aged))  # type: ignore[misc]
            ratios.append(ours / far_floor)
    city.close()
    proxy.close()
    return {"round_trips": trips, "ratio_at_1ms": round(statistics.median(ratios), 3)}


def _city(url: str) -> City:
    city = open_city(url)
    migrate(city.core.db)
    load_everything(city.core)
    return city


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")
