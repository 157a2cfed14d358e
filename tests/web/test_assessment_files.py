"""The files of an assessment report: a workbook whose every cell can be read and reckoned with, a paper whose every page is whole."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pypdfium2
import pytest
from sqlalchemy import update

from engine import sheets
from engine.clock import ManualClock
from engine.tables import unit
from tests import assessing
from tests.web.visitor import Visit
from web.city import City

ASSESSOR = "yuanzhigang"
WHERE = "period=2026-05"
MIDDLE = datetime(2026, 5, 15, tzinfo=UTC)
HOSTILE = ('=HYPERLINK("http://x","y")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1＋1", "'=1")
MARGIN = 12 / 25.4 * 72
"""Points from each edge that nothing is printed in."""
LANGUAGES = ("zh", "en")


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def closed(city: City, clock: ManualClock, visit: Visit) -> None:
    clock.set(datetime(2026, 6, 2, 2, tzinfo=UTC))
    assessing.populate(city, 250, MIDDLE)
    assert visit(ASSESSOR).submit(f"/assessment?{WHERE}", "/assessment/close").status_code == 303


def shown(cell: Any) -> str:
    """What a cell shows, by its number format."""
    value, written = cell.value, cell.number_format
    if value is None or isinstance(value, str):
        return value or ""
    suffix = re.search(r'"([^"]*)"|%', written)
    places = re.search(r"\.(0+)", written)
    number = value * 100 if "%" in written else value
    said = f"{number:,.{len(places[1]) if places else 0}f}"
    return said + ("%" if "%" in written else suffix[1] if suffix else "")


def workbook(visit: Visit, language: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(visit(ASSESSOR, language).get(f"/assessment/report.xlsx?{WHERE}").data))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell_of_every_sheet_can_be_read(closed: None, visit: Visit, language: str) -> None:
    book = workbook(visit, language)
    for sheet in book:
        wide = {letter: one.width for letter, one in sheet.column_dimensions.items()}
        for row in sheet.iter_rows():
            for cell in row:
                said, where = shown(cell), (sheet.title, cell.coordinate, shown(cell))
                assert cell.data_type != "f", where
                if isinstance(cell.value, str):
                    fits = sheets.width(said) + 1 <= wide[cell.column_letter] and "\n" not in said
                    assert fits or cell.alignment.wrap_text, where
                    words = re.findall(r"[^\s\u2e80-\uffff]+", said) if cell.row == 1 else []
                    assert all(len(one) + 3 <= wide[cell.column_letter] for one in words), where
                elif cell.value is not None:
                    assert len(said) + 1 <= wide[cell.column_letter], f"it would show ####: {where}"
        assert max(wide.values()) <= 90
        assert re.fullmatch(r"[A-D]2", str(sheet.freeze_panes)), sheet.title
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.print_area.endswith(f"${openpyxl.utils.get_column_letter(sheet.max_column)}${sheet.max_row}")
        setup = sheet.sheet_properties.pageSetUpPr
        assert setup is not None
        assert setup.fitToPage
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        pages = sheet.page_setup.fitToWidth or 1
        assert pages >= sum(wide.values()) / 190, f"{sheet.title} would be too small to read on paper"
        assert pages == 1 or sheet.print_title_cols, (
            f"{sheet.title}: the second page would not say whose numbers they are"
        )


def test_numbers_are_numbers_written_as_the_page_writes_them(closed: None, visit: Visit) -> None:
    book = workbook(visit, "zh")
    report = json.loads(visit(ASSESSOR).get(f"/assessment/report.json?{WHERE}").text)
    rows = {row[0].value: row for row in book["全市指标"].iter_rows(min_row=2)}
    kinds = set()
    for figure in report["definitions"]["figures"]:
        if "city" not in figure["objects"].split():
            continue
        said = report["whole"]["values"][figure["key"]]["text"]
        cells = rows[figure["name_zh"]][1:4]
        assert [shown(cell) for cell in cells] == said, figure["key"]
        assert all(isinstance(cell.value, int | float) for cell, text in zip(cells, said, strict=True) if text != "—")
        kinds |= {cell.number_format for cell in cells}
    assert {"#,##0", "0.0%"} <= kinds
    units = {row[1].value: row for row in book["单位排名"].iter_rows(min_row=2)}
    for one in report["units"]:
        row = units[one["zh"]]
        assert [shown(cell) for cell in row[-3:]] == [one["score"][1], one["score"][2], one["grade"][2]]
        if one["rank"] is not None:
            assert row[0].value == one["rank"], "a rank sorts as a number, tied or not"
    assert [row[0].value for row in book["口径"].iter_rows(min_row=2)][: -len(report["plan"])] == [
        figure["name_zh"] for figure in report["definitions"]["figures"]
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_s_thirty_indicators_are_defined_too(closed: None, visit: Visit, language: str) -> None:
    book = workbook(visit, language)
    rows = [
        [str(cell.value) for cell in row] for row in book["口径" if language == "zh" else "Definitions"].iter_rows()
    ]
    plan = [row for row in rows if re.match(r"规划指标 \d+ |Plan \d+: ", row[0])]
    assert len(plan) == 30
    by_number = {int(re.findall(r"\d+", row[0])[0]): row for row in plan}
    assert sorted(by_number) == list(range(1, 31))
    assert all(row[1] == "1" and row[2] and row[6] for row in plan), "version, words and source of each"
    coverage, filed, covers = by_number[1], by_number[4], by_number[23]
    assert (coverage[3], filed[3]) == ("inspected / listed", "—")
    words = {
        "zh": ("已检查单位数 ÷ 名单内单位数", "承办人填报", "按时结案数 ÷ 应结案数", "目标 100%（约束性）", "井盖"),
        "en": (
            "units inspected ÷ units on the list",
            "filed by hand",
            "Closed in time ÷ Due to be closed",
            "target 100% (binding)",
            "cover",
        ),
    }[language]
    assert words[0] in coverage[2]
    assert words[1] in filed[2]
    assert all(one in covers[2] for one in words[2:])


def test_whatever_a_text_begins_with_it_stays_a_text(closed: None, city: City, visit: Visit) -> None:
    report = json.loads(visit(ASSESSOR).get(f"/assessment/report.json?{WHERE}").text)
    keys = [one["key"] for one in report["units"] if one["key"] != "none"]
    with city.core.db.write() as connection:
        for key, name in zip(keys, HOSTILE, strict=False):
            connection.execute(update(unit).where(unit.c.key == key).values(name_zh=name))
    answer = visit(ASSESSOR).get(f"/assessment/report.xlsx?{WHERE}&edition=live").data
    found = {}
    for row in openpyxl.load_workbook(io.BytesIO(answer))["单位排名"].iter_rows(min_row=2):
        assert row[1].data_type == "s", row[1].value
        found[row[1].value] = bool(row[1].quotePrefix)
    for name in HOSTILE:
        assert name in found, name
        assert found[name] == (name[0] != "'"), f"{name}: edited by somebody it would become a formula"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_paper_is_whole(closed: None, visit: Visit, language: str) -> None:
    answer = visit(ASSESSOR, language).get(f"/assessment/report.pdf?{WHERE}")
    document = pypdfium2.PdfDocument(answer.data)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    pages = len(document)
    for number, page in enumerate(document, 1):
        text = page.get_textpage()
        for at in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(at)
            if right - left and text.get_text_range(at, 1).strip():
                inside = left >= MARGIN and right <= page.get_width() - MARGIN
                assert inside, f"page {number}: {text.get_text_range(max(0, at - 8), 16)!r} is cut off at the side"
                assert bottom >= MARGIN / 2, number
                assert top <= page.get_height() - MARGIN, number
        said = f"第 {number} 页，共 {pages} 页" if language == "zh" else f"page {number} of {pages}"
        assert said in texts[number - 1]
    first = texts[0]
    expected = ("编号：2026-05/1", "2026年6月2日") if language == "zh" else ("No. 2026-05/1", "2 June 2026")
    assert all("".join(one.split()) in "".join(first.split()) for one in expected)
    signs = (
        ("编制", "审核", "签发", "考评办签收") if language == "zh" else ("Prepared", "Reviewed", "Signed", "Received")
    )
    (signed,) = [n for n, text in enumerate(texts) if all(one in text for one in signs) and signs[3] in text]
    upright = [n for n, page in enumerate(document) if page.get_width() < page.get_height()]
    assert signed == upright[-1], "who signs stands at the end of the body, before the attachments"
    head = ("名次", "等级") if language == "zh" else ("Rank", "Grade")
    across = [text for n, text in enumerate(texts) if n not in upright]
    of_units = [text for text in across if re.search("附件 3" if language == "zh" else "Attachment 3", text) is None]
    until = next(n for n, text in enumerate(across) if text not in of_units)
    assert all(word in text for text in across[:until] for word in head), "a table that goes on repeats its head"
