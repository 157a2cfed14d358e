"""政府督查 and 移送问题线索, told once: a request is accepted by the inspection office, the unit ignores its term, the conclusion is
made and objected to, in time and too late; a named person refers a clue, of which nobody outside learns more than two dates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import access
from engine.errors import LiandongError, NotAllowed, NotFound
from engine.people import Actor
from engine.tables import instance, notice, person
from escalation import referrals
from escalation.referrals import Receipt
from escalation.tables import clock
from forms.errors import InvalidAnswers
from tests import laws
from tests.bpmn.drawing import chain, end, start
from tests.db.talking import bundle, catch, message, throw
from tests.factories import COLLECTOR, DISPATCHER, HANDLER, LEADER, OPERATOR, case_at, task_at
from web.city import City

INSPECTOR, SECOND, OFFICE_HEAD = "dengmeiling", "gongyuanqing", "honghaiyan"
MAYOR, REVIEWER = "baoguoping", "luzhengyi"
OFFICER = "zhanglianzheng"
LATE = HANDLER  # heads and handles for the water company
COMMITTEE, ASSESSOR, ADMINISTRATOR, AUDITOR = "yuhaiyan", "yuanzhigang", "shenjiahao", "jiaqiaoyun"
DAY = timedelta(days=1)
WORD = "金丝雀线索内容"

REQUEST = (
    "={supervision_id: this.id, supervision_number: this.number, case_id: case_id, title: title, late_unit: late_unit, "
    'case_number: "QJ-1", grade: "major", reason: "三次督办无进展", rounds: 3, demand: "限期修复"}'
)
ASKS = bundle(
    start(),
    throw("Ask", "message", "inspection_requested", payload=REQUEST),
    catch("Answered", "message", "inspection_answered", correlation="=this.id", result="={answer: payload}"),
    catch("Concluded", "message", "inspection_concluded", correlation="=this.id", result="={conclusion: payload}"),
    end(),
    chain("S", "Ask", "Answered", "Concluded", "E"),
    key="asks",
    outside=message("inspection_requested") + message("inspection_answered") + message("inspection_concluded"),
)  # fmt: skip
"""What stands for the supervision: it asks, and takes both answers."""

ACCEPTED = {
    "take_decision": "accept",
    "approval_kind": "head",
    "approval_document": "潜政督〔2026〕7号",
    "approved_on": "2026-06-10",
}
PLANNED = {"plan_content": "井盖修复", "plan_scope": "章华中路", "plan_demand": "说明未修复的原因", "report_days": 5}
FOUND = {"check_on": "2026-06-20", "check_text": "井盖仍未修复"}
CONCLUSION = {
    "conclusion_result": "founded", "conclusion_text": "属实，履职不到位", "rectification": "demanded",
    "rectification_text": "立即修复", "rectify_days": 5,
}  # fmt: skip
AGREED = {"approve_decision": "agree", "conclusion_document": "潜政督结〔2026〕3号"}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # that steps are the same on both databases is shown where they are tested


@pytest.fixture
def case(city: City) -> int:
    """A case of the water company that is late."""
    return case_at(city, "Handle")


def asked(city: City, case: int) -> tuple[int, int]:
    """A supervision asks for an inspection: its id, and the inspection's."""
    city.deploy(ASKS)
    facts = {"case_id": str(case), "title": "井盖缺失久拖不修", "late_unit": "water_supply"}
    supervision = city.start("asks", {}, COMMITTEE, given=facts)
    city.run_due()
    with city.core.db.read() as connection:
        rows = connection.execute(
            select(instance.c.id, instance.c.facts).where(instance.c.key == "government_inspection")
        )
        (found,) = [row.id for row in rows if row.facts["supervision_id"] == str(supervision)]
    return supervision, found


def do(city: City, inspection: int, node: str, by: str, **answers: Any) -> None:
    city.complete(task_at(city, inspection, node), answers, by)
    city.run_due()


def facts(city: City, case: int) -> dict[str, Any]:
    found: dict[str, Any] = city.instance(case)["facts"]
    return found


def nodes(city: City, case: int) -> list[str]:
    return sorted(t.node for t in city.tasks(case))


def concluded(city: City, inspection: int, *, begun: bool = False) -> None:
    """Brought to where the unit has received the conclusion. `begun`: it was taken up and planned already."""
    if not begun:
        do(city, inspection, "Decide", INSPECTOR, **ACCEPTED)
        do(city, inspection, "Plan", INSPECTOR, **PLANNED)
    do(city, inspection, "Report", LATE, report_text="配件缺货")
    do(city, inspection, "OnSite", INSPECTOR, **FOUND)
    do(city, inspection, "Conclude", INSPECTOR, **CONCLUSION)
    do(city, inspection, "Approve", MAYOR, **AGREED)
    do(city, inspection, "Receipt", LATE)


def due(city: City, inspection: int, name: str) -> Any:
    with city.core.db.read() as connection:
        query = select(clock.c.due_at).where(clock.c.instance_id == inspection, clock.c.name == name)
        return connection.execute(query.order_by(clock.c.started_at.desc()).limit(1)).scalar_one()


def sees(city: City, case: int, login: str) -> bool:
    with city.core.db.read() as connection:
        return access.can(access.check_can_see, connection, city.actor(login), case)


# ---------------------------------------------------------------- the inspection


def test_the_office_alone_decides_and_needs_the_approval(city: City, case: int) -> None:
    supervision, inspection = asked(city, case)
    assert nodes(city, inspection) == ["Decide"]
    assert not sees(city, inspection, LATE), "until it is announced"
    for other in (COMMITTEE, LATE, MAYOR, OPERATOR):
        with pytest.raises(LiandongError):
            city.complete(task_at(city, inspection, "Decide"), ACCEPTED, other)
    with pytest.raises(InvalidAnswers):
        do(city, inspection, "Decide", INSPECTOR, take_decision="accept")
    with pytest.raises(InvalidAnswers):
        do(city, inspection, "Decide", INSPECTOR, take_decision="return")
    do(city, inspection, "Decide", INSPECTOR, take_decision="return", take_text="先由主管部门处理")
    assert city.instance(inspection)["outcome"] == "EndReturned"
    answer = facts(city, supervision)["answer"]
    assert (answer["decision"], answer["text"], answer["term_at"]) == ("return", "先由主管部门处理", None)
    assert answer["inspection_number"] == city.instance(inspection)["number"]


def test_an_ignored_term_does_not_stop_it(city: City, case: int) -> None:
    supervision, inspection = asked(city, case)
    do(city, inspection, "Decide", INSPECTOR, **ACCEPTED)
    do(city, inspection, "Plan", INSPECTOR, **PLANNED)
    answer = facts(city, supervision)["answer"]
    assert answer["decision"] == "accept"
    assert answer["term_at"].startswith("2026-06-17T18:00"), "five working days, the first day not counted"
    assert due(city, inspection, "report").isoformat().startswith("2026-06-17T10:00"), "the same moment, in UTC"
    assert sees(city, inspection, LATE)
    city.advance(8 * DAY)
    assert nodes(city, inspection) == ["OnSite"]
    assert facts(city, inspection)["report_missing"] is True
    (row,) = [r for r in laws.rows(city, clock, inspection) if r["name"] == "report"]
    assert row["breached_at"] is not None
    do(city, inspection, "OnSite", INSPECTOR, **FOUND)
    do(city, inspection, "Conclude", INSPECTOR, **CONCLUSION)
    with pytest.raises(LiandongError):
        do(city, inspection, "Approve", INSPECTOR, **AGREED)
    do(city, inspection, "Approve", MAYOR, approve_decision="back", approve_note="请补充证据")
    do(city, inspection, "Conclude", INSPECTOR, **CONCLUSION)
    do(city, inspection, "Approve", MAYOR, **AGREED)
    city.advance(9 * DAY)
    assert nodes(city, inspection) == ["Serve"], "who does not receive it is served"
    do(city, inspection, "Serve", INSPECTOR, served_how="direct", served_proof="送达回证")
    assert nodes(city, inspection) == ["Object"]
    city.advance(31 * DAY)
    assert nodes(city, inspection) == ["Rectify"]
    do(city, inspection, "Rectify", LATE, rectify_text="已修复")
    do(city, inspection, "Recheck", INSPECTOR, recheck_result="again", recheck_text="仍有松动")
    do(city, inspection, "Rectify", LATE, rectify_text="已加固")
    do(city, inspection, "Recheck", INSPECTOR, recheck_result="done", recheck_text="到位")
    assert city.instance(inspection)["outcome"] == "EndConcluded"
    assert facts(city, supervision)["conclusion"]["conclusion"] == "founded"
    assert city.instance(supervision)["status"] == "completed"
    laws.check(city)


def test_an_objection_in_time_is_reviewed_by_others_within_thirty_days(city: City, case: int) -> None:
    supervision, inspection = asked(city, case)
    concluded(city, inspection)
    received = city.world().now
    assert timedelta(days=30) <= due(city, inspection, "objection") - received < timedelta(days=32)
    city.advance(29 * DAY)
    do(city, inspection, "Object", LATE, object_decision="object", object_text="属不可抗力")
    assert nodes(city, inspection) == ["Review"]
    for took_part in (INSPECTOR, MAYOR, OFFICE_HEAD):
        with pytest.raises(LiandongError):
            city.complete(
                task_at(city, inspection, "Review"), {"review_decision": "uphold", "review_text": "维持"}, took_part
            )
    assert timedelta(days=30) <= due(city, inspection, "review") - city.world().now < timedelta(days=33)
    city.advance(34 * DAY)
    assert nodes(city, inspection) == ["Review"], "late, it is still owed"
    with city.core.db.read() as connection:
        told = connection.execute(
            select(person.c.login).join(notice, notice.c.person_id == person.c.id).where(notice.c.instance_id == inspection)
        ).scalars().all()  # fmt: skip
    assert MAYOR in told
    do(city, inspection, "Review", REVIEWER, review_decision="revoke", review_text="证据不足")
    assert facts(city, supervision)["conclusion"]["conclusion"] == "revoked"


def test_an_objection_too_late_finds_no_task(city: City, case: int) -> None:
    _, inspection = asked(city, case)
    concluded(city, inspection)
    task = task_at(city, inspection, "Object")
    over = due(city, inspection, "objection") - city.world().now
    city.advance(over - timedelta(minutes=1))
    assert nodes(city, inspection) == ["Object"]
    city.advance(timedelta(minutes=2))
    with pytest.raises(LiandongError) as late:
        city.complete(task, {"object_decision": "object", "object_text": "迟了"}, LATE)
    assert late.value.status in (404, 409)
    assert nodes(city, inspection) == ["Rectify"]


def test_no_setting_takes_the_thirty_days_from_the_unit(city: City) -> None:
    from engine import settings  # noqa: PLC0415
    from escalation import inspecting  # noqa: PLC0415

    with city.core.db.write() as connection:
        settings.put(city.core, connection, "inspection_objection_days", 3)
        settings.put(city.core, connection, "inspection_review_days", 90)
        settings.put(city.core, connection, "inspection_take_days", 2)
    found = inspecting.terms(city.core, 0, {})
    assert (found["objection_days"], found["review_days"], found["take_days"]) == (30, 30, 2)


# ---------------------------------------------------------------- the referral

CLUE = {"ground": "clue", "persons": "某负责人", "clue_text": WORD, "consequences": "一人受伤"}
APPROVED = {"approve_decision": "agree", "approval_document": "潜政移〔2026〕1号", "approved_on": "2026-06-29"}
OUTSIDE = (
    LATE,
    COLLECTOR,
    LEADER,
    DISPATCHER,
    COMMITTEE,
    "zhuxiaodong",
    ASSESSOR,
    OPERATOR,
    ADMINISTRATOR,
    AUDITOR,
    SECOND,
)
"""The late unit, who worked the case, who supervises, assesses, operates, administers and audits; an inspector who does not work it."""


def only(city: City, key: str) -> int:
    with city.core.db.read() as connection:
        found: int = connection.execute(select(instance.c.id).where(instance.c.key == key)).scalar_one()
    return found


def told(city: City, case: int) -> set[str]:
    """Logins of everybody who was told of anything in a case."""
    with city.core.db.read() as connection:
        query = select(person.c.login).join(notice, notice.c.person_id == person.c.id)
        return set(connection.execute(query.where(notice.c.instance_id == case)).scalars())


def test_a_named_person_refers_a_clue_and_nobody_outside_learns_more_than_two_dates(city: City, case: int) -> None:
    supervision, inspection = asked(city, case)
    concluded(city, inspection)
    before = notices_of(city)
    with pytest.raises(NotAllowed):
        referrals.refer(city.core, inspection, CLUE, city.actor(ASSESSOR))
    with pytest.raises(NotAllowed):
        referrals.refer(city.core, inspection, CLUE, city.actor(OFFICE_HEAD))
    with pytest.raises(LiandongError):
        city.start("clue_referral", CLUE, INSPECTOR)  # by its form alone it would be kept from nobody
    referral = int(referrals.refer(city.core, inspection, CLUE, city.actor(INSPECTOR))["instance"])
    city.run_due()
    with pytest.raises(LiandongError):
        do(city, referral, "Verify", INSPECTOR, verify_decision="submit")  # who proposed it does not verify it
    do(city, referral, "Verify", OFFICE_HEAD, verify_decision="submit")
    with pytest.raises(InvalidAnswers):
        do(city, referral, "Approve", MAYOR, approve_decision="agree")  # no approval without its document (art. 21)
    with pytest.raises(LiandongError):
        do(city, referral, "Approve", OFFICE_HEAD, **APPROVED)
    do(city, referral, "Approve", MAYOR, **APPROVED)
    assert [row for row in laws.rows(city, instance) if row["key"] == "clue"] == []
    do(city, referral, "HandOver", INSPECTOR, materials="笔录两份", handed_on="2026-06-30")
    clue = only(city, "clue")
    assert facts(city, clue)["clue_text"] == WORD
    assert referrals.receipts(city.core, city.actor(SECOND), {inspection}) == {}, "nothing before it is received"

    seeing = {case: {a.login for a in everybody(city) if sees(city, case, a.login)} for case in (referral, clue)}
    assert seeing == {referral: {INSPECTOR, OFFICE_HEAD, MAYOR}, clue: {OFFICER, "qiuminghui"}}
    assert not seeing[referral] & set(OUTSIDE)
    do(city, clue, "Receive", OFFICER, received_on="2026-07-01", receipt_number="内-7")
    assert referrals.receipts(city.core, city.actor(SECOND), {inspection}) == {inspection: Receipt("2026-07-01", None)}
    do(city, clue, "Handle", OFFICER, handle_note="内部", closed_on="2026-08-01")
    assert city.instance(clue)["outcome"] == "EndClosed"
    assert city.instance(referral)["outcome"] == "EndReferred"

    outside = {who: referrals.receipts(city.core, city.actor(who), {inspection}) for who in (*OUTSIDE, MAYOR)}
    whole = {inspection: Receipt("2026-07-01", "2026-08-01")}
    assert {who for who, found in outside.items() if found == whole} == {SECOND, COMMITTEE, "zhuxiaodong"}
    assert all(found in ({}, whole) for found in outside.values()), (
        "the late unit and who worked the case: nothing at all"
    )
    known = facts(city, referral)
    assert (known["received_on"], known["closed_on"]) == ("2026-07-01", "2026-08-01")
    assert not {"handle_note", "receipt_number"} & set(known), "no content comes back"
    assert "handle_note" not in str(facts(city, inspection)) + str(facts(city, supervision))
    assert told(city, referral) <= {INSPECTOR, OFFICE_HEAD, MAYOR}
    assert told(city, clue) <= {OFFICER, "qiuminghui"}
    assert notices_of(city, OUTSIDE) == {k: v for k, v in before.items() if k in OUTSIDE}, (
        "nobody outside was told anything"
    )
    laws.check(city)


def test_the_office_without_approval_refers_nothing(city: City, case: int) -> None:
    _, inspection = asked(city, case)
    with pytest.raises(NotFound):
        referrals.refer(city.core, inspection, CLUE, city.actor(INSPECTOR))  # nothing was found yet
    concluded(city, inspection)
    for answers, end_ in (({"approve_decision": "refuse", "approve_text": "证据不足"}, "EndRefused"),):
        referral = int(referrals.refer(city.core, inspection, CLUE, city.actor(INSPECTOR))["instance"])
        do(city, referral, "Verify", OFFICE_HEAD, verify_decision="submit")
        do(city, referral, "Approve", MAYOR, **answers)
        assert city.instance(referral)["outcome"] == end_
    dropped = int(referrals.refer(city.core, inspection, CLUE, city.actor(INSPECTOR), key="again")["instance"])
    do(city, dropped, "Verify", OFFICE_HEAD, verify_decision="drop", verify_text="不成立")
    assert city.instance(dropped)["outcome"] == "EndDropped"
    city.advance(60 * DAY)
    assert [row for row in laws.rows(city, instance) if row["key"] == "clue"] == []


def everybody(city: City) -> list[Actor]:
    with city.core.db.read() as connection:
        logins = connection.execute(select(person.c.login).where(person.c.active)).scalars().all()
    return [city.actor(login) for login in logins]


def notices_of(city: City, people: tuple[str, ...] = OUTSIDE) -> dict[str, int]:
    """How much each of them was told so far."""
    with city.core.db.read() as connection:
        rows = (
            connection.execute(select(person.c.login).join(notice, notice.c.person_id == person.c.id)).scalars().all()
        )
    return {who: rows.count(who) for who in people}
