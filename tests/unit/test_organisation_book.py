"""The workbook of the organisation: what goes out comes in again, in either language; what is wrong is told with its place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine import sheets
from engine.organisation import book
from engine.organisation.book_parts import PARTS, titles

ZONE = ZoneInfo("Asia/Shanghai")
ROWS: dict[str, list[dict[str, Any]]] = {
    "units": [
        {"key": "a", "name_zh": "甲", "name_en": "A", "kind": "centre", "parent": None},
        {"key": "b", "name_zh": "=1+1", "name_en": "B", "kind": "enforcement", "parent": "a"},
    ],
    "people": [{"login": "wang", "name": "王芳", "staff_no": "007"}, {"login": "li", "name": "李明", "staff_no": None}],
    "held": [
        {
            "login": "wang",
            "name": "王芳",
            "unit": "a",
            "post": "handler",
            "since": None,
            "until": datetime(2026, 3, 1, 0, 30, tzinfo=UTC),
        }
    ],
    "areas": [
        {
            "key": "x",
            "name_zh": "网格",
            "name_en": "Grid",
            "kind": "grid",
            "parent": None,
            "unit": "a",
            "lat": 30.5,
            "lon": None,
        }
    ],
    "substitutes": [
        {
            "principal": "wang",
            "substitute": "li",
            "since": datetime(2026, 3, 1, tzinfo=UTC),
            "until": datetime(2026, 3, 2, tzinfo=UTC),
            "unit": None,
            "post": None,
            "processes": ["case_dispatch", "supervision"],
            "reason": "出差",
        }
    ],
    "duty": [],
}


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_what_goes_out_comes_in(locale: str) -> None:
    found = book.plan(sheets.read_book(sheets.write_book(book.sheets(ROWS, locale), ZONE)), ZONE)
    assert set(found) == {part.key for part in PARTS}
    for key, rows in ROWS.items():
        wanted = [
            {k: v.astimezone(ZONE).isoformat() if isinstance(v, datetime) else v for k, v in row.items()}
            for row in rows
        ]
        told = {f.key for part in PARTS if part.key == key for f in part.fields if f.told}
        assert found[key] == [
            {"row": n, **{k: v for k, v in row.items() if k not in told or k == "row"}}
            for n, row in enumerate(wanted, 2)
        ]


def test_numbers_that_excel_made_of_texts_are_texts_again() -> None:
    found = book.plan({"People": [["Log-in", "Name", "Staff number"], ["wang", "王芳", 7.0], [None, " ", None]]}, ZONE)
    assert found == {"people": [{"row": 2, "login": "wang", "name": "王芳", "staff_no": "7"}]}


@pytest.mark.parametrize(
    "sheet, line, column",
    [
        ("人员", ["", "王芳", "1"], "login"),
        ("人员", [datetime(2026, 1, 1), "王芳", "1"], "login"),  # noqa: DTZ001  Excel's have no zone
        ("人员", [True, "王芳", "1"], "login"),
        ("机构", ["a", "甲", "A", "王国", ""], "kind"),
        ("机构", ["a", "", "A", "部门", ""], "name_zh"),
        ("任职", ["wang", "", "a", "", "handler", "", "昨天", ""], "since"),
        ("任职", ["wang", "", "a", "", "handler", "", 45000.5, ""], "since"),
        ("区域", ["x", "网格", "Grid", "网格", "", "", "", "北", ""], "lat"),
        ("区域", ["x", "网格", "Grid", "网格", "", "", "", "nan", ""], "lat"),
        ("区域", ["x", "网格", "Grid", "网格", "", "", "", "1e999", ""], "lat"),
    ],
)
def test_a_wrong_cell_is_told_with_its_place(sheet: str, line: list[Any], column: str) -> None:
    (part,) = (p for p in PARTS if p.zh == sheet)
    with pytest.raises(book.BookRefused) as refused:
        book.plan({sheet: [[f.zh for f in part.fields], [None], line]}, ZONE)
    (problem,) = refused.value.problems
    assert (problem.sheet, problem.row, problem.column) == (part.key, 3, column)
    assert titles(problem.sheet, problem.column, "zh")[0] == sheet
    assert problem.zh
    assert problem.en


def test_an_unknown_sheet_and_a_missing_column_are_told() -> None:
    with pytest.raises(book.BookRefused) as refused:
        book.plan({"Tabelle1": [["x"]], "人员": [["登录名"], ["wang"]], "机构": []}, ZONE)
    assert [p.sheet for p in refused.value.problems] == ["Tabelle1", *["people"] * 2, *["units"] * 5]
    assert "姓名" in refused.value.problems[1].zh
