"""A database: SQLite for one machine, PostgreSQL for many. The only place that knows how each is opened."""

from __future__ import annotations

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InvalidatePoolError

from engine.writes import FUNCTION_NAME, function_ddl


class Database:
    """An opened database. `read()` and `write()` give connections; `write()` is a transaction and takes SQLite's only write lock at
    once, so that two writers wait instead of failing half-way. Without `durable` the last steps may be lost when the
    machine loses power (never when the program dies): for work that can be done again, such as a replay."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        self.url: URL = make_url(url)
        self.postgresql = self.url.get_backend_name() == "postgresql"
        if self.postgresql:
            if not durable:
                self.url = self.url.update_query_dict({"options": "-csynchronous_commit=off"})
            self.engine = _postgresql(self.url)
            # a statement sees one moment either way (READ COMMITTED): no transaction saves two round trips of three
            self._reading: Engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        else:
            self.engine = self._reading = _sqlite(self.url, durable=durable)
        self._local = threading.local()
        self._raw: list[Any] = []

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; nothing is written. Each statement sees one moment of the database (on SQLite all of them the same):
        what must see one moment in several, or reads through a cursor of the server, asks for a `snapshot`."""
        with self._reading.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection whose work is committed at the end, or not at all."""
        with self.engine.connect().execution_options(liandong_write=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection that sees the database as it is at this moment, however long it reads and whoever writes meanwhile."""
        with self.engine.connect() as connection:
            if self.postgresql:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                connection.execute(text("SELECT count(*) FROM alembic_version"))  # the first read takes the snapshot
                yield connection

    def raw(self) -> Any:
        """This thread's psycopg connection in autocommit: a step is then one statement to read and one to write (PostgreSQL only)."""
        connection = getattr(self._local, "connection", None)
        if connection is None or _hung_up(connection):
            if connection is not None:
                self._local.connection = None
                self._raw.remove(connection)
                connection.close()
            connection = psycopg.connect(
                self.url.set(drivername="postgresql").render_as_string(hide_password=False),
                autocommit=True,
                prepare_threshold=1,
            )
            self._local.connection = connection
            self._raw.append(connection)
        return connection

    def now(self) -> datetime:
        """The database's own clock: for leases and fences everywhere, and for business time in the live world."""
        with self.read() as connection:
            return self.now_on(connection)

    def now_on(self, connection: Connection) -> datetime:
        """The same on a connection that is open already."""
        if self.postgresql:
            value: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
            return value.astimezone(UTC)
        stamp = connection.execute(text("select strftime('%Y-%m-%dT%H:%M:%f+00:00','now')")).scalar_one()
        return datetime.fromisoformat(stamp)

    def close(self) -> None:
        """Give every connection back."""
        for connection in self._raw:
            connection.close()
        self._raw.clear()
        self._local = threading.local()
        self.engine.dispose()

    def install_function(self) -> None:
        """(Re)make the server function that writes a step; its text follows from the tables."""
        if self.postgresql:
            with self.write() as connection:
                connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {FUNCTION_NAME}(jsonb)")
                connection.exec_driver_sql(function_ddl())


def is_lost(error: BaseException) -> bool:
    """Whether the connection went away or could not be had: that says nothing of what was asked of the database, and asking it again on a
    new one may do."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (error.orig is not None and is_lost(error.orig))
    if not isinstance(error, psycopg.OperationalError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith("08") or error.sqlstate in _SERVER_STOPS


_SERVER_STOPS = ("57P01", "57P02", "57P03")
"""Stopped by its administrator, after a crash, and not ready yet: https://www.postgresql.org/docs/current/errcodes-appendix.html"""


def _hung_up(connection: psycopg.Connection) -> bool:
    """Whether the server has closed a connection that nobody uses now: what says nothing unless it is asked has then something to say.
    A look at the socket, no round trip."""
    if connection.closed or connection.broken:
        return True
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    return bool(socket.poll(0))


def _postgresql(url: URL) -> Engine:
    engine = create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=False)

    @event.listens_for(engine, "checkout")
    def _taken(connection: Any, _record: Any, _proxy: Any) -> None:
        if _hung_up(connection):
            raise InvalidatePoolError  # all that are as old as this one: the pool makes new ones

    return engine


def _sqlite(url: URL, *, durable: bool) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _opened(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL" if durable else "synchronous=NORMAL",
            "busy_timeout=30000",
            "foreign_keys=ON",
            "cache_size=-32000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("liandong_write", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # may wait, and fail as every statement does
        else:
            connection.connection.driver_connection.execute("BEGIN")  # type: ignore[union-attr]

    return engine
