"""What a backup looks like inside. Whoever changes it raises VERSION and still reads the older ones."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table

from engine.tables import Instant, instant_text

VERSION = 1
MANIFEST, SUMS = "manifest.json", "sums.json"
BLOBS = "blobs/"
CHUNK_BYTES = 4_000_000
"""Rows are written in members of about so many bytes: neither side holds a table in memory."""

PLAIN, INSTANT, JSON, BYTES = "plain", "instant", "json", "bytes"


def kind_of(column: Column[Any]) -> str:
    """How a column's values are written."""
    if isinstance(column.type, Instant):
        return INSTANT
    name = type(column.type).__name__
    if name in {"JSON", "JSONB"}:
        return JSON
    return BYTES if name == "LargeBinary" else PLAIN


Columns = list[tuple[str, str]]
"""Name and kind of each column, in the order of the rows."""


def columns_of(table: Table) -> Columns:
    """Those of a table."""
    return [(column.name, kind_of(column)) for column in table.columns]


def encode(kind: str, value: Any) -> Any:
    """A value as JSON holds it."""
    if value is None or kind in {PLAIN, JSON}:
        return value
    return instant_text(value) if kind == INSTANT else base64.b64encode(value).decode("ascii")


def decode(kind: str, value: Any) -> Any:
    """And back."""
    if value is None or kind in {PLAIN, JSON}:
        return value
    return datetime.fromisoformat(value) if kind == INSTANT else base64.b64decode(value, validate=True)


def member(table: str, part: int) -> str:
    """The name of a part of a table's rows."""
    return f"tables/{table}/{part:06}.jsonl"
