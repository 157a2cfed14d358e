"""Lists of cases: filtered, sorted, page by page, in the actor's scope. The list, its export and the figures use the same filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, func, select

from engine import access, worlds
from engine.definitions import IS_VERSION
from engine.people import Actor
from engine.queries import searching
from engine.tables import LIVE, area, definition, instance, task

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

COUNTED = 1_000
"""Beyond so many a list says "more than"."""

NEWEST = "-started"

SORTS: dict[str, ColumnElement[Any]] = {
    "started": instance.c.started_at,
    "ended": instance.c.ended_at,
    "number": instance.c.number,
    "place": instance.c.area,
    "unit": instance.c.unit_id,
}

_COLUMNS = [c for c in instance.columns if c.name not in {"state", "facts"}]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases, in what order. `more` are conditions on `instance` from packages above; `order` sorts by something of theirs. `among`:
    these alone, which are few."""

    world: int = LIVE
    text: str = ""
    process: str = ""
    status: str = ""
    kind: str = ""
    area: str = ""
    unit_id: int | None = None
    source: str = ""
    since: datetime | None = None
    until: datetime | None = None
    more: tuple[ColumnElement[bool], ...] = ()
    among: tuple[int, ...] | None = None
    order: ColumnElement[Any] | None = None
    sort: str = NEWEST
    page: int = 1
    size: int = 25


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of `instance` without state and facts, and how many fit in all; where it is `capped`, so many at least."""

    rows: list[Row]
    total: int
    more: bool
    capped: bool = False


def page(core: Core, actor: Actor, wanted: Wanted) -> Page:
    """One page of the list. With a text the newest hits are listed, as many as it takes to fill the page."""
    first = (max(1, wanted.page) - 1) * wanted.size
    most = max(COUNTED, first + wanted.size) + 1
    with core.db.read() as connection:
        for conditions, whole in _conditions(core, connection, actor, wanted):
            fit = list(
                connection.execute(select(instance.c.id).where(*conditions).order_by(*_order(wanted)).limit(most))
                .scalars()
                .all()
            )
            if whole or (len(fit) > first + wanted.size and wanted.sort == NEWEST):
                break
        here = fit[first : first + wanted.size]
        shown = connection.execute(select(*_COLUMNS).where(instance.c.id.in_(here))).mappings()
        rows = {row["id"]: dict(row) for row in shown}
    capped = len(fit) == most or not whole
    return Page([rows[i] for i in here], len(fit), more=len(fit) > first + wanted.size, capped=capped)


def total(core: Core, actor: Actor, wanted: Wanted) -> int:
    """How many fit."""
    with core.db.read() as connection:
        for conditions, _ in _conditions(core, connection, actor, wanted, searching.STEPS[-1:]):
            query = select(func.count()).select_from(instance).where(*conditions)
            count: int = connection.execute(query).scalar_one()
    return count


def everything(core: Core, actor: Actor, wanted: Wanted, most: int) -> list[Row]:
    """All rows of the list, at most `most` + 1, for an export."""
    with core.db.read() as connection:
        for conditions, _ in _conditions(core, connection, actor, wanted, (most + 1,)):
            query = select(*_COLUMNS).where(*conditions).order_by(*_order(wanted)).limit(most + 1)
            rows = [dict(r) for r in connection.execute(query).mappings()]
    return rows


def open_steps(core: Core, instance_ids: Iterable[int]) -> dict[int, list[Row]]:
    """The open tasks of these cases: definition, node, unit and post of each."""
    found: dict[int, list[Row]] = {}
    ids = list(instance_ids)
    with core.db.read() as connection:
        for start in range(0, len(ids), 500):
            rows = connection.execute(
                select(task.c.instance_id, task.c.definition_id, task.c.node, task.c.unit_id, task.c.post_key)
                .where(task.c.instance_id.in_(ids[start : start + 500]), task.c.state == "open")
                .order_by(task.c.instance_id, task.c.id)
            ).mappings()
            for row in rows:
                found.setdefault(row["instance_id"], []).append(dict(row))
    return found


def processes(core: Core) -> list[tuple[str, str, str]]:
    """Key and both names of every process, by its newest version."""
    with core.db.read() as connection:
        rows = connection.execute(
            select(definition.c.key, definition.c.name_zh, definition.c.name_en)
            .where(IS_VERSION)
            .order_by(definition.c.key, definition.c.version)
        )
        newest = {key: (key, zh, en) for key, zh, en in rows}
    return list(newest.values())


# ---------------------------------------------------------------- inside


def _conditions(
    core: Core, connection: Connection, actor: Actor, wanted: Wanted, steps: Sequence[int] = searching.STEPS
) -> Iterator[tuple[list[ColumnElement[bool]], bool]]:
    """The filter, and whether it lets all through that fit: with a text, or for who does not see
    all, first for a few of the newest hits, then for more."""
    now = worlds.on(connection, core, wanted.world).now
    usual = [*_filters(connection, wanted), access.visible(connection, actor)]
    if wanted.among is not None:
        yield [instance.c.world_id == wanted.world, instance.c.id.in_(wanted.among), *usual], True
        return
    for most in steps:
        found = searching.hits(
            connection, actor, wanted.text, most, now,
            world=wanted.world, process=wanted.process or None, until=wanted.until,
        )  # fmt: skip
        if found is None:
            yield [instance.c.world_id == wanted.world, *usual], True
            return
        yield searching.found_in(connection, wanted.world, found.ids, usual), found.whole
        if found.whole:
            return


def _filters(connection: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = list(wanted.more)
    equal: dict[ColumnElement[Any], Any] = {
        instance.c.key: wanted.process,
        instance.c.status: wanted.status,
        instance.c["class"]: wanted.kind,
        instance.c.source: wanted.source,
        instance.c.unit_id: wanted.unit_id,
    }
    found += [column == value for column, value in equal.items() if value not in ("", None)]
    if wanted.area:
        found.append(instance.c.area.in_(_area_and_below(connection, wanted.area)))
    if wanted.since is not None:
        found.append(instance.c.started_at >= wanted.since)
    if wanted.until is not None:
        found.append(instance.c.started_at < wanted.until)
    return found


def _area_and_below(connection: Connection, key: str) -> list[str]:
    """A town with its communities; the city with all of them."""
    known = connection.execute(select(area.c.key, area.c.parent_key)).all()
    found = [key]
    for one in found:
        found += [k for k, parent in known if parent == one and k not in found]
    return found


def _order(wanted: Wanted) -> tuple[ColumnElement[Any], ...]:
    downwards, name = wanted.sort.startswith("-"), wanted.sort.removeprefix("-")
    column = wanted.order if wanted.order is not None else SORTS.get(name, instance.c.started_at)
    if column is instance.c.started_at:  # as the index has it
        return (column.desc(), instance.c.id.desc()) if downwards else (column.asc(), instance.c.id.desc())
    # None sorts first on one database and last on the other: said here, so that both agree.
    return (column.is_(None), column.desc() if downwards else column.asc(), instance.c.id.desc())
