"""The description is complete, and whatever is sent to what it describes is answered as it says: never with 5xx (promise 27)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.api.calling import ACCEPTOR, COLLECTOR, DESIGNER, LEADER, OPERATOR, REPORT, Caller
from web.city import City

People = Callable[[str], Caller]
EXAMPLES = 8
"""Calls an operation a role: with 4 roles and all operations, some 900 in all."""

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
def test_nothing_sent_by_anybody_breaks_it(app: Flask, city: City, people: People) -> None:
    case = city.start("case_dispatch", REPORT, COLLECTOR)
    ref = city.tasks(case)[0].ref
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    known = {"instance": str(case), "ref": ref, "key": "case_dispatch", "version": "1"}
    positive, negative = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
    calls = 0
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]  # an error in the description fails here
        for login in (COLLECTOR, LEADER, ACCEPTOR, OPERATOR if "cancel" not in operation.path else DESIGNER):
            calls += _fuzz(operation, people(login), known, positive)
        if operation.body:
            calls += _fuzz(operation, people(OPERATOR), known, negative)
    assert calls > 500


def _fuzz(operation: Any, caller: Caller, known: dict[str, str], mode: schemathesis.GenerationMode) -> int:
    count = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        nonlocal count
        count += 1
        if count % 2:  # every other call meets a case that is there
            case.path_parameters = {
                name: known.get(name, value) for name, value in (case.path_parameters or {}).items()
            }
        response = case.call(headers={"Authorization": f"Bearer {caller.token}"})
        place = f"{operation.method} {operation.path}"
        assert response.status_code < 500, (place, response.text)
        case.validate_response(response, checks=CHECKS)

    call()
    return count
