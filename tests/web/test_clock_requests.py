"""Asking for more time at the pages and by the API: offered to who may, said where not, shown with the case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.tables import instance
from escalation import requests
from tests import laws
from tests.factories import DISPATCHER
from tests.stories.test_clock_requests import HANDLER, HEAD, at, drains, due, say
from tests.web.api.calling import caller
from tests.web.visitor import Visit, words
from web.app import create_app
from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # tests/stories holds it to both


def test_asked_on_the_task_and_shown_with_the_case(visit: Visit, city: City) -> None:
    case = drains(city)
    task = f"/tasks/{city.tasks(case)[0].ref}"
    mine = visit(HANDLER)
    page = mine.get(task).text
    for act in ("extend", "shelve", "suspend"):
        assert f'href="{task}/{act}"' in page
    dialog = words(mine.get(f"{task}/extend").text)
    assert "处置时限" in dialog
    assert "批准后截止 2026-06-16 09:00" in dialog
    refused = mine.submit(f"{task}/extend", f"{task}/extend", request_reason="")
    assert refused.status_code == 422
    assert "请填写理由" in refused.text
    sent = mine.submit(f"{task}/extend", f"{task}/extend", request_reason="管网改造")
    assert sent.status_code == 303, words(sent.text)
    city.run_due()
    shown = words(mine.get(f"/cases/{case}").text)
    for word in ("时限申请", "延期申请", "待批", "管网改造", "处置：申请延期"):
        assert word in shown
    assert f"{task}/extend" not in mine.get(task).text, "one waits already"
    (request,) = [row["id"] for row in laws.rows(city, instance) if row["key"] == "extension"]
    say(city, request, "Department", HEAD)
    say(city, request, "Decide", DISPATCHER)
    shown = words(mine.get(f"/cases/{case}").text)
    assert "已延期" in shown
    assert due(city, case) == at(6, 16)
    english = words(visit(HANDLER, "en").get(f"/cases/{case}").text)
    assert "Asked about its clocks" in english
    assert "extended" in english
    assert "more time was asked for" in english
    assert "shelve" not in visit(DISPATCHER).get(f"/cases/{case}").text, "who does not work it asks for nothing"


def test_where_nothing_can_be_asked_the_dialog_says_why_and_sends_nothing(visit: Visit, city: City) -> None:
    case = drains(city)
    task = f"/tasks/{city.tasks(case)[0].ref}"
    mine = visit(HANDLER)
    for act in ("extend", "shelve", "suspend"):
        assert f'action="{task}/{act}"' in mine.get(f"{task}/{act}").text
        assert 'type="submit">申请' in mine.get(f"{task}/{act}").text
    assert "计时：" not in words(mine.get(f"{task}/suspend").text), "what suspending the case does is another matter"
    city.advance(timedelta(days=30))
    for act in ("extend", "suspend"):
        page = mine.get(f"{task}/{act}").text
        assert "逾期是事实" in page
        assert 'type="submit">申请' not in page
        assert "request_reason" not in page
    said = words(visit(HANDLER, "en").get(f"{task}/extend").text)
    assert "Time to handle: its time is over" in said
    assert "：" not in said


def test_the_api_asks_as_the_pages_do(city: City) -> None:
    case = drains(city)
    app = create_app(city, b"0" * 32)
    handler, other = caller(app, city, HANDLER), caller(app, city, DISPATCHER)
    told = handler.get(f"/instances/{case}/clock-requests").json
    about = next(o["about"] for o in told["offers"] if o["kind"] == "extension" and o["about"].startswith("handle"))
    body = {"kind": "extension", "about": about, "answers": {"request_reason": "管网改造"}}
    assert other.post(f"/instances/{case}/clock-requests", body).status_code == 422
    assert other.get(f"/instances/{case}/clock-requests").json["offers"] == []
    done = handler.post(f"/instances/{case}/clock-requests", body)
    assert done.status_code == 201, done.json
    assert handler.post(f"/instances/{case}/clock-requests", {**body, "about": "handle.0"}).status_code == 422
    (row,) = handler.get(f"/instances/{case}/clock-requests").json["requests"]
    assert (row["instance"], row["pending"]) == (done.json["instance"], True)
    by_hand = handler.post("/instances", {"process": "extension", "answers": {"request_reason": "直接发起"}})
    assert by_hand.status_code == 403
    assert len(requests.of_case(city.core, case)) == 1
