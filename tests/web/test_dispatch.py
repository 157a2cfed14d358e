"""The dispatcher's board: proposals with their reason, several cases at once, each an act of its own."""

from __future__ import annotations

from tests.bench.story import YOUNG, Walker
from tests.web.visitor import COLLECTOR, Forms, Visit, words
from web.city import City

DISPATCHER = "hejianping"


def waiting(city: City, count: int) -> list[int]:
    walker = Walker(city)
    cases = [walker.start() for _ in range(count)]
    for case in cases:
        walker.walk(case, YOUNG[:2])
    return cases


def test_a_proposal_says_why(visit: Visit, city: City) -> None:
    waiting(city, 1)
    page = words(visit(DISPATCHER).get("/dispatch").text)
    assert "查全市分工 ： 上水井盖 × 全市" in page.replace("：", " ： ").replace("  ", " ")
    assert "处置时限 2 紧急工作时" in page


def test_several_are_sent_each_with_its_own_result(visit: Visit, city: City) -> None:
    first, second, gone = waiting(city, 3)
    dispatcher = visit(DISPATCHER)
    fields = Forms(dispatcher.get("/dispatch").text).of("/dispatch") or {}
    refs = {case: city.tasks(case)[0].ref for case in (first, second, gone)}
    city.complete(refs[gone], YOUNG[2][1], by=DISPATCHER)
    answer = dispatcher.post("/dispatch", {**fields, "ref": list(refs.values())})
    assert "派遣结果：2 件成功 ，1 件未成" in words(answer.text).replace("成功，", "成功 ，")
    for case in (first, second):
        assert [t.node for t in city.tasks(case)] == ["SignFor"]
        assert city.instance(case)["facts"]["responsible_unit"] == "water_supply"


def test_a_form_sent_twice_is_one_act_each(visit: Visit, city: City) -> None:
    (case,) = waiting(city, 1)
    dispatcher = visit(DISPATCHER)
    fields = Forms(dispatcher.get("/dispatch").text).of("/dispatch") or {}
    sent = {**fields, "ref": city.tasks(case)[0].ref}
    for _ in range(2):
        assert "1 件成功" in words(dispatcher.post("/dispatch", sent).text)
    assert [r["kind"] for r in city.trail(case)].count("completed") == 3


def test_nothing_chosen_or_an_invented_unit_is_said_so(visit: Visit, city: City) -> None:
    (case,) = waiting(city, 1)
    dispatcher = visit(DISPATCHER)
    fields = Forms(dispatcher.get("/dispatch").text).of("/dispatch") or {}
    assert dispatcher.post("/dispatch", fields).status_code == 422
    ref = city.tasks(case)[0].ref
    answer = dispatcher.post("/dispatch", {**fields, "ref": ref, f"unit.{ref}": "nobody"})
    assert "0 件成功" in words(answer.text)
    assert [t.node for t in city.tasks(case)] == ["Dispatch"]


def test_the_board_is_the_dispatchers(visit: Visit, city: City) -> None:
    (case,) = waiting(city, 1)
    collector = visit(COLLECTOR)
    assert collector.get("/dispatch").status_code == 403
    fields = Forms(collector.get("/report").text).of("/report") or {}
    sent = {"csrf_token": fields["csrf_token"], "idempotency_key": "k", "ref": city.tasks(case)[0].ref}
    assert collector.post("/dispatch", sent).status_code == 403
    assert [t.node for t in city.tasks(case)] == ["Dispatch"]


def test_workload_counts_open_and_late_tasks_of_each_unit(visit: Visit, city: City) -> None:
    waiting(city, 2)
    page = words(visit(DISPATCHER, "en").get("/dispatch").text)
    assert "Command Centre 2" in page
