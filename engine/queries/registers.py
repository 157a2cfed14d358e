"""Registers as pages show them: what there is, the rows that fit a search, what has become of a row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from engine import access
from engine.people import Actor
from engine.registers.defined import Register
from engine.tables import instance, register_row

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

MOST_DRAWN = 1500
"""Rows that a map shows at most."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A current row of a register: its key, which version it is, its values, since when."""

    key: str
    version: int
    data: Row
    at: datetime


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a search, and the values that stand for what it names: the key of a unit of that name, a choice so called."""

    text: str
    values: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a register has, and when one of them last changed."""

    rows: int
    changed_at: datetime | None


def counts(core: Core) -> dict[str, Count]:
    """Of every register by its name."""
    c = register_row.c
    with core.db.read() as connection:
        rows = connection.execute(select(c.register, func.count()).where(c.current).group_by(c.register)).all()
        times = connection.execute(select(c.register, func.max(c.at)).group_by(c.register)).all()
    count = {name: many for name, many in rows}  # noqa: C416  rows are no pairs to mypy
    return {name: Count(count.get(name, 0), at) for name, at in times}


def listing(
    core: Core,
    register: Register,
    words: Sequence[Word] = (),
    only: Mapping[str, str] | None = None,
    *,
    keeps: bool = False,
    skip: int = 0,
    most: int = 50,
) -> tuple[list[Kept], int]:
    """Rows in the register's order in which every word is found in some column (those about a person only for who `keeps` it) and columns
    equal what `only` says; and how many there are."""
    c = register_row.c
    wanted = [c.register == register.key, c.current]
    columns = [one for one in register.columns if one.type == "string" and (keeps or one.name not in register.personal)]
    texts = [c.data[one.name].as_string() for one in columns]
    for word in words:
        found: list[ColumnElement[bool]] = [text.ilike(_within(word.text), escape="\\") for text in texts]
        if word.values:
            found += [text.in_(sorted(word.values)) for text in texts]
        wanted.append(or_(*found))
    known = {one.name for one in columns}
    wanted += [c.data[name].as_string() == value for name, value in (only or {}).items() if name in known]
    where = and_(*wanted)
    with core.db.read() as connection:
        total = connection.execute(select(func.count()).select_from(register_row).where(where)).scalar_one()
        rows = connection.execute(
            select(c.row_key, c.version, c.data, c.at)
            .where(where)
            .order_by(c.position, c.row_key)
            .offset(skip)
            .limit(most)
        )
        return [Kept(row.row_key, row.version, dict(row.data), row.at) for row in rows], total


def seen_cases(core: Core, actor: Actor, causes: Collection[str]) -> dict[int, str]:
    """The numbers of the cases that wrote rows (`cause`: "instance/…"), of those that the actor may see."""
    ids = {int(head) for cause in causes if (head := cause.partition("/")[0]).isdecimal()}
    if not ids:
        return {}
    with core.db.read() as connection:
        rows = connection.execute(
            select(instance.c.id, instance.c.number).where(instance.c.id.in_(ids), access.visible(connection, actor))
        )
        return {row.id: row.number for row in rows}


def _within(text: str) -> str:
    """A pattern that finds the text anywhere."""
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"
