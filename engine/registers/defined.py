"""Definitions of registers: what a register's columns are, by which of them it is looked up, and who may keep it. A definition is itself a
row of the register "registers", so that it has versions, an author and its place in the audit."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

import forms
from engine.registers import loading
from engine.registers.keys import REGISTERS
from engine.tables import register_row
from forms.model import Property

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

SOURCE = "source"
"""The column of a row that says where it comes from; every register has it, whether its definition names it or not."""

ORDER = "columns"
"""Beside a definition as it is kept: the names of its columns in order."""

_WANTED = ("key", "name_zh", "name_en", "row_key", "label", "schema")
_SOURCE: Row = {
    "type": "string",
    "title": "来源",
    "x-title": {"en": "Source"},
    "maxLength": 300,
}


class BadDefinition(Exception):
    """A definition that is no good: a mistake of the file, told to who ships it."""


@dataclass(frozen=True)
class Register:
    """A register with a definition. `row_key` is the column that names a row, `label` the one that people know it by; `match` the columns
    of its indexed look-up; `editors` the powers of which one lets somebody keep it; `public` the columns that everybody may see (None: it
    is not public), `told` those that a look-up shows behind a row's name (how much is left, whether it is free)."""

    key: str
    name_zh: str
    name_en: str
    row_key: str
    label: str
    match: tuple[str, ...]
    editors: frozenset[str]
    public: tuple[str, ...] | None
    told: tuple[str, ...]
    note: str
    note_en: str
    schema: Mapping[str, Any]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Register:
        """From its document. BadDefinition names what is missing."""
        missing = [name for name in _WANTED if not document.get(name)]
        if missing:
            raise BadDefinition(f"the definition of a register lacks {', '.join(missing)}")
        schema = dict(document["schema"])
        properties = dict(schema.get("properties", {}))
        properties.setdefault(SOURCE, _SOURCE)
        order = list(
            document.get(ORDER) or properties
        )  # a database keeps the members of an object in an order of its own
        properties = {name: properties[name] for name in sorted(properties, key=_place(order))}
        note, _, english = (document.get("note") or "").partition(" / ")
        found = cls(
            key=document["key"],
            name_zh=document["name_zh"],
            name_en=document["name_en"],
            row_key=document["row_key"],
            label=document["label"],
            match=tuple(document.get("match") or (document["row_key"],)),
            editors=frozenset(document.get("editors") or ()),
            public=tuple(document["public"]) if document.get("public") is not None else None,
            told=tuple(document.get("told") or ()),
            note=note.strip(),
            note_en=(document.get("note_en") or english).strip(),
            schema={**schema, "properties": properties},
        )
        unknown = {found.row_key, found.label, *found.match, *found.told, *(found.public or ())} - set(properties)
        if unknown:
            raise BadDefinition(f"{found.key}: no column {', '.join(sorted(unknown))} in its schema")
        return found

    def name(self, locale: str) -> str:
        """What people call it."""
        return self.name_zh if locale.startswith("zh") else self.name_en

    @cached_property
    def form(self) -> forms.Form:
        """The form of a row: validates, draws, reads posts. FormProblem when the schema leaves the safe dialect."""
        return forms.load(self.schema)

    @property
    def columns(self) -> tuple[Property, ...]:
        """The columns in the schema's order, the source last."""
        declared = self.form.root.properties
        return (*(one for one in declared if one.name != SOURCE), *(one for one in declared if one.name == SOURCE))

    @property
    def personal(self) -> frozenset[str]:
        """Columns about a person, which only those who keep the register see."""
        return frozenset(one.name for one in self.form.root.properties if one.personal)

    @property
    def point(self) -> bool:
        """Whether its rows have a place on the map: a point, or a line of points."""
        names = {one.name for one in self.form.root.properties}
        return "line" in names or {"lat", "lon"} <= names

    def kept_by(self, powers: Collection[str]) -> bool:
        """Whether somebody with these powers may change its rows."""
        return not self.editors.isdisjoint(powers)

    def title(self, row: Mapping[str, Any], locale: str = "zh") -> str:
        """What people know a row by, in English by its column `name_en` where it has one (of `name` or of `name_zh`)."""
        if not locale.startswith("zh"):
            english = row.get("label_en") or row.get(f"{self.label.removesuffix('_zh')}_en")
            if english:
                return str(english)
        return str(row.get(self.label) or row.get(self.row_key) or "")


def find(core: Core, key: str) -> Register | None:
    """The register of this name, as it is defined now; none when it has no definition."""
    with core.db.read() as connection:
        return on(connection, key)


def on(connection: Connection, key: str) -> Register | None:
    """The same, inside a transaction."""
    if key == REGISTERS:
        return None
    query = select(register_row.c.version, register_row.c.data).where(
        register_row.c.register == REGISTERS, register_row.c.row_key == key, register_row.c.current
    )
    row = connection.execute(query).first()
    return _read(row.data) if row is not None else None


def every(core: Core) -> list[Register]:
    """All registers with a definition, in the order of their files."""
    with core.db.read() as connection:
        found = connection.execute(
            select(register_row.c.data)
            .where(register_row.c.register == REGISTERS, register_row.c.current)
            .order_by(register_row.c.position, register_row.c.row_key)
        )
        return [_read(data) for (data,) in found]


def define(core: Core, documents: Collection[Mapping[str, Any]], by: int | None = None) -> int:
    """Bring the definitions of these registers to what the documents say; others stay. Answers how many changed. BadDefinition or
    FormProblem, and nothing is written, when one is no good."""
    for document in documents:
        _ = Register.of(document).form
    kept = [{**each, ORDER: list(each["schema"].get("properties", ()))} for each in documents]
    return loading.load(core, REGISTERS, "key", kept, by, others_stay=True)


def _place(order: Sequence[str]) -> Callable[[str], int]:
    return lambda name: order.index(name) if name in order else len(order)


def _read(document: Mapping[str, Any]) -> Register:
    return _of(json.dumps(document, ensure_ascii=False, sort_keys=False))


@lru_cache(maxsize=256)
def _of(text: str) -> Register:
    return Register.of(json.loads(text))
