"""Whom somebody may choose in an act: to ask, to tell, to hand work to. Nobody learns here of people they may not see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, or_, select

from engine.candidates import TECHNICAL
from engine.errors import Invalid
from engine.people import NEVER_LENT, Actor
from engine.tables import instance, involvement, membership, person, post, recusal, task, unit
from engine.tables.columns import database_now

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.core import Core

MOST = 40
"""People that a list shows at once; whoever looks for somebody else types a word."""

POSTS = 10
"""Rows read for each person at most: one for each post they hold."""

LONGEST_NAME = 12
"""Letters of a name that are looked at after an @."""

DIRECTORY = "see_organisation"
"""The power to know everybody who works here."""


@dataclass(frozen=True, slots=True)
class Choosable:
    """A person who may be chosen, with a unit and a post of theirs. `near`: of the actor's own unit, or at work on the case."""

    id: int
    name: str
    unit_id: int | None = None
    post_key: str | None = None
    near: bool = False


def people(
    core: Core, actor: Actor, instance_id: int, *, text: str = "", chosen: Collection[int] = (), most: int = MOST
) -> list[Choosable]:
    """People who may be shown this case, those near first: words of `text` are looked for in names, their sounds, log-ins and units.
    Those `chosen` before stand first, whatever the words are. Never the actor's own accounts."""
    with core.db.read() as connection:
        near = _near(connection, instance_id, actor)
        query = _able(connection, actor, instance_id, near)
        kept = _rows(connection, query.where(person.c.id.in_(sorted(chosen)[:most])), most * POSTS) if chosen else []
        words = text.split()[:4]
        for word in words:
            query = query.where(_matches(word))
        if not words:
            query = query.where(or_(membership.c.unit_id.in_(near.units), person.c.id.in_(near.people)))
        found = kept + _rows(connection, query, most * 3)
    unlike = {one["id"]: one for one in reversed(found)}
    told = [
        Choosable(
            id=who,
            name=one["name"],
            unit_id=one["unit_id"],
            post_key=one["post_key"],
            near=one["unit_id"] in near.units or who in near.people,
        )
        for who, one in unlike.items()
    ]
    first = {who: at for at, who in enumerate(chosen)}
    told.sort(key=lambda one: (one.id not in first, not one.near, unlike[one.id]["pinyin"], one.id))
    return told[: max(most, len(first))]


def mentioned(core: Core, actor: Actor, instance_id: int, text: str) -> list[int]:
    """Whom a text names with @: people with just this name, as far as it is one person's whom the actor may know. The longest name that
    fits counts, as none has a mark at its end."""
    after = [part[:LONGEST_NAME] for part in text.replace("＠", "@").split("@")[1:MOST]]
    starts = {part[:length] for part in after for length in range(2, len(part) + 1)}
    if not starts:
        return []
    with core.db.read() as connection:
        query = _able(connection, actor, instance_id, _near(connection, instance_id, actor))
        rows = _rows(connection, query.where(person.c.name.in_(sorted(starts))), MOST * POSTS)
    by_name: dict[str, set[int]] = {}
    for row in rows:
        by_name.setdefault(row["name"], set()).add(row["id"])
    found: list[int] = []
    for part in after:
        name = next((part[:n] for n in range(len(part), 1, -1) if part[:n] in by_name), None)
        if name is not None and len(by_name[name]) == 1:
            found += by_name[name]
    return list(dict.fromkeys(found))


def check(core: Core, actor: Actor, instance_id: int, wanted: Sequence[int]) -> None:
    """Invalid when somebody among `wanted` is unknown to the actor: whether they work here is not told."""
    if wanted:
        known = {one.id for one in people(core, actor, instance_id, chosen=set(wanted), most=len(wanted))}
        unknown = set(wanted) - known - set(actor.accounts)
        if unknown:
            raise Invalid(
                why_zh="所选人员中有人不能选择，请从列表中重新选择",
                why_en="somebody among those chosen cannot be chosen: choose from the list",
            )


def by_login(core: Core, actor: Actor, instance_id: int, logins: Iterable[str]) -> list[int]:
    """The same people by their log-in names, for programs. Invalid for one who cannot be chosen, or is nobody."""
    named = list(dict.fromkeys(logins))
    with core.db.read() as connection:
        rows = connection.execute(select(person.c.login, person.c.id).where(person.c.login.in_(named), person.c.active))
        ids = {row.login: int(row.id) for row in rows}
    check(core, actor, instance_id, [ids.get(login, 0) for login in named])
    return [ids[login] for login in named]


# ---------------------------------------------------------------- inside


@dataclass(frozen=True, slots=True)
class _Near:
    """The actor's own units, and the people who work or started the case."""

    units: frozenset[int]
    people: frozenset[int]


def _near(connection: Connection, instance_id: int, actor: Actor) -> _Near:
    assigned = select(task.c.assignee_id).where(task.c.instance_id == instance_id, task.c.assignee_id.is_not(None))
    starter = select(instance.c.starter_id).where(instance.c.id == instance_id, instance.c.starter_id.is_not(None))
    who = {*connection.execute(assigned.distinct()).scalars(), *connection.execute(starter).scalars()}
    return _Near(actor.home_units, frozenset(who))


def _able(connection: Connection, actor: Actor, instance_id: int, near: _Near) -> Any:
    """Active people with a post that shows cases, whose units the case is not about, and whom the actor may know of."""
    blind = [
        row.key
        for row in connection.execute(select(post.c.key, post.c.powers))
        if not NEVER_LENT.isdisjoint(row.powers)
        or DIRECTORY not in row.powers  # citizens and applicants do not work here
    ]
    about = select(recusal.c.unit_id).where(recusal.c.instance_id == instance_id)
    theirs = membership.alias()
    of_them = select(theirs.c.person_id).where(theirs.c.unit_id.in_(about))
    now = database_now()
    query = (
        select(person.c.id, person.c.name, person.c.pinyin, membership.c.unit_id, membership.c.post_key)
        .join(membership, membership.c.person_id == person.c.id)
        .where(
            person.c.active,
            person.c.login != TECHNICAL,
            person.c.id.not_in(sorted(actor.accounts)),
            membership.c.post_key.not_in(blind),
            or_(membership.c.since.is_(None), membership.c.since <= now),
            or_(membership.c.until.is_(None), membership.c.until > now),
            person.c.id.not_in(of_them),
        )
    )
    if DIRECTORY not in actor.powers:
        took_part = select(involvement.c.unit_id).where(involvement.c.instance_id == instance_id)
        query = query.where(
            or_(
                membership.c.unit_id.in_(sorted(near.units)),
                and_(person.c.id.in_(sorted(near.people)), membership.c.unit_id.in_(took_part)),
            )
        )
    return query


def _matches(word: str) -> ColumnElement[bool]:
    some = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    of_unit = select(unit.c.id).where(
        or_(unit.c.name_zh.like(some, escape="\\"), unit.c.name_en.ilike(some, escape="\\"))
    )
    return or_(
        person.c.name.like(some, escape="\\"),
        person.c.pinyin.ilike(some, escape="\\"),
        person.c.login.ilike(some, escape="\\"),
        membership.c.unit_id.in_(of_unit),
    )


def _rows(connection: Connection, query: Any, most: int) -> list[dict[str, Any]]:
    ordered = query.order_by(person.c.pinyin, person.c.id, membership.c.unit_id, membership.c.post_key).limit(most)
    return [dict(row) for row in connection.execute(ordered).mappings()]
