"""`./run up` as a program: it serves, starts a killed worker again, and ends in good order."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.db import Database
from engine.tables import worker
from web.settings import ROOT

MakeDatabase = Callable[[str, str], str]


def until(happened: Callable[[], Any], seconds: float = 90) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        found = happened()
        if found:
            return found
        assert time.monotonic() < deadline
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, path: str) -> Any:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return response.read()
    except OSError:
        return None


def alive(database: Database) -> dict[str, int]:
    with database.read() as connection:
        rows = connection.execute(select(worker.c.name, worker.c.process).where(worker.c.stopped_at.is_(None)))
        return {row.name: row.process for row in rows}


@pytest.mark.slow
def test_it_serves_and_outlives_its_worker(make_database: MakeDatabase, database_kind: str, tmp_path: Path) -> None:
    url, port = make_database(database_kind, "empty"), free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "PORT": str(port),
        "LIANDONG_SECRET_FILE": str(tmp_path / "secret"),
    }
    command = [sys.executable, "-m", "web.cli", "up", "--no-demo"]
    with (tmp_path / "log").open("wb") as log:
        program = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        described = until(lambda: answers(port, "/api/v1/openapi.json"))
        assert json.loads(described)["openapi"].startswith("3.1")
        assert answers(port, "/login")
        with closing(Database(url)) as database:
            (first,) = until(lambda: alive(database)).items()
            os.kill(first[1], signal.SIGKILL)
            until(lambda: set(alive(database)) - {first[0]})
            program.send_signal(signal.SIGTERM)
            assert program.wait(60) == 0
            left = alive(database)
        assert set(left) == {first[0]}, "the killed one never said good-bye, the other did"
        assert answers(port, "/login") is None
    finally:
        program.kill()
        program.wait()
    said = (tmp_path / "log").read_text()
    assert f"http://localhost:{port}" in said
    assert f"http://localhost:{port}/first" in said
    assert "it is started again" in said


def test_a_taken_port_is_told_before_anything_is_done(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = {
            **os.environ,
            "PORT": str(taken.getsockname()[1]),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'a.db'}",
        }
        done = subprocess.run(
            [sys.executable, "-m", "web.cli", "up"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "PORT=" in done.stderr
    assert not (tmp_path / "a.db").exists()
