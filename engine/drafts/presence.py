"""Who has a draft open: each page says so again and again, by database time, and hears who else does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.drafts.keeping import designer
from engine.errors import Invalid
from engine.tables import process_presence

if TYPE_CHECKING:
    from engine.core import Core

EVERY = timedelta(seconds=10)
"""How often a page says that it is there."""
GONE = 3 * EVERY
"""Who said nothing for so long has left."""


@dataclass(frozen=True, slots=True)
class Present:
    """A page somewhere: whose, with which draft (none: nothing saved yet), since when."""

    person_id: int
    draft_id: int | None
    since: datetime
    at: datetime
    tab: str


def here(core: Core, key: str, tab: str, by: int | str, draft_id: int | None = None) -> list[Present]:
    """Say that this page draws on a process; answers the other pages that do, oldest first. Invalid: a page without a name."""
    if not 1 <= len(tab) <= 40 or not tab.isalnum() or not tab.isascii():
        raise Invalid(why_zh="页面标识不正确", why_en="the page has no proper name")
    c = process_presence.c
    with core.db.write() as connection:
        actor = designer(connection, by)
        now = core.db.now_on(connection)
        connection.execute(delete(process_presence).where(c.key == key, c.at < now - GONE))
        values = {"key": key, "tab": tab, "draft_id": draft_id, "person_id": actor.id, "since": now, "at": now}
        upsert = (postgresql if core.db.postgresql else sqlite).insert(process_presence).values(**values)
        set_ = {"at": now, "draft_id": draft_id, "person_id": actor.id}
        connection.execute(upsert.on_conflict_do_update(index_elements=["key", "tab"], set_=set_))
        rows = connection.execute(
            select(c.person_id, c.draft_id, c.since, c.at, c.tab)
            .where(c.key == key, c.tab != tab)
            .order_by(c.since, c.tab)
        )
        return [Present(**row) for row in rows.mappings()]


def gone(core: Core, key: str, tab: str, by: int | str) -> None:
    """The page was left."""
    c = process_presence.c
    with core.db.write() as connection:
        actor = designer(connection, by)
        connection.execute(delete(process_presence).where(c.key == key, c.tab == tab, c.person_id == actor.id))


def present(core: Core) -> dict[int, list[int]]:
    """Draft to the people who have it open, for lists."""
    c = process_presence.c
    with core.db.read() as connection:
        now = core.db.now_on(connection)
        query = select(c.draft_id, c.person_id).where(c.at >= now - GONE, c.draft_id.is_not(None)).distinct()
        found: dict[int, list[int]] = {}
        for row in connection.execute(query):
            found.setdefault(row.draft_id, []).append(row.person_id)
        return found
