"""Two sets of forms beside each other: field by field, and the schema of facts likewise."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.publishing.differing import Change, FieldChange, FormChange, settings_between

_FIELDS, _REQUIRED = "properties", "required"
_UNSAID = frozenset({"$schema", "$id", _FIELDS, _REQUIRED})
DEEPEST = 40


def compare(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[FormChange]:
    """The forms that differ, by file name."""
    for file in sorted({*before, *after}):
        if before.get(file) == after.get(file):
            continue
        old, new = _read(before.get(file)), _read(after.get(file))
        change = Change.CHANGED
        if file not in before:
            change = Change.ADDED
        elif file not in after:
            change = Change.REMOVED
        found = _form(file.removesuffix(".json"), old, new, change)
        if found.fields or found.settings or found.reordered or change is not Change.CHANGED:
            yield found


def titles(files: Mapping[str, bytes]) -> dict[str, tuple[str, str]]:
    """What the fields of these forms are called in Chinese and English, by their names."""
    found = {}
    for content in files.values():
        for name, field in _fields(_read(content)).items():
            found[name] = _title(field, name)
    return found


def _form(name: str, old: dict[str, Any], new: dict[str, Any], change: Change) -> FormChange:
    fields_before, fields_after = _fields(old), _fields(new)
    fields = tuple(_changed(fields_before, fields_after, old, new))
    common = [key for key in fields_before if key in fields_after]
    return FormChange(
        name,
        *_title(new or old, name),
        change,
        fields,
        settings_between(_rest(old), _rest(new)) if change is Change.CHANGED else (),
        reordered=common != [key for key in fields_after if key in fields_before],
    )


def _changed(
    before: dict[str, Any], after: dict[str, Any], old: dict[str, Any], new: dict[str, Any]
) -> Iterator[FieldChange]:
    for key in [*after, *(key for key in before if key not in after)]:
        was, now = before.get(key), after.get(key)
        says_before = _says(was, key, old) if key in before else {}
        says_after = _says(now, key, new) if key in after else {}
        if key not in before:
            change = Change.ADDED
        elif key not in after:
            change = Change.REMOVED
        elif says_before != says_after:
            change = Change.CHANGED
        else:
            continue
        yield FieldChange(key, *_title(now or was, key), change, settings_between(says_before, says_after))


def _says(field: Any, key: str, form: dict[str, Any]) -> dict[tuple[str, ...], str]:
    says: dict[tuple[str, ...], str] = {}
    _flatten(field, (), says)
    wanted = form.get(_REQUIRED)
    says["required",] = "true" if isinstance(wanted, list) and key in wanted else "false"
    return says


def _rest(form: dict[str, Any]) -> dict[tuple[str, ...], str]:
    says: dict[tuple[str, ...], str] = {}
    for key, value in form.items():
        if key not in _UNSAID:
            _flatten(value, (key,), says)
    return says


def _flatten(value: Any, path: tuple[str, ...], says: dict[tuple[str, ...], str]) -> None:
    """Everything a document says; of a list of choices each by its value."""
    if isinstance(value, dict) and value and len(path) < DEEPEST:
        for key, inner in value.items():
            _flatten(inner, (*path, str(key)), says)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value) and len(path) < DEEPEST:
        for number, one in enumerate(value, 1):
            known = one.get("const") if isinstance(one, dict) else None
            _flatten(one, (*path[:-1], f"{path[-1] if path else ''}[{known if known is not None else number}]"), says)
    else:
        says[path] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _fields(form: dict[str, Any]) -> dict[str, Any]:
    found = form.get(_FIELDS)
    return found if isinstance(found, dict) else {}


def _title(one: Any, key: str) -> tuple[str, str]:
    one = one if isinstance(one, dict) else {}
    zh = one.get("title") if isinstance(one.get("title"), str) else ""
    english = one.get("x-title")
    en = english.get("en") if isinstance(english, dict) and isinstance(english.get("en"), str) else ""
    return zh or key, en or zh or key


def _read(content: bytes | None) -> dict[str, Any]:
    if content is None:
        return {}
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {"unreadable": content[:200].decode("utf-8", "replace")}
