"""Registers as pages tell them: columns and values in words, what a search means, rows on a map, what a version changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, url_for

from engine import access, registers
from engine.errors import NotFound
from engine.queries import registers as reading
from engine.queries.registers import Kept, Word
from engine.registers import Register
from engine.registers.keeping import Version
from forms.model import Property
from web.auth import city
from web.telling import names
from web.telling_facts import text_of
from web.texts import locale, t

Row = dict[str, Any]

MOST_COLUMNS = 6
_ASIDE = frozenset({"name_en", "label_en", "lat", "lon", "line", "source", "measure", "measure_en"})
"""Columns that a list does not show: they are on the row's page, or on the map."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a version changed in a column, in words."""

    label: str
    before: str
    after: str


def wanted(key: str) -> Register:
    """The register of this name. NotFound."""
    found = registers.find(city().core, key[:64])
    if found is None:
        raise NotFound(what="register")
    return found


def keeps(register: Register) -> bool:
    """Whether who reads this may change it, and so sees what is about a person."""
    return access.can(access.check_can_keep, g.actor, register.editors)


def columns(register: Register) -> list[Property]:
    """The columns that this reader sees."""
    open_to_me = keeps(register)
    return [one for one in register.columns if open_to_me or one.name not in register.personal]


def listed(register: Register) -> list[Property]:
    """The columns of a list: the first few that say something. Codes by which processes look rows up say nothing: they are in the key, and
    on the row's page."""
    aside = {register.label, register.row_key, *_ASIDE}
    said = [one for one in columns(register) if one.name not in aside and not one.personal]
    return [one for one in said if one.name not in register.match or not _is_code(one)][:MOST_COLUMNS]


def _is_code(one: Property) -> bool:
    return one.type == "string" and one.format is None and not one.choices and one.control not in ("register", "unit")


def key_said(register: Register, kept: Kept) -> str:
    """The key of a row where it tells its reader something: not one that only joins the codes by which processes look the row up."""
    codes = [str(kept.data.get(name, "")) for name in register.match if name != register.row_key]
    return "" if len(codes) > 1 and all(code in kept.key for code in codes) else kept.key


def shown(one: Property, row: Mapping[str, Any]) -> str:
    """A value in words; nothing for none. An amount whose unit stands in a column of its own is told with it."""
    text = text_of(one, row.get(one.name))
    if text and one.name in ("quantity", "least") and row.get("measure"):
        return f"{text} {row['measure'] if locale() == 'zh' else row.get('measure_en') or row['measure']}"
    return text


def words(register: Register, text: str) -> list[Word]:
    """What somebody looks for: each word, with the keys of units and areas and the choices that are called so."""
    return [Word(word, _meant(register, word)) for word in text.split()[:6]]


def _meant(register: Register, word: str) -> set[str]:
    low, found = word.lower(), set()
    for one in register.columns:
        for choice in one.choices or ():
            if low in choice.title.zh.lower() or low in choice.title.en.lower():
                found.add(str(choice.value))
    if any(one.control == "unit" for one in register.columns):
        directory = names()
        found |= {key for key, i in directory.unit_keys.items() if low in directory.unit(i, locale()).lower()}
    for one in register.columns:
        if one.control == "register" and one.register == "areas":
            rows = registers.rows(city().core, "areas")
            found |= {r["key"] for r in rows if low in f"{r.get('name_zh', '')} {r.get('name_en', '')}".lower()}
    return found


def choices(register: Register) -> list[Property]:
    """The columns by which a list may be narrowed: those of few values."""
    return [one for one in columns(register) if one.choices and one.type == "string"][:2]


def drawn(register: Register, rows: Sequence[Kept]) -> str:
    """For the map: the points of each row that has a place, with its name, a line about it and the way to it."""
    told = listed(register)[:3]
    found = []
    for row in rows:
        points = points_of(row.data)
        if points:
            said = [
                f"{one.title.of(locale())}{t('：', ': ')}{shown(one, row.data)}" for one in told if shown(one, row.data)
            ]
            href = url_for("registers.row", key=register.key, row=row.key)
            found.append({"points": points, "name": register.title(row.data, locale()), "said": said, "href": href})
    return json.dumps(found, ensure_ascii=False)


def points_of(row: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Where a row is: the points of its line, or its one point; nothing where what is written is no place."""
    if isinstance(row.get("lat"), int | float) and isinstance(row.get("lon"), int | float):
        return [(row["lat"], row["lon"])]
    found = []
    for point in str(row.get("line") or "").split(","):
        parts = point.split()
        try:
            lat, lon = (float(part) for part in parts)
        except ValueError:
            continue
        if -90 <= lat <= 90 and -180 <= lon <= 180:
            found.append((lat, lon))
    return found


def differences(register: Register, version: Version, before: Version | None) -> list[Difference]:
    """What a version changed, in words; nothing for the first and the last of a row."""
    if before is None or version.ended:
        return []
    return compared(columns(register), before.data, version.data)


def compared(among: Iterable[Property], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The columns in which two rows differ."""
    return [
        Difference(one.title.of(locale()), shown(one, before), shown(one, after))
        for one in among
        if before.get(one.name) != after.get(one.name)
    ]


def authors(versions: Sequence[Version]) -> dict[int, tuple[str, int, str]]:
    """Who made each version: words, and the case that did (0: none, or one that this reader does not see) with its number."""
    names().learn({v.by for v in versions if v.by is not None})
    cases = reading.seen_cases(city().core, g.actor, {v.cause for v in versions if v.cause})
    found = {}
    for version in versions:
        case = int(version.cause.partition("/")[0] or 0) if version.cause else 0
        if version.by is not None:
            found[version.number] = (names().person(version.by), 0, "")
        elif case:
            number = cases.get(case, "")
            found[version.number] = (t("流程", "A process"), case if number else 0, number)
        else:
            found[version.number] = (t("随产品提供", "Shipped with the product"), 0, "")
    return found
