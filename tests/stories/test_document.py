"""公文会签, told once: drafted, sent back, an opinion asked for, countersigned by units that do not agree at first, issued with a
signature, circulated; and one that is rejected."""

from __future__ import annotations

from typing import Any

import pytest

from engine.acts import completing, copying, rejecting, returning, signature, signers
from engine.errors import Invalid, NotAllowed
from engine.queries.tasks import user_task
from engine.tables import copy, task
from tests import laws
from tests.factories import task_at
from web.city import City
from web.demo import pictures

DRAFTER, HEAD = "luqiuju", "jiangweimin"  # municipal works
POLICE, POLICE_HEAD = "yanhuimin", "yujianghan"
DRAINAGE, DRAINAGE_HEAD = "cailihua", "jiabaoshan"
ISSUER, OFFICE = "tangshuzhen", "yuhaiyan"  # head of the bureau; the committee's office
LAWYER = "fangzhengping"

DRAFT: dict[str, Any] = {
    "title": "关于潜阳中路雨污管网改造期间交通组织的通知",
    "document_kind": "notice",
    "urgency": "urgent",
    "document_text": "自 7 月 1 日起封闭潜阳中路半幅路面施工。",
    "countersign_units": ["traffic_police", "drainage"],
}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # that acts are the same on both databases is shown where they are tested


def unit_task(city: City, case: int, node: str, unit: str) -> str:
    (found,) = [t for t in city.tasks(case) if t.node == node and t.unit == unit]
    return found.ref


def sign_all(city: City, case: int, **votes: dict[str, Any]) -> None:
    people = {"traffic_police": (POLICE, POLICE_HEAD), "drainage": (DRAINAGE, DRAINAGE_HEAD)}
    for unit, (handler, head) in people.items():
        proposal = f"{unit} 拟同意"
        city.complete(unit_task(city, case, "UnitPropose", unit), {"unit_proposal": proposal}, handler)
        ref = unit_task(city, case, "UnitSign", unit)
        assert user_task(city.core, city.actor(head), ref).known["unit_proposal"] == proposal
        city.complete(ref, votes[unit], head)


def test_from_a_draft_to_its_circulation(city: City) -> None:
    case = city.start("document", DRAFT, DRAFTER)
    review = task_at(city, case, "Review").ref
    returning.back(city.core, review, HEAD, to="Draft", reason="请写明绕行路线")
    text = DRAFT["document_text"] + "社会车辆绕行东风路。"
    city.complete(task_at(city, case, "Draft"), {**DRAFT, "document_text": text}, DRAFTER)
    review = task_at(city, case, "Review").ref
    signers.add(city.core, review, HEAD, people=[city.actor(LAWYER).id], how="before", reason="请核扬尘措施")
    (asked,) = city.tasks(case)
    city.complete(asked, {"agree": "yes", "opinion": "围挡喷淋须写入"}, LAWYER)
    city.complete(task_at(city, case, "Review"), {"review_note": "同意报会签"}, HEAD)

    # the police do not agree: the drafter coordinates, and they sign again
    sign_all(
        city,
        case,
        traffic_police={"countersign_vote": "disagree", "countersign_opinion": "早高峰不得半幅封闭"},
        drainage={"countersign_vote": "agree"},
    )
    result = city.instance(case)["facts"]["countersign"]
    assert (result["passed"], result["yes"], result["no"]) == (False, 1, 1)
    answers = {"document_text": text + "7:00 至 9:00 停止占道。", "coordinate_decision": "again"}
    city.complete(task_at(city, case, "Coordinate"), answers, DRAFTER)
    sign_all(city, case, traffic_police={"countersign_vote": "agree"}, drainage={"countersign_vote": "abstain"})
    assert city.instance(case)["facts"]["countersign"]["passed"] is True
    assert "countersign_vote" not in city.instance(case)["facts"]

    issue = task_at(city, case, "Issue").ref
    with pytest.raises(Invalid):
        city.complete(issue, {"issue_number": "潜城管发〔2026〕12 号"}, ISSUER)  # not signed
    signed = signature.drawn(city.core, pictures.signature(1))
    completing.complete(city.core, issue, {"issue_number": "潜城管发〔2026〕12 号"}, ISSUER, signed=signed)
    heads = [city.actor(who).id for who in (POLICE_HEAD, DRAINAGE_HEAD)]
    copying.copy(city.core, case, heads, DRAFTER, how="circulate", note="请遵照执行")
    copying.read(city.core, case, POLICE_HEAD, opinion="已部署")
    assert {r["person_id"] for r in laws.rows(city, copy, case) if r["kind"] == "circulate"} == {
        *heads,
        city.actor(OFFICE).id,
    }
    city.complete(task_at(city, case, "Distribute"), {"distribute_note": "各会签单位"}, DRAFTER)
    assert (city.instance(case)["status"], city.instance(case)["outcome"]) == ("completed", "EndIssued")
    laws.check(city, case)


def test_what_is_not_to_be_issued_is_rejected(city: City) -> None:
    case = city.start("document", {**DRAFT, "countersign_units": None}, DRAFTER)
    city.complete(task_at(city, case, "Review"), {}, HEAD)
    issue = task_at(city, case, "Issue").ref
    with pytest.raises(NotAllowed):
        city.start("document", DRAFT, "pengshuisheng")  # an applicant is nobody's drafter
    rejecting.reject(city.core, issue, ISSUER, reason="与市政府文件重复，不再发文")
    assert city.instance(case)["status"] == "rejected"
    assert {r["state"] for r in laws.rows(city, task, case)} == {"completed", "rejected"}
    laws.check(city, case)
