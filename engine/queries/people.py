"""People, for those who must choose one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.tables import person, post

if TYPE_CHECKING:
    from engine.core import Core


def everybody(core: Core, most: int = 1000) -> list[tuple[int, str]]:
    """Active people by id and name, in the order of their names' sounds."""
    with core.db.read() as connection:
        rows = connection.execute(
            select(person.c.id, person.c.name).where(person.c.active).order_by(person.c.pinyin, person.c.id).limit(most)
        )
        return [(row.id, row.name) for row in rows]


def posts(core: Core) -> list[dict[str, Any]]:
    """Every post with its powers, by key."""
    with core.db.read() as connection:
        return [dict(row) for row in connection.execute(select(post).order_by(post.c.key)).mappings()]
