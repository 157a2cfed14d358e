"""Registers on the pages: found, kept with a reason, brought in by a sheet as previewed; who does not keep one reads it, without what is
about a person."""

from __future__ import annotations

import io
import re

import pytest

from engine import sheets
from tests.web.visitor import Visit
from web.city import City

KEEPER, OTHER_KEEPER, READER = "yinshuwen", "lianyufang", "hejianping"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # the queries run on both in tests/db/test_registers.py


def test_a_keeper_adds_changes_and_ends_a_row(visit: Visit, city: City) -> None:
    keeper, reader = visit(KEEPER), visit(READER)
    assert "城市道路路段" in keeper.get("/registers").text
    found = keeper.get("/registers/manholes?q=章华路 供水").text
    assert "JG-" in found
    assert "泰丰路" not in found, "every word counts, also what a unit is called"
    assert "没有符合条件的行" in keeper.get("/registers/manholes?q=%25").text
    new = {
        "key": "WZ-900",
        "name": "测试沙袋",
        "item": "sandbags",
        "unit": "drainage",
        "quantity": "1200",
        "measure": "个",
    }
    refused = keeper.submit(
        "/registers/stocks/new", "/registers/stocks/new", **{**new, "quantity": "many", "why": "入库"}
    )
    assert refused.status_code == 422
    assert "测试沙袋" in refused.text
    assert keeper.submit("/registers/stocks/new", "/registers/stocks/new", **new, why="").status_code == 422
    assert keeper.submit("/registers/stocks/new", "/registers/stocks/new", **new, why="入库").status_code == 303
    page = keeper.get("/registers/stocks/rows/WZ-900").text
    assert "1200 个" in page
    assert "入库" in page
    stale = keeper.get("/registers/stocks/change/WZ-900").text
    changed = {**new, "quantity": "900"}
    assert (
        keeper.submit(
            "/registers/stocks/change/WZ-900", "/registers/stocks/change/WZ-900", **changed, why="领用"
        ).status_code
        == 303
    )
    seen = re.search(r'name="seen" value="(\d+)"', stale)
    assert seen is not None
    late = visit(OTHER_KEEPER).submit(
        "/registers/stocks/change/WZ-900",
        "/registers/stocks/change/WZ-900",
        **{**new, "quantity": "5", "why": "盘点", "seen": seen[1]},
    )
    assert late.status_code == 409
    assert "尹书文" in late.text
    history = reader.get("/registers/stocks/rows/WZ-900").text
    assert re.search(r"<del>1200 个</del>.*<ins>900 个</ins>", history, re.DOTALL)
    assert "领用" in history
    assert keeper.submit("/registers/stocks/rows/WZ-900", "/registers/stocks/end/WZ-900", why="报废").status_code == 303
    assert "此行已注销" in reader.get("/registers/stocks/rows/WZ-900").text
    assert "WZ-900" not in reader.get("/registers/stocks").text


def test_who_does_not_keep_it_reads_it_without_what_is_about_a_person(visit: Visit) -> None:
    keeper, reader = visit(KEEPER), visit(READER)
    for path in ("/registers/teams/rows/drainage-1", "/registers/teams/sheet.xlsx"):
        both = [who.get(path) for who in (keeper, reader)]
        assert [answer.status_code for answer in both] == [200, 200]
        if path.endswith("xlsx"):
            heads = [sheets.read(answer.data)[0] for answer in both]
            assert set(heads[0]) - set(heads[1]) == {"负责人", "联系电话"}
        else:
            assert "彭立新" in both[0].text
            assert "彭立新" not in both[1].text
    assert "没有符合条件的行" in reader.get("/registers/teams?q=彭立新").text, "nor is anything found by it"
    for path in ("new", "change/drainage-1", "import"):
        assert reader.get(f"/registers/teams/{path}").status_code == 403
    assert reader.get("/registers/nothing").status_code == 404
    assert reader.get("/registers/teams/rows/nothing").status_code == 404


def test_a_sheet_is_written_as_previewed(visit: Visit) -> None:
    keeper = visit(KEEPER)
    rows = sheets.read(keeper.get("/registers/bridges/sheet.xlsx").data)
    head = list(rows[0])
    assert len(rows) == 19
    rows[1][head.index("限载")] = 10
    bad = [head, [*rows[1]], [*rows[2]]]
    bad[2][head.index("技术等级")] = "甲"

    def sent(table: list[list[sheets.Value]], **more: str) -> str:
        lines = "\n".join(",".join("" if v is None else str(v) for v in row) for row in table)
        given = (io.BytesIO(lines.encode()), "桥梁.csv")
        return keeper.submit("/registers/bridges/import", "/registers/bridges/import", sheet=given, **more).text

    refused = sent(bad)
    assert "没有导入任何内容" in refused
    assert "第 3 行 · 技术等级" in refused
    seen = sent(rows[:2])
    assert "修改 1 行，注销 0 行" in seen
    whole = sent(rows[:2], ends="yes")
    assert "注销 17 行" in whole
    packed = re.search(r'name="packed" value="([^"]+)"', seen)
    assert packed is not None
    apply = "/registers/bridges/import/apply"
    given = {
        **keeper.form("/registers/bridges/import", "/registers/bridges/import"),
        "packed": packed[1],
        "why": "核查",
    }
    assert keeper.post(apply, {**given, "why": ""}).status_code == 422
    assert keeper.post(apply, given).status_code == 303
    assert "10 吨" in keeper.get("/registers/bridges/rows/QL-01").text
    again = keeper.post(apply, given)
    assert again.status_code == 409
    assert "没有写入任何内容" in again.text
    other = keeper.post("/registers/stocks/import/apply", given)
    assert other.status_code == 422
