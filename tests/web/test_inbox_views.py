"""The inbox seen by light, process, unit and place; filters kept and shared; many at once; messages; own figures; the calendar."""

from __future__ import annotations

import re
from datetime import UTC, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from engine import saved_views
from engine.queries import counting_mine, notices
from engine.tables import audit, person
from tests.db import organising
from tests.factories import HANDLER, LEADER, OTHER_LEADER, STRANGER, case_at, do, task_at
from tests.web.visitor import Visit, words
from web.city import City

FAR, NEAR = "园林街井盖缺失", "章华路井盖破损"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # tests/web/test_inbox.py reads the fronts of the indexes on both


@pytest.fixture
def two(city: City) -> dict[str, int]:
    """A case that is late, and one that has just come, in two places."""
    cases = {FAR: case_at(city, "File", title=FAR, area="yuanlin")}
    city.advance(timedelta(minutes=40))
    return cases | {NEAR: case_at(city, "File", title=NEAR, area="zhanghua")}


def test_seen_by_light_process_unit_and_place(visit: Visit, two: dict[str, int]) -> None:
    leader = visit(LEADER)

    def told(query: str) -> tuple[list[str], str]:
        page = leader.get(f"/inbox?tab=unit&{query}").text
        chips = re.search(r'<ul class="chips".*?</ul>', page, re.DOTALL)
        return [title for title in (FAR, NEAR) if f">{title}</a>" in page], words(chips[0]) if chips else ""

    assert told("by=light") == ([FAR, NEAR], " 超时 1 正常 1 ")
    assert told("by=process") == ([FAR, NEAR], " 城市管理案件处置 2 ")
    assert told("by=area") == ([FAR, NEAR], " 园林街道 1 章华社区 1 ")
    assert told("by=light&light=red") == ([FAR], " 超时 1 正常 1 ")  # the other is still there to choose
    assert told("by=area&area=zhanghua&light=red") == ([], " 园林街道 1 ")
    assert told("light=green") == ([NEAR], "")
    assert told("light=none") == ([], "")
    assert told("kind=case_dispatch") == ([FAR, NEAR], "")
    assert told("unit=999999") == ([], "")
    assert told("unit=x&light=blue&by=night&area=%00") == ([FAR, NEAR], "")


def test_a_filter_is_kept_shared_with_a_unit_and_removed(visit: Visit, city: City, two: dict[str, int]) -> None:
    leader, other, stranger = visit(LEADER), visit(OTHER_LEADER), visit(STRANGER)
    mine = city.actor(LEADER).own_posts[0].unit_id
    save = {"name": "园林超时", "light": "red", "area": "yuanlin", "tab": "unit", "unit_id": mine}
    answer = leader.submit("/inbox", "/inbox/views", **save)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/inbox?tab=unit&light=red&area=yuanlin"
    for visitor, sees in ((leader, True), (other, True), (stranger, False)):
        page = visitor.get("/inbox").text
        assert ("园林超时" in page) is sees
        assert ("孙国庆共享" in page) is (visitor is other)
    assert leader.submit("/inbox", "/inbox/views", **{**save, "name": ""}).status_code == 422
    theirs = city.actor(STRANGER).own_posts[0].unit_id
    assert leader.submit("/inbox", "/inbox/views", **{**save, "unit_id": theirs}).status_code == 422
    found = re.search(r"/inbox/views/\d+/remove", leader.get("/inbox").text)
    assert found is not None
    remove = found[0]
    assert remove not in other.get("/inbox").text
    stolen = other.form("/inbox", "/inbox/views")
    assert other.post(remove, stolen).status_code == 404
    assert leader.submit("/inbox", remove).status_code == 303
    assert "园林超时" not in other.get("/inbox").text


def test_many_at_once_with_a_result_each(visit: Visit, city: City, two: dict[str, int]) -> None:
    leader = visit(LEADER)
    refs = [task_at(city, case, "File").ref for case in two.values()]
    form = leader.form("/inbox?tab=unit", "/inbox/batch")
    city.claim(refs[0], OTHER_LEADER)
    answer = leader.post("/inbox/batch", {**form, "act": "claim", "ref": refs})
    assert answer.status_code == 303
    page = words(leader.get(answer.headers["Location"]).text)
    assert "成功 1" in page
    assert "未能办理 1" in page
    assert "胡丽娟" in page  # who was first
    again = leader.post("/inbox/batch", {**form, "act": "claim", "ref": refs})
    assert again.headers["Location"] == answer.headers["Location"]  # a double click is one batch
    assert visit(OTHER_LEADER).get(answer.headers["Location"]).status_code == 404
    assert (
        leader.post("/inbox/batch", {**form, "act": "complete", "ref": refs, "idempotency_key": "b"}).status_code == 422
    )
    to = city.actor(OTHER_LEADER).id
    form = leader.form("/inbox", "/inbox/batch")
    sent = leader.post("/inbox/batch", {**form, "act": "transfer", "to": to, "reason": "换班", "ref": refs[1:]})
    assert "成功 1" in words(leader.get(sent.headers["Location"]).text)
    assert city.tasks(two[NEAR])[0].assignee == to


def test_what_one_is_told_is_unread_until_it_is_looked_at(visit: Visit, city: City, two: dict[str, int]) -> None:
    leader, other = visit(LEADER), visit(OTHER_LEADER, "en")
    for case in two.values():
        ref = task_at(city, case, "File").ref
        city.claim(ref, LEADER)
        city.transfer(ref, city.actor(OTHER_LEADER).id, LEADER, reason="我明天休假")
    told = city.actor(OTHER_LEADER)
    assert notices.unread(city.core, told) == 2
    assert notices.unread(city.core, city.actor(LEADER)) == 0
    home = other.get("/").text
    assert "Messages, 2 unread" in home
    assert "孙国庆 gave you “File”" in words(home)
    assert "我明天休假" in home
    opened = other.submit("/notices", re.findall(r"/notices/open/[^\"]+", other.get("/notices").text)[0])
    assert opened.headers["Location"].startswith("/tasks/")
    assert notices.unread(city.core, told) == 1
    for case in two.values():
        other.get(f"/cases/{case}")  # whoever looks at the case has read of it
    assert notices.unread(city.core, told) == 0
    assert "Nothing is unread" in other.get("/notices?show=unread").text
    theirs = re.findall(r"/notices/open/[^\"]+", other.get("/notices").text)[0]
    assert leader.post(theirs, leader.form("/notices", "/notices/read")).status_code == 404
    assert leader.get("/notices?before=x_y").status_code == 200


def test_own_figures_count_what_one_did_oneself(visit: Visit, city: City, two: dict[str, int]) -> None:
    for case in two.values():
        do(city, case, "File", by=LEADER)
    now = city.world().now
    found = counting_mine.of(city.core, city.actor(LEADER), now - timedelta(days=1), now + timedelta(days=1), UTC)
    assert (found.done, found.in_time, found.late, found.share) == (2, 1, 1, 50)
    assert sum(found.days.values()) == 2
    assert counting_mine.of(city.core, city.actor(OTHER_LEADER), now - timedelta(days=1), now, UTC).done == 0
    page = words(visit(LEADER).get("/mine?period=month").text)
    assert "办结任务 2" in page
    assert "50%" in page
    for period in ("last_week", "last_month", "none"):
        assert visit(LEADER).get(f"/mine?period={period}").status_code == 200


def test_a_calendar_tells_deadlines_and_nothing_else_and_can_be_closed(
    visit: Visit, city: City, two: dict[str, int]
) -> None:
    leader, anybody = visit(LEADER), visit()
    for case in two.values():
        city.claim(task_at(city, case, "File").ref, LEADER)
    made = leader.submit("/mine", "/mine/calendar")
    assert made.status_code == 201
    (address,) = set(re.findall(r"/calendar/[\w-]+\.ics", made.text))
    assert address not in leader.get("/mine").text  # shown once
    answer = anybody.get(address)
    assert answer.mimetype == "text/calendar"
    for secret in (FAR, NEAR, "章华中路", "井盖", "孙国庆", "李建国"):
        assert secret not in answer.text
    events = list(Calendar.from_ical(answer.data).walk("VEVENT"))
    assert len(events) == 2
    numbers = {city.instance(case)["number"] for case in two.values()}
    assert {str(event["SUMMARY"]) for event in events} == {f"立案（{number}）" for number in numbers}
    assert {event.decoded("DTSTART") for event in events} == {city.tasks(case)[0].due_at for case in two.values()}
    do(city, two[FAR], "File", by=LEADER)
    assert anybody.get(address).text.count("BEGIN:VEVENT") == 1
    (new,) = set(re.findall(r"/calendar/[\w-]+\.ics", leader.submit("/mine", "/mine/calendar").text))
    assert anybody.get(address).status_code == 404
    assert anybody.get(new).status_code == 200
    with city.core.db.write() as connection:
        connection.execute(person.update().where(person.c.login == LEADER).values(active=False))
    assert anybody.get(new).status_code == 404  # who left has no deadlines
    with city.core.db.write() as connection:
        connection.execute(person.update().where(person.c.login == LEADER).values(active=True))
    assert leader.submit("/mine", "/mine/calendar/close").status_code == 303
    assert anybody.get(new).status_code == 404
    with city.core.db.read() as connection:
        kinds = list(connection.execute(select(audit.c.kind).where(audit.c.kind.startswith("feed"))).scalars())
    assert kinds == ["feed_made", "feed_made", "feed_revoked"]


def test_a_shared_filter_of_who_left_can_be_removed_by_the_unit(visit: Visit, city: City) -> None:
    organising.hire(city, "water_colleague", "water_supply", "handler")
    organising.hire(city, "water_other", "water_supply", "handler")
    writer, colleague = city.actor("water_colleague"), visit("water_other")
    unit_id = writer.own_posts[0].unit_id
    made = [saved_views.save(city.core, writer, name, {"light": "red"}, unit_id) for name in ("一", "二")]
    remove = [f"/inbox/views/{number}/remove" for number in made]
    assert remove[0] not in colleague.get("/inbox").text
    head = visit(HANDLER)  # who heads the unit too
    assert head.submit("/inbox", remove[1]).status_code == 303, "whoever heads the unit clears up"
    organising.dismiss(city, "water_colleague")
    stranger = visit(STRANGER)
    assert stranger.post(remove[0], stranger.form("/inbox", "/inbox/views")).status_code == 404
    assert colleague.submit("/inbox", remove[0]).status_code == 303
    assert "/remove" not in colleague.get("/inbox").text
