"""Editing a form's document: nothing is lost that nobody changed, what is made is a form, hostile names come to nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import forms
from forms import editing
from forms.editing import KINDS, NoSuchField, Option
from forms.editing.document import named

SHIPPED = sorted(Path(forms.__file__).parent.glob("schemas/*/*.json"))
FORMS = [one for one in SHIPPED if one.name != "facts.json"]


def base(**more: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": "object",
        "title": "表",
        "x-title": {"en": "Form"},
        "properties": {
            "result": {
                "type": "string",
                "title": "结果",
                "x-title": {"en": "Result"},
                "oneOf": [
                    {"const": "a", "title": "甲", "x-title": {"en": "A"}},
                    {"const": "b", "title": "乙", "x-title": {"en": "B"}},
                ],
            },
            "why": {"type": "string", "title": "理由", "x-title": {"en": "Why"}, "maxLength": 200},
        },
        "required": ["result"],
    }
    return {**document, **more}


def every_path(document: dict[str, Any]) -> list[str]:
    found = []
    for name in editing.names_in(document):
        found += [name, *(f"{name}.{part}" for part in editing.names_in(document, name))]
    return found


def labelled(kind: str) -> dict[str, Any]:
    return {**KINDS[kind].begin(), "title": "新栏目", "x-title": {"en": "New field"}}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_shipped_file_stays_byte_for_byte_when_nothing_is_changed(path: Path) -> None:
    content = path.read_bytes()
    document = json.loads(content)
    assert editing.written(json.loads(content), content) == content
    for each in every_path(document):
        schema, required = editing.find(document, each)
        settings = editing.settings_of(schema, required=required)
        same = editing.put(document, each, editing.changed(schema, settings, settings), required=required)
        assert editing.written(same, content) == content, each
        assert editing.kind_of(schema) in KINDS


@pytest.mark.parametrize("path", FORMS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_change_of_a_shipped_form_changes_its_own_lines_and_can_be_taken_back(path: Path) -> None:
    content = path.read_bytes()
    document = json.loads(content)
    for name in editing.names_in(document)[:3]:
        schema, required = editing.find(document, name)
        before = editing.settings_of(schema, required=required)
        after = replace(before, zh=before.zh + "改", help_zh="说明", help_en="Help", max_items=7)
        there = editing.put(document, name, editing.changed(schema, before, after), required=not required)
        text = editing.written(there, content).decode()
        assert json.loads(text) == there
        kept = [line for line in text.splitlines() if line in content.decode().splitlines()]
        assert len(kept) >= len(content.decode().splitlines()) - 6 - content.decode().count('"required"')
        schema, _ = editing.find(there, name)
        back = editing.put(there, name, editing.changed(schema, after, before), required=required)
        assert json.loads(editing.written(back, content)) == sorted_like(document, back)


def sorted_like(document: dict[str, Any], back: dict[str, Any]) -> dict[str, Any]:
    """Whoever is no longer required and is again stands last among the required."""
    wanted = document.get("required", [])
    assert sorted(back.get("required", [])) == sorted(wanted)
    return {**document, **({"required": back["required"]} if wanted else {})}


@pytest.mark.parametrize("path", FORMS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_what_is_added_to_a_shipped_form_and_removed_again_leaves_its_bytes(path: Path) -> None:
    content = path.read_bytes()
    document = json.loads(content)
    offered = [kind for kind in KINDS.values() if kind.offered]
    for kind in offered[FORMS.index(path) % 7 :: 7]:  # in turn, so that it stays quick
        more = editing.add(document, "", "quite_new", labelled(kind.key))
        forms.load(editing.written(more, content))
        shown = editing.show_when(
            editing.add(more, "", "asked", labelled("checkbox")), "quite_new", "asked", {"const": True}, required=True
        )
        forms.load(editing.written(shown, content))
        assert editing.kind_of(editing.find(more, "quite_new")[0]) == kind.key
        back = editing.remove(editing.remove(shown, "quite_new"), "asked")
        assert editing.written(back, content) == content


def test_each_kind_may_be_a_column_where_it_says_so() -> None:
    rows = editing.add(base(), "", "lines", labelled("rows"))
    for kind in KINDS.values():
        if kind.offered and kind.inner:
            forms.load(editing.written(editing.add(rows, "lines", "quite_new", labelled(kind.key))))
    moved = editing.move(editing.add(rows, "lines", "second", labelled("text")), "lines.second", -1)
    assert editing.names_in(moved, "lines") == ["second", "content"]


def test_settings_are_written_as_the_dialect_has_them() -> None:
    number = labelled("number")
    before = editing.settings_of(number, required=False)
    after = replace(before, minimum=0, open_low=True, maximum=5, suffix_zh="米", suffix_en="m", access="read")
    made = editing.changed(number, before, after)
    assert made["exclusiveMinimum"] == 0
    assert "minimum" not in made
    assert made["maximum"] == 5
    assert made["x-unit"] == {"zh": "米", "en": "m"}
    assert made["x-access"] == "read"
    assert editing.settings_of(made, required=False) == after
    assert editing.changed(made, after, before) == number
    choice = base()["properties"]["result"]
    was = editing.settings_of(choice, required=True)
    now = editing.changed(choice, was, replace(was, options=(*was.options[1:], Option("c", "丙", "C"))))
    assert [one["const"] for one in now["oneOf"]] == ["b", "c"]
    codes = {"type": "string", "title": "码", "x-title": {"en": "Code"}, "enum": ["A1", "B2"]}
    coded = editing.settings_of(codes, required=False)
    assert editing.changed(codes, coded, coded) == codes
    more = editing.changed(codes, coded, replace(coded, options=(*coded.options, Option("other", "其他", "Other"))))
    forms.load(editing.written(base(properties={"codes": more}, required=[])))


def test_what_stands_there_at_first_who_fills_it_in_and_no_item_twice() -> None:
    for kind, begun in (("text", "无"), ("number", 2.5), ("checkbox", False)):
        field = labelled(kind)
        was = editing.settings_of(field, required=False)
        made = editing.changed(field, was, replace(was, default=begun, posts=("window", "handler")))
        assert (made["default"], made["x-posts"]) == (begun, ["window", "handler"])
        now = editing.settings_of(made, required=False)
        assert (now.default, now.posts) == (begun, ("window", "handler"))
        assert editing.changed(made, now, replace(now, default=None, posts=())) == field
        forms.load(editing.written(base(properties={"one": made}, required=[])))
    units = labelled("units")
    was = editing.settings_of(units, required=False)
    assert editing.changed(units, was, replace(was, unique=True))["uniqueItems"] is True


def test_a_condition_is_joined_by_another_that_must_hold_too() -> None:
    document = editing.add(base(required=["result"]), "", "asked", labelled("checkbox"))
    once = editing.show_when(document, "why", "result", {"const": "b"}, required=False)
    beside = editing.add(once, "", "other", labelled("text"))
    beside = editing.show_when(beside, "other", "result", {"const": "b"}, required=False)
    (first,) = editing.shown_when(beside, "why")
    both = editing.show_when(beside, "why", "asked", {"const": True}, required=True, beside=first.ref)
    (joined,) = editing.shown_when(both, "why")
    assert dict(joined.tests) == {"result": {"const": "b"}, "asked": {"const": True}}
    (others,) = editing.shown_when(both, "other")
    assert dict(others.tests) == {"result": {"const": "b"}}, "who shared the condition keeps it as it was"
    form = forms.load(editing.written(both))

    def shown(**values: object) -> bool:
        return {one.name: one for one in form.fields(values)}["why"].visible

    assert [shown(result="b"), shown(asked=True), shown(result="b", asked=True)] == [False, False, True]
    with pytest.raises(LookupError):
        editing.show_when(both, "why", "asked", {"const": True}, required=True, beside="9.0")


def test_a_field_is_shown_on_conditions_and_always_again() -> None:
    document = base(required=["result", "why"])
    once = editing.show_when(document, "why", "result", {"enum": ["b"]}, required=True)
    assert once["required"] == ["result"]
    form = forms.load(editing.written(once))
    drawn = {one.name: one for one in form.fields({"result": "a"})}
    assert drawn["why"].visible is False
    with pytest.raises(forms.InvalidAnswers):
        form.validate({"result": "b"})
    twice = editing.show_when(once, "why", "result", {"const": "a"}, required=False)
    found = editing.shown_when(twice, "why")
    assert [(one.required, dict(one.tests)) for one in found] == [
        (True, {"result": {"enum": ["b"]}}),
        (False, {"result": {"const": "a"}}),
    ]
    assert editing.unmentioned(twice, "why", found[1].ref) == once
    assert "allOf" not in editing.unmentioned(twice, "why")
    assert "allOf" not in editing.remove(twice, "result")
    # The root's own rule is one of them.
    own = {
        "if": {"properties": {"result": {"const": "a"}}, "required": ["result"]},
        "then": {"required": ["why"]},
        "else": {"properties": {"why": {"maxLength": 5}}},
    }
    rooted = base(**own)
    both = editing.shown_when(rooted, "why")
    assert [one.ref for one in both] == ["0.0", "0.1"]
    assert both[1].narrows == {"maxLength": 5}
    assert "then" not in editing.unmentioned(rooted, "why", "0.0")
    assert editing.unmentioned(rooted, "why") == base()


def test_the_facts_follow_what_was_the_same() -> None:
    facts = base(properties={"result": base()["properties"]["result"]}, required=[])
    why = base()["properties"]["why"]
    more = editing.in_step(facts, "why", None, {**why, "x-access": "read", "default": "x"}, others=False)
    assert more["properties"]["why"] == why
    longer = editing.in_step(more, "why", why, {**why, "maxLength": 300, "title": "缘由"}, others=True)
    assert longer["properties"]["why"] == {**why, "maxLength": 300, "title": "缘由"}
    own = {**more, "properties": {**more["properties"], "why": {**why, "maxLength": 900}}}
    kept = editing.in_step(own, "why", why, {**why, "maxLength": 300}, others=False)
    assert kept["properties"]["why"]["maxLength"] == 900
    choice = base()["properties"]["result"]
    fewer = {**choice, "oneOf": [choice["oneOf"][1], {"const": "c", "title": "丙", "x-title": {"en": "C"}}]}
    alone = editing.in_step(facts, "result", choice, fewer, others=False)
    assert [one["const"] for one in alone["properties"]["result"]["oneOf"]] == ["b", "c"]
    shared = editing.in_step(facts, "result", choice, fewer, others=True)
    assert [one["const"] for one in shared["properties"]["result"]["oneOf"]] == ["a", "b", "c"]
    sealed = editing.in_step(facts, "phone", None, {**why, "x-personal": "contact"}, others=False)
    assert "phone" not in sealed["properties"]
    rows = labelled("rows")
    wider = editing.find(editing.add(base(properties={"r": rows}), "r", "amount", labelled("number")), "r")[0]
    listed = editing.in_step({**facts, "properties": {"r": labelled("rows")}}, "r", rows, wider, others=False)
    assert list(listed["properties"]["r"]["items"]["properties"]) == ["content", "amount"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "csrf_token",
        "_kept",
        "Name",
        "a b",
        "a.b",
        "名称",
        "../x",
        "a" * 99,
        "result",
        "x-title",
        "__proto__",
        "a\n",
    ],
)
def test_a_hostile_name_makes_no_field(name: str) -> None:
    with pytest.raises(NoSuchField):
        editing.add(base(), "", name, labelled("text"))


@pytest.mark.parametrize("path", ["nothing", "result.deeper", "why.0", "", ".", "result.", "properties", "a.b.c.d"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    for act in (
        lambda: editing.find(base(), path),
        lambda: editing.remove(base(), path),
        lambda: editing.move(base(), path, 1),
        lambda: editing.put(base(), path, {}, required=False),
    ):
        with pytest.raises(NoSuchField):
            act()


def test_a_document_that_is_no_form_is_not_stumbled_over() -> None:
    every: list[dict[str, Any]] = [
        {},
        {"properties": []},
        {"properties": {"a": 1}},
        {"allOf": 5, "properties": {"a": {}}},
        {"if": 1},
    ]
    for broken in every:
        assert editing.names_in(broken) in ([], ["a"])
        assert editing.shown_when(broken, "a") == []
        for name in editing.names_in(broken):
            schema, required = editing.find(broken, name)
            assert editing.kind_of(schema) == "other"
            assert editing.settings_of(schema, required=required).zh == ""


def test_what_is_shared_is_changed_beside_it_only() -> None:
    shared = {"$defs": {"t": {"type": "string", "title": "共", "x-title": {"en": "Shared"}, "maxLength": 9}}}
    document = base(properties={"one": {"$ref": "#/$defs/t"}}, required=[], **shared)
    schema, _ = editing.find(document, "one")
    before = editing.settings_of(schema, required=False)
    assert before.max_length == 9
    after = replace(before, zh="另名", max_length=3)
    made = editing.put(document, "one", editing.changed(schema, before, after), required=True)
    assert made["properties"]["one"] == {"$ref": "#/$defs/t", "title": "另名"}
    assert made["$defs"] == document["$defs"]


def test_names_come_from_english_labels() -> None:
    assert named("Safety opinion (1)", []) == "safety_opinion_1"
    assert named("Why", ["why", "why_2"]) == "why_3"
    assert named("2nd", []) == "field_2nd"
    assert named("理由", []) == "field"
