"""Hostile form files from fixed seeds: each attack put at a random place of a good form."""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.unit.forms.build import form, handling, text

Attack = Callable[[Random], bytes]


def hostile_files(rounds: int) -> Iterator[tuple[str, bytes]]:
    """Every attack `rounds` times; each file must be refused."""
    for attack in ATTACKS:
        for seed in range(rounds):
            yield f"{attack.__name__}-{seed}", attack(Random(f"{attack.__name__} {seed}"))


def mutants(count: int) -> Iterator[tuple[str, bytes]]:
    """Good forms with random damage; each may be refused or accepted, but nothing else may happen."""
    for seed in range(count):
        random = Random(seed)
        document = handling()
        for _ in range(random.randint(1, 4)):
            _damage(random, document)
        data = json.dumps(document, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
        yield f"mutant-{seed}", _cut(random, data) if random.random() < 0.1 else data


def _damage(random: Random, document: dict[str, Any]) -> None:
    holder = random.choice(list(_objects(document)))
    act = random.randrange(4)
    key = random.choice(list(holder) or ["x"])
    if act == 0:
        holder.pop(key, None)
    elif act == 1:
        holder[key] = _junk(random)
    elif act == 2:
        holder[random.choice(WORDS)] = _junk(random)
    else:
        holder[random.choice(WORDS)] = copy.deepcopy(random.choice(list(_objects(document))))


WORDS = (
    "type", "title", "x-title", "properties", "required", "items", "oneOf", "enum", "const", "if", "then", "else", "allOf",
    "$ref", "$defs", "$id", "pattern", "format", "default", "minLength", "maxItems", "minimum", "uniqueItems", "x-control",
    "x-access", "x-register", "x-unit", "__proto__", "__class__", "result", "évil", "not", "$anchor", "contentSchema",
)  # fmt: skip
JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**18, "", "x", "string", "object", "array", "number", "#/$defs/x", "file:///etc/passwd",
    "(?<=a)", "(a+)+$", "date", [], ["result"], [[]], [{}], {}, {"en": "x"}, {"const": 1}, {"$ref": "#"}, {"type": "string"},
    "{0.__class__}", "<script>alert(1)</script>", "=cmd|'/c calc'!A1", "\u202e", "\ud800", "\x00", "a" * 5000,
)  # fmt: skip


def _junk(random: Random) -> Any:
    return copy.deepcopy(random.choice(JUNK))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _schemas(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in _objects(document["properties"]) if isinstance(one.get("type"), str)]


def _cut(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data))]


def _with(random: Random, key: str, *values: Any) -> bytes:
    """The good form, with one schema's keyword replaced."""
    document = handling()
    random.choice(_schemas(document))[key] = random.choice(values)
    return json.dumps(document).encode()


def remote_ref(random: Random) -> bytes:
    port = random.randint(1, 65535)
    return _with(
        random, "$ref", f"http://127.0.0.1:{port}/x.json", f"https://example.org/{port}", "file:///etc/passwd", "//host/x",
        "#/properties/result", "#", "..", "urn:x:y", f"#/$defs/x/{port}", "#/%24defs/x", "jar:file:/x!/y",
    )  # fmt: skip


def regex_bomb(random: Random) -> bytes:
    n = random.randint(500, 1000)
    document = handling()
    document["properties"]["phone"]["pattern"] = random.choice(
        [f"((a{{{n}}}){{{n}}}){{{n}}}", f"(\\p{{L}}{{{n}}}){{{n}}}", "(" * n, f"(?=a){n}", f"(a)\\{n % 9 + 1}", "a" * (n + 1),
         f"(?<!x){{{n}}}", "[" * 50, "*" * 50, "(?P<x>a)(?P=x)", "(?(1)a|b)", "(?#", f"a{{{n},{n - 1}}}"]
    )  # fmt: skip
    return json.dumps(document).encode()


def duplicate_key(random: Random) -> bytes:
    data = json.dumps(handling())
    at = random.choice([place for place, letter in enumerate(data) if letter == "{" and data[place + 1] == '"'])
    key = data[at + 1 :].split(":", 1)[0]
    return (data[: at + 1] + f"{key}: {random.choice(['1', 'true', '{}'])}, " + data[at + 1 :]).encode()


def number_that_is_none(random: Random) -> bytes:
    data = json.dumps(handling())
    wild = random.choice(["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400, "1" * 5000])
    return data.replace("300", wild, 1).encode()


def deep_json(random: Random) -> bytes:
    n = random.randint(40, 9000)
    opened, closed = random.choice([("[", "]"), ('{"a":', "}"), ('{"properties":', "}"), ('[{"$ref":', "}]")])
    tail = closed * n if random.random() < 0.7 else ""
    return (opened * n + "1" + tail).encode()[:65_000]


def too_large(random: Random) -> bytes:
    return json.dumps({**handling(), "$comment": "x" * random.randint(66_000, 200_000)}).encode()


def too_many_fields(random: Random) -> bytes:
    count = random.randint(201, 900)
    return json.dumps(form({f"f{n}": text("甲", "A", type="string") for n in range(count)})).encode()[:65_536]


def multiplying_refs(random: Random) -> bytes:
    width, steps = random.randint(6, 60), random.randint(3, 20)
    defs: dict[str, Any] = {
        f"d{n}": form({f"p{k}": text("甲", "A", **{"$ref": f"#/$defs/d{n + 1}"}) for k in range(width)})
        for n in range(min(steps, 600 // width))
    }
    defs[f"d{len(defs)}"] = {"type": "string"}
    return json.dumps(form({"a": {"$ref": "#/$defs/d0"}}, **{"$defs": defs})).encode()


def circle(random: Random) -> bytes:
    count = random.randint(1, 300)
    defs: dict[str, Any] = {f"d{n}": text("甲", "A", **{"$ref": f"#/$defs/d{(n + 1) % count}"}) for n in range(count)}
    if random.random() < 0.5:
        defs[f"d{count - 1}"] = form({"x": text("甲", "A", **{"$ref": "#/$defs/d0"})})
    start = random.choice([{"a": text("甲", "A", **{"$ref": "#/$defs/d0"})}, {}])
    return json.dumps(form(start, **{"$defs": defs})).encode()


def bad_text(random: Random) -> bytes:
    data = json.dumps(handling())
    wild = random.choice(["\\ud800", "\\udfff", "\\u0000", "\\u0008", "\\u007f", "\\ud800x"])
    return data.replace('"Handle"', f'"Hand{wild}le"', 1).encode()


def not_utf8(random: Random) -> bytes:
    if random.random() < 0.5:
        return json.dumps(handling()).encode(random.choice(["utf-16", "utf-32", "utf-16-le", "utf-16-be"]))
    data = bytearray(json.dumps(handling()).encode())
    data.insert(random.randrange(len(data)), random.choice([0x80, 0xC0, 0xFF, 0xFE]))
    return bytes(data)


def no_json(random: Random) -> bytes:
    return random.choice(
        [b"", b"null", b"[]", b"7", b'"x"', b"{", b"{'a': 1}", b"!!python/object/apply:os.system ['id']", b"\x80\x04c",
         b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>", b"{} {}", b"{}#", b"PK\x03\x04", b"{,}"]
    ) + b" " * random.randrange(9)  # fmt: skip


def unknown_keyword(random: Random) -> bytes:
    words = (
        "$dynamicRef", "$recursiveRef", "$anchor", "$vocabulary", "patternProperties", "propertyNames", "not", "anyOf", "allOf",
        "unevaluatedProperties", "dependentSchemas", "prefixItems", "contains", "contentSchema", "x-script", "x-expression",
        "onload", "__proto__", "constructor", "x-visible-if", "$eval", "readOnly", "examples", "multipleOf",
    )  # fmt: skip
    return _with(random, random.choice(words), True, "x", {}, "__import__('os').system('id')", ["x"])


def bad_name(random: Random) -> bytes:
    document = handling()
    holder = random.choice([one["properties"] for one in _objects(document) if isinstance(one.get("properties"), dict)])
    names = (
        "__class__",
        "__proto__",
        "a.b",
        "a-b",
        "A",
        "",
        " ",
        "名称",
        "<img src=x>",
        "a\n",
        "x" * 64,
        "1a",
        "csrf_token",
    )
    holder[random.choice(names)] = text("甲", "A", type="string")
    return json.dumps(document).encode()


def bad_condition(random: Random) -> bytes:
    document = handling()
    rule = random.choice(document["allOf"])
    wild: Any = random.choice(
        [True, False, [], "x", {"if": {}}, {"$ref": "#"}, {"not": {}}, {"properties": {"zz": {}}}, 7]
    )
    rule[random.choice(["if", "then", "else"])] = wild
    return json.dumps(document).encode()


def bad_type(random: Random) -> bytes:
    return _with(random, "type", ["string", "null"], "null", "any", {}, 7, None, "String", "file", [])


def bad_control(random: Random) -> bytes:
    return _with(random, "x-control", "iframe", "html", "script", "<x>", 7, None, [], {}, "rows ", "TEXT")


def open_to_more(random: Random) -> bytes:
    document = handling()
    holder = random.choice(
        [one for one in _objects(document) if isinstance(one.get("properties"), dict) and "type" in one]
    )
    holder["additionalProperties"] = random.choice([True, {}, {"type": "string"}, None, 0, "false"])
    return json.dumps(document).encode()


def no_title(random: Random) -> bytes:
    document = handling()
    one = random.choice([document, *document["properties"].values()])
    key = random.choice(["title", "x-title"])
    one[key] = random.choice([None, "", " ", 7, {}, {"en": ""}, {"en": "汉字"}, {"zh": "甲"}, ["x"], "x" * 201])
    return json.dumps(document).encode()


def bad_choice(random: Random) -> bytes:
    document = handling()
    choices = document["properties"]["result"]["oneOf"]
    wild: Any = random.choice(
        [{}, None, {"const": "x"}, {"title": "x"}, {"$ref": "#"}, {"const": {}, "title": "x"}, "x", choices[0]]
    )
    choices.insert(random.randrange(len(choices) + 1), wild)
    return json.dumps(document).encode()


ATTACKS: tuple[Attack, ...] = (
    remote_ref, regex_bomb, duplicate_key, number_that_is_none, deep_json, too_large, too_many_fields, multiplying_refs, circle,
    bad_text, not_utf8, no_json, unknown_keyword, bad_name, bad_condition, bad_type, bad_control, open_to_more, no_title, bad_choice,
)  # fmt: skip
