"""Over a real socket: two people and one task (promise 9), one request sent often (promise 10)."""

from __future__ import annotations

import http.client
import secrets
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from engine import instances, writes
from engine.db import Database
from engine.tables import history, instance, receipt
from engine.writes import WriteSet
from tests.web.api.calling import COLLECTOR, FILE, LEADER, OTHER_LEADER, REPORT, Caller, call, send, served
from web.city import City

People = Callable[[str], Caller]


NAMES = {LEADER: "孙国庆", OTHER_LEADER: "胡丽娟"}


def race(app: Flask, city: City, people: People, races: int) -> None:
    """Two people complete one task at the same moment, again and again; AssertionError when not exactly one did."""
    keys = {login: people(login).token for login in NAMES}
    with served(app) as port:
        for _ in range(races):
            case = city.start("case_dispatch", REPORT, COLLECTOR)
            path = f"/tasks/{city.tasks(case)[0].ref}/complete"
            replies: dict[str, tuple[int, Any]] = {}
            together = threading.Barrier(2)

            def run(login: str, path: str = path, together: threading.Barrier = together, to: Any = replies) -> None:
                together.wait()
                to[login] = call(port, "POST", path, keys[login], {"answers": FILE})

            racers = [threading.Thread(target=run, args=(login,)) for login in NAMES]
            for racer in racers:
                racer.start()
            for racer in racers:
                racer.join()
            assert sorted(status for status, _ in replies.values()) == [200, 409], replies
            winner, loser = sorted(NAMES, key=lambda login: replies[login][0])
            said = replies[loser][1]
            (done,) = (row for row in city.trail(case) if row["kind"] == "completed")
            assert said["who"] == NAMES[winner]
            assert said["at"] == done["at"].isoformat()
            assert NAMES[winner] in said["detail"]
            assert done["actor_id"] == city.actor(winner).id


def repeat(app: Flask, city: City, people: People, times: int) -> None:
    """Replies that are cut off are asked for again; AssertionError when that made a second effect, or another reply."""
    token = people(COLLECTOR).token
    body = {"process": "case_dispatch", "answers": REPORT}
    with served(app) as port:
        for number in range(times):
            key = f"start-{number}"
            cut = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            send(cut, "POST", "/instances", token, body, Idempotency_Key=key)
            cut.close()  # whatever the server answers, nobody hears it
            first = call(port, "POST", "/instances", token, body, Idempotency_Key=key)
            again = call(port, "POST", "/instances", token, body, Idempotency_Key=key)
            assert first[0] == 201, first
            assert first == again
        other = {**body, "answers": {**REPORT, "title": "另一件"}}
        status, said = call(port, "POST", "/instances", token, other, Idempotency_Key="start-0")
    assert (status, said["code"]) == (422, "key_reused")
    with city.core.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(instance)).scalar_one() == times
        assert connection.execute(select(func.count()).select_from(receipt)).scalar_one() == times


@pytest.mark.slow
def test_two_people_one_task(app: Flask, city: City, people: People) -> None:
    race(app, city, people, 50)


@pytest.mark.slow
def test_a_reply_that_was_cut_off_is_asked_for_again(app: Flask, city: City, people: People) -> None:
    repeat(app, city, people, 50)


@pytest.mark.faults
def test_two_people_one_task_a_thousand_times(app: Flask, city: City, people: People) -> None:
    race(app, city, people, 1000)


@pytest.mark.faults
def test_a_thousand_replies_cut_off(app: Flask, city: City, people: People) -> None:
    repeat(app, city, people, 1000)


@pytest.mark.planted
def test_planted_a_write_that_looks_at_no_revision(
    app: Flask, city: City, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = writes.commit

    def careless(db: Database, written: WriteSet) -> str:
        if written.revision is not None:
            with db.read() as connection:
                written.revision = connection.execute(
                    select(instance.c.revision).where(instance.c.id == written.instance_id)
                ).scalar_one()
        return commit(db, written)

    monkeypatch.setattr(writes, "commit", careless)
    with pytest.raises(AssertionError):
        race(app, city, people, 50)


@pytest.mark.planted
def test_planted_a_key_that_is_forgotten(
    app: Flask, city: City, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instances, "_id_for", lambda _actor, _key: secrets.randbits(62))
    with pytest.raises(AssertionError):
        repeat(app, city, people, 3)


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
