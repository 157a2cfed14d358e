"""Readers for the keywords of one property: texts in two languages, limits, choices."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, TypeGuard

from forms import dialect
from forms.errors import MOST_PROBLEMS, Problem
from forms.model import Choice, Scalar, Text
from forms.patterns import PatternRefused, compile_pattern
from forms.strict_json import clip

CJK = re.compile("[\u3400-\u9fff]")
# Codes are their own label in every language; words need a title in each.
_CODE = re.compile(r"[A-Z0-9][A-Z0-9._/-]{0,19}")


class Notes(list[Problem]):
    """The problems found so far; raises `enough` when a list for people is full."""

    def __init__(self, enough: type[Exception]) -> None:
        super().__init__()
        self.enough = enough

    def add(self, path: str, zh: str, en: str) -> None:
        """Notes one problem."""
        self.append(Problem(path or "/", zh, en))
        if len(self) >= MOST_PROBLEMS:
            raise self.enough


def read_text(notes: Notes, path: str, raw: Mapping[str, object], key: str, most: int, *, needed: bool) -> Text | None:
    """`title` with `x-title.en`, or `description` with `x-description.en`; None if absent or wrong."""
    zh, translated = raw.get(key), raw.get(f"x-{key}")
    if key not in raw and translated is None and not needed:
        return None
    if not isinstance(zh, str) or not zh.strip() or len(zh) > most:
        notes.add(f"{path}/{key}", f"缺少 {key}（1 到 {most} 个字）。", f"{key} is missing (1 to {most} characters).")
        return None
    english = translated.get("en") if isinstance(translated, dict) and set(translated) == {"en"} else None
    if not isinstance(english, str) or not english.strip() or len(english) > most or CJK.search(english):
        notes.add(
            f"{path}/x-{key}", f'缺少英文：请写 "x-{key}": {{"en": "…"}}，不含汉字。',
            f'English is missing: write "x-{key}": {{"en": "…"}}, without Chinese characters.',
        )  # fmt: skip
        return None
    return Text(zh.strip(), english.strip())


def read_limits(notes: Notes, path: str, schema: Mapping[str, object], kind: str) -> dict[str, Any]:
    """The limits that `schema` sets for a value of type `kind`, as fields of Property."""
    found: dict[str, Any] = {}
    if kind == "string":
        _counts(notes, path, schema, found, "minLength", "maxLength", dialect.LONGEST_TEXT)
        _pattern(notes, path, schema, found)
    elif kind == "array":
        _counts(notes, path, schema, found, "minItems", "maxItems", dialect.MOST_ITEMS)
        unique = schema.get("uniqueItems", False)
        if not isinstance(unique, bool):
            notes.add(f"{path}/uniqueItems", "uniqueItems 应为 true 或 false。", "uniqueItems must be true or false.")
        found["unique"] = unique is True
    elif kind in ("number", "integer"):
        _range(notes, path, schema, found)
    if "const" in schema:
        constant = schema["const"]
        if fits_type(constant, kind):
            found["const"] = constant
        else:
            notes.add(f"{path}/const", f"const 应为 {kind}。", f"const must be of type {kind}.")
    return found


_FIELD_OF = {
    "minLength": "min_length", "maxLength": "max_length", "minItems": "min_items", "maxItems": "max_items",
    "minimum": "minimum", "maximum": "maximum", "exclusiveMinimum": "above", "exclusiveMaximum": "below",
}  # fmt: skip


def _counts(
    notes: Notes, path: str, schema: Mapping[str, object], found: dict[str, Any], least: str, most: str, top: int
) -> None:
    for key in (least, most):
        if key not in schema:
            continue
        value = schema[key]
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= top:
            found[_FIELD_OF[key]] = value
        else:
            notes.add(
                f"{path}/{key}", f"{key} 应为 0 到 {top} 的整数。", f"{key} must be a whole number from 0 to {top}."
            )
    low, high = found.get(_FIELD_OF[least], 0), found.get(_FIELD_OF[most], top)
    if low > high:
        notes.add(f"{path}/{least}", f"{least} 大于 {most}。", f"{least} is greater than {most}.")


def _range(notes: Notes, path: str, schema: Mapping[str, object], found: dict[str, Any]) -> None:
    for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        if key not in schema:
            continue
        value = schema[key]
        if is_finite(value) and abs(value) <= dialect.LARGEST_NUMBER:
            found[_FIELD_OF[key]] = value
        else:
            notes.add(f"{path}/{key}", f"{key} 应为数字。", f"{key} must be a number (of at most 2^53).")
    lows = [found[k] for k in ("minimum", "above") if k in found]
    highs = [found[k] for k in ("maximum", "below") if k in found]
    if lows and highs and max(lows) > min(highs):
        notes.add(path, "最小值大于最大值。", "The minimum is greater than the maximum.")


def _pattern(notes: Notes, path: str, schema: Mapping[str, object], found: dict[str, Any]) -> None:
    if "pattern" not in schema:
        return
    pattern = schema["pattern"]
    if not isinstance(pattern, str):
        notes.add(f"{path}/pattern", "pattern 应为文字。", "pattern must be a text.")
        return
    try:
        compile_pattern(pattern)
    except PatternRefused as error:
        reason = clip(error, 120)
        notes.add(f"{path}/pattern", f"pattern 不是 RE2 表达式：{reason}。", f"pattern is not RE2: {reason}.")
        return
    found["pattern"] = pattern


def read_choices(notes: Notes, path: str, schema: Mapping[str, object], kind: str) -> tuple[Choice, ...] | None:
    """The choices of `oneOf` (titles in both languages) or `enum` (codes and numbers only)."""
    if "oneOf" in schema and "enum" in schema:
        notes.add(f"{path}/enum", "enum 与 oneOf 只能用一个。", "Use enum or oneOf, not both.")
    if "oneOf" in schema:
        found = _one_of(notes, path, schema["oneOf"], kind)
    elif "enum" in schema:
        found = _enum(notes, path, schema["enum"], kind)
    else:
        return None
    values = [(type(choice.value) is bool, choice.value) for choice in found]
    if len(set(values)) != len(values):
        notes.add(path, "选项有重复的值。", "Two choices have the same value.")
    return tuple(found)


def _one_of(notes: Notes, path: str, raw: object, kind: str) -> list[Choice]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= dialect.MOST_CHOICES:
        notes.add(
            f"{path}/oneOf", f"oneOf 应为 1 到 {dialect.MOST_CHOICES} 个选项的列表。",
            f"oneOf must be a list of 1 to {dialect.MOST_CHOICES} choices.",
        )  # fmt: skip
        return []
    found = []
    for index, entry in enumerate(raw):
        at = f"{path}/oneOf/{index}"
        if not isinstance(entry, dict) or "const" not in entry or "title" not in entry:
            notes.add(at, "每个选项都要有 const 和 title。", "Every choice needs const and title.")
            continue
        for key in entry:
            if key not in ("const", "title", "x-title"):
                notes.add(
                    f"{at}/{clip(key)}", f"选项不支持“{clip(key)}”。", f"A choice does not support “{clip(key)}”."
                )
        title = read_text(notes, at, entry, "title", dialect.MOST_TITLE, needed=True)
        value = entry["const"]
        if not fits_type(value, kind):
            notes.add(f"{at}/const", f"const 应为 {kind}。", f"const must be of type {kind}.")
        elif title is not None:
            found.append(Choice(value, title))
    return found


def _enum(notes: Notes, path: str, raw: object, kind: str) -> list[Choice]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= dialect.MOST_CHOICES:
        notes.add(
            f"{path}/enum", f"enum 应为 1 到 {dialect.MOST_CHOICES} 个值的列表。",
            f"enum must be a list of 1 to {dialect.MOST_CHOICES} values.",
        )  # fmt: skip
        return []
    found = []
    for index, value in enumerate(raw):
        at = f"{path}/enum/{index}"
        if not fits_type(value, kind):
            notes.add(at, f"选项应为 {kind}。", f"The choice must be of type {kind}.")
        elif isinstance(value, str) and not _CODE.fullmatch(value):
            notes.add(
                at, "不是代码的选项请用 oneOf，写明中英文 title。",
                "A choice that is not a code needs oneOf, with a title in Chinese and English.",
            )  # fmt: skip
        else:
            found.append(Choice(value, Text(str(value), str(value))))
    return found


def fits_type(value: object, kind: str) -> bool:
    """Whether a constant in the file is of the JSON Schema type `kind` (one of the scalar types)."""
    if kind == "string":
        # What is stripped on arrival must not be awaited unstripped.
        return isinstance(value, str) and 0 < len(value) <= dialect.MOST_TITLE and value == value.strip()
    if kind == "boolean":
        return isinstance(value, bool)
    if not is_finite(value) or abs(value) > dialect.LARGEST_NUMBER:
        return False
    return kind == "number" or value == int(value)


def is_finite(value: object) -> TypeGuard[int | float]:
    """Whether a value of the file is a number (true and false are not)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def describe_type(value: object) -> str:
    """What stands where a type should, for a sentence."""
    if value is None:
        return "-"
    return clip(value) if isinstance(value, str) else type(value).__name__


__all__ = [
    "Notes", "Scalar", "describe_type", "fits_type", "is_finite", "read_choices", "read_limits", "read_text",
]  # fmt: skip
