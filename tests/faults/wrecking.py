"""Make the k-th database call fail: before it is made, or after it was carried out and before anybody hears of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from engine.db import Database


class ConnectionLost(Exception):
    """The database does not answer."""


class Wreck:
    """Counts the calls, and fails at the chosen one. Every call has two points: 2k before it, 2k + 1 after."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.point = 0
        self.names: list[str] = []

    def reached(self, name: str) -> None:
        here, self.point = self.point, self.point + 1
        self.names.append(name)
        if here == self.at:
            raise ConnectionLost(f"at point {here}: {name}")

    def around(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.reached(f"before {name}")
            result = act(*args, **kwargs)
            self.reached(f"after {name}")
            return result

        return wrapped


class Death(Wreck):
    """The process itself is killed there: nothing of it is left to tidy up."""

    def reached(self, name: str) -> None:
        if self.point == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        super().reached(name)


class _Raw:
    """A psycopg connection whose statements are counted."""

    def __init__(self, connection: Any, wreck: Wreck) -> None:
        self.connection, self.wreck = connection, wreck

    def execute(self, sql: str, *args: Any) -> Any:
        return self.wreck.around(str(sql).strip()[:24], self.connection.execute)(sql, *args)


@contextmanager
def wrecked(db: Database, at: int | None = None, kind: type[Wreck] = Wreck) -> Iterator[Wreck]:
    """While inside, point `at` of the database's calls fails (none: they are only counted)."""
    wreck = kind(at)

    def before(_conn: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        wreck.reached(f"before {sql.strip()[:24]}")

    def after(_conn: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        wreck.reached(f"after {sql.strip()[:24]}")

    raw, commit = db.raw, db.engine.dialect.do_commit
    event.listen(db.engine, "before_cursor_execute", before)
    event.listen(db.engine, "after_cursor_execute", after)
    db.raw = lambda: _Raw(raw(), wreck)  # type: ignore[method-assign]
    db.engine.dialect.do_commit = wreck.around("commit", commit)  # type: ignore[method-assign]
    try:
        yield wreck
    finally:
        db.raw = raw  # type: ignore[method-assign]
        db.engine.dialect.do_commit = commit  # type: ignore[method-assign]
        event.remove(db.engine, "before_cursor_execute", before)
        event.remove(db.engine, "after_cursor_execute", after)
