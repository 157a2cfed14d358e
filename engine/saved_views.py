"""Filters of the inbox that somebody keeps under a name, for themselves or for a unit of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, or_, select

from engine import settings
from engine.acts.base import LARGEST_NUMBER, clean_text
from engine.errors import Invalid, NotFound
from engine.organisation import rights
from engine.people import Actor
from engine.queries.views import KEYS
from engine.tables import membership, person, saved_view
from engine.tables.columns import database_now

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

_MOST = {"saved_views_most": 40}
LONGEST = 60
"""Characters of a name."""


def listing(core: Core, actor: Actor) -> list[Row]:
    """One's own and those shared with a unit of one's own, by name: id, name, query, unit_id, whose (person_id, person), and whether the
    actor may remove it (may_remove)."""
    units = sorted({post.unit_id for post in actor.own_posts})
    query = (
        select(saved_view, person.c.name.label("person"))
        .join(person, person.c.id == saved_view.c.person_id)
        .where(or_(saved_view.c.person_id == actor.id, saved_view.c.unit_id.in_(units)))
        .order_by(saved_view.c.name, saved_view.c.id)
        .limit(200)
    )
    with core.db.read() as connection:
        query = query.add_columns(_may_remove(connection, actor).label("may_remove"))
        return [dict(row) for row in connection.execute(query).mappings()]


def save(core: Core, actor: Actor, name: str, query: Mapping[str, str], unit_id: int | None = None) -> int:
    """Keep a filter, shared with a unit where that is said; answers its number. Invalid: no name, too many, or a unit in which they
    hold no post."""
    name = clean_text(name, LONGEST)
    kept = {key: str(query[key])[:100] for key in KEYS if query.get(key)}
    if unit_id is not None and unit_id not in {post.unit_id for post in actor.own_posts}:
        raise Invalid(why_zh="只能共享给您任职的单位", why_en="share it with a unit in which you hold a post")
    with core.db.write() as connection:
        mine = saved_view.c.person_id == actor.id
        most = settings.read(connection, _MOST)["saved_views_most"]
        if connection.execute(select(func.count()).select_from(saved_view).where(mine)).scalar_one() >= most:
            raise Invalid(why_zh=f"最多保存 {most} 个筛选，请先删除不用的", why_en=f"{most} at most: remove one first")
        connection.execute(delete(saved_view).where(mine, saved_view.c.name == name))  # the name anew: its filter anew
        made = connection.execute(
            insert(saved_view)
            .values(person_id=actor.id, unit_id=unit_id, name=name, query=kept, at=core.db.now_on(connection))
            .returning(saved_view.c.id)
        )
        return int(made.scalar_one())


def remove(core: Core, actor: Actor, view_id: int) -> None:
    """Forget one of one's own; of those shared with a unit of one's own also one whose writer left that unit, or any by who heads it.
    NotFound for all others."""
    if view_id > LARGEST_NUMBER:
        raise NotFound(what="view")
    with core.db.write() as connection:
        gone = delete(saved_view).where(saved_view.c.id == view_id, _may_remove(connection, actor))
        if connection.execute(gone).rowcount == 0:
            raise NotFound(what="view")


# ---------------------------------------------------------------- inside


def _may_remove(connection: Connection, actor: Actor) -> ColumnElement[bool]:
    units = sorted({post.unit_id for post in actor.own_posts})
    now = database_now()
    stays = exists().where(
        membership.c.person_id == saved_view.c.person_id,
        membership.c.unit_id == saved_view.c.unit_id,
        or_(membership.c.since.is_(None), membership.c.since <= now),
        or_(membership.c.until.is_(None), membership.c.until > now),
        person.c.id == saved_view.c.person_id,
        person.c.active,
    )
    return or_(
        saved_view.c.person_id == actor.id,
        and_(saved_view.c.unit_id.in_(units), ~stays),
        saved_view.c.unit_id.in_(sorted(rights.organised(connection, actor))),
    )
