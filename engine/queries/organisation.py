"""The organisation as it is now: units with their heads and people, posts held, areas. Times are database time, as rights see
them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from engine.bpmn.values import Names
from engine.errors import NotFound
from engine.tables import area, membership, person, post, unit
from engine.tables.columns import database_now

if TYPE_CHECKING:
    from engine.core import Core

PAGE = 50

STAFF = "see_organisation"
"""The power of posts in the service of the city; who holds none of them (citizens, applicants) is in no directory."""


@dataclass(frozen=True, slots=True)
class Held:
    """A post somebody holds in a unit; `now`: at this moment, not only later or before."""

    person_id: int
    name: str
    login: str
    unit_id: int
    unit_key: str
    post: str
    heads: bool
    since: datetime | None
    until: datetime | None
    now: bool


@dataclass(slots=True)
class Unit:
    """A unit of the city; `heads` and `people` as of now, people of this unit alone."""

    id: int
    key: str
    names: Names
    kind: str
    parent_id: int | None
    ended_at: datetime | None
    successor_id: int | None
    heads: list[Held] = field(default_factory=list)
    people: int = 0
    below: list[Unit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody; `posts` are those of now and later."""

    id: int
    login: str
    name: str
    staff_no: str | None
    active: bool
    left_at: datetime | None
    can_log_in: bool
    posts: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """A kind of post."""

    key: str
    names: Names
    heads: bool
    powers: tuple[str, ...]


@dataclass(slots=True)
class Area:
    """An area; `unit_id` is responsible for what nobody owns there."""

    key: str
    names: Names
    kind: str
    parent: str | None
    unit_id: int | None
    lat: float | None
    lon: float | None
    below: list[Area] = field(default_factory=list)


def units(core: Core, *, ended: bool = False) -> dict[int, Unit]:
    """Every unit of the city by id, each with those below it, in the order they were made; with `ended` also those that are no more."""
    with core.db.read() as connection:
        query = select(unit).where(unit.c.realm == "").order_by(unit.c.id)
        if not ended:
            query = query.where(unit.c.ended_at.is_(None))
        found = {
            row.id: Unit(
                row.id,
                row.key,
                Names(row.name_zh, row.name_en),
                row.kind,
                row.parent_id,
                row.ended_at,
                row.successor_id,
            )
            for row in connection.execute(query)
        }
        counts = connection.execute(
            select(membership.c.unit_id, func.count(func.distinct(membership.c.person_id)).label("people"))
            .join(person, person.c.id == membership.c.person_id)
            .where(person.c.active, holds_now())
            .group_by(membership.c.unit_id)
        ).all()
    for row in counts:
        if row.unit_id in found:
            found[row.unit_id].people = row.people
    for one in held(core, heads=True):
        if one.unit_id in found:
            found[one.unit_id].heads.append(one)
    for each in found.values():
        if each.parent_id in found:
            found[each.parent_id].below.append(each)
    return found


def unit_by_key(core: Core, key: str) -> Unit:
    """One unit, also one that ended. NotFound when there is none."""
    found = next((each for each in units(core, ended=True).values() if each.key == key), None)
    if found is None:
        raise NotFound(what="unit")
    return found


def held(
    core: Core,
    *,
    unit_ids: Collection[int] | None = None,
    person_ids: Collection[int] | None = None,
    heads: bool = False,
    later: bool = False,
    staff: bool = False,
) -> list[Held]:
    """Posts held by active people: heads first, then by the sound of names. `later`: also those that begin later. `staff`: only posts
    in the service of the city."""
    query = (
        select(
            membership,
            person.c.name,
            person.c.login,
            unit.c.key.label("unit_key"),
            post.c.heads,
            holds_now().label("now"),
        )
        .join(person, person.c.id == membership.c.person_id)
        .join(unit, unit.c.id == membership.c.unit_id)
        .join(post, post.c.key == membership.c.post_key)
        .where(person.c.active, unit.c.realm == "", _not_over(membership.c.until) if later else holds_now())
        .order_by(post.c.heads.desc(), person.c.pinyin, person.c.id, membership.c.unit_id, membership.c.post_key)
    )
    if unit_ids is not None:
        query = query.where(membership.c.unit_id.in_(unit_ids))
    if person_ids is not None:
        query = query.where(membership.c.person_id.in_(person_ids))
    if heads:
        query = query.where(post.c.heads)
    with core.db.read() as connection:
        if staff:
            query = query.where(membership.c.post_key.in_(_staff_posts(connection)))
        return [
            Held(
                row.person_id,
                row.name,
                row.login,
                row.unit_id,
                row.unit_key,
                row.post_key,
                bool(row.heads),
                row.since,
                row.until,
                bool(row.now),
            )
            for row in connection.execute(query)
        ]


def people(
    core: Core, text: str = "", page: int = 1, *, also_left: bool = False, staff: bool = False, limit: int = PAGE
) -> tuple[list[Person], int]:
    """One page of the people of the city whose name (or its sound) or log-in holds the text, and how many there are."""
    conditions: list[ColumnElement[bool]] = [_of_the_city()]
    if not also_left:
        conditions.append(person.c.active)
    if text.strip():
        wanted = text.strip().lower()
        conditions.append(
            or_(
                person.c.name.contains(text.strip(), autoescape=True),
                person.c.pinyin.startswith(wanted, autoescape=True),
                person.c.login.startswith(wanted, autoescape=True),
            )
        )
    with core.db.read() as connection:
        if staff:
            conditions.append(_is_staff(connection))
        total = int(connection.execute(select(func.count()).select_from(person).where(*conditions)).scalar_one())
        rows = connection.execute(
            select(person)
            .where(*conditions)
            .order_by(person.c.pinyin, person.c.id)
            .limit(limit)
            .offset((page - 1) * limit)
        ).all()
    return _with_posts(core, rows), total


def person_by_id(core: Core, person_id: int, *, staff: bool = False) -> Person:
    """One person, also one who left. NotFound when there is none in the city (`staff`: in its service)."""
    with core.db.read() as connection:
        query = select(person).where(person.c.id == person_id, _of_the_city())
        rows = connection.execute(query.where(_is_staff(connection)) if staff else query).all()
    if not rows:
        raise NotFound(what="person")
    return _with_posts(core, rows)[0]


def posts(core: Core) -> dict[str, Post]:
    """Every kind of post by its key, in the order of keys."""
    with core.db.read() as connection:
        rows = connection.execute(select(post).order_by(post.c.key)).all()
    return {r.key: Post(r.key, Names(r.name_zh, r.name_en), bool(r.heads), tuple(r.powers)) for r in rows}


def areas(core: Core) -> dict[str, Area]:
    """Every area of the city by its key, each with those in it."""
    with core.db.read() as connection:
        rows = connection.execute(select(area).where(area.c.realm == "").order_by(area.c.key)).all()
    found = {
        r.key: Area(r.key, Names(r.name_zh, r.name_en), r.kind, r.parent_key, r.unit_id, r.lat, r.lon) for r in rows
    }
    for each in found.values():
        if each.parent in found:
            found[each.parent].below.append(each)
    return found


def everything_held(core: Core) -> list[dict[str, Any]]:
    """Every post held now or later, as rows of an export."""
    return [
        {"login": h.login, "name": h.name, "unit": h.unit_key, "post": h.post, "since": h.since, "until": h.until}
        for h in sorted(held(core, later=True), key=lambda h: (h.unit_id, not h.heads, h.post, h.person_id))
    ]


# ---------------------------------------------------------------- inside


def _with_posts(core: Core, rows: Any) -> list[Person]:
    ids = [row.id for row in rows]
    by_person: dict[int, list[Held]] = defaultdict(list)
    for one in held(core, person_ids=ids, later=True):
        by_person[one.person_id].append(one)
    return [
        Person(
            row.id,
            row.login,
            row.name,
            row.staff_no,
            bool(row.active),
            row.left_at,
            row.password_hash is not None,
            tuple(by_person[row.id]),
        )
        for row in rows
    ]


def _of_the_city() -> ColumnElement[bool]:
    """Not somebody of another city's replay alone."""
    elsewhere = (
        select(membership.c.person_id)
        .join(unit, unit.c.id == membership.c.unit_id)
        .where(unit.c.realm != "", membership.c.person_id == person.c.id)
    )
    return ~elsewhere.exists()


def _is_staff(connection: Connection) -> ColumnElement[bool]:
    return (
        select(membership.c.person_id)
        .where(membership.c.person_id == person.c.id, membership.c.post_key.in_(_staff_posts(connection)))
        .exists()
    )


def _staff_posts(connection: Connection) -> list[str]:
    return [row.key for row in connection.execute(select(post.c.key, post.c.powers)) if STAFF in row.powers]


def holds_now() -> ColumnElement[bool]:
    """The filter on `membership` for posts held at this moment."""
    begun = or_(membership.c.since.is_(None), membership.c.since <= database_now())
    return and_(begun, _not_over(membership.c.until))


def _not_over(until: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(until.is_(None), until > database_now())
