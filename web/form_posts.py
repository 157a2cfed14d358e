"""What a designer typed into the page of a field, as settings; what makes no sense there is said at its input."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from forms.dialect import ACCESS, LARGEST_NUMBER, MOST_CHOICES, PERSONAL
from forms.editing import KINDS, Option, Settings
from forms.editing.document import named
from web.telling_forms import FORMATS, LOOKS
from web.texts import t

LONGEST = 2000


@dataclass(slots=True)
class Typed:
    """The settings, and input name to what is wrong with it."""

    settings: Settings
    errors: dict[str, str] = field(default_factory=dict)
    raws: dict[str, str] = field(default_factory=dict)
    """What was typed there, to be shown again."""


def settings(
    form: Mapping[str, str], kind: str, before: Settings, *, inner: bool, posts: Sequence[str] | None = None
) -> Typed:
    """The settings after what was typed; what the page does not offer for this kind stays as it was. `posts`: those that were ticked,
    None where none could be."""
    offered = KINDS[kind].settings
    typed = Typed(before)
    now: dict[str, Any] = {name: _text(form, name) for name in ("zh", "en", "help_zh", "help_en")}
    now["required"] = form.get("required") == "1"
    if not inner:
        now["access"] = _one_of(form, "access", ACCESS, before.access)
        now["personal"] = _one_of(form, "personal", PERSONAL | {""}, before.personal)
    if now.get("access", "edit") != "edit":
        now["required"] = False
    if "length" in offered:
        now["min_length"], now["max_length"] = (_whole(form, name, typed) for name in ("min_length", "max_length"))
        now["pattern"] = _text(form, "pattern")
    if "format" in offered:
        now["format"] = _one_of(form, "format", set(FORMATS), before.format)
    if "count" in offered:
        now["min_items"], now["max_items"] = (_whole(form, name, typed) for name in ("min_items", "max_items"))
    if "range" in offered:
        for name, opened in (("minimum", "open_low"), ("maximum", "open_high")):
            now[name] = number(form, name, typed)
            now[opened] = form.get(opened) == "1" and now[name] is not None
    if posts is not None and not inner and set(posts) != set(before.posts):
        now["posts"] = tuple(posts)
    if "default" in offered and "default" in form:
        now["default"] = _default(form, kind, before, typed)
    typed.settings = replace(before, **now, **_of_kind(form, offered, before))
    return typed


def _default(form: Mapping[str, str], kind: str, before: Settings, typed: Typed) -> str | float | bool | None:
    """What stands in it at first."""
    text = _text(form, "default")
    if kind == "checkbox":
        return {"yes": True, "no": False}.get(text)
    if kind == "choice":
        return next((one.value for one in before.options if str(one.value) == text), None)
    return number(form, "default", typed) if kind in ("number", "integer") else text or None


def _of_kind(form: Mapping[str, str], offered: frozenset[str], before: Settings) -> dict[str, Any]:
    """What only some kinds have."""
    now: dict[str, Any] = {}
    if "suffix" in offered:
        now["suffix_zh"], now["suffix_en"] = _text(form, "suffix_zh"), _text(form, "suffix_en")
    if "look" in offered:
        now["look"] = _one_of(form, "look", set(LOOKS), before.look)
    if "unique" in offered:
        now["unique"] = form.get("unique") == "1"
    if "tick" in offered:
        now["must_tick"] = form.get("must_tick") == "1"
    if "register" in offered:
        now["register"] = _text(form, "register") or before.register
    if "choices" in offered:
        now["options"] = _options(form, before.options)
    return now


def reordered(typed: Settings, act: str) -> Settings:
    """The settings after a button in the list of choices: `up.2`, `down.0`, `drop.1`, `more`."""
    word, _, number = act.partition(".")
    options = list(typed.options)
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else -1
    if word == "more":
        options.append(Option("", "", ""))
    elif 0 <= at < len(options):
        one = options.pop(at)
        if word != "drop":
            options.insert(max(0, at + (-1 if word == "up" else 1)), one)
    return replace(typed, options=tuple(options))


def _options(form: Mapping[str, str], before: tuple[Option, ...]) -> tuple[Option, ...]:
    stood = {str(one.value): one.value for one in before}
    found: list[Option] = []
    for at in range(MOST_CHOICES):
        if f"option.{at}.zh" not in form:
            break
        zh, en, code = (_text(form, f"option.{at}.{part}") for part in ("zh", "en", "value"))
        if not (zh or en or code):
            continue
        if not code:
            code = named(en, [str(one.value) for one in found], "choice")
        found.append(Option(stood.get(code, code), zh, en))
    return tuple(found)


def _text(form: Mapping[str, str], name: str) -> str:
    return form.get(name, "").strip().replace("\r\n", "\n")[:LONGEST]


def _one_of(form: Mapping[str, str], name: str, known: Any, before: str) -> str:
    given = form.get(name, before)
    return given if given in known else before


def _whole(form: Mapping[str, str], name: str, typed: Typed) -> int | None:
    text = _text(form, name)
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 9:
        return int(text)
    typed.errors[name], typed.raws[name] = t("请填整数。", "Give a whole number."), text
    return None


def number(form: Mapping[str, str], name: str, typed: Typed) -> float | None:
    """A number as it was typed; None where there is none, or it is none (said in `typed`)."""
    text = _text(form, name)
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isfinite(number) and abs(number) <= LARGEST_NUMBER:
        return int(number) if number.is_integer() else number
    typed.errors[name], typed.raws[name] = t("请填数字。", "Give a number."), text
    return None
