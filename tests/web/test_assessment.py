"""The assessment on pages and files: one object, so one number everywhere; who sees, closes and decides; what the public sees."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine import sheets
from engine.clock import ManualClock
from escalation.assessment import reporting
from tests import assessing
from tests.web.visitor import COLLECTOR, Visit, words
from web import assessment_files
from web.city import City

ASSESSOR, DISPATCHER, SUPERVISOR, HEAD = "yuanzhigang", "hejianping", "yuhaiyan", "jiangweimin"
WHERE = "period=2026-05"
asked = reporting.asked
MIDDLE = datetime(2026, 5, 15, tzinfo=UTC)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def may(city: City, clock: ManualClock) -> None:
    clock.set(datetime(2026, 6, 2, tzinfo=UTC))
    assessing.populate(city, 250, MIDDLE)


def test_page_sheet_csv_data_and_closed_edition_say_the_same(may: None, visit: Visit) -> None:
    reader = visit(ASSESSOR)
    assert reader.submit(f"/assessment?{WHERE}", "/assessment/close").status_code == 303
    page = reader.get(f"/assessment?{WHERE}").text
    assert "2026-05/1" in page
    assert "与封存时一致" in page
    report = json.loads(reader.get(f"/assessment/report.json?{WHERE}").text)
    book = sheets.read_book(reader.get(f"/assessment/report.xlsx?{WHERE}").data, most_sheets=30)
    table = list(csv.reader(io.StringIO(reader.get(f"/assessment/report.csv?{WHERE}").text.lstrip("\ufeff"))))
    rows = {row[1]: row[2:5] for row in table if row[0] == "全市指标"}
    for figure in report["definitions"]["figures"]:
        if "city" not in figure["objects"].split():
            continue
        said = report["whole"]["values"][figure["key"]]["text"]
        assert rows[figure["name_zh"]] == said
        cells = [assessment_files.cell(text) for text in said]
        expected = [one.value if isinstance(one, sheets.Number) else one for one in cells]
        assert next(row for row in book["全市指标"] if row[0] == figure["name_zh"])[1:4] == expected
        assert " ".join(said) in words(page), figure["key"]
    assert "口径" in book
    assert reader.get(f"/assessment/report.pdf?{WHERE}").data.startswith(b"%PDF")


def test_each_number_opens_to_its_cases(may: None, visit: Visit) -> None:
    reader = visit(ASSESSOR)
    page = reader.get(f"/assessment?{WHERE}").text
    links = re.findall(r'href="(/assessment/cases/[^"]+)">([\d,]+)<', page)
    assert len(links) > 60
    for address, number in links[::9]:
        found = re.search(r'class="heading-count">([\d,]+)<', reader.get(address.replace("&amp;", "&")).text)
        assert found is not None
        assert found[1] == number, address
    waiting = re.findall(r'href="(/definitions/case_dispatch/picture/cases[^"]+)">([\d,]+)<', page)
    assert waiting
    for address, number in waiting[:2]:
        found = re.search(r'class="heading-count">([\d,]+)<', reader.get(address.replace("&amp;", "&")).text)
        assert found is not None
        assert found[1] == number, address
    one = reader.get(f"/assessment/area/yuanlin?{WHERE}").text
    assert re.search(r'id="f-closing_rate".*?/assessment/cases/closed\?.*?/assessment/cases/due\?', one, re.DOTALL)
    for address, number in re.findall(r'href="(/assessment/cases/[^"]+)">([\d,]+)<', one)[::12]:
        found = re.search(r'class="heading-count">([\d,]+)<', reader.get(address.replace("&amp;", "&")).text)
        assert found is not None
        assert found[1] == number, address


def test_a_closed_number_opens_to_its_cases_whatever_became_of_the_sources(
    may: None, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = visit(ASSESSOR)
    reader.submit(f"/assessment?{WHERE}", "/assessment/close")
    report = json.loads(reader.get(f"/assessment/report.json?{WHERE}").text)
    due = next(one for one in report["plan"] if one["no"] == 28)["parts"]["due"][1]
    monkeypatch.setattr(reporting, "asked", lambda *_: replace(asked(*_), public=()))
    page = reader.get(f"/assessment/cases/due?{WHERE}&plan=28").text
    assert due
    assert f'<span class="heading-count">{due}<' in page


def test_who_sees_closes_and_hands_in(may: None, visit: Visit) -> None:
    for path in (
        "/assessment",
        "/assessment/exemptions",
        "/assessment/plan",
        "/assessment/report.json",
        "/assessment/wall",
    ):
        assert visit(COLLECTOR).get(path).status_code == 403, path
    head = visit(HEAD)
    text = head.get(f"/assessment?{WHERE}").text
    assert "仅含您有权查看的案件" in text
    assert "/assessment/close" not in text
    own = json.loads(head.get(f"/assessment/report.json?{WHERE}").text)
    whole = json.loads(visit(ASSESSOR).get(f"/assessment/report.json?{WHERE}").text)
    assert own["whole"]["numbers"].get("received", [0])[0] < whole["whole"]["numbers"]["received"][0]
    assert visit(DISPATCHER).post("/assessment/close", {"period": "2026-05"}).status_code in (400, 403)
    visit(ASSESSOR).submit(f"/assessment?{WHERE}", "/assessment/close")
    kept = json.loads(head.get(f"/assessment/report.json?{WHERE}").text)
    assert kept["whole"] == own["whole"], "of a closed edition, too, only what they may see"
    where = f"/assessment/hand-in?{WHERE}&edition=2026-05/1"
    answer = visit(SUPERVISOR).submit(where, where, note="请审核")
    assert answer.status_code == 303
    assert "考核报告" in visit(SUPERVISOR).get(answer.headers["Location"]).text


def test_the_public_sees_closed_months_without_small_numbers(may: None, visit: Visit) -> None:
    assert "尚未公布" in visit().get("/public/figures").text
    visit(ASSESSOR).submit(f"/assessment?{WHERE}", "/assessment/close")
    page = visit().get("/public/figures").text
    cells = re.findall(r'<td class="number">(?:<span[^>]*>)?([\d,*]+)<', page)
    assert "*" in cells
    assert not [n for n in cells if n not in ("*", "0") and int(n.replace(",", "")) < 5]
    assert visit().get("/public/figures?period=2026-04").text.count("2026年5月"), "what is not closed is not published"


def test_what_lies_in_no_town_is_said_to(may: None, visit: Visit) -> None:
    reader = visit(ASSESSOR)
    reader.submit(f"/assessment?{WHERE}", "/assessment/close")
    page = visit().get("/public/figures").text
    names = re.findall(r'<th scope="row">([^<]+)<', page)
    assert "潜江市" not in names
    assert (names[-2:], names.count("未标明街镇")) == (["未标明街镇", "合计"], 1)
    assert "No town given" in visit(None, "en").get("/public/figures").text
    areas = {one["key"]: one["zh"] for one in json.loads(reader.get(f"/assessment/report.json?{WHERE}").text)["areas"]}
    assert areas["qianjiang"] == "潜江市（未标明街镇）"
    assert areas["yuanlin"] == "园林街道"


def test_unknown_periods_editions_and_numbers_are_refused(may: None, visit: Visit) -> None:
    reader = visit(ASSESSOR)
    for path, status in (
        ("/assessment?period=2026-13", 422), ("/assessment?period=0001-01", 422), ("/assessment?period=0001", 422),
        ("/assessment?period=9999-12", 422), ("/figures?month=0001-01", 200), ("/figures?month=9999-12", 200),
        ("/assessment?period=0000", 422), ("/assessment?edition=no", 404),
        ("/assessment/cases/nonsense", 404), ("/assessment/cases/due?reading=x", 404), ("/assessment/unit/nobody", 404),
        ("/assessment/documents/abc", 404), ("/assessment/late?edition=x", 404),
    ):  # fmt: skip
        assert reader.get(path).status_code == status, path
