"""Over a real socket: two people and one task (promise 9), one request sent often (promise 10)."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from engine.tables import history, instance, receipt
from tests.web.api.calling import COLLECTOR, FILE, LEADER, OTHER_LEADER, REPORT, Caller, call, send, served
from web.city import City

People = Callable[[str], Caller]
RACES = 50
TIMES = 50


@pytest.mark.slow
def test_two_people_one_task(app: Flask, city: City, people: People) -> None:
    names = {LEADER: "孙国庆", OTHER_LEADER: "胡丽娟"}
    keys = {login: people(login).token for login in names}
    with served(app) as port:
        for _ in range(RACES):
            case = city.start("case_dispatch", REPORT, COLLECTOR)
            path = f"/tasks/{city.tasks(case)[0].ref}/complete"
            replies: dict[str, tuple[int, Any]] = {}
            together = threading.Barrier(2)

            def race(login: str, path: str = path, together: threading.Barrier = together, to: Any = replies) -> None:
                together.wait()
                to[login] = call(port, "POST", path, keys[login], {"answers": FILE})

            racers = [threading.Thread(target=race, args=(login,)) for login in names]
            for racer in racers:
                racer.start()
            for racer in racers:
                racer.join()
            (winner,) = (login for login, (status, _) in replies.items() if status == 200)
            (loser,) = (login for login, (status, _) in replies.items() if status == 409)
            said = replies[loser][1]
            (done,) = (row for row in city.trail(case) if row["kind"] == "completed")
            assert said["who"] == names[winner]
            assert said["at"] == done["at"].isoformat()
            assert names[winner] in said["detail"]
            assert done["actor_id"] == city.actor(winner).id


@pytest.mark.slow
def test_a_reply_that_was_cut_off_is_asked_for_again(app: Flask, city: City, people: People) -> None:
    token = people(COLLECTOR).token
    body = {"process": "case_dispatch", "answers": REPORT}
    with served(app) as port:
        for number in range(TIMES):
            key = f"start-{number}"
            cut = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            send(cut, "POST", "/instances", token, body, Idempotency_Key=key)
            cut.close()  # whatever the server answers, nobody hears it
            first = call(port, "POST", "/instances", token, body, Idempotency_Key=key)
            again = call(port, "POST", "/instances", token, body, Idempotency_Key=key)
            assert first[0] == 201, first
            assert first == again
        other = call(
            port,
            "POST",
            "/instances",
            token,
            {**body, "answers": {**REPORT, "title": "另一件"}},
            Idempotency_Key="start-0",
        )
    assert (other[0], other[1]["code"]) == (422, "key_reused")
    with city.core.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(instance)).scalar_one() == TIMES
        assert connection.execute(select(func.count()).select_from(receipt)).scalar_one() == TIMES


def test_a_repeated_act_on_a_task_is_one_act(people: People, city: City) -> None:
    case = city.start("case_dispatch", REPORT, COLLECTOR)
    ref = city.tasks(case)[0].ref
    replies = [people(LEADER).post(f"/tasks/{ref}/complete", {"answers": FILE}, key="k") for _ in range(3)]
    assert [r.status_code for r in replies] == [200, 200, 200]
    assert replies[0].json == replies[1].json == replies[2].json
    other = people(LEADER).post(f"/tasks/{ref}/complete", {"answers": {**FILE, "grade": "serious"}}, key="k")
    assert (other.status_code, other.json["code"]) == (422, "key_reused")
    theirs = people(OTHER_LEADER).post(f"/tasks/{ref}/complete", {"answers": FILE}, key="k")
    assert theirs.status_code == 409, "a key is its owner's own"
    with city.core.db.read() as connection:
        events = connection.execute(select(history.c.kind).where(history.c.instance_id == case)).scalars().all()
    assert events.count("completed") == 1


def test_comments_and_claims_repeat_harmlessly(people: People, city: City) -> None:
    case = city.start("case_dispatch", REPORT, COLLECTOR)
    ref = city.tasks(case)[0].ref
    for _ in range(2):
        assert people(LEADER).post(f"/tasks/{ref}/claim", key="claim").status_code == 200
        assert people(LEADER).post(f"/instances/{case}/comments", {"text": "到场"}, key="say").status_code == 201
    kinds = [row["kind"] for row in city.trail(case)]
    assert (kinds.count("claimed"), kinds.count("commented")) == (1, 1)


@pytest.mark.parametrize("key", ["", " ", "ключ", "x" * 121, "a b"])
def test_a_key_is_plain_text(people: People, key: str) -> None:
    body = {"process": "case_dispatch", "answers": REPORT}
    reply = people(COLLECTOR).post("/instances", body, headers={"Idempotency-Key": key.encode().decode("latin-1")})
    assert reply.status_code == 422
