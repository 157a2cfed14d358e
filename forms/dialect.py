"""The safe dialect as tables: which keywords stand where, and the limits. What is not listed is refused."""

from __future__ import annotations

from collections.abc import Mapping

META_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
MOST_FIELDS = 200
MOST_FACTS = 600
"""Of a process, which has many forms; parts and columns count too."""
MOST_ITEMS = 200
MOST_LEVELS = 4
MOST_REFS = 16
MOST_CHOICES = 500
MOST_RULES = 50
MOST_TITLE = 200
MOST_HELP = 2000
LONGEST_TEXT = 10_000
"""Characters of a string whose schema gives no maxLength, and the most it may give."""
LARGEST_NUMBER = 2**53
"""Beyond it a browser's and many databases' numbers are no longer exact."""

NAME = r"[a-z][a-z0-9_]{0,62}"
# Names that every posting page uses for itself.
RESERVED_NAMES = frozenset({"csrf_token"})

TEXTS = frozenset({"title", "x-title", "description", "x-description", "$comment"})
ROOT = TEXTS | {
    "$schema", "$id", "$defs", "type", "properties", "required", "additionalProperties",
    "if", "then", "else", "allOf",
}  # fmt: skip
AROUND = TEXTS | {"x-control", "x-register", "x-access", "x-unit", "x-personal", "x-posts", "x-case", "default"}
"""What any property may carry, also next to its `$ref`."""

_NUMBER = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "oneOf", "const"})
BY_TYPE: Mapping[str, frozenset[str]] = {
    "string": frozenset({"minLength", "maxLength", "pattern", "format", "enum", "oneOf", "const"}),
    "number": _NUMBER,
    "integer": _NUMBER,
    "boolean": frozenset({"const", "oneOf"}),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "object": frozenset({"properties", "required", "additionalProperties"}),
}
KNOWN_KEYWORDS = frozenset().union(*BY_TYPE.values()) | AROUND | {"type", "$ref"}
NARROWING: Mapping[str, frozenset[str]] = {
    "string": frozenset({"minLength", "maxLength", "pattern", "enum", "const"}),
    "number": _NUMBER - {"oneOf"},
    "integer": _NUMBER - {"oneOf"},
    "boolean": frozenset({"const"}),
    "array": frozenset({"minItems", "maxItems"}),
    "object": frozenset(),
}
"""What `then` and `else` may tighten in a field."""

ACCESS = frozenset({"edit", "read", "hidden"})
PERSONAL = frozenset({"name", "contact", "id_number", "home", "health", "account", "other"})
"""Classes of what says who somebody is (个人信息保护法, art. 28; GB/T 35273-2020, annex A): kept sealed, apart from the case."""
FILES = frozenset({"photo", "file", "signature"})
_KEYS = frozenset({"string", "strings"})
CONTROLS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"string"}),
    "textarea": frozenset({"string"}),
    "choice": frozenset({"choice"}),
    "radio": frozenset({"choice"}),
    "checkbox": frozenset({"boolean"}),
    "choices": frozenset({"choices"}),
    "number": frozenset({"number", "integer"}),
    "date": frozenset({"date"}),
    "date-time": frozenset({"date-time"}),
    "person": _KEYS,
    "unit": _KEYS,
    "place": frozenset({"string", "object"}),
    "photo": _KEYS,
    "file": _KEYS,
    "signature": frozenset({"string"}),
    "register": _KEYS,
    "list": frozenset({"strings", "numbers"}),
    "rows": frozenset({"rows"}),
    "group": frozenset({"object"}),
    "link": frozenset({"string"}),
    "hidden": frozenset({"string", "number", "integer", "boolean", "choice", "date", "date-time"}),
}
"""Control → the shapes it can draw (a shape is a type, seen with its choices, format and items)."""

HINTS: Mapping[str, tuple[str, str]] = {
    "readOnly": ('请改用 "x-access": "read"。', 'Use "x-access": "read".'),
    "writeOnly": ("请改用 x-access。", "Use x-access."),
    "anyOf": ("选项请用 oneOf，条件请用 if/then/else。", "Use oneOf for choices, if/then/else for conditions."),
    "definitions": ("请改用 $defs。", "Use $defs."),
    "dependentRequired": ("请改用 if/then。", "Use if/then."),
    "unevaluatedProperties": (
        "未声明的项一律拒绝，不需要它。",
        "Undeclared keys are always refused; it is not needed.",
    ),
}
