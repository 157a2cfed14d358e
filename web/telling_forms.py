"""A form in its editor, in words: its fields in order, their kinds and rights, when they are shown, and what is wrong where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.bpmn.problems import Problem
from forms import editing
from forms.editing import KINDS, Settings, When
from web import form_editing
from web.form_editing import Opened
from web.texts import locale, t

ACCESS: Mapping[str, tuple[str, str]] = {
    "edit": ("可填写", "Filled in"),
    "read": ("只读", "Read only"),
    "hidden": ("不显示", "Not shown"),
}
PERSONAL: Mapping[str, tuple[str, str]] = {
    "name": ("姓名", "Name"),
    "contact": ("联系方式", "Contact"),
    "id_number": ("证件号码", "Number of an identity document"),
    "home": ("住址", "Home"),
    "health": ("健康", "Health"),
    "account": ("账户", "Account"),
    "other": ("其他个人信息", "Something else personal"),
}
FORMATS: Mapping[str, tuple[str, str]] = {
    "": ("任意文字", "Any text"),
    "phone": ("电话号码", "Telephone number"),
    "email": ("电子邮箱", "E-mail address"),
    "uri": ("网址", "Web address"),
    "uuid": ("UUID", "UUID"),
}
LOOKS: Mapping[str, tuple[str, str]] = {
    "": ("自动（不超过四项时平铺）", "By itself (up to four lie open)"),
    "radio": ("平铺", "Lying open"),
    "choice": ("下拉", "Drop-down"),
}
_INPUTS = (
    ("/x-title", "en"), ("/title", "zh"), ("/x-description", "help_en"), ("/description", "help_zh"), ("/minLength", "min_length"),
    ("/maxLength", "max_length"), ("/pattern", "pattern"), ("/minimum", "minimum"), ("/maximum", "maximum"), ("/minItems", "min_items"),
    ("/maxItems", "max_items"), ("/x-unit", "suffix_zh"), ("/oneOf", "options"), ("/items/oneOf", "options"), ("/x-personal", "personal"),
    ("/x-access", "access"), ("/x-register", "register"), ("/format", "format"),
    ("/default", "default"), ("/x-posts", "posts"), ("/uniqueItems", "unique"),
)  # fmt: skip
"""Where in a field a problem lies, and which input of its page stands for it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A field in the list. `inner`: it is a column or a part; `holds`: one may put fields into it."""

    path: str
    label: str
    kind: str
    marks: tuple[str, ...]
    problems: tuple[str, ...]
    inner: bool
    holds: bool
    first: bool
    last: bool


def lines(found: Opened, wrong: Sequence[Problem]) -> tuple[list[Line], list[str]]:
    """The fields in their order with what is wrong with each, and what is wrong with no field of the form."""
    document = found.document
    paths = [
        each
        for name in editing.names_in(document)
        for each in (name, *(f"{name}.{p}" for p in editing.names_in(document, name)))
    ]
    at: dict[str, list[str]] = {path: [] for path in paths}
    rest: list[str] = []
    for one in wrong:
        held = [path for path in paths if lies_in(one.element, form_editing.pointer(document, path))]
        (at[held[-1]] if held else rest).append(one.text(locale()))
    return [_line(document, path, at[path]) for path in paths], rest


def lies_in(place: str, pointer: str) -> bool:
    """Whether a problem's place is the field at `pointer`, or inside it."""
    return place == pointer or place.startswith(pointer + "/")


def at_inputs(problems: Sequence[Problem], pointer: str) -> tuple[dict[str, str], list[str]]:
    """The sentences by the input they belong to, and those that belong to none."""
    placed: dict[str, str] = {}
    rest = []
    for one in problems:
        place = one.element.removeprefix(pointer) if lies_in(one.element, pointer) else "?"
        name = next((name for start, name in _INPUTS if place.startswith(start)), "")
        if name and name not in placed:
            placed[name] = one.text(locale())
        else:
            rest.append(one.text(locale()))
    return placed, rest


def label(document: Mapping[str, Any], path: str) -> str:
    """What a field is called; its name where it has no label."""
    schema, _ = editing.find(document, path)
    said = editing.settings_of(schema, required=False)
    return t(said.zh, said.en) or path


def kind(schema: Mapping[str, Any]) -> str:
    """What kind of field it is."""
    return KINDS[editing.kind_of(schema)].name.of(locale())


def when(document: Mapping[str, Any], one: When) -> str:
    """A condition as a sentence."""
    tests = t("，且", " and ").join(_test(document, name, test) for name, test in one.tests.items())
    words = t(f"不满足：{tests}", f"not: {tests}") if one.negate else tests
    if one.required:
        words += t("；这时必填", "; must be filled then")
    if one.narrows:
        words += t("；这时限制更严（保持不变）", "; its limits are tighter then (kept as they are)")
    return words


def _test(document: Mapping[str, Any], name: str, test: Any) -> str:
    try:
        schema, _ = editing.find(document, name)
    except editing.NoSuchField:
        return name
    if not isinstance(test, dict):
        return name
    asked = test.get("contains", test) if isinstance(test.get("contains", test), dict) else test
    called = t(f"“{label(document, name)}”", f"“{label(document, name)}”")
    values = [asked["const"]] if "const" in asked else asked.get("enum")
    if isinstance(values, list):
        shown = t("、", ", ").join(value(schema, each) for each in values)
        word = (
            t("含有", "has")
            if "contains" in test
            else t("是", "is")
            if len(values) == 1
            else t("是其中之一", "is one of")
        )
        return f"{called} {word} {shown}"
    low, high = asked.get("minimum"), asked.get("maximum")
    if low is not None and high is not None:
        return t(f"{called} 在 {low} 到 {high} 之间", f"{called} is from {low} to {high}")
    return t(f"{called} ≥ {low}", f"{called} ≥ {low}") if low is not None else f"{called} ≤ {high}"


def value(schema: Mapping[str, Any], each: object) -> str:
    """A value of a field as people read it."""
    if isinstance(each, bool):
        return t("是", "yes") if each else t("否", "no")
    options = editing.settings_of(schema, required=False).options
    found = next(
        (one for one in options if one.value == each and isinstance(one.value, bool) == isinstance(each, bool)), None
    )
    return t(found.zh, found.en) if found else str(each)


def _line(document: Mapping[str, Any], path: str, problems: list[str]) -> Line:
    schema, required = editing.find(document, path)
    said = editing.settings_of(schema, required=required)
    inner = editing.parent_of(path)
    beside = editing.names_in(document, inner)
    name = path.rpartition(".")[2]
    marks = []
    if required:
        marks.append(t("必填", "required"))
    if said.access in ("read", "hidden"):
        marks.append(t(*ACCESS[said.access]))
    if not inner and editing.shown_when(document, name):
        marks.append(t("有条件", "on a condition"))
    if said.personal:
        marks.append(t("个人信息", "personal"))
    return Line(
        path=path,
        label=t(said.zh, said.en) or name,
        kind=kind(schema),
        marks=tuple(marks),
        problems=tuple(problems),
        inner=bool(inner),
        holds=bool(editing.names_in(document, path)),
        first=beside[0] == name,
        last=beside[-1] == name,
    )


def kept(schema: Mapping[str, Any], said: Settings) -> list[str]:
    """What stands in a field that the page does not offer: kept as it is."""
    found = []
    can = KINDS[editing.kind_of(schema)].settings
    if schema.get("default") is not None and "default" not in can:
        shown = value(schema, schema["default"])
        found.append(t(f"默认值：{shown}", f"Default: {shown}"))
    if schema.get("uniqueItems") and "unique" not in can:
        found.append(t("各项不得重复", "No item twice"))
    if "const" in schema and not said.must_tick:
        found.append(t(f"只能是 {schema['const']}", f"Can only be {schema['const']}"))
    return found
