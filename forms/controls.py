"""The keywords of ours on a property: how it is drawn, who may write it, in what unit it counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from forms import dialect
from forms.keywords import CJK, Notes
from forms.model import Property, Text
from forms.strict_json import clip

_NAME = re.compile(dialect.NAME)
_LONGEST_UNIT = 20
_LONGEST_LINE = 200
_MOST_RADIOS = 4


def read_controls(notes: Notes, path: str, schema: Mapping[str, object], shaped: Property, *, place: str) -> Property:
    """Returns `shaped` with its control, register, access, unit, and the default as it stands in the file."""
    control = _control(notes, path, schema, shaped)
    if place == "item" and "x-control" in schema:
        notes.add(
            f"{path}/x-control",
            "x-control 应写在列表上，而不是 items 上。",
            "Write x-control on the list, not on its items.",
        )
    return replace(
        shaped,
        control=control,
        register=_register(notes, path, schema, control),
        access=_access(notes, path, schema, place),
        suffix=_suffix(notes, path, schema),
        personal=_personal(notes, path, schema, control, place),
        posts=_posts(notes, path, schema, place),
        case=_case(notes, path, schema, shaped, place),
        default=schema.get("default"),
    )


def _control(notes: Notes, path: str, schema: Mapping[str, object], shaped: Property) -> str:
    shape = _shape(shaped)
    control = schema.get("x-control", _usual_control(shaped, shape))
    if not isinstance(control, str) or control not in dialect.CONTROLS:
        known = ", ".join(dialect.CONTROLS)
        notes.add(
            f"{path}/x-control",
            f"没有控件“{clip(control)}”，可用：{known}。",
            f"There is no control “{clip(control)}”; use {known}.",
        )
        return "text"
    # A list whose items could not be read has been complained of already.
    if shape not in dialect.CONTROLS[control] and shape != "array":
        notes.add(
            f"{path}/x-control",
            f"控件 {control} 不适用于此项（{shape}）。",
            f"The control {control} does not suit this property ({shape}).",
        )
    return control


def _shape(shaped: Property) -> str:
    if shaped.type == "array":
        items = shaped.items
        if items is None:
            return "array"
        return {"object": "rows"}.get(items.type, "choices" if items.choices is not None else _scalars(items.type))
    if shaped.choices is not None:
        return "choice"
    return shaped.format if shaped.format in ("date", "date-time") else shaped.type


def _scalars(kind: str) -> str:
    return {"string": "strings", "boolean": "booleans"}.get(kind, "numbers")


def _usual_control(shaped: Property, shape: str) -> str:
    if shape == "string":
        return "textarea" if (shaped.max_length or 0) > _LONGEST_LINE else "text"
    if shape == "choice":
        return "radio" if len(shaped.choices or ()) <= _MOST_RADIOS else "choice"
    return {
        "boolean": "checkbox",
        "integer": "number",
        "object": "group",
        "strings": "list",
        "numbers": "list",
        "booleans": "list",
        "array": "list",
    }.get(shape, shape)


def _register(notes: Notes, path: str, schema: Mapping[str, object], control: str) -> str | None:
    register = schema.get("x-register")
    if control == "register" and isinstance(register, str) and _NAME.fullmatch(register):
        return register
    if register is not None or control == "register":
        notes.add(
            f"{path}/x-register",
            "控件 register 要用 x-register 写明登记表名称（snake_case）；其他控件不写。",
            "The control register names its register in x-register (snake_case); other controls have none.",
        )
    return None


def _access(notes: Notes, path: str, schema: Mapping[str, object], place: str) -> str:
    access = schema.get("x-access", "edit")
    if not isinstance(access, str) or access not in dialect.ACCESS:
        notes.add(f"{path}/x-access", "x-access 应为 edit、read 或 hidden。", "x-access must be edit, read or hidden.")
        return "edit"
    if "x-access" in schema and place in ("nested", "column", "item"):
        notes.add(
            f"{path}/x-access", "x-access 只能写在最外层的项上。", "x-access stands on outermost properties only."
        )
    return access


def _personal(notes: Notes, path: str, schema: Mapping[str, object], control: str, place: str) -> str | None:
    if "x-personal" not in schema:
        return None
    of = schema["x-personal"]
    at = f"{path}/x-personal"
    if not isinstance(of, str) or of not in dialect.PERSONAL:
        known = ", ".join(sorted(dialect.PERSONAL))
        notes.add(at, f"x-personal 应为 {known} 之一。", f"x-personal must be one of {known}.")
        return None
    if place in ("nested", "column", "item"):
        notes.add(at, "x-personal 只能写在最外层的项上。", "x-personal stands on outermost properties only.")
    if schema.get("x-access", "edit") != "edit" or control in dialect.FILES:
        notes.add(
            at,
            "个人信息加密另存，不能用于只读项、隐藏项和附件。",
            "What is personal is kept apart: a field that is not edited here, or a file, cannot be.",
        )
    return of


def _posts(notes: Notes, path: str, schema: Mapping[str, object], place: str) -> tuple[str, ...]:
    if "x-posts" not in schema:
        return ()
    at, posts = f"{path}/x-posts", schema["x-posts"]
    if not isinstance(posts, list) or not posts or not all(isinstance(one, str) and one for one in posts):
        notes.add(at, "x-posts 应为岗位编码的列表。", "x-posts must be a list of posts, by their keys.")
        return ()
    if place in ("nested", "column", "item"):
        notes.add(at, "x-posts 只能写在最外层的项上。", "x-posts stands on outermost properties only.")
    return tuple(posts)


def _case(notes: Notes, path: str, schema: Mapping[str, object], shaped: Property, place: str) -> str | None:
    if "x-case" not in schema:
        return None
    at, fact = f"{path}/x-case", schema["x-case"]
    if not isinstance(fact, str) or not _NAME.fullmatch(fact) or shaped.type != "string":
        notes.add(at, "x-case 应为事项名称，写在文本项上。", "x-case must be the name of a fact, on a text.")
        return None
    if place in ("nested", "column", "item"):
        notes.add(at, "x-case 只能写在最外层的项上。", "x-case stands on outermost properties only.")
    return fact


def _suffix(notes: Notes, path: str, schema: Mapping[str, object]) -> Text | None:
    unit = schema.get("x-unit")
    if unit is None:
        return None
    both = (unit.get("zh"), unit.get("en")) if isinstance(unit, dict) and set(unit) == {"zh", "en"} else (unit, unit)
    zh, en = both
    if (
        isinstance(zh, str)
        and isinstance(en, str)
        and not CJK.search(en)
        and all(0 < len(one) <= _LONGEST_UNIT for one in (zh, en))
    ):
        return Text(zh, en)
    notes.add(
        f"{path}/x-unit",
        'x-unit 应写作 {"zh": "米", "en": "m"}，或两种语言通用的符号。',
        'Write x-unit as {"zh": "米", "en": "m"}, or as a sign common to both languages.',
    )
    return None
