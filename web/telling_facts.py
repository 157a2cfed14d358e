"""What is known of a case, in words: codes told by their names, files by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g

from engine import registers
from engine.definitions import Definition
from engine.registers import Register
from forms.model import Property
from web.auth import city
from web.telling import names, stamp
from web.texts import locale

Row = dict[str, Any]

FILES = ("photo", "file", "signature")


@dataclass(frozen=True, slots=True)
class Told:
    """A fact in words, or the files it names."""

    name: str
    label: str
    text: str
    files: tuple[str, ...] = ()
    denied: bool = False
    """Whether it is said not to be so."""

    @property
    def wide(self) -> bool:
        """Needs the whole line."""
        return len(self.text) > 40 or bool(self.files)


def tell(definition: Definition, facts: Mapping[str, Any], hidden: frozenset[str] = frozenset()) -> list[Told]:
    """What is known of a case, in the order of its facts schema; what no form shows (positions, look-ups), and what the
    facts schema calls hidden (`x-access`), is left out."""
    if definition.facts is None:
        return []
    found = []
    for fact in definition.facts:
        value = facts.get(fact.name)
        spec = fact.property
        if (
            value is None
            or value in ("", [])
            or fact.name in hidden
            or "hidden" in (spec.control, spec.access)
            or spec.type == "object"
        ):
            continue
        label = fact.title.of(locale())
        if spec.control in FILES:
            found.append(Told(fact.name, label, "", tuple(_ids(value))))
        elif text := text_of(spec, value):
            text = _with_class_name(facts, text) if fact.name == "class" else text
            found.append(Told(fact.name, label, text, denied=value is False))
    left_out = other_language(one.name for one in found)
    return [one for one in found if one.name not in left_out]


def other_language(some: Iterable[str]) -> set[str]:
    """Of texts that stand here twice, as `name` and `name_en`, the names of those in the language that is not the reader's."""
    here = set(some)
    twins = {name for name in here if f"{name}_en" in here}
    return twins if locale() == "en" else {f"{name}_en" for name in twins}


def _with_class_name(facts: Mapping[str, Any], code: str) -> str:
    """The sub-class of a case, a fact that all families share, with the name its standard gives it."""
    standard = facts.get("standard")
    if not isinstance(standard, dict) or standard.get("class") != code:
        standard = registers.lookup(city().core, "standards", {"class": code}) or {}
    name = standard.get("small_name_en") if locale() == "en" else standard.get("small_name")
    return f"{name} {code}" if name else code


def overview(definition: Definition, told: list[Told]) -> list[Told]:
    """What describes the case, without the opinions and notes of its steps: these stand in its history. Kept is what the case was
    started with, what no form asks (it was looked up or computed), what names a unit, a person, a register's row or a time, and
    every photo; of what was computed, not what is denied (not overdue, nothing met). `x_amount` and `x_unit` are told as one."""
    start = set(definition.start_form.properties) if definition.start_form is not None else set()
    of_steps = (definition.form_of(node) for node in definition.model.user_tasks)
    asked = {name for form in of_steps if form is not None for name in form.editable}
    found = [
        one
        for one in told
        if one.name in start
        or (one.name not in asked and not one.denied)
        or one.files
        or _is_reference(definition, one.name)
    ]
    units = {one.name: one.text for one in found if one.name.endswith("_unit")}
    joined = []
    for one in found:
        partner = one.name.removesuffix("_amount") + "_unit"
        if one.name.endswith("_amount") and partner in units:
            joined.append(Told(one.name, one.label, f"{one.text} {units[partner]}"))
        elif not (
            one.name.endswith("_unit") and any(o.name == one.name.removesuffix("_unit") + "_amount" for o in found)
        ):
            joined.append(one)
    return joined


def _is_reference(definition: Definition, name: str) -> bool:
    fact = definition.facts.facts.get(name) if definition.facts is not None else None
    return fact is not None and (
        fact.property.control in ("register", "unit", "person") or fact.format in ("date", "date-time")
    )


def text_of(spec: Property, value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return ""
    if spec.control in ("register", "unit", "person"):
        return _separator().join(_name(spec, v) for v in (value if isinstance(value, list) else [value]))
    if spec.format == "date-time" and isinstance(value, str):
        return _moment(value)
    if spec.is_rows or spec.properties:
        return _parts(spec, value)
    text = "" if isinstance(value, dict) else _labelled(spec, value)
    return f"{text} {spec.suffix.of(locale())}" if spec.suffix else text


def _separator() -> str:
    return "、" if locale() == "zh" else ", "


def _moment(value: str) -> str:
    try:
        return stamp(datetime.fromisoformat(value))
    except ValueError:
        return value


def _parts(spec: Property, value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(_row_text(spec, row) for row in value if isinstance(row, dict))
    if isinstance(value, dict):
        return "\n".join(_said(spec.properties, value))
    return ""


def _row_text(spec: Property, row: Row) -> str:
    return ("；" if locale() == "zh" else "; ").join(
        _said(spec.items.properties if spec.items is not None else (), row)
    )


@dataclass(frozen=True, slots=True)
class Table:
    """Repeating rows in words: the titles of their columns, and each row's texts."""

    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def table_of(spec: Property, value: Any) -> Table | None:
    """Repeating rows as a table, without columns that are hidden or empty in every row; none: they are no rows, or there are none."""
    rows = [row for row in value if isinstance(row, dict)] if spec.is_rows and isinstance(value, list) else []
    columns = [p for p in (spec.items.properties if spec.items is not None else ()) if p.control != "hidden"]
    texts = [[text_of(p, row.get(p.name)) for p in columns] for row in rows]
    wanted = [i for i in range(len(columns)) if any(line[i] for line in texts)]
    if not wanted:
        return None
    heads = tuple(columns[i].title.of(locale()) for i in wanted)
    return Table(heads, tuple(tuple(line[i] for i in wanted) for line in texts))


def _said(parts: Iterable[Property], row: Row) -> list[str]:
    """What a row says, column by column, without what is hidden or empty."""
    told = [(p.title.of(locale()), text_of(p, row.get(p.name))) for p in parts if p.control != "hidden"]
    return [f"{title}{'：' if locale() == 'zh' else ': '}{text}" for title, text in told if text]


def _labelled(spec: Property, value: Any) -> str:
    chosen = spec.items if spec.items is not None else spec
    labels = {c.value: c.title.of(locale()) for c in chosen.choices or ()}
    if isinstance(value, list):
        return _separator().join(str(labels.get(v, v)) for v in value if not isinstance(v, dict))
    if isinstance(value, bool):
        return ("是" if value else "否") if locale() == "zh" else ("Yes" if value else "No")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(labels.get(value, value))


def _name(spec: Property, value: Any) -> str:
    if spec.control == "unit":
        return names().unit_by_key(str(value), locale())
    if spec.control == "person":
        return names().person(int(value)) if str(value).isdecimal() else names().person_by_login(str(value))
    if spec.register == "areas":
        return names().area(str(value), locale())
    register = defined(spec.register)
    if register is not None:
        row = registers.lookup(city().core, register.key, {register.row_key: value})
        return register.title(row, locale()) if row is not None else str(value)
    keys = registers.KEYS.get(spec.register or "", ("key",))
    row = registers.lookup(city().core, spec.register or "", {keys[0]: value}) if len(keys) == 1 else None
    return label_of(row) if row is not None else str(value)


def _ids(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]


def defined(register: str | None) -> Register | None:
    """The register of this name, if it has a definition; asked once a request."""
    known: dict[str, Register | None] = g.setdefault("registers_defined", {})
    name = register or ""
    if name not in known:
        known[name] = registers.find(city().core, name)
    return known[name]


def key_of(register: str, row: Row) -> str:
    """The value that stands for a row in answers."""
    found = defined(register)
    if found is not None:
        return str(row.get(found.row_key, ""))
    columns = registers.KEYS.get(register, ("key",))
    return str(row.get(columns[0] if len(columns) == 1 else "key", ""))


def offer_of(row: Row, register: str) -> str:
    """A row as a look-up offers it: its name, and behind it the columns that its register tells there."""
    found = defined(register)
    parts = {one.name: one for one in found.columns if not one.personal} if found is not None else {}
    told = (text_of(parts[name], row.get(name)) for name in (found.told if found is not None else ()) if name in parts)
    return " · ".join([label_of(row, register), *(text for text in told if text)])


def label_of(row: Row, register: str | None = None) -> str:
    """A register's row in one line."""
    found = defined(register) if register is not None else None
    if found is not None:
        return found.title(row, locale())
    names_wanted = (
        ("label", "name_zh", "name") if locale() == "zh" else ("label_en", "name_en", "label", "name_zh", "name")
    )
    return str(next((row[n] for n in names_wanted if row.get(n)), row.get("key", "")))
