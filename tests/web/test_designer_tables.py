"""Decision tables on their pages: who may, what is told while one writes, what is made, tried, and taken away."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

from engine import drafts
from tests.dmn.drawing import SPACES, decision, dmn_file, table
from tests.web.visitor import COLLECTOR, Visit, Visitor
from web.city import City
from web.plain import plain_table
from web.setting_up import bundle
from web.wiring import PROCESSES

DESIGNER = "xuguangming"
FILE = "plan_snow_level.dmn"
BASE = "/definitions/plan_snow"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # what is kept is tested where drafts are


def shipped() -> dict[str, bytes]:
    return bundle(PROCESSES / "plan_snow")


def send(designer: Visitor, path: str, data: bytes, **more: object) -> Any:
    page = html.unescape(designer.get(f"{BASE}/edit").text)
    headers = {
        "X-CSRFToken": page.partition('"csrf": "')[2].partition('"')[0],
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Language": designer.language,
    }
    body = {"base": 1, "tab": "one", "file": FILE, "xml": data.decode(), **more}
    return designer.client.post(path, data=json.dumps(body), headers=headers)


def test_only_designers_see_and_change_tables(visit: Visit) -> None:
    reader, designer = visit(COLLECTOR), visit(DESIGNER)
    for path in (f"{BASE}/tables", f"{BASE}/tables/{FILE}"):
        assert reader.get(path).status_code == 403
        assert designer.get(path).status_code == 200
    assert designer.get(f"{BASE}/tables/nothing.dmn").status_code == 404
    assert designer.get(f"{BASE}/tables/plan_snow.bpmn").status_code == 404
    policy = designer.get(f"{BASE}/tables/{FILE}").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-eval" not in policy


def test_a_table_is_saved_into_the_draft_and_nothing_else(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    changed = shipped()[FILE].replace(b"<text>4</text>", b"<text>3</text>")
    made = send(designer, f"{BASE}/drafts", changed)
    assert made.status_code == 201
    assert made.json["url"].endswith(f"/tables/{FILE}")
    assert drafts.files_of(city.core, made.json["draft"]) == {**shipped(), FILE: changed}
    assert designer.get(made.json["url"]).status_code == 200
    # Somebody else saved the same table meanwhile: both are kept; who saved the diagram is in nobody's way.
    other = visit("fangzhiyuan")
    again = changed.replace(b"<text>3</text>", b"<text>2</text>")
    diagram = shipped()["plan_snow.bpmn"].replace("融雪".encode(), "除雪".encode(), 1)
    assert send(other, made.json["save"], diagram, file=None, revision=1, tab="two").json["draft"] == made.json["draft"]
    kept = send(designer, made.json["save"], again, revision=1).json
    assert kept["draft"] == made.json["draft"]
    late = send(other, made.json["save"], shipped()[FILE], revision=1, tab="two").json
    assert late["draft"] != made.json["draft"]
    assert late["theirs"] == made.json["url"]
    assert drafts.files_of(city.core, made.json["draft"]) == {**shipped(), FILE: again, "plan_snow.bpmn": diagram}
    assert send(designer, made.json["save"], again, file="new.dmn", revision=9).status_code == 404


def test_what_is_wrong_is_told_by_cell(visit: Visit) -> None:
    designer = visit(DESIGNER)
    right = send(designer, f"{BASE}/tables/look", shipped()[FILE]).json
    assert right["problems"] == []
    assert [one["key"] for one in right["decisions"][0]["questions"]] == ["signal", "traffic_stopped"]
    wrong = send(
        designer, f"{BASE}/tables/look", shipped()[FILE].replace(b"<text>true</text>", b"<text>true or</text>")
    ).json
    assert [one["element"] for one in wrong["problems"]] == ["r2_2"]
    assert wrong["decisions"] == []
    assert send(designer, f"{BASE}/tables/look", b"<x").json["problems"]


@pytest.mark.parametrize(
    "answers,rules,result",
    [
        ({"signal": "orange", "traffic_stopped": "false"}, [3], "2"),
        ({"signal": "orange", "traffic_stopped": "true"}, [2], "1"),
        ({}, [5], "4"),
        ({"signal": 3, "nothing": "x"}, [5], "4"),
    ],
)
def test_a_table_is_tried(answers: dict[str, object], rules: list[int], result: str, visit: Visit) -> None:
    sent = {"decision": "plan_snow_level", "answers": answers}
    answer = send(visit(DESIGNER), f"{BASE}/tables/try", shipped()[FILE], **sent)
    assert answer.json == {"rules": {"plan_snow_level": rules}, "failed": "", "result": result}


def test_what_cannot_be_tried_says_why(visit: Visit) -> None:
    designer = visit(DESIGNER, "en")
    sent: dict[str, object] = {"decision": "plan_snow_level", "answers": {"traffic_stopped": "perhaps"}}
    path = f"{BASE}/tables/try"
    assert "is true or false" in send(designer, path, shipped()[FILE], **sent).json["sentence"]
    assert "mend it" in send(designer, path, b"<x", **sent).json["sentence"]
    assert "mend it" in send(designer, path, shipped()[FILE], decision="x", answers={}).json["sentence"]
    assert send(designer, path, shipped()[FILE], decision="x", answers=[]).status_code == 422
    many = dmn_file(decision("d", table(["n"], ["y"], [["> 1", "1"], ["> 2", "2"]], policy="UNIQUE")))
    asked: dict[str, object] = {"decision": "d", "answers": {"n": "5"}}
    told = send(designer, path, many, **asked).json
    assert told["rules"] == {"d": [1, 2]}
    assert "2 rules match" in told["failed"]
    assert (
        "is a number"
        in send(
            designer,
            path,
            dmn_file(decision("d", table([("n", {"type": "number"})], ["y"], [["> 1", "1"]]))),
            decision="d",
            answers={"n": "1e999999"},
        ).json["sentence"]
    )


def test_a_table_may_ask_registers_and_working_time(visit: Visit) -> None:
    rows = [["-", 'add working time(date and time("2026-11-23T09:00:00+08:00"), 1, "work_day")']]
    data = dmn_file(decision("d", table(["n"], ["y"], rows)))
    told = send(visit(DESIGNER), f"{BASE}/tables/try", data, decision="d", answers={}).json
    assert told["failed"] == ""
    assert "2026-11-24" in told["result"]


def test_tables_are_made_copied_and_taken_away(visit: Visit, city: City) -> None:
    designer = visit(DESIGNER)
    page, make, remove = f"{BASE}/tables", f"{BASE}/tables", f"{BASE}/tables/remove"
    bad = designer.submit(page, make, decision="plan_snow_level", name="级别")
    assert bad.status_code == 422
    assert "已有标识为“plan_snow_level”的决策" in bad.text
    assert drafts.listing(city.core) == []
    answer = designer.submit(page, make, decision="salt", name="用盐 <b>", name_en="Salt")
    (draft,) = drafts.listing(city.core)
    assert answer.headers["Location"].endswith(f"/definitions/drafts/{draft.id}/tables/salt.dmn")
    page = f"/definitions/drafts/{draft.id}/tables"
    listed = designer.get(page).text
    assert "用盐 &lt;b&gt;" in listed
    designer.submit(page, make, decision="level_two", name="级别二", copy=FILE)
    assert designer.submit(page, make, decision="x", name="x", copy="plan_snow.bpmn").status_code == 404
    files = drafts.files_of(city.core, draft.id)
    assert sorted(files.keys() - shipped().keys()) == ["level_two.dmn", "salt.dmn"]
    assert designer.submit(page, remove, file=FILE).status_code == 422
    assert designer.submit(page, remove, file="plan_snow.bpmn").status_code == 404
    assert designer.submit(page, remove, file="salt.dmn").status_code == 303
    assert "salt.dmn" not in drafts.files_of(city.core, draft.id)
    assert (
        designer.submit(
            "/definitions/supervision/tables",
            "/definitions/supervision/tables",
            draft=str(draft.id),
            decision="y",
            name="y",
        ).status_code
        == 404
    )


@pytest.mark.parametrize("version", sorted(SPACES))
def test_every_version_is_handed_to_the_editor_as_the_one_it_reads(version: str) -> None:
    data = dmn_file(
        decision("d", table(["x"], ["y"], [['"http://www.omg.org/spec/DMN/20180521/MODEL/"', "1"]])), version=version
    )
    read = plain_table(data)
    assert read.count(SPACES["1.3"].encode()) == 1
    assert b'"http://www.omg.org/spec/DMN/20180521/MODEL/"' in read  # a text of the table
    if version == "1.3":
        assert read == data
