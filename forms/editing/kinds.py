"""The kinds of fields one chooses from, each with the document it begins as; and which kind a field of a file is."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forms.model import Text

Schema = dict[str, Any]

_LONG = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of field. `settings`: what is set on it beside labels and rights. `inner`: it may be a column of rows or a part of a group.
    `offered`: one may make one; others come from files only."""

    key: str
    name: Text
    help: Text
    schema: Mapping[str, Any] = field(default_factory=dict)
    settings: frozenset[str] = frozenset()
    inner: bool = True
    offered: bool = True

    def begin(self) -> Schema:
        """A new field's keywords, without its labels."""
        return copy.deepcopy(dict(self.schema))


def _choice(value: str, zh: str, en: str) -> Schema:
    return {"const": value, "title": zh, "x-title": {"en": en}}


_TWO = [_choice("first", "选项一", "First choice"), _choice("second", "选项二", "Second choice")]
_PART = {"content": {"type": "string", "title": "内容", "x-title": {"en": "Content"}, "maxLength": 200}}
_KEYS = {"type": "string", "maxLength": 200}
_BEGUN = frozenset({"default"})
_LENGTH = frozenset({"length"})
_RANGE = frozenset({"range", "suffix"})
_COUNT = frozenset({"count"})
_UNLIKE = _COUNT | {"unique"}


def _kinds() -> dict[str, Kind]:
    one, no = Kind, Text("", "")
    found = [
        one("text", Text("单行文字", "Text, one line"), no, {"type": "string", "maxLength": 200}, _LENGTH | _BEGUN | {"format"}),
        one("textarea", Text("多行文字", "Text, several lines"), no,
            {"type": "string", "x-control": "textarea", "maxLength": 2000}, _LENGTH | _BEGUN),
        one("number", Text("数字", "Number"), Text("可以有小数", "with decimals"), {"type": "number"}, _RANGE | _BEGUN),
        one("integer", Text("整数", "Whole number"), no, {"type": "integer"}, _RANGE | _BEGUN),
        one("choice", Text("单选", "One of several"), no, {"type": "string", "oneOf": _TWO}, _BEGUN | {"choices", "look"}),
        one("choices", Text("多选", "Any of several"), no,
            {"type": "array", "x-control": "choices", "items": {"type": "string", "oneOf": _TWO}}, _COUNT | {"choices"}, inner=False),
        one("checkbox", Text("是或否", "Yes or no"), Text("一个可以打勾的方框", "a box to tick"), {"type": "boolean"}, _BEGUN | {"tick"}),
        one("date", Text("日期", "Date"), no, {"type": "string", "format": "date"}),
        one("date-time", Text("日期和时间", "Date and time"), no, {"type": "string", "format": "date-time"}),
        one("person", Text("人员", "Person"), Text("本系统的用户", "somebody of this system"),
            {"type": "string", "x-control": "person", "maxLength": 64}),
        one("people", Text("多名人员", "People"), no,
            {"type": "array", "x-control": "person", "items": {"type": "string", "maxLength": 64}, "maxItems": 20}, _UNLIKE, inner=False),
        one("unit", Text("单位", "Unit"), no, {"type": "string", "x-control": "unit", "maxLength": 64}),
        one("units", Text("多个单位", "Units"), no,
            {"type": "array", "x-control": "unit", "items": {"type": "string", "maxLength": 64}, "maxItems": 20}, _UNLIKE, inner=False),
        one("place", Text("地点", "Place"), Text("文字加地图上的位置", "in words, and on the map"),
            {"type": "string", "x-control": "place", "maxLength": 200}, _LENGTH, inner=False),
        one("photo", Text("照片", "Photos"), no,
            {"type": "array", "x-control": "photo", "items": _KEYS, "maxItems": 6}, _COUNT, inner=False),
        one("file", Text("附件", "Files"), no,
            {"type": "array", "x-control": "file", "items": _KEYS, "maxItems": 10}, _COUNT, inner=False),
        one("signature", Text("签名", "Signature"), Text("手写或照片", "drawn, or a photo"),
            {"type": "string", "x-control": "signature", "maxLength": 200}, inner=False),
        one("register", Text("查登记表", "Look-up in a register"), Text("选登记表中的一行", "a row of a register"),
            {"type": "string", "x-control": "register", "x-register": "areas", "maxLength": 64}, frozenset({"register"})),
        one("registers", Text("查登记表（多行）", "Look-up, several rows"), no,
            {"type": "array", "x-control": "register", "x-register": "areas", "items": _KEYS, "maxItems": 50},
            _UNLIKE | {"register"}, inner=False),
        one("list", Text("文字列表", "List of texts"), Text("每行一条", "one a line"),
            {"type": "array", "items": {"type": "string", "maxLength": 200}, "maxItems": 50}, _UNLIKE, inner=False),
        one("rows", Text("重复行", "Repeating rows"), Text("可增减的表格，列另设", "a table one adds rows to; its columns are set apart"),
            {"type": "array", "x-control": "rows", "items": {"type": "object", "properties": _PART}, "maxItems": 50}, _COUNT, inner=False),
        one("group", Text("一组栏目", "Group of fields"), no, {"type": "object", "properties": _PART}, inner=False),
        one("link", Text("链接", "Link"), no, offered=False),
        one("hidden", Text("不显示的栏目", "Field that is not drawn"), no, settings=_RANGE, offered=False),
        one("other", Text("其他", "Something else"), no, offered=False),
    ]  # fmt: skip
    return {each.key: each for each in found}


KINDS: Mapping[str, Kind] = _kinds()
"""Kinds by key, in the order in which they are offered."""

_MANY = {"person": "people", "unit": "units", "register": "registers", "photo": "photo", "file": "file"}
_PLAIN = frozenset({"person", "unit", "place", "photo", "file", "signature", "register", "link", "hidden"})


def kind_of(schema: Mapping[str, Any]) -> str:
    """The kind of a field by its keywords (its `$ref` followed); "other" where none of ours is it."""
    control = schema.get("x-control")
    match schema.get("type"):
        case "array":
            return _of_items(schema.get("items"), control)
        case "object":
            return "group"
        case "boolean":
            return "hidden" if control == "hidden" else "checkbox"
        case "number" | "integer" as kind:
            has_choices = "oneOf" in schema or "enum" in schema
            return "hidden" if control == "hidden" else "other" if has_choices else str(kind)
        case "string":
            return _of_string(schema, control)
    return "other"


def _of_items(items: Any, control: Any) -> str:
    if not isinstance(items, dict):
        return "other"
    if items.get("type") == "object":
        return "rows"
    if items.get("type") != "string":
        return "other"
    if "oneOf" in items or "enum" in items:
        return "choices"
    return _MANY.get(str(control), "list")


def _of_string(schema: Mapping[str, Any], control: Any) -> str:
    if control in _PLAIN:
        return str(control)
    if "oneOf" in schema or "enum" in schema:
        return "choice"
    if schema.get("format") in ("date", "date-time"):
        return str(schema["format"])
    longest = schema.get("maxLength")
    long = isinstance(longest, int) and longest > _LONG
    return "textarea" if control == "textarea" or (control is None and long) else "text"
