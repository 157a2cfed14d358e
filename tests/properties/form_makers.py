"""Random forms in the dialect and answers to them, from a seed: mostly fitting, often exactly at a limit."""

from random import Random
from typing import Any

TITLES = {"title": "甲", "x-title": {"en": "A"}}
NAMES = ("a", "b", "c", "d", "e")
WORDS = ("x", "yes", "no", "A1", "2026-02-13")
FORMATS = {
    "date": ("2026-02-13", "2024-02-29", "2026-02-30", "2026-2-3"),
    "date-time": ("2026-02-13T16:30:00+08:00", "2026-02-13T08:30:07Z", "2026-02-13T25:00:00Z", "2026-02-13T16:30"),
}
PATTERNS = {
    "^[a-z]+$": ("abc", "aB", "a1"),
    "[0-9]{3}": ("a123b", "12"),
    "x|y": ("axb", "z"),
    "^1[3-9][0-9]{9}$": ("13800000000", "12800000000", "138000000001"),
}
JUNK: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1.0,
    1.5,
    "x",
    "",
    " ",
    [],
    [None],
    ["x", "x"],
    {},
    {"a": ""},
    {"z": 1},
    2**53 + 1,
    1e300,
)


class FormMaker:
    """Makes one form and any number of answers."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def maybe(self, share: float = 0.4) -> bool:
        return self.random.random() < share

    def document(self) -> dict[str, Any]:
        document = {**self.object("any", most=5), **TITLES}
        declared = document["properties"]
        rules = [rule for _ in range(self.random.randint(0, 2)) if (rule := self.rule(declared))]
        if len(rules) == 1 and self.maybe(0.5):
            document.update(rules[0])
        elif rules:
            document["allOf"] = rules
        for name, one in declared.items():
            free = name not in document.get("required", []) and all(f"'{name}'" not in str(rule) for rule in rules)
            if free and self.maybe(0.2):
                one["x-access"] = self.random.choice(["read", "hidden"])
        return document

    def object(self, parts: str, most: int = 3) -> dict[str, Any]:
        names = self.random.sample(NAMES, self.random.randint(1, most))
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {name: {**self.property(parts), **TITLES} for name in names},
        }
        if self.maybe():
            schema["required"] = self.random.sample(names, self.random.randint(0, len(names)))
        return schema

    def property(self, parts: str) -> dict[str, Any]:
        kind = self.random.random()
        if parts == "scalar" or kind < 0.6:
            return self.scalar()
        if parts == "any" and kind > 0.85:
            return self.object("flat or list")
        return self.array()

    def array(self) -> dict[str, Any]:
        items = self.object("scalar") if self.maybe() else self.scalar(("string", "integer", "number"))
        schema = {"type": "array", "items": items, **self.limits("minItems", "maxItems", 0, 3)}
        if items["type"] != "object" and self.maybe():
            schema["uniqueItems"] = self.random.choice([True, True, False])
        return schema

    def scalar(self, kinds: tuple[str, ...] = ("string", "integer", "number", "boolean")) -> dict[str, Any]:
        kind = self.random.choice(kinds)
        schema: dict[str, Any] = {"type": kind}
        if kind == "boolean":
            return {**schema, "const": self.maybe(0.5)} if self.maybe(0.2) else schema
        if self.maybe(0.3):
            offered: list[Any] = list(WORDS) if kind == "string" else [-1, 0, 1, 2]
            chosen = self.random.sample(offered, self.random.randint(1, 3))
            return {**schema, "oneOf": [{"const": value, **TITLES} for value in chosen]}
        if kind != "string":
            low, high = self.random.choice([("minimum", "maximum"), ("exclusiveMinimum", "exclusiveMaximum")])
            return {**schema, **self.limits(low, high, -3, 3)}
        if self.maybe(0.3):
            return {**schema, "pattern": self.random.choice(list(PATTERNS))}
        if self.maybe(0.3):
            return {**schema, "format": self.random.choice(list(FORMATS))}
        return {**schema, **self.limits("minLength", "maxLength", 0, 6)}

    def limits(self, low: str, high: str, least: int, most: int) -> dict[str, Any]:
        ends = sorted((self.random.randint(least, most), self.random.randint(least, most)))
        return {key: end for key, end in zip((low, high), ends, strict=True) if self.maybe(0.6)}

    def rule(self, declared: dict[str, Any]) -> dict[str, Any] | None:
        name = self.random.choice(list(declared))
        test = self.test(declared[name])
        if test is None:
            return None
        branches = {key: self.branch(declared) for key in ("then", "else") if self.maybe(0.7)} or {"then": {}}
        return {"if": {"properties": {name: test}, "required": [name]}, **branches}

    def test(self, one: dict[str, Any]) -> dict[str, Any] | None:
        if one["type"] == "array":
            inner = self.test({"type": one["items"]["type"]}) if one["items"]["type"] == "string" else None
            return {"contains": inner} if inner else None
        if one["type"] == "object":
            return None
        if one["type"] in ("integer", "number") and self.maybe():
            return self.limits("minimum", "maximum", -2, 2) or {"minimum": 0}
        offered: dict[str, list[Any]] = {"string": list(WORDS), "boolean": [True, False]}
        values = offered.get(one["type"], [0, 1, 2])
        if "oneOf" in one:
            values = [choice["const"] for choice in one["oneOf"]]
        if self.maybe(0.5):
            return {"const": self.random.choice(values)}
        return {"enum": self.random.sample(values, self.random.randint(1, len(values)))}

    def branch(self, declared: dict[str, Any]) -> dict[str, Any]:
        names = list(declared)
        branch: dict[str, Any] = {}
        if self.maybe(0.7):
            branch["required"] = self.random.sample(names, self.random.randint(1, min(2, len(names))))
        if self.maybe():
            name = self.random.choice(names)
            narrower = {"string": {"maxLength": 2}, "integer": {"maximum": 1}, "array": {"minItems": 2}}
            branch["properties"] = {name: self.random.choice([True, narrower.get(declared[name]["type"], True)])}
        return branch

    def answers(self, document: dict[str, Any]) -> dict[str, Any]:
        """Answers to the form: a third of them wholly fitting but for conditions, the rest with some junk."""
        junk = self.random.choice([0.0, 0.05, 0.2])
        answers: dict[str, Any] = self.fitting(document, junk)
        for name in list(answers):
            if document["properties"][name].get("x-access") and not self.maybe(0.05):
                del answers[name]
        if self.maybe(0.05):
            answers[self.random.choice(["evil", "verified", "A"])] = True
        return answers

    def answer(self, schema: dict[str, Any], junk: float) -> Any:
        return self.random.choice(JUNK) if self.random.random() < junk else self.fitting(schema, junk)

    def fitting(self, schema: dict[str, Any], junk: float) -> Any:
        kind = schema["type"]
        if kind == "object":
            required = schema.get("required", [])
            return {
                name: self.answer(one, junk)
                for name, one in schema["properties"].items()
                if name in required or self.maybe(0.6)
            }
        if kind == "array":
            low, high = schema.get("minItems", 0), schema.get("maxItems", 4)
            count = self.random.choice([low, high, self.random.randint(0, 4)])
            return [self.answer(schema["items"], junk) for _ in range(count)]
        if "oneOf" in schema:
            return self.random.choice([choice["const"] for choice in schema["oneOf"]])
        if kind == "boolean":
            return schema.get("const", self.maybe(0.5))
        if kind == "string":
            return self.string(schema)
        ends = [value for key, value in schema.items() if "imum" in key]
        return self.random.choice(
            [*ends, *ends, 0, 1, 2.0, self.random.randint(-4, 4), *([0.5] if kind == "number" else [])]
        )

    def string(self, schema: dict[str, Any]) -> str:
        if "pattern" in schema:
            value = self.random.choice(PATTERNS[schema["pattern"]])
        elif "format" in schema:
            value = self.random.choice(FORMATS[schema["format"]])
        else:
            ends = [value for key, value in schema.items() if "Length" in key]
            count = self.random.choice([*ends, *ends, self.random.randint(0, 6)])
            value = self.random.choice(["甲乙丙丁戊己", "abcdef", *WORDS])[:count]
        return f" {value}　" if self.maybe(0.2) else value
