"""The end in one sentence: one case from report to closure by five people at their pages, the city closed and opened in between.

The same at a real browser, with processes killed: `tests/browser`. Here on both databases."""

from __future__ import annotations

import re
from contextlib import closing

from engine.clock import ManualClock
from tests.factories import ANSWERS, COLLECTOR, DISPATCHER, HANDLER, LEADER, OTHER_COLLECTOR, REPORT
from tests.web.visitor import Visitor, words
from web.app import create_app
from web.city import City
from web.wiring import open_city

FIVE = (COLLECTOR, LEADER, DISPATCHER, HANDLER, OTHER_COLLECTOR)
STEPS = ("File", "Dispatch", "SignFor", "Handle", "Feedback", "Check", "Close")
ENDS = re.compile(r"已结案|已办结")


def do_next(city: City, case: int, expected: str) -> str:
    """Whoever's turn it is finds the task in their inbox and hands in its form; answers who it was."""
    (task,) = city.tasks(case)
    assert task.node == expected
    login, answers = ANSWERS[task.node]
    visitor = Visitor(create_app(city, b"a secret of the tests"), city, login)
    assert f"/tasks/{task.ref}" in visitor.get("/inbox?tab=unit").text
    if task.node == "Check":
        assert not may_work(city, HANDLER, task.ref)
    done = visitor.submit(f"/tasks/{task.ref}", f"/tasks/{task.ref}", **answers)
    assert done.status_code == 303, words(done.text)
    return login


def may_work(city: City, login: str, ref: str) -> bool:
    visitor = Visitor(create_app(city, b"a secret of the tests"), city, login)
    return "form-title" in visitor.get(f"/tasks/{ref}").text


def test_five_people_work_one_case_and_the_city_is_opened_anew_for_each(city_url: str, clock: ManualClock) -> None:
    with closing(open_city(city_url, clock)) as city:
        visitor = Visitor(create_app(city, b"a secret of the tests"), city, COLLECTOR)
        sent = visitor.submit("/report", "/report", **REPORT)
        assert sent.status_code == 303, words(sent.text)
        case = int(sent.location.rpartition("/")[2])
    worked = {COLLECTOR}
    for node in STEPS:
        with closing(open_city(city_url, clock)) as city:
            worked.add(do_next(city, case, node))
    assert worked == set(FIVE)
    with closing(open_city(city_url, clock)) as city:
        assert city.instance(case)["status"] == "completed"
        page = words(Visitor(create_app(city, b"a secret of the tests"), city, COLLECTOR).get(f"/cases/{case}").text)
    assert ENDS.search(page), page
