"""The pages and the JSON API, by gunicorn."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from web.settings import Settings

DESCRIPTION = "Serve pages and API on HOST:PORT (default 127.0.0.1:8000). A worker runs beside it: ./run worker."


def main(arguments: list[str]) -> int:
    """Become gunicorn, so that signals and the exit code are its own."""
    from engine import vault
    from engine.db import Database
    from engine.migrations import check_current
    from web import settings

    parser = argparse.ArgumentParser(prog="liandong serve", description=DESCRIPTION)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=8)
    given = parser.parse_args(arguments)
    found = settings.from_environment()
    with closing(Database(found.app_database_url)) as db:
        check_current(db)
        with db.read() as connection:
            vault.check(connection)
    command = gunicorn(found, given.processes, given.threads)
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606  no shell


def gunicorn(found: Settings, processes: int = 2, threads: int = 8) -> list[str]:
    """The command line."""
    memory = "/dev/shm"  # noqa: S108  a heartbeat file that never waits for a disk
    return [
        sys.executable, "-P", "-m", "gunicorn", "web.wsgi:app",
        "--bind", f"{found.host}:{found.port}",
        "--worker-class", "web.patience.Worker", "--workers", str(processes), "--threads", str(threads),
        "--timeout", "60", "--graceful-timeout", "20", "--keep-alive", "15",
        "--max-requests", "20000", "--max-requests-jitter", "2000",
        "--log-level", "warning",
        *(["--worker-tmp-dir", memory] if Path(memory).is_dir() else []),
    ]  # fmt: skip
