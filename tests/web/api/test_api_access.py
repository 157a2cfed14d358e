"""Who is let in: tokens, sessions with their CSRF token, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from engine import passwords, tokens
from engine.errors import Invalid, NotFound
from engine.tables import api_token, person
from tests.web.api.calling import COLLECTOR, REPORT, Caller
from web.city import City

BODY = {"process": "case_dispatch", "answers": REPORT}


def test_every_route_but_the_description_wants_somebody(app: Flask) -> None:
    client: Any = app.test_client()
    for path, operations in client.get("/api/v1/openapi.json").json["paths"].items():
        address = path.replace("{instance}", "1").replace("{ref}", "1.1").replace("{version}", "1")
        address = address.replace("{key}", "k").replace("{file}", "f").replace("{incident}", "1")
        address = address.replace("{batch_id}", "1").replace("{number}", "1")
        assert "{" not in address, f"say what stands for the variables of {path}"
        for method in set(operations) - {"parameters"}:
            reply = client.open(address, method=method.upper(), headers={"Authorization": "Bearer ldt_wrong"})
            assert (method, path, reply.status_code) == (method, path, 401)
            assert reply.content_type == "application/problem+json"


def test_a_token_ends_when_it_expires_is_revoked_or_its_person_leaves(app: Flask, city: City) -> None:
    def works(token: str) -> bool:
        return bool(Caller(app, token).get("/me").status_code == 200)

    token = tokens.create(city.core, COLLECTOR, "first", timedelta(days=1))
    other = tokens.create(city.core, COLLECTOR, "second", timedelta(days=1))
    assert works(token)
    assert Caller(app, token).get("/me").json["login"] == COLLECTOR
    assert not works(token + "x")
    listed = {row["name"]: row for row in tokens.listing(city.core)}
    assert set(listed) == {"first", "second"}
    assert listed["first"]["seen_at"] is not None
    tokens.revoke(city.core, listed["second"]["id"])
    assert not works(other)
    with pytest.raises(NotFound):
        tokens.revoke(city.core, listed["second"]["id"])
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == COLLECTOR).values(active=False))
    assert not works(token)
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == COLLECTOR).values(active=True))
        connection.execute(update(api_token).values(expires_at=city.core.db.now_on(connection)))
    assert not works(token)
    with pytest.raises(Invalid):
        tokens.create(city.core, COLLECTOR, "for ever", timedelta(days=1000))


def test_the_token_itself_is_not_in_the_database(city: City) -> None:
    token = tokens.create(city.core, COLLECTOR, "t", timedelta(days=1))
    with city.core.db.read() as connection:
        stored = connection.execute(api_token.select()).mappings().one()
    assert token not in str(dict(stored))


def test_a_session_needs_the_csrf_token_for_acts(app: Flask, city: City) -> None:
    passwords.set_password(city.core, COLLECTOR, "a good password")
    client: Any = app.test_client()
    page = client.get("/login").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/login", data={"csrf_token": token, "login": COLLECTOR, "password": "a good password"})
    assert client.get("/api/v1/me").json["login"] == COLLECTOR
    refused = client.post("/api/v1/instances", json=BODY)
    assert (refused.status_code, refused.json["code"]) == (400, "csrf")
    page = client.get("/").text
    token = page.split('csrf_token" value="')[1].split('"')[0]
    assert client.post("/api/v1/instances", json=BODY, headers={"X-CSRFToken": token}).status_code == 201
    assert client.post("/api/v1/instances", json=BODY, headers={"X-CSRFToken": token + "x"}).status_code == 400
