"""A model compiled once to closures: each takes a value and returns it cleaned, or says what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from forms import dialect
from forms.errors import MOST_PROBLEMS, Problem
from forms.formats import CHECKS, EXPECTED
from forms.model import Property, Scalar, Text
from forms.patterns import compile_pattern
from forms.strict_json import UNSAFE_CHARACTERS, clip


class _Invalid:
    """What a check returns after it has said what is wrong; None means left empty."""


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
    rules = _text_rules(one)

    def check(value: object, path: str, problems: list[Problem]) -> object:
        if not isinstance(value, str):
            if value is None:
                return None
            return _wrong(problems, path, Text(f"“{zh}”应为文字。", f"“{en}” must be a text."))
        if _unsafe(value):
            said = Text(
                f"“{zh}”含有无法保存的字符，请删去后重写。",
                f"“{en}” holds characters that cannot be stored; please remove them.",
            )
            return _wrong(problems, path, said)
        text = value.strip()
        if not text:
            return None
        for rule in rules:
            broken = rule(text)
            if broken is not None:
                return _wrong(problems, path, broken)
        return text

    return check


def _text_rules(one: Property) -> tuple[Callable[[str], Text | None], ...]:
    zh, en = one.title
    allowed = _allowed(one)
    if allowed is not None and one.pattern is None and one.min_length is None and one.max_length is None:
        not_listed = _not_a_choice(one)
        return (lambda text: None if text in allowed else not_listed,)
    least = one.min_length or 0
    most = dialect.LONGEST_TEXT if one.max_length is None else one.max_length

    def length(text: str) -> Text | None:
        count = len(text)
        if count > most:
            return Text(
                f"“{zh}”最多 {most} 个字，现在有 {count} 个。",
                f"“{en}” may have at most {most} characters; it has {count}.",
            )
        if count < least:
            return Text(
                f"“{zh}”至少 {least} 个字，现在只有 {count} 个。",
                f"“{en}” needs at least {least} characters; it has {count}.",
            )
        return None

    rules = [length]
    if allowed is not None:
        not_listed = _not_a_choice(one)
        rules.append(lambda text: None if text in allowed else not_listed)
    if one.format is not None:
        well_formed = CHECKS[one.format]
        expected = EXPECTED[one.format]
        ill_formed = Text(f"“{zh}”应为{expected[0]}。", f"“{en}” must be {expected[1]}.")
        rules.append(lambda text: None if well_formed(text) else ill_formed)
    if one.pattern is not None:
        found = compile_pattern(one.pattern)
        unlike = _unlike_pattern(one)
        rules.append(lambda text: None if found(text) else unlike)
    return tuple(rules)


def _unlike_pattern(one: Property) -> Text:
    # A pattern says nothing to people; the field's help says what it wants.
    zh, en = one.title
    why_zh, why_en = (f"：{one.help.zh.rstrip('。')}", f": {one.help.en.rstrip('.')}") if one.help else ("", "")
    return Text(f"“{zh}”的格式不对{why_zh}。", f"“{en}” is not written as asked{why_en}.")


def _number(one: Property) -> Check:
    zh, en = one.title
    whole = one.type == "integer"
    rules = _number_rules(one)
    no_number = Text(f"“{zh}”应为数字。", f"“{en}” must be a number.")

    def check(value: object, path: str, problems: list[Problem]) -> object:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return _wrong(problems, path, no_number)
        if isinstance(value, float) and not math.isfinite(value):
            return _wrong(problems, path, no_number)
        if whole and isinstance(value, float):
            if value != int(value):
                return _wrong(problems, path, Text(f"“{zh}”应为整数。", f"“{en}” must be a whole number."))
            value = int(value)
        for fits, broken in rules:
            if not fits(value):
                return _wrong(problems, path, broken)
        return value

    return check


def _number_rules(one: Property) -> list[tuple[Callable[[float], bool], Text]]:
    zh, en = one.title
    low = -dialect.LARGEST_NUMBER if one.minimum is None else one.minimum
    high = dialect.LARGEST_NUMBER if one.maximum is None else one.maximum
    rules: list[tuple[Callable[[float], bool], Text]] = [
        (lambda value: value >= low, Text(f"“{zh}”不能小于 {low}。", f"“{en}” must be at least {low}.")),
        (lambda value: value <= high, Text(f"“{zh}”不能大于 {high}。", f"“{en}” must be at most {high}.")),
    ]
    allowed, above, below = _allowed(one), one.above, one.below
    if above is not None:
        rules.append((lambda value: value > above, Text(f"“{zh}”应大于 {above}。", f"“{en}” must be above {above}.")))
    if below is not None:
        rules.append((lambda value: value < below, Text(f"“{zh}”应小于 {below}。", f"“{en}” must be below {below}.")))
    if allowed is not None:
        rules.insert(0, (lambda value: value in allowed, _not_a_choice(one)))
    return rules


def _boolean(one: Property) -> Check:
    zh, en = one.title
    allowed = _allowed(one)
    must_tick = one.control == "checkbox" and one.const is True
    other = Text(f"请勾选“{zh}”。", f"Please tick “{en}”.") if must_tick else _not_a_choice(one)

    def check(value: object, path: str, problems: list[Problem]) -> object:
        if value is None:
            return None
        if not isinstance(value, bool):
            return _wrong(problems, path, Text(f"“{zh}”应为是或否。", f"“{en}” must be yes or no."))
        if allowed is not None and value not in allowed:
            return _wrong(problems, path, other)
        return value

    return check


def _allowed(one: Property) -> frozenset[Scalar] | None:
    values = None if one.choices is None else frozenset(choice.value for choice in one.choices)
    if one.const is None:
        return values
    return frozenset({one.const}) if values is None else values & {one.const}


def _array(one: Property) -> Check:
    zh, en = one.title
    check_item = compile_check(one.items) if one.items is not None else None

    def check(value: object, path: str, problems: list[Problem]) -> object:
        if value is None:
            return None
        if not isinstance(value, list):
            return _wrong(problems, path, Text(f"“{zh}”应为列表。", f"“{en}” must be a list."))
        if len(value) > dialect.MOST_ITEMS:
            return _wrong(problems, path, _too_many(one, len(value)))
        before = len(problems)
        cleaned = value if check_item is None else _items(check_item, value, path, problems)
        if len(problems) > before:
            return INVALID
        if not cleaned:
            return None
        broken = _count_rule(one, cleaned)
        return cleaned if broken is None else _wrong(problems, path, broken)

    return check


def _items(check_item: Check, value: list[object], path: str, problems: list[Problem]) -> list[object]:
    cleaned = []
    for index, item in enumerate(value):
        result = check_item(item, f"{path}.{index}", problems)
        if result is not None:
            cleaned.append(result)
        if len(problems) >= MOST_PROBLEMS:
            break
    return cleaned


def _count_rule(one: Property, cleaned: list[object]) -> Text | None:
    zh, en = one.title
    count = len(cleaned)
    if one.max_items is not None and count > one.max_items:
        return _too_many(one, count)
    if one.min_items is not None and count < one.min_items:
        return Text(
            f"“{zh}”至少 {one.min_items} 项，现在只有 {count} 项。",
            f"“{en}” needs at least {one.min_items} items; it has {count}.",
        )
    # The same choice twice is never meant, and a page could not draw it.
    chosen = one.items is not None and one.items.choices is not None
    if (one.unique or chosen) and len(set(cleaned)) != count:
        return Text(f"“{zh}”有重复的项。", f"“{en}” holds the same item twice.")
    return None


def _too_many(one: Property, count: int) -> Text:
    zh, en = one.title
    most = dialect.MOST_ITEMS if one.max_items is None else one.max_items
    return Text(f"“{zh}”最多 {most} 项，现在有 {count} 项。", f"“{en}” may have at most {most} items; it has {count}.")


def _object(one: Property) -> Check:
    zh, en = one.title
    checks: Mapping[str, Check] = {part.name: compile_check(part) for part in one.properties}
    required = tuple(part for part in one.properties if part.required)

    def check(value: object, path: str, problems: list[Problem]) -> object:
        if value is None:
            return None
        if not isinstance(value, dict):
            return _wrong(problems, path, Text(f"“{zh}”应由多项组成。", f"“{en}” must have parts."))
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
        given = cleaned.keys() | wrong
        problems.extend(please_fill(part, f"{path}.{part.name}") for part in required if part.name not in given)
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
    """Says that the form has no such field."""
    shown = clip(key)
    problems.append(Problem(path, f"表单没有“{shown}”这一项。", f"The form has no field “{shown}”."))


def _not_a_choice(one: Property) -> Text:
    zh, en = one.title
    return Text(f"请从列出的选项中选择“{zh}”。", f"Please choose “{en}” from the list.")


def _wrong(problems: list[Problem], path: str, said: Text) -> object:
    problems.append(Problem(path, said.zh, said.en))
    return INVALID
