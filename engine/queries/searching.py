"""Searching: the newest cases with these words among those that somebody may see, as many as asked for and no more.

A word may stand in a million cases. So the index is asked for the last days first, then for months, then for all, and no further than
needed; and whose cases they are is asked of the same index (`engine.search.scope_of`), so that a narrow view costs what it finds, not
what others have. SQLite gives no posting list from its end, so there a word is first asked about up to a bound: where it stands in few
cases these are all there is to read, where in many the newest cases are read one by one. What the index answers is a superset:
`access.visible` has the last word, as everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Text,
    and_,
    any_,
    case,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union,
    union_all,
)

from engine import access, search
from engine.people import Actor
from engine.queries.offers import Sources
from engine.search import MONTH, Has
from engine.tables import LIVE, copy, instance, task, words

STEPS = (200, 1_000, 5_000, 20_000)
"""How many of the newest hits a list looks at: more where its other filters let too few pass. Beyond the last it says "more than"."""

_RECENT = 3
"""Days of the first window. Longer ones are made of months: fourteen words of days cost the index more than two of months."""

_MONTHS = 6
"""The longest window but all."""

_LEAP = 24
"""A window is at most so many times as long as the one before, where that had fewer hits than tell."""

_TELLING = 3
"""So many hits tell how common the words are."""

_OWN = 200
"""Somebody's own newest tasks and copies in which a common word is looked for, beyond the cases of their units."""

_WAITING = 200
"""Newest hits of one's units that a search in an inbox looks at."""

_PROBED = 2
"""On SQLite a search has few hits when the index knows at most so many for each that is wanted: all of them are looked at."""

_WALKED = 16
"""Otherwise so many of the newest cases are read for each hit that is wanted, before the index is asked window by window."""

_FEW = 200
"""So few hits in the whole city are looked at one by one, whoever asks."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Ids of cases, the newest first. `whole`: there are no more."""

    ids: list[int]
    whole: bool


def hits(
    connection: Connection,
    actor: Actor,
    text: str,
    most: int,
    now: datetime,
    *,
    world: int = LIVE,
    process: str | None = None,
    until: datetime | None = None,
) -> Hits | None:
    """Up to `most` of the newest hits in a world at its time `now`, of one process if that is named, that began by `until`, among the cases
    that the actor may see; without a text it is these. None when the index narrows nothing: somebody who sees all asks for nothing."""
    groups = _groups(text, world)
    whose = access.scope(connection, actor)
    if not groups and whose is None:
        return None
    if process:
        groups.append([search.in_world(world, f"of:{process}")])
    latest = until or now
    if whose is None:
        return _newest(connection, world, groups, latest, until, most)
    theirs = [*groups, [search.in_world(world, word) for word in sorted(whose)]]
    found = _newest(connection, world, theirs, latest, until, most) if whose else Hits([], whole=True)
    # where their own are many, or more than were read, the whole city's are not few
    if len(found.ids) <= _FEW and (found.whole or most < _FEW) and _asks(connection, text):
        everybodys = _everybodys(connection, world, groups, latest, until)
        if everybodys is not None:
            return Hits(everybodys, whole=True)
    own = _own(connection, actor)
    if search.asked(text):
        own = _among(connection, world, groups, own, until)
    return Hits(list(dict.fromkeys([*found.ids, *own])), found.whole)


def waiting(
    connection: Connection,
    actor: Actor,
    text: str,
    now: datetime,
    sources: Sources,
    world: int = LIVE,
) -> ColumnElement[bool] | None:
    """The filter on `task` for a search in an inbox, whose open tasks come from `sources`: the newest hits of the units whose posts the
    actor holds and, where there are more of them, those among the most urgent of each source. What no unit is offered is looked
    through too, and all that the whole city has where that is much and the hits are few."""
    if not search.asked(text):
        return None
    groups, units = _groups(text, world), {search.unit(post.unit_id) for post in actor.posts}
    theirs = [*groups, [search.in_world(world, word) for word in sorted(units)]]
    found = _newest(connection, world, theirs, now, None, _WAITING) if units else Hits([], whole=True)
    # a task that a unit is offered lies in a case of that unit: all of these are found, or too many
    urgent = _urgent(connection, sources.others if found.whole else sources.all)
    if found.whole and len(urgent) >= _OWN:
        everybodys = _everybodys(connection, world, groups, now, None)
        if everybodys is not None:
            return among(connection, task.c.instance_id, everybodys)
    ids = dict.fromkeys([*found.ids, *_among(connection, world, groups, urgent, None)])
    return among(connection, task.c.instance_id, list(ids))


def among(connection: Connection, column: ColumnElement[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """The column is one of these, however many: one bound value, so that the statement stays the same."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(list(ids), ARRAY(BigInteger)))
    each = func.json_each(literal(str(list(ids)), Text())).table_valued("value")
    return column.in_(select(each.c.value))


def found_in(
    connection: Connection, world: int, ids: Sequence[int], more: Sequence[ColumnElement[bool]]
) -> list[ColumnElement[bool]]:
    """The filter on `instance` for ids that were found in a world and meet `more`. Databases are kept from every index but that of the ids:
    SQLite would rather read one of the world from end to end, to be spared the sorting of a few, and PostgreSQL that of all active cases,
    to ask of a few whether they are."""
    return [
        among(connection, instance.c.id, ids),
        case((and_(instance.c.world_id == world, *more), true()), else_=false()),
    ]


def window(latest: datetime, days: int) -> list[str] | None:
    """Words of the index for at least so many days up to `latest`; none: all time, which is more than a year."""
    day = search.day_of(latest)
    if days <= _RECENT:
        return [f"day:{day - back}" for back in range(-1, days)]
    months = -(-days // MONTH)
    return [f"month:{day // MONTH - back}" for back in range(-1, months + 1)] if months <= _MONTHS else None


def further(days: int, found: int, most: int) -> int:
    """How far to look back next, where so many days had only so many hits: as far as should hold what is wanted, and half as much again.
    A few hits tell how common the words are; one or none do not, and what is rare today may have been common in winter: then not much
    further at once."""
    guess = days * most * 3 // (2 * found) if found else days * _LEAP
    return max(guess if found >= _TELLING else min(guess, days * _LEAP), days * 2)


# ---------------------------------------------------------------- inside


def _asks(connection: Connection, text: str) -> bool:
    """Whether there may be few hits in the whole city: there is something to search for, or there are few cases at all."""
    if search.asked(text):
        return True
    some = select(words.c.instance_id).limit(_FEW + 1).subquery()
    return bool(connection.execute(select(func.count()).select_from(some)).scalar_one() <= _FEW)


def _groups(text: str, world: int) -> list[list[str]]:
    return [[search.in_world(world, one)] for one in search.asked(text)]


def _in(world: int) -> list[str]:
    return [f"in:{world}"]


def _everybodys(
    connection: Connection, world: int, groups: Sequence[Sequence[str]], latest: datetime, until: datetime | None
) -> list[int] | None:
    """All hits in the world, where they are few."""
    if connection.dialect.name == "sqlite" and until is None:
        ids = list(connection.execute(search.some([*groups, _in(world)], _FEW + 1)).scalars().all())
        return _among(connection, world, (), ids, until) if len(ids) <= _FEW else None
    found = _newest(connection, world, groups, latest, until, _FEW)
    return found.ids if found.whole else None


def _newest(
    connection: Connection,
    world: int,
    groups: Sequence[Sequence[str]],
    latest: datetime,
    until: datetime | None,
    most: int,
) -> Hits:
    if connection.dialect.name == "sqlite":
        found = _probed(connection, world, groups, until, most) or _walked(connection, world, groups, until, most)
        if found is not None:
            return found
    days = _RECENT
    while True:
        near = window(latest, days)
        when = [[search.in_world(world, word) for word in near]] if near is not None else []
        query = select(words.c.instance_id).where(Has([*groups, *when] or [_in(world)]))
        if until is not None:
            query = query.where(words.c.at <= until)
        query = query.order_by(words.c.at.desc(), words.c.instance_id.desc()).limit(most + 1)
        ids = list(connection.execute(query).scalars().all())
        if len(ids) > most:
            return Hits(ids[:most], whole=False)
        if near is None:
            return Hits(ids, whole=True)
        days = further(days, len(ids), most)


def _probed(
    connection: Connection, world: int, groups: Sequence[Sequence[str]], until: datetime | None, most: int
) -> Hits | None:
    """The hits, where the index knows few in all worlds and at all times."""
    few = _PROBED * most
    ids = list(connection.execute(search.some(groups or [_in(world)], few + 1)).scalars().all())
    if len(ids) > few:
        return None
    found = _among(connection, world, (), ids, until)
    return Hits(found[:most], whole=len(found) <= most)


def _walked(
    connection: Connection, world: int, groups: Sequence[Sequence[str]], until: datetime | None, most: int
) -> Hits | None:
    """The hits, where there are enough of them among the world's newest cases, or no cases beyond those."""
    began = [instance.c.world_id == world]
    if until is not None:
        began.append(instance.c.started_at <= until)
    newest = (instance.c.started_at.desc(), instance.c.id.desc())
    edge = select(instance.c.started_at).where(*began).order_by(*newest).offset(_WALKED * most).limit(1)
    oldest = connection.execute(edge).scalar_one_or_none()
    if oldest is not None:
        began.append(instance.c.started_at > oldest)
    query = select(instance.c.id).join(words, words.c.instance_id == instance.c.id).where(*began)
    query = query.where(*_told(connection, groups)).order_by(*newest).limit(most + 1)
    ids = list(connection.execute(query).scalars().all())
    if oldest is not None and len(ids) <= most:
        return None
    return Hits(ids[:most], whole=len(ids) <= most)


def _urgent(connection: Connection, sources: Sequence[ColumnElement[bool]]) -> list[int]:
    """The cases of the most urgent tasks of each source; fewer than `_OWN` of them are all."""
    fronts = (
        select(task.c.instance_id).where(task.c.state == literal_column("'open'"), source).order_by(task.c.due_at)
        for source in sources
    )
    parts = [select(each.limit(_OWN).subquery().c.instance_id) for each in fronts]
    return list(connection.execute(union_all(*parts)).scalars().all()) if parts else []


def _own(connection: Connection, actor: Actor) -> list[int]:
    """What they see by themselves, whatever their units see: their newest tasks and copies."""
    tasks = select(task.c.instance_id).where(task.c.closed_by == actor.id).order_by(task.c.closed_at.desc()).limit(_OWN)
    held = (
        select(task.c.instance_id)
        .where(task.c.assignee_id == actor.id, task.c.state == "open")
        .order_by(task.c.due_at)
        .limit(_OWN)
    )
    copies = select(copy.c.instance_id).where(copy.c.person_id == actor.id).order_by(copy.c.at.desc()).limit(_OWN)
    parts = [select(each.subquery().c.instance_id) for each in (tasks, held, copies)]
    return list(connection.execute(union(*parts)).scalars().all())


def _among(
    connection: Connection, world: int, groups: Sequence[Sequence[str]], ids: Sequence[int], until: datetime | None
) -> list[int]:
    """Those of these cases that have the words, the newest first; read from the rows, since the index would tell of everybody's."""
    if not ids:
        return []
    query = select(words.c.instance_id).where(among(connection, words.c.instance_id, ids))
    query = query.where(*_told(connection, [*groups, _in(world)]))
    if until is not None:
        query = query.where(words.c.at <= until)
    return list(connection.execute(query.order_by(words.c.at.desc(), words.c.instance_id.desc())).scalars().all())


def _told(connection: Connection, groups: Sequence[Sequence[str]]) -> list[ColumnElement[bool]]:
    """What the index tells (`engine.search.Has`), asked of rows that are at hand. Words of a scope have a colon, those of a text none."""
    found = []
    for group in groups:
        text: Any = " " + (words.c.scope if ":" in group[0] else words.c.words) + " "
        if connection.dialect.name == "sqlite":
            found.append(or_(*(func.instr(text, f" {word} ") > 0 for word in group)))
        else:
            found.append(or_(*(text.contains(f" {word} ", autoescape=True) for word in group)))
    return found
