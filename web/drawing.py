"""Forms as pages draw them: the choices of registers, units and people are put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import g

from engine import registers
from engine.queries.people import everybody
from engine.registers import Register
from forms.fields import Field
from forms.model import Property
from web import lookups
from web.auth import city
from web.telling import names
from web.telling_facts import FILES, Table, key_of, label_of, offer_of, other_language, table_of, text_of
from web.texts import locale

if TYPE_CHECKING:
    from engine.files import Accepted
    from forms.errors import InvalidAnswers, Problem
    from forms.form import Form

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a long list; `group` is the heading it stands under."""

    value: str
    label: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A field with what only the page knows: choices looked up, the text of a read-only value, files sent before."""

    field: Field
    options: tuple[Option, ...] = ()
    shown: str = ""
    table: Table | None = None
    """Repeating rows that are only read."""
    files: tuple[str, ...] = ()
    kept: tuple[tuple[str, Accepted], ...] = ()
    parts: tuple[Drawn, ...] = ()
    rows: tuple[tuple[Drawn, ...], ...] = ()
    lookup: str = ""
    """The register to search in, where it is too large for a list; `options` are then the rows that what is typed may mean."""
    typed: str = ""
    """What stands in its field: the row's name with its key, or the words that were typed."""


# ---------------------------------------------------------------- forms


def draw(
    form: Form,
    values: Mapping[str, Any],
    errors: InvalidAnswers | Sequence[Problem] | None = None,
    kept: Mapping[str, list[tuple[str, Accepted]]] | None = None,
) -> list[Drawn]:
    """The fields of a form with these values and errors, in the reader's language."""
    sent = kept or {}
    fields = form.fields(values, locale(), errors)
    left_out = other_language(one.name for one in fields if one.readonly and one.value)
    return [
        _draw(one, form.properties.get(one.name), sent.get(one.name, [])) for one in fields if one.name not in left_out
    ]


def _draw(one: Field, spec: Property | None, kept: Sequence[tuple[str, Accepted]] = ()) -> Drawn:
    searched = (
        lookups.large(one.register) if one.control == "register" and not one.multiple and not one.readonly else None
    )
    if searched is not None:
        return _searched(one, searched)
    return Drawn(
        field=one,
        options=tuple(_options(one)) if not one.readonly else (),
        shown=(text_of(spec, one.value) if spec is not None else one.text) if one.readonly else "",
        table=table_of(spec, one.value) if spec is not None and one.readonly else None,
        files=one.values if one.readonly and one.control in FILES else (),
        kept=tuple(kept),
        parts=tuple(_draw(part, None) for part in one.fields),
        rows=tuple(tuple(_draw(part, None) for part in row) for row in one.rows),
    )


def _searched(one: Field, register: Register) -> Drawn:
    """A look-up in a large register: the row that is chosen, or those that the words typed so far may mean."""
    rows = lookups.offered(register, one.text) if one.text else []
    told = tuple(Option(str(row[register.row_key]), lookups.label(register, row)) for row in rows)
    sure = len(told) == 1
    return Drawn(one, () if sure else told, lookup=register.key, typed=told[0].label if sure else one.text)


def _options(one: Field) -> list[Option]:
    if one.control == "register":
        return register_options(one.register)
    if one.control == "unit":
        directory = names()
        return [
            Option(key, directory.unit(unit_id, locale()))
            for key, unit_id in directory.unit_keys.items()
            if key not in directory.ended
        ]
    if one.control == "person":
        return [Option(str(i), name) for i, name in everybody(city().core)]
    return []


def register_options(register: str) -> list[Option]:
    """The rows of a register as choices, under headings where it has them."""
    cache: dict[str, list[Option]] = g.setdefault("register_options", {})
    if register not in cache:
        rows = registers.rows(city().core, register)
        cache[register] = [
            Option(key_of(register, r), offer_of(r, register), _heading(register, r, rows)) for r in rows
        ]
    return cache[register]


def _heading(register: str, row: Row, rows: Sequence[Row]) -> str:
    if row.get("big_name"):
        english = row.get("big_name_en") if locale() == "en" else None
        return str(english or row["big_name"])
    if register == "areas" and row.get("parent"):
        parents: dict[str, str] = g.setdefault("area_labels", {})
        if not parents:
            parents.update({r["key"]: label_of(r) for r in rows})
        return parents.get(str(row.get("town") or row["parent"]), "")
    return ""
