"""The floor: what any durable step must cost. Plain psycopg, one transaction: a 5 KB row with a revision check, a task
inserted, a task updated, an audit row inserted."""

from __future__ import annotations

import json
from typing import Any

import psycopg

DOCUMENT = json.dumps({"padding": "井" * 1600})  # 5 KB in UTF-8


def prepare(connection: psycopg.Connection[Any], cases: int) -> None:
    """The tables, with `cases` rows to work on."""
    connection.execute("drop table if exists floor_case, floor_task, floor_audit")
    connection.execute("create table floor_case (id bigint primary key, revision int not null, document text not null)")
    connection.execute(
        "create table floor_task (case_id bigint, id int, state text not null, primary key (case_id, id))"
    )
    connection.execute("create table floor_audit (case_id bigint, seq int, what text, primary key (case_id, seq))")
    for i in range(cases):
        connection.execute("insert into floor_case values (%s, 0, %s)", (i, DOCUMENT))
        connection.execute("insert into floor_task values (%s, 0, 'open')", (i,))
    connection.commit()


def step(connection: psycopg.Connection[Any], case: int, revision: int, document: str = DOCUMENT) -> None:
    """One step in one transaction."""
    with connection.transaction():
        done = connection.execute(
            "update floor_case set document = %s, revision = %s where id = %s and revision = %s",
            (document, revision + 1, case, revision),
        )
        assert done.rowcount == 1
        connection.execute("insert into floor_task values (%s, %s, 'open')", (case, revision + 1))
        connection.execute("update floor_task set state = 'done' where case_id = %s and id = %s", (case, revision))
        connection.execute("insert into floor_audit values (%s, %s, %s)", (case, revision + 1, "completed"))
