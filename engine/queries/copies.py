"""To whom a case was shown (抄送, 传阅), and who has read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.acts.copying import KINDS
from engine.tables import copy

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def of_case(core: Core, instance_id: int, most: int = 300) -> list[Row]:
    """The copies of a case, the newest first; whoever asks must see the case."""
    query = (
        select(copy)
        .where(copy.c.instance_id == instance_id, copy.c.kind.in_(KINDS))
        .order_by(copy.c.at.desc(), copy.c.id)
        .limit(most)
    )
    with core.db.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
