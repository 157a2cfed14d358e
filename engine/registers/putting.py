"""The server action `register_put`: a process writes a row of a register.

Parameters: `register`, `key` (the row's name), `set` (a context: columns and their values; a null empties one), `why` (a text, optional),
`id` (a word, for a diagram that puts one row more than once). The row is made if there is none. What comes out must fit the schema of the
register. Only the live world writes: in a drill or a replay nothing changes, and the result says so (`written`: false).

What several take from at once is counted where the row is locked: `add` (a context: columns and numbers, negative to take away) changes
the amounts as they stand then, of a row that is there; each `id` once. `expect` (a context: columns, and the value each must have, or a
list of the values it may have; null: none) refuses the whole where the row stands otherwise."""

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
    name, row_key, more = parameters.get("register"), parameters.get("key"), parameters.get("add")
    values = parameters.get("set") if more is None else parameters.get("set") or {}
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
        before = _by(connection, register.key, key, cause)
        if before is not None and more is not None:
            return {
                **_result(register, key, dict(before.data), written=world.id == LIVE),
                "row_version": before.version,
            }
        old = writing.current.get(key)
        was = dict(old.data) if old is not None else {}
        row = _row(register, key, was, {**values, **(_counted(was, more) if more is not None else {})})
        result = _result(register, key, row, written=world.id == LIVE)
        if before is not None and all(before.data.get(column) == row.get(column) for column in values):
            return {**result, "row_version": before.version, "row": dict(before.data)}
        _expected(was, parameters.get("expect"))
        if world.id != LIVE or (old is not None and dict(old.data) == row):
            return {**result, "row_version": old.version if old is not None else 0}
        why = str(parameters.get("why") or "")[:500]
        version = writing.put(key, row, why=why, cause=cause)
        writing.flush(said={"instance": str(instance_id), **({"why": why} if why else {})})
    return {**result, "row_version": version}


def _result(register: defined.Register, key: str, row: Row, *, written: bool) -> Row:
    return {"register": register.key, "key": key, "row": row, "written": written}


def _counted(was: Row, more: Any) -> Row:
    """The columns with their new amounts."""
    if not was:
        raise _refused("登记表里没有这一行", "the register has no such row")
    if not isinstance(more, dict) or not all(_is_number(each) for each in more.values()):
        raise _refused("add 须为列名和数量", "add wants columns and numbers")
    now = {column: was.get(column) or 0 for column in more}
    if not all(_is_number(each) for each in now.values()):
        raise _refused("add 的列不是数量", "a column of add holds no number")
    return {column: now[column] + each for column, each in more.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _expected(was: Row, expect: Any) -> None:
    """Refuses a row that stands otherwise."""
    for column, value in (expect or {}).items() if isinstance(expect, dict) else ():
        if was.get(column) not in (value if isinstance(value, list) else [value]):
            raise _refused(f"“{column}”现为“{was.get(column)}”", f"{column} is now “{was.get(column)}”")


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
