"""Books of calendars: every version of the table that the city counts working time by, as it was decided. A clock names the version it
was counted by; a node remembers the books it has read, which never change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select

from engine.calendar import Calendar
from engine.calendars.reading import read, units
from engine.tables import calendar_book, organisation

if TYPE_CHECKING:
    from engine.core import Core
    from engine.organisation.snapshot import Snapshot

DEFAULT = "qianjiang"
"""The calendar that counts where nothing else is said."""

PROPOSED, DRAFT, ACTIVE, REFUSED, WITHDRAWN = "proposed", "draft", "active", "refused", "withdrawn"
"""States of a book. Active is the one with the highest version, and every one that was so before."""

SHIPPED = Path(__file__).resolve().parents[2] / "processes" / "tables" / "calendar.csv"
"""The first book of a city that has decided none yet."""


@dataclass(frozen=True)
class Book:
    """One version: its calendars by key, and the units that keep one of their own."""

    version: int
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def of_unit(self, core: Core, known: Snapshot, unit_id: int | None) -> str:
        """The key of the calendar that a unit keeps: its own, that of the nearest unit above it, or the city's."""
        if self.units:
            mine = {core.unit_id(unit): key for unit, key in self.units.items()}
            here = unit_id
            for level in range(20):
                here = known.above(unit_id, level)
                if here is None:
                    break
                if here in mine:
                    return mine[here]
        return DEFAULT


def at(core: Core, version: int) -> Book:
    """The book of this version. LookupError where there is none."""
    found = core.books.get(version)
    if found is None:
        with core.db.read() as connection:
            text = connection.execute(select(calendar_book.c.rows).where(calendar_book.c.version == version)).scalar()
        if text is None:
            if version != 1:
                raise LookupError(f"no book of calendars has version {version}")
            text = SHIPPED.read_text("utf-8-sig")
        found = core.books[version] = open_book(text, version)
    return found


def current(core: Core, connection: Connection | None = None) -> Book:
    """The book that counts now."""
    if connection is None:
        with core.db.read() as own:
            return current(core, own)
    return at(core, version(connection))


def version(connection: Connection) -> int:
    """The version of the book that counts now."""
    return int(connection.execute(_VERSION).scalar_one())


_VERSION = select(organisation.c.calendars)


def open_book(text: str, version: int) -> Book:
    """A book from its text. Raises CalendarProblem naming the line."""
    return Book(version, read(text, version), units(text))


def all_of(core: Core, versions: Iterable[int]) -> dict[int, Book]:
    """Several books by version."""
    return {version: at(core, version) for version in set(versions)}


def seed(core: Core) -> None:
    """Keep the shipped table as the first book, where there is none."""
    with core.db.write() as connection:
        if connection.execute(select(calendar_book.c.id).limit(1)).first() is None:
            connection.execute(
                insert(calendar_book).values(
                    version=1,
                    rows=SHIPPED.read_text("utf-8-sig"),
                    state=ACTIVE,
                    note="",
                    source="processes/tables/calendar.csv",
                    proposed_at=core.db.now_on(connection),
                    decided_at=core.db.now_on(connection),
                    moved_at=core.db.now_on(connection),
                )
            )
