"""Who acts: a person with their posts in units and the powers these give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, select

from engine.errors import NotFound
from engine.tables import membership, person, post, unit


@dataclass(frozen=True, slots=True)
class Post:
    """A post held in a unit."""

    unit_id: int
    unit_key: str
    post: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A person as rights see them. `access_revision` names the state of their rights: a step decided under an older one is
    decided again."""

    id: int
    login: str
    name: str
    locale: str
    access_revision: int
    posts: tuple[Post, ...] = ()
    powers: frozenset[str] = field(default_factory=frozenset)

    @property
    def unit_ids(self) -> frozenset[int]:
        """Units they hold a post in."""
        return frozenset(p.unit_id for p in self.posts)

    def holds(self, unit_id: int | None, post_key: str | None) -> bool:
        """True when they hold this post in this unit (no unit: in any)."""
        return any(
            (unit_id is None or p.unit_id == unit_id) and (post_key is None or p.post == post_key) for p in self.posts
        )


def actor_from(row: dict[str, Any], posts: Iterable[Sequence[Any]]) -> Actor:
    """An actor from a person row and rows (unit id, unit key, post key, powers)."""
    held = list(posts)
    return Actor(
        id=row["id"],
        login=row["login"],
        name=row["name"],
        locale=row["locale"],
        access_revision=row["access_revision"],
        posts=tuple(Post(p[0], p[1], p[2]) for p in held),
        powers=frozenset(power for p in held for power in p[3]),
    )


_BY_ID = select(person).where(person.c.id == bindparam("w"), person.c.active)
_BY_LOGIN = select(person).where(person.c.login == bindparam("w"), person.c.active)
_POSTS = (
    select(membership.c.unit_id, unit.c.key, membership.c.post_key, post.c.powers)
    .join(unit, unit.c.id == membership.c.unit_id)
    .join(post, post.c.key == membership.c.post_key)
    .where(membership.c.person_id == bindparam("p"))
    .order_by(membership.c.unit_id, membership.c.post_key)
)


def load_actor(connection: Connection, who: int | str) -> Actor:
    """The active person with this id or login. NotFound when there is none."""
    row = connection.execute(_BY_ID if isinstance(who, int) else _BY_LOGIN, {"w": who}).mappings().first()
    if row is None:
        raise NotFound(what="person")
    posts = connection.execute(_POSTS, {"p": row["id"]}).all()
    return actor_from(dict(row), [tuple(p) for p in posts])


def unit_and_below(connection: Connection, unit_ids: Iterable[int]) -> frozenset[int]:
    """These units and every unit under them."""
    known = connection.execute(select(unit.c.id, unit.c.parent_id)).all()
    found = set(unit_ids)
    grew = True
    while grew:
        more = {u for u, parent in known if parent in found} - found
        grew = bool(more)
        found |= more
    return frozenset(found)
