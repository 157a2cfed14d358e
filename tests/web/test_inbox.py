"""The inbox: what waits for whom, claimed, given back, handed over; found, sorted, counted."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Subquery, insert, text

from engine.clock import ManualClock
from engine.queries import inbox, offers, searching
from engine.queries.inbox import DEPTH, Sort, Tab, Wanted
from engine.queries.starting import startable
from engine.tables import LIVE, instance, task
from tests.bench.story import Walker
from tests.web.visitor import COLLECTOR, LEADER, OTHER_LEADER, Visit, words
from web.city import City

REPORT = {"source": "collector", "title": "章华中路井盖缺失", "area": "yuanlin", "place": "章华中路 18 号"}


@pytest.fixture
def case(city: City) -> int:
    return city.start("case_dispatch", REPORT, by=COLLECTOR)


def ref_of(city: City, case: int) -> str:
    return city.tasks(case)[0].ref


def fill(city: City, count: int, now: datetime, **columns: Any) -> None:
    """Tasks by the thousand, as rows: what matters here is how many there are."""
    definition = city.definition("case_dispatch").id
    unit = city.core.unit_id("supervision_centre")
    instances, tasks = [], []
    for i in range(count):
        row = {"instance_id": i + 1, "id": 1, "world_id": LIVE, "definition_id": definition, "node": "File"}
        row |= {"state": "open", "unit_id": unit, "post_key": "shift_leader", "assignee_id": None, "opened_at": now}
        row |= {"due_at": now + timedelta(minutes=i - 5), "warn_at": now + timedelta(minutes=i - 15)} | columns
        tasks.append(row)
        case = {"id": i + 1, "world_id": LIVE, "definition_id": definition, "key": "case_dispatch", "number": f"N{i}"}
        case |= {"status": "active", "revision": 1, "facts": {}, "title": f"井盖 {i}", "started_at": now}
        instances.append(case | {"history_count": 0, "data_version": 1})
    with city.core.db.write() as connection:
        connection.execute(insert(instance), instances)
        connection.execute(insert(task), tasks)


def test_an_offered_task_waits_for_its_post_and_nobody_else(visit: Visit, city: City, case: int) -> None:
    assert "章华中路井盖缺失" in visit(LEADER).get("/inbox?tab=unit").text
    assert "章华中路井盖缺失" not in visit("hejianping").get("/inbox?tab=unit").text
    assert visit("hejianping").get(f"/tasks/{ref_of(city, case)}").status_code == 404


def test_claim_is_two_clicks_and_then_it_is_mine(visit: Visit, city: City, case: int) -> None:
    ref = ref_of(city, case)
    leader, other = visit(LEADER), visit(OTHER_LEADER)
    stale = other.form("/inbox?tab=unit", f"/tasks/{ref}/claim")
    answer = leader.submit("/inbox?tab=unit", f"/tasks/{ref}/claim")
    assert answer.headers["Location"] == f"/tasks/{ref}"
    assert "章华中路井盖缺失" in leader.get("/inbox?tab=mine").text
    assert "章华中路井盖缺失" not in other.get("/inbox?tab=unit").text
    late = other.post(f"/tasks/{ref}/claim", stale)
    assert late.status_code == 409
    assert "已被领取" in late.text
    assert "孙国庆" in late.text
    assert 'href="/inbox"' in late.text


def test_a_double_click_is_one_claim(visit: Visit, city: City, case: int) -> None:
    ref = ref_of(city, case)
    leader = visit(LEADER)
    pressed = leader.form("/inbox?tab=unit", f"/tasks/{ref}/claim")
    assert [leader.post(f"/tasks/{ref}/claim", pressed).status_code for _ in range(2)] == [303, 303]
    assert [row["kind"] for row in city.trail(case)].count("claimed") == 1


def test_give_back_and_hand_over(visit: Visit, city: City, case: int) -> None:
    ref = ref_of(city, case)
    leader, other = visit(LEADER), visit(OTHER_LEADER)
    leader.submit("/inbox?tab=unit", f"/tasks/{ref}/claim")
    leader.submit(f"/tasks/{ref}", f"/tasks/{ref}/release")
    assert "章华中路井盖缺失" in other.get("/inbox?tab=unit").text
    to = city.actor(OTHER_LEADER).id
    leader.submit(f"/tasks/{ref}/transfer", f"/tasks/{ref}/transfer", to=to, reason="我明天休假")
    assert "章华中路井盖缺失" in other.get("/inbox?tab=mine").text
    page = words(other.get(f"/tasks/{ref}").text)
    assert "转办给胡丽娟" in page
    assert "我明天休假" in page
    refused = other.submit(f"/tasks/{ref}/transfer", f"/tasks/{ref}/transfer", to=city.actor(COLLECTOR).id, reason="")
    assert refused.status_code == 422


def test_tabs_follow_the_clock(visit: Visit, city: City, case: int, clock: ManualClock) -> None:
    actor = city.actor(LEADER)
    row = inbox.page(city.core, actor, Wanted(tab=Tab.UNIT), clock.now()).rows[0]
    told = []
    for instant in (row["warn_at"] - timedelta(seconds=1), row["warn_at"], row["due_at"] + timedelta(seconds=1)):
        clock.set(instant)
        counts = inbox.counts(city.core, actor, clock.now())
        told.append((counts[Tab.SOON], counts[Tab.LATE]))
    assert told == [(0, 0), (1, 0), (0, 1)]
    page = words(visit(LEADER).get("/inbox?tab=late").text)
    assert "超时不足 1 分钟" in page
    assert "下一页" not in page


def test_search_finds_by_title_place_and_number(visit: Visit, city: City, case: int) -> None:
    leader = visit(LEADER)
    number = city.instance(case)["number"]
    for wanted in ("井盖", "中路 18", number):
        assert "章华中路井盖缺失" in leader.get(f"/inbox?tab=unit&q={wanted}").text
    for unwanted in ("路灯", "%", "' or 1=1", "\x00"):
        answer = leader.get(f"/inbox?tab=unit&q={unwanted}")
        assert answer.status_code == 200
        if unwanted == "路灯":
            assert "没有符合条件的待办" in answer.text


def test_filter_by_step(visit: Visit, city: City, case: int) -> None:
    leader = visit(LEADER)
    assert "井盖缺失" in leader.get("/inbox?tab=unit&kind=case_dispatch.File").text
    assert "井盖缺失" not in leader.get("/inbox?tab=unit&kind=case_dispatch.Close").text
    assert leader.get("/inbox?tab=what&kind=x.y.z&sort=evil&page=-3").status_code == 200


def test_orders_and_pages_hold_every_task_once(city: City, clock: ManualClock) -> None:
    fill(city, 60, clock.now())
    fill_undated = {"due_at": None, "warn_at": None}
    with city.core.db.write() as connection:
        connection.execute(task.update().where(task.c.instance_id > 50).values(**fill_undated))
    actor = city.actor(LEADER)
    for sort in Sort:
        seen: list[int] = []
        for number in range(1, 5):
            found = inbox.page(city.core, actor, Wanted(tab=Tab.UNIT, sort=sort, page=number, size=20), clock.now())
            seen += [row["instance_id"] for row in found.rows]
            assert found.more is (number < 3)
        assert sorted(seen) == list(range(1, 61))
        if sort is Sort.DUE:
            assert seen[:50] == list(range(1, 51))
        if sort is Sort.DUE_LAST:
            assert seen[:50] == list(range(50, 0, -1))


def test_counts_stop_at_999_and_more(visit: Visit, city: City, clock: ManualClock) -> None:
    fill(city, DEPTH + 200, clock.now())
    counts = inbox.counts(city.core, city.actor(LEADER), clock.now())
    assert counts == {Tab.MINE: 0, Tab.UNIT: DEPTH, Tab.SOON: 11, Tab.LATE: 5}
    page = visit(LEADER).get("/inbox?tab=unit&page=100000")
    assert "999+" in page.text
    assert page.status_code == 200


def test_an_inbox_reads_the_front_of_an_index_and_not_the_table(city: City, clock: ManualClock) -> None:
    fill(city, 5000, clock.now())
    for tab in (Tab.UNIT, Tab.LATE, Tab.SOON, Tab.ALL):
        sources = offers.sources(city.actor(LEADER), LIVE).all
        plan = _plan(city, inbox._front(sources, tab, clock.now(), 26, []))
        assert any("ix_task_offered" in line for line in plan), plan
        assert not _whole(plan), plan
        with city.core.db.read() as connection:
            few = searching.among(connection, task.c.instance_id, [3, 5, 7])
        plan = _plan(city, inbox._found(sources, few, tab, clock.now(), 26, []))
        assert not any("ix_task_offered" in line for line in plan), plan
        assert not _whole(plan), plan


def _plan(city: City, query: Subquery | None) -> list[str]:
    assert query is not None
    sql = str(query.element.compile(city.core.db.engine, compile_kwargs={"literal_binds": True}))
    explain = "explain (costs off)" if city.core.db.postgresql else "explain query plan"
    with city.core.db.write() as connection:
        connection.execute(text("analyze"))
        return [str(tuple(r)) for r in connection.exec_driver_sql(f"{explain} {sql.replace('%', '%%')}")]


def _whole(plan: list[str]) -> list[str]:
    return [line for line in plan if "Seq Scan on task" in line or "SCAN task" in line]


def test_home_shows_what_is_urgent_and_what_one_may_start(visit: Visit, city: City, case: int) -> None:
    leader = visit(LEADER, "en").get("/").text
    assert "Do these first" in leader
    assert "章华中路井盖缺失" in leader
    collector = visit(COLLECTOR).get("/").text
    assert "我发起的" in collector
    assert "发现上报" in collector
    operator = visit("fuxiaolin").get("/").text
    assert "停住的案件" in operator


def test_what_one_started_last_is_put_forward_and_no_start_that_one_never_used(
    visit: Visit, city: City, clock: ManualClock
) -> None:
    def starts(login: str) -> list[tuple[bool, str]]:
        found = re.findall(
            r'<a class="btn( btn-primary)?" href="[^"]*">(?:(?!</a>).)*</svg>([^<]+)</a>',
            visit(login).get("/").text,
            re.DOTALL,
        )
        shown = {one.form.title.zh for one in startable(city.core, city.actor(login))}
        return [(bool(likely), title) for likely, title in found if title in shown]

    assert [likely for likely, _ in starts("hejianping")] == [False] * len(starts("hejianping")) != []
    before = starts(COLLECTOR)
    assert before[0] == (True, "发现上报")
    last = before[-1][1]
    assert len(before) > 2
    titles = {one.form.title.zh: one.definition.key for one in startable(city.core, city.actor(COLLECTOR))}
    starter = city.actor(COLLECTOR)
    row = {
        "id": 1,
        "world_id": LIVE,
        "definition_id": city.definition(titles[last]).id,
        "key": titles[last],
        "number": "N1",
    }
    row |= {
        "status": "active",
        "revision": 1,
        "facts": {},
        "title": "",
        "started_at": clock.now(),
        "starter_id": starter.id,
    }
    with city.core.db.write() as connection:
        connection.execute(insert(instance).values(**row, history_count=0, data_version=1))
    assert [starts(COLLECTOR)[0], starts(COLLECTOR)[1][1]] == [(True, last), "发现上报"]
    assert sorted(title for _, title in starts(COLLECTOR)) == sorted(title for _, title in before)


def test_every_kind_of_person_has_a_home(visit: Visit, city: City) -> None:
    walker = Walker(city)
    for (_, post), login in sorted({p[1]: (p, n) for p, n in walker.people.items()}.values()):
        home = visit(login).get("/")
        assert home.status_code == 200, post
        if post in {"reporter", "collector"}:
            assert ("/street/" in home.text) == (post == "collector"), "citizens have the public pages"
