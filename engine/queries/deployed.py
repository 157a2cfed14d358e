"""Deployed processes: their versions, who deployed them, how many instances run by each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, func, select

from engine.definitions import IS_VERSION
from engine.errors import NotFound
from engine.registers.keys import REGISTERS
from engine.subscriptions import MESSAGE
from engine.tables import LIVE, definition, instance, post, process_start, register_row, unit

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Process:
    """A process with its newest version's row, how many versions there are, and its live instances: at work, suspended, ended."""

    newest: Row
    versions: int
    active: int
    suspended: int
    ended: int


def processes(core: Core) -> list[Process]:
    """Every process by key."""
    with core.db.read() as connection:
        rows = [
            dict(r)
            for r in connection.execute(
                select(definition).where(IS_VERSION).order_by(definition.c.key, definition.c.version)
            ).mappings()
        ]
        counted = connection.execute(
            select(instance.c.key, instance.c.status, func.count())
            .where(instance.c.world_id == LIVE, ~instance.c.confidential)  # how many there are is nobody's to know
            .group_by(instance.c.key, instance.c.status)
        ).all()
    newest = {row["key"]: row for row in rows}
    return [
        Process(
            newest=row,
            versions=sum(1 for other in rows if other["key"] == key),
            active=sum(n for k, status, n in counted if k == key and status == "active"),
            suspended=sum(n for k, status, n in counted if k == key and status == "suspended"),
            ended=sum(n for k, status, n in counted if k == key and status not in ("active", "suspended")),
        )
        for key, row in newest.items()
    ]


def versions_of(core: Core, key: str) -> list[Row]:
    """The versions of a process, newest first. NotFound if there are none."""
    query = select(definition).where(definition.c.key == key, IS_VERSION).order_by(definition.c.version.desc())
    with core.db.read() as connection:
        rows = [dict(r) for r in connection.execute(query).mappings()]
    if not rows:
        raise NotFound(what="process")
    return rows


def versions(core: Core, key: str) -> list[Row]:
    """The same, each with `active`: its running instances in the live world."""
    rows = versions_of(core, key)
    with core.db.read() as connection:
        counted = connection.execute(
            select(instance.c.definition_id, func.count())
            .where(instance.c.key == key, instance.c.status == "active", instance.c.world_id == LIVE)
            .where(~instance.c.confidential)
            .group_by(instance.c.definition_id)
        ).all()
    active = {i: n for i, n in counted}  # noqa: C416 rows are no pairs to mypy
    return [{**row, "active": active.get(row["id"], 0)} for row in rows]


def version(core: Core, key: str, number: int) -> Row:
    """One version. NotFound when there is none."""
    found = next((row for row in versions(core, key) if row["version"] == number), None)
    if found is None:
        raise NotFound(what="version of the process")
    return found


def runs_on(key: str, number: int) -> ColumnElement[bool]:
    """A condition on `instance`: it runs, or ran, by this version of its process."""
    wanted = select(definition.c.id).where(definition.c.key == key, definition.c.version == number)
    return instance.c.definition_id.in_(wanted)


def keys(core: Core) -> list[str]:
    """The keys of all processes: what a process may call."""
    with core.db.read() as connection:
        return list(
            connection.execute(
                select(definition.c.key).where(IS_VERSION).distinct().order_by(definition.c.key)
            ).scalars()
        )


def called(core: Core, locale: str) -> list[dict[str, str]]:
    """Every process that a diagram may call: its key and its newest name, in the order of keys."""
    with core.db.read() as connection:
        return [{"value": key, "label": f"{name} ({key})"} for key, name in _names(connection, locale).items()]


def beginning(core: Core, locale: str) -> list[dict[str, str]]:
    """The messages that begin a process, each with the processes that it begins."""
    c = process_start.c
    query = select(c.name, c.key).where(c.kind == MESSAGE).distinct().order_by(c.name, c.key)
    begun: dict[str, list[str]] = {}
    with core.db.read() as connection:
        known = _names(connection, locale)
        for name, key in connection.execute(query):
            begun.setdefault(name, []).append(known.get(key, key))
    joint = "、" if locale.startswith("zh") else ", "
    return [{"value": name, "label": f"{name} → {joint.join(keys)}"} for name, keys in begun.items()]


def candidates(core: Core, locale: str) -> dict[str, list[dict[str, str]]]:
    """Units and posts that a diagram may name, each with its key and name, in the order of names."""
    with core.db.read() as connection:
        units = connection.execute(
            select(unit.c.key, unit.c.name_zh, unit.c.name_en)
            .where(unit.c.realm == "", unit.c.ended_at.is_(None))
            .order_by(unit.c.pinyin, unit.c.key)
        ).all()
        posts = connection.execute(select(post.c.key, post.c.name_zh, post.c.name_en).order_by(post.c.key)).all()
    named = {"units": units, "posts": posts}
    chinese = locale.startswith("zh")
    return {
        name: [{"value": row.key, "label": f"{row.name_zh if chinese else row.name_en} ({row.key})"} for row in rows]
        for name, rows in named.items()
    }


def named_units(core: Core) -> dict[str, tuple[str, ...]]:
    """Every unit's key that a diagram may name, with its names in Chinese and English."""
    with core.db.read() as connection:
        query = select(unit.c.key, unit.c.name_zh, unit.c.name_en).where(unit.c.realm == "", unit.c.ended_at.is_(None))
        return {row.key: (row.name_zh, row.name_en) for row in connection.execute(query)}


def named_posts(core: Core) -> dict[str, tuple[str, ...]]:
    """The same of posts."""
    with core.db.read() as connection:
        query = select(post.c.key, post.c.name_zh, post.c.name_en)
        return {row.key: (row.name_zh, row.name_en) for row in connection.execute(query)}


def registers(core: Core) -> list[str]:
    """The registers that a process may look up. A realm's own are left out: they answer under the same names."""
    with core.db.read() as connection:
        names = connection.execute(select(register_row.c.register).where(register_row.c.current).distinct()).scalars()
        defined = connection.execute(
            select(register_row.c.row_key).where(register_row.c.register == REGISTERS, register_row.c.current)
        ).scalars()
        return sorted({name for name in names if "/" not in name and name != REGISTERS} | set(defined))


# ---------------------------------------------------------------- inside


def _names(connection: Connection, locale: str) -> dict[str, str]:
    rows = connection.execute(
        select(definition.c.key, definition.c.name_zh, definition.c.name_en)
        .where(IS_VERSION)
        .order_by(definition.c.key, definition.c.version)
    )
    return {row.key: row.name_zh if locale.startswith("zh") else row.name_en for row in rows}
