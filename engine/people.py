"""Who acts: a person with their posts in units, those they stand in for, and the powers all this gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select

from engine.errors import NotFound
from engine.prepared import Prepared
from engine.tables import membership, person, post, substitution, unit
from engine.tables.columns import database_now

NEVER_LENT = frozenset({"administer", "secure", "audit"})
"""Powers of system, security and audit administrators: nobody stands in for them (等保 2.0 level 3, 8.1.5: 三员分立)."""


@dataclass(frozen=True, slots=True)
class Post:
    """A post held in a unit; with `for_id` held in place of that person, and only for `processes` where they are named. `sees`: it
    shows the cases of its unit; the posts of administrators show none, wherever they are held."""

    unit_id: int
    unit_key: str
    post: str
    for_id: int | None = None
    processes: frozenset[str] | None = None
    sees: bool = True


@dataclass(frozen=True)
class Actor:
    """A person as rights see them. `access_revision` names the state of their rights: a step decided under an older one is
    decided again. `accounts`: every account of this human being; `account_units`: units in which any of them holds a post.
    `scopes`: what a token may be used for; none: no limit."""

    id: int
    login: str
    name: str
    locale: str
    access_revision: int
    posts: tuple[Post, ...] = ()
    powers: frozenset[str] = field(default_factory=frozenset)
    accounts: frozenset[int] = field(default_factory=frozenset)
    account_units: frozenset[int] = field(default_factory=frozenset)
    must_change: bool = False
    scopes: frozenset[str] | None = None

    @cached_property
    def own_posts(self) -> tuple[Post, ...]:
        """Posts of their own, without those they stand in for."""
        return tuple(p for p in self.posts if p.for_id is None)

    @cached_property
    def home_units(self) -> frozenset[int]:
        """Units this human being belongs to, by whatever account: what is about one of them is not for them (回避). Whom they stand in for
        takes nothing away: else the one a case is about could blind others by naming them."""
        return self.account_units | frozenset(p.unit_id for p in self.own_posts)

    @cached_property
    def principals(self) -> frozenset[int]:
        """Whom they stand in for."""
        return frozenset(p.for_id for p in self.posts if p.for_id is not None)

    def holds(self, unit_id: int | None, post_key: str | None, process: str | None = None) -> bool:
        """True when they hold this post in this unit (no unit: in any), or stand in for who does, for this process (none: for any)."""
        return self.holding(unit_id, post_key, process) is not None

    def holding(self, unit_id: int | None, post_key: str | None, process: str | None = None) -> Post | None:
        """By what they hold this post in this unit: their own wins over one that they stand in for."""
        found = None
        for each in self.posts:
            if unit_id is not None and each.unit_id != unit_id:
                continue
            if post_key is not None and each.post != post_key:
                continue
            if process is not None and each.processes is not None and process not in each.processes:
                continue
            if each.for_id is None:
                return each
            found = found or each
        return found

    def with_scopes(self, scopes: Iterable[str]) -> Actor:
        """The same person acting through a token."""
        named = frozenset(scopes)
        return self if "*" in named else replace(self, scopes=named)


def actor_from(
    row: Mapping[str, Any],
    posts: Iterable[Sequence[Any]],
    lent: Iterable[Sequence[Any]] = (),
    accounts: Iterable[Sequence[Any]] = (),
) -> Actor:
    """An actor from a person row, rows of their posts (unit id, unit key, post key, powers), rows of those they stand in for (the
    same, then principal's id and processes or none), and rows of their accounts (person id, unit id of a post or none)."""
    own = list(posts)
    others = list(lent)
    kin = list(accounts)
    powers = {power for p in own for power in p[3]}
    powers |= {power for p in others if p[5] is None for power in p[3]} - NEVER_LENT
    return Actor(
        id=row["id"],
        login=row["login"],
        name=row["name"],
        locale=row["locale"],
        access_revision=row["access_revision"],
        posts=(
            *(Post(p[0], p[1], p[2], sees=NEVER_LENT.isdisjoint(p[3])) for p in own),
            *(
                Post(p[0], p[1], p[2], p[4], frozenset(p[5]) if p[5] is not None else None, NEVER_LENT.isdisjoint(p[3]))
                for p in others
            ),
        ),
        powers=frozenset(powers),
        accounts=frozenset(k[0] for k in kin) | {row["id"]},
        account_units=frozenset(k[1] for k in kin if k[1] is not None),
        must_change=bool(row["must_change"]),
    )


def _now_between(since: ColumnElement[Any], until: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
    return or_(since.is_(None), since <= database_now()), or_(until.is_(None), until > database_now())


_BY_ID = Prepared(select(person).where(person.c.id == bindparam("w"), person.c.active))
_BY_LOGIN = Prepared(select(person).where(person.c.login == bindparam("w"), person.c.active))
_POSTS = Prepared(
    select(membership.c.unit_id, unit.c.key, membership.c.post_key, post.c.powers)
    .join(unit, unit.c.id == membership.c.unit_id)
    .join(post, post.c.key == membership.c.post_key)
    .where(membership.c.person_id == bindparam("p"), *_now_between(membership.c.since, membership.c.until))
    .order_by(membership.c.unit_id, membership.c.post_key)
)
_LENT = Prepared(
    select(
        membership.c.unit_id,
        unit.c.key,
        membership.c.post_key,
        post.c.powers,
        substitution.c.principal_id,
        substitution.c.processes,
    )
    .select_from(substitution)
    .join(membership, membership.c.person_id == substitution.c.principal_id)
    .join(person, (person.c.id == substitution.c.principal_id) & person.c.active)
    .join(unit, unit.c.id == membership.c.unit_id)
    .join(post, post.c.key == membership.c.post_key)
    .where(
        substitution.c.substitute_id == bindparam("p"),
        substitution.c.ended_at.is_(None),
        *_now_between(substitution.c.since, substitution.c.until),
        *_now_between(membership.c.since, membership.c.until),
        or_(substitution.c.unit_id.is_(None), substitution.c.unit_id == membership.c.unit_id),
        or_(substitution.c.post_key.is_(None), substitution.c.post_key == membership.c.post_key),
    )
    .order_by(substitution.c.id, membership.c.unit_id, membership.c.post_key)
)
_ACCOUNTS = Prepared(
    select(person.c.id, membership.c.unit_id)
    .outerjoin(
        membership,
        and_(membership.c.person_id == person.c.id, *_now_between(membership.c.since, membership.c.until)),
    )
    .where(person.c.staff_no == bindparam("s"))
)


def load_actor(connection: Connection, who: int | str) -> Actor:
    """The active person with this id or login. NotFound when there is none."""
    row = (_BY_ID if isinstance(who, int) else _BY_LOGIN).first(connection, {"w": who})
    if row is None:
        raise NotFound(what="person")
    posts, lent = _POSTS.rows(connection, {"p": row["id"]}), _LENT.rows(connection, {"p": row["id"]})
    accounts = _ACCOUNTS.rows(connection, {"s": row["staff_no"]}) if row["staff_no"] is not None else ()
    found = ([tuple(each.values()) for each in rows] for rows in (posts, lent, accounts))
    return actor_from(row, *found)


def with_power(connection: Connection, power: str) -> list[int]:
    """Ids of everybody active whose posts, or those of whom they stand in for, carry this power now."""
    posts = [row.key for row in connection.execute(select(post.c.key, post.c.powers)) if power in row.powers]
    held = select(membership.c.person_id).where(membership.c.post_key.in_(posts))
    lent = select(substitution.c.substitute_id).where(substitution.c.principal_id.in_(held))
    found = []
    for who in sorted(connection.execute(held.union(lent)).scalars()):
        try:
            actor = load_actor(connection, who)
        except NotFound:
            continue  # they left
        if power in actor.powers:
            found.append(who)
    return found


def unit_and_below(connection: Connection, unit_ids: Iterable[int]) -> frozenset[int]:
    """These units, every unit under them, and those that were merged into them: what such a unit had is its successor's to see."""
    known = connection.execute(select(unit.c.id, unit.c.parent_id, unit.c.successor_id)).all()
    found = set(unit_ids)
    grew = True
    while grew:
        more = {u for u, parent, successor in known if parent in found or successor in found} - found
        grew = bool(more)
        found |= more
    return frozenset(found)
