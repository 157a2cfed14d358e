"""What is shown to somebody opens for them: the desk in the navigation, the cases behind late jobs, registers by their names."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from engine.organisation import changes
from engine.tables import job
from tests.bpmn.drawing import chain, end, start, tag, timer
from tests.db.talking import bundle, work
from tests.factories import DESIGNER, HANDLER, OPERATOR
from tests.web.visitor import Visit, words
from web.city import City

SYSTEM, SECURITY, AUDITOR = "shenjiahao", "feiguoqing", "jiaqiaoyun"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_only_who_has_a_desk_is_led_there(visit: Visit) -> None:
    for login, has in ((HANDLER, True), (SYSTEM, False), (SECURITY, False)):
        reader = visit(login)
        assert ('href="/desk"' in reader.get("/").text) == has, login
        assert reader.get("/desk").status_code == (200 if has else 404)


def test_a_late_job_leads_operators_where_they_may_go(city: City, visit: Visit) -> None:
    catch = tag("intermediateCatchEvent", timer("PT1H"), id="T")
    city.deploy(bundle(start(), catch, work("A"), end(), chain("S", "T", "A", "E"), key="waits"))
    case = city.start("waits", {}, DESIGNER)
    with city.core.db.write() as connection:
        connection.execute(update(job).values(due_at=city.core.db.now_on(connection) - timedelta(days=1)))
    for login in (SYSTEM, OPERATOR):
        reader = visit(login)
        page = reader.get("/operations").text
        assert f'href="/operations/cases/{case}"' in page
        assert f'href="/cases/{case}"' not in page
        assert reader.get(f"/operations/cases/{case}").status_code == 200


def test_a_change_names_registers_by_their_names(city: City, visit: Visit) -> None:
    plan = {"units": ["street_lighting"], "into": "municipal_works"}
    number = changes.propose(city.core, "merge", plan, SYSTEM, "统一维护")
    told = words(visit(SECURITY).get(f"/organisation/changes/{number}").text)
    assert "登记表“" in told
    assert "street_furniture" not in told
    assert "stocks" not in told


def test_who_may_not_ask_why_is_not_sent_there(visit: Visit) -> None:
    for login, may in ((SECURITY, True), (AUDITOR, False)):
        reader = visit(login)
        assert ('href="/why"' in reader.get("/rights").text) == may, login
        assert reader.get("/why").status_code == (200 if may else 403)
