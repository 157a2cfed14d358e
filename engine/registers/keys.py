"""By which columns a register is looked up, and the indexed text that stands for their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from engine.prepared import Prepared
from engine.tables import register_row

REGISTERS = "registers"
"""The register of definitions: a row is the definition of a register."""

KEYS: dict[str, tuple[str, ...]] = {
    "standards": ("code",),
    "responsibilities": ("class", "area"),
    "areas": ("key",),
    "automatic_dispatch": ("class", "area"),
    "unit_rules": ("unit",),
}
"""The look-up columns of the registers without a definition, in order. A look-up by other columns reads the register in its own order."""

_ROOM = 200


@dataclass(frozen=True, slots=True)
class Looked:
    """The columns that a register is looked up by, and those that no look-up gives: they are about a person, and what a process looks up
    becomes its facts, for everybody who sees the case."""

    columns: tuple[str, ...] = ()
    personal: frozenset[str] = frozenset()


def looked(connection: Connection, register: str) -> Looked:
    """As a register's definition says, where it has one. A realm's own register is as the city's."""
    name = register.rpartition("/")[2]
    if name in KEYS:
        return Looked(KEYS[name])
    row = _DEFINED.first(connection, {"r": REGISTERS, "k": name})
    if row is None:
        return Looked()
    found = row["data"]
    columns = found["schema"].get("properties", {})
    personal = frozenset(name for name, each in columns.items() if "x-personal" in each)
    return Looked(tuple(found.get("match") or (found["row_key"],)), personal)


_DEFINED = Prepared(
    select(register_row.c.data).where(
        register_row.c.register == bindparam("r"), register_row.c.row_key == bindparam("k"), register_row.c.current
    )
)


def match_key(columns: Sequence[str], values: Mapping[str, Any]) -> str | None:
    """The indexed text of a look-up by all these columns; none when it is by others. Two different values may give one text (cut to its
    room), so what it finds is compared again."""
    if not columns or set(values) != set(columns):
        return None
    return "\x1f".join(_text(values[name]) for name in columns)[:_ROOM]


def _text(value: object) -> str:
    """1 and 1.0 are one number."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
