"""What the audit says of definitions and registers, so that it can be held against them later."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, select

from engine.audit.chain import canonical
from engine.tables import register_row

DEPLOYED, REGISTER_CHANGED = "deployed", "register_changed"
"""Kinds of audit rows."""


def about_definition(key: str, version: int) -> str:
    """What an audit row about a version of a process names."""
    return f"definition:{key}/{version}"


def register_digest(connection: Connection, register: str) -> str:
    """One hash over the current rows of a register."""
    digest = hashlib.sha256()
    query = (
        select(register_row.c.row_key, register_row.c.version, register_row.c.position, register_row.c.data)
        .where(register_row.c.register == register, register_row.c.current)
        .order_by(register_row.c.row_key)
    )
    for values in sorted(canonical([r.row_key, r.version, r.position, r.data]) for r in connection.execute(query)):
        digest.update(values.encode() + b"\n")
    return "sha256:" + digest.hexdigest()
