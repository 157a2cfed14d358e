"""Messages, signals, reported errors and start events through the API."""

from __future__ import annotations

from tests.db.talking import BEGINNER, HEARER, WAITER
from tests.db.test_incidents import FAILING
from tests.db.test_starts import TWO
from tests.factories import only_task
from tests.web.api.calling import COLLECTOR, OPERATOR
from tests.web.api.test_api_cases import People
from web.city import City

GO = {"name": "Go", "correlation": "r1", "payload": {"n": 1}}


def test_a_message_is_given_to_one_and_once(people: People, city: City) -> None:
    city.deploy(WAITER)
    cases = [city.start("waiter", {}, OPERATOR, given={"ref": "r1"}) for _ in range(2)]
    operator = people(OPERATOR)
    (wait,) = operator.get(f"/instances/{cases[0]}").json["waits"]
    assert (wait["kind"], wait["name"], wait["node"]) == ("message", "Go", "C")
    first = operator.post("/messages", GO, key="k")
    assert first.status_code == 200
    assert int(first.json["instance"]) in cases
    assert operator.post("/messages", GO, key="k").json == first.json
    assert operator.post("/messages", {**GO, "payload": {}}, key="k").status_code == 422
    other = operator.post("/messages", GO, key="k2")
    assert {first.json["instance"], other.json["instance"]} == {str(case) for case in cases}
    gone = operator.post("/messages", GO)
    assert (gone.status_code, gone.json["code"]) == (404, "not_found")
    assert "Go" in gone.json["detail"]


def test_a_message_begins_a_process(people: People, city: City) -> None:
    city.deploy(BEGINNER)
    answer = people(OPERATOR).post("/messages", {"name": "Go", "payload": {"n": 3}})
    row = city.instance(int(answer.json["instance"]))
    assert (row["key"], row["facts"]["got"]) == ("beginner", 3)


def test_a_signal_reaches_all(people: People, city: City) -> None:
    city.deploy(HEARER)
    for _ in range(3):
        city.start("hearer", {}, OPERATOR)
    operator = people(OPERATOR)
    signal = {"name": "Alarm", "payload": {"level": 1}}
    assert operator.post("/signals", signal, key="k").json == {"instances": 3}
    assert operator.post("/signals", signal, key="k").json == {"instances": 3}


def test_an_error_is_reported_from_a_task(people: People, city: City) -> None:
    city.deploy(FAILING)
    case = city.start("failing", {}, OPERATOR)
    task, operator = only_task(city, case), people(OPERATOR)
    assert people(COLLECTOR).post(f"/tasks/{task}/fail", {"code": "closed"}).status_code == 404
    refused = operator.post(f"/tasks/{task}/fail", {"code": "other"})
    assert (refused.status_code, refused.json["code"]) == (422, "invalid")
    assert operator.post(f"/tasks/{task}/fail", {}).status_code == 422
    answer = operator.post(f"/tasks/{task}/fail", {"code": "closed", "payload": {"note": "门锁着"}}, key="k")
    assert answer.status_code == 200
    assert answer.json == {"instance": str(case), "opened": [only_task(city, case).ref], "ended": False}
    assert (
        operator.post(f"/tasks/{task}/fail", {"code": "closed", "payload": {"note": "门锁着"}}, key="k").json
        == answer.json
    )
    assert operator.post(f"/tasks/{task}/fail", {"code": "closed"}).status_code == 409


def test_a_start_event_is_chosen(people: People, city: City) -> None:
    city.deploy(TWO)
    operator = people(OPERATOR)
    started = operator.post("/instances", {"process": "two", "start": "S2"}).json
    assert only_task(city, int(started["instance"])).node == "A2"
    assert operator.post("/instances", {"process": "two", "start": "B"}).status_code == 422


def test_they_are_described(people: People) -> None:
    paths = people(OPERATOR).get("/openapi.json").json["paths"]
    assert "post" in paths["/api/v1/tasks/{ref}/fail"]
    for path in ("/api/v1/messages", "/api/v1/signals"):
        names = {p["name"] for p in paths[path]["post"]["parameters"] if "name" in p}
        assert "Idempotency-Key" in names
