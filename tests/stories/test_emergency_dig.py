"""紧急抢修挖掘: dug first, both authorities told at once, the papers within twenty-four hours without a break (城市道路管理条例 34)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine import certificates, reservations
from engine.clock import ManualClock
from engine.tables import instance, notice, person
from escalation.tables import clock as clock_table
from tests.factories import task_at
from tests.laws import check, rows
from tests.stories.permits import ANSWERS, APPLICANT, CREW, FREE, MUNICIPAL, TRAFFIC, apply, facts, nodes
from web.city import City

HERE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
FRIDAY_NIGHT = datetime(2026, 6, 12, 22, 30, tzinfo=HERE)

BURST: dict[str, Any] = {
    "applicant": "潜江市供水公司",
    "contact": "夏荷香",
    "phone": "13800000000",
    "title": "DN400 主管爆裂抢修",
    "pipe": "water",
    "cause": "主管爆裂，路面塌陷",
    "segment": FREE,
    "begins_m": 100,
    "ends_m": 110,
    "width_m": 2,
    "dug_at": FRIDAY_NIGHT.isoformat(),
    "finish_on": "2026-06-14",
}
PAPERS = {"restore_plan": "分层回填，恢复沥青面层"}
AGREED: dict[str, tuple[str, dict[str, Any]]] = {
    "MunicipalReview": (MUNICIPAL, {"municipal_opinion": "agree"}),
    "TrafficReview": (TRAFFIC, {"traffic_opinion": "agree", "traffic_plan": "half"}),
}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    check(city)


@pytest.fixture
def dug(city: City, clock: ManualClock) -> int:
    """Dug on a Friday at half past ten in the evening, told half an hour later."""
    clock.set(FRIDAY_NIGHT + HOUR / 2)
    case = city.start("emergency_dig", BURST, APPLICANT)
    city.run_due()
    return case


def do(city: City, case: int, node: str, by: str, answers: dict[str, Any]) -> None:
    city.complete(task_at(city, case, node), answers, by)
    city.run_due()


def go(city: City, clock: ManualClock, when: datetime) -> None:
    clock.set(when)
    city.run_due()


def reported(city: City) -> list[str]:
    with city.core.db.read() as connection:
        query = select(instance.c.title).where(instance.c.key == "case_dispatch")
        return list(connection.execute(query).scalars())


def papers_clock(city: City, case: int) -> dict[str, Any]:
    (found,) = [r for r in rows(city, clock_table, case) if r["name"] == "papers"]
    return found


def test_both_authorities_are_told_at_once_art_34(city: City, dug: int) -> None:
    """条例 34: 同时通知市政工程行政主管部门和公安交通管理部门, urgently, at any hour; the stretch shows as dug."""
    with city.core.db.read() as connection:
        query = select(person.c.login, notice.c.data).join(person, person.c.id == notice.c.person_id)
        told = connection.execute(query.where(notice.c.instance_id == dug)).all()
    assert {MUNICIPAL, TRAFFIC} <= {login for login, data in told if (data or {}).get("urgent")}
    assert {"MunicipalReceipt", "TrafficReceipt", "Papers", "Finish"} <= set(nodes(city, dug))
    (row,) = reservations.of_instance(city.core, dug)
    assert (row["state"], row["from_at"], row["purpose"]) == ("held", FRIDAY_NIGHT, "emergency")
    assert facts(city, apply(city, start_on="2026-06-13", finish_on="2026-06-14"))["overlap_found"] is True


def test_papers_within_24_continuous_hours_art_34(city: City, clock: ManualClock, dug: int) -> None:
    """条例 34: over night and the weekend, from when it was dug, not from when it was told."""
    assert papers_clock(city, dug)["due_at"] == FRIDAY_NIGHT + 24 * HOUR  # a Saturday night
    go(city, clock, FRIDAY_NIGHT + 24 * HOUR - timedelta(seconds=1))
    do(city, dug, "Papers", APPLICANT, PAPERS)
    for node, (who, answers) in AGREED.items():
        do(city, dug, node, who, answers)
    go(city, clock, FRIDAY_NIGHT + 30 * HOUR)
    assert (papers_clock(city, dug)["breached_at"], reported(city), facts(city, dug)["papers_late"]) == (
        None,
        [],
        False,
    )
    (paper,) = certificates.of_instance(city.core, dug)
    assert paper["kind"] == "emergency_dig"

    do(city, dug, "MunicipalReceipt", MUNICIPAL, {})
    do(city, dug, "TrafficReceipt", TRAFFIC, {"traffic_receipt": "封闭一条车道"})
    do(city, dug, "Finish", APPLICANT, {"finished_note": "已更换 6 m 管段"})
    do(city, dug, "Restore", CREW, {"restore_note": "已恢复"})
    do(city, dug, "Inspect", MUNICIPAL, {"inspect_result": "restore", "inspect_note": "高差 2 cm"})
    do(city, dug, "Restore", CREW, {"restore_note": "已重铺"})
    do(city, dug, "Inspect", MUNICIPAL, {"inspect_result": "pass"})
    assert nodes(city, dug) == ["Issue"], "the road did not wait for the fee"
    do(city, dug, "Issue", *ANSWERS["Issue"])
    assert city.instance(dug)["outcome"] == "EndCompleted"
    assert [r["state"] for r in reservations.of_instance(city.core, dug)] == ["released"]


def test_late_papers_are_a_breach_and_a_case_and_still_owed_art_42(city: City, clock: ManualClock, dug: int) -> None:
    """条例 34, 42 (5): the fact stays, a city case begins, once; the papers are owed all the same."""
    go(city, clock, FRIDAY_NIGHT + 24 * HOUR + timedelta(seconds=1))
    assert papers_clock(city, dug)["breached_at"] == FRIDAY_NIGHT + 24 * HOUR
    (title,) = reported(city)
    assert "逾期未补办" in title
    assert facts(city, dug)["papers_late"] is True
    assert "Papers" in nodes(city, dug)
    go(city, clock, FRIDAY_NIGHT + 72 * HOUR)
    do(city, dug, "Papers", APPLICANT, PAPERS)
    for node, (who, answers) in AGREED.items():
        do(city, dug, node, who, answers)
    assert len(reported(city)) == 1
    assert len(certificates.of_instance(city.core, dug)) == 1


def test_what_is_no_emergency_is_digging_without_a_permit_art_42(city: City, dug: int) -> None:
    """条例 27, 34, 42: both must agree to the papers too; where one does not, there is no permit but a case."""
    do(city, dug, "Papers", APPLICANT, PAPERS)
    do(city, dug, "MunicipalReview", MUNICIPAL, {"municipal_opinion": "disagree", "municipal_note": "并非紧急故障"})
    do(city, dug, "TrafficReview", *AGREED["TrafficReview"])
    assert certificates.of_instance(city.core, dug) == []
    (title,) = reported(city)
    assert "未获批准" in title


def test_nobody_gains_by_a_later_date(city: City, clock: ManualClock) -> None:
    """条例 34: dug no later than told."""
    clock.set(FRIDAY_NIGHT)
    case = city.start("emergency_dig", {**BURST, "dug_at": (FRIDAY_NIGHT + 9 * HOUR).isoformat()}, APPLICANT)
    city.run_due()
    assert papers_clock(city, case)["due_at"] == FRIDAY_NIGHT + 24 * HOUR
