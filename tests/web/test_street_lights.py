"""城管通: each light of the list of tasks leads to why it is so, beside the link to the task."""

from __future__ import annotations

import pytest

from tests.factories import HANDLER, case_at, only_task
from tests.web.visitor import Visit
from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_a_light_leads_to_why(city: City, visit: Visit) -> None:
    case = case_at(city, "Handle")
    ref = only_task(city, case).ref
    number = ref.partition(".")[2]
    page = visit(HANDLER).get("/street/").text
    why = f"/cases/{case}/clocks/handle/{number}"
    link, task = page.index(f'href="{why}"'), page.index(f'href="/street/tasks/{ref}"')
    assert "</a>" in page[link:task], "no link within the other"
    answer = visit(HANDLER).get(why)
    assert answer.status_code == 200
