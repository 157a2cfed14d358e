"""A hearing on a road permit through the pages: the window tells of the right, who applied without an account asks for it with the
receipt code, the authority sets the day, and everybody sees why the term of the decision stands."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from engine.clock import ManualClock
from engine.tables import application
from tests.factories import task_at
from tests.stories.hearings import DUE, HOST, NOTICE, WINDOW, hear
from tests.stories.permits import DAY, do, facts, nodes
from tests.web.test_road_permit_online import PAGE, SAID
from tests.web.visitor import Forms, Visit, words
from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_asked_for_with_the_code_and_the_clock_stands(visit: Visit, city: City, clock: ManualClock) -> None:
    citizen = visit()
    carried = Forms(citizen.submit(PAGE, PAGE, **SAID).text).of(PAGE)
    assert carried is not None
    code = re.search(r'name="code" value="(\w{28})"', citizen.post(PAGE, {**carried, "confirmed": "1"}).text)
    assert code
    city.run_due()
    with city.core.db.read() as connection:
        case = connection.execute(select(application.c.instance_id)).scalar_one()
    do(city, case, "Accept")
    do(city, case, "TrafficReview")
    do(city, case, "MunicipalReview", **DUE)
    window = visit(WINDOW)
    address = f"/tasks/{task_at(city, case, 'TellRight').ref}"
    told = {"right_told_how": "direct", "right_told_on": "2026-06-10", "right_document": "潜城听告〔2026〕1 号"}
    assert "沿线商户" in window.get(address).text
    assert window.submit(address, address, **told).status_code == 303
    city.run_due()
    citizen.submit("/public/follow", "/public/follow", code=code[1])
    page = citizen.get("/application").text
    assert "听证" in words(page)
    task = re.search(r"/application/tasks/\d+", page)
    assert task
    wrong = citizen.submit(task[0], task[0], hearing_answer="ask")
    assert wrong.status_code == 422  # why is needed
    assert (
        citizen.submit(task[0], task[0], hearing_answer="ask", hearing_reason="施工影响经营").location == "/application"
    )
    city.run_due()
    hear(city, case, "ApproveStand")
    assert nodes(city, case) == ["TellHearing"]
    assert facts(city, case)["hearing_by"] == "applicant"
    host = visit(HOST)
    address = f"/tasks/{task_at(city, case, 'TellHearing').ref}"
    page = host.get(address).text
    assert "施工影响经营" in page or "申请人" in page
    case_page = words(host.get(f"/cases/{case}").text)
    assert "听证" in case_page
    why = words(host.get(f"/cases/{case}/clocks/case/0").text)
    assert "行政许可法第四十五条" in why
    assert host.submit(address, address, **NOTICE).status_code == 303
    city.run_due()
    seen = words(citizen.get("/application").text)
    assert {"市政务服务中心 305 室", "冯大伟"} <= {
        each for each in ("市政务服务中心 305 室", "冯大伟") if each in seen
    }, seen
    clock.advance(14 * DAY)
    city.run_due()
    hear(city, case, "HoldHearing")
    assert "Decide" in nodes(city, case)


def test_the_window_alone_is_asked_when_papers_came_in(visit: Visit, city: City) -> None:
    """The field is drawn for who holds the post, and nobody else may send it."""
    for login, drawn in (("chengsiyuan", True), ("pengshuisheng", False)):
        page = visit(login).get("/start/excavation_permit").text
        assert ('name="received_on"' in page) is drawn
