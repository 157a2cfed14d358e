"""What all tables are made of: names of constraints, instants, JSON, ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import JSON, TypeDecorator

LARGEST_ID = 2**63 - 1
"""What both databases keep as an integer."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite, which has no zones, keeps ISO 8601 text of fixed width that sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Text on SQLite, a time with zone elsewhere."""
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database. ValueError for a naive time: it would mean another instant on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        return instant_text(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002  SQLAlchemy's signature
        """From the database: always aware UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        result: datetime = value.astimezone(UTC)
        return result


def instant_text(value: datetime) -> str:
    """ISO 8601 in UTC with microseconds: one width, so that text order is time order."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


class database_now(FunctionElement[datetime]):  # noqa: N801  a function of SQL, named as one
    """The database's own clock inside a statement, in the form `Instant` keeps."""

    type = Instant()
    inherit_cache = True


@compiles(database_now)
def _now(_element: Any, _compiler: Any, **_: Any) -> str:
    return "clock_timestamp()"


@compiles(database_now, "sqlite")
def _now_text(_element: Any, _compiler: Any, **_: Any) -> str:
    return "strftime('%Y-%m-%dT%H:%M:%f000+00:00','now')"


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Id = BigInteger().with_variant(Integer(), "sqlite")
HOT = {"hot": True}
