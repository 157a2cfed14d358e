"""Hostile and clumsy requests: each is refused with a status, a code and a sentence, none breaks anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.web.api.calling import COLLECTOR, REPORT, Caller
from web.city import City

People = Callable[[str], Caller]


def start(answers: str) -> bytes:
    return b'{"process": "case_dispatch", "answers": ' + answers.encode("utf-8", "surrogatepass") + b"}"


FULL = json.dumps(REPORT)[:-1]


@pytest.mark.parametrize(
    "body, status, code",
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b"\xff\xfe{\x00}\x00", 400, "bad_json"),
        (b"[" * 100_000, 400, "bad_json"),
        (b"[" * 100_000 + b"]" * 100_000, 400, "bad_json"),
        (b'{"a":' * 60 + b"1" + b"}" * 60, 400, "bad_json"),
        (start('{"title": "a", "title": "b"}'), 400, "bad_json"),
        (start('{"lat": NaN}'), 400, "bad_json"),
        (start('{"lat": -Infinity}'), 400, "bad_json"),
        (start('{"lat": 1e999}'), 400, "bad_json"),
        (start('{"lat": ' + "9" * 5000 + "}"), 400, "bad_json"),
        (start(FULL + ', "description": "a\\u0000b"}'), 422, "invalid"),
        (start(FULL + ', "description": "\\ud800"}'), 422, "invalid"),
        (start('{"\\u0000": 1}'), 422, "invalid"),
        (b'{"process": "a\\u0000"}', 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (start("[]"), 422, "invalid"),
        (b'{"process": ["case_dispatch"]}', 422, "invalid"),
        (b'{"process": "no such", "answers": {}}', 404, "not_found"),
        (start('{"a":' * 45 + "1" + "}" * 45), 422, "invalid_answers"),
        (b'{"process": "' + b"x" * 1_000_001 + b'"}', 413, "body_too_large"),
    ],
    ids=range(23),
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_bodies(people: People, database_kind: str, body: bytes, status: int, code: str) -> None:
    reply = people(COLLECTOR).raw("/instances", body)
    assert (reply.status_code, reply.json["code"]) == (status, code), reply.json
    assert reply.content_type == "application/problem+json"
    assert reply.json["detail"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_forms_and_unknown_types_are_no_json(people: People, database_kind: str) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        assert people(COLLECTOR).raw("/instances", b'{"process": "x"}', media_type).status_code == 415


@pytest.mark.parametrize(
    "path, status",
    [
        ("/instances/99999999999999999999999999", 404),
        ("/instances/9223372036854775808", 404),
        ("/instances/9223372036854775807", 404),
        ("/instances/-1", 404),
        ("/instances/%00", 404),
        ("/tasks/9999999999999999999.999999999", 404),
        ("/tasks/1.9999999999", 404),
        ("/tasks/x", 404),
        ("/definitions/%00", 404),
        ("/definitions/%ed%a0%80", 404),
        ("/definitions/case_dispatch/9999999999999999999", 404),
        ("/definitions/case_dispatch/9223372036854775807", 404),
        ("/definitions/case_dispatch/1/files/..%2f..%2fetc", 404),
        ("/instances?q=%00", 422),
        ("/instances?process=%00", 422),
        ("/instances?area=%00&unit=%00", 422),
        ("/instances?limit=99999999999999999999", 422),
        ("/instances?after=99999999999999999999-9999999999999999999", 200),
        ("/instances?started_from=0001-01-01T00:00:00%2B14:00", 422),
        ("/instances?started_from=9999-12-31T23:59:59-14:00", 422),
        ("/instances?started_from=2026-01-01T00:00:00", 422),
        ("/tasks?page=1000&size=100", 200),
        ("/tasks?tab=everything", 422),
        ("/tasks?q=%ff", 200),
        ("/nothing", 404),
    ],
)
def test_addresses(people: People, path: str, status: int) -> None:
    reply = people(COLLECTOR).get(path)
    assert reply.status_code == status, reply.text
    if status >= 400:
        assert reply.content_type == "application/problem+json"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_wrong_method_names_the_right_ones(people: People, app: Flask, city: City, database_kind: str) -> None:
    caller = people(COLLECTOR)
    reply: Any = app.test_client().delete("/api/v1/instances", headers=caller.headers({}))
    assert reply.status_code == 405
    assert {"GET", "POST"} <= {m.strip() for m in reply.headers["Allow"].split(",")}
    assert reply.json["code"] == "method_not_allowed"
