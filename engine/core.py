"""What every function of the engine needs: the database, a clock if one was handed over, and caches of what never changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Table, select

from engine.clock import Clock
from engine.db import Database
from engine.tables import LIVE, unit

if TYPE_CHECKING:
    from engine.definitions import Definition
    from engine.steps import Step


class Listener(Protocol):
    """Takes part in every step, inside its transaction: escalation hangs its clocks on this."""

    def __call__(self, step: Step, /) -> None:
        """Add rows to `step.writes`."""


@dataclass
class Core:
    """Handed to every function of the engine. Caches hold only what cannot change: definition versions, unit keys."""

    db: Database
    clock: Clock | None = None
    clock_world: int = LIVE
    listeners: tuple[Listener, ...] = ()
    # open rows of other packages' tables that a step needs to see: (table, the column that is null while a row is open)
    reads: tuple[tuple[Table, str], ...] = ()
    actions: dict[str, Callable[..., Any]] = field(default_factory=dict)
    definitions: dict[int, Definition] = field(default_factory=dict)
    # a connection that may read who reported, where the usual one may not (PostgreSQL with roles of their own)
    identity_db: Database | None = None
    _units: dict[str, int] = field(default_factory=dict)

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
        """The id of the unit with this key, none if there is no such unit; in a realm its own unit comes first (`boston_` before
        the key). A key never moves to another unit, so a hit stays true."""
        if key is None:
            return None
        wanted = (f"{realm}_{key}", key) if realm else (key,)
        if not any(k in self._units for k in wanted):
            with self.db.read() as connection:
                self._units = dict(connection.execute(select(unit.c.key, unit.c.id)).all())
        return next((self._units[k] for k in wanted if k in self._units), None)

    def unit_key(self, unit_id: int | None) -> str | None:
        """The key of a unit."""
        if unit_id is not None and unit_id not in self._units.values():
            self.unit_id("")
        return next((k for k, i in self._units.items() if i == unit_id), None)
