"""城管通 at its pages: what is sent twice is done once, whatever lies between; what cannot be done there says where it is done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.acts import delegating
from engine.tables import attachment
from tests.bpmn.drawing import chain, end, start, user
from tests.db import organising
from tests.db.talking import bundle
from tests.factories import COLLECTOR, DESIGNER, HANDLER, only_task
from tests.web.test_work import photo
from tests.web.visitor import Visit, Visitor, words
from web.city import City

FORM = {
    "title": "处置",
    "x-title": {"en": "Repair"},
    "type": "object",
    "properties": {
        "note": {"type": "string", "title": "说明", "x-title": {"en": "Note"}, "maxLength": 200},
        "photos": {
            "type": "array",
            "title": "照片",
            "x-title": {"en": "Photos"},
            "x-control": "photo",
            "items": {"type": "string", "maxLength": 200},
            "maxItems": 3,
        },
        "done": {"type": "string", "title": "结果", "x-title": {"en": "Result"}, "maxLength": 20},
    },
    "required": ["photos", "done"],
    "additionalProperties": False,
}
WORKER = '<ld:candidates unit="water_supply" post="handler"/>'


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def repaired(city: City, more: str = "") -> int:
    """A case whose worker writes a word and shows photos, then another step."""
    first = user("A", settings=f'{WORKER}<ld:form ref="fix"/>{more}')
    parts = (start(), first, user("B", settings=WORKER), end(), chain("S", "A", "B", "E"))
    city.deploy(bundle(*parts, key="repair", files={"fix.json": json.dumps(FORM).encode()}))
    return city.start("repair", {}, DESIGNER, given={"note": "先看阀门"})


def send(visitor: Visitor, address: str, fields: dict[str, Any]) -> Any:
    """As the phone sends it: for an answer in JSON, with a picture made anew for each try."""
    data = {**fields, "photos": (photo(), "a.jpg")}
    return visitor.client.post(address, data=data, headers={"Accept": "application/json"})


@pytest.mark.parametrize("prefix", ["/street/tasks", "/tasks"])
def test_what_the_phone_sends_again_is_the_same_request(visit: Visit, city: City, prefix: str) -> None:
    case = repaired(city)
    ref = only_task(city, case).ref
    worker = visit(HANDLER)
    address = f"{prefix}/{ref}"
    fields = {**worker.form(address, address), "done": "已修复", "note": ""}  # what was known is emptied
    for _ in range(3):  # the answer was lost
        answer = send(worker, address, fields)
        assert answer.status_code in (200, 303), answer.text
    assert only_task(city, case).node == "B"
    with city.core.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(attachment)).scalar() == 1
    other = send(worker, address, {**fields, "done": "没修好"})
    assert other.status_code == 422
    assert "idempotency" in other.text.lower() or "同一" in words(other.text) or "key" in other.text


def test_a_task_that_is_signed_is_signed_on_the_phone(visit: Visit, city: City) -> None:
    case = repaired(city, '<ld:signature ask="required"/>')
    ref = only_task(city, case).ref
    worker = visit(HANDLER)
    address = f"/street/tasks/{ref}"
    fields = {**worker.form(address, address), "done": "已修复"}
    assert "data-signature" in worker.get(address).text
    bare = worker.post(address, {**fields, "photos": (photo(), "a.jpg")})
    assert bare.status_code == 422
    assert "须签名" in words(bare.text)
    assert 'value="已修复"' in bare.text, "what was typed is kept"
    signed = send(worker, address, {**fields, "_signature": (photo(), "s.jpg")})
    assert signed.status_code in (200, 422)
    assert "须签名" not in signed.text


def test_what_one_prepares_for_another_leads_to_where_it_is_given_back(visit: Visit, city: City) -> None:
    organising.hire(city, "colleague", "water_supply", "handler")
    case = repaired(city)
    ref = only_task(city, case).ref
    city.claim(ref, HANDLER)
    delegating.delegate(city.core, ref, city.actor("colleague").id, HANDLER, reason="请先拟")
    page = visit("colleague").get(f"/street/tasks/{ref}").text
    assert f'action="/street/tasks/{ref}"' not in page
    assert f'href="/tasks/{ref}"' in page
    assert "委托您拟办" in words(page)


def test_a_place_in_another_city_is_refused_at_its_field(visit: Visit, city: City) -> None:
    collector = visit(COLLECTOR)
    report = {"title": "井盖缺失", "area": "yuanlin", "place": "章华中路"}
    for page in ("/street/report", "/report"):
        more = {"source": "collector"} if page == "/report" else {}
        far = collector.submit(page, page, **report, **more, lat="39.9", lon="116.4")  # Beijing
        assert far.status_code == 422
        assert "不在本市" in words(far.text)
        near = collector.submit(page, page, **report, **more, lat="30.402", lon="112.899")
        assert near.status_code == 303, words(near.text)
