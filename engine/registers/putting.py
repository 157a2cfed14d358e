"""The server action `register_put`: a process writes a row of a register.

Parameters: `register`, `key` (the row's name), `set` (a context: columns and their values; a null empties one), `why` (a text, optional),
`id` (a word, for a diagram that puts one row more than once). The row is made if there is none. What comes out must fit the schema of the
register. Only the live world writes: in a drill or a replay nothing changes, and the result says so (`written`: false)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

import forms
from engine import worlds
from engine.errors import BusinessError
from engine.registers import defined
from engine.registers.loading import Writing
from engine.registers.typing import judged
from engine.tables import LIVE, instance, register_row

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def action(core: Core, instance_id: int, parameters: Row) -> Row:
    """Write the row once, however often it is tried. Answers {register, key, row_version, written, row}. BusinessError `register_refused`
    (with the sentences) when there is no such register, or the row does not fit its schema."""
    name, row_key, values = parameters.get("register"), parameters.get("key"), parameters.get("set")
    register = defined.find(core, str(name)) if name else None
    if register is None:
        raise _refused(f"没有登记表“{name}”", f"there is no register “{name}” with a definition")
    if not isinstance(values, dict) or row_key in (None, ""):
        raise _refused("须给出 key 和 set（上下文）", "key and set (a context) are wanted")
    key = str(row_key)
    cause = f"{instance_id}/{parameters.get('id') or ''}"[:120]
    with core.db.write() as connection:
        world = worlds.on(connection, core, _world_of(connection, instance_id))
        writing = Writing(core, connection, register.key)
        old = writing.current.get(key)
        row = _row(register, key, dict(old.data) if old is not None else {}, values)
        result: Row = {"register": register.key, "key": key, "row": row, "written": world.id == LIVE}
        before = _by(connection, register.key, key, cause)
        if before is not None and all(before.data.get(column) == row.get(column) for column in values):
            return {**result, "row_version": before.version, "row": dict(before.data)}
        if world.id != LIVE or (old is not None and dict(old.data) == row):
            return {**result, "row_version": old.version if old is not None else 0}
        why = str(parameters.get("why") or "")[:500]
        version = writing.put(key, row, why=why, cause=cause)
        writing.flush(said={"instance": str(instance_id), **({"why": why} if why else {})})
    return {**result, "row_version": version}


def _row(register: defined.Register, key: str, old: Row, values: Row) -> Row:
    try:
        return judged(register, {**old, **values, register.row_key: key})
    except forms.InvalidAnswers as error:
        zh, en = ("；".join(p.text("zh") for p in error.problems), "; ".join(p.text("en") for p in error.problems))
        raise _refused(zh, en) from error


def _refused(zh: str, en: str) -> BusinessError:
    return BusinessError("register_refused", {"why": zh, "why_en": en})


def _world_of(connection: Connection, instance_id: int) -> int:
    return int(connection.execute(select(instance.c.world_id).where(instance.c.id == instance_id)).scalar_one())


def _by(connection: Connection, register: str, row_key: str, cause: str) -> Any:
    """The newest version that this very act wrote."""
    c = register_row.c
    query = select(c.version, c.data).where(c.register == register, c.row_key == row_key, c.cause == cause)
    return connection.execute(query.order_by(c.version.desc()).limit(1)).first()
