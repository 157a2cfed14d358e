"""Copies, delegated tasks and signatures at their pages."""

from __future__ import annotations

import base64
import io

import pytest

from engine.acts import copying, delegating
from tests.bpmn.drawing import chain, end, start, user
from tests.db import organising
from tests.db.talking import bundle
from tests.db.test_personal import drawing
from tests.factories import HANDLER, OPERATOR, STRANGER, case_at, task_at
from tests.web.visitor import Visit, words
from web.city import City

INK = drawing((20, 20, 400, 150), (400, 20, 20, 150))
SIGNED = '<ld:candidates unit="%s" post="handler"/><ld:signature ask="required"/>'


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_what_was_shown_is_read_and_what_was_delegated_is_listed(visit: Visit, city: City) -> None:
    case = case_at(city, "Handle")
    ref = task_at(city, case, "Handle").ref
    title = city.instance(case)["title"]
    reader, handler = visit(STRANGER), visit(HANDLER)
    assert title not in reader.get("/copies").text
    assert reader.post(f"/copies/{case}/read", reader.form("/account/stamp", "/account/stamp")).status_code == 404
    copying.copy(city.core, case, [city.actor(STRANGER).id], HANDLER, how="circulate", note="请阅并提出意见")
    page = reader.get("/copies").text
    assert title in page
    assert "请阅并提出意见" in page
    assert reader.get(f"/cases/{case}").status_code == 200
    answer = reader.submit("/copies", f"/copies/{case}/read", opinion="同意")
    assert answer.status_code == 303
    assert title not in reader.get("/copies").text
    assert "我的意见：同意" in words(reader.get("/copies?show=all").text)
    assert reader.get("/copies?before=2026-01-01T00:00:00%2B00:00_x").status_code == 200
    delegating.delegate(city.core, ref, city.actor(STRANGER).id, HANDLER)
    assert title in handler.get("/copies?show=delegated").text
    assert handler.get(f"/tasks/{ref}").status_code == 200


def test_a_task_is_signed_on_its_page_by_hand_and_with_the_stamp(visit: Visit, city: City) -> None:
    unit = "water_supply"
    parts = (user("One", settings=SIGNED % unit), user("Two", settings=SIGNED % unit), chain("S", "One", "Two", "E"))
    city.deploy(bundle(start(), *parts, end(), key="signed"))
    organising.hire(city, "head_of_it", unit, "handler")
    case = city.start("signed", {}, OPERATOR)
    handler = visit(HANDLER)
    url = f"data:image/png;base64,{base64.b64encode(INK).decode()}"
    path = f"/tasks/{task_at(city, case, 'One').ref}"
    refused = handler.submit(path, path)
    assert refused.status_code == 422
    assert "须签名或盖章" in words(refused.text)
    assert handler.submit(path, path, _drawn=url).status_code == 303
    kept = handler.submit("/account/stamp", "/account/stamp", _signature=(io.BytesIO(INK), "s.png"))
    assert kept.status_code == 303
    picture = handler.get("/account/stamp/picture")
    assert (picture.status_code, picture.headers["Cache-Control"]) == (200, "private, no-store")
    assert visit(STRANGER).get("/account/stamp/picture").status_code == 404
    path = f"/tasks/{task_at(city, case, 'Two').ref}"
    assert "/account/stamp/picture" in handler.get(path).text
    assert handler.submit(path, path, _signed="stamp").status_code == 303
    assert city.instance(case)["status"] == "completed"
    assert handler.submit("/account/stamp", "/account/stamp/drop").status_code == 303
    assert "保存签章" in words(handler.get("/account").text)
