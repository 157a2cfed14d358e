"""A few figures for home pages of designers and operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from engine import definitions
from engine.tables import definition, incident, job

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def processes(core: Core) -> list[Row]:
    """The newest version of every process, in the order of the keys: key, version, names, and since when."""
    with core.db.read() as connection:
        newest = definitions.newest_ids(connection).values()
        rows = connection.execute(
            select(definition.c.key, definition.c.version, definition.c.name_zh, definition.c.name_en, definition.c.at)
            .where(definition.c.id.in_(newest))
            .order_by(definition.c.key)
        ).mappings()
        return [dict(r) for r in rows]


def troubles(core: Core) -> tuple[int, int]:
    """Open incidents, and jobs that failed."""
    with core.db.read() as connection:
        incidents = connection.execute(
            select(func.count()).select_from(incident).where(incident.c.resolved_at.is_(None))
        ).scalar_one()
        failed = connection.execute(select(func.count()).select_from(job).where(job.c.state == "failed")).scalar_one()
    return incidents, failed
