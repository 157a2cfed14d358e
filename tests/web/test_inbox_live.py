"""Live updates: who hears that something changed, that nobody hears of others' cases, that an ended session ends the stream, and that
open pages hold no thread of the server."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, update

from engine import sessions
from engine.queries.live import Follower, standing
from engine.tables import notice, recusal, session
from tests.factories import COLLECTOR, DISPATCHER, HANDLER, LEADER, OTHER_LEADER, STRANGER, do, task_at
from tests.web.visitor import PASSWORD, give_password
from web import live
from web.auth import COOKIE
from web.city import City

REPORT = {"source": "collector", "title": "章华中路井盖缺失", "area": "yuanlin", "place": "章华中路 18 号"}
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_only_whom_it_concerns_is_told_and_only_that_it_changed(city: City) -> None:
    core = city.core
    people = {login: city.actor(login) for login in (COLLECTOR, LEADER, DISPATCHER, HANDLER, STRANGER)}
    follower = Follower(core, core.db.now())

    def concerned() -> set[str]:
        city.advance(timedelta(seconds=1))  # the clock of tests stands still: what closed is told by when it did
        news = follower.news()
        return {login for login, actor in people.items() if news is not None and news.concerns(actor)}

    assert concerned() == set()
    case = city.start("case_dispatch", REPORT, by=COLLECTOR)
    assert concerned() == {COLLECTOR, LEADER}  # who started it, and whose post it now waits for
    assert follower.news() is None
    city.claim(task_at(city, case, "File"), LEADER)
    assert concerned() == {LEADER}
    city.transfer(task_at(city, case, "File"), city.actor(OTHER_LEADER).id, LEADER, reason="换班")
    assert concerned() == {LEADER}  # it is gone from their list
    do(city, case, "File", by=OTHER_LEADER)
    assert concerned() == {LEADER, DISPATCHER}
    do(city, case, "Dispatch")
    assert concerned() == {DISPATCHER, HANDLER}
    handlers = people[HANDLER].own_posts[0].unit_id
    with core.db.write() as connection:
        told = {"instance_id": case, "id": "x", "world_id": 1, "person_id": people[STRANGER].id, "kind": "copied"}
        connection.execute(insert(notice).values(**told, at=city.world().now + timedelta(seconds=1)))
    do(city, case, "SignFor")
    city.advance(timedelta(seconds=1))
    news = follower.news()
    assert news is not None
    assert news.told == {people[STRANGER].id}
    assert not news.concerns(people[STRANGER])
    with core.db.write() as connection:  # the case turns out to be about the unit that handles it
        connection.execute(insert(recusal).values(instance_id=case, unit_id=handlers))
    city.comment(case, "请回避", by=DISPATCHER)
    assert concerned() == {DISPATCHER}


def test_a_stream_of_an_ended_or_idle_session_ends_and_keeps_none_awake(
    app: Flask, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "EVERY", 0.1)
    monkeypatch.setattr(live, "CHECK_EVERY", 0.2)
    give_password(city, LEADER, STRANGER)
    hub = live.hub(app)
    said: dict[str, list[bytes]] = {}
    threads, tokens = [], {}
    for login in (LEADER, STRANGER):
        tokens[login], actor = sessions.log_in(city.core, login, PASSWORD)
        body = hub.stream({}, actor, sessions.key_of(tokens[login]), timedelta(0))
        said[login] = []
        threads.append(threading.Thread(target=lambda b=body, s=said[login]: s.extend(b)))
        threads[-1].start()
    _until(lambda: all(live.OPENING in one for one in said.values()))
    city.start("case_dispatch", REPORT, by=COLLECTOR)
    _until(lambda: live.CHANGED in said[LEADER])
    assert said[STRANGER] == [live.OPENING]  # not even that anything happened
    sessions.log_out(city.core, tokens[LEADER])
    city.start("case_dispatch", REPORT, by=COLLECTOR)
    threads[0].join(5)
    assert said[LEADER] == [live.OPENING, live.CHANGED, live.ENDED]  # and nothing of the second case
    key = sessions.key_of(tokens[STRANGER])
    with city.core.db.write() as connection:
        ago = city.core.db.now_on(connection) - timedelta(minutes=29)
        connection.execute(update(session).where(session.c.id == key).values(seen_at=ago))
    client = app.test_client()
    client.set_cookie(COOKIE, tokens[STRANGER])
    assert client.get("/inbox", headers={"X-Refresh": "1"}).status_code == 200  # a page that asks by itself
    assert standing(city.core, [key]) != {}
    with city.core.db.write() as connection:
        found = update(session).where(session.c.id == key, session.c.seen_at == ago)
        assert connection.execute(found.values(seen_at=ago - timedelta(minutes=2))).rowcount == 1
    threads[1].join(5)
    assert said[STRANGER] == [live.OPENING, live.ENDED]
    hub.close()
    assert not any(thread.name == "live" and thread.is_alive() for thread in threading.enumerate())


@pytest.fixture
def server(city: City, tmp_path: Path) -> Iterator[int]:
    """Our own server with a single thread."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    more = {"DATABASE_URL": city.core.db.url.render_as_string(hide_password=False), "PORT": str(port)}
    more |= {"LIANDONG_SECRET": "a secret of the tests", "LIANDONG_AUDIT_DIR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "web.cli", "serve", "--processes", "1", "--threads", "1"],
        cwd=ROOT,
        env=os.environ | more,
    )
    try:
        _until(lambda: _answers(port), seconds=60)
        yield port
    finally:
        process.terminate()
        process.wait(25)


@pytest.mark.faults
def test_open_pages_hold_no_thread_of_our_server(city: City, server: int) -> None:
    city.core.clock = None  # the server lives by the true time
    give_password(city, LEADER)
    token, _ = sessions.log_in(city.core, LEADER, PASSWORD)
    cookie = {"Cookie": f"{COOKIE}={token}"}
    streams = []
    for _ in range(live.MOST_OF_ONE):
        connection = http.client.HTTPConnection("127.0.0.1", server, timeout=20)
        connection.request("GET", "/live?age=0", headers={**cookie, "Accept": "text/event-stream"})
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.readline() == b"retry: 3000\n"
        streams.append((connection, answer))
    page = http.client.HTTPConnection("127.0.0.1", server, timeout=20)
    page.request("GET", "/live?age=0", headers={**cookie, "Accept": "text/event-stream"})
    full = page.getresponse()
    full.read()
    assert full.status == 204  # no room: a browser then asks no more
    page.request("GET", "/inbox", headers=cookie)  # the one thread is free
    shown = page.getresponse()
    shown.read()
    assert shown.status == 200
    city.start("case_dispatch", REPORT, by=COLLECTOR)
    for _, answer in streams:
        while answer.readline() != b"event: inbox\n":
            pass
    page.close()
    for connection, answer in streams[1:]:
        answer.close()
        connection.close()  # their places are free again
    _until(lambda: _opens(server, cookie), seconds=10)
    sessions.log_out(city.core, token)
    connection, answer = streams[0]
    assert b"event: ended" in answer.read()
    answer.close()
    connection.close()


def _opens(port: int, headers: dict[str, str]) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/live?age=0", headers={**headers, "Accept": "text/event-stream"})
    answer = connection.getresponse()
    answer.close()
    connection.close()
    return answer.status == 200


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/static/mark.svg")
        with connection.getresponse() as answer:
            return answer.status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _until(holds: object, seconds: float = 8) -> None:
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)
