"""The description is complete, and whatever is sent to what it describes is answered as it says: never with 5xx (promise 27)."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import insert, select

from engine.tables import membership, person, post, unit
from tests.factories import say
from tests.web.api.calling import COLLECTOR, REPORT, Caller, caller
from web.city import City

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def described(app: Flask) -> dict[str, Any]:
    client: Any = app.test_client()
    found: dict[str, Any] = client.get("/api/v1/openapi.json").json
    return found


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_route_is_described_with_schemas_and_sentences(
    app: Flask, described: dict[str, Any], database_kind: str
) -> None:
    assert described["openapi"].startswith("3.1")
    routes = {
        (rule.rule, method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint not in {"api.nowhere", "api.specification"}
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    operations = {
        (path, method): operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }
    assert len(operations) == len(routes)
    for (path, method), operation in operations.items():
        place = f"{method} {path}"
        assert operation.get("summary"), place
        good = [r for code, r in operation["responses"].items() if str(code).startswith("2")]
        assert all("schema" in media for r in good for media in r["content"].values()), place
        assert "default" in operation["responses"], place
        if method == "post" and "requestBody" in operation:
            content = operation["requestBody"]["content"]
            assert all("schema" in media for media in content.values()), place
            assert any("example" in m for m in content.values()) or "multipart/form-data" in content, place


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_nothing_sent_by_anybody_breaks_it(
    app: Flask, city: City, database_kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    calls, roles = _fuzz_everything(app, city, examples=1, every=3)
    say(capsys, calls=calls, roles=roles, server_errors=0)
    assert calls > 500
    assert roles > 15


@pytest.mark.faults
def test_nothing_breaks_it_in_twenty_thousand_calls(app: Flask, city: City, capsys: pytest.CaptureFixture[str]) -> None:
    calls, roles = _fuzz_everything(app, city, examples=32)
    say(capsys, calls=calls, roles=roles, server_errors=0)
    assert calls >= 20_000


def _fuzz_everything(app: Flask, city: City, examples: int, every: int = 1) -> tuple[int, int]:
    """Every operation by a holder of every post, and by anybody without a token; each meets cases and tasks that are there, and goes
    on where others left off: what was completed, cancelled or deployed stays so. `every`: only each third post, say, another third at the
    next operation. Answers how many calls, by how many roles."""
    callers = {role: _holder(app, city, role) for role in _posts(city)}
    callers["anybody"] = Caller(app, "none")
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    calls = 0
    for place, result in enumerate(schema.get_all_operations()):
        operation: Any = result.ok()  # type: ignore[union-attr]  # an error in the description fails here
        case = city.start("case_dispatch", REPORT, COLLECTOR)  # others may have ended those before
        known = {"instance": str(case), "ref": city.tasks(case)[0].ref, "key": "case_dispatch", "version": "1"}
        for number, one in list(enumerate(callers.values()))[place % every :: every]:
            calls += _fuzz(operation, one, known, schemathesis.GenerationMode.POSITIVE, (number, examples))
        if operation.body:
            wrong = schemathesis.GenerationMode.NEGATIVE
            calls += _fuzz(operation, callers["operator"], known, wrong, (0, 6 * examples))
    return calls, len(callers)


def _posts(city: City) -> list[str]:
    with city.core.db.read() as connection:
        return list(connection.execute(select(post.c.key).order_by(post.c.key)).scalars())


def _holder(app: Flask, city: City, role: str) -> Caller:
    """A new person with this post in the supervision centre, and their token."""
    with city.core.db.write() as connection:
        person_id = connection.execute(
            insert(person).values(login=f"fuzz_{role}", name=role).returning(person.c.id)
        ).scalar_one()
        unit_id = connection.execute(select(unit.c.id).where(unit.c.key == "supervision_centre")).scalar_one()
        connection.execute(insert(membership).values(person_id=person_id, unit_id=unit_id, post_key=role))
    return caller(app, city, f"fuzz_{role}")


def _fuzz(
    operation: Any, one: Caller, known: dict[str, str], mode: schemathesis.GenerationMode, how: tuple[int, int]
) -> int:
    """`how`: the seed, and how many examples of it."""
    number, examples = how
    count = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @seed(number)
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        nonlocal count
        count += 1
        if (count + number) % 2:  # every other call meets a case that is there
            case.path_parameters = {
                name: known.get(name, value) for name, value in (case.path_parameters or {}).items()
            }
        response = case.call(headers={"Authorization": f"Bearer {one.token}"})
        place = f"{operation.method} {operation.path}"
        assert response.status_code < 500, (place, response.text)
        case.validate_response(response, checks=CHECKS)

    call()
    return count
