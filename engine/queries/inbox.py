"""The inbox: open tasks that wait for a person, the most urgent first.

As quick with 100,000 open tasks as with 1,000: for each post somebody holds in a unit one sub-select reads the front of a partial index
in its own order, so that no more rows are touched than pages can show. Nothing is sorted or counted beyond the `DEPTH` most urgent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from engine import definitions, four_eyes, worlds
from engine.bpmn.model import Node
from engine.bpmn.settings import Candidates
from engine.definitions import Definition
from engine.people import Actor
from engine.queries import narrowing, offers, searching
from engine.queries.narrowing import Lit
from engine.tables import LIVE, definition, instance, task

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

DEPTH = 1000
"""How far down an inbox goes: counts stop here and say 999+, pages end here. Nobody works through more; they search."""


class Tab(StrEnum):
    """What part of the inbox."""

    MINE = "mine"  # I have claimed it, or whom I stand in for has
    UNIT = "unit"  # offered to a post of mine, nobody has it yet
    SOON = "soon"  # either, and its warning time has come
    LATE = "late"  # either, and its due time has passed
    ALL = "all"  # either


TABS = (Tab.MINE, Tab.UNIT, Tab.SOON, Tab.LATE)
"""Those that pages show and count."""

STAFF = "see_organisation"
"""The power that all posts of the city's own people carry."""

_WHICH = {tab: {"taken": tab is not Tab.UNIT, "offered": tab is not Tab.MINE} for tab in Tab}


class Sort(StrEnum):
    """In what order. The front of the inbox is always the most urgent; the other orders turn these about."""

    DUE = "due"
    DUE_LAST = "-due"
    OPENED = "opened"
    OPENED_LAST = "-opened"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show."""

    tab: Tab = Tab.MINE
    text: str = ""
    process: str | None = None
    node: str | None = None
    light: Lit | None = None
    unit: int | None = None
    area: str | None = None
    sort: Sort = Sort.DUE
    page: int = 1
    size: int = 25


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of `task` with number, title, class, area, place, grade and process of their case, and whether a four-eyes rule bars the
    actor from it (`barred`): such a task is shown, so that it is seen to wait, but somebody else must do it."""

    rows: list[Row]
    more: bool


# Literal, not a bound value: only then do both databases see that the partial index fits.
_OPEN = task.c.state == literal_column("'open'")

CASE = (  # what lists of tasks show of their cases
    instance.c.number,
    instance.c.title,
    instance.c.key.label("process"),
    instance.c["class"],
    instance.c.area,
    instance.c.place,
    instance.c.grade,
    instance.c.source,
)


def page(core: Core, actor: Actor, wanted: Wanted, now: datetime, world: int = LIVE) -> Page:
    """One page of an inbox at the instant `now` of the world."""
    size = max(1, min(100, wanted.size))
    first = (max(1, min(DEPTH // size, wanted.page)) - 1) * size
    later = narrowing.after(wanted.light, wanted.unit, wanted.area, now)
    with core.db.read() as connection:
        in_index_order = wanted.sort is Sort.DUE and wanted.tab is not Tab.SOON and not later
        query = fronted(connection, actor, wanted, now, first + size + 1 if in_index_order else DEPTH, world)
        if query is None:
            return Page([], more=False)
        query = query.with_only_columns(task, *CASE).where(*later).order_by(*_order(wanted.sort))
        rows = [dict(r) for r in connection.execute(query.offset(first).limit(size + 1)).mappings()]
    barred = four_eyes.barred(core, rows, actor, worlds.get(core, world)) if rows else set()
    for row in rows:
        row["barred"] = (row["instance_id"], row["id"]) in barred
    return Page(rows[:size], more=len(rows) > size)


def fronted(
    connection: Connection, actor: Actor, wanted: Wanted, now: datetime, depth: int = DEPTH, world: int = LIVE
) -> Select[Any] | None:
    """The `depth` most urgent tasks of an inbox joined with their cases, to be read or grouped; none where nobody offers anything."""
    conditions = [
        *_conditions(wanted),
        *narrowing.before(wanted.light, now),
        *offers.not_about(connection, actor),
    ]
    sources = offers.sources(actor, world, **_WHICH[wanted.tab])
    hits = searching.waiting(connection, actor, wanted.text, now, sources, world) if wanted.text else None
    if hits is not None:
        front = _found(sources.all, hits, wanted.tab, now, depth, conditions)
    else:
        front = _front(sources.all, wanted.tab, now, depth, conditions)
    if front is None:
        return None
    query = select(task.c.id).join(front, (front.c.instance_id == task.c.instance_id) & (front.c.id == task.c.id))
    return query.join(instance, instance.c.id == task.c.instance_id)


def counts(core: Core, actor: Actor, now: datetime, world: int = LIVE) -> dict[Tab, int]:
    """How many wait in each tab, at most `DEPTH` each (shown as 999+)."""
    columns: list[ColumnElement[Any]] = []
    with core.db.read() as connection:
        more = offers.not_about(connection, actor)
        for tab in TABS:
            sources = (and_(source, *more) for source in offers.sources(actor, world, **_WHICH[tab]).all)
            parts = [part for source in sources for part in _counted(source, tab, now)]
            columns.append(sum((part.scalar_subquery() for part in parts), literal(0)).label(tab.value))
        row = connection.execute(select(*columns)).one()
    return {tab: min(DEPTH, row[i]) for i, tab in enumerate(TABS)}


def kinds(core: Core, actor: Actor) -> list[tuple[Definition, Node]]:
    """The steps that can land in this inbox: those that the newest diagrams offer to a post of the actor, or to whomever a case names
    or was started by. Read from the diagrams, so that it costs the same however many tasks wait."""
    return [(one, node) for one, node, wanted in _given(core) if _is_personal(wanted) or _is_offered(wanted, actor)]


def serves(core: Core, actor: Actor) -> bool:
    """Whether an inbox is a tool of this person: steps are offered to a post of theirs. What comes only to whoever started a case, or
    is named in it, makes it nobody's tool: a citizen has such a task once in a while."""
    return any(_is_offered(wanted, actor) for _, _, wanted in _given(core))


# ---------------------------------------------------------------- inside


def _given(core: Core) -> Iterator[tuple[Definition, Node, Candidates]]:
    """The steps of the newest diagrams that are given to people, and to whom."""
    with core.db.read() as connection:
        newest = definitions.newest_ids(connection)
    for _, definition_id in sorted(newest.items()):
        one = definitions.get(core, definition_id)
        for node in one.model.user_tasks:
            if node.settings.candidates is not None:
                yield one, node, node.settings.candidates


def _is_offered(wanted: Candidates, actor: Actor) -> bool:
    held = {p.post for p in actor.posts}
    staff = STAFF in actor.powers  # whom a case names by an expression is somebody of the city's
    return any(p is not None and (staff if p.is_feel else p.text in held) for p in (wanted.post, wanted.fallback_post))


def _is_personal(wanted: Candidates) -> bool:
    return wanted.starter or wanted.person is not None or wanted.head is not None


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.process:
        versions = select(definition.c.id).where(definition.c.key == wanted.process)
        found.append(task.c.definition_id.in_(versions))
    if wanted.node:
        found.append(task.c.node == wanted.node)
    return found


def _found(
    sources: Sequence[ColumnElement[bool]],
    hits: ColumnElement[bool],
    tab: Tab,
    now: datetime,
    depth: int,
    more: Sequence[ColumnElement[bool]],
) -> Subquery | None:
    """The `depth` most urgent task keys of a tab among those of cases that were found. Databases are kept from every index but that of
    the cases: they would read all that somebody's unit is offered, to find among it a few."""
    if not sources:
        return None
    tested = [_OPEN, or_(*sources), *more]
    if tab is Tab.LATE:
        tested.append(task.c.due_at < now)
    elif tab is Tab.SOON:
        tested += [task.c.due_at >= now, task.c.warn_at <= now]
    query = select(task.c.instance_id, task.c.id).where(hits, case((and_(*tested), true()), else_=false()))
    return query.order_by(task.c.due_at.is_(None), task.c.due_at).limit(depth).subquery()


def _front(
    sources: Sequence[ColumnElement[bool]], tab: Tab, now: datetime, depth: int, more: Sequence[ColumnElement[bool]]
) -> Subquery | None:
    """The `depth` most urgent task keys of a tab: the fronts of the indexes, merged."""
    parts = [part for source in sources for part in _parts(source, tab, now, depth, more)]
    if not parts:
        return None
    merged = union_all(*parts).subquery()
    query = select(merged.c.instance_id, merged.c.id).order_by(merged.c.due_at.is_(None), merged.c.due_at).limit(depth)
    return query.subquery()


def _counted(source: ColumnElement[bool], tab: Tab, now: datetime) -> list[Select[Any]]:
    """Counts of a range, each at most `DEPTH`; where it can be, read from the index alone."""
    base = select(task.c.due_at).where(_OPEN, source).order_by(task.c.due_at)
    if tab is Tab.LATE:
        base = base.where(task.c.due_at < now)
    elif tab is Tab.SOON:
        near = select(task.c.warn_at).where(_OPEN, source, task.c.due_at >= now).order_by(task.c.due_at).limit(DEPTH)
        inner = near.subquery()
        return [select(func.count()).select_from(inner).where(inner.c.warn_at <= now)]
    return [select(func.count()).select_from(base.limit(DEPTH).subquery())]


def _parts(
    source: ColumnElement[bool], tab: Tab, now: datetime, depth: int, more: Sequence[ColumnElement[bool]]
) -> list[Select[Any]]:
    """Those with a due time in the order of the index, then those without: databases disagree where none sorts."""
    base = select(task.c.instance_id, task.c.id, task.c.due_at).where(_OPEN, source, *more)
    if tab is Tab.LATE:
        return [_limited(base.where(task.c.due_at < now).order_by(task.c.due_at), depth)]
    if tab is Tab.SOON:
        near = (
            select(task.c.instance_id, task.c.id, task.c.due_at, task.c.warn_at)
            .where(_OPEN, source, *more, task.c.due_at >= now)
            .order_by(task.c.due_at)
            .limit(DEPTH)
            .subquery()
        )
        return [select(near.c.instance_id, near.c.id, near.c.due_at).where(near.c.warn_at <= now)]
    dated = _limited(base.where(task.c.due_at.is_not(None)).order_by(task.c.due_at), depth)
    undated = _limited(base.where(task.c.due_at.is_(None)), depth)
    return [dated, undated]


def _limited(query: Select[Any], depth: int) -> Select[Any]:
    # A select of a select: neither database takes ORDER BY and LIMIT bare inside a UNION.
    inner = query.limit(depth).subquery()
    return select(inner.c.instance_id, inner.c.id, inner.c.due_at)


def _order(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    tie = (task.c.instance_id.asc(), task.c.id.asc())
    if sort is Sort.DUE:
        return (task.c.due_at.is_(None), task.c.due_at, *tie)
    if sort is Sort.DUE_LAST:
        return (task.c.due_at.is_(None), task.c.due_at.desc(), *tie)
    return (task.c.opened_at.asc() if sort is Sort.OPENED else task.c.opened_at.desc(), *tie)
