"""People who keep a register: they add, change and end rows, one by one or a whole sheet, each time with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access, worlds
from engine.errors import Invalid, LiandongError, NotFound
from engine.people import Actor
from engine.registers.defined import Register
from engine.registers.loading import Writing
from engine.registers.typing import judged
from engine.tables import person, register_row

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

LONGEST_REASON = 500
"""Characters."""


class RowChanged(LiandongError):
    """Somebody else changed the row while this one was looking at it."""

    code = "row_changed"
    status = 409
    zh = "“{row}”已由{who}修改（{when}），您的修改没有保存。请核对最新内容后再改。"
    en = "“{row}” was changed by {who_en} ({when}); your change was not saved. Look at what it is now, then change it again."


class RowTaken(LiandongError):
    """A new row bears a name that another one has."""

    code = "row_taken"
    status = 409
    zh = "编号“{row}”已被使用。"
    en = "There is a row “{row}” already."


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a row: since when, by whom (none: the shipped table, or a process: `cause`), why, and whether the row ended by it."""

    number: int
    data: Row
    at: datetime
    by: int | None
    why: str
    cause: str
    ended: bool
    current: bool


def versions(core: Core, register: Register, row_key: str) -> list[Version]:
    """The versions of a row, newest first. NotFound when there never was such a row."""
    c = register_row.c
    with core.db.read() as connection:
        found = connection.execute(
            select(register_row)
            .where(c.register == register.key, c.row_key == row_key[:120])
            .order_by(c.version.desc())
        ).all()
    if not found:
        raise NotFound(what="row")
    return [
        Version(
            row.version,
            dict(row.data),
            row.at,
            row.by_id,
            row.why,
            row.cause,
            # the table's own rows ended without a version that says so before there was one
            ended=row.ended or (row.version == found[0].version and not row.current),
            current=row.current,
        )
        for row in found
    ]


def add(core: Core, actor: Actor, register: Register, values: Mapping[str, Any], why: str) -> str:
    """A new row; answers its key. InvalidAnswers, RowTaken, Invalid without a reason, NotAllowed."""
    access.check_can_keep(actor, register.editors)
    ground = reason(why)
    row = judged(register, values)
    row_key = str(row[register.row_key])
    with core.db.write() as connection:
        writing = Writing(core, connection, register.key, actor.id)
        if row_key in writing.current:
            raise RowTaken(row=row_key)
        writing.put(row_key, row, why=ground)
        writing.flush(said={"why": ground})
    return row_key


def change(
    core: Core, actor: Actor, register: Register, row_key: str, seen: int, values: Mapping[str, Any], why: str
) -> int:
    """A row as it shall be from now on; answers its version (the same when nothing is different). `seen`: the version that was looked at.
    InvalidAnswers, RowChanged, NotFound, Invalid without a reason, NotAllowed. The name of a row stays what it is."""
    access.check_can_keep(actor, register.editors)
    ground = reason(why)
    row = judged(register, {**values, register.row_key: row_key})
    with core.db.write() as connection:
        writing = Writing(core, connection, register.key, actor.id)
        now = writing.current.get(row_key)
        if now is not None and dict(now.data) == row:
            return int(now.version)  # nothing to do, or done already: sent twice it is one change
        _check_seen(core, connection, writing, row_key, seen)
        version = writing.put(row_key, row, why=ground)
        writing.flush(said={"why": ground})
    return version


def end(core: Core, actor: Actor, register: Register, row_key: str, seen: int, why: str) -> None:
    """The row is no more; its history stays. Errors as for `change`."""
    access.check_can_keep(actor, register.editors)
    ground = reason(why)
    with core.db.write() as connection:
        writing = Writing(core, connection, register.key, actor.id)
        _check_seen(core, connection, writing, row_key, seen)
        writing.end(row_key, why=ground)
        writing.flush(said={"why": ground})


def reason(why: str) -> str:
    """A reason, as it is kept. Invalid without one."""
    given = why.strip()[:LONGEST_REASON]
    if not given:
        raise Invalid(why_zh="请写明变更的原因和依据。", why_en="Say why: on what ground is this changed?")
    return given


def _check_seen(core: Core, connection: Any, writing: Writing, row_key: str, seen: int) -> None:
    """The row is still as it was when somebody looked at it."""
    if row_key not in writing.newest:
        raise NotFound(what="row")
    if writing.newest[row_key] == seen and row_key in writing.current:
        return
    c = register_row.c
    newest = connection.execute(
        select(c.by_id, c.at, c.ended)
        .where(c.register == writing.register, c.row_key == row_key)
        .order_by(c.version.desc())
        .limit(1)
    ).one()
    name = connection.execute(select(person.c.name).where(person.c.id == newest.by_id)).scalar()
    raise RowChanged(
        row=row_key,
        who=name or "系统",
        who_en=name or "the system",
        when=newest.at.astimezone(worlds.on(connection, core).zone).strftime("%Y-%m-%d %H:%M"),
    )
