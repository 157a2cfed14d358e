"""A case by API alone, from report to closure, and who may see and do what on the way."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image

from engine.clock import ManualClock
from tests.bench.story import OLD, Walker
from tests.web.api.calling import (
    ACCEPTOR,
    COLLECTOR,
    DISPATCHER,
    FILE,
    LEADER,
    OPERATOR,
    OTHER_LEADER,
    REPORT,
    STRANGER,
    Caller,
)
from web.city import City

People = Callable[[str], Caller]


@pytest.fixture
def case(people: People) -> str:
    reply = people(COLLECTOR).post("/instances", {"process": "case_dispatch", "answers": REPORT})
    assert reply.status_code == 201, reply.json
    return str(reply.json["instance"])


def test_a_case_from_report_to_closure(people: People, city: City, case: str) -> None:
    walker = Walker(city)
    steps = (("File", FILE), ("Dispatch", {"dispatch_decision": "dispatch", "responsible_unit": "water_supply"}), *OLD)
    for node, answers in steps:
        who = OTHER_COLLECTOR if node == "Check" else walker.who(node)
        listed = people(COLLECTOR).get(f"/instances/{case}/tasks").json["items"]
        assert [t["node"] for t in listed] == [node]
        waiting = people(who).get("/tasks?tab=unit").json["items"]
        assert [t["ref"] for t in waiting] == [listed[0]["ref"]]
        shown = people(who).get(f"/tasks/{listed[0]['ref']}").json
        assert set(answers) <= set(shown["form"]["properties"])
        done = people(who).post(f"/tasks/{listed[0]['ref']}/complete", {"answers": answers})
        assert done.status_code == 200, done.json
    assert done.json == {"instance": case, "opened": [], "ended": True}
    ended = people(COLLECTOR).get(f"/instances/{case}").json
    assert (ended["status"], ended["outcome"], ended["tasks"], ended["unit"]) == (
        "completed",
        "EndClosed",
        [],
        "water_supply",
    )
    trail = people(COLLECTOR).get(f"/instances/{case}/trail").json
    assert [e["kind"] for e in trail["items"]] == ["started"] + ["completed"] * len(steps)
    assert all(isinstance(e["actor"]["id"], str) for e in trail["items"])


OTHER_COLLECTOR = "wangxiuying"


def test_ids_are_strings_everywhere(people: People, case: str) -> None:
    shown = people(COLLECTOR).get(f"/instances/{case}").json
    assert shown["id"] == case
    assert shown["tasks"][0]["ref"].startswith(case + ".")
    assert int(case) > 2**53, "a browser's number could hold it"


def test_not_yours_and_none_answer_alike(people: People, case: str) -> None:
    stranger = people(STRANGER)
    task = people(COLLECTOR).get(f"/instances/{case}/tasks").json["items"][0]["ref"]
    nowhere = str(int(case) - 1)
    for mine, none in (
        (stranger.get(f"/instances/{case}"), stranger.get(f"/instances/{nowhere}")),
        (stranger.get(f"/instances/{case}/trail"), stranger.get(f"/instances/{nowhere}/trail")),
        (stranger.get(f"/instances/{case}/tasks"), stranger.get(f"/instances/{nowhere}/tasks")),
        (stranger.get(f"/instances/{case}/files"), stranger.get(f"/instances/{nowhere}/files")),
        (stranger.get(f"/tasks/{task}"), stranger.get(f"/tasks/{nowhere}.1")),
        (stranger.post(f"/tasks/{task}/claim"), stranger.post(f"/tasks/{nowhere}.1/claim")),
        (
            stranger.post(f"/tasks/{task}/complete", {"answers": FILE}),
            stranger.post(f"/tasks/{nowhere}.1/complete", {"answers": FILE}),
        ),
        (
            stranger.post(f"/instances/{case}/comments", {"text": "x"}),
            stranger.post(f"/instances/{nowhere}/comments", {"text": "x"}),
        ),
    ):
        assert (mine.status_code, mine.json) == (404, none.json)
    assert stranger.get("/instances").json == {"items": [], "next": None}
    assert stranger.get("/instances?q=井盖").json["items"] == []


def test_a_colleague_sees_the_case_but_cannot_take_a_claimed_task(people: People, case: str) -> None:
    task = people(COLLECTOR).get(f"/instances/{case}/tasks").json["items"][0]["ref"]
    assert people(LEADER).post(f"/tasks/{task}/claim").status_code == 200
    refused = people(OTHER_LEADER).post(f"/tasks/{task}/complete", {"answers": FILE})
    assert refused.status_code == 409
    assert refused.content_type == "application/problem+json"
    assert (refused.json["code"], refused.json["who"]) == ("task_gone", "孙国庆")
    assert refused.json["at"].startswith("20")
    assert people(OTHER_LEADER).post(f"/tasks/{task}/release").status_code in {404, 409}
    moved = people(LEADER).post(f"/tasks/{task}/transfer", {"to": OTHER_LEADER, "reason": "外出"})
    assert moved.status_code == 200
    assert people(OTHER_LEADER).get("/tasks?tab=mine").json["items"][0]["assignee"]["name"] == "胡丽娟"
    assert people(OTHER_LEADER).post(f"/tasks/{task}/release").status_code == 200
    assert people(LEADER).post(f"/tasks/{task}/transfer", {"to": STRANGER}).status_code == 422


def test_powers_are_asked(people: People, case: str) -> None:
    collector = people(COLLECTOR)
    assert collector.post(f"/instances/{case}/cancel", {"reason": "x"}).status_code == 403
    assert collector.get("/incidents").status_code == 403
    assert collector.post("/messages", {"name": "m"}).status_code == 403
    assert collector.post("/signals", {"name": "s"}).status_code == 403
    assert collector.post("/definitions", {"files": {"a.bpmn": "x"}}).status_code == 403
    assert people(DISPATCHER).post("/instances", {"process": "case_dispatch", "answers": REPORT}).status_code == 403
    operator = people(OPERATOR)
    assert operator.get("/incidents").json == {"items": []}
    assert operator.post("/messages", {"name": "m"}).status_code == 404
    assert operator.post("/signals", {"name": "s"}).json == {"instances": 0}
    assert operator.post(f"/instances/{case}/cancel", {"reason": "重复"}).status_code == 200
    assert collector.get(f"/instances/{case}").json["status"] == "cancelled"


def test_wrong_answers_are_told_one_by_one_in_the_language_asked_for(people: People) -> None:
    body = {"process": "case_dispatch", "answers": {"source": "collector", "verified": True}}
    english = people(COLLECTOR).post("/instances", body)
    chinese = people(COLLECTOR).post("/instances", body, headers={"Accept-Language": "zh-CN"})
    assert english.status_code == chinese.status_code == 422
    assert {p["path"] for p in english.json["problems"]} == {"title", "area", "place", "verified"}
    assert "In one line" in english.text
    assert "问题简述" in chinese.text
    assert chinese.headers["Content-Language"] == "zh"
    wrong = people(COLLECTOR).post("/instances", {"answers": 3, "x": 1}, headers={"Accept-Language": "zh"})
    assert {p["path"] for p in wrong.json["problems"]} == {"process", "answers", "x"}


def test_lists_page_filter_and_search(people: People, clock: ManualClock, city: City) -> None:
    del clock
    collector = people(COLLECTOR)
    numbers = []
    for i in range(5):
        answers = {**REPORT, "title": f"路灯不亮{i}" if i % 2 else f"井盖缺失{i}"}
        numbers.append(collector.post("/instances", {"process": "case_dispatch", "answers": answers}).json["number"])
    seen, after = [], ""
    while True:
        page = collector.get(f"/instances?limit=2{after}").json
        seen += [i["number"] for i in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert sorted(seen) == sorted(numbers)
    assert len(collector.get("/instances?q=井盖").json["items"]) == 3
    assert len(collector.get("/instances?process=case_dispatch&status=active&mine=true").json["items"]) == 5
    assert collector.get("/instances?status=completed").json["items"] == []
    assert collector.get("/instances?unit=nowhere").json["items"] == []
    assert collector.get("/instances?area=yuanlin&limit=3").json["next"]
    assert collector.get("/instances?started_from=2099-01-01T00:00:00%2B08:00").json["items"] == []
    assert collector.get("/instances?after=x").status_code == 422


def test_photos_go_in_and_come_out_safely(people: People, case: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "red").save(out, "JPEG", comment=b"CANARY")
    sent = people(COLLECTOR).post(f"/instances/{case}/files", data={"file": (io.BytesIO(out.getvalue()), "现场.jpeg")})
    assert sent.status_code == 201, sent.json
    (file_id,) = sent.json["files"]
    assert people(LEADER).get(f"/instances/{case}/files").json["items"][0]["name"] == "现场.jpg"
    got = people(LEADER).get(f"/instances/{case}/files/{file_id}")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert b"CANARY" not in got.data
    small = people(LEADER).get(f"/instances/{case}/files/{file_id}?thumbnail=true")
    assert len(small.data) < len(got.data)
    assert people(STRANGER).get(f"/instances/{case}/files/{file_id}").status_code == 404
    evil = people(COLLECTOR).post(f"/instances/{case}/files", data={"file": (io.BytesIO(b"<svg/>"), "a.jpg")})
    assert evil.status_code == 422
    assert people(COLLECTOR).post(f"/instances/{case}/files").status_code == 422


def test_the_reporter_stays_hidden(people: People) -> None:
    answers = {**REPORT, "source": "wechat", "reporter_name": "CANARY", "reporter_phone": "13812345678"}
    reply = people(ACCEPTOR).post("/instances", {"process": "case_dispatch", "answers": answers})
    case = reply.json["instance"]
    for path in (f"/instances/{case}", f"/instances/{case}/trail", f"/instances/{case}/tasks", "/instances"):
        text = people(COLLECTOR).get(path).text
        assert REPORT["title"].encode("unicode_escape").decode() in text or "trail" in path or "items" in text
        assert "CANARY" not in text
        assert "13812345678" not in text
    assert "CANARY" not in people(ACCEPTOR).get(f"/instances/{case}").text
