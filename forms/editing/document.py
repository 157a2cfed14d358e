"""Where fields stand in a document, and putting, moving and removing them. A path names a field as a page does: `materials.amount` is
the column of rows, or the part of a group. Each function gives a new document and leaves the old one as it is."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from forms import dialect
from forms.editing.when import unmentioned

Document = dict[str, Any]

_NAME = re.compile(dialect.NAME)
_REF = "#/$defs/"
LONGEST_NAME = 40


class NoSuchField(LookupError):
    """The path names no field of the document, or none that may be changed there."""


def find(document: Mapping[str, Any], path: str) -> tuple[Document, bool]:
    """A field's keywords with its `$ref`s followed, and whether it is required. NoSuchField."""
    holder, name = _holder(document, path)
    return _followed(document, holder["properties"][name]), name in _listed(holder)


def names_in(document: Mapping[str, Any], path: str = "") -> list[str]:
    """The names of the outermost fields, or of the parts of one; none where it has no parts."""
    try:
        holder = _inside(_followed(document, _at(document, path))) if path else document
    except NoSuchField:
        return []
    declared = holder.get("properties") if isinstance(holder, dict) else None
    return [name for name, one in declared.items() if isinstance(one, dict)] if isinstance(declared, dict) else []


def parent_of(path: str) -> str:
    """The path of the rows or the group that a field lies in; "" for an outermost one."""
    return path.rpartition(".")[0]


def put(document: Mapping[str, Any], path: str, schema: Document, *, required: bool) -> Document:
    """The field with these keywords in place of its own. What a `$ref` points at is not changed: what differs from it is said beside it,
    as far as the dialect lets one. NoSuchField."""
    made = copy.deepcopy(dict(document))
    holder, name = _holder(made, path)
    raw = holder["properties"][name]
    if "$ref" in raw:
        shared = _followed(made, {"$ref": raw["$ref"]})
        beside = {k: v for k, v in schema.items() if k in dialect.AROUND and shared.get(k) != v}
        holder["properties"][name] = {"$ref": raw["$ref"], **beside}
    else:
        holder["properties"][name] = schema
    _require(holder, name, required=required)
    return made


def add(document: Mapping[str, Any], inside: str, name: str, schema: Document) -> Document:
    """The field as the last of the outermost ones, or of the parts of `inside`. NoSuchField: there is no such place, the name is taken or
    none."""
    made = copy.deepcopy(dict(document))
    holder = _inside(_at(made, inside)) if inside else made
    declared = holder.setdefault("properties", {})
    if (
        not _NAME.fullmatch(name)
        or name in dialect.RESERVED_NAMES
        or not isinstance(declared, dict)
        or name in declared
    ):
        raise NoSuchField(name)
    declared[name] = schema
    return made


def remove(document: Mapping[str, Any], path: str) -> Document:
    """The document without the field, and without the conditions that were about it. NoSuchField."""
    made = copy.deepcopy(dict(document))
    holder, name = _holder(made, path)
    del holder["properties"][name]
    _require(holder, name, required=False)
    return unmentioned(made, name) if holder is made else made


def move(document: Mapping[str, Any], path: str, step: int) -> Document:
    """The field so many places further down among those beside it (up: negative), as far as there are. NoSuchField."""
    made = copy.deepcopy(dict(document))
    holder, name = _holder(made, path)
    names = list(holder["properties"])
    at = names.index(name)
    names.insert(max(0, min(len(names) - 1, at + step)), names.pop(at))
    holder["properties"] = {each: holder["properties"][each] for each in names}
    return made


def retitle(document: Mapping[str, Any], zh: str, en: str, help_zh: str, help_en: str) -> Document:
    """The form's own title and what is said below it."""
    made = copy.deepcopy(dict(document))
    made["title"], made["x-title"] = zh, {**_dict(made.get("x-title")), "en": en}
    for key, value in (("description", help_zh), ("x-description", {"en": help_en} if help_en else None)):
        if value:
            made[key] = value
        else:
            made.pop(key, None)
    return made


def named(english: str, taken: list[str], prefix: str = "field") -> str:
    """A name for a field or a file, made from its English label: snake_case, not taken yet."""
    words = re.sub(r"[^a-z0-9]+", "_", english.lower()).strip("_")[:LONGEST_NAME].strip("_")
    base = words if re.match(r"[a-z]", words) else f"{prefix}_{words}".strip("_")
    found, number = base, 2
    while found in taken or found in dialect.RESERVED_NAMES:
        found, number = f"{base}_{number}", number + 1
    return found


# ---------------------------------------------------------------- inside


def _holder(document: Mapping[str, Any], path: str) -> tuple[Document, str]:
    """The object whose `properties` the field stands in, and its name there."""
    parent, _, name = path.rpartition(".")
    holder = _inside(_at(document, parent)) if parent else dict(document)
    if not parent and isinstance(document, dict):
        holder = document
    declared = holder.get("properties")
    if not isinstance(declared, dict) or not isinstance(declared.get(name), dict):
        raise NoSuchField(path)
    return holder, name


def _at(document: Mapping[str, Any], path: str) -> Document:
    holder, name = _holder(document, path)
    one = holder["properties"][name]
    return one if isinstance(one, dict) else {}


def _inside(schema: Document) -> Document:
    """The object that holds a field's parts. What many fields share by `$ref` is not changed through one of them."""
    holder = schema.get("items") if schema.get("type") == "array" else schema
    if not isinstance(holder, dict) or "$ref" in holder or "$ref" in schema or holder.get("type") != "object":
        raise NoSuchField
    return holder


def _followed(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Document:
    around: Document = {}
    found = dict(schema)
    for _ in range(dialect.MOST_REFS):
        ref = found.get("$ref")
        if not isinstance(ref, str) or not ref.startswith(_REF):
            break
        around = {**{k: v for k, v in found.items() if k in dialect.AROUND}, **around}
        found = dict(_dict(_dict(document.get("$defs")).get(ref.removeprefix(_REF))))
    return {**found, **around}


def _listed(holder: Mapping[str, Any]) -> list[Any]:
    names = holder.get("required")
    return names if isinstance(names, list) else []


def _require(holder: Document, name: str, *, required: bool) -> None:
    names = _listed(holder)
    if required == (name in names):
        return
    wanted = [*names, name] if required else [one for one in names if one != name]
    if not wanted:
        holder.pop("required", None)
    elif "required" in holder:
        holder["required"] = wanted
    else:  # where it is looked for: behind the properties
        rest = list(holder.items())
        at = next((i + 1 for i, (key, _) in enumerate(rest) if key == "properties"), len(rest))
        holder.clear()
        holder.update([*rest[:at], ("required", wanted), *rest[at:]])


def _dict(value: Any) -> Document:
    return value if isinstance(value, dict) else {}
