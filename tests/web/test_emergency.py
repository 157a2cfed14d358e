"""The emergency room on its pages: a plan started in one act, the second coordinator led to it, the board's numbers, signed sources."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.tables import notice, task
from escalation.emergencies import board
from escalation.emergencies.board import State
from escalation.tables import clock
from tests import emergency as em
from tests.plans import rows_of
from tests.web.visitor import Visit
from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_two_coordinators_start_one_plan_from_its_page_and_from_a_case(city: City, visit: Visit) -> None:
    one, other = visit(em.COORDINATOR), visit(em.OTHER_COORDINATOR)
    listing = one.get("/emergency").text
    assert listing.count('href="/emergency/start/plan_') == 10
    page = one.get("/emergency/start/plan_flood").text
    assert "启动后由谁签署启动令" in page
    assert "Ⅰ级（特别重大）" in page
    source = city.start(
        "case_dispatch",
        {"source": "collector", "title": "路面积水", "area": "zhanghua", "place": "章华路"},
        "lijianguo",
    )
    assert f"/emergency?case={source}" in one.get(f"/cases/{source}").text
    from_case = f"/emergency/start/plan_flood?case={source}"
    assert "章华路" in one.get(from_case).text
    first = one.submit(from_case, from_case, title="殷台路积水")
    assert first.status_code == 303
    second = other.submit(
        "/emergency/start/plan_flood", "/emergency/start/plan_flood", title="我也看到了", place="殷台路"
    )
    assert second.headers["Location"] == first.headers["Location"]
    told = other.get(second.headers["Location"]).text
    assert "已由他人启动" in told
    assert "再次启动，并入本次" in told
    with city.core.db.read() as connection:
        kinds = connection.execute(select(notice.c.kind).where(notice.c.world_id == 1)).scalars().all()
    assert kinds.count("joined") == 1
    assert "本预案正在响应中" in other.get("/emergency/start/plan_flood").text
    assert "路面积水" in one.get(f"/cases/{source}").text


def test_the_board_counts_what_is_there(city: City, visit: Visit) -> None:
    """Against an independent count of tasks and clocks, at several moments."""
    case = em.ordered(city)
    reader = em.actor(city, em.COORDINATOR)

    def counted() -> Counter[str]:
        """By the tables alone: the newest task of each order."""
        now = city.world().now
        with city.core.db.read() as connection:
            rows = [dict(r) for r in connection.execute(
                select(task).where(task.c.instance_id == case, task.c.node.in_(("SignOrder", "CarryOut"))).order_by(task.c.id)
            ).mappings()]  # fmt: skip
            due = {r.task_id: r.due_at for r in connection.execute(select(clock).where(clock.c.instance_id == case))}
        last = {row["variables"]["order"]["key"]: row for row in rows}
        found: Counter[str] = Counter()
        for row in last.values():
            late = due[row["id"]] < (row["closed_at"] or now)
            signing = row["node"] == "SignOrder"
            word = "done" if row["state"] == "completed" else "unsigned" if signing else "signed"
            found[f"late {word}" if late else word] += 1
        return found

    words = {State.UNSIGNED: "unsigned", State.LATE_UNSIGNED: "late unsigned", State.SIGNED: "signed",
             State.LATE: "late signed", State.DONE: "done", State.DONE_LATE: "late done"}  # fmt: skip

    def shown() -> Counter[str]:
        found = board.read(city.core, reader, case)
        assert sum(len(unit.orders) for unit in found.units) == found.orders
        return Counter({words[state]: number for state, number in found.counts.items() if number})

    assert shown() == counted()
    assert set(counted()) == {"unsigned"}
    em.answer(city, case, "SignOrder", {"receipt_decision": "accept"})
    em.answer(city, case, "SignOrder", {"receipt_decision": "accept"})
    em.answer(city, case, "CarryOut", {"order_result": "done", "done_note": "已到岗"})
    city.advance(timedelta(minutes=4))
    assert shown() == counted()
    city.advance(timedelta(hours=5))
    assert shown() == counted()
    assert counted()["late signed"] == 1
    found = board.read(city.core, reader, case)
    assert found.elapsed == timedelta(hours=5, minutes=4)
    assert found.level == 4
    reports = {one.unit: one for one in found.reports}
    assert set(reports) == set(found.case["facts"]["reporting_units"])
    assert sum(one.missing for one in reports.values()) == found.case["facts"]["reports_missing"] > 0
    assert all(one.late for one in reports.values())
    # a report that says nothing that it need not say
    em.answer(city, case, "SituationReport", {"situation": "积水已退", "wish_level": "keep"})
    text = visit(em.COORDINATOR).get(f"/emergency/{case}").text
    assert "积水已退" in text
    assert "需要支援" not in text
    assert "Ⅳ级（一般）" in text
    assert "5 小时 4 分" in text
    for state, number in found.counts.items():
        if number and state not in (State.DONE, State.DONE_LATE):
            assert re.search(rf"em-{state}[ \"][^>]*><strong>{number}</strong>", text), (state, number)
    assert "签署启动令" in text
    assert 'data-live-case="' in text
    assert not re.findall(r"plan_flood:\d|order_rows", visit(em.COORDINATOR).get(f"/cases/{case}").text)


def test_two_orders_to_one_unit_are_told_apart_in_its_inbox(city: City, visit: Visit) -> None:
    em.ordered(city)
    rows = [row for row in rows_of("plan_flood", 4) if row["unit"] == "drainage"]
    assert len(rows) == 2
    page = visit(em.holder(city, "drainage")).get("/inbox?tab=unit").text
    titles = re.findall(r'class="row-title" href="[^"]*">([^<]*)<', page)
    assert {row["order_zh"] for row in rows} <= set(titles)
    assert em.REPORT["title"] in page, "and which emergency it is"


def test_finished_orders_are_folded_on_the_case_and_nothing_is_lost(city: City, visit: Visit) -> None:
    case = em.ordered(city)
    one = visit(em.COORDINATOR)
    em.answer(city, case, "Assess", {"assess_decision": "regrade", "assess_reason": "上涨", "wanted_level": 3})
    em.answer(city, case, "ChangeOrder", {"change_decision": "approve", "duration_hours": 8, "measures": "增派"})
    city.run_due()
    for number in range(5):
        em.answer(city, case, "SignOrder", {"receipt_decision": "accept"})
        em.answer(city, case, "CarryOut", {"order_result": "done", "done_note": f"完成第{number}项"})
        page = one.get(f"/cases/{case}?all=1").text
        fold = page.find("已办结的任务")
        assert (fold >= 0) == (number >= 3), "a few stay where they are"
    assert "已办结的任务（5 项）" in page
    history, inside = page[page.find("history-title") : fold], page[fold:]
    notes = [f"完成第{number}项" for number in range(5)]
    assert [note for note in notes if note in history] == []
    assert [inside.count(note) for note in notes] == [1] * 5
    assert re.search(r"另有 \d+ 项", page), "open ones beyond the first few, too"


def test_what_is_stood_down_stays_on_the_list_and_the_plan_can_be_started_again(city: City, visit: Visit) -> None:
    case = em.ordered(city)
    one = visit(em.COORDINATOR)
    started, board_of = 'href="/emergency/start/plan_flood"', 'href="/emergency/{}"'.format
    assert started not in one.get("/emergency").text
    em.answer(city, case, "Assess", {"assess_decision": "end", "assess_reason": "雨停"})
    em.answer(
        city,
        case,
        "StandDownOrder",
        {"end_decision": "end", "end_reason": "积水已退", "lifted": "无", "announcement": "终止"},
    )
    listing = one.get("/emergency").text
    assert (started in listing, board_of(case) in listing, "响应已终止" in listing) == (True, True, True)
    page = one.get("/emergency/start/plan_flood").text
    assert "本预案正在响应中" not in page
    answer = one.submit("/emergency/start/plan_flood", "/emergency/start/plan_flood", title="又一场雨", place="殷台路")
    following = answer.headers["Location"]
    assert not following.endswith(f"/{case}")
    listing = one.get("/emergency").text
    assert f'href="{following}"' in listing, "the new one"
    assert board_of(case) in listing, "and the one that is reviewed"
    assert started not in listing


def test_sources_are_kept_by_operators(city: City, visit: Visit) -> None:
    operator = visit("fuxiaolin")
    answer = operator.submit(
        "/event-sources", "/event-sources", key="rain_gauge", name="雨量站", messages=["plan_flood_triggered"]
    )
    assert answer.status_code == 200
    (secret,) = re.findall(r"lde_[\w-]+", answer.text)
    page = operator.get("/event-sources").text
    assert secret not in page
    assert "雨量站" in page
    again = operator.submit("/event-sources", "/event-sources/rain_gauge/rotate")
    assert secret not in again.text
    off = operator.submit("/event-sources", "/event-sources/rain_gauge/switch")
    assert off.status_code == 303
    assert "已停用" in operator.get("/event-sources").text
    assert visit(em.COORDINATOR).get("/event-sources").status_code == 403
