"""Answers from an HTML form's post: names become structure, texts become numbers and yes or no where they can."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence

from forms import dialect
from forms.fields import conditions
from forms.formats import from_page_moment
from forms.model import Property, Root

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})([eE][+-]?[0-9]{1,3})?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_INDEX = re.compile(r"[0-9]{1,4}")
_YES = frozenset({"true", "on", "1", "yes", "是"})
_NO = frozenset({"false", "off", "0", "no", "否"})


def read_post(
    root: Root, pairs: Mapping[str, Sequence[str]], *, clear: bool, ignore: Collection[str]
) -> dict[str, object]:
    """See Form.parse_post."""
    answers: dict[str, object] = {}
    blank: set[str] = set()
    declared = {one.name: one for one in root.properties}
    parts: dict[str, dict[str, Sequence[str]]] = {}
    for name, texts in pairs.items():
        if name.startswith("_") or name in dialect.RESERVED_NAMES or name in ignore:
            continue
        head, _, rest = name.partition(".")
        one = declared.get(head)
        if one is not None and rest and (one.type == "object" or one.is_rows):
            parts.setdefault(head, {})[rest] = texts
        elif one is None or one.is_rows or one.type == "object":
            _keep(answers, blank, name, texts[-1].strip() if texts else "", known=one is not None)
        else:
            _put(answers, blank, one, texts)
    for head, inner in parts.items():
        one = declared[head]
        value = _rows(one, inner) if one.is_rows else _group(one, inner)
        if value:
            answers[head] = value
        else:
            blank.add(head)
    _untick(root, answers)
    if clear:
        answers.update({name: None for name in blank if name not in answers})
    return answers


def _keep(answers: dict[str, object], blank: set[str], name: str, text: str, *, known: bool) -> None:
    # A name nobody declared is kept even when blank: validate refuses it by name. A rows field posted whole is
    # the page's way to say “no rows”.
    if text or not known:
        answers[name] = text
    else:
        blank.add(name)


def _put(answers: dict[str, object], blank: set[str], one: Property, texts: Sequence[str]) -> None:
    value = _value(one, texts)
    if value is None:
        blank.add(one.name)
    else:
        answers[one.name] = value


def _value(one: Property, texts: Sequence[str]) -> object:
    """The value of one control; None when it was left blank."""
    if one.type == "array":
        lines = [line for text in texts for line in text.splitlines()] if one.control == "list" else texts
        item = one.items
        values = [_scalar(item, line) if item else line for line in lines]
        return [value for value in values if value is not None] or None
    # Of several inputs with one name (a hidden “false” before its checkbox), the last counts.
    return _scalar(one, texts[-1]) if texts else None


def _scalar(one: Property, text: str) -> object:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        return None
    if one.type == "boolean":
        lowered = text.lower()
        return True if lowered in _YES else False if lowered in _NO else text
    if one.type in ("number", "integer"):
        return _number(text)
    if one.format == "date-time":
        return from_page_moment(text)
    return text


def _number(text: str) -> object:
    if len(text) > 60:
        return text
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if _INTEGER.fullmatch(plain):
        return int(plain)
    if _NUMBER.fullmatch(plain):
        number = float(plain)
        return number if math.isfinite(number) else text
    return text


def _group(one: Property, inner: Mapping[str, Sequence[str]]) -> dict[str, object]:
    declared = {part.name: part for part in one.properties}
    found: dict[str, object] = {}
    deeper: dict[str, dict[str, Sequence[str]]] = {}
    for name, texts in inner.items():
        head, _, rest = name.partition(".")
        part = declared.get(head)
        if part is not None and rest and (part.type == "object" or part.is_rows):
            deeper.setdefault(head, {})[rest] = texts
        elif part is None or part.is_rows or part.type == "object":
            _keep(found, set(), name, texts[-1].strip() if texts else "", known=part is not None)
        else:
            _put(found, set(), part, texts)
    for head, rest_of in deeper.items():
        part = declared[head]
        value = _rows(part, rest_of) if part.is_rows else _group(part, rest_of)
        if value:
            found[head] = value
    _untick_parts(one.properties, found)
    return found


def _rows(one: Property, inner: Mapping[str, Sequence[str]]) -> object:
    """The rows in the order of their numbers, blank ones left out; or the text that is no row, for validate."""
    if one.items is None:
        return None
    rows: dict[int, dict[str, Sequence[str]]] = {}
    for name, texts in inner.items():
        index, _, column = name.partition(".")
        if index == "__row__":  # the page's model of a new row
            continue
        if not _INDEX.fullmatch(index) or not column:
            return name
        rows.setdefault(int(index), {})[column] = texts
    found = [_group(one.items, rows[index]) for index in sorted(rows)]
    return [row for row in found if any(value is not False for value in row.values())]


def _untick(root: Root, answers: dict[str, object]) -> None:
    # A browser posts nothing for a checkbox that is not ticked; on a field that is shown, that means “no”.
    shown = conditions(root)
    for one in root.properties:
        if one.access == "edit" and one.control == "checkbox" and one.name not in answers:
            condition = shown.get(one.name)
            if condition is None or condition.holds(answers):
                answers[one.name] = False


def _untick_parts(parts: Sequence[Property], found: dict[str, object]) -> None:
    if found:
        for part in parts:
            if part.control == "checkbox":
                found.setdefault(part.name, False)
