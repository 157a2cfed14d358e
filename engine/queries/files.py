"""Contents of files by their hash."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.tables import blob

if TYPE_CHECKING:
    from engine.core import Core


def contents(core: Core, hashes: Collection[str]) -> dict[str, bytes]:
    """What is kept under these hashes. Whether the asker may have it is the caller's to know."""
    with core.db.read() as connection:
        rows = connection.execute(select(blob.c.hash, blob.c.content).where(blob.c.hash.in_(hashes)))
        return {row.hash: bytes(row.content) for row in rows}
