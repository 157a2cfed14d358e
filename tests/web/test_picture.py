"""The live picture on its page: numbers, the cases behind each, periods and versions, rights, and a file that means harm."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta

import pytest
from lxml import etree

from engine.clock import ManualClock
from tests.bench.story import LOOP, OLD, YOUNG, Walker
from tests.bpmn.drawing import chain, end, process, start, user
from tests.factories import OPERATOR
from tests.web.visitor import COLLECTOR, OTHER_LEADER, STRANGER, Visit, Visitor, words
from web.city import City

PAGE = "/definitions/case_dispatch/picture"
HOSTILE = "<script>alert(1)</script>&\"'"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # both kinds count in tests/db/test_flows.py


@pytest.fixture
def work(city: City, clock: ManualClock) -> None:
    walker = Walker(city)
    first, second, third = (walker.start() for _ in range(3))
    walker.walk(first, (*YOUNG, *OLD))
    walker.walk(second, (*YOUNG, *LOOP))
    clock.advance(timedelta(hours=5))
    del third
    city.run_due()


def badges(text: str) -> dict[str, dict[str, dict[str, str]]]:
    found = re.search(r'data-heat="([^"]*)"', text)
    assert found is not None
    return {one["id"]: one["shown"] for one in json.loads(html.unescape(found[1]))}


def behind(reader: Visitor, address: str) -> tuple[int, int]:
    """The number in the head of the list, and its rows."""
    text = reader.get(html.unescape(address)).text
    found = re.search(r'class="heading-count">([\d,]+)<', text)
    assert found is not None
    return int(found[1].replace(",", "")), text.count('class="row-title"')


@pytest.mark.usefixtures("work")
def test_each_number_on_the_diagram_stands_in_the_tables_and_opens_its_cases(visit: Visit) -> None:
    reader = visit(OTHER_LEADER)
    page = reader.get(PAGE).text
    shown = badges(page)
    assert {id: one["waiting"]["text"] for id, one in shown.items() if "waiting" in one} == {
        "Verify": "1",
        "SignFor": "1",
    }
    assert shown["SignFor"]["late"]["text"] == "1"
    assert shown["Dispatch"]["passed"]["text"] == "3"
    cells = set(re.findall(r'class="figure-link" href="([^"]+)">([^<]+)<', page))
    for one in shown.values():
        for show, number in one.items():
            address = html.escape(number["href"], quote=True)
            if show != "time":
                assert (address, number["text"]) in cells
                times, cases = behind(reader, number["href"])
                assert times == int(number["text"].replace(",", ""))
                assert 1 <= cases <= min(3, times)
            else:
                assert any(where == address for where, _ in cells)
    assert behind(reader, shown["Dispatch"]["passed"]["href"]) == (3, 2)


@pytest.mark.usefixtures("work")
def test_periods_versions_and_languages(city: City, visit: Visit) -> None:
    reader = visit(OTHER_LEADER)
    for query, passes in (
        ("period=day&from=2026-06-10", True),
        ("period=week&from=2026-06-12", True),
        ("period=month&from=2026-05-31", False),
        ("period=between&from=2026-06-10&to=2026-06-01", True),
        ("period=between&from=2026-06-11&to=2026-06-12", False),
        ("version=all&from=nonsense", True),
    ):
        shown = badges(reader.get(f"{PAGE}?{query}").text)
        assert ("passed" in shown["Verify"]) is passes, query
        assert "waiting" in shown["Verify"]  # now, whatever the period
    assert reader.get(f"{PAGE}?period=between&from=2026-01-01&to=2026-12-31").status_code == 422
    assert reader.get(f"{PAGE}?version=99").status_code == 404
    assert reader.get("/definitions/nothing/picture").status_code == 404
    english = words(visit(OTHER_LEADER, locale="en").get(f"{PAGE}?version=all").text)
    assert "Longest wait" in english
    assert not re.search(r"[\u4e00-\u9fff]", re.sub("中文|胡丽娟", "", english))


@pytest.mark.usefixtures("work")
def test_readers_see_numbers_of_their_own_cases_only(visit: Visit) -> None:
    for login, none in ((STRANGER, True), (COLLECTOR, False)):
        reader = visit(login)
        page = reader.get(PAGE)
        assert page.status_code == 200
        assert "仅含您有权查看的案件" in page.text or login == COLLECTOR
        assert (not badges(page.text)) is none
        assert behind(reader, f"{PAGE}/cases?element=Verify&show=waiting")[1] == int(not none)
    assert visit().get(PAGE).status_code in (302, 303)


def test_a_hostile_diagram_stays_text(city: City, visit: Visit) -> None:
    """Its names come out as names in the page, the data of the script and the drawing; elements that mean nothing are not copied."""
    evil = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    parts = [start(), user("Do", settings='<ld:candidates post="operator"/>'), end(), chain("S", "Do", "E")]
    file = process(*parts, id="evil").replace(b'name="Do"', f'name="{evil}"'.encode(), 1)
    city.deploy({"p.bpmn": file})
    city.start("evil", {}, OPERATOR)
    reader = visit(OTHER_LEADER)
    page = reader.get("/definitions/evil/picture").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert badges(page)["Do"]["waiting"]["label"].startswith(HOSTILE)
    answer = reader.get("/definitions/evil/picture.svg")
    assert answer.mimetype == "image/svg+xml"
    root = etree.fromstring(answer.data)
    assert not [one for one in root.iter() if etree.QName(one).localname in {"script", "foreignObject", "a", "image"}]
    assert not [name for one in root.iter() for name in one.attrib if name.startswith("on") or "href" in name]


def test_the_drawing_without_a_script_has_the_same_numbers(work: None, visit: Visit) -> None:
    reader = visit(OTHER_LEADER)
    for show in ("waiting", "late", "passed", "time"):
        shown = badges(reader.get(f"{PAGE}?show={show}").text)
        root = etree.fromstring(reader.get(f"{PAGE}.svg?show={show}").data)
        texts = {one.text for one in root.iter("{http://www.w3.org/2000/svg}text")}
        assert {one[show]["text"] for one in shown.values() if show in one} <= texts
    drawing = "".join(root.itertext())
    assert "核实" in drawing
