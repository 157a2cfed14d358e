"""The compiled validator and jsonschema give one verdict on the dialect they share."""

import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema.protocols import Validator

import forms
from forms.dialect import LARGEST_NUMBER, LONGEST_TEXT, MOST_ITEMS
from forms.reference import check_document, reference_validator

TITLES = {"title": "甲", "x-title": {"en": "A"}}
NAMES = ("a", "b", "c", "d", "e")
WORDS = (
    "x",
    "yes",
    "no",
    "A1",
    "2026-02-13",
    "2026-02-30",
    "2026-02-13T16:30:00+08:00",
    "2026-02-13T25:00:00Z",
    "13800000000",
)
PATTERNS = ("^[a-z]+$", "[0-9]{3}", "x|y", "^1[3-9][0-9]{9}$", "^.$")
words = st.sampled_from(WORDS)
counts = st.integers(0, 5)
numbers = st.one_of(st.integers(-5, 5), st.sampled_from([0.5, 2.0, -1.25, 2**53, 2**53 + 1, 1e300]))


def _some(draw: st.DrawFn, **parts: Any) -> dict[str, Any]:
    return {name: draw(part) for name, part in parts.items() if draw(st.booleans())}


def _ordered(limits: dict[str, Any], low: str, high: str) -> dict[str, Any]:
    if low in limits and high in limits and limits[low] > limits[high]:
        limits[low], limits[high] = limits[high], limits[low]
    return limits


@st.composite
def scalars(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["string", "integer", "number", "boolean"]))
    schema: dict[str, Any] = {"type": kind}
    if kind == "boolean":
        return {**schema, **_some(draw, const=st.booleans())}
    values = words if kind == "string" else st.integers(-3, 3)
    if draw(st.integers(0, 2)) == 0:
        chosen = draw(st.lists(values, min_size=1, max_size=4, unique=True))
        schema["oneOf"] = [{"const": value, **TITLES} for value in chosen]
    elif kind == "string":
        limits = _some(draw, minLength=counts, maxLength=st.integers(0, 20))
        schema.update(_ordered(limits, "minLength", "maxLength"))
        schema.update(_some(draw, pattern=st.sampled_from(PATTERNS), format=st.sampled_from(["date", "date-time"])))
    else:
        ends = st.integers(-3, 3)
        schema.update(_ordered(_some(draw, minimum=ends, maximum=ends), "minimum", "maximum"))
        if len(schema) == 1:
            schema.update(_some(draw, exclusiveMinimum=ends))
    return schema


@st.composite
def objects(draw: st.DrawFn, parts: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    properties = {name: {**draw(parts), **TITLES} for name in names}
    return {
        "type": "object",
        "properties": properties,
        **_some(draw, required=st.lists(st.sampled_from(names), unique=True)),
    }


@st.composite
def arrays(draw: st.DrawFn) -> dict[str, Any]:
    flat = draw(st.one_of(scalars().filter(lambda one: one["type"] != "boolean"), objects(scalars())))
    limits = _ordered(_some(draw, minItems=st.integers(0, 3), maxItems=st.integers(1, 4)), "minItems", "maxItems")
    unique = _some(draw, uniqueItems=st.booleans()) if flat["type"] != "object" else {}
    return {"type": "array", "items": flat, **limits, **unique}


properties = st.one_of(scalars(), arrays(), objects(st.one_of(scalars(), arrays())))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    document = {**draw(objects(properties)), **TITLES}
    testable = [name for name, one in document["properties"].items() if one["type"] in ("string", "integer", "array")]
    if testable and draw(st.booleans()):
        name = draw(st.sampled_from(testable))
        both: dict[str, Any] = {key: _branches(document["properties"]) for key in ("then", "else")}
        branches = _some(draw, **both)
        test = _test(draw, document["properties"][name])
        if test is not None and branches:
            document["allOf"] = [{"if": {"properties": {name: test}, "required": [name]}, **branches}]
    for one in document["properties"].values():
        if draw(st.integers(0, 9)) == 0 and not _mentioned(document, one):
            one["x-access"] = draw(st.sampled_from(["read", "hidden"]))
    return document


def _mentioned(document: dict[str, Any], one: dict[str, Any]) -> bool:
    (name,) = [key for key, value in document["properties"].items() if value is one]
    return name in document.get("required", []) or name in str(document.get("allOf", ""))


def _test(draw: st.DrawFn, one: dict[str, Any]) -> dict[str, Any] | None:
    if one["type"] == "array":
        inner = _test(draw, one["items"]) if one["items"]["type"] in ("string", "integer") else None
        return {"contains": inner} if inner and set(inner) <= {"const", "enum"} else None
    values = words if one["type"] == "string" else st.integers(-3, 3)
    options: list[st.SearchStrategy[dict[str, Any]]] = [
        st.fixed_dictionaries({"const": values}),
        st.fixed_dictionaries({"enum": st.lists(values, min_size=1, max_size=3, unique=True)}),
    ]
    if one["type"] == "integer":
        options.append(st.fixed_dictionaries({"minimum": values}))
    return draw(st.one_of(options))


def _branches(declared: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    narrowed = {
        name: {"string": {"maxLength": 2}, "integer": {"maximum": 1}, "array": {"minItems": 2}}.get(one["type"], True)
        for name, one in declared.items()
    }
    return st.fixed_dictionaries(
        {"required": st.lists(st.sampled_from(sorted(declared)), unique=True)},
        optional={"properties": st.sampled_from(sorted(declared)).map(lambda name: {name: narrowed[name]})},
    )


def answers_to(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Mostly fitting, sometimes not."""
    return st.one_of(_fitting(schema), _fitting(schema), _fitting(schema), JUNK)


def _fitting(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    kind = schema["type"]
    if "oneOf" in schema:
        return st.sampled_from([choice["const"] for choice in schema["oneOf"]])
    if kind == "string":
        return st.one_of(words, st.sampled_from(["", " ", " x ", "　a b　"]), st.text("axy1 ", max_size=12))
    if kind == "boolean":
        return st.booleans()
    if kind == "array":
        return st.lists(answers_to(schema["items"]), max_size=5)
    if kind == "object":
        return _object_of(schema)
    return numbers


def _object_of(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    parts = {name: answers_to(one) for name, one in schema["properties"].items()}
    stray = st.dictionaries(st.sampled_from(["evil", "verified"]), st.just(True), max_size=1)
    rarely = st.integers(0, 9).flatmap(lambda n: stray if n == 0 else st.just({}))
    return st.builds(lambda own, more: {**own, **more}, st.fixed_dictionaries({}, optional=parts), rarely)


JUNK = st.sampled_from(
    [None, True, 0, 1.0, 1.5, "x", "", [], [None], ["x", "x"], {}, {"a": ""}, {"z": 1}, float("inf"), float("nan")]
)


def reference_document(document: dict[str, Any]) -> dict[str, Any]:
    """The same form for a plain validator: our standing limits written out, what cannot be edited left out."""
    written = copy.deepcopy(document)
    written["properties"] = {
        name: one for name, one in written["properties"].items() if one.get("x-access", "edit") == "edit"
    }
    _write_limits(written)
    return written


def _write_limits(schema: dict[str, Any]) -> None:
    kind = schema["type"]
    if kind == "object":
        schema["additionalProperties"] = False
        for one in schema["properties"].values():
            _write_limits(one)
    elif kind == "array":
        schema.setdefault("maxItems", MOST_ITEMS)
        _write_limits(schema["items"])
    elif kind == "string":
        schema.setdefault("maxLength", LONGEST_TEXT)
    elif kind != "boolean":
        schema.setdefault("minimum", -LARGEST_NUMBER)
        schema.setdefault("maximum", LARGEST_NUMBER)


MISSING: Any = object()


def without_blanks(schema: dict[str, Any], value: Any) -> Any:
    """What the answers say once texts are stripped and blanks left out; MISSING when nothing is left."""
    kind = schema["type"]
    if value is None:
        return MISSING
    if kind == "string" and isinstance(value, str):
        return value.strip() or MISSING
    if kind == "array" and isinstance(value, list):
        items = [without_blanks(schema["items"], item) for item in value]
        return [item for item in items if item is not MISSING] or MISSING
    if kind == "object" and isinstance(value, dict):
        parts = {
            name: without_blanks(schema["properties"][name], part) if name in schema["properties"] else part
            for name, part in value.items()
        }
        return {name: part for name, part in parts.items() if part is not MISSING} or MISSING
    return value


def _accepts(validator: Validator, answers: dict[str, Any]) -> bool:
    if "inf" in repr(answers) or "nan" in repr(answers):  # no JSON: jsonschema has no opinion
        return False
    return bool(validator.is_valid(answers))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_one_verdict_and_the_same_answers(data: st.DataObject) -> None:
    document = data.draw(documents())
    form = forms.load(document)
    reference = reference_document(document)
    validator = reference_validator(reference)
    check_document(document)
    for _ in range(4):
        answers = data.draw(_object_of(document))
        plain = without_blanks(reference, answers)
        plain = {} if plain is MISSING else plain
        try:
            cleaned = form.validate(answers)
        except forms.InvalidAnswers:
            cleaned = None
        assert _accepts(validator, plain) is (cleaned is not None)
        if cleaned is not None:
            assert {name: value for name, value in cleaned.items() if value is not None} == plain
            assert form.validate(cleaned) == cleaned


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_what_a_page_draws_is_posted_back_as_the_same_answers(data: st.DataObject) -> None:
    document = data.draw(documents())
    form = forms.load(document)
    try:
        cleaned = form.validate(data.draw(_object_of(document)))
    except forms.InvalidAnswers:
        return
    pairs: dict[str, list[str]] = {}
    for field in form.fields(cleaned):
        if not field.readonly:
            _post(field, pairs)
    # A page cannot tell “no” from “not answered” where it draws a box to tick.
    assert _without_no(form.parse_post(pairs)) == _without_no(cleaned)


def _without_no(value: Any) -> Any:
    if isinstance(value, dict):
        parts = {name: _without_no(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part not in (None, {}, []) and part is not False}
    if isinstance(value, list):
        return [part for part in map(_without_no, value) if part != {}]
    return value


def _post(field: forms.Field, pairs: dict[str, list[str]]) -> None:
    """What a browser would send for a field as drawn."""
    inner = [part for row in field.rows for part in row] if field.control == "rows" else list(field.fields)
    if inner or field.control in ("rows", "group"):
        for part in inner:
            _post(part, pairs)
    elif field.choices and field.control != "checkbox":
        pairs[field.name] = [choice.value for choice in field.choices if choice.selected]
    elif field.control == "checkbox":
        if field.checked:
            pairs[field.name] = ["on"]
    elif field.control == "list":
        pairs[field.name] = list(field.values)
    else:
        pairs[field.name] = [field.text]
