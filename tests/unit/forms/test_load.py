import json
from typing import Any

import pytest

import forms
from forms.reference import check_document
from tests.unit.forms.build import choice, form, handling, text

STRING = text("甲", "A", type="string")


def problems_of(source: Any) -> dict[str, str]:
    with pytest.raises(forms.FormProblem) as caught:
        forms.load(source)
    assert all(problem.zh and problem.en for problem in caught.value.problems)
    return {problem.path: problem.en for problem in caught.value.problems}


def test_a_form_with_one_of_everything_loads_and_is_cached() -> None:
    loaded = forms.load(handling())
    assert forms.load(json.dumps(handling()).encode()) is loaded
    assert loaded.title == ("处置", "Handle")
    assert loaded.editable[:2] == ("result", "reason")


def test_bytes_with_a_byte_order_mark_and_chinese_load() -> None:
    assert forms.load(b"\xef\xbb\xbf" + json.dumps(handling(), ensure_ascii=False).encode()).title.zh == "处置"


@pytest.mark.parametrize(
    "data, said",
    [
        (b'{"type":"object","type":"string"}', "stands twice"),
        (b'{"a":NaN}', "NaN"),
        (b'{"a":-Infinity}', "-Infinity"),
        (b'{"a":1e999}', "too large"),
        (b'{"a":' + b"1" * 30 + b"}", "digits"),
        (b"[" * 30_000, "nested deeper"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested deeper"),
        (b'{"a":"\\"' + b'\\"' * 20_000, "line 1"),
        (b'{"a": "' + b"x" * 70_000 + b'"}', "65536"),
        (b'{\n"a": }', "line 2, column 6"),
        (b"[]", "must be an object"),
        (b"", "line 1"),
        (b'{"a":"\xff"}', "UTF-8"),
        ("{}".encode("utf-16"), "UTF-8"),
        (b'{"a":"\\ud800"}', "half a character"),
        (b'{"a\\u0000":1}', "control character"),
        (b"{'a': __import__('os').system('id')}", "line 1"),
    ],
)
def test_a_file_that_is_no_strict_json_is_refused(data: bytes, said: str) -> None:
    (sentence,) = problems_of(data).values()
    assert said in sentence


def test_a_document_that_cannot_be_json_is_refused() -> None:
    circle: dict[str, Any] = {}
    circle["self"] = circle
    for document in (circle, {"a": {1, 2}}, {"a": float("nan")}):
        assert list(problems_of(document)) == ["/"]


@pytest.mark.parametrize(
    "broken, path",
    [
        ({"type": "string"}, "/properties/a/title"),
        ({"type": "string", "title": "甲"}, "/properties/a/x-title"),
        ({"type": "string", "title": "甲", "x-title": {"en": "甲"}}, "/properties/a/x-title"),
        ({"type": "string", "title": "甲", "x-title": "A"}, "/properties/a/x-title"),
        (text("甲", "A", type="string", description="乙"), "/properties/a/x-description"),
        (text("甲", "A", type="null"), "/properties/a/type"),
        (text("甲", "A", type=["string", "null"]), "/properties/a/type"),
        (text("甲", "A"), "/properties/a/type"),
        (text("甲", "A", type="string", minimum=1), "/properties/a/minimum"),
        (text("甲", "A", type="string", patternProperties={}), "/properties/a/patternProperties"),
        (text("甲", "A", type="string", readOnly=True), "/properties/a/readOnly"),
        (text("甲", "A", type="string", format="regex"), "/properties/a/format"),
        (text("甲", "A", type="string", format=[]), "/properties/a/format"),
        (text("甲", "A", type="string", pattern="(?=a)b"), "/properties/a/pattern"),
        (text("甲", "A", type="string", pattern="("), "/properties/a/pattern"),
        (text("甲", "A", type="string", pattern="((a{100}){100}){100}"), "/properties/a/pattern"),
        (text("甲", "A", type="string", pattern="a" * 501), "/properties/a/pattern"),
        (text("甲", "A", type="string", minLength=-1), "/properties/a/minLength"),
        (text("甲", "A", type="string", maxLength=10**9), "/properties/a/maxLength"),
        (text("甲", "A", type="string", minLength=5, maxLength=4), "/properties/a/minLength"),
        (text("甲", "A", type="string", maxLength=True), "/properties/a/maxLength"),
        (text("甲", "A", type="number", minimum="0"), "/properties/a/minimum"),
        (text("甲", "A", type="number", minimum=2, maximum=1), "/properties/a"),
        (text("甲", "A", type="string", oneOf=[]), "/properties/a/oneOf"),
        (text("甲", "A", type="string", oneOf=[{"const": "x"}]), "/properties/a/oneOf/0"),
        (text("甲", "A", type="string", oneOf=[text("乙", "B")]), "/properties/a/oneOf/0"),
        (text("甲", "A", type="string", oneOf=[{"const": "x", "title": "乙"}]), "/properties/a/oneOf/0/x-title"),
        (text("甲", "A", type="string", oneOf=[choice(1, "乙", "B")]), "/properties/a/oneOf/0/const"),
        (text("甲", "A", type="string", oneOf=[choice("x", "乙", "B")] * 2), "/properties/a"),
        (text("甲", "A", type="string", enum=["words without title"]), "/properties/a/enum/0"),
        (text("甲", "A", type="array"), "/properties/a/items"),
        (text("甲", "A", type="array", items={"type": "string"}, maxItems=201), "/properties/a/maxItems"),
        (text("甲", "A", type="array", items={"type": "array", "items": {"type": "string"}}), "/properties/a/items"),
        (text("甲", "A", type="array", items=form({"b": text("乙", "B", **form({"c": STRING}))})),
         "/properties/a/items/properties/b"),
        (text("甲", "A", type="string", default=1), "/properties/a/default"),
        (text("甲", "A", type="string", x_control="iframe"), "/properties/a/x-control"),
        (text("甲", "A", type="string", x_control=["text"]), "/properties/a/x-control"),
        (text("甲", "A", type="boolean", x_control="date"), "/properties/a/x-control"),
        (text("甲", "A", type="string", x_control="register"), "/properties/a/x-register"),
        (text("甲", "A", type="string", x_register="roads"), "/properties/a/x-register"),
        (text("甲", "A", type="string", x_control="register", x_register="../etc"), "/properties/a/x-register"),
        (text("甲", "A", type="string", x_access="write"), "/properties/a/x-access"),
        (text("甲", "A", type="string", x_access=[]), "/properties/a/x-access"),
        (text("甲", "A", type="string", x_unit="米"), "/properties/a/x-unit"),
        (text("甲", "A", type="string", x_personal="secret"), "/properties/a/x-personal"),
        (text("甲", "A", type="string", x_personal=["name"]), "/properties/a/x-personal"),
        (text("甲", "A", type="string", x_posts="window"), "/properties/a/x-posts"),
        (text("甲", "A", type="string", x_posts=[]), "/properties/a/x-posts"),
        (text("甲", "A", type="string", x_case="Case Id"), "/properties/a/x-case"),
        (text("甲", "A", type="integer", x_case="case_id"), "/properties/a/x-case"),
        (text("甲", "A", type="string", x_personal="name", x_access="read"), "/properties/a/x-personal"),
        (text("甲", "A", type="string", x_personal="other", x_control="photo"), "/properties/a/x-personal"),
        (text("甲", "A", **form({"b": text("乙", "B", type="string", x_personal="name")})),
         "/properties/a/properties/b/x-personal"),
        ([], "/properties/a"),
        (None, "/properties/a"),
        ("string", "/properties/a"),
    ],
)  # fmt: skip
def test_a_property_outside_the_dialect_is_refused_at_its_place(broken: Any, path: str) -> None:
    assert list(problems_of(form({"a": broken}))) == [path]


@pytest.mark.parametrize(
    "target",
    ["https://example.org/x.json", "file:///etc/passwd", "#", "#/properties/a", "#/$defs/", "other.json", 7, None],
)
def test_a_ref_that_leaves_the_definitions_is_refused(target: object) -> None:
    document = form({"a": text("甲", "A", **{"$ref": target})})
    assert "/properties/a/$ref" in problems_of(document)


def test_refs_are_followed_and_may_be_titled_where_they_stand() -> None:
    document = form(
        {"a": text("甲", "A", **{"$ref": "#/$defs/one"})},
        **{"$defs": {"one": {"$ref": "#/$defs/two"}, "two": text("乙", "B", type="string", maxLength=3)}},
    )
    one = forms.load(document).properties["a"]
    assert (one.title.zh, one.max_length) == ("甲", 3)


def test_definitions_that_refer_to_themselves_are_refused() -> None:
    loop = {"x": {"$ref": "#/$defs/y"}, "y": {"$ref": "#/$defs/x"}}
    assert "circle: x → y → x" in str(problems_of(form({"a": {"$ref": "#/$defs/x"}}, **{"$defs": loop})))
    nest = {"x": text("甲", "A", **form({"x": text("甲", "A", **{"$ref": "#/$defs/x"})}))}
    assert "circle: x → x" in str(problems_of(form({"a": {"$ref": "#/$defs/x"}}, **{"$defs": nest})))
    assert "circle: x → y → x" in str(problems_of(form({"a": STRING}, **{"$defs": loop})))


def test_definitions_that_multiply_are_refused() -> None:
    many = {
        f"d{n}": form({f"p{k}": text("甲", "A", **{"$ref": f"#/$defs/d{n + 1}"}) for k in range(10)}) for n in range(3)
    }
    many["d3"] = STRING
    found = problems_of(form({"a": {"$ref": "#/$defs/d0"}}, **{"$defs": many}))
    assert "more than 200 fields" in found["/"]


def test_objects_nest_four_levels_and_no_more() -> None:
    three: Any = STRING
    for _ in range(3):
        three = text("甲", "A", **form({"a": three}))
    forms.load(form({"a": three}))
    assert "nested deeper" in str(problems_of(form({"a": text("甲", "A", **form({"a": three}))})))


def test_more_than_200_fields_are_refused() -> None:
    forms.load(form({f"f{n}": STRING for n in range(200)}))
    assert "more than 200" in str(problems_of(form({f"f{n}": STRING for n in range(201)})))


@pytest.mark.parametrize("name", ["__class__", "a-b", "名称", "A", "", "a" * 64, "csrf_token", "a.b", "<b>", "a\n"])
def test_names_are_snake_case(name: str) -> None:
    assert len(problems_of(form({name: STRING}))) == 1


IF = {"properties": {"a": {"const": "x"}}, "required": ["a"]}


@pytest.mark.parametrize(
    "rule, path",
    [
        ({"then": {"required": ["a"]}}, "/if"),
        ({"if": IF}, "/if"),
        ({"if": {"properties": {"a": {"const": "x"}}}, "then": {}}, "/if"),
        ({"if": {"properties": {"a": {"const": "x"}}, "required": []}, "then": {}}, "/if/required"),
        ({"if": {"properties": {"z": {"const": "x"}}, "required": ["z"]}, "then": {}}, "/if/properties/z"),
        ({"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {}}, "/if/properties/a"),
        ({"if": {"properties": {"a": {"pattern": "x"}}, "required": ["a"]}, "then": {}}, "/if/properties/a"),
        ({"if": {"properties": {"a": {"not": {}}}, "required": ["a"]}, "then": {}}, "/if/properties/a"),
        ({"if": True, "then": {}}, "/if"),
        ({"if": IF, "then": {"required": ["z"]}}, "/then"),
        ({"if": IF, "then": {"required": ["r"]}}, "/then"),
        ({"if": IF, "then": {"if": IF, "then": {}}}, "/then"),
        ({"if": IF, "then": {"properties": {"a": {"title": "x"}}}}, "/then/properties/a"),
        ({"if": IF, "then": {"properties": {"a": False}}}, "/then/properties/a"),
        ({"if": IF, "then": {"properties": {"a": {"pattern": "("}}}}, "/then/properties/a/pattern"),
        ({"if": IF, "else": []}, "/else"),
        ({"allOf": {"if": IF}}, "/allOf"),
        ({"allOf": [{"properties": {}}]}, "/allOf/0"),
        ({"allOf": [{"if": IF, "then": {"required": 7}}]}, "/allOf/0/then/required"),
    ],
)  # fmt: skip
def test_a_wrong_condition_is_refused_at_its_place(rule: dict[str, Any], path: str) -> None:
    assert list(problems_of(form({"a": STRING, "r": text("乙", "B", type="string", x_access="read")}, **rule))) == [
        path
    ]


@pytest.mark.parametrize(
    "rest, path",
    [
        ({"required": ["z"]}, "/required"),
        ({"required": ["a", "a"]}, "/required"),
        ({"required": "a"}, "/required"),
        ({"required": ["r"]}, "/required"),
        ({"additionalProperties": True}, "/additionalProperties"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "/$schema"),
        ({"$schema": {}}, "/$schema"),
        ({"$dynamicRef": "#x"}, "/$dynamicRef"),
        ({"$id": 1}, "/$id"),
        ({"$defs": []}, "/$defs"),
        ({"$defs": {"x": 1}}, "/$defs/x"),
        ({"type": "array"}, "/type"),
        ({"title": ""}, "/title"),
        ({"properties": []}, "/properties"),
    ],
)
def test_a_wrong_root_is_refused_at_its_place(rest: dict[str, Any], path: str) -> None:
    document = form({"a": STRING, "r": text("乙", "B", type="string", x_access="read")})
    assert path in problems_of({**document, **rest})


def test_every_problem_is_listed_at_once() -> None:
    document = form({"a": {"type": "string"}, "B": STRING, "c": text("丙", "C", type="string", format="x")}, bad=1)
    assert set(problems_of(document)) == {"/bad", "/properties/a/title", "/properties/B", "/properties/c/format"}


def test_a_list_of_problems_stays_readable() -> None:
    assert len(problems_of(form({f"f{n}": {"type": "x", "y": 1} for n in range(200)}))) == 100


@pytest.mark.parametrize(
    "odd",
    [
        form({}),
        form({"a": STRING}, **{"$id": "https://example.org/a", "$comment": "a note", "additionalProperties": False}),
        form({"a": text("<b>甲</b>", "<script>alert(1)</script>", type="string")}),
        form({"a": text("{甲}", "{0.__class__} %s ${x}", type="string")}, required=["a"]),
        form({"constructor": STRING, "items": STRING, "get": STRING, "keys": STRING, "self": STRING}),
        form({"a": text("甲", "A", type="integer", enum=[3, 1, 2])}),
        form({"a": text("甲", "A", type="number", exclusiveMinimum=0, exclusiveMaximum=0.5)}),
        form(
            {"a": text("甲", "A", type="boolean", oneOf=[choice(True, "同意", "Yes"), choice(False, "不同意", "No")])}
        ),
        form({"a": text("甲", "A", type="string", default="x", maxLength=1)}),
        form({"a": text("甲", "A", type="string", pattern="^(a+)+$")}),
        form({"a": text("甲", "A", type="string", pattern=r"\p{Han}")}),
        form({"a": text("甲", "A", type="number", x_unit="m²")}),
        form({"a": text("甲", "A", type="array", items={"type": "string"}, x_control="person")}),
        form({"a": text("甲", "A", x_control="place", **form({"lat": text("纬度", "Latitude", type="number")}))}),
        form({"a": STRING}, **{"$defs": {"unused": {"type": "string"}}}),
    ],
)
def test_odd_but_valid_forms_load(odd: dict[str, Any]) -> None:
    loaded = forms.load(odd)
    for locale in ("zh", "en", "zh_CN", "fr"):
        loaded.fields({}, locale)


def test_format_braces_in_titles_stay_text() -> None:
    loaded = forms.load(form({"a": text("{甲}", "{0.__class__}", type="string")}, required=["a"]))
    with pytest.raises(forms.InvalidAnswers, match=r"Please fill in \{0\.__class__\}"):
        loaded.validate({})


@pytest.mark.parametrize(
    "rest, path",
    [
        ({"$comment": 1}, "/$comment"),
        ({"$id": "a#b"}, "/$id"),
        ({"description": None}, "/description"),
        ({"allOf": []}, "/allOf"),
        ({"if": IF, "then": {"required": ["a", "a"]}}, "/then/required"),
    ],
)
def test_what_the_meta_schema_refuses_is_refused_here_too(rest: dict[str, Any], path: str) -> None:
    document = {**form({"a": STRING}), **rest}
    assert list(problems_of(document)) == [path]
    with pytest.raises(forms.FormProblem):
        check_document(document)


def test_a_process_may_know_more_than_a_form_asks() -> None:
    """The permit's facts, parts and columns with them, are near 200 by now: a designer could add no field to any of its forms."""
    many = form({f"f{n}": STRING for n in range(400)})
    assert len(list(forms.load_facts(many))) == 400
    with pytest.raises(forms.FormProblem, match="600"):
        forms.load_facts(form({f"f{n}": STRING for n in range(601)}))
