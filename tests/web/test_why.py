"""Support asks why somebody may not do something, and the table of rights is the route table's."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import sheets
from engine.tables import audit
from tests.factories import COLLECTOR, HANDLER, LEADER, OTHER_LEADER, STRANGER, case_at, only_task
from tests.web.visitor import Visit, words
from web.city import City

SECURITY = "feiguoqing"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # the rules are asked of the same functions on both


def test_support_is_told_which_rule_is_in_the_way(city: City, visit: Visit) -> None:
    case = case_at(city, "SignFor")
    task = only_task(city, case).ref
    number = city.instance(case)["number"]
    support = visit(SECURITY)

    def asked(login: str, where: str, act: str = "view") -> str:
        return words(support.get(f"/why?login={login}&where={where}&act={act}").text)

    assert "可以操作" in asked(HANDLER, task, "complete")
    stranger = asked(STRANGER, task, "complete")
    assert "不可以操作" in stranger
    assert "派给：" in stranger
    assert "不可以操作" in asked(STRANGER, number)
    assert "参与单位" in asked(STRANGER, f"/cases/{case}")
    assert "这些岗位带有：派遣员" in asked(COLLECTOR, "/dispatch")
    assert "有此账号" in asked("nobody_of_this_name", number)
    assert "有此页面、案件或任务" in asked(LEADER, "20200101-NOSUCH")
    city.claim(task, HANDLER)
    assert "任务已被领取" in asked(HANDLER, task, "release")
    english = visit(SECURITY, "en")
    assert "Four eyes" in words(_four_eyes(city, english))
    with city.core.db.read() as connection:
        kinds = connection.execute(select(audit.c.about).where(audit.c.kind == "asked_why")).scalars().all()
    assert f"login:{STRANGER}" in kinds


def _four_eyes(city: City, support: object) -> str:
    case = case_at(city, "Close")
    return str(support.get(f"/why?login={OTHER_LEADER}&where={only_task(city, case).ref}&act=complete").text)  # type: ignore[attr-defined]


def test_only_those_who_answer_for_rights_ask(visit: Visit) -> None:
    for path in ("/why", "/rights"):
        assert visit(HANDLER).get(path).status_code == 403


def test_the_table_of_rights_names_every_route(visit: Visit) -> None:
    visitor = visit(SECURITY)
    text = visitor.get("/rights").text
    for rule in visitor.client.application.url_map.iter_rules():
        if rule.endpoint not in ("static", "api.nowhere"):
            assert rule.rule.replace("<", "&lt;").replace(">", "&gt;") in text
    rows = sheets.read(visitor.get("/rights?as=xlsx").data)
    titles = rows[0]
    board = next(row for row in rows if row[0] == "/dispatch" and row[1] == "GET")
    assert board[titles.index("派遣员")] == "●"
    assert not board[titles.index("采集员")]
    case = next(row for row in rows if row[0] == "/cases/<int:instance_id>")
    assert case[titles.index("派遣员")] == "全部"
    assert case[titles.index("经办人")] == "本单位"
