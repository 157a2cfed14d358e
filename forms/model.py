"""A form as the rest of the package sees it: read once from its file, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

Scalar = str | int | float | bool


class Text(NamedTuple):
    """A text in both languages."""

    zh: str
    en: str

    def of(self, locale: str) -> str:
        """The Chinese text, or the English one where the locale says so."""
        return self.en if locale.startswith("en") else self.zh


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values a field may take, and what people call it."""

    value: Scalar
    title: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property of the schema with its `$ref` followed. Limits are None where the file sets none."""

    name: str
    type: str
    title: Text
    help: Text | None = None
    control: str = "text"
    access: str = "edit"
    required: bool = False
    default: object = None
    format: str | None = None
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[Choice, ...] | None = None
    const: Scalar | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique: bool = False
    items: Property | None = None
    properties: tuple[Property, ...] = ()
    register: str | None = None
    suffix: Text | None = None
    personal: str | None = None
    posts: tuple[str, ...] = ()
    case: str | None = None

    @property
    def is_rows(self) -> bool:
        """Whether this is a list of flat objects."""
        return self.items is not None and self.items.type == "object"


@dataclass(frozen=True, slots=True)
class Test:
    """One field's value against one list or range: `in` and `contains` use `values`, `range` the two ends."""

    field: str
    kind: str
    values: tuple[Scalar, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def holds(self, value: object) -> bool:
        """Whether the field's value passes; an empty field never does."""
        if value is None:
            return False
        if self.kind == "in":
            return any(_same(value, wanted) for wanted in self.values)
        if self.kind == "contains":
            return isinstance(value, list) and any(_same(v, wanted) for v in value for wanted in self.values)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)

    def as_json(self) -> dict[str, object]:
        """For a script in the page."""
        if self.kind != "range":
            return {"field": self.field, self.kind: list(self.values)}
        return {"field": self.field, "minimum": self.minimum, "maximum": self.maximum}


def _same(value: object, wanted: Scalar) -> bool:
    # In Python True == 1; in JSON it is not.
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


@dataclass(frozen=True, slots=True)
class Branch:
    """What `then` or `else` asks: names that become required, limits that become narrower, names mentioned."""

    required: tuple[str, ...] = ()
    narrowed: tuple[Property, ...] = ()
    mentioned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """One if/then/else: all tests hold → `then`, else → `other`."""

    tests: tuple[Test, ...]
    then: Branch
    other: Branch


@dataclass(frozen=True, slots=True)
class Root:
    """A whole form or facts file."""

    title: Text
    help: Text | None
    properties: tuple[Property, ...]
    rules: tuple[Rule, ...]
