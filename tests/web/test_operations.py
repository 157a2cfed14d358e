"""The operators' page: workers, stuck cases with their cause, late jobs; and trying again."""

from __future__ import annotations

from datetime import timedelta

from engine import incidents, workers
from engine.clock import ManualClock
from engine.errors import StepFailed
from engine.operating import proposing
from tests.factories import SECOND_OPERATOR
from tests.web.visitor import COLLECTOR, Visit, words
from web.city import City

OPERATOR = "fuxiaolin"
REPORT = {"source": "collector", "title": "章华中路井盖缺失", "area": "yuanlin", "place": "章华中路 18 号"}


def test_a_worker_is_alive_while_it_says_so(visit: Visit, city: City) -> None:
    operator = visit(OPERATOR)
    assert "没有后台进程" in operator.get("/operations").text
    me = workers.enlist(city.core)
    assert "运行中" in operator.get("/operations").text
    workers.beat(city.core, me, stopped=True)
    assert "已停止" in operator.get("/operations").text


def test_a_stuck_case_says_why_and_can_be_tried_again(visit: Visit, city: City) -> None:
    case = city.start("case_dispatch", REPORT, by=COLLECTOR)
    incidents.note(
        city.core, case, StepFailed(node="LookUpStandard", why="no row <b>matches</b>", why_zh="没有<b>相符</b>的行")
    )
    operator = visit(OPERATOR)
    page = operator.get("/operations").text
    assert "没有&lt;b&gt;相符" in page
    assert "no row" not in page
    assert "查处置标准" in page
    assert operator.submit("/operations", "/operations/retry").status_code == 303
    assert "待批准的运维操作" in operator.get("/operations").text
    (asked,) = proposing.of_case(city.core, city.actor(OPERATOR), case)
    where = f"/operations/cases/{case}/operations/{asked.id}"
    assert operator.submit("/operations", where, decision="approve").status_code == 403, "who asked does not allow it"
    second = visit(SECOND_OPERATOR)
    assert second.submit("/operations", where, decision="approve").status_code == 303
    assert "没有停住的案件" in operator.get("/operations").text
    assert [r["kind"] for r in city.trail(case)][-1] == "retried"


def test_a_case_is_set_right_by_page(visit: Visit, city: City) -> None:
    case = city.start("case_dispatch", REPORT, by=COLLECTOR)
    page = f"/operations/cases/{case}"
    operator, administrator = visit(OPERATOR), visit(SECOND_OPERATOR, "en")
    assert "核实" in operator.get(page).text
    to = {"kind": "move", "to": "File", "reason": "已当面核实"}
    assert operator.submit(page, f"{page}/propose", **to).status_code == 303
    (asked,) = proposing.of_case(city.core, city.actor(OPERATOR), case)
    assert "Move a token" in administrator.get(page).text
    assert administrator.submit(page, f"{page}/operations/{asked.id}", decision="approve").status_code == 303
    assert [t.node for t in city.tasks(case)] == ["File"]
    assert operator.submit(page, f"{page}/hold", act="suspend", reason="等待上级").status_code == 303
    assert "案件已暂停" in operator.get(page).text
    assert operator.submit(page, f"{page}/hold", act="resume", reason="继续").status_code == 303
    assert [t.node for t in city.tasks(case)] == ["File"]


def test_a_timer_nobody_carries_out_is_late(visit: Visit, city: City, clock: ManualClock) -> None:
    demand = {"demand": "三日内修复并答复", "reply_days": 3, "rounds_most": 3}
    facts = {"title": "督办：井盖", "responsible_unit": "water_supply", **demand}
    city.start("supervision", facts, by="zhuxiaodong")
    operator = visit(OPERATOR)
    assert "没有迟到的作业" in operator.get("/operations").text
    assert "到期前催办" in operator.get("/operations").text
    clock.advance(timedelta(days=30))
    assert "没有迟到的作业" not in operator.get("/operations").text
    city.run_due()
    assert "没有迟到的作业" in words(operator.get("/operations").text)


def test_operations_are_for_operators(visit: Visit) -> None:
    assert visit(COLLECTOR).get("/operations").status_code == 403
    assert visit("xuguangming").get("/operations").status_code == 403
