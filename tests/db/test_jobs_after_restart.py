"""A PostgreSQL that is restarted under a worker: what is due is done at once, and nothing counts as a failed try."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from engine import jobs
from engine.db import is_lost
from engine.tables import job
from tests import laws
from tests.conftest import A_WORKING_MORNING, MakeDatabase
from tests.faults.crowd import crowd
from tests.postgres import PostgresServer
from web.city import City
from web.wiring import open_city

Restart = Callable[[], None]


@pytest.fixture
def server(make_database: MakeDatabase, postgres_server: PostgresServer) -> Iterator[tuple[PostgresServer, str]]:
    """A server of its own with a city on it: whoever else tests keeps theirs."""
    name = make_url(make_database("postgresql", "city")).database or ""
    own = PostgresServer(more=("synchronous_commit=on",))
    try:
        own.create()
        yield own, own.copy_database(postgres_server, name)
    finally:
        own.remove()


def _tries(city: City) -> list[tuple[int, str | None]]:
    with city.core.db.read() as connection:
        return [(row.tries, row.error) for row in connection.execute(select(job.c.tries, job.c.error))]


def test_due_jobs_are_done_at_once(server: tuple[PostgresServer, str], monkeypatch: pytest.MonkeyPatch) -> None:
    own, url = server

    def restart() -> None:
        own.kill()
        own.start()

    with closing(open_city(url)) as city:
        ids = crowd(city, 6, lambda _: A_WORKING_MORNING)
        assert jobs.run_due(city.core, 2).done == 2, "the connections of a worker are made"
        restart()
        assert (done := jobs.run_due(city.core, 1)) == jobs.Pass(done=1), done
        assert {tries for tries, _ in _tries(city)} == {0}

        # between the lease and the step
        lease, execute = jobs.lease, jobs.execute
        fallen: list[str] = []

        def late(*arguments: Any) -> Any:
            taken = lease(*arguments)
            restart()
            return taken

        monkeypatch.setattr(jobs, "lease", late)
        assert (done := jobs.run_due(city.core, 1)) == jobs.Pass(done=1), done
        monkeypatch.setattr(jobs, "lease", lease)

        # under the step's own statements
        def falls(core: Any, leased: Any) -> None:
            if not fallen:
                fallen.append(leased.id)
                with core.db.read() as connection:
                    restart()
                    connection.execute(select(job.c.id))
            execute(core, leased)

        monkeypatch.setattr(jobs, "execute", falls)
        assert (done := jobs.run_due(city.core, 2)) == jobs.Pass(done=2), done
        assert fallen
        assert _tries(city) == []
        for id_ in ids:
            laws.check(city, id_)


def test_while_it_is_away_nothing_is_counted(
    server: tuple[PostgresServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own, url = server
    with closing(open_city(url)) as city:
        crowd(city, 1, lambda _: A_WORKING_MORNING)
        lease = jobs.lease

        def late(*arguments: Any) -> Any:
            taken = lease(*arguments)
            own.kill()
            return taken

        monkeypatch.setattr(jobs, "lease", late)
        with pytest.raises(OperationalError) as raised:
            jobs.run_due(city.core)
        assert is_lost(raised.value)
        own.start()
        assert _tries(city) == [(0, None)]


def test_what_is_asked_wrongly_is_no_lost_connection(postgresql_url: str) -> None:
    where = make_url(postgresql_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(where, autocommit=True) as connection:
        for wrong in ("select 1 / 0", "select nothing", "set statement_timeout = 1; select pg_sleep(1)"):
            with pytest.raises(psycopg.Error) as raised:
                connection.execute(wrong)
            assert not is_lost(raised.value), wrong
