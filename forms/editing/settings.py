"""What is set on one field, read from its keywords and written back: only what somebody changed is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: what is stored, and its label in both languages."""

    value: Any
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A field as its page shows it. None and "" : not set. `open_low`, `open_high`: the limit itself is not allowed."""

    zh: str = ""
    en: str = ""
    help_zh: str = ""
    help_en: str = ""
    required: bool = False
    access: str = "edit"
    personal: str = ""
    min_length: int | None = None
    max_length: int | None = None
    format: str = ""
    pattern: str = ""
    minimum: float | None = None
    open_low: bool = False
    maximum: float | None = None
    open_high: bool = False
    suffix_zh: str = ""
    suffix_en: str = ""
    min_items: int | None = None
    max_items: int | None = None
    options: tuple[Option, ...] = ()
    look: str = ""
    must_tick: bool = False
    register: str = ""
    default: str | float | bool | None = None
    posts: tuple[str, ...] = ()
    unique: bool = False


def settings_of(schema: Mapping[str, Any], *, required: bool) -> Settings:
    """The settings of a field's keywords (its `$ref` followed). What is no text or number there is left out."""
    low, high = ("exclusiveMinimum", "exclusiveMaximum")
    suffix = schema.get("x-unit")
    zh, en = (suffix.get("zh"), suffix.get("en")) if isinstance(suffix, dict) else (suffix, suffix)
    return Settings(
        zh=_text(schema.get("title")),
        en=_english(schema, "x-title"),
        help_zh=_text(schema.get("description")),
        help_en=_english(schema, "x-description"),
        required=required,
        access=_text(schema.get("x-access")) or "edit",
        personal=_text(schema.get("x-personal")),
        min_length=_whole(schema.get("minLength")),
        max_length=_whole(schema.get("maxLength")),
        format=_text(schema.get("format")),
        pattern=_text(schema.get("pattern")),
        minimum=_number(schema.get("minimum", schema.get(low))),
        open_low=low in schema and "minimum" not in schema,
        maximum=_number(schema.get("maximum", schema.get(high))),
        open_high=high in schema and "maximum" not in schema,
        suffix_zh=_text(zh),
        suffix_en=_text(en),
        min_items=_whole(schema.get("minItems")),
        max_items=_whole(schema.get("maxItems")),
        options=_options(_chosen(schema)),
        look=_text(schema.get("x-control")) if schema.get("x-control") in ("radio", "choice") else "",
        must_tick=schema.get("const") is True,
        register=_text(schema.get("x-register")),
        default=_scalar(schema.get("default")),
        posts=tuple(one for one in _listed(schema.get("x-posts")) if isinstance(one, str)),
        unique=schema.get("uniqueItems") is True,
    )


def changed(schema: Mapping[str, Any], before: Settings, after: Settings) -> Schema:
    """The keywords with what differs between the settings put in or taken out; `required` is the holder's and is not among them."""
    found: Schema = dict(schema)
    differ = {one.name for one in fields(Settings) if getattr(before, one.name) != getattr(after, one.name)}
    for name, key in _PLAIN.items():
        if name in differ:
            _set(found, key, getattr(after, name))
    if "access" in differ:
        _set(found, "x-access", after.access if after.access != "edit" else "")
    for name, key in (("en", "x-title"), ("help_en", "x-description")):
        if name in differ:
            _set(found, key, {"en": getattr(after, name)} if getattr(after, name) else None)
    for name, opened, plain, exclusive in _ENDS:
        if differ & {name, opened}:
            value = getattr(after, name)
            _set(found, plain, None if getattr(after, opened) else value)
            _set(found, exclusive, value if getattr(after, opened) else None)
    if differ & {"suffix_zh", "suffix_en"}:
        both = (after.suffix_zh or after.suffix_en, after.suffix_en or after.suffix_zh)
        _set(found, "x-unit", {"zh": both[0], "en": both[1]} if both[0] != both[1] else both[0])
    made = {
        "look": ("x-control", after.look),
        "must_tick": ("const", after.must_tick or None),
        "posts": ("x-posts", list(after.posts) or None),
        "unique": ("uniqueItems", after.unique or None),
    }
    for name, (key, value) in made.items():
        if name in differ:
            _set(found, key, value)
    if "options" in differ:
        _put_options(found, after.options)
    return found


_PLAIN = {
    "zh": "title",
    "help_zh": "description",
    "personal": "x-personal",
    "min_length": "minLength",
    "max_length": "maxLength",
    "format": "format",
    "pattern": "pattern",
    "min_items": "minItems",
    "max_items": "maxItems",
    "register": "x-register",
    "default": "default",
}
_ENDS = (
    ("minimum", "open_low", "minimum", "exclusiveMinimum"),
    ("maximum", "open_high", "maximum", "exclusiveMaximum"),
)


def _set(found: Schema, key: str, value: Any) -> None:
    if value is None or value == "":
        found.pop(key, None)
    elif key not in found and key in ("x-title", "description", "x-description"):
        # A label stands with the others, before the limits.
        after = {"x-title": "title", "description": "x-title", "x-description": "description"}[key]
        rest = [(name, one) for name, one in found.items()]
        at = next((i + 1 for i, (name, _) in enumerate(rest) if name == after), len(rest))
        found.clear()
        found.update([*rest[:at], (key, value), *rest[at:]])
    else:
        found[key] = value


def _put_options(found: Schema, options: tuple[Option, ...]) -> None:
    holder: Schema = dict(found["items"]) if isinstance(found.get("items"), dict) else found
    stood = {_key(one.get("const")): one for one in holder.get("oneOf", ()) if isinstance(one, dict)}
    listed = []
    for one in options:
        was = stood.get(_key(one.value), {})
        said = {"title": one.zh, "x-title": {"en": one.en}}
        listed.append({**was, "const": one.value, **{k: v for k, v in said.items() if was.get(k) != v}})
    holder.pop("enum", None)
    holder["oneOf"] = listed
    if holder is not found:
        found["items"] = holder


def _key(value: Any) -> tuple[bool, Any]:
    return (isinstance(value, bool), value)


def _chosen(schema: Mapping[str, Any]) -> Any:
    items = schema.get("items")
    holder = items if isinstance(items, dict) else schema
    return holder.get("oneOf", holder.get("enum"))


def _options(raw: Any) -> tuple[Option, ...]:
    found = []
    for one in _listed(raw):
        if isinstance(one, dict):
            found.append(Option(one.get("const"), _text(one.get("title")), _english(one, "x-title")))
        elif isinstance(one, str | int | float):
            found.append(Option(one, str(one), str(one)))
    return tuple(found)


def _english(schema: Mapping[str, Any], key: str) -> str:
    said = schema.get(key)
    return _text(said.get("en")) if isinstance(said, dict) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _scalar(value: Any) -> str | float | bool | None:
    return value if isinstance(value, str | int | float) else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
