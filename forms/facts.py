"""What a process knows of an instance: names, types and labels of its facts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from forms.compiled import compile_check, undeclared
from forms.errors import MOST_PROBLEMS, FormProblem, Problem
from forms.model import Property, Text
from forms.schema import read_root
from forms.strict_json import MOST_LEVELS, clip, parse_object


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: `type` is a JSON Schema type, `labels` the titles of its values where it has choices."""

    name: str
    type: str
    title: Text
    format: str | None
    labels: Mapping[object, Text]
    property: Property

    def label_of(self, value: object, locale: str) -> str:
        """A value as people read it; empty for null."""
        if value is None:
            return ""
        if isinstance(value, list):
            separator = ", " if locale.startswith("en") else "、"
            return separator.join(self.label_of(item, locale) for item in value)
        if isinstance(value, bool) and value not in self.labels:
            return ("Yes" if value else "No") if locale.startswith("en") else ("是" if value else "否")
        label = self.labels.get(value) if isinstance(value, str | int | float) else None
        return label.of(locale) if label else str(value)


class FactsSchema:
    """The facts of one process. It never changes."""

    def __init__(self, title: Text, properties: Sequence[Property]) -> None:
        self.title = title
        self.facts: Mapping[str, Fact] = {one.name: _fact(one) for one in properties}
        self._checks = {one.name: compile_check(one) for one in properties}

    @property
    def names(self) -> frozenset[str]:
        """Every fact's name: what an expression may use."""
        return frozenset(self.facts)

    def __contains__(self, name: object) -> bool:
        return name in self.facts

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts.values())

    def label(self, name: str, locale: str) -> str:
        """The title of a fact; its own name when it is not declared."""
        fact = self.facts.get(name)
        return fact.title.of(locale) if fact else name

    def value_label(self, name: str, value: object, locale: str) -> str:
        """A fact's value as people read it: the title of a choice, 是/否, else the value itself."""
        fact = self.facts.get(name)
        if fact:
            return fact.label_of(value, locale)
        return "" if value is None else str(value)

    def type_of(self, path: str) -> str | None:
        """The type at a dotted path (`standard.code`), None when nothing is declared there.

        A list's item is reached by its own columns (`materials.amount`), as FEEL projects them.
        """
        head, *rest = path.split(".")
        fact = self.facts.get(head)
        one = fact.property if fact else None
        for name in rest:
            holder = one.items if one is not None and one.type == "array" else one
            one = next((part for part in holder.properties if part.name == name), None) if holder else None
        return one.type if one else None

    def problems(self, values: Mapping[str, object]) -> list[Problem]:
        """Where values do not fit their facts' types; undeclared names are problems too. Nothing is required."""
        found: list[Problem] = []
        for name, value in values.items():
            check = self._checks.get(name)
            if check is None:
                undeclared(found, clip(name), name)
            else:
                check(value, name, found)
            if len(found) >= MOST_PROBLEMS:
                break
        return found

    def disagreements(self, properties: Sequence[Property]) -> list[Problem]:
        """Where a form's properties and the facts of the same names disagree about a type."""
        found: list[Problem] = []
        for one in properties:
            fact = self.facts.get(one.name)
            if fact is not None:
                _compare(f"/properties/{one.name}", one, fact.property, found)
        return found


def load_facts(source: bytes | Mapping[str, object]) -> FactsSchema:
    """Returns the facts schema in a file's bytes (or parsed document); raises FormProblem with every problem.

    The dialect is that of forms, without conditions; `required`, controls and access mean nothing here.
    """
    return _load(source if isinstance(source, bytes) else as_bytes(source))


@lru_cache(maxsize=128)
def _load(data: bytes) -> FactsSchema:
    root = read_root(parse_object(data), conditions=False)
    return FactsSchema(root.title, root.properties)


def as_bytes(document: Mapping[str, object]) -> bytes:
    """A parsed document as a file again, so that both take the same strict road; raises FormProblem."""
    try:
        return json.dumps(document, ensure_ascii=True, allow_nan=False).encode("ascii")
    except RecursionError:
        zh, en = f"嵌套超过 {MOST_LEVELS} 层。", f"It is nested deeper than {MOST_LEVELS} levels."
    except (TypeError, ValueError) as error:
        zh, en = f"无法写成 JSON：{clip(error, 80)}。", f"It cannot be written as JSON: {clip(error, 80)}."
    raise FormProblem([Problem("/", zh, en)])


def _fact(one: Property) -> Fact:
    chosen = one.items if one.items is not None else one
    labels: dict[object, Text] = {choice.value: choice.title for choice in chosen.choices or ()}
    return Fact(one.name, one.type, one.title, one.format, labels, one)


def _compare(path: str, one: Property, fact: Property, found: list[Problem]) -> None:
    name, mine, known = one.name, one.type, fact.type
    if mine != known and not (mine == "integer" and known == "number"):
        found.append(
            Problem(
                f"{path}/type",
                f"“{name}”在表单中是 {mine}，在流程数据中是 {known}。",
                f"“{name}” is {mine} in the form but {known} in the facts.",
            )
        )
        return
    if fact.format is not None and one.format != fact.format:
        found.append(
            Problem(
                f"{path}/format",
                f"“{name}”的 format 应与流程数据一致：{fact.format}。",
                f"“{name}” must have the format of the fact: {fact.format}.",
            )
        )
    if fact.choices is not None:
        _compare_choices(path, one, fact, found)
    if one.items is not None and fact.items is not None:
        _compare(f"{path}/items", one.items, fact.items, found)
    known_parts = {part.name: part for part in fact.properties}
    for part in one.properties:
        if part.name in known_parts:
            _compare(f"{path}/properties/{part.name}", part, known_parts[part.name], found)
        else:
            found.append(
                Problem(
                    f"{path}/properties/{part.name}",
                    f"流程数据“{name}”中没有“{part.name}”。",
                    f"The fact “{name}” has no “{part.name}”.",
                )
            )


def _compare_choices(path: str, one: Property, fact: Property, found: list[Problem]) -> None:
    known = {choice.value for choice in fact.choices or ()}
    offered = {choice.value for choice in one.choices or ()} or ({one.const} - {None})
    if not offered or not offered <= known:
        extra = "、".join(clip(value) for value in sorted(map(str, offered - known))[:5])
        found.append(
            Problem(
                f"{path}/oneOf",
                f"“{one.name}”的选项应出自流程数据的选项" + (f"，多出：{extra}。" if extra else "。"),
                f"The choices of “{one.name}” must be among those of the fact" + (f"; not: {extra}." if extra else "."),
            )
        )
