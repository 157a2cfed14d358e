"""A filled form on paper: of a step that was done, of a task that waits; for those alone who may see it."""

from __future__ import annotations

import re

import pytest

from engine.events import Event
from escalation.papers import form as paper
from escalation.papers.form import Filled, Table
from tests.factories import DISPATCHER, case_at, task_at
from tests.web.visitor import LEADER, STRANGER, Visit
from web import fonts
from web.city import City
from web.telling import ZONE


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # paper


def test_a_form_is_printed_from_the_history_and_from_the_task(visit: Visit, city: City) -> None:
    case = case_at(city, "Dispatch")
    (filed,) = [row for row in city.trail(case) if row["kind"] == Event.COMPLETED and row["node"] == "File"]
    leader, stranger = visit(LEADER), visit(STRANGER)
    page = leader.get(f"/cases/{case}").text
    assert f"/cases/{case}/forms/{filed['seq']}.pdf" in page
    done = leader.get(f"/cases/{case}/forms/{filed['seq']}.pdf")
    assert (done.status_code, done.mimetype, done.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert leader.get(f"/cases/{case}/forms/999.pdf").status_code == 404
    assert stranger.get(f"/cases/{case}/forms/{filed['seq']}.pdf").status_code == 404
    task, dispatcher = task_at(city, case, "Dispatch").ref, visit(DISPATCHER)
    assert f"/tasks/{task}/form.pdf" in dispatcher.get(f"/tasks/{task}").text
    assert dispatcher.get(f"/tasks/{task}/form.pdf").data[:5] == b"%PDF-"
    assert stranger.get(f"/tasks/{task}/form.pdf").status_code == 404


def test_nothing_that_is_printed_is_read_as_markup(city: City) -> None:
    told = Filled(
        title="情况报告",
        subject="#panic() *积水* $x$",
        process="洪涝灾害",
        number="20260610-A",
        rows=[("地点", '= 东方路\n#read("/etc/passwd")'), ("说明", "")],
        tables=[Table("出动", ["单位", "人数"], [["排水", "20"], ["环卫", "#12"]]), Table("物资", ["名称"], [])],
        signs=[("填写人", "张三"), ("日期", "")],
        stamp="演练",
    )
    for language in ("zh", "en"):
        pages = paper.render(told, city.world().now.astimezone(ZONE), "2026-06-10", fonts.folders(), language, "潜江市")
        assert re.match(rb"%PDF-", pages[0])
