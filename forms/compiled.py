"""A model compiled once to closures: each takes a value and returns it cleaned, or says what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from forms import dialect
from forms.errors import MOST_PROBLEMS, Problem
from forms.formats import CHECKS, EXPECTED
from forms.model import Property, Scalar
from forms.patterns import compile_pattern
from forms.strict_json import UNSAFE_CHARACTERS, clip


class _Invalid:
    """What a check returns after it has said what is wrong. (None means: left empty.)"""


INVALID: Final = _Invalid()
Check = Callable[[object, str, list[Problem]], object]
_unsafe = UNSAFE_CHARACTERS.search


def compile_check(one: Property) -> Check:
    """The check of one property. It never raises, whatever the value is."""
    if one.type == "string":
        return _string(one)
    if one.type in ("number", "integer"):
        return _number(one)
    if one.type == "boolean":
        return _boolean(one)
    if one.type == "array":
        return _array(one)
    return _object(one)


def _string(one: Property) -> Check:
    zh, en = one.title
    least = one.min_length or 0
    most = dialect.LONGEST_TEXT if one.max_length is None else one.max_length
    found = compile_pattern(one.pattern) if one.pattern is not None else None
    well_formed = CHECKS[one.format] if one.format is not None else None
    allowed = _allowed(one)

    def check(value: object, path: str, problems: list[Problem]) -> object:
        if not isinstance(value, str):
            if value is None:
                return None
            return _wrong(problems, path, f"“{zh}”应为文字。", f"“{en}” must be a text.")
        if _unsafe(value):
            return _wrong(
                problems, path, f"“{zh}”含有无法保存的字符，请删去后重写。",
                f"“{en}” holds characters that cannot be stored; please remove them.",
            )  # fmt: skip
        text = value.strip()
        if not text:
            return None
        if allowed is not None and text not in allowed:
            return _not_a_choice(one, path, problems)
        length = len(text)
        if length > most:
            return _wrong(
                problems, path, f"“{zh}”最多 {most} 个字，现在有 {length} 个。",
                f"“{en}” may have at most {most} characters; it has {length}.",
            )  # fmt: skip
        if length < least:
            return _wrong(
                problems, path, f"“{zh}”至少 {least} 个字，现在只有 {length} 个。",
                f"“{en}” needs at least {least} characters; it has {length}.",
            )  # fmt: skip
        if well_formed is not None and not well_formed(text):
            expected_zh, expected_en = EXPECTED[one.format or ""]
            return _wrong(problems, path, f"“{zh}”应为{expected_zh}。", f"“{en}” must be {expected_en}.")
        if found is not None and not found(text):
            return _wrong(
                problems,
                path,
                f"“{zh}”的格式不对{_why(one, 'zh')}。",
                f"“{en}” is not written as asked{_why(one, 'en')}.",
            )
        return text

    return check


def _why(one: Property, locale: str) -> str:
    if one.help is None:
        return ""
    said = one.help.of(locale).rstrip("。.")
    return f"：{said}" if locale == "zh" else f": {said}"


def _number(one: Property) -> Check:
    zh, en = one.title
    whole = one.type == "integer"
    allowed = _allowed(one)
    low = -dialect.LARGEST_NUMBER if one.minimum is None else one.minimum
    high = dialect.LARGEST_NUMBER if one.maximum is None else one.maximum
    above, below = one.above, one.below

    def check(value: object, path: str, problems: list[Problem]) -> object:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return _wrong(problems, path, f"“{zh}”应为数字。", f"“{en}” must be a number.")
        if isinstance(value, float) and not math.isfinite(value):
            return _wrong(problems, path, f"“{zh}”应为数字。", f"“{en}” must be a number.")
        if whole and isinstance(value, float):
            if value != int(value):
                return _wrong(problems, path, f"“{zh}”应为整数。", f"“{en}” must be a whole number.")
            value = int(value)
        if allowed is not None and value not in allowed:
            return _not_a_choice(one, path, problems)
        if value < low:
            return _wrong(problems, path, f"“{zh}”不能小于 {low}。", f"“{en}” must be at least {low}.")
        if value > high:
            return _wrong(problems, path, f"“{zh}”不能大于 {high}。", f"“{en}” must be at most {high}.")
        if above is not None and value <= above:
            return _wrong(problems, path, f"“{zh}”应大于 {above}。", f"“{en}” must be greater than {above}.")
        if below is not None and value >= below:
            return _wrong(problems, path, f"“{zh}”应小于 {below}。", f"“{en}” must be less than {below}.")
        return value

    return check


def _boolean(one: Property) -> Check:
    zh, en = one.title
    allowed = _allowed(one)

    def check(value: object, path: str, problems: list[Problem]) -> object:
        if value is None:
            return None
        if not isinstance(value, bool):
            return _wrong(problems, path, f"“{zh}”应为是或否。", f"“{en}” must be yes or no.")
        if allowed is not None and value not in allowed:
            if one.control == "checkbox" and not value:
                return _wrong(problems, path, f"请勾选“{zh}”。", f"Please tick “{en}”.")
            return _not_a_choice(one, path, problems)
        return value

    return check


def _allowed(one: Property) -> frozenset[Scalar] | None:
    values = None if one.choices is None else frozenset(choice.value for choice in one.choices)
    if one.const is None:
        return values
    return frozenset({one.const}) if values is None else values & {one.const}


def _array(one: Property) -> Check:
    zh, en = one.title
    least = one.min_items or 0
    most = dialect.MOST_ITEMS if one.max_items is None else one.max_items
    check_item = compile_check(one.items) if one.items is not None else None
    unique = one.unique

    def check(value: object, path: str, problems: list[Problem]) -> object:
        if value is None:
            return None
        if not isinstance(value, list):
            return _wrong(problems, path, f"“{zh}”应为列表。", f"“{en}” must be a list.")
        if len(value) > dialect.MOST_ITEMS:
            return _too_many(problems, path, zh, en, most, len(value))
        before = len(problems)
        if check_item is None:
            cleaned = value
        else:
            cleaned = []
            for index, item in enumerate(value):
                result = check_item(item, f"{path}.{index}", problems)
                if result is not None:
                    cleaned.append(result)
                if len(problems) >= MOST_PROBLEMS:
                    break
        if len(problems) > before:
            return INVALID
        if not cleaned:
            return None
        if len(cleaned) > most:
            return _too_many(problems, path, zh, en, most, len(cleaned))
        if len(cleaned) < least:
            return _wrong(
                problems, path, f"“{zh}”至少 {least} 项，现在只有 {len(cleaned)} 项。",
                f"“{en}” needs at least {least} items; it has {len(cleaned)}.",
            )  # fmt: skip
        if unique and len(set(cleaned)) != len(cleaned):
            return _wrong(problems, path, f"“{zh}”有重复的项。", f"“{en}” holds the same item twice.")
        return cleaned

    return check


def _too_many(problems: list[Problem], path: str, zh: str, en: str, most: int, count: int) -> object:
    return _wrong(
        problems, path, f"“{zh}”最多 {most} 项，现在有 {count} 项。",
        f"“{en}” may have at most {most} items; it has {count}.",
    )  # fmt: skip


def _object(one: Property) -> Check:
    zh, en = one.title
    checks: Mapping[str, Check] = {part.name: compile_check(part) for part in one.properties}
    required = tuple(part for part in one.properties if part.required)

    def check(value: object, path: str, problems: list[Problem]) -> object:
        if value is None:
            return None
        if not isinstance(value, dict):
            return _wrong(problems, path, f"“{zh}”应由多项组成。", f"“{en}” must have parts.")
        before = len(problems)
        cleaned = {}
        wrong = set()
        for key, part in value.items():
            check_part = checks.get(key)
            if check_part is None:
                undeclared(problems, f"{path}.{clip(key)}", key)
                if len(problems) >= MOST_PROBLEMS:
                    break
                continue
            result = check_part(part, f"{path}.{key}", problems)
            if result is INVALID:
                wrong.add(key)
            elif result is not None:
                cleaned[key] = result
        if not cleaned and len(problems) == before:
            return None
        for part in required:
            if part.name not in cleaned and part.name not in wrong:
                problems.append(please_fill(part, f"{path}.{part.name}"))
        return INVALID if len(problems) > before else cleaned

    return check


def please_fill(one: Property, path: str) -> Problem:
    """The sentence for a required field that was left empty, in the words of its control."""
    zh, en = one.title
    if one.control in ("choice", "radio", "choices", "person", "unit", "register", "date", "date-time"):
        return Problem(path, f"请选择{zh}", f"Please choose {en}")
    if one.control in ("photo", "file"):
        return Problem(path, f"请上传{zh}", f"Please upload {en}")
    if one.control == "checkbox":
        return Problem(path, f"请回答{zh}", f"Please answer {en}")
    return Problem(path, f"请填写{zh}", f"Please fill in {en}")


def undeclared(problems: list[Problem], path: str, key: object) -> None:
    shown = clip(key)
    problems.append(Problem(path, f"表单没有“{shown}”这一项。", f"The form has no field “{shown}”."))


def _not_a_choice(one: Property, path: str, problems: list[Problem]) -> object:
    zh, en = one.title
    return _wrong(problems, path, f"请从列出的选项中选择“{zh}”。", f"Please choose “{en}” from the list.")


def _wrong(problems: list[Problem], path: str, zh: str, en: str) -> object:
    problems.append(Problem(path, zh, en))
    return INVALID
