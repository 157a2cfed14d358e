"""Registers: tables a process may look up, read live. Each row keeps its versions; a look-up says which version it read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from engine.audit import recording
from engine.audit.digests import REGISTER_CHANGED, register_digest
from engine.people import load_actor
from engine.tables import register_row

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

KEYS: dict[str, tuple[str, ...]] = {
    "standards": ("code",),
    "responsibilities": ("class", "area"),
    "areas": ("key",),
    "automatic_dispatch": ("class", "area"),
    "unit_rules": ("unit",),
    "supervision_policy": ("grade", "step"),
}
"""The columns a register is looked up by, in order. A look-up with fewer columns reads the register in its own order."""


MOST_NAMED = 50
"""Rows that the audit of a change names; each row keeps its versions anyway."""

PROVENANCE = "source"
"""The column of a table's row that says where it comes from."""


def match_key(register: str, values: Mapping[str, Any]) -> str | None:
    """The indexed text of a look-up by all key columns; none when the look-up names others."""
    keys = KEYS.get(register.rpartition("/")[2])
    if keys is None or set(values) != set(keys):
        return None
    return "\x1f".join(str(values[k]) for k in keys)


def lookup(core: Core, register: str, match: Mapping[str, Any], realm: str = "") -> Row | None:
    """The first row of `matching`."""
    return next(iter(matching(core, register, match, realm)), None)


def matching(core: Core, register: str, match: Mapping[str, Any], realm: str = "", *, every: bool = False) -> list[Row]:
    """The current rows, in the register's order, whose columns equal `match`, without their column of provenance (the row version leads to
    it); with `row_key` and `row_version` added. Unless `every`, no more than the first. In a realm its own register ("boston/standards")
    is read instead, where there is one."""
    if realm:
        own = f"{realm}/{register}"
        with core.db.read() as connection:
            if connection.execute(
                select(register_row.c.row_key).where(register_row.c.register == own).limit(1)
            ).first():
                register = own
    key = match_key(register, match)
    query = (
        select(register_row.c.data, register_row.c.row_key, register_row.c.version)
        .where(register_row.c.register == register, register_row.c.current)
        .order_by(register_row.c.position)
    )
    if key is not None:
        query = query.where(register_row.c.match_key == key)
        if not every:
            query = query.limit(1)
    found = []
    with core.db.read() as connection:
        for data, row_key, version in connection.execute(query):
            if key is not None or all(data.get(k) == v for k, v in match.items()):
                plain = {k: v for k, v in data.items() if k != PROVENANCE}
                found.append({**plain, "row_key": row_key, "row_version": version})
                if not every:
                    break
    return found


def rows(core: Core, register: str) -> list[Row]:
    """Every current row in order."""
    with core.db.read() as connection:
        found = connection.execute(
            select(register_row.c.data)
            .where(register_row.c.register == register, register_row.c.current)
            .order_by(register_row.c.position)
        )
        return [dict(data) for (data,) in found]


def load(core: Core, register: str, key_column: str, records: Iterable[Row], by: int | None = None) -> int:
    """Bring a register to these rows: changed rows get a new version, missing ones stop being current. Answers how many changed."""
    changed = 0
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        known = {
            r.row_key: r
            for r in connection.execute(
                select(
                    register_row.c.row_key,
                    register_row.c.version,
                    register_row.c.data,
                    register_row.c.position,
                ).where(register_row.c.register == register, register_row.c.current)
            )
        }
        newest: dict[str, int] = dict(
            connection.execute(
                select(register_row.c.row_key, func.max(register_row.c.version))
                .where(register_row.c.register == register)
                .group_by(register_row.c.row_key)
            ).all()
        )
        fresh: list[dict[str, Any]] = []
        for position, record in enumerate(records):
            row_key = str(record[key_column])
            old = known.pop(row_key, None)
            if old is not None and dict(old.data) == record and old.position == position:
                continue
            if old is not None:
                _retire(connection, register, row_key)
            fresh.append(
                {
                    "register": register,
                    "row_key": row_key,
                    "version": newest.get(row_key, 0) + 1,
                    "position": position,
                    "match_key": match_key(
                        register, {k: record.get(k) for k in KEYS.get(register.rpartition("/")[2], ())}
                    )
                    or "",
                    "data": record,
                    "current": True,
                    "at": now,
                    "by_id": by,
                }
            )
        for row_key in known:
            _retire(connection, register, row_key)
        changed = len(fresh) + len(known)
        if fresh:
            connection.execute(insert(register_row), fresh)
        if changed:
            recording.record(
                core,
                connection,
                recording.CONTENT,
                REGISTER_CHANGED,
                actor=load_actor(connection, by) if by is not None else None,
                about=f"register:{register}",
                data={
                    "changed": [r["row_key"] for r in fresh][:MOST_NAMED],
                    "ended": sorted(known)[:MOST_NAMED],
                    "count": changed,
                    "digest": register_digest(connection, register),
                },
            )
    return changed


def _retire(connection: Any, register: str, row_key: str) -> None:
    connection.execute(
        update(register_row)
        .where(register_row.c.register == register, register_row.c.row_key == row_key, register_row.c.current)
        .values(current=False)
    )
