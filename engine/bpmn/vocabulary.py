"""The names that the expressions of a process may use: its facts with their titles and choices, and what the process itself writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePath

from lxml import etree

import forms
from engine.bpmn.lint import COMMON_FACTS, FACTS_FILE
from engine.bpmn.namespaces import LD, is_bpmn, local, split
from engine.bpmn.problems import Problems
from engine.bpmn.reading import document, read
from engine.bpmn.reading.expressions import THIS
from engine.bpmn.reading.repeating import COUNTERS
from forms.model import Choice, Property

_COMMON = {
    "title": ("标题", "Title"),
    "class": ("小类", "Class"),
    "area": ("区域", "Area"),
    "place": ("地点", "Place"),
    "lat": ("纬度", "Latitude"),
    "lon": ("经度", "Longitude"),
    "source": ("来源", "Source"),
    "grade": ("等级", "Grade"),
    "responsible_unit": ("责任单位", "Responsible unit"),
}
"""What people call the facts of `COMMON_FACTS`."""
_THIS = (
    ("id", "string", "本案内部编号", "Id of the case"),
    ("number", "string", "案件编号", "Number of the case"),
    ("started", "date-time", "发起时刻", "When it was started"),
    ("starter", "string", "发起人", "Who started it"),
)
_ITEMS = frozenset(
    {"inputDataItem", "outputDataItem", "dataInput", "dataOutput", "property", "dataObject", "dataObjectReference"}
)

_REPEATED = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})


@dataclass(frozen=True, slots=True)
class Name:
    """A name, or a path to a part of one (`standard.code`), with what people call it in Chinese and English.

    `type` is a JSON Schema type, "date" and the like where the fact has such a format, "unit" or "post" where a form asks for one by a
    control of that name, "any" where nobody says; `choices` are the values that it may have, none where any."""

    name: str
    type: str
    zh: str
    en: str
    choices: tuple[Choice, ...] = ()
    declared: bool = True


def names(files: Mapping[str, bytes]) -> list[Name]:
    """Every name that an expression of the bundle may use, declared facts first, in the order of their file."""
    return list(_names(tuple(sorted(files.items()))))


def declared(files: Mapping[str, bytes]) -> list[Name]:
    """Those that are known without reading a diagram: the facts of the bundle, and those that every process has."""
    found = {each.name: each for each in _facts(files)}
    for key, type_ in COMMON_FACTS.items():
        found.setdefault(key, Name(key, type_, *_COMMON.get(key, (key, key)), declared=False))
    return list(found.values())


# ---------------------------------------------------------------- inside


@lru_cache(maxsize=8)
def _names(bundle: tuple[tuple[str, bytes], ...]) -> tuple[Name, ...]:
    """As `names`; a page asks several times about one drawing."""
    files = dict(bundle)
    found = {each.name: each for each in declared(files)}
    for name, data in files.items():
        if PurePath(name).suffix.lower() == ".bpmn":
            beside = [PurePath(other).name for other in files if other.endswith(".json") and other != FACTS_FILE]
            for key in sorted(read(name, data, forms=beside).written | set(_items(name, data))):
                found.setdefault(key, Name(key, "any", key, key, declared=False))
    asked = {one.name: one for one in _asked(files)}
    told = [_as_asked(one, asked.get(one.name)) for one in found.values()]
    return (*told, *(Name(f"{THIS}.{part}", type_, zh, en) for part, type_, zh, en in _THIS))


def _facts(files: Mapping[str, bytes]) -> Iterator[Name]:
    try:
        schema = forms.load_facts(files[FACTS_FILE]) if FACTS_FILE in files else None
    except forms.FormProblem:
        schema = None
    for fact in schema or ():
        yield from _named(fact.property, "")


def _named(one: Property, before: str) -> Iterator[Name]:
    held = one.items if one.items is not None else one
    yield Name(before + one.name, _type(one), one.title.zh or one.name, one.title.en or one.name, held.choices or ())
    for part in one.properties if one.type == "object" else ():
        for name in _named(part, f"{before}{one.name}."):
            yield replace(
                name, zh=f"{one.title.zh or one.name} · {name.zh}", en=f"{one.title.en or one.name} · {name.en}"
            )


def _type(one: Property) -> str:
    if one.control in ("unit", "post", "person"):
        return one.control
    return one.format if one.format in ("date", "date-time", "time") and one.type == "string" else one.type


def _asked(files: Mapping[str, bytes]) -> Iterator[Property]:
    """The fields of the bundle's forms."""
    for name, data in files.items():
        if name.endswith(".json") and name != FACTS_FILE:
            try:
                yield from forms.load(data).root.properties
            except forms.FormProblem:
                continue


def _as_asked(one: Name, field: Property | None) -> Name:
    """A fact whose file says less of it than the form that asks for it."""
    if field is None:
        return one
    held = field.items if field.items is not None else field
    type_ = _type(field) if one.type in ("string", "any") and not one.choices else one.type
    called = one if one.declared else replace(one, zh=field.title.zh or one.zh, en=field.title.en or one.en)
    return replace(called, type=type_, choices=one.choices or held.choices or ())


def _items(name: str, data: bytes) -> Iterator[str]:
    """What a place has for itself: the item and the counters of a multi-instance, data objects."""
    root = document.parse(data, Problems(name))
    for element in root.iter(etree.Element) if root is not None else ():
        if is_bpmn(element) and local(element) in _REPEATED:
            yield from COUNTERS
        elif is_bpmn(element) and local(element) in _ITEMS and element.get("name", "").isidentifier():
            yield str(element.get("name"))
        elif split(str(element.tag))[0] == LD and local(element) == "data" and element.get("key"):
            yield str(element.get("key"))
