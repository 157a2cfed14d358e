"""Pages of what talks and is called: what a case waits for, an error reported, a called process's task, starts by the time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.bpmn.drawing import chain, end, ext, start
from tests.db.talking import WAITER, at_border, bundle, work
from tests.db.test_calls import ADVICE, CALLER
from tests.db.test_incidents import FAILING
from tests.db.test_messages import cases
from tests.db.test_starts import timed
from tests.factories import OPERATOR, only_task
from tests.web.visitor import LEADER, Visit, words
from web.city import City


def test_a_case_says_what_it_waits_for(visit: Visit, city: City) -> None:
    city.deploy(WAITER)
    case = city.start("waiter", {}, OPERATOR, given={"ref": "geheim-7"})
    page = visit(OPERATOR).get(f"/cases/{case}").text
    assert "消息“Go”" in page
    assert "Message “Go”" in visit(OPERATOR, "en").get(f"/cases/{case}").text
    assert "geheim-7" not in page
    city.message("Go", "geheim-7", {"n": 1})
    page = visit(OPERATOR).get(f"/cases/{case}").text
    assert "Waits for" not in page
    assert "Message received: Go" in page


def test_a_task_that_cannot_be_done_is_reported_with_a_reason_of_the_diagram(visit: Visit, city: City) -> None:
    city.deploy(FAILING)
    case = city.start("failing", {}, OPERATOR)
    task, operator = only_task(city, case), visit(OPERATOR)
    assert f'href="/tasks/{task}/fail"' in operator.get(f"/tasks/{task}").text
    answer = operator.submit(f"/tasks/{task}/fail", f"/tasks/{task}/fail", code="closed")
    assert answer.status_code == 303
    assert only_task(city, case).node == "Other"
    assert "无法办理" in operator.get(f"/cases/{case}").text
    assert "无法办理" not in operator.get(f"/tasks/{only_task(city, case)}").text.partition("<main")[0]


def test_without_a_catcher_there_is_no_such_button(visit: Visit, city: City) -> None:
    city.deploy(bundle(start(), work("A"), end(), chain("S", "A", "E"), key="plain"))
    task = only_task(city, city.start("plain", {}, OPERATOR))
    operator = visit(OPERATOR)
    assert f"/tasks/{task}/fail" not in operator.get(f"/tasks/{task}").text
    token = operator.form(f"/tasks/{task}", f"/tasks/{task}")["csrf_token"]
    answer = operator.post(f"/tasks/{task}/fail", {"csrf_token": token, "code": "x"})
    assert answer.status_code == 422
    assert only_task(city, task.instance).ref == task.ref


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_called_processs_task_is_worked_on_its_page(visit: Visit, city: City, locale: str) -> None:
    city.deploy(ADVICE)
    city.deploy(CALLER)
    case = city.start("caller", {}, OPERATOR, given={"topic": "开工吗"})
    task, operator = only_task(city, case), visit(OPERATOR, locale)
    page = operator.get(f"/tasks/{task}").text
    assert "开工吗" in page, "what the call was given stands in its form"
    assert "Advise" in operator.get(f"/cases/{case}").text
    assert "Advise" in operator.get("/inbox?tab=unit").text
    assert operator.submit(f"/tasks/{task}", f"/tasks/{task}", opinion="好" * 30).status_code == 422
    assert operator.submit(f"/tasks/{task}", f"/tasks/{task}", opinion="可以").status_code == 303
    page = words(operator.get(f"/cases/{case}").text)
    assert "Confirm" in page
    assert 'data-active="[&#34;Call&#34;]"' in operator.get(f"/cases/{case}").text


def test_operators_see_what_the_time_starts(visit: Visit, city: City) -> None:
    city.deploy(timed("R/PT1H"))
    operator = visit(OPERATOR)
    assert "定时发起的流程" in operator.get("/operations").text
    city.advance(timedelta(hours=1))
    assert operator.get("/operations").status_code == 200


@pytest.mark.parametrize("locale, said", [("zh", "到时自动发起：T"), ("en", "Started by the time: T")])
def test_a_case_that_nobody_started_says_what_did(visit: Visit, city: City, locale: str, said: str) -> None:
    city.deploy(timed("R/PT1H"))
    city.advance(timedelta(hours=1))
    (case,) = cases(city, "timed")
    reader = visit(LEADER, locale)
    assert said in reader.get(f"/cases/{case}").text
    assert reader.get(f"/cases/{case}/print").status_code == 200


def test_a_definition_with_every_kind_of_event_is_told(visit: Visit, city: City) -> None:
    border = at_border("B", "A", "error", "closed")
    assert border
    city.deploy(FAILING)
    page = words(visit(OPERATOR).get("/definitions/failing/1").text)
    assert "边界事件（错误）" in page


def test_each_start_event_with_a_form_is_a_button(visit: Visit, city: City) -> None:
    form = '<ld:form ref="opinion"/>'
    city.deploy(
        bundle(
            start("S1", ext(form)),
            start("S2", ext(form)),
            work("A1"),
            work("A2"),
            end(),
            chain("S1", "A1", "E"),
            chain("S2", "A2", "E"),
            key="doors",
            files={"opinion.json": ADVICE["opinion.json"]},
        )
    )
    operator = visit(OPERATOR)
    home = operator.get("/").text
    assert 'href="/start/doors"' in home
    assert 'href="/start/doors?start=S2"' in home
    answer = operator.submit("/start/doors?start=S2", "/start/doors?start=S2", opinion="好")
    assert answer.status_code == 303
    case = int(answer.headers["Location"].rpartition("/")[2])
    assert only_task(city, case).node == "A2"
    assert operator.get("/start/doors?start=nothing").status_code == 404
