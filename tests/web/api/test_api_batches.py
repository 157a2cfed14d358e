"""Many tasks at once by API: each with a result; a batch is its own person's."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.bpmn.drawing import chain, end, start
from tests.db.talking import OPERATOR, bundle, work
from tests.factories import HANDLER, only_task
from tests.web.api.calling import caller
from web.city import City

PLAIN = bundle(start(), work("A"), end(), chain("S", "A", "E"), key="plain")


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # both kinds are asked in tests/db/test_batches.py


def test_many_tasks_at_once(app: Flask, city: City) -> None:
    city.deploy(PLAIN)
    cases = [city.start("plain", {}, OPERATOR) for _ in range(3)]
    refs = [only_task(city, case).ref for case in cases]
    city.complete(refs[2], {}, OPERATOR)
    program = caller(app, city, OPERATOR)
    body = {"act": "complete", "tasks": refs, "answers": {}}
    reply = program.post("/batches", body, key="k")
    assert reply.status_code == 202, reply.json
    assert [item["state"] for item in reply.json["items"]] == ["done", "done", "refused"]
    assert reply.json["items"][2]["code"] == "task_gone"
    assert program.post("/batches", body, key="k").json["id"] == reply.json["id"]
    assert program.get(f"/batches/{reply.json['id']}").json == reply.json
    assert caller(app, city, HANDLER).get(f"/batches/{reply.json['id']}").status_code == 404
    assert program.post("/batches", {**body, "act": "move"}).status_code == 422
