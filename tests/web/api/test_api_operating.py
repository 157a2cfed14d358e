"""By API: an instance held and set right by two operators; units asked to assist; cases joined and gone on with."""

from __future__ import annotations

import pytest
from flask import Flask

from engine.tables.columns import LARGEST_ID
from tests.factories import DISPATCHER, HANDLER, OPERATOR, SECOND_OPERATOR, STRANGER, case_at, task_at
from tests.web.api.calling import caller
from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # both kinds are asked in tests/db


def test_an_instance_is_held_and_set_right(app: Flask, city: City) -> None:
    case = case_at(city, "Handle")
    one, other, handler = (caller(app, city, who) for who in (OPERATOR, SECOND_OPERATOR, HANDLER))
    assert handler.post(f"/instances/{case}/suspend", {"reason": "停"}).status_code == 403
    assert one.post(f"/instances/{case}/suspend", {"reason": "停"}).status_code == 200
    refused = handler.post(f"/tasks/{case}.1/claim")
    assert refused.status_code in (404, 409)
    assert one.post(f"/instances/{case}/resume", {"reason": "走"}).status_code == 200
    asked = one.post(
        f"/instances/{case}/operations",
        {"kind": "set", "data": {"name": "grade", "value": "major"}, "reason": "录入错误"},
    )
    assert asked.json["state"] == "proposed", asked.json
    (waiting,) = other.get("/operations").json["items"]
    where = f"/instances/{case}/operations/{waiting['operation']}"
    assert one.post(where, {"decision": "approve"}).status_code == 403
    assert other.post(where, {"decision": "approve"}).status_code == 200
    assert city.instance(case)["grade"] == "major"


def test_units_work_together_and_cases_are_joined(app: Flask, city: City) -> None:
    main, duplicate = case_at(city, "Handle"), case_at(city, "Dispatch")
    handler, dispatcher, stranger = (caller(app, city, who) for who in (HANDLER, DISPATCHER, STRANGER))
    ref = task_at(city, main, "Handle").ref
    assert stranger.post(f"/tasks/{ref}/assist", {"units": ["sanitation"]}).status_code == 404
    assert len(handler.post(f"/tasks/{ref}/assist", {"units": ["sanitation"]}).json["opened"]) == 1
    for nowhere in (LARGEST_ID, LARGEST_ID + 1, 10**19 - 1):
        told = dispatcher.post(f"/instances/{duplicate}/join", {"main": str(nowhere), "reason": "同一处"})
        assert told.status_code == 404, told.json
    joining = {"main": str(main), "reason": "同一处"}
    assert stranger.post(f"/instances/{duplicate}/join", joining).status_code == 404
    assert dispatcher.post(f"/instances/{duplicate}/join", joining).status_code == 200
    assert city.instance(duplicate)["outcome"] == "duplicate"
    again = handler.post(f"/instances/{main}/follow-ups", {"kind": "reopened_from", "text": "没修好"})
    assert again.status_code == 422
