"""What differs between two versions: by element, setting, field and cell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.publishing.comparing import Difference, compare
from engine.publishing.differing import Change, Setting
from tests.bpmn.drawing import chain, end, ext, flow, process, start, tag, user
from web.setting_up import bundle
from web.wiring import PROCESSES
from web.words_of_diagrams import ATTRIBUTES, EXTENSION

WHO = '<ld:candidates unit="command_centre" post="dispatcher"/>'


def drawn(*parts: object, **more: str) -> dict[str, bytes]:
    return {"p.bpmn": process(start(), *parts, end(), id="p", **more)}  # type: ignore[arg-type]


BEFORE = drawn(user("A", settings=WHO), user("B", settings=WHO), chain("S", "A", "B", "E"))


def said(found: Difference) -> dict[str, tuple[Change, tuple[Setting, ...]]]:
    return {one.id: (one.change, one.settings) for one in found.elements}


@pytest.mark.parametrize("folder", sorted(f.name for f in PROCESSES.iterdir() if (f / f"{f.name}.bpmn").exists()))
def test_a_version_differs_in_nothing_from_itself_and_in_all_from_nothing(folder: str) -> None:
    files = bundle(PROCESSES / folder)
    assert compare(files, files).is_empty
    added, gone = compare({}, files), compare(files, {})
    for found, change in ((added, Change.ADDED), (gone, Change.REMOVED)):
        assert {one.change for one in found.elements} == {change}
        assert {one.change for one in found.forms} <= {change}
    assert len(added.elements) == len(gone.elements) > 3
    names = set(re.findall(r'<bpmn:userTask id="(\w+)"', files[f"{folder}.bpmn"].decode()))
    assert names <= set(added.marked(Change.ADDED))


def test_settings_flows_names_and_conditions_are_told() -> None:
    other = '<ld:candidates unit="command_centre" post="leader"/><ld:clock id="c" budget="1" unit="work_day"/>'
    after = drawn(user("A", settings=other), user("C", settings=WHO), chain("S", "A", "C", "E"))
    found = said(compare(BEFORE, after))
    change, settings = found["A"]
    assert change is Change.CHANGED
    assert Setting(("ld:candidates", "post"), "dispatcher", "leader") in settings
    assert Setting(("ld:clock", "budget"), None, "1") in settings  # a number stays one
    assert found["B"][0] is Change.REMOVED
    assert found["C"][0] is Change.ADDED
    assert {id_ for id_, (c, _) in found.items() if c is Change.ADDED and "-" in id_} == {"A-C", "C-E"}


def test_a_condition_and_a_lane() -> None:
    def routed(condition: str) -> dict[str, bytes]:
        gate = tag("exclusiveGateway", id="G", default="G-E")
        return drawn(gate, user("A", settings=WHO), chain("S", "G", "E"), flow("G", "A", condition), flow("A", "E"))

    (one,) = compare(routed("x = 1"), routed("x = 2")).elements
    assert one.id == "G-A"
    assert [(s.path[0], s.before, s.after) for s in one.settings] == [("conditionExpression", "=x = 1", "=x = 2")] or [
        (s.before, s.after) for s in one.settings
    ] == [("x = 1", "x = 2")]
    files = bundle(PROCESSES / "supervision")
    xml = files["supervision.bpmn"].decode()
    lanes = re.findall(r'<bpmn:lane id="(\w+)"', xml)
    node = re.search(r"<bpmn:flowNodeRef>(\w+)</bpmn:flowNodeRef>", xml)
    assert node
    moved = xml.replace(node[0], "", 1)
    head, sep, tail = moved.rpartition("</bpmn:lane>")
    changed = {**files, "supervision.bpmn": f"{head}{node[0]}{sep}{tail}".encode()}
    (one,) = compare(files, changed).elements
    assert one.id == node[1]
    assert one.settings[0].path == ("lane",)
    assert one.settings[0].before in lanes


def test_what_is_only_drawn_elsewhere_is_no_change_of_what_is_said() -> None:
    files = bundle(PROCESSES / "supervision")
    xml = files["supervision.bpmn"].decode()
    shape = re.search(r'bpmnElement="Archive"[^>]*>\s*<dc:Bounds x="(\d+)', xml)
    assert shape
    found = compare(files, {**files, "supervision.bpmn": (xml[: shape.start(1)] + "7" + xml[shape.end(1) :]).encode()})
    assert found.moved == ("Archive",)
    assert not found.elements
    assert not found.is_empty


def form(**fields: Mapping[str, object]) -> bytes:
    return json.dumps(
        {"title": "表", "properties": fields, "required": [n for n in fields if n.startswith("r")]}
    ).encode()


def test_fields_of_forms() -> None:
    choice = {"title": "选", "oneOf": [{"const": "a", "title": "甲"}, {"const": "b", "title": "乙"}]}
    other = {"title": "选", "oneOf": [{"const": "b", "title": "丙"}, {"const": "a", "title": "甲"}]}
    before = {**BEFORE, "f.json": form(one={"title": "一"}, two=choice, three={"title": "三"}), "g.json": form()}
    after = {**BEFORE, "f.json": form(two=other, one={"title": "一"}, r={"title": "新"}), "h.json": form()}
    found = {one.name: one for one in compare(before, after).forms}
    assert {name: one.change for name, one in found.items()} == {"f": "changed", "g": "removed", "h": "added"}
    fields = {one.name: one for one in found["f"].fields}
    assert {name: one.change for name, one in fields.items()} == {"two": "changed", "r": "added", "three": "removed"}
    assert fields["two"].settings == (Setting(("oneOf[b]", "title"), "乙", "丙"),)
    assert Setting(("required",), None, "true") in fields["r"].settings
    assert found["f"].reordered


def test_cells_of_tables() -> None:
    files = bundle(PROCESSES / "plan_snow")
    name = "plan_snow_level.dmn"
    text = files[name].decode()
    rules = re.findall(r"<rule .*?</rule>", text)
    cell = text.replace('<text>"orange"</text>', '<text>"amber"</text>')
    gone = text.replace(rules[1], "")
    swapped = text.replace(rules[0], "@").replace(rules[2], rules[0]).replace("@", rules[2])
    unnamed = re.sub(r'<rule id="\w+">', "<rule>", text)
    changes = {
        key: [
            (r.change, r.before, r.after)
            for one in compare(files, {**files, name: after.encode()}).tables
            for r in one.rows
        ]
        for key, after in (("cell", cell), ("gone", gone), ("swapped", swapped))
    }
    assert changes["cell"] == [("changed", 3, 3)]
    assert changes["gone"] == [("removed", 2, None)]
    assert {change for change, *_ in changes["swapped"]} == {"moved"}
    (table,) = compare(files, {**files, name: cell.encode()}).tables
    assert table.rows[0].cells == (("气象预警信号", '"orange"', '"amber"'),)
    (table,) = compare(
        {**files, name: unnamed.encode()}, {**files, name: unnamed.replace(">true<", ">false<").encode()}
    ).tables
    assert [(r.change, len(r.cells)) for r in table.rows] == [("changed", 1)]


@pytest.mark.parametrize("bad", [b"", b"<no/>", b"<a", b"\xff\xfe", b'{"a":', b"[" * 5000, b"<!DOCTYPE x><x/>"])
def test_what_cannot_be_read_breaks_nothing(bad: bytes) -> None:
    broken = {"p.bpmn": bad, "f.json": bad, "t.dmn": bad}
    assert compare(broken, broken).is_empty
    assert not compare(BEFORE, broken).is_empty
    assert not compare(broken, BEFORE).is_empty


def test_every_setting_of_the_extension_has_words() -> None:
    described = json.loads((Path(PROCESSES).parent / "engine/bpmn/liandong.moddle.json").read_text())
    for kind in described["types"]:
        tag_ = kind["name"][0].lower() + kind["name"][1:]
        assert tag_ in EXTENSION or tag_ == "acts", tag_
        for one in kind.get("properties", []):
            assert f"{tag_}.{one['name']}" in ATTRIBUTES, f"{tag_}.{one['name']}"


def test_two_of_a_kind_are_told_apart() -> None:
    def clocks(first: str, second: str) -> dict[str, bytes]:
        settings = (
            f'<ld:clock id="a" budget="{first}" unit="work_day"/><ld:clock id="b" budget="{second}" unit="work_day"/>'
        )
        return drawn(user("A", settings=WHO), ext(settings), chain("S", "A", "E"))

    (one,) = compare(clocks("1", "2"), clocks("1", "3")).elements
    assert one.settings == (Setting(("ld:clock[b]", "budget"), "2", "3"),)


def test_a_table_that_came_is_one() -> None:
    files = bundle(PROCESSES / "plan_snow")
    without = {name: content for name, content in files.items() if not name.endswith(".dmn")}
    came, went = compare(without, files).tables, compare(files, without).tables
    assert all(one.id for one in (*came, *went))
    assert {one.change for one in came} == {"added"}
    assert [one.id for one in came] == [one.id for one in went]
