"""The databases that tests run on are what they say they are."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from engine.db import Database
from tests.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[2]


def test_each_test_gets_an_empty_migrated_database(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE left_behind (a INTEGER)"))


def test_nothing_is_left_of_the_test_before(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE left_behind (a INTEGER)"))


def test_postgresql_is_real_and_the_product_no_superuser(postgresql_url: str) -> None:
    with closing(Database(postgresql_url)) as database, database.read() as connection:
        assert "PostgreSQL 18" in connection.execute(text("SELECT version()")).scalar_one()
        assert connection.execute(text("SELECT current_setting('is_superuser')")).scalar_one() == "off"


def test_loopback_wants_the_password(postgres_server: PostgresServer) -> None:
    with closing(Database(postgres_server.url("postgres", tcp=True))) as database, database.read() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host="127.0.0.1", port=postgres_server.port, user="liandong", dbname="postgres")


def test_the_server_ends_when_the_session_is_killed(tmp_path: Path) -> None:
    leader = subprocess.Popen(["sleep", "60"])
    session = tmp_path / "session"
    session.mkdir()
    guard = subprocess.Popen([sys.executable, "-m", "tests.postgres", str(session), str(leader.pid)], cwd=ROOT)
    while not (session / "server.json").exists():
        assert guard.poll() is None
        time.sleep(0.05)
    leader.send_signal(signal.SIGKILL)
    leader.wait()
    assert guard.wait(30) == 0
    assert not session.exists()


def test_root_never_runs_it(postgres_server: PostgresServer) -> None:
    owner = (postgres_server.folder / "data").stat().st_uid
    assert owner != 0
    assert os.geteuid() in {0, owner}
