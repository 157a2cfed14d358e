"""A city's database filled with a million open tasks: copies of sample cases, written by PostgreSQL itself, tables side by side, indexes
built when the rows are there."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tests.bench.inbox import texts
from tests.bench.inbox.samples import Sample

TEXTS = 40_000
"""Different texts; the first of them are told oftenest."""

DAYS, OPEN_DAYS = 1100, 400
"""How far back closed and open cases go; more of them are new than old."""

TABLES = {
    "history": ("history",),
    "rest": ("task", "instance", "words", "clock", "involvement", "job"),
}
"""What two connections write at the same time."""

MEMORY = "1GB"
"""For building indexes."""


@dataclass(frozen=True, slots=True)
class Filled:
    """How many rows, and how long it took in seconds."""

    open_tasks: int
    closed_tasks: int
    cases: int
    seconds: float


def fill(url: str, samples: Iterable[Sample], open_tasks: int, closed_tasks: int, say: Callable[[str], None]) -> Filled:
    """Fill the database at `url`, which holds the samples."""
    began = time.monotonic()
    samples = list(samples)
    copies = _copies(samples, open_tasks, closed_tasks)
    with psycopg.connect(url) as connection:
        _prepare(connection, copies)
        cases: int = _one(connection, "select count(*) from bench_case")
    say(f"{cases} cases planned, {time.monotonic() - began:.0f} s")
    failed: list[BaseException] = []

    def run(tables: tuple[str, ...]) -> None:
        try:
            for table in tables:
                with psycopg.connect(url) as connection:
                    took = _timed(lambda: _copy(connection, table))  # noqa: B023  called here
                say(f"{table}: {took[0]} rows, {took[1]:.0f} s")
        except BaseException as error:  # noqa: BLE001  told below, by the thread that waits
            failed.append(error)

    threads = [threading.Thread(target=run, args=(tables,)) for tables in TABLES.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    with psycopg.connect(url, autocommit=True) as connection:
        took = _timed(lambda: _tidy(connection))
    say(f"vacuum, analyze: {took[1]:.0f} s")
    closed = sum(sample.closed_tasks * copies[sample.case] for sample in samples)
    return Filled(open_tasks, closed, cases, time.monotonic() - began)


def _timed(work: Callable[[], int]) -> tuple[int, float]:
    began = time.monotonic()
    return work(), time.monotonic() - began


def _copies(samples: Iterable[Sample], open_tasks: int, closed_tasks: int) -> dict[int, int]:
    """How often each sample is copied."""
    samples = list(samples)
    whole = sum(s.share for s in samples if s.open)
    found = {s.case: math.ceil(s.share / whole * open_tasks) for s in samples if s.open}
    left = closed_tasks - sum(s.closed_tasks * found[s.case] for s in samples if s.open)
    each = sum(s.share * s.closed_tasks for s in samples if not s.open)
    found |= {s.case: math.ceil(s.share / each * left) for s in samples if not s.open}
    return found


def _prepare(connection: psycopg.Connection, copies: Mapping[int, int]) -> None:
    """The cases to be, in the order of their starts, and the texts they choose from."""
    connection.execute(
        "create unlogged table bench_text (n int primary key, title text, place text, description text, area text, words text)"
    )
    with connection.cursor() as cursor, cursor.copy("copy bench_text from stdin") as into:
        for row in texts.rows(TEXTS):
            into.write_row(row)
    connection.execute("create unlogged table bench_sample (template bigint primary key, copies int)")
    with connection.cursor() as cursor:
        cursor.executemany("insert into bench_sample values (%s, %s)", list(copies.items()))
    connection.execute("select setseed(0.42)")
    connection.execute(
        f"""create unlogged table bench_case as
        select row_number() over (order by s.age desc) as n, s.template, s.id, floor(power(random(), 1.3) * {TEXTS})::int as text,
               date_trunc('milliseconds', now() - s.began - s.age) as shift, s.open,
               date_trunc('milliseconds', random() * interval '90 days' + case when random() < 0.6 then s.age else '0' end) as slack,
               s.began + date_trunc('milliseconds', now() - s.began - s.age) as started
        from (select b.template, i.started_at as began, i.ended_at is null as open,
                     (1::bigint << 62) | (hashtextextended(b.template || ':' || k, 42) & ((1::bigint << 62) - 1)) as id,
                     power(random(), 1.5) * case when i.ended_at is null then {OPEN_DAYS} else {DAYS} end * interval '1 day' as age
              from bench_sample b join instance i on i.id = b.template cross join generate_series(1, b.copies) k) s
        order by 1"""
    )
    connection.execute("analyze bench_case, bench_text, bench_sample")
    for table in (table for several in TABLES.values() for table in several):
        name = sql.Identifier(table)
        connection.execute(
            sql.SQL("create unlogged table {} as table {}").format(sql.Identifier(f"sample_{table}"), name)
        )


TEXT = "jsonb_build_object('title', t.title, 'place', t.place, 'description', t.description, 'area', t.area)"
DAY = "to_char(c.started, 'YYYYMMDD')"
CODE = "upper(substr(md5(c.id::text), 1, 6))"
SLACK = "x.{0} + c.shift + case when c.open and x.{1} is null then c.slack else '0' end"
VALUES: dict[str, dict[str, str]] = {
    "instance": {
        "number": f"{DAY} || '-' || {CODE}",
        "facts": f"x.facts || {TEXT}",
        "title": "t.title",
        "place": "t.place",
        "area": "t.area",
    },
    "history": {
        "data": f"case when x.seq = 0 then jsonb_set(x.data, '{{answers}}', (x.data->'answers') || {TEXT}) else x.data end"
    },
    "task": {name: SLACK.format(name, "closed_at") for name in ("warn_at", "due_at")},
    "clock": {name: SLACK.format(name, "stopped_at") for name in ("warn_at", "due_at")},
    "job": {"due_at": "now() + interval '1 year'"},
    "words": {
        "words": "t.words || ' ' || concat_ws(' ', "
        + ", ".join(
            [*(f"substr({DAY}, 1, {n})" for n in range(3, 9)), *(f"lower(substr({CODE}, 1, {n}))" for n in range(3, 7))]
        )
        + ")",
        "scope": "regexp_replace(x.scope, 'day:[0-9]+ month:[0-9]+', 'day:' || floor(extract(epoch from c.started) / 86400)"
        " || ' month:' || floor(extract(epoch from c.started) / 86400 / 32))",
    },
}
"""Columns of a copy that differ from the sample beyond instance and time."""


def _copy(connection: psycopg.Connection, table: str) -> int:
    """Empty the table, write all copies, and build what was taken away for that: in one transaction, so that nothing of it is logged."""
    connection.execute(f"set maintenance_work_mem = '{MEMORY}'; set max_parallel_maintenance_workers = 1")
    columns = connection.execute(
        "select attname, format_type(atttypid, null) from pg_attribute where attrelid = %s::regclass and attnum > 0"
        " and not attisdropped order by attnum",
        (table,),
    ).fetchall()
    back = _take_indexes_away(connection, table)
    connection.execute(f"truncate {table}")
    key = "id" if table == "instance" else "instance_id"
    values = []
    for name, kind in columns:
        if name == key:
            values.append("c.id")
        elif name in VALUES.get(table, {}):
            values.append(VALUES[table][name])
        elif kind == "timestamp with time zone":
            values.append(f'x."{name}" + c.shift')
        else:
            values.append(f'x."{name}"')
    told = ", ".join(f'"{name}"' for name, _ in columns)
    count = connection.execute(
        f"insert into {table} ({told}) select {', '.join(values)} from bench_case c"
        f' join bench_text t on t.n = c.text join "sample_{table}" x on x.{key} = c.template'
    ).rowcount
    for statement in back:
        connection.execute(statement)
    return int(count)


def _take_indexes_away(connection: psycopg.Connection, table: str) -> list[str]:
    """Drop constraints and indexes and rest the triggers; answers what brings them back."""
    back = []
    constraints = connection.execute(
        "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass and contype in ('p', 'u', 'f')"
        " order by contype desc",
        (table,),
    ).fetchall()
    for name, definition in constraints:
        connection.execute(f'alter table {table} drop constraint "{name}" cascade')
        back.append(f'alter table {table} add constraint "{name}" {definition}')
    indexes = connection.execute("select indexname, indexdef from pg_indexes where tablename = %s", (table,)).fetchall()
    for name, definition in indexes:
        connection.execute(f'drop index "{name}"')
        back.append(definition)
    connection.execute(f"alter table {table} disable trigger user")
    return [*back, f"alter table {table} enable trigger user"]


def _tidy(connection: psycopg.Connection) -> int:
    """What autovacuum would have done by the time there are so many rows."""
    for table in (table for several in TABLES.values() for table in several):
        connection.execute(f"drop table sample_{table}")
    connection.execute("drop table bench_case, bench_text, bench_sample")
    connection.execute("vacuum (analyze, parallel 1)")
    return 0


def _one(connection: psycopg.Connection, statement: str) -> int:
    (found,) = connection.execute(statement).fetchall()
    return int(found[0])
