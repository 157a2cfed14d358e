"""Numbers that no database keeps, in addresses and forms of what people do with tasks: nothing is there, and nothing breaks."""

from __future__ import annotations

import pytest

from tests.factories import OPERATOR, case_at, only_task
from tests.web.visitor import Visit
from web.city import City

LARGE, LARGER = 2**40, 10**30


def test_numbers_that_no_database_keeps(city: City, visit: Visit) -> None:
    case = case_at(city, "Handle")
    ref = only_task(city, case).ref
    operator = visit(OPERATOR)
    token = operator.get("/street/token").get_json()["csrf"]

    def post(address: str, **form: object) -> int:
        return operator.post(address, {**form, "csrf_token": token}).status_code

    for number in (LARGE, LARGER):
        for address in ("/cases/{}/comment", "/batches/{}", "/street/tasks/{}.1", "/operations/cases/{}"):
            assert operator.get(address.format(number)).status_code == 404, address
        assert operator.get(f"/desk?unit={number}").status_code < 500
        assert post(f"/inbox/views/{number}/remove") == 404
        assert post(f"/copies/{number}/read", idempotency_key="k" * 5000) == 404
        assert post(f"/notices/open/{number}/1.1") == 404
        assert post("/desk/assign", ref=ref, to=number) < 500
        for kind in ({"kind": "retry", "incident": number}, {"kind": "move", "token": number, "to": "Handle"}):
            assert post(f"/operations/cases/{case}/propose", reason="x", **kind) == 422
    assert post(f"/operations/cases/{case}/propose", kind="set", name="a", value="NaN", reason="x") == 422


@pytest.fixture
def database_kind() -> str:
    return "postgresql"
