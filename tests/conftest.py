"""What every test may ask for: an empty, migrated database of either kind, and a city opened on it."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.db import Database
from tests.postgres import PostgresServer, end_shared_server, shared_server

SESSION = "LIANDONG_TEST_SESSION"  # workers inherit it: the folder of this session and the process that leads it
TEMPLATE = "liandong_template"
TEMPLATE_LOCK = 2042


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[SESSION] = f"{os.getpid()}:{tempfile.mkdtemp(prefix='liandong-tests-')}"


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and SESSION in os.environ:
        session = Path(os.environ.pop(SESSION).partition(":")[2])
        end_shared_server(session)
        shutil.rmtree(session, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> PostgresServer:
    """A real PostgreSQL, one for the whole session, with a migrated template database."""
    owner, _, session = os.environ[SESSION].partition(":")
    server = shared_server(Path(session) / "postgres", int(owner))
    with server.only_one(TEMPLATE_LOCK):
        if not server.has_database(TEMPLATE):
            migrate(server.create_database(TEMPLATE + "_new"))
            server.rename_database(TEMPLATE + "_new", TEMPLATE)
    return server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    template = tmp_path_factory.mktemp("template") / "liandong.db"
    migrate(f"sqlite:///{template}")
    return template


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated SQLite file."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'liandong.db')}"


@pytest.fixture
def postgresql_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh, migrated PostgreSQL database, dropped after the test."""
    name = "test_" + uuid.uuid4().hex
    yield postgres_server.create_database(name, TEMPLATE)
    postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database: the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The same, opened."""
    opened = Database(database_url)
    yield opened
    opened.close()


def migrate(url: str) -> None:
    """Bring a new database to the newest schema, as `./run migrate` does."""
    database = Database(url)
    database.create()
    database.close()
