"""Pages of a large city: nobody waits for a count; each says that it is being counted, of when it is, and makes itself anew."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest

from engine import settings
from engine.clock import ManualClock
from escalation.kept import working
from tests import assessing
from tests.bench.story import LOOP, OLD, YOUNG, Walker
from tests.factories import HANDLER
from tests.web.test_assessment import ASSESSOR, MIDDLE, WHERE
from tests.web.test_picture import PAGE, badges, behind
from tests.web.visitor import OTHER_LEADER, Visit, words
from web.city import City

RENEWS = 'data-live data-soon data-gone="reload"'


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # both kinds count in tests/db/test_picture_counting.py and test_assessment_counting.py


def grows(city: City, to: int = 1) -> None:
    """From so many cases on it is large."""
    with city.core.db.write() as connection:
        settings.put(city.core, connection, "assessment_counted_from", to)


def test_the_picture_is_counted_and_then_shown(city: City, clock: ManualClock, visit: Visit) -> None:
    walker = Walker(city)
    for steps in ((*YOUNG, *OLD), (*YOUNG, *LOOP), ()):
        walker.walk(walker.start(), steps)
    clock.advance(timedelta(hours=5))
    city.run_due()
    reader = visit(OTHER_LEADER)
    small = badges(reader.get(PAGE).text)
    lists = [behind(reader, one["href"]) for shown in small.values() for one in shown.values()]
    grows(city)

    first = reader.get(PAGE)
    assert first.status_code == 200
    assert RENEWS in first.text
    assert "data-heat" not in first.text
    for path in (f"{PAGE}.svg", f"{PAGE}/cases?element=Verify&show=passed"):
        refused = reader.get(path)
        assert refused.status_code == 503
        assert RENEWS in refused.text
        assert "正在统计" in refused.text
    assert working.run_due(city.core) == 1

    page = reader.get(PAGE).text
    assert badges(page) == small
    assert RENEWS not in page
    assert "后台统计，数据截至" in page
    assert [behind(reader, one["href"]) for shown in small.values() for one in shown.values()] == lists
    assert reader.get(f"{PAGE}.svg").status_code == 200
    assert (
        badges(reader.get(f"{PAGE}?version=all").text)["Verify"]["passed"]["text"] == small["Verify"]["passed"]["text"]
    )

    clock.advance(timedelta(minutes=16))
    stale = reader.get(PAGE).text
    assert badges(stale).keys() == small.keys()
    assert RENEWS in stale
    english = words(visit(OTHER_LEADER, locale="en").get(PAGE).text)
    assert "as of" in english
    assert not re.search(r"[\u4e00-\u9fff]", re.sub("中文|胡丽娟", "", english))

    own = visit(HANDLER)
    assert RENEWS in own.get(PAGE).text, "nothing of what was counted for others"
    while working.run_due(city.core):
        pass
    seen = badges(own.get(PAGE).text)["Verify"]
    assert "passed" in seen
    assert "waiting" not in seen, "the case that waits there has come to nobody of theirs"
    assert "waiting" in small["Verify"]


def test_a_period_is_closed_by_a_worker_and_the_page_says_so(city: City, clock: ManualClock, visit: Visit) -> None:
    clock.set(datetime(2026, 6, 2, tzinfo=UTC))
    assessing.populate(city, 120, MIDDLE)
    grows(city)
    reader, other = visit(ASSESSOR), visit(ASSESSOR)
    refused = reader.get(f"/assessment?{WHERE}")
    assert refused.status_code == 503
    assert RENEWS in refused.text
    working.run_due(city.core)
    before = html.unescape(other.get(f"/assessment?{WHERE}").text)
    assert "/assessment/close" in before
    asked = reader.submit(f"/assessment?{WHERE}", "/assessment/close")
    assert asked.status_code == 303
    page = reader.get(f"/assessment?{WHERE}").text
    assert "正在封存" in page
    assert RENEWS in page
    assert "/assessment/close" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', before)
    assert token is not None
    again = other.post("/assessment/close", {"period": "2026-05", "csrf_token": token[1]})
    assert again.status_code == 422
    assert "正在封存" in again.text
    english = words(visit(ASSESSOR, locale="en").get(f"/assessment?{WHERE}").text)
    assert "Being closed" in english
    assert working.run_due(city.core) == 1
    closed = reader.get(f"/assessment?{WHERE}").text
    assert "2026-05/1" in closed
    assert "as it was closed" in closed
    assert RENEWS not in closed
