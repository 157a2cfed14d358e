"""Signed events of other systems: a truth table of what is taken and what is not, and that one event comes to one activation."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from engine import signed_events, sources
from engine.clock import RealClock
from engine.people import load_actor
from engine.tables import event_source, history, instance, source_event
from tests.bpmn.drawing import chain, end, flow, start
from tests.db.talking import OPERATOR, begins, bundle, message, work
from web.app import create_app
from web.city import City

PLAN = bundle(
    start(),
    begins("T", "message", "plan_test_triggered", once="true", correlation='="plan_test"'),
    work("A"),
    end(),
    chain("S", "A", "E") + flow("T", "A"),
    key="plan_test",
    outside=message("plan_test_triggered"),
)
NAME = "plan_test_triggered"


class Source:
    """A system that signs what it sends."""

    def __init__(self, city: City) -> None:
        self.city = city
        city.deploy(PLAN)
        with city.core.db.read() as connection:
            self.operator = load_actor(connection, OPERATOR)
        self.secret = sources.register(city.core, self.operator, "rain_gauge", "雨量站", [NAME])
        self.client = create_app(city, b"test").test_client()

    def send(
        self,
        id_: str = "e1",
        *,
        name: str = NAME,
        payload: Any = None,
        age: int = 0,
        secret: str | None = None,
        source: str = "rain_gauge",
        changed: bytes = b"",
        **more: Any,
    ) -> TestResponse:
        body = json.dumps({"id": id_, "name": name, "payload": payload or {}, **more}).encode()
        stamp = str(int(RealClock().now().timestamp()) - age)
        headers = {
            "X-Liandong-Source": source,
            "X-Liandong-Timestamp": stamp,
            "X-Liandong-Signature": signed_events.signature(secret or self.secret, stamp, body),
        }
        return self.client.post("/api/v1/events", data=changed or body, headers=headers)

    def activations(self) -> int:
        with self.city.core.db.read() as connection:
            return int(connection.execute(select(func.count()).where(instance.c.key == "plan_test")).scalar_one())


@pytest.fixture
def source(city: City) -> Source:
    return Source(city)


def test_what_is_taken_and_what_is_not(source: Source) -> None:
    """wrong signature, unknown source, too old, too new, another body under the signature, not its message, odd bodies, switched off."""
    refused = {
        "wrong secret": (source.send(secret="lde_guessed"), 401, "bad_signature"),
        "unknown source": (source.send(source="nobody"), 401, "bad_signature"),
        "old": (source.send(age=301), 401, "stale_event"),
        "of the future": (source.send(age=-320), 401, "stale_event"),
        "body exchanged": (source.send(changed=b'{"id": "e1", "name": "plan_test_triggered"}'), 401, "bad_signature"),
        "not its message": (source.send(name="plan_other_triggered"), 403, "not_its_message"),
        "no id": (source.send(""), 422, "invalid"),
        "more than is known": (source.send(to="you"), 422, "invalid"),
    }
    assert {why: (answer.status_code, answer.get_json()["code"]) for why, (answer, *_) in refused.items()} == {
        why: (status, code) for why, (_, status, code) in refused.items()
    }
    assert source.activations() == 0
    sources.switch(source.city.core, source.operator, "rain_gauge", on=False)
    assert source.send().status_code == 401
    sources.switch(source.city.core, source.operator, "rain_gauge", on=True)
    old = source.secret
    source.secret = sources.rotate(source.city.core, source.operator, "rain_gauge")
    assert source.send(secret=old).status_code == 401
    assert source.send().status_code == 200
    assert source.activations() == 1
    with source.city.core.db.read() as connection:
        (kept,) = connection.execute(select(event_source.c.secret)).scalars()
    assert source.secret not in kept


def test_an_event_comes_to_one_activation_however_often_it_is_sent(source: Source) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = [future.result() for future in [pool.submit(source.send) for _ in range(6)]]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.get_json()["instance"] for answer in answers}) == 1
    first = answers[0].get_json()["instance"]
    again = source.send(age=60).get_json()
    assert (again["instance"], again["repeated"], again["joined"]) == (first, True, False)
    other_body = source.send(payload={"mm": 60})
    assert (other_body.status_code, other_body.get_json()["code"]) == (422, "key_reused")
    second = source.send("e2", payload={"mm": 60}).get_json()
    assert (second["instance"], second["joined"]) == (first, True)
    source.city.cancel(int(first), OPERATOR, "over")
    assert source.send("e2", payload={"mm": 60}).get_json()["instance"] == first  # an old one begins nothing anew
    assert source.activations() == 1
    with source.city.core.db.read() as connection:
        joins = connection.execute(select(history.c.data).where(history.c.kind == "joined")).scalars().all()
    assert joins == [{"answers": {"mm": 60}, "source": "雨量站", "event": "e2"}]
    assert source.send("e3").get_json()["instance"] != first


def test_another_correlation_begins_no_second_activation_beside_the_one_that_runs(source: Source) -> None:
    """The diagram says for what it runs once; a source that names each of its gauges does not start the plan for each."""
    first = source.send().get_json()["instance"]
    second = source.send("e2", correlation="gauge-7").get_json()
    assert (second["instance"], second["joined"], source.activations()) == (first, True, 1)
    source.city.cancel(int(first), OPERATOR, "over")
    third = source.send("e3", correlation="gauge-7").get_json()
    assert source.send("e4").get_json()["instance"] == third["instance"]


def test_an_event_whose_bringer_died_half_way_is_brought_once(source: Source) -> None:
    first = source.send().get_json()["instance"]
    with source.city.core.db.write() as connection:
        connection.execute(update(source_event).values(case_id=None))  # as if it had died before it was noted
    assert source.send().get_json()["instance"] == first
    assert source.activations() == 1
