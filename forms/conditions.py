"""One level of if/then/else: what a field's value asks of other fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from forms import dialect
from forms.keywords import Notes, fits_type, is_finite, read_choices, read_limits
from forms.model import Branch, Property, Rule, Scalar, Test
from forms.strict_json import clip

_SCALARS = ("string", "number", "integer", "boolean")


def read_rules(notes: Notes, document: Mapping[str, object], properties: Sequence[Property]) -> tuple[Rule, ...]:
    """The root's own if/then/else and those listed in its `allOf`."""
    declared = {one.name: one for one in properties}
    rules = []
    if any(key in document for key in ("if", "then", "else")):
        rules.append(_rule(notes, "", document, declared))
    for index, entry in enumerate(_listed(notes, document)):
        at = f"/allOf/{index}"
        if not isinstance(entry, dict) or not set(entry) <= {"if", "then", "else"}:
            notes.add(at, "allOf 的每一条只能是 if/then/else。", "Every entry of allOf must be an if/then/else.")
            continue
        rules.append(_rule(notes, at, entry, declared))
    return tuple(rule for rule in rules if rule is not None)


def _listed(notes: Notes, document: Mapping[str, object]) -> list[Any]:
    listed = document.get("allOf", [])
    if isinstance(listed, list) and len(listed) <= dialect.MOST_RULES and (listed or "allOf" not in document):
        return listed
    notes.add(
        "/allOf",
        f"allOf 应为 1 到 {dialect.MOST_RULES} 条 if/then/else 的列表。",
        f"allOf must be a list of 1 to {dialect.MOST_RULES} if/then/else.",
    )
    return []


def _rule(notes: Notes, path: str, raw: Mapping[str, Any], declared: Mapping[str, Property]) -> Rule | None:
    if "if" not in raw or not ("then" in raw or "else" in raw):
        notes.add(f"{path}/if", "条件要有 if，并有 then 或 else。", "A condition needs if, and then or else.")
        return None
    tests = _tests(notes, f"{path}/if", raw["if"], declared)
    then = _branch(notes, f"{path}/then", raw.get("then", {}), declared)
    other = _branch(notes, f"{path}/else", raw.get("else", {}), declared)
    return Rule(tests, then, other)


def _tests(notes: Notes, path: str, raw: object, declared: Mapping[str, Property]) -> tuple[Test, ...]:
    if not isinstance(raw, dict) or set(raw) != {"properties", "required"}:
        notes.add(
            path, 'if 应写作 {"properties": {字段: 条件}, "required": [字段]}。',
            'Write if as {"properties": {field: test}, "required": [field]}.',
        )  # fmt: skip
        return ()
    asked, required = raw["properties"], raw["required"]
    if not isinstance(asked, dict) or not asked:
        notes.add(f"{path}/properties", "if 要针对至少一个字段。", "if must test at least one field.")
        return ()
    # Without `required`, JSON Schema lets the condition hold while the field is empty: never what is meant.
    if not isinstance(required, list) or sorted(map(str, required)) != sorted(asked):
        notes.add(
            f"{path}/required", "if 的 required 要列出其 properties 的每个字段，且仅此而已。",
            "The required of if must list exactly the fields of its properties.",
        )  # fmt: skip
    found = []
    for name, wanted in asked.items():
        at = f"{path}/properties/{clip(name)}"
        field = declared.get(name)
        if field is None:
            notes.add(at, f"没有声明字段“{clip(name)}”。", f"The field “{clip(name)}” is not declared.")
            continue
        test = _test(field, wanted)
        if test is None:
            notes.add(
                at, "条件应为 const、enum、minimum/maximum，或列表的 contains，且类型与字段一致。",
                "The test must be const, enum, minimum/maximum, or contains for a list, of the field's own type.",
            )  # fmt: skip
            continue
        found.append(test)
    return tuple(found)


def _test(field: Property, wanted: object) -> Test | None:
    if not isinstance(wanted, dict):
        return None
    if field.type == "array" and set(wanted) == {"contains"} and field.items and field.items.type in _SCALARS:
        values = _wanted(wanted["contains"], field.items.type)
        return Test(field.name, "contains", values) if values else None
    if field.type not in _SCALARS:
        return None
    if set(wanted) <= {"const", "enum"}:
        values = _wanted(wanted, field.type)
        return Test(field.name, "in", values) if values else None
    is_range = set(wanted) <= {"minimum", "maximum"} and field.type in ("number", "integer")
    if is_range and all(is_finite(end) for end in wanted.values()):
        return Test(field.name, "range", (), wanted.get("minimum"), wanted.get("maximum"))
    return None


def _wanted(raw: object, kind: str) -> tuple[Scalar, ...]:
    """The values of `{"const": …}` or `{"enum": […]}`; empty when it is neither or of another type."""
    if not isinstance(raw, dict) or len(raw) != 1:
        return ()
    values = [raw["const"]] if "const" in raw else raw.get("enum")
    if not isinstance(values, list) or not all(fits_type(value, kind) for value in values):
        return ()
    return tuple(values)


def _branch(notes: Notes, path: str, raw: object, declared: Mapping[str, Property]) -> Branch:
    if not isinstance(raw, dict) or set(raw) - {"required", "properties"}:
        notes.add(
            path, "then 与 else 只能含 required 和 properties（仅一层）。",
            "then and else hold only required and properties (one level).",
        )  # fmt: skip
        return Branch()
    required, narrowed = raw.get("required", []), raw.get("properties", {})
    if not isinstance(required, list) or any(not isinstance(name, str) for name in required):
        notes.add(f"{path}/required", "required 应为名称列表。", "required must be a list of names.")
        required = []
    if len(set(required)) != len(required):
        notes.add(f"{path}/required", "required 有重复名称。", "required names something twice.")
    if not isinstance(narrowed, dict):
        notes.add(f"{path}/properties", "properties 应为对象。", "properties must be an object.")
        narrowed = {}
    for name in (*required, *narrowed):
        field = declared.get(name)
        if field is None or field.access != "edit":
            notes.add(
                path, f"“{clip(name)}”没有声明，或在此不可编辑。",
                f"“{clip(name)}” is not declared, or cannot be edited here.",
            )  # fmt: skip
    tight = [
        _narrowed(notes, f"{path}/properties/{name}", limits, declared[name])
        for name, limits in narrowed.items()
        if name in declared and limits is not True
    ]
    return Branch(
        tuple(name for name in required if name in declared),
        tuple(one for one in tight if one is not None),
        frozenset(required) | frozenset(narrowed),
    )


def _narrowed(notes: Notes, path: str, limits: object, field: Property) -> Property | None:
    """A bare copy of the field that knows only the limits this branch adds."""
    allowed = dialect.NARROWING[field.type]
    if not isinstance(limits, dict) or not set(limits) <= allowed:
        listed = ", ".join(sorted(allowed)) or "-"
        notes.add(path, f"此处只能为 true，或收紧：{listed}。", f"Write true here, or narrow by: {listed}.")
        return None
    bare = Property(name=field.name, type=field.type, title=field.title, items=field.items)
    choices = None
    if "enum" in limits:
        values = limits["enum"]
        titled = {choice.value: choice for choice in field.choices or ()}
        if isinstance(values, list) and values and all(_hashable(v) and v in titled for v in values):
            choices = tuple(titled[value] for value in values)
        else:
            choices = read_choices(notes, path, {"enum": values}, field.type)
    return replace(bare, choices=choices, **read_limits(notes, path, limits, field.type))


def _hashable(value: object) -> bool:
    return isinstance(value, str | int | float)


__all__ = ["read_rules"]
