"""Statements that only read, for the hot path: on SQLite, where a row is near, SQLAlchemy's own work around a statement costs several
times what the statement does. What it compiles once is run by the driver itself here; on PostgreSQL nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Select

Row = dict[str, Any]


class Prepared:
    """A statement with named parameters, which are whole numbers or texts. It is run in the transaction of a connection that has begun
    one, which its first statement through SQLAlchemy does."""

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement
        self._sql = ""
        self._fixed: dict[str, Any] = {}
        self._order: tuple[str, ...] = ()
        self._names: tuple[str, ...] = ()
        self._readers: tuple[tuple[str, Callable[[Any], Any]], ...] = ()

    def rows(self, connection: Connection, given: Mapping[str, Any]) -> list[Row]:
        """What it finds, by the names of its columns."""
        if connection.dialect.name != "sqlite" or not connection.in_transaction():
            return [dict(row) for row in connection.execute(self.statement, dict(given)).mappings()]
        if not self._sql:
            self._compile(connection)
        whole = {**self._fixed, **given}
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._sql, tuple([whole[name] for name in self._order]))
            found = [dict(zip(self._names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            cursor.close()
        for row in found:
            for name, read in self._readers:
                row[name] = read(row[name])
        return found

    def first(self, connection: Connection, given: Mapping[str, Any]) -> Row | None:
        """The first row, if there is any."""
        return next(iter(self.rows(connection, given)), None)

    def _compile(self, connection: Connection) -> None:
        compiled: Any = self.statement.compile(dialect=connection.dialect)
        columns = list(self.statement.selected_columns)
        self._names = tuple(str(c.key) for c in columns)
        kinds = [c.type.dialect_impl(connection.dialect).result_processor(connection.dialect, None) for c in columns]
        self._readers = tuple((name, read) for name, read in zip(self._names, kinds, strict=True) if read is not None)
        self._fixed = {
            name: compiled.params[name] for name in compiled.positiontup or () if not compiled.binds[name].required
        }
        self._order = tuple(compiled.positiontup or ())
        self._sql = str(compiled)
