"""A month's figures: worked out by hand, and each number opens to exactly its cases."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from engine.clock import ManualClock
from engine.registers.loading import load
from engine.tables import instance
from escalation import indicators
from escalation.assessment import definitions, editions, key_figures, periods
from tests import assessing
from tests.bench.story import OLD, YOUNG, Walker
from tests.web.visitor import COLLECTOR, LEADER, Visit, words
from web.city import City
from web.pages.figures import percent

DISPATCHER = "hejianping"
BY_HAND = {
    "received": 5,
    "duplicates": 0,
    "filed": 3,
    "filed_in_time": 2,
    "filed_late": 1,
    "filed_timed": 3,
    "due": 3,
    "closed": 2,
    "closed_in_time": 1,
    "not_closed": 1,
    "missed": 2,
    "carded": 0,  # nobody has shown one: tests/stories/test_ladder.py counts those
    "ordered": 0,
    "carried_out": 0,
    "not_carried_out": 0,
}
VERIFY, FILE, DISPATCH = YOUNG


@pytest.fixture
def month(city: City, clock: ManualClock) -> None:
    """One closed in time, one filed and closed late, one still open past its term, one voided, one not filed yet."""
    walker = Walker(city)
    good, late, open_, voided, fresh = (walker.start() for _ in range(5))
    walker.walk(good, (*YOUNG, *OLD))
    for case in (late, open_, voided, fresh):
        walker.walk(case, (VERIFY,))
    walker.walk(open_, (FILE, DISPATCH))
    walker.walk(voided, (("File", {"file_decision": "void", "void_reason": "重复上报"}),))
    clock.advance(timedelta(minutes=20))
    walker.walk(late, (FILE, DISPATCH))
    clock.advance(timedelta(hours=3))
    walker.walk(late, OLD)
    city.run_due()


def count_on(text: str) -> int:
    found = re.search(r'class="heading-count">([\d,]+)<', text)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_the_numbers_are_those_worked_out_by_hand(month: None, visit: Visit) -> None:
    page = words(visit(DISPATCHER).get("/figures").text)
    assert "结案数 2 ÷ 应结案数 3" in page
    assert "按时立案数 2 ÷ 立案数 3" in page
    assert "按时结案数 1 ÷ 应结案数 3" in page
    assert "66.6%" in page
    assert "33.3%" in page


def test_every_line_of_a_chart_has_its_key_and_its_numbers(city: City, clock: ManualClock, visit: Visit) -> None:
    clock.set(datetime(2026, 6, 10, tzinfo=UTC))
    assessing.populate(city, 100, datetime(2026, 5, 20, tzinfo=UTC))
    page = visit(DISPATCHER).get("/figures?month=2026-05").text
    chart = page[page.index('aria-labelledby="trend-title"') : page.index('aria-labelledby="units-title"')]
    lines = re.findall(r'<polyline class="chart-s(\d)"', chart)
    keys = re.findall(r'<line class="chart-s(\d)"', chart)
    assert lines == ["0", "1", "2", "3"]
    assert keys == 2 * lines, "in the legend, and in the table of the same numbers"
    rates = re.findall(r'<td class="number">([\d.]+%|—)</td>', chart)
    assert len(rates) % len(lines) == 0
    shown = re.findall(r"<title>[^<]* ([\d.]+%)</title>", chart)
    assert sorted(shown) == sorted(one for one in rates if one != "—")


@pytest.mark.parametrize("key", sorted(BY_HAND))
def test_each_number_opens_to_exactly_its_cases(month: None, visit: Visit, key: str) -> None:
    reader = visit(DISPATCHER)
    text = reader.get(f"/figures/{key}?month=2026-06").text
    assert count_on(text) == BY_HAND[key] == text.count('class="row-title"')
    links = re.findall(rf'href="(/figures/{key}\?[^"]+)">([\d,]+)<', reader.get("/figures").text)
    for address, number in links:
        assert count_on(reader.get(address.replace("&amp;", "&")).text) == int(number)
    by_unit = [int(number) for address, number in links if "unit=" in address]
    assert not by_unit or sum(by_unit) == BY_HAND[key]


def test_every_count_is_tested() -> None:
    assert set(BY_HAND) == set(indicators.COUNTS)


def test_a_case_closed_ahead_of_next_months_term_counts_once(city: City, clock: ManualClock, visit: Visit) -> None:
    clock.set(datetime(2026, 6, 29, 1, tzinfo=UTC))
    walker = Walker(city)
    long = ("File", {"file_decision": "file", "standard_code": "C-0101-4", "grade": "general"})  # five working days
    case, open_ = walker.start(), walker.start()
    walker.walk(case, (VERIFY, long, DISPATCH, *OLD))
    walker.walk(open_, (VERIFY, long, DISPATCH))
    reader = visit(DISPATCHER)
    clock.set(datetime(2026, 8, 3, 1, tzinfo=UTC))
    for month, due, closed in (("2026-06", 1, 1), ("2026-07", 1, 0), ("2026-08", 0, 0)):
        assert count_on(reader.get(f"/figures/due?month={month}").text) == due, month
        assert count_on(reader.get(f"/figures/closed_in_time?month={month}").text) == closed, month
    walker.walk(open_, OLD)
    assert count_on(reader.get("/figures/due?month=2026-08").text) == 0
    assert count_on(reader.get("/figures/closed?month=2026-07").text) == 0


def test_midnight_belongs_to_the_month_of_the_city(city: City, clock: ManualClock, visit: Visit) -> None:
    clock.set(datetime(2026, 6, 30, 16, 0, tzinfo=UTC))  # 1 July, 00:00 in Shanghai
    Walker(city).start()
    clock.advance(timedelta(hours=1))
    reader = visit(DISPATCHER)
    assert count_on(reader.get("/figures/received?month=2026-06").text) == 0
    assert count_on(reader.get("/figures/received?month=2026-07").text) == 1


def test_each_figure_stands_beside_its_definition_in_both_languages(city: City, month: None, visit: Visit) -> None:
    with city.core.db.read() as connection:
        figures = key_figures.read(connection)
    assert tuple(one.key for one in figures) == key_figures.SHOWN
    for locale in ("zh", "en"):
        page = visit(LEADER, locale).get("/figures").text
        for one in figures:
            assert one.formula.text(locale) in page
            assert one.source in page
            assert one.names.zh
            assert one.names.en


def test_figures_need_their_power_and_show_no_more_than_one_may_see(month: None, visit: Visit) -> None:
    assert visit(COLLECTOR).get("/figures").status_code == 403
    assert visit(COLLECTOR).get("/figures/received").status_code == 403
    assert visit(DISPATCHER).get("/figures/nonsense").status_code == 404
    head = visit("jiangweimin")  # the head of a unit that had none of these cases
    assert count_on(head.get("/figures/received?month=2026-06").text) == 0
    assert "仅含您有权查看的案件" in head.get("/figures").text


def test_a_definition_that_the_city_changes_is_the_one_that_counts(city: City, month: None, visit: Visit) -> None:
    with city.core.db.read() as connection:
        rows = [{k: v for k, v in row.items() if k != "version"} for row in definitions.read(connection).figures]
    for row in rows:
        if row["key"] == "closing_rate":
            row |= {
                "name_zh": "办结比",
                "formula_zh": "按时结案数 ÷ 问题总数",
                "expression": "closed_in_time / received",
            }
    load(city.core, definitions.FIGURES, "key", [row for row in rows if row["key"] != "cards"])
    page = words(visit(DISPATCHER).get("/figures").text)
    assert "按时结案数 1 ÷ 问题总数 5" in page
    assert "办结比 口径第 2 版" in page
    assert "结案数 2 ÷ 应结案数 3" not in page
    assert "黄牌" not in page


def test_both_pages_count_the_same(city: City, clock: ManualClock) -> None:
    clock.set(datetime(2026, 12, 1, tzinfo=UTC))
    assessing.populate(city, 600, datetime(2026, 6, 1, 12, tzinfo=UTC))
    span = periods.read("2026-06", ZoneInfo("Asia/Shanghai"))
    period = indicators.Period(span.since, span.until)
    with city.core.db.read() as connection:
        theirs = editions.live(city.core, connection, span, None).report["whole"]["numbers"]
        for key, one in indicators.COUNTS.items():
            mine = select(func.count()).select_from(instance).where(instance.c.world_id == 1, ~instance.c.confidential)
            number = connection.execute(mine.where(one.condition(period))).scalar_one()
            assert number == theirs.get(key, [0, 0])[1] > 0, key


@pytest.mark.parametrize(
    "part,base,text", [(0, 0, "—"), (0, 3, "0.0%"), (2999, 3000, "99.9%"), (3, 3, "100%"), (1, 3, "33.3%")]
)
def test_per_cents_are_rounded_down(part: int, base: int, text: str) -> None:
    assert percent(part, base) == text
