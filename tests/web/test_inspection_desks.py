"""The desk of the inspection office and that of the discipline commission; and that no page, answer, search, export, notice, live update or
log line holds a word of a clue for anybody who does not work it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from engine import tokens
from engine.tables import LIVE
from escalation import referrals
from tests.factories import DISPATCHER, HANDLER, LEADER, case_at, say
from tests.stories.test_inspection import (
    APPROVED,
    INSPECTOR,
    MAYOR,
    OFFICE_HEAD,
    OFFICER,
    SECOND,
    asked,
    concluded,
    do,
    only,
)
from tests.web.matrix import Matrix
from tests.web.test_reporter_hidden import address, text_of
from tests.web.visitor import Visit, words
from web import logs
from web.city import City
from web.export import export
from web.policies import PUBLIC, SIGNED_IN, policy_of

WORD = "金丝雀线索"
CLUE = {"ground": "clue", "persons": WORD, "clue_text": WORD, "consequences": WORD}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # the same filter on both; tests/db/test_confidential.py asks it on both


def referred(city: City) -> tuple[int, int, int]:
    """An inspection with a conclusion, a referral of a clue from it, and the clue as the commission has it."""
    case = case_at(city, "Handle")
    _, inspection = asked(city, case)
    concluded(city, inspection)
    referral = int(referrals.refer(city.core, inspection, CLUE, city.actor(INSPECTOR))["instance"])
    do(city, referral, "Verify", OFFICE_HEAD, verify_decision="submit", verify_text=WORD)
    do(city, referral, "Approve", MAYOR, **APPROVED)
    do(city, referral, "HandOver", INSPECTOR, materials=WORD, handed_on="2026-06-30")
    return inspection, referral, only(city, "clue")


def test_the_desk_shows_what_each_inspection_needs_next(city: City, visit: Visit) -> None:
    inspector = visit(INSPECTOR)
    assert "没有待决定的提请" in words(inspector.get("/inspection").text)
    _, inspection = asked(city, case_at(city, "Handle"))
    page = inspector.get("/inspection")
    assert page.status_code == 200
    text = words(page.text)
    assert "井盖缺失久拖不修" in text
    assert "决定是否督查" in text
    assert "剩" in text or "小时" in text or "天" in text
    assert "移送线索" not in text
    assert f"/tasks/{inspection}." in page.text
    concluded(city, inspection)
    text = words(inspector.get("/inspection").text)
    assert "提出异议" in text
    assert "移送线索" in text
    english = words(visit(INSPECTOR, "en").get("/inspection").text)
    assert "Objection, review, rectification" in english
    for other in (HANDLER, LEADER, "yuanzhigang", "fuxiaolin"):
        assert visit(other).get("/inspection").status_code == 403
        assert 'href="/inspection"' not in visit(other).get("/").text
    assert 'href="/inspection"' in inspector.get("/").text


def test_a_clue_is_referred_by_the_page(city: City, visit: Visit) -> None:
    _, inspection = asked(city, case_at(city, "Handle"))
    inspector, page = visit(INSPECTOR), f"/inspection/{inspection}/refer"
    assert inspector.get(page).status_code == 404, "nothing was found yet"
    concluded(city, inspection)
    assert "保密" in words(inspector.get(page).text)
    assert inspector.submit(page, page, ground="clue").status_code == 422
    sent = inspector.submit(page, page, **CLUE)
    assert sent.status_code == 303
    shown = inspector.get(sent.headers["Location"])
    assert WORD in shown.text
    assert visit(SECOND).get(sent.headers["Location"]).status_code == 404
    assert visit(OFFICE_HEAD).get(page).status_code == 403, "no inspector"
    assert inspector.get("/start/clue_referral").status_code == 404
    assert "移送问题线索" not in words(visit(SECOND).get("/inspection").text)
    assert "我办理的移送" in words(inspector.get("/inspection").text)


def test_the_commissions_desk(city: City, visit: Visit) -> None:
    officer = visit(OFFICER)
    assert "没有待接收或办理中的线索" in words(officer.get("/discipline").text)
    inspection, _, clue = referred(city)
    text = words(officer.get("/discipline").text)
    assert "接收登记" in text
    assert 'href="/discipline"' in officer.get("/").text
    do(city, clue, "Receive", OFFICER, received_on="2026-07-01")
    assert "依法处置" in words(officer.get("/discipline").text)
    assert "2026-07-01 接收" in words(visit(SECOND).get("/inspection").text)
    do(city, clue, "Handle", OFFICER, closed_on="2026-08-01")
    assert "接收 2026-07-01，办结 2026-08-01" in words(officer.get("/discipline").text)
    assert "No clue waits" in words(visit(OFFICER, "en").get("/discipline").text)
    for other in (INSPECTOR, MAYOR, HANDLER, "jiaqiaoyun", "shenjiahao"):
        assert visit(other).get("/discipline").status_code == 403
        assert 'href="/discipline"' not in visit(other).get("/").text
    assert inspection


OUTSIDE = (HANDLER, DISPATCHER, "shenjiahao", "jiaqiaoyun", SECOND)
"""The late unit, who worked the case and sees all, who administers and operates, who audits; an inspector who does not work it. The other
roles are asked about a confidential instance in tests/web/test_rights_matrix.py."""


def everything(
    matrix: Matrix, login: str, cases: tuple[int, ...], numbers: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Address and text of every answer to every GET of the program, about each of these where it is about one, with searches."""
    client = matrix.app.test_client()
    headers = {"Accept-Language": "zh-CN", "Authorization": f"Bearer {matrix.tokens[login]}"}
    paths: list[str] = []
    powers = {SIGNED_IN, PUBLIC} | matrix.city.actor(login).powers
    for rule in matrix.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        closed = powers.isdisjoint(
            policy_of(matrix.app, rule.endpoint) or ()
        )  # the same answer for every case, but asked
        for case in cases if matrix.about_a_case(rule) and not closed else cases[:1]:
            matrix.cases["own"], matrix.tasks["own"], matrix.files["own"] = case, f"{case}.1", "0" * 40
            paths.append(address(matrix, rule))
    for where in ("/cases", "/cases.xlsx", "/inbox", "/audit", "/api/v1/instances"):
        by = (
            ("q", "about") if where in ("/audit", "/cases.xlsx") else ("q",)
        )  # who looks for what is recorded of sheets
        paths += [f"{where}?process=clue", *(f"{where}?{name}={number}" for number in numbers for name in by)]
        paths.append(f"{where}?q={WORD}")
    paths += [f"/audit.xlsx?about={numbers[0]}", "/audit", "/audit?stream=reading"]  # after all that was recorded above
    for path in paths:
        with client.get(path, headers=headers) as answer:
            yield path, text_of(answer.get_data())


def test_no_page_answer_search_export_or_log_holds_a_word_of_it(
    app: Flask, city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    _, referral, clue = referred(city)
    numbers = tuple(city.instance(case)["number"] for case in (referral, clue))
    matrix = Matrix(app, city)
    leaks: list[str] = []
    answers = 0
    for login in OUTSIDE:
        matrix.tokens[login] = tokens.create(city.core, login, "canary", timedelta(days=1))
        for path, text in everything(matrix, login, (referral, clue), numbers):
            answers += 1
            leaks += [f"{login} {path}: {word}" for word in (WORD, *numbers) if word in text and word not in path]
    assert leaks == []
    export(city.core, tmp_path / "export", LIVE)
    plain = "".join(file.read_text() for file in (tmp_path / "export").iterdir())
    assert WORD not in plain
    assert str(clue) not in plain
    written = capsys.readouterr()
    assert WORD not in written.out + written.err
    say(capsys, answers_read=answers, people=len(OUTSIDE), leaks=0)
