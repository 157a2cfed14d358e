"""Look-up fields of large registers: one types words, and the row they mean is found; where several fit, the page offers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from engine import registers
from engine.queries import registers as reading
from engine.registers import Register
from forms.errors import Problem
from forms.form import Form
from forms.model import Property
from web.auth import city
from web.registers import words
from web.telling_facts import defined
from web.texts import locale

Row = dict[str, Any]

LARGE = 150
"""A register of more rows is not drawn as one list."""
MOST_OFFERED = 20
OPENS, CLOSES = "〔", "〕"
"""Around the key behind a row's name, as a suggestion is written."""


def large(register: str) -> Register | None:
    """The register of this name, if it has a definition and many rows."""
    found = defined(register)
    if found is None:
        return None
    known: dict[str, int] = g.setdefault("register_sizes", {})
    if register not in known:
        known[register] = reading.listing(city().core, found, most=1)[1]
    return found if known[register] > LARGE else None


def label(register: Register, row: Mapping[str, Any]) -> str:
    """A row as a suggestion is written: its name, and its key."""
    key = str(row.get(register.row_key, ""))
    title = register.title(row, locale())
    return title if title == key else f"{title} {OPENS}{key}{CLOSES}"


def offered(register: Register, text: str) -> list[Row]:
    """The rows that what somebody typed may mean, the one it names itself alone."""
    core = city().core
    key = text.strip()
    if key.endswith(CLOSES) and OPENS in key:
        key = key.rpartition(OPENS)[2].removesuffix(CLOSES)
    row = registers.lookup(core, register.key, {register.row_key: key}) if key else None
    if row is not None:
        return [row]
    return [each.data for each in reading.listing(core, register, words(register, text), most=MOST_OFFERED)[0]]


def resolve(form: Form, answers: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The answers with the keys of the rows that were meant, and what is to be said of fields where none or several are."""
    found, problems = dict(answers), list[Problem]()
    for one in form.root.properties:
        value = found.get(one.name)
        if one.access != "edit":
            continue
        if one.is_rows and one.items is not None and isinstance(value, list):
            rows = [dict(row) if isinstance(row, dict) else row for row in value]
            for index, row in enumerate(rows):
                for part in one.items.properties if isinstance(row, dict) else ():
                    _resolve(part, f"{one.name}.{index}.{part.name}", row, problems)
            found[one.name] = rows
        else:
            _resolve(one, one.name, found, problems)
    return found, problems


def _resolve(one: Property, path: str, values: dict[str, Any], problems: list[Problem]) -> None:
    value = values.get(one.name)
    if one.control != "register" or one.type != "string" or not isinstance(value, str) or not value:
        return
    register = large(one.register or "")
    if register is None:
        return
    rows = offered(register, value)
    if len(rows) == 1:
        values[one.name] = str(rows[0][register.row_key])
    elif not rows:
        zh = f"“{one.title.zh}”：登记表里没有“{value[:40]}”。"
        problems.append(Problem(path, zh, f"{one.title.en}: the register has no “{value[:40]}”."))
    else:
        zh = f"“{one.title.zh}”：“{value[:40]}”对应多行，请选择其中一行。"
        problems.append(Problem(path, zh, f"{one.title.en}: several rows fit “{value[:40]}”; choose one of them."))
