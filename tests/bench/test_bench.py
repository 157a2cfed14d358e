"""The measurements run and mean what they say, in a form too small for figures."""

from __future__ import annotations

import pytest

from engine.acts import holding
from engine.queries import inbox, listing
from tests.bench import measure
from tests.bench.inbox import filling, samples
from tests.bench.proxy import Proxy
from tests.bench.story import OLD, Walker
from tests.conftest import MakeDatabase
from tests.postgres import PostgresServer
from web.city import City
from web.wiring import open_city


def test_a_completion_is_two_round_trips(postgres_server: PostgresServer, make_database: MakeDatabase) -> None:
    proxy = Proxy(postgres_server.port)
    name = make_database("postgresql", "city").partition("?")[0].rpartition("/")[2]
    city = open_city(postgres_server.url(name, port=proxy.port))
    try:
        walker = Walker(city)
        for instance_id, ref in walker.aged(3):
            walker.walk(instance_id, OLD, ref)
        [(instance_id, ref)] = list(walker.aged(1))
        before = proxy.trips
        walker.walk(instance_id, OLD, ref)
        assert (proxy.trips - before) / len(OLD) <= 2
    finally:
        city.close()
        proxy.close()


def test_a_case_at_rest_is_small(make_database: MakeDatabase) -> None:
    city = open_city(make_database("postgresql", "city"))
    try:
        assert measure.state_bytes(Walker(city)) <= 2000
    finally:
        city.close()


HOT = ("task", "history", "receipt", "words", "involvement", "job")


def test_a_step_reads_no_table_whole(make_database: MakeDatabase) -> None:
    """The planner knows nothing of tables that were empty when the function was first planned: the steps find their rows by key."""
    city = open_city(make_database("postgresql", "city"))
    try:
        walker = Walker(city)
        for instance_id, ref in walker.aged(8):
            walker.walk(instance_id, OLD, ref)
        aged = list(walker.aged(4))
        before = _read_whole(city)
        for instance_id, ref in aged:
            walker.walk(instance_id, OLD, ref)
        assert _read_whole(city) == before
    finally:
        city.close()


def _read_whole(city: City) -> dict[str, int]:
    raw = city.core.db.raw()
    raw.execute("select pg_stat_force_next_flush()")
    raw.execute("select 1")
    rows = raw.execute("select relname, seq_tup_read from pg_stat_user_tables where relname = any(%s)", (list(HOT),))
    return dict(rows.fetchall())


@pytest.mark.faults
def test_a_city_filled_with_copies_works_like_one_that_grew(make_database: MakeDatabase) -> None:
    """The million tasks of `./run bench inbox`, two hundred here: found, listed, claimed and completed through the engine."""
    url = make_database("postgresql", "city")
    city = open_city(url)
    made = samples.make(city, ("water_supply",))
    city.close()
    filled = filling.fill(url.replace("postgresql+psycopg://", "postgresql://"), made, 200, 2000, lambda _: None)
    assert 200 <= filled.open_tasks <= 240
    city = open_city(url)
    try:
        handler = Walker(city).people["water_supply", "handler"]
        rows = inbox.page(city.core, city.actor(handler), inbox.Wanted(tab=inbox.Tab.UNIT), city.core.db.now()).rows
        assert len(rows) == 25
        row = next(each for each in rows if each["node"] == "SignFor")
        hits = listing.page(city.core, city.actor(handler), listing.Wanted(text=row["number"]))
        assert [case["id"] for case in hits.rows] == [row["instance_id"]]
        ref = f"{row['instance_id']}.{row['id']}"
        holding.claim(city.core, ref, handler)
        city.complete(ref, OLD[0][1], by=handler)
        assert [task.node for task in city.tasks(row["instance_id"])] == ["Handle"]
    finally:
        city.close()
