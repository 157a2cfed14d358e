"""Bringing a register to the rows of a table: what is new or changed gets a version, what is gone ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, insert, select, update

from engine.audit import recording
from engine.audit.digests import REGISTER_CHANGED, register_digest
from engine.people import load_actor
from engine.registers.keys import REGISTERS, looked, match_key
from engine.tables import register_row

if TYPE_CHECKING:
    from datetime import datetime

    from engine.core import Core

Row = dict[str, Any]

MOST_NAMED = 50
"""Rows that the audit of a change names; each row keeps its versions anyway."""


def load(
    core: Core,
    register: str,
    key_column: str,
    records: Iterable[Row],
    by: int | None = None,
    *,
    others_stay: bool = False,
) -> int:
    """Bring a register to these rows: changed rows get a new version, missing ones end (with `others_stay` they remain as they are, and
    so does the place of rows that are known). Answers how many changed."""
    with core.db.write() as connection:
        writing = Writing(core, connection, register, by)
        known = dict(writing.current)
        for position, record in enumerate(records):
            row_key = str(record[key_column])
            old = known.pop(row_key, None)
            place = old.position if old is not None and others_stay else position
            if old is None or dict(old.data) != record or old.position != place:
                writing.put(row_key, record, position=place if old is not None or not others_stay else None)
        if not others_stay:
            for row_key in known:
                writing.end(row_key)
        writing.flush()
    return len(writing.changed) + len(writing.ended)


class Writing:
    """Changes to one register inside one transaction: versions, what is current, and one row of the audit for all of it."""

    def __init__(
        self, core: Core, connection: Connection, register: str, by: int | None = None, *, lock: bool = True
    ) -> None:
        self.core, self.connection, self.register, self.by = core, connection, register, by
        c = register_row.c
        query = select(c.row_key, c.version, c.data, c.position, c.at, c.by_id)
        query = query.where(c.register == register, c.current)
        if lock and core.db.postgresql:
            # A version is a row of its own: who waited for the old one's lock alone would not see the new one.
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"register:{register}"))))
            query = query.with_for_update()
        self.current = {row.row_key: row for row in connection.execute(query)}
        self.newest: dict[str, int] = dict(
            connection.execute(
                select(c.row_key, func.max(c.version)).where(c.register == register).group_by(c.row_key)
            ).all()
        )
        self.columns = looked(connection, register).columns
        self.now: datetime = core.db.now_on(connection)
        self.last = max((row.position for row in self.current.values()), default=-1)
        self.changed: list[str] = []
        self.ended: list[str] = []
        self._fresh: list[Row] = []

    def put(
        self, row_key: str, record: Mapping[str, Any], *, position: int | None = None, why: str = "", cause: str = ""
    ) -> int:
        """A new version of a row; answers its number. Without a position it stays where it is, or comes last."""
        old = self.current.get(row_key)
        if position is None:
            position = old.position if old is not None else self.last + 1
        self.last = max(self.last, position)
        if old is not None:
            self._retire(row_key)
        self.changed.append(row_key)
        key = match_key(self.columns, {name: record.get(name) for name in self.columns}) or ""
        return self._add(row_key, position, record, why=why, cause=cause, current=True, key=key)

    def end(self, row_key: str, *, why: str = "", cause: str = "") -> int:
        """The row is no more; its last version says so."""
        old = self.current[row_key]
        self._retire(row_key)
        self.ended.append(row_key)
        return self._add(row_key, old.position, old.data, why=why, cause=cause, current=False, key="")

    def flush(self, *, said: Mapping[str, Any] | None = None) -> None:
        """Write the new versions and what the audit is to know, if there are any. What a judge of the register raises undoes it all."""
        if not self._fresh:
            return
        self.connection.execute(insert(register_row), self._fresh)
        if self.register == REGISTERS:
            self._find_again()
        if self.register in self.core.judges:
            self.core.judges[self.register](self.connection, self.register, self.changed, self.ended)
        recording.record(
            self.core,
            self.connection,
            recording.CONTENT,
            REGISTER_CHANGED,
            actor=load_actor(self.connection, self.by) if self.by is not None else None,
            about=f"register:{self.register}",
            data={
                "changed": self.changed[:MOST_NAMED],
                "ended": sorted(self.ended)[:MOST_NAMED],
                "count": len(self.changed) + len(self.ended),
                "digest": register_digest(self.connection, self.register),
                **(said or {}),
            },
        )

    def _add(
        self, row_key: str, position: int, record: Mapping[str, Any], *, why: str, cause: str, current: bool, key: str
    ) -> int:
        version = self.newest.get(row_key, 0) + 1
        self.newest[row_key] = version
        self._fresh.append(
            {
                "register": self.register,
                "row_key": row_key,
                "version": version,
                "position": position,
                "match_key": key,
                "data": dict(record),
                "current": current,
                "at": self.now,
                "by_id": self.by,
                "ended": not current,
                "why": why,
                "cause": cause,
            }
        )
        return version

    def _retire(self, row_key: str) -> None:
        c = register_row.c
        self.connection.execute(
            update(register_row)
            .where(c.register == self.register, c.row_key == row_key, c.current)
            .values(current=False)
        )

    def _find_again(self) -> None:
        """A definition may have other look-up columns than before: the rows of its register are found by them from now on."""
        c = register_row.c
        for name in self.changed:
            columns = looked(self.connection, name).columns
            query = select(c.row_key, c.data, c.match_key).where(c.register == name, c.current)
            for row in self.connection.execute(query).all():
                key = match_key(columns, {each: row.data.get(each) for each in columns}) or ""
                if key != row.match_key:
                    self.connection.execute(
                        update(register_row)
                        .where(c.register == name, c.row_key == row.row_key, c.current)
                        .values(match_key=key)
                    )
