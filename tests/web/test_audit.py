"""The auditors' page, and the looks that it shows: every answer that shows a case is recorded first."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, update

from engine.audit import checkpoints, recording, results
from engine.tables import audit, history, membership, person, unit
from escalation import records
from tests.db.test_files import photo
from tests.factories import COLLECTOR, LEADER, REPORT, case_at, only_task
from tests.web.visitor import Visit, words
from web import looking
from web.city import City

AUDITOR = "auditor"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # nothing of it depends on the kind; streams do, and they are tested on both


def make_auditor(city: City) -> None:
    with city.core.db.write() as connection:
        made = connection.execute(
            person.insert().values(login=AUDITOR, name="审计员", pinyin="sjy").returning(person.c.id)
        )
        at = connection.execute(select(unit.c.id).where(unit.c.key == "supervision_centre")).scalar_one()
        values = {"person_id": made.scalar_one(), "unit_id": at, "post_key": "audit_administrator"}
        connection.execute(membership.insert().values(**values))


def looks(city: City, login: str) -> list[tuple[str, str]]:
    with city.core.db.read() as connection:
        who = connection.execute(select(person.c.id).where(person.c.login == login)).scalar_one()
        query = (
            select(audit.c.kind, audit.c.about).where(audit.c.stream == recording.reading(who)).order_by(audit.c.seq)
        )
        return [(row.kind, row.about) for row in connection.execute(query)]


def test_every_look_is_recorded_once(visit: Visit, city: City) -> None:
    case = case_at(city, "Dispatch")
    city.attach(case, [city.accept("现场.jpg", photo())], COLLECTOR)
    leader = visit(LEADER)
    for _ in range(2):
        assert leader.get(f"/cases/{case}").status_code == 200
    with city.core.db.read() as connection:
        file = connection.execute(select(history.c.data).where(history.c.kind == "attached")).scalar_one()["attachment"]
    assert leader.get(f"/files/{case}/{file}").status_code == 200
    assert leader.get(f"/cases/{case}/print").status_code == 200
    assert leader.get("/cases.xlsx?q=13800000000&status=active").status_code == 200
    assert leader.get(f"/api/v1/instances/{case}").status_code == 200
    assert leader.get("/cases/12345").status_code == 404
    found = looks(city, LEADER)
    assert found == [
        ("saw_case", f"case:{case}"),
        ("saw_file", f"case:{case}/{file}"),
        ("printed", f"case:{case}"),
        ("exported", "/cases.xlsx"),
    ]
    with city.core.db.read() as connection:
        data = connection.execute(select(audit.c.data).where(audit.c.kind == "exported")).scalar_one()
    assert data == {"q": "…", "status": "active"}


def test_nothing_is_shown_that_could_not_be_recorded(
    visit: Visit, city: City, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_at(city, "Dispatch")
    leader = visit(LEADER)

    def fails(*_: Any, **__: Any) -> None:
        raise OSError("no room")

    monkeypatch.setattr(recording, "record", fails)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = leader.get(f"/cases/{case}")
    assert answer.status_code >= 500
    assert REPORT["title"] not in answer.text


def test_a_route_that_names_a_case_is_a_look_or_said_to_be_none(app: Flask) -> None:
    routes = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and (rule.arguments & {"instance_id", "instance", "ref"} or rule.rule.endswith(".xlsx"))
    ]
    assert len(routes) > 12
    assert set(routes) <= looking.SHOWS.keys() | looking.SHOWS_NOTHING


def test_the_auditor_sees_who_did_what_and_who_looked(visit: Visit, city: City) -> None:
    case = case_at(city, "Dispatch")
    visit(LEADER).get(f"/cases/{case}")
    make_auditor(city)
    auditor = visit(AUDITOR)
    number = city.instance(case)["number"]
    page = words(auditor.get(f"/audit?about={number}").text)
    assert "孙国庆" in page
    assert "查看案件" in page
    acts = words(auditor.get(f"/audit?stream=cases&about={number}").text)
    assert "办理环节" in acts
    assert "立案" in acts
    assert REPORT["title"] not in acts
    assert "发布流程版本" in words(auditor.get("/audit?stream=content").text)
    assert "没有符合条件的记录" in auditor.get("/audit?who=nobody").text
    sheet = load_workbook(io.BytesIO(auditor.get(f"/audit.xlsx?about={number}").data)).active
    assert sheet is not None
    assert [row[7].value for row in sheet.iter_rows(min_row=2)] == ["查看案件"]
    assert ("exported", "/audit.xlsx") in looks(city, AUDITOR)
    assert "Version of a process deployed" in words(visit(AUDITOR, "en").get("/audit?stream=content").text)
    assert visit(LEADER).get("/audit").status_code == 403
    assert visit(LEADER).get("/audit.xlsx").status_code == 403


def test_the_page_says_whether_the_records_are_whole(visit: Visit, city: City) -> None:
    case = case_at(city, "Dispatch")
    make_auditor(city)
    auditor = visit(AUDITOR)
    assert "尚未验证" in auditor.get("/audit").text
    checkpoints.make(city.core)
    assert auditor.submit("/audit", "/audit/verify").status_code == 303
    assert "正在验证或即将开始" in auditor.get("/audit").text
    records.verify_due(city.core)
    assert "记录完整" in auditor.get("/audit").text
    with city.core.db.write() as connection:
        connection.execute(
            update(history).where(history.c.instance_id == case, history.c.seq == 1).values(actor_id=999)
        )
    assert not results.run_due(city.core, records.verify)  # not due: it was verified just now
    auditor.submit("/audit", "/audit/verify")
    records.verify_due(city.core)
    page = auditor.get("/audit").text
    assert "记录被改动过" in page
    assert f"{city.instance(case)['number']} #1" in page
    assert only_task(city, case).node == "Dispatch"
