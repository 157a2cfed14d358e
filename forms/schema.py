"""From a JSON document to a form's model, listing every place where it leaves the safe dialect."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from forms import dialect
from forms.conditions import read_rules
from forms.controls import read_controls
from forms.errors import FormProblem
from forms.formats import CHECKS
from forms.keywords import Notes, describe_type, read_choices, read_limits, read_text
from forms.model import Property, Root, Text
from forms.strict_json import clip

_REF = re.compile(r"#/\$defs/([A-Za-z0-9_.-]{1,63})")
_NAME = re.compile(dialect.NAME)
Where = Literal["root", "nested", "column", "item", "definition"]


def read_root(document: Mapping[str, object], *, conditions: bool = True) -> Root:
    """Returns the model of a form or facts document; raises FormProblem with everything that is wrong."""
    reader = _Reader(document, conditions=conditions)
    try:
        root = reader.root()
    except _EnoughError:
        root = None
    if reader.notes or root is None:
        raise FormProblem(reader.notes)
    return root


class _EnoughError(Exception):
    """No use in reading on: too many problems, or too many fields."""


class _Reader:
    def __init__(self, document: Mapping[str, object], *, conditions: bool) -> None:
        self.document = document
        self.conditions = conditions
        self.most = dialect.MOST_FIELDS if conditions else dialect.MOST_FACTS
        self.notes = Notes(_EnoughError)
        self.fields = 0
        self.used: set[str] = set()
        self.definitions: Mapping[str, object] = {}

    def root(self) -> Root:
        notes, document = self.notes, self.document
        allowed = dialect.ROOT if self.conditions else dialect.ROOT - {"if", "then", "else", "allOf"}
        self.refuse_unknown("", document, allowed)
        if document.get("$schema", dialect.META_SCHEMA) not in (dialect.META_SCHEMA, dialect.META_SCHEMA + "#"):
            notes.add("/$schema", "只支持 JSON Schema 2020-12。", "Only JSON Schema 2020-12 is supported.")
        name = document.get("$id", "")
        if not isinstance(name, str) or "#" in name:
            notes.add("/$id", "$id 应为不含 # 的文字。", "$id must be a text without #.")
        if document.get("type") != "object":
            notes.add("/type", "表单最外层的 type 应为 object。", "The outermost type of a form must be object.")
        title = read_text(notes, "", document, "title", dialect.MOST_TITLE, needed=True)
        help_text = read_text(notes, "", document, "description", dialect.MOST_HELP, needed=False)
        definitions = document.get("$defs", {})
        if isinstance(definitions, dict):
            self.definitions = definitions
        else:
            notes.add("/$defs", "$defs 应为对象。", "$defs must be an object.")
        properties = self.properties("", document, 1, "root", ())
        for name in self.definitions:
            if name not in self.used:
                # It may hold a mistake all the same; it counts among the fields, so that reading has an end.
                self.one(f"/$defs/{_pointer(name)}", name, self.definitions[name], 1, "definition", (name,))
        rules = read_rules(notes, document, properties) if self.conditions else ()
        return Root(title or Text("", ""), help_text, properties, rules)

    def properties(
        self, path: str, raw: Mapping[str, object], level: int, where: Where, inside: tuple[str, ...]
    ) -> tuple[Property, ...]:
        """The properties of one object, `required` and `additionalProperties` with them."""
        notes = self.notes
        if raw.get("additionalProperties", False) is not False:
            notes.add(
                f"{path}/additionalProperties",
                "additionalProperties 只能为 false：未声明的项一律拒绝。",
                "additionalProperties can only be false: undeclared keys are always refused.",
            )
        if level > dialect.MOST_LEVELS:
            notes.add(
                path, f"对象嵌套超过 {dialect.MOST_LEVELS} 层。",
                f"Objects are nested deeper than {dialect.MOST_LEVELS} levels.",
            )  # fmt: skip
            return ()
        declared = raw.get("properties", {})
        if not isinstance(declared, dict):
            notes.add(f"{path}/properties", "properties 应为对象。", "properties must be an object.")
            return ()
        # A task that only needs a confirmation has a form without fields; a part without fields is a slip.
        if not declared and where != "root":
            notes.add(f"{path}/properties", "对象没有任何项。", "The object has no properties.")
        required = self.required(path, raw, declared)
        found = []
        for name, value in declared.items():
            at = f"{path}/properties/{_pointer(name)}"
            if not _NAME.fullmatch(name) or name in dialect.RESERVED_NAMES:
                notes.add(
                    at, f"名称“{clip(name)}”不可用：应为小写英文字母开头的 snake_case。",
                    f"The name “{clip(name)}” cannot be used: write snake_case starting with a letter.",
                )  # fmt: skip
                continue
            read = self.one(at, name, value, level, where, inside)
            if read is not None:
                found.append(replace(read, required=name in required))
        for one in found:
            if one.required and one.access != "edit":
                notes.add(
                    f"{path}/required", f"“{one.name}”不可编辑，因此不能必填。",
                    f"“{one.name}” cannot be edited here, so it cannot be required.",
                )  # fmt: skip
        return tuple(found)

    def required(self, path: str, raw: Mapping[str, object], declared: Mapping[str, object]) -> Sequence[str]:
        names = raw.get("required", [])
        if not isinstance(names, list) or any(not isinstance(name, str) for name in names):
            self.notes.add(f"{path}/required", "required 应为名称列表。", "required must be a list of names.")
            return ()
        for name in names:
            if name not in declared:
                self.notes.add(
                    f"{path}/required", f"required 中的“{clip(name)}”没有声明。",
                    f"required names “{clip(name)}”, which is not declared.",
                )  # fmt: skip
        if len(set(names)) != len(names):
            self.notes.add(f"{path}/required", "required 有重复名称。", "required names something twice.")
        return names

    def one(
        self, path: str, name: str, raw: object, level: int, where: Where, inside: tuple[str, ...]
    ) -> Property | None:
        """One property, item or definition; None when nothing sensible can be made of it."""
        self.fields += 1
        if self.fields > self.most:
            self.notes.add("/", f"超过 {self.most} 个字段。", f"There are more than {self.most} fields.")
            raise _EnoughError
        followed = self.follow(path, raw, inside)
        if followed is None:
            return None
        schema, inside = followed
        kind = schema.get("type")
        if not isinstance(kind, str) or kind not in dialect.BY_TYPE:
            self.notes.add(
                f"{path}/type",
                f"type 应为 string、number、integer、boolean、array、object 之一，现在是 {describe_type(kind)}。",
                f"type must be string, number, integer, boolean, array or object, not {describe_type(kind)}.",
            )
            return None
        self.refuse_unknown(path, schema, dialect.BY_TYPE[kind] | dialect.AROUND | {"type"}, kind)
        if where in ("column", "item") and kind in ("array", "object") and not (where == "item" and kind == "object"):
            self.notes.add(
                path, "列表的每一项只能是单个值，或由单个值组成的行。",
                "An item of a list is a single value, or a row of single values.",
            )  # fmt: skip
            return None
        titled = where in ("root", "nested", "column")
        title = read_text(self.notes, path, schema, "title", dialect.MOST_TITLE, needed=titled)
        shaped = Property(
            name=name,
            type=kind,
            title=title or Text(name, name),
            help=read_text(self.notes, path, schema, "description", dialect.MOST_HELP, needed=False),
        )
        shaped = replace(shaped, **read_limits(self.notes, path, schema, kind))
        if kind in ("string", "number", "integer", "boolean"):
            shaped = replace(shaped, choices=read_choices(self.notes, path, schema, kind))
        if kind == "string":
            shaped = replace(shaped, format=self.format(path, schema))
        if kind == "object":
            deeper: Where = "column" if where == "item" else "nested"
            shaped = replace(shaped, properties=self.properties(path, schema, level + 1, deeper, inside))
        if kind == "array":
            shaped = self.items(path, schema, level, shaped, inside)
        return read_controls(self.notes, path, schema, shaped, place=where)

    def follow(
        self, path: str, raw: object, inside: tuple[str, ...]
    ) -> tuple[Mapping[str, object], tuple[str, ...]] | None:
        """`raw` with its `$ref`s replaced by what they point at; `inside` grows by their names."""
        around: dict[str, object] = {}
        while True:
            if not isinstance(raw, dict):
                self.notes.add(path, "此处应为对象 { }。", "An object { } is expected here.")
                return None
            if "$ref" not in raw:
                return {**raw, **around}, inside
            self.refuse_unknown(path, raw, dialect.AROUND | {"$ref"}, "$ref")
            around = {**{key: value for key, value in raw.items() if key in dialect.AROUND}, **around}
            target = raw["$ref"]
            match = _REF.fullmatch(target) if isinstance(target, str) else None
            if match is None:
                self.notes.add(
                    f"{path}/$ref", f"$ref 只能指向本文件的 #/$defs/名称，不能是“{clip(target)}”。",
                    f"$ref may only point at #/$defs/name of this file, not “{clip(target)}”.",
                )  # fmt: skip
                return None
            name = match.group(1)
            if name in inside:
                circle = " → ".join((*inside[inside.index(name) :], name))
                self.notes.add(f"{path}/$ref", f"$ref 循环引用：{circle}。", f"$ref goes in a circle: {circle}.")
                return None
            if len(inside) >= dialect.MOST_REFS:
                self.notes.add(
                    f"{path}/$ref", f"$ref 连续超过 {dialect.MOST_REFS} 次。",
                    f"More than {dialect.MOST_REFS} $refs follow each other.",
                )  # fmt: skip
                return None
            if name not in self.definitions:
                self.notes.add(f"{path}/$ref", f"$defs 中没有“{name}”。", f"$defs has no “{name}”.")
                return None
            self.used.add(name)
            inside = (*inside, name)
            raw = self.definitions[name]

    def format(self, path: str, schema: Mapping[str, object]) -> str | None:
        if "format" not in schema:
            return None
        name = schema["format"]
        if not isinstance(name, str) or name not in CHECKS:
            known = ", ".join(CHECKS)
            self.notes.add(
                f"{path}/format", f"不支持的 format“{clip(name)}”，可用：{known}。",
                f"The format “{clip(name)}” is not supported; use {known}.",
            )  # fmt: skip
            return None
        return name

    def items(
        self, path: str, schema: Mapping[str, object], level: int, shaped: Property, inside: tuple[str, ...]
    ) -> Property:
        if "items" not in schema:
            self.notes.add(f"{path}/items", "列表没有声明 items。", "The list does not declare its items.")
            return shaped
        item = self.one(f"{path}/items", shaped.name, schema["items"], level, "item", inside)
        if item is None:
            return shaped
        if shaped.unique and item.type == "object":
            self.notes.add(
                f"{path}/uniqueItems", "uniqueItems 只用于单个值的列表。",
                "uniqueItems is for lists of single values.",
            )  # fmt: skip
        return replace(shaped, items=replace(item, title=shaped.title))

    def refuse_unknown(self, path: str, raw: Mapping[str, object], allowed: frozenset[str], kind: str = "") -> None:
        for key in raw:
            if key == "$comment" and not isinstance(raw[key], str):
                self.notes.add(f"{path}/$comment", "$comment 应为文字。", "$comment must be a text.")
            if key in allowed:
                continue
            zh, en = dialect.HINTS.get(key, ("", ""))
            shown = clip(key)
            if kind and key in dialect.KNOWN_KEYWORDS:
                zh, en = f"“{shown}”不能与 {kind} 同用。{zh}", f"“{shown}” does not go with {kind}. {en}".rstrip()
            else:
                zh, en = f"不支持的关键字“{shown}”。{zh}", f"The keyword “{shown}” is not supported. {en}".rstrip()
            self.notes.add(f"{path}/{_pointer(key)}", zh, en)


def _pointer(key: str) -> str:
    return clip(key).replace("~", "~0").replace("/", "~1")
