"""From a JSON document to a form's model, listing every place where it leaves the safe dialect."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from forms import dialect
from forms.conditions import read_rules
from forms.errors import MOST_PROBLEMS, FormProblem, Problem
from forms.formats import CHECKS
from forms.keywords import Notes, describe_type, is_finite, read_choices, read_limits, read_text
from forms.model import Property, Root, Text
from forms.strict_json import clip

_REF = re.compile(r"#/\$defs/([A-Za-z0-9_.-]{1,63})")
_NAME = re.compile(dialect.NAME)
_CJK = re.compile("[\u3400-\u9fff]")
Where = Literal["root", "nested", "column", "item", "definition"]


def read_root(document: Mapping[str, object], *, conditions: bool = True) -> Root:
    """Returns the model of a form or facts document; raises FormProblem with everything that is wrong."""
    reader = _Reader(document, conditions)
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
    def __init__(self, document: Mapping[str, object], conditions: bool) -> None:
        self.document = document
        self.conditions = conditions
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
        if not isinstance(document.get("$id", ""), str):
            notes.add("/$id", "$id 应为文字。", "$id must be a text.")
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
                self.unused_definition(name)
        rules = read_rules(notes, document, properties) if self.conditions else ()
        return Root(title or Text("", ""), help_text, properties, rules)

    def unused_definition(self, name: str) -> None:
        before, self.used = self.fields, self.used | {name}
        self.one(f"/$defs/{_pointer(name)}", name, self.definitions[name], 1, "definition", (name,))
        self.fields = before

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
        if not declared:
            # A task that only needs a confirmation has a form without fields; a part without fields is a slip.
            if where != "root":
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
        if self.fields > dialect.MOST_FIELDS:
            self.notes.add(
                "/", f"超过 {dialect.MOST_FIELDS} 个字段。", f"There are more than {dialect.MOST_FIELDS} fields."
            )
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
        return self.around(path, schema, where, shaped)

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
            if name not in self.definitions:
                self.notes.add(f"{path}/$ref", f"$defs 中没有“{name}”。", f"$defs has no “{name}”.")
                return None
            self.used.add(name)
            inside = (*inside, name)
            raw = self.definitions[name]

    def format(self, path: str, schema: Mapping[str, object]) -> str | None:
        name = schema.get("format")
        if name is None:
            return None
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

    def around(self, path: str, schema: Mapping[str, object], where: Where, shaped: Property) -> Property:
        """The keywords of ours: control, register, access, unit; and the default as it stands."""
        notes = self.notes
        shape = _shape(shaped)
        control = schema.get("x-control", _usual_control(shaped, shape))
        if not isinstance(control, str) or control not in dialect.CONTROLS:
            known = ", ".join(dialect.CONTROLS)
            notes.add(
                f"{path}/x-control", f"没有控件“{clip(control)}”，可用：{known}。",
                f"There is no control “{clip(control)}”; use {known}.",
            )  # fmt: skip
            control = "text"
        elif shape not in dialect.CONTROLS[control] and shape != "array":
            notes.add(
                f"{path}/x-control", f"控件 {control} 不适用于此项（{shape}）。",
                f"The control {control} does not suit this property ({shape}).",
            )  # fmt: skip
        if where == "item" and "x-control" in schema:
            notes.add(
                f"{path}/x-control",
                "x-control 应写在列表上，而不是 items 上。",
                "Write x-control on the list, not on its items.",
            )
        register = schema.get("x-register")
        if (register is not None or control == "register") and not (
            isinstance(register, str) and _NAME.fullmatch(register) and control == "register"
        ):
            notes.add(
                f"{path}/x-register", "控件 register 要用 x-register 写明登记表名称（snake_case）；其他控件不写。",
                "The control register names its register in x-register (snake_case); other controls have none.",
            )  # fmt: skip
            register = None
        access = schema.get("x-access", "edit")
        if not isinstance(access, str) or access not in dialect.ACCESS:
            notes.add(
                f"{path}/x-access", "x-access 应为 edit、read 或 hidden。", "x-access must be edit, read or hidden."
            )
            access = "edit"
        elif "x-access" in schema and where in ("nested", "column", "item"):
            notes.add(
                f"{path}/x-access", "x-access 只能写在最外层的项上。", "x-access stands on outermost properties only."
            )
        return replace(
            shaped,
            control=control,
            register=register if isinstance(register, str) else None,
            access=access,
            suffix=self.suffix(path, schema),
            default=schema.get("default"),
        )

    def suffix(self, path: str, schema: Mapping[str, object]) -> Text | None:
        unit = schema.get("x-unit")
        if unit is None:
            return None
        if isinstance(unit, str) and 0 < len(unit) <= 20 and not _CJK.search(unit):
            return Text(unit, unit)
        if isinstance(unit, dict) and set(unit) == {"zh", "en"}:
            zh, en = unit["zh"], unit["en"]
            if isinstance(zh, str) and isinstance(en, str) and 0 < len(zh) <= 20 and 0 < len(en) <= 20:
                return Text(zh, en)
        self.notes.add(
            f"{path}/x-unit", "x-unit 应写作 {\"zh\": \"米\", \"en\": \"m\"}，或两种语言通用的符号。",
            "Write x-unit as {\"zh\": \"米\", \"en\": \"m\"}, or as a sign common to both languages.",
        )  # fmt: skip
        return None

    def refuse_unknown(self, path: str, raw: Mapping[str, object], allowed: frozenset[str], kind: str = "") -> None:
        for key in raw:
            if key in allowed:
                continue
            zh, en = dialect.HINTS.get(key, ("", ""))
            shown = clip(key)
            if kind and key in dialect.KNOWN_KEYWORDS:
                zh, en = f"“{shown}”不能与 {kind} 同用。{zh}", f"“{shown}” does not go with {kind}. {en}".rstrip()
            else:
                zh, en = f"不支持的关键字“{shown}”。{zh}", f"The keyword “{shown}” is not supported. {en}".rstrip()
            self.notes.add(f"{path}/{_pointer(key)}", zh, en)


def _shape(shaped: Property) -> str:
    if shaped.type == "array":
        items = shaped.items
        if items is None:
            return "array"
        if items.type == "object":
            return "rows"
        if items.choices is not None:
            return "choices"
        return {"string": "strings", "number": "numbers", "integer": "numbers"}.get(items.type, "booleans")
    if shaped.choices is not None:
        return "choice"
    if shaped.format in ("date", "date-time"):
        return shaped.format
    return shaped.type


def _usual_control(shaped: Property, shape: str) -> str:
    if shape == "string":
        return "textarea" if (shaped.max_length or 0) > 200 else "text"
    if shape == "choice":
        return "radio" if len(shaped.choices or ()) <= 4 else "choice"
    usual = {"boolean": "checkbox", "integer": "number", "strings": "list", "numbers": "list", "object": "group", "array": "list"}
    return usual.get(shape, shape)


def _pointer(key: str) -> str:
    return clip(key).replace("~", "~0").replace("/", "~1")


__all__ = ["MOST_PROBLEMS", "Problem", "is_finite", "read_root"]
