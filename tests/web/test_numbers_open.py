"""Numbers on pages lead to lists of just that length, and every link that is shown answers to the one it is shown to: a short walk; the
long one is `python -m tests.crawling`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from engine.clock import ManualClock
from tests import assessing, crawling
from tests.factories import DISPATCHER, HANDLER, case_at
from tests.web.visitor import Visit
from web.city import City

ASSESSOR, SUPERVISOR = "yuanzhigang", "zhuxiaodong"
BOARD = "/supervision"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def busy(city: City, clock: ManualClock) -> None:
    """Cases made up around a month that is over, some real ones that are late, supervised, and due soon."""
    clock.set(datetime(2026, 6, 2, 2, tzinfo=UTC))
    for _ in range(3):
        case_at(city, "Handle")
    city.advance(timedelta(hours=3))
    case_at(city, "Check")
    case_at(city, "Handle")
    city.advance(timedelta(minutes=100))  # of two urgent hours
    assessing.populate(city, 150, datetime(2026, 5, 15, tzinfo=UTC))


STARTS = (
    (ASSESSOR, "/assessment?period=2026-05&edition=live", 8),
    (SUPERVISOR, BOARD, 3),
    (DISPATCHER, "/figures?month=2026-05", 4),
    (HANDLER, "/mine?period=month", 3),
    (HANDLER, "/", 2),
)
"""Who looks at what, and how many numbers they follow at least."""


MADE_UP = {"natural_hour"}
"""Shown of entries in the ledger that were made up without an amount."""


def test_each_number_has_as_many_cases(busy: None, visit: Visit) -> None:
    for login, start, least in STARTS:
        reader = visit(login)
        page = crawling.Seen(start, 200)
        crawling.look(page, reader.get(start).text)
        checked, wrong = crawling.unequal(crawling.Walk(login, "zh", {start: page}), reader, each=2)
        assert not wrong, wrong
        assert checked >= least, (start, checked, page.numbers)


def test_a_day_of_the_month_opens_to_its_cases(busy: None, visit: Visit) -> None:
    reader = visit(DISPATCHER)
    page = reader.get("/figures?month=2026-05").text
    days = re.findall(r'href="(/figures/(?:received|ended)\?month=2026-05&amp;day=\d+)">([\d,]+)<', page)
    assert {address.partition("?")[0] for address, _ in days} == {"/figures/received", "/figures/ended"}
    for address, said in days:
        listed = reader.get(address.replace("&amp;", "&")).text
        assert re.findall(r'heading-count">([\d,]+)<', listed) == [said], address


def test_the_board_s_numbers_are_its_lines(busy: None, visit: Visit) -> None:
    reader = visit(SUPERVISOR)
    found = {}
    for which in ("late", "supervised", "untouched", "grave", "soon"):
        lines = 0
        for page in range(1, 9):
            text = reader.get(f"{BOARD}?which={which}&page={page}").text
            if page > 1 and f"第 {page} 页" not in text:
                break
            lines += text.count('<a class="row-title" href="/cases/')
        told = re.findall(r'board-which"><strong>[^<]+</strong> <span class="count list-count">(\d+)<', text)
        found[which] = (lines, [int(one) for one in told])
    assert all(told in ([], [lines]) for lines, told in found.values()), found
    assert found["late"][0] > 3
    assert found["soon"][0] > 0
    board = reader.get(BOARD).text
    for unit, which, said in re.findall(rf'href="{BOARD}\?unit=(\d+)&amp;which=(\w+)">(\d+)<', board):
        told = re.findall(
            r'board-which"><strong>[^<]+</strong> <span class="count list-count">(\d+)<',
            reader.get(f"{BOARD}?unit={unit}&which={which}").text,
        )
        assert told == [said], (unit, which)


def test_every_link_that_is_shown_answers(app: Flask, city: City, busy: None) -> None:
    for login, language in ((DISPATCHER, "zh"), (SUPERVISOR, "en"), (ASSESSOR, "en"), (None, "zh")):
        walked = crawling.walk(app, city, login, language, each=1, most=60, start="/" if login else "/public")
        assert len(walked.pages) > (5 if login is None else 25)
        assert not walked.wrong, walked.wrong
        assert crawling.keys_shown(walked).keys() <= MADE_UP, crawling.keys_shown(walked)
