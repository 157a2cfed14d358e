"""The list of cases: filters, scope, worlds, pages; the same list as a sheet in which text stays text."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from engine import sheets, worlds
from engine.clock import ManualClock
from engine.sheets import Column, SheetRefused
from tests.bench.story import OLD, YOUNG, Walker
from tests.web.visitor import ACCEPTOR, COLLECTOR, STRANGER, Visit, words
from web.city import City
from web.telling import ZONE

DISPATCHER = "hejianping"


def report(city: City, title: str, area: str = "zhanghua", by: str = COLLECTOR, world: int = 1) -> int:
    facts = {"source": "collector", "title": title, "area": area, "place": "章华中路"}
    return city.start("case_dispatch", facts, by=by, world=world)


def titles(text: str) -> list[str]:
    return [part.partition(">")[2].partition("<")[0] for part in text.split('<a class="row-title"')[1:]]


def test_filters_narrow_the_list_and_its_sheet_alike(visit: Visit, city: City) -> None:
    report(city, "路灯不亮")
    report(city, "井盖破损", area="gaochang")
    done = Walker(city).start()
    Walker(city).walk(done, YOUNG + OLD)
    reader = visit(DISPATCHER)
    wanted = {
        "": {"路灯不亮", "井盖破损", "章华中路12号门前井盖缺失"},
        "q=井盖": {"井盖破损", "章华中路12号门前井盖缺失"},
        "status=completed": {"章华中路12号门前井盖缺失"},
        "area=gaochang": {"井盖破损"},
        "area=qianjiang": {"路灯不亮", "井盖破损", "章华中路12号门前井盖缺失"},
        "unit=water_supply": {"章华中路12号门前井盖缺失"},
        "class=C-0101": {"章华中路12号门前井盖缺失"},
        "source=hotline_12345": {"章华中路12号门前井盖缺失"},
        "to=2026-06-09": set(),
        "from=2026-06-10&to=2026-06-10": {"路灯不亮", "井盖破损", "章华中路12号门前井盖缺失"},
        "process=plan_snow": set(),
        "light=green": {"章华中路12号门前井盖缺失"},
        "light=none": {"路灯不亮", "井盖破损"},
    }
    for query, expected in wanted.items():
        assert set(titles(reader.get(f"/cases?{query}").text)) == expected, query
        sheet = load_workbook(io.BytesIO(reader.get(f"/cases.xlsx?{query}").data)).worksheets[0]
        assert {row[1] for row in sheet.iter_rows(min_row=2, values_only=True)} == expected, query


def test_lights_of_the_filter_are_the_lights_of_the_rows(visit: Visit, city: City, clock: ManualClock) -> None:
    walker = Walker(city)
    case = walker.start()
    walker.walk(case, YOUNG)
    reader = visit(DISPATCHER)
    for hours, colour in ((0, "green"), (1.6, "yellow"), (0.4, "yellow"), (0.01, "red")):
        clock.advance(timedelta(hours=hours))
        for other in ("green", "yellow", "red", "none"):
            found = titles(reader.get(f"/cases?light={other}").text)
            assert bool(found) is (other == colour), (hours, other)


def test_everybody_sees_only_their_own(visit: Visit, city: City) -> None:
    report(city, "路灯不亮")
    assert titles(visit(COLLECTOR).get("/cases").text) == ["路灯不亮"]
    stranger = visit(STRANGER)
    assert titles(stranger.get("/cases").text) == []
    sheet = load_workbook(io.BytesIO(stranger.get("/cases.xlsx").data)).worksheets[0]
    assert sheet.max_row == 1


def test_worlds_are_kept_apart_and_only_shown_to_those_who_see_all(visit: Visit, city: City) -> None:
    replay = worlds.create(city.core, "replay", "波士顿重放", city.world().now)
    report(city, "本市案件")
    report(city, "重放案件", world=replay.id)
    seeing = visit(ACCEPTOR)
    assert titles(seeing.get("/cases").text) == ["本市案件"]
    assert titles(seeing.get(f"/cases?world={replay.id}").text) == ["重放案件"]
    assert seeing.get("/cases?world=99").status_code == 404
    own = visit(COLLECTOR)
    assert titles(own.get(f"/cases?world={replay.id}").text) == ["本市案件"]
    assert "重放" not in own.get("/cases").text


def test_pages_follow_one_another_without_gap(visit: Visit, city: City, clock: ManualClock) -> None:
    for i in range(27):
        report(city, f"案件{i:02}")
        clock.advance(timedelta(minutes=1))
    reader = visit(DISPATCHER)
    found = titles(reader.get("/cases").text) + titles(reader.get("/cases?page=2").text)
    assert found == [f"案件{i:02}" for i in reversed(range(27))]
    assert titles(reader.get("/cases?sort=started").text)[0] == "案件00"
    assert "共 27 件" in words(reader.get("/cases?sort=due").text)


@pytest.mark.parametrize(
    "query", ["light=purple", "page=-3", "page=999999999999", "from=yesterday", "unit=nobody", "q=%00"]
)
def test_nonsense_in_the_address_is_no_error(visit: Visit, query: str) -> None:
    assert visit(DISPATCHER).get(f"/cases?{query}").status_code == 200


def test_text_in_a_sheet_never_becomes_a_formula() -> None:
    rows = [("=1+1", 5), ("@SUM(A1)", None), ("＝1+1", None), ("ok\x07\ud800", True)]
    content = sheets.write("案件/[表]", [Column("=标题"), Column("数")], rows, ZONE)
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert [cell.data_type for cell in sheet["A"]] == ["s"] * 5
    assert [bool(cell.quotePrefix) for cell in sheet["A"]] == [True] * 4 + [False]
    assert sheets.read(content) == [["=标题", "数"], ["=1+1", 5], ["@SUM(A1)", None], ["＝1+1", None], ["ok", True]]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"name,number\n"])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(SheetRefused):
        sheets.read(content)


def test_a_workbook_with_too_many_rows_is_refused() -> None:
    content = sheets.write("t", [Column("a")], [("x",)] * 11, ZONE)
    assert len(sheets.read(content, most_rows=12)) == 12
    with pytest.raises(SheetRefused):
        sheets.read(content, most_rows=11)
