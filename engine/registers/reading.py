"""Looking a register up, as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, or_, select

from engine.registers.keys import REGISTERS, looked, match_key
from engine.tables import register_row

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

PROVENANCE = "source"
"""The column of a table's row that says where it comes from."""


class UnknownRegister(LookupError):
    """A register was asked for that does not exist: a mistake of the process, not an answer."""

    def __init__(self, register: str) -> None:
        self.register = register
        super().__init__(self.text("en"))

    def text(self, locale: str = "zh") -> str:
        """In words."""
        if locale.startswith("zh"):
            return f"没有登记表“{self.register}”"
        return f"there is no register “{self.register}”"


def lookup(core: Core, register: str, match: Mapping[str, Any], realm: str = "") -> Row | None:
    """The first row of `matching`."""
    return next(iter(matching(core, register, match, realm)), None)


def matching(
    core: Core, register: str, match: Mapping[str, Any], realm: str = "", *, every: bool = False, strict: bool = False
) -> list[Row]:
    """The current rows, in the register's order, whose columns equal `match`, without their column of provenance (the row version leads to
    it) and what is about a person; with `row_key` and `row_version` added. Unless `every`, no more than the first. In a realm its own
    register ("boston/standards") is read instead, where there is one. `strict`: UnknownRegister when there is no such register at all."""
    found: list[Row] = []
    with core.db.read() as connection:
        if realm and _has_rows(connection, f"{realm}/{register}"):
            register = f"{realm}/{register}"
        known = looked(connection, register)
        hidden = known.personal | {PROVENANCE}
        key = match_key(known.columns, match)
        query, given = (_CURRENT, {"r": register}) if key is None else (_MATCHING, {"r": register, "k": key})
        for data, row_key, version in connection.execute(query, given):
            if all(data.get(k) == v for k, v in match.items()):
                plain = {k: v for k, v in data.items() if k not in hidden}
                found.append({**plain, "row_key": row_key, "row_version": version})
                if not every:
                    break
        if strict and not found and not _known(connection, register):
            raise UnknownRegister(register)
    return found


# Statements are built once: building one costs more than running it.

_CURRENT = (
    select(register_row.c.data, register_row.c.row_key, register_row.c.version)
    .where(register_row.c.register == bindparam("r"), register_row.c.current)
    .order_by(register_row.c.position, register_row.c.row_key)
)
_MATCHING = _CURRENT.where(register_row.c.match_key == bindparam("k"))


def rows(core: Core, register: str) -> list[Row]:
    """Every current row in order."""
    with core.db.read() as connection:
        found = connection.execute(
            select(register_row.c.data)
            .where(register_row.c.register == register, register_row.c.current)
            .order_by(register_row.c.position, register_row.c.row_key)
        )
        return [dict(data) for (data,) in found]


def _has_rows(connection: Connection, register: str) -> bool:
    query = select(register_row.c.row_key).where(register_row.c.register == register).limit(1)
    return connection.execute(query).first() is not None


def _known(connection: Connection, register: str) -> bool:
    """Whether it has, or ever had, a row or a definition."""
    of = (register_row.c.register == REGISTERS) & (register_row.c.row_key == register)
    query = select(register_row.c.row_key).where(or_(register_row.c.register == register, of)).limit(1)
    return connection.execute(query).first() is not None
