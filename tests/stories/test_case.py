"""A case from report to closure, told as it goes, on both databases.

李建国 and 王秀英 are collectors, 孙国庆 and 胡丽娟 shift leaders, 何建平 and 郭红霞 dispatchers, 夏荷香 handles for the water company.
吕淑华 of the enforcement brigade has nothing to do with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from engine.clock import ManualClock
from engine.errors import KeyReused, NotAllowed, NotFound, TaskGone
from engine.instances import visits
from engine.tables import membership, unit
from escalation.tables import clock as clock_table
from tests.factories import (
    COLLECTOR,
    DISPATCHER,
    HANDLER,
    LEADER,
    OTHER_COLLECTOR,
    OTHER_DISPATCHER,
    OTHER_LEADER,
    REPORT,
    STRANGER,
    case_at,
    do,
    only_task,
    task_at,
)
from tests.laws import check, rows
from web.city import City

MINUTE = timedelta(minutes=1)
PROCESS = "case_dispatch"


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    assert check(city)


def kinds(city: City, case: int) -> list[str]:
    return [row["kind"] for row in city.trail(case)]


def test_a_case_from_report_to_closure(city: City, clock: ManualClock) -> None:
    # 09:00. The collector finds a missing manhole cover; the shift leader has it in the inbox.
    case = city.start(PROCESS, REPORT, COLLECTOR)
    assert city.instance(case)["number"].startswith("20260610-")
    assert (only_task(city, case).name, only_task(city, case).post) == ("立案", "shift_leader")

    # 09:05. Filed under the standard's row: two urgent hours, and the water company is proposed.
    clock.advance(5 * MINUTE)
    do(city, case, "File", by=LEADER)
    facts = city.instance(case)["facts"]
    assert (facts["responsible_unit"], facts["limit_amount"], facts["limit_unit"]) == ("water_supply", 2, "urgent_hour")

    # 09:10 dispatched, 09:12 signed for. The clock of the case runs since filing, that of handling from now.
    clock.advance(5 * MINUTE)
    do(city, case, "Dispatch", by=DISPATCHER)
    clock.advance(2 * MINUTE)
    do(city, case, "SignFor", by=HANDLER)
    handle = only_task(city, case)
    assert (handle.unit, handle.post) == ("water_supply", "handler")
    assert handle.due_at is not None
    assert handle.due_at.isoformat() == "2026-06-10T03:05:00+00:00"  # 11:05: the case's two hours since 09:05

    # 10:00 handled, 10:03 feedback read, 10:20 checked on the spot by another person, 10:25 closed.
    clock.advance(48 * MINUTE)
    do(city, case, "Handle", by=HANDLER)
    clock.advance(3 * MINUTE)
    do(city, case, "Feedback", by=DISPATCHER)
    clock.advance(17 * MINUTE)
    do(city, case, "Check", by=OTHER_COLLECTOR)
    clock.advance(5 * MINUTE)
    do(city, case, "Close", by=LEADER)

    row = city.instance(case)
    assert (row["status"], row["outcome"]) == ("completed", "EndClosed")
    assert row["ended_at"] - row["started_at"] == 85 * MINUTE
    assert kinds(city, case) == ["started", *["completed"] * 7]
    assert [r["node"] for r in city.trail(case)[1:]] == [
        *("File", "Dispatch", "SignFor", "Handle", "Feedback", "Check", "Close"),
    ]
    assert visits(city.trail(case))["Handle"] == 1
    clocks = {c["name"]: c for c in rows(city, clock_table, case)}
    assert set(clocks) == {"case", "file", "dispatch", "sign", "handle", "feedback", "check", "close"}
    assert all(c["stopped_at"] and not c["breached_at"] for c in clocks.values())
    assert clocks["case"]["stopped_at"] - clocks["case"]["started_at"] == 80 * MINUTE


def test_a_public_report_is_verified_first(city: City) -> None:
    case = city.start(PROCESS, {**REPORT, "source": "hotline_12345"}, "zhouxiaoyan")
    assert only_task(city, case).node == "Verify"
    do(city, case, "Verify", by=COLLECTOR)
    assert only_task(city, case).node == "File"


def test_a_unit_sends_it_back_with_a_reason_and_another_gets_it(city: City) -> None:
    case = case_at(city, "SignFor")
    returned = {"sign_decision": "return", "return_reason": "not_ours", "return_note": "此井盖属排水单位"}
    do(city, case, "SignFor", **returned)
    assert only_task(city, case).node == "Dispatch"
    facts = city.instance(case)["facts"]
    assert (facts["send_backs"], facts["return_note"]) == (1, "此井盖属排水单位")
    do(city, case, "Dispatch", responsible_unit="drainage")
    assert only_task(city, case).unit == "drainage"
    with pytest.raises(NotFound):
        city.complete(only_task(city, case), {"sign_decision": "accept"}, HANDLER)
    do(city, case, "SignFor", by="cailihua")
    assert visits(city.trail(case)) | {"Dispatch": 2, "SignFor": 2} == visits(city.trail(case))


def test_a_failed_check_goes_back_to_the_handler_and_is_counted(city: City) -> None:
    case = case_at(city, "Check")
    for count in (1, 2):
        do(city, case, "Check", check_result="fail", check_note="仍有缺口")
        assert only_task(city, case).node == "Handle"
        assert city.instance(case)["facts"]["rework"] == count
        do(city, case, "Handle")
        do(city, case, "Feedback")
    do(city, case, "Check")
    do(city, case, "Close")
    assert city.instance(case)["outcome"] == "EndClosed"
    assert visits(city.trail(case))["CountRework"] == 2


def test_what_is_no_case_is_voided_with_a_reason(city: City) -> None:
    case = case_at(city, "File")
    do(city, case, "File", file_decision="void", void_reason="重复上报", standard_code=None)
    row = city.instance(case)
    assert (row["status"], row["outcome"]) == ("completed", "EndVoided")


def test_what_the_collector_mended_on_the_spot_is_closed_at_once(city: City) -> None:
    case = case_at(city, "File", self_handled=True, self_handled_note="已扶正")
    do(city, case, "File", file_decision="self_handled")
    assert city.instance(case)["outcome"] == "EndSelfHandled"
    (term,) = [c for c in rows(city, clock_table, case) if c["name"] == "case"]
    assert term["started_at"] == term["stopped_at"]


def test_a_case_without_owner_goes_to_its_town(city: City) -> None:
    case = case_at(city, "File")
    do(city, case, "File", standard_code="C-0123-1")  # no unit owns this kind of thing
    assert city.instance(case)["facts"]["responsible_unit"] == "town_yuanlin"
    do(city, case, "Dispatch", responsible_unit="town_yuanlin")
    assert only_task(city, case).unit == "town_yuanlin"


def test_a_unit_that_does_not_exist_falls_back_to_the_dispatchers(city: City) -> None:
    case = case_at(city, "Dispatch")
    do(city, case, "Dispatch", responsible_unit="no_such_unit")
    task = only_task(city, case)
    assert (task.node, task.unit, task.post) == ("SignFor", "command_centre", "dispatcher")


def give_post(city: City, login: str, unit_key: str, post: str) -> None:
    with city.core.db.write() as connection:
        unit_id = connection.execute(select(unit.c.id).where(unit.c.key == unit_key)).scalar_one()
        connection.execute(insert(membership).values(person_id=city.actor(login).id, unit_id=unit_id, post_key=post))


def test_nobody_checks_what_they_handled(city: City) -> None:
    give_post(city, HANDLER, "supervision_centre", "collector")  # she now holds both posts
    case = case_at(city, "Check")
    with pytest.raises(NotAllowed, match="somebody else must do it"):
        do(city, case, "Check", by=HANDLER)
    assert only_task(city, case).node == "Check"
    do(city, case, "Check", by=OTHER_COLLECTOR)
    assert only_task(city, case).node == "Close"


def test_a_stranger_finds_no_such_case(city: City) -> None:
    case = case_at(city, "Handle")
    task = only_task(city, case)
    acts: list[Callable[[], object]] = [
        lambda: city.complete(task, {"handle_result": "done", "handle_note": "x"}, STRANGER),
        lambda: city.claim(task, STRANGER),
        lambda: city.transfer(task, HANDLER, STRANGER),
        lambda: city.comment(case, "路过", STRANGER),
        lambda: city.complete(f"{case}.999999", {}, STRANGER),
        lambda: city.complete(f"{case + 1}.1", {}, STRANGER),
        lambda: city.complete("nonsense", {}, STRANGER),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act()
    assert kinds(city, case)[-1] == "completed"


def test_a_stale_page_is_told_who_was_first_and_when(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Dispatch")
    task = only_task(city, case)
    city.complete(task, {"dispatch_decision": "dispatch", "responsible_unit": "water_supply"}, DISPATCHER)
    clock.advance(3 * MINUTE)
    with pytest.raises(TaskGone, match="何建平") as gone:
        city.complete(task, {"dispatch_decision": "dispatch", "responsible_unit": "drainage"}, OTHER_DISPATCHER)
    assert gone.value.at == clock.now() - 3 * MINUTE
    assert "2026-06-10" in gone.value.text("zh")
    assert city.instance(case)["facts"]["responsible_unit"] == "water_supply"


def test_the_same_request_sent_twice_is_one(city: City) -> None:
    first = city.start(PROCESS, REPORT, COLLECTOR, idempotency_key="k1")
    assert city.start(PROCESS, REPORT, COLLECTOR, idempotency_key="k1") == first
    with pytest.raises(KeyReused):
        city.start(PROCESS, {**REPORT, "title": "另一件"}, COLLECTOR, idempotency_key="k1")
    assert city.start(PROCESS, REPORT, OTHER_COLLECTOR, idempotency_key="k1") != first  # her key is her own

    task = only_task(city, first)
    answers = {"file_decision": "file", "standard_code": "C-0101-1"}
    reply = city.complete(task, answers, LEADER, "k2")
    assert city.complete(task, answers, LEADER, "k2") == reply
    with pytest.raises(KeyReused):
        city.complete(task, {**answers, "grade": "major"}, LEADER, "k2")
    said = city.comment(first, "请尽快", LEADER, "k3")
    assert city.comment(first, "请尽快", LEADER, "k3") == said
    assert kinds(city, first) == ["started", "completed", "commented"]


def test_claim_release_and_hand_over(city: City) -> None:
    case = case_at(city, "Dispatch")
    task = only_task(city, case)
    city.claim(task, DISPATCHER)
    with pytest.raises(TaskGone, match="何建平"):
        city.claim(task, OTHER_DISPATCHER)
    with pytest.raises(TaskGone):
        do(city, case, "Dispatch", by=OTHER_DISPATCHER)
    with pytest.raises(TaskGone):
        city.release(task, OTHER_DISPATCHER)
    city.release(task, DISPATCHER)
    city.claim(task, OTHER_DISPATCHER)
    city.transfer(task, DISPATCHER, OTHER_DISPATCHER, reason="下班交接")
    with pytest.raises(Exception, match="same post in the same unit"):
        city.transfer(task, HANDLER, DISPATCHER)
    do(city, case, "Dispatch", by=DISPATCHER)
    assert kinds(city, case)[-5:] == ["claimed", "released", "claimed", "transferred", "completed"]


def test_who_dispatched_it_does_not_close_it(city: City) -> None:
    give_post(city, DISPATCHER, "supervision_centre", "shift_leader")
    case = case_at(city, "Close")
    with pytest.raises(NotAllowed):
        do(city, case, "Close", by=DISPATCHER)
    do(city, case, "Close", by=OTHER_LEADER)


def test_a_late_case_is_late_for_ever(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Handle")
    due = only_task(city, case).due_at
    assert due is not None
    clock.set(due)
    city.run_due()
    assert "breached" not in kinds(city, case)  # at the due instant itself it is still in time
    clock.advance(timedelta(seconds=1))
    city.run_due()
    seqs = [row["at"] for row in city.trail(case) if row["kind"] == "breached"]
    assert seqs == [clock.now()] * 2  # its two clocks in one step
    assert city.run_due() == 0
    do(city, case, "Handle")
    late = {c["name"]: c["breached_at"] for c in rows(city, clock_table, case) if c["breached_at"]}
    assert late == {"case": due, "handle": due}
    assert kinds(city, case).count("breached") == 2


def test_rights_are_asked_again_at_every_step(city: City) -> None:
    case = case_at(city, "SignFor")
    with pytest.raises(NotFound):
        do(city, case, "SignFor", by=DISPATCHER)
    assert task_at(city, case, "SignFor").assignee is None


def test_a_unit_keeps_out_of_a_case_that_is_about_itself(city: City) -> None:
    case = case_at(city, "File")
    do(city, case, "File", recused_unit="supervision_centre")
    for node in ("Dispatch", "SignFor", "Handle", "Feedback"):
        do(city, case, node)
    assert (only_task(city, case).unit, only_task(city, case).post) == ("management_committee", "supervisor")
    for who in (OTHER_COLLECTOR, LEADER, COLLECTOR):
        with pytest.raises(NotFound):
            do(city, case, "Check", by=who)
    do(city, case, "Check", by="yuhaiyan")
    assert (only_task(city, case).unit, only_task(city, case).post) == ("management_committee", "unit_head")
    do(city, case, "Close", by="jiaxinhua")
    check(city)
