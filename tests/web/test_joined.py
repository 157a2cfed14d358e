"""What runs once, started again by its form: no second one begins, and whoever sent it is told what came of it, with a link."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.clock import ManualClock
from tests.factories import case_at, do
from tests.stories.test_ladder import YU, ZHU, ladder_of
from tests.web.visitor import Visit, words
from web.city import City

MATTER: dict[str, Any] = {
    "title": "井盖缺失",
    "responsible_unit": "water_supply",
    "demand": "立即修复",
    "reply_days": "1",
}
RAISE = "/start/supervision"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def supervised(city: City) -> tuple[str, int]:
    """The number of a case that is late, and its supervision."""
    case = case_at(city, "File")
    do(city, case, "File", grade="major")
    do(city, case, "Dispatch")
    do(city, case, "SignFor")
    city.advance(timedelta(hours=3))
    return str(city.instance(case)["number"]), ladder_of(city, case)


def test_a_matter_that_joins_a_supervision_says_so(city: City, visit: Visit, supervised: tuple[str, int]) -> None:
    number, ladder = supervised
    raising = visit(ZHU)
    answer = raising.submit(RAISE, RAISE, **MATTER, case_numbers=number)
    where = answer.headers["Location"]
    assert (answer.status_code, where) == (303, f"/cases/{ladder}")
    told = raising.get(where).text
    assert "已提交，编号" not in told
    assert "同一事项已在办理" in words(told)
    assert f'<a href="{where}#history-title">{city.instance(ladder)["number"]}</a>' in told
    assert "立即修复" in told, "what was written stands in the history that the link leads to"
    english = visit(ZHU, "en")
    assert "runs already" in words(
        english.get(english.submit(RAISE, RAISE, **MATTER, case_numbers=number).headers["Location"]).text
    )


def test_the_notice_of_it_names_no_plan(city: City, visit: Visit, supervised: tuple[str, int]) -> None:
    number, _ = supervised
    first, second = visit(YU), visit(ZHU)
    other = str(city.instance(case_at(city, "File"))["number"])
    for one in (first, second):
        assert one.submit(RAISE, RAISE, **MATTER, case_numbers=other).status_code == 303
    told = words(first.get("/notices").text)
    assert "就同一事项再次发起，已并入本件" in told
    assert "预案" not in told
    assert number not in told


def test_what_begins_says_its_number(visit: Visit, city: City) -> None:
    one = visit(ZHU)
    answer = one.submit(RAISE, RAISE, **MATTER)
    assert "已提交，编号" in one.get(answer.headers["Location"]).text


def test_a_program_is_told_that_it_joined(
    city: City, visit: Visit, clock: ManualClock, supervised: tuple[str, int]
) -> None:
    number, ladder = supervised
    client = visit(ZHU)
    token = client.get("/street/token").get_json()["csrf"]
    body: dict[str, Any] = {"process": "supervision", "answers": {**MATTER, "reply_days": 1, "case_numbers": number}}
    found = [
        client.client.post("/api/v1/instances", json=each, headers={"X-CSRFToken": token}).get_json()
        for each in (body, {**body, "answers": {**body["answers"], "case_numbers": None}})
    ]
    assert [(one["joined"], one["instance"] == str(ladder)) for one in found] == [(True, True), (False, False)]
