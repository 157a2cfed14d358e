"""What every test may ask for: a database of either kind, and a city opened on it.

`database_url`, `database`: migrated and empty. `city_url`, `city`: with the shipped units, people, tables and processes.
Each runs the test twice, on SQLite and on PostgreSQL, on a database of its own.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import keys, long

if TYPE_CHECKING:
    from engine.clock import ManualClock
    from engine.db import Database
    from tests.postgres import PostgresServer
    from web.city import City

# The product is imported where it is used: a test of one pure module then starts quickly, whatever else is broken.
# ruff: noqa: PLC0415

SESSION = "LIANDONG_TEST_SESSION"  # workers inherit it: the process that leads the session, and its folder
TEMPLATE_LOCK = 2042
A_WORKING_MORNING = datetime(2026, 6, 10, 1, 0, tzinfo=UTC)  # Wednesday, 09:00 in Shanghai

MakeDatabase = Callable[[str, str], str]


# No deadlines: how fast this machine is today is not what is tested. Under CI the same examples every time.
settings.register_profile("house", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    # jsonschema builds 38 grammars of IRIs with it, for seconds in each worker; no form may ask for that format (forms/formats.py).
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    os.environ["LIANDONG_KEY"] = keys.CITY
    os.environ.pop("IDENTITY_DATABASE_URL", None)
    os.environ["LIANDONG_AUDIT_KEY"] = "YW5vdGhlciBrZXkgb2YgYSBjaXR5IGZvciB0ZXN0cyE="  # as well known
    os.environ.pop("DATABASE_URL", None)  # no test touches the database that somebody has configured
    if not hasattr(config, "workerinput"):
        session = tempfile.mkdtemp(prefix="liandong-tests-")
        os.environ[SESSION] = f"{os.getpid()}:{session}"
        os.environ["LIANDONG_AUDIT_DIR"] = f"{session}/audit"  # a folder for each database in it


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    long.mark(items)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and SESSION in os.environ:
        from tests.postgres import end_shared_server

        session = Path(os.environ.pop(SESSION).partition(":")[2])
        end_shared_server(session / "postgres")
        shutil.rmtree(session, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> PostgresServer:
    """A real PostgreSQL, one for the whole session."""
    from tests.postgres import shared_server

    owner, _, session = os.environ[SESSION].partition(":")
    return shared_server(Path(session) / "postgres", int(owner))


@pytest.fixture
def make_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeDatabase]:
    """`make_database("sqlite" or "postgresql", "empty" or "city")`: the URL of one more fresh database."""
    from tests.cheap import make_cheap

    make_cheap()
    names: list[str] = []

    def make(kind: str, holds: str) -> str:
        name = "test_" + uuid.uuid4().hex
        if kind == "sqlite":
            template = _sqlite_template(holds)
            return f"sqlite:///{shutil.copy(template, tmp_path / f'{name}.db')}"
        names.append(name)
        server: PostgresServer = request.getfixturevalue("postgres_server")
        return server.create_database(name, _postgresql_template(server, holds))

    yield make
    for name in names:
        request.getfixturevalue("postgres_server").drop_database(name)


@pytest.fixture
def sqlite_url(make_database: MakeDatabase) -> str:
    """A migrated SQLite file: for what cannot depend on the kind of database."""
    return make_database("sqlite", "empty")


@pytest.fixture
def postgresql_url(make_database: MakeDatabase) -> str:
    """A migrated PostgreSQL database: for what only PostgreSQL has."""
    return make_database("postgresql", "empty")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Whatever asks for this, directly or not, runs once on each kind."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(make_database: MakeDatabase, database_kind: str) -> str:
    return make_database(database_kind, "empty")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    from engine.db import Database

    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def city_url(make_database: MakeDatabase, database_kind: str) -> str:
    return make_database(database_kind, "city")


@pytest.fixture
def clock() -> ManualClock:
    """The live world's clock in tests: it stands at a working morning until a test moves it."""
    from engine.clock import ManualClock

    return ManualClock(A_WORKING_MORNING)


@pytest.fixture
def city(city_url: str, clock: ManualClock) -> Iterator[City]:
    from web.wiring import open_city

    opened = open_city(city_url, clock)
    yield opened
    opened.close()


def _sqlite_template(holds: str) -> Path:
    _owner, _, session = os.environ[SESSION].partition(":")
    template = Path(session) / f"{holds}.db"
    if not template.exists():
        from tests.templates import TEMPLATES

        with template.with_suffix(".lock").open("w") as lock:
            fcntl.flock(
                lock, fcntl.LOCK_EX
            )  # one worker makes it, the others wait: the machine is busy with all of them
            if not template.exists():
                part = template.with_suffix(".part")
                TEMPLATES[holds](f"sqlite:///{part}")
                part.rename(template)
    return template


def _postgresql_template(server: PostgresServer, holds: str) -> str:
    name = f"template_{holds}"
    if not server.has_database(name):
        from tests.templates import TEMPLATES

        with server.only_one(TEMPLATE_LOCK):
            if not server.has_database(name):
                part = f"{name}_{uuid.uuid4().hex}"
                TEMPLATES[holds](server.create_database(part))
                server.rename_database(part, name)
    return name
