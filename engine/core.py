"""What every function of the engine needs: the database, a clock if one was handed over, and caches of what never changes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Connection, Table, select

from engine.clock import Clock
from engine.db import Database
from engine.tables import LIVE, unit

if TYPE_CHECKING:
    from engine.calendars.books import Book
    from engine.definitions import Definition
    from engine.organisation.snapshot import Snapshot
    from engine.steps import Seen, Step

_LINE = 20
"""Successors of successors before it must be a circle."""


class Listener(Protocol):
    """Takes part in every step, inside its transaction: escalation hangs its clocks on this."""

    def __call__(self, step: Step, /) -> None:
        """Add rows to `step.writes`."""


Judge = Callable[[Connection, str, Collection[str], Collection[str]], None]


@dataclass
class Core:
    """Handed to every function of the engine. Caches hold only what cannot change: definition versions, unit keys."""

    db: Database
    clock: Clock | None = None
    clock_world: int = LIVE
    listeners: tuple[Listener, ...] = ()
    # open rows of other packages' tables that a step needs to see: (table, the column that is null while a row is open)
    reads: tuple[tuple[Table, str], ...] = ()
    # what other packages tell expressions of the instance itself (`this.…`), from what the step has read
    tells: tuple[Callable[[Seen], dict[str, Any]], ...] = ()
    # who else has a say on rows of a register before they are kept: (connection, register, changed keys, ended keys), may raise
    judges: dict[str, Judge] = field(default_factory=dict)
    actions: dict[str, Callable[..., Any]] = field(default_factory=dict)
    # actions that write with the step that takes their job away: (core, seen, writes, parameters) -> result
    actions_within: dict[str, Callable[..., Any]] = field(default_factory=dict)
    definitions: dict[int, Definition] = field(default_factory=dict)
    # a connection that may read who reported, where the usual one may not (PostgreSQL with roles of their own)
    identity_db: Database | None = None
    remembered: Snapshot | None = None  # the organisation, as of its revision
    books: dict[int, Book] = field(default_factory=dict)  # of calendars, by version; a version never changes
    _units: dict[str, int] = field(default_factory=dict)
    _successors: dict[int, int] = field(default_factory=dict)
    _units_of: Snapshot | None = None  # the snapshot that units were read beside

    @property
    def identities(self) -> Database:
        """The connection for `engine.unmasking` and `engine.retention`, and for nothing else."""
        return self.identity_db or self.db

    def close(self) -> None:
        """Give every connection back."""
        self.db.close()
        if self.identity_db is not None:
            self.identity_db.close()

    def override(self, world_id: int) -> datetime | None:
        """The time of a world that a handed-over clock rules: the live one, unless another was named with the clock."""
        return self.clock.now() if self.clock is not None and world_id == self.clock_world else None

    def unit_id(self, key: str | None, realm: str = "") -> int | None:
        """The id of the unit with this key, of its successor where it was merged or split; none if there is no such unit. In a realm
        its own unit comes first (`boston_` before the key). A key never moves to another unit."""
        if key is None:
            return None
        wanted = (f"{realm}_{key}", key) if realm else (key,)
        if not any(k in self._units for k in wanted) or self._units_of is not self.remembered:
            self._read_units()
        found = next((self._units[k] for k in wanted if k in self._units), None)
        for _ in range(_LINE):
            if found not in self._successors:
                break
            found = self._successors[found]
        return found

    def unit_key(self, unit_id: int | None) -> str | None:
        """The key of a unit."""
        if unit_id is not None and unit_id not in self._units.values():
            self._read_units()
        return next((k for k, i in self._units.items() if i == unit_id), None)

    def forget_units(self) -> None:
        """Units were merged or split: what is remembered of them is read again."""
        self._units, self._successors = {}, {}

    def _read_units(self) -> None:
        of = self.remembered
        with self.db.read() as connection:
            rows = connection.execute(select(unit.c.id, unit.c.key, unit.c.ended_at, unit.c.successor_id)).all()
        self._units = {row.key: row.id for row in rows}
        self._successors = {row.id: row.successor_id for row in rows if row.ended_at and row.successor_id is not None}
        self._units_of = of
