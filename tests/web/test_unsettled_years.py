"""Beyond the years whose holidays are announced every due time is provisional, and every page that shows one says so, until the State
Council's notice is brought in by two people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from engine import calendars
from engine.calendars import changes
from engine.clock import ManualClock
from escalation import recounting
from tests.factories import HANDLER, LEADER, case_at, do, only_task
from tests.web.api.calling import caller
from tests.web.test_calendars import NOTICE, ONE, OTHER, draft_of, send
from tests.web.visitor import Visit
from web.city import City

LAST_DAYS = datetime(2026, 12, 31, 6, tzinfo=UTC)
SAID = {"zh": "2027 年放假安排尚未公布，时限暂定", "en": "provisional: the holidays of 2027 are not announced yet"}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # what pages say does not depend on the kind of database


def test_every_page_with_a_due_time_says_that_it_is_provisional(
    app: Flask, visit: Visit, city: City, clock: ManualClock
) -> None:
    clock.set(LAST_DAYS)
    case = case_at(city, "File")
    do(
        city, case, "File", standard_code="C-0101-4"
    )  # 5 working days; a missing cover's two urgent hours mind no holiday
    do(city, case, "Dispatch")
    do(city, case, "SignFor")
    ref = only_task(city, case).ref
    pages = {
        HANDLER: (
            "/",
            "/inbox?tab=unit",
            "/desk",
            "/street/",
            f"/tasks/{ref}",
            f"/tasks/{ref}/extend",
            f"/street/tasks/{ref}",
        ),
        LEADER: ("/cases", f"/cases/{case}", f"/cases/{case}/timeline", f"/cases/{case}/print"),
    }
    for locale, said in SAID.items():
        for who, shown in pages.items():
            reader = visit(who, locale)
            for page in shown:
                answer = reader.get(page)
                assert answer.status_code == 200, page
                assert said in answer.text, (page, locale)
    told = caller(app, city, HANDLER).get(f"/instances/{case}").json["clocks"]
    assert any("2027" in each["provisional"] for each in told)

    one, other = visit(ONE), visit(OTHER)
    send(one, "/calendars/changes", page="/calendars")
    at = f"/calendars/changes/{draft_of(city)}"
    notice = {"year": "2027", "source": "国办发明电〔2026〕9号", "text": NOTICE, "calendar": "qianjiang", "take": "1"}
    send(one, f"{at}/notice", notice, page=f"{at}/notice")
    send(one, f"{at}/propose", {"note": "2027 年放假安排", "source": "国办发明电〔2026〕9号"}, page=at)
    send(other, f"{at}/review", {"decision": "approve"}, page=at)
    assert calendars.current(city.core).version == 2
    while recounting.run_due(city.core):
        pass
    assert all(book.moved_at is not None for book in changes.listing(city.core))
    for who, shown in pages.items():
        for page in shown:
            assert "放假安排尚未公布" not in visit(who).get(page).text, page
