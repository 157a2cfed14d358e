"""An outdoor advertisement from the application to the removal, on the manual clock: every legal limit with its article."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine import certificates, registers
from engine.errors import LiandongError
from engine.tables import incident
from escalation import asking
from escalation.tables import clock, clock_entry
from forms.errors import InvalidAnswers
from tests import laws
from tests.stories.advertising import (
    BRIGADE,
    CHECKER,
    CONSENTER,
    DAY,
    HEAD,
    OFFICER,
    OTHER_CHECKER,
    OTHER_OFFICER,
    OTHER_REVIEWER,
    REVIEWER,
    WINDOW,
    applied,
    do,
    due,
    facts,
    granted,
    nodes,
    of,
    to,
)
from tests.stories.hearings import JUSTICE
from tests.stories.permits import MAYOR
from web.city import City
from web.setting_up import read_table
from web.wiring import PROCESSES

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # that steps are the same on both databases is shown where they are tested


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    laws.check(city)
    assert laws.rows(city, incident) == []


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def states(city: City, case: int) -> list[tuple[str, str]]:
    """The certificates of a case: id and state, oldest first."""
    return [(row["id"], row["state"]) for row in certificates.of_instance(city.core, case)]


def told(city: City, case: int, kind: str) -> list[dict[str, Any]]:
    return [row for row in city.trail(case) if row["kind"] == kind]


# ---------------------------------------------------------------- taking in


def test_silence_for_five_working_days_is_acceptance_from_the_day_of_receipt(city: City) -> None:
    """行政许可法 32 (1)(4), 82; and so the twenty days of 42 begin in the past."""
    case = applied(city)  # Wednesday 10 June
    assert due(city, case, "accept") == at("2026-06-17T18:00"), "five working days, the first not counted"
    to(city, at("2026-06-17T17:59"))
    assert nodes(city, case) == ["Accept"]
    to(city, at("2026-06-17T18:01"))
    assert nodes(city, case) == ["Consent"]
    known = facts(city, case)
    assert (known["deemed_accepted"], known["accepted_at"]) == (True, known["received_at"])
    assert known["deemed_article"] == "行政许可法第三十二条第一款第四项"
    assert due(city, case, "case") == at("2026-07-09T18:00"), "20 working days from the 10th, Dragon Boat Day left out"
    assert due(city, case, "promise") == at("2026-06-22T18:00"), "泰安 16: seven"


def test_papers_received_earlier_count_from_their_day(city: City) -> None:
    case = applied(city, received_on="2026-06-05")
    assert due(city, case, "accept") == at("2026-06-12T18:00")
    do(city, case, "Accept")
    assert due(city, case, "case") > at("2026-07-08T00:00"), "accepted by a person: from that day"


def test_what_is_missing_is_said_once(city: City) -> None:
    """32 (1)(4) and (5): one notice; after the supplement only yes or no, and silence is yes again."""
    case = applied(city)
    with pytest.raises(InvalidAnswers):
        do(city, case, "Accept", accept_decision="supplement")
    do(city, case, "Accept", accept_decision="supplement", missing="场地使用权证明")
    city.advance(6 * DAY)
    assert nodes(city, case) == ["Supplement"], "the applicant's time is not the agency's"
    assert not [r for r in laws.rows(city, clock, case) if r["name"] == "case"], "not accepted yet: no term runs"
    do(city, case, "Supplement")
    with pytest.raises(InvalidAnswers):
        do(city, case, "AcceptAgain", accept_again_decision="supplement")
    supplied = city.world().now
    city.advance(9 * DAY)
    assert nodes(city, case) == ["Consent"]
    assert datetime.fromisoformat(facts(city, case)["accepted_at"]) == supplied


def test_what_needs_no_permit_is_told_at_once(city: City) -> None:
    """32 (1)(1) and (2)."""
    for decision in ("not_needed", "not_ours"):
        case = applied(city)
        do(city, case, "Accept", accept_decision=decision, not_accepted_reason="非大型户外广告")
        assert city.instance(case)["outcome"] == "EndNotAccepted"


def test_nothing_supplied_counts_as_withdrawn(city: City) -> None:
    case = applied(city)
    do(city, case, "Accept", accept_decision="supplement", missing="效果图")
    city.advance(40 * DAY)
    assert city.instance(case)["outcome"] == "EndWithdrawn"


# ---------------------------------------------------------------- deciding


def test_no_grant_without_the_consent(city: City) -> None:
    """市容条例 11 (2), 行政许可法 34 (3): the city-appearance authority first, two officers on the spot, then another decides."""
    case = applied(city)
    do(city, case, "Accept")
    do(city, case, "Consent", consent_opinion="disagree", consent_note="不符合专项规划")
    with pytest.raises(InvalidAnswers):
        do(city, case, "SiteCheck", officers=[CHECKER])
    do(city, case, "SiteCheck")
    do(city, case, "Decide")
    assert nodes(city, case) == ["Decide"], "a grant against the consent comes to nothing"
    do(city, case, "Decide", decision="refuse", decision_note="未获市容环卫部门同意")
    assert due(city, case, "refusal") == at("2026-06-25T18:00"), (
        "44: ten working days to deliver, Dragon Boat Day left out"
    )
    with pytest.raises(InvalidAnswers):
        do(city, case, "DeliverRefusal", WINDOW, delivered_how="direct", delivered_on="2026-06-11")
    do(city, case, "DeliverRefusal", WINDOW, delivered_how="direct", delivered_on="2026-06-11", rights_told=True)
    assert (city.instance(case)["outcome"], states(city, case)) == ("EndRefused", [])


def test_an_ordinary_one_needs_no_consent(city: City) -> None:
    case = applied(city, ad_type="ordinary", width_m=2, height_m=1)
    do(city, case, "Accept")
    assert nodes(city, case) == ["SiteCheck"]


def test_the_decision_takes_twenty_days_and_ten_more_once_by_the_head(city: City) -> None:
    """行政许可法 42 (1): approved by the agency's head, the reason told; only once."""
    case = applied(city)
    for node in ("Accept", "Consent", "SiteCheck"):
        do(city, case, node)
    assert due(city, case, "case") == at("2026-07-09T18:00")
    with pytest.raises(InvalidAnswers):
        do(city, case, "Decide", decision="extend")
    do(city, case, "Decide", decision="extend", decision_note="须专家评估结构")
    with pytest.raises(LiandongError):
        do(city, case, "ApproveExtension", OTHER_REVIEWER, extension_decision="approve")
    do(city, case, "ApproveExtension", HEAD, extension_decision="approve")
    assert nodes(city, case) == ["Decide"]
    assert due(city, case, "case") == at("2026-07-23T18:00"), "thirty working days from the acceptance, not from now"
    do(city, case, "Decide", decision="extend", decision_note="再延")
    assert nodes(city, case) == ["Decide"], "once"
    to(city, at("2026-07-24T09:00"))
    (row,) = [r for r in laws.rows(city, clock, case) if r["name"] == "case"]
    assert row["breached_at"] is not None, "late is late; no permit comes of it"
    assert nodes(city, case) == ["Decide"]


def test_joint_handling_is_a_row(city: City) -> None:
    """行政许可法 26, 42 (2): 45 + 15 where the city says that it is handled jointly; the government's head approves."""
    found = read_table("permit_terms", PROCESSES / "registers")
    rows = [{**row, "amount": float(row["amount"]), "applies": row["variant"] != "single"} for row in found]
    registers.load(city.core, "permit_terms", "key", rows)
    case = applied(city)
    for node in ("Accept", "Consent", "SiteCheck"):
        do(city, case, node)
    assert due(city, case, "case") == at("2026-08-13T18:00")
    do(city, case, "Decide", decision="extend", decision_note="须两部门会商")
    assert [(t.unit, t.node) for t in city.tasks(case)] == [("city_government", "ApproveExtension")]
    with pytest.raises(LiandongError):
        do(city, case, "ApproveExtension", HEAD, extension_decision="approve")
    do(city, case, "ApproveExtension", MAYOR, extension_decision="approve")
    assert due(city, case, "case") == at("2026-09-03T17:30"), "sixty in all; winter hours from September"


def test_a_city_gives_it_to_another_bureau_by_editing_rows(city: City) -> None:
    """Who consents, checks and decides stands in `permit_terms.approver`; so does the unit of time."""
    found = registers.rows(city.core, "permit_terms")
    for row in found:
        if row["key"] == "advertising.check":
            row["approver"], row["unit"] = "enforcement_brigade", "natural_day"
    registers.load(city.core, "permit_terms", "key", found)
    case = applied(city, ad_type="ordinary")
    do(city, case, "Accept")
    (task,) = city.tasks(case)
    assert (task.node, task.unit) == ("SiteCheck", "enforcement_brigade")
    assert due(city, case, "check") == at("2026-06-16T00:00")
    do(city, case, "SiteCheck", OFFICER, officers=[OFFICER, OTHER_OFFICER], site_result="ok")
    assert nodes(city, case) == ["Decide"]


def test_what_is_late_is_not_extended(city: City) -> None:
    """行政许可法 42 (1): within the term; approved after its end, it changes nothing."""
    case = applied(city)
    for node in ("Accept", "Consent", "SiteCheck"):
        do(city, case, node)
    do(city, case, "Decide", decision="extend", decision_note="须专家评估结构")
    to(city, at("2026-07-09T18:01"))
    do(city, case, "ApproveExtension", HEAD, extension_decision="approve")
    assert (nodes(city, case), due(city, case, "case")) == (["Decide"], at("2026-07-09T18:00"))
    assert "extended" not in facts(city, case)


def test_it_is_valid_no_longer_than_its_kind_allows(city: City) -> None:
    """新乡 16: electronic displays five years, others three; 泰安 21: temporary ones thirty days."""
    for kind, until, remove in (("led", "2031-06-19", 10), ("large", "2029-06-19", 10), ("temporary", "2026-07-19", 2)):
        case = granted(city, ad_type=kind, **({"event_name": "龙虾节"} if kind == "temporary" else {}))
        known = facts(city, case)
        assert (known["valid_from"], known["valid_until"], known["remove_days"]) == ("2026-06-20", until, remove)
        assert states(city, case) == [("advertising", "valid")]


# ---------------------------------------------------------------- in force


def test_renewal_asked_in_time_and_not_decided_is_renewed_by_silence(city: City) -> None:
    """行政许可法 50 (2): no decision before it expires, and it is deemed renewed; the article stands on the new permit."""
    case = granted(city, ad_type="ordinary", wanted_until="2026-11-30")  # shorter than a safety test's year
    to(city, at("2026-10-01T08:59"))
    assert nodes(city, case) == []
    to(city, at("2026-10-01T09:01"))
    assert nodes(city, case) == ["AskRenewal"], "sixty days ahead it is offered"
    do(city, case, "AskRenewal", renewal_until="2027-05-31")
    assert due(city, case, "renewal") == at("2026-12-01T00:00"), "before it expires, whatever the days"
    to(city, at("2026-11-30T23:59"))
    assert nodes(city, case) == ["DecideRenewal"]
    to(city, at("2026-12-01T00:01"))
    known = facts(city, case)
    assert (known["renewal_by"], known["renewal_article"]) == ("silence", "行政许可法第五十条第二款")
    assert (known["valid_from"], known["valid_until"]) == ("2026-12-01", "2027-05-31")
    assert states(city, case) == [("advertising", "replaced"), ("renewal_1", "valid")]
    new = certificates.of_instance(city.core, case)[-1]
    assert {"zh": "延续依据", "en": "Renewed under", "value": "行政许可法第五十条第二款"} in new["data"]["lines"]
    (row,) = [r for r in laws.rows(city, clock, case) if r["name"] == "renewal"]
    assert row["breached_at"] is not None, "and the agency was late"


def test_renewal_is_asked_for_thirty_days_ahead_or_not_at_all(city: City) -> None:
    """行政许可法 50 (1). What ends is removed; two days for a temporary one (新乡 17)."""
    case = granted(city, ad_type="ordinary", wanted_until="2026-11-30")
    to(city, at("2026-10-31T23:59"))
    assert nodes(city, case) == ["AskRenewal"], "thirty days before the 30th of November"
    to(city, at("2026-11-01T00:01"))
    assert nodes(city, case) == []
    to(city, at("2026-12-01T00:01"))
    assert (nodes(city, case), facts(city, case)["over_reason"]) == (["Remove"], "expired")
    assert due(city, case, "remove") == at("2026-12-11T00:00"), "ten days (新乡 16)"


def test_renewed_and_refused_by_decision(city: City) -> None:
    case = granted(city, ad_type="large", wanted_until="2026-11-30")
    to(city, at("2026-10-02T09:00"))
    do(city, case, "AskRenewal", renewal_until="2033-01-01")
    with pytest.raises(LiandongError):
        do(city, case, "DecideRenewal", CONSENTER, renewal_opinion="grant")
    do(city, case, "DecideRenewal")
    assert facts(city, case)["valid_until"] == "2029-11-30", "three years more at most"
    assert facts(city, case)["renewal_by"] == "decision"
    to(city, at("2029-10-02T09:00"), timedelta(days=200))
    assert "AskRenewal" in nodes(city, case), "and again"


def test_a_missed_safety_test_becomes_exactly_one_case_and_suspends(city: City) -> None:
    """新乡 27 (every year), domain A4.1 #15: it falls due by itself; missed, it is one case, and the permit is suspended."""
    case = granted(city)
    to(city, at("2027-06-20T08:59"), timedelta(days=100))
    assert nodes(city, case) == []
    to(city, at("2027-06-20T09:01"))
    assert nodes(city, case) == ["HandIn"]
    to(city, at("2027-07-18T23:00"))
    assert (states(city, case), of(city, "case_dispatch")) == ([("advertising", "valid")], [])
    to(city, at("2027-09-30T09:00"), timedelta(days=40))
    assert nodes(city, case) == ["LateReport"]
    (dispatched,) = of(city, "case_dispatch")
    known = facts(city, dispatched)
    assert (known["source"], known["area"]) == ("permit", "zhanghua")
    assert known["title"] == "户外广告逾期未做安全检测：章华中路商场外墙电子屏"
    assert nodes(city, dispatched) == ["File"], "no collector verifies what the register knows"
    assert states(city, case) == [("advertising", "suspended")]
    report = {"report_maker": "省建科院", "report_on": "2027-09-20", "report_files": []}
    with pytest.raises(InvalidAnswers):
        do(city, case, "LateReport", WINDOW, **report, report_verdict="safe")
    hand_in(city, case, "LateReport")
    do(city, case, "Judge", judge_result="fail", judge_note="焊缝锈蚀，须整改")
    assert (nodes(city, case), len(of(city, "case_dispatch"))) == (["LateReport"], 1), "the case that is open is enough"
    hand_in(city, case, "LateReport")
    do(city, case, "Judge")
    assert states(city, case) == [("advertising", "valid")]
    assert facts(city, case)["inspect_at"] == "2028-06-20T09:00:00+08:00", "who is late does not move the next one"


def test_a_test_in_time_makes_no_case_and_an_unsafe_one_does(city: City) -> None:
    case = granted(city)
    to(city, at("2027-06-21T09:00"), timedelta(days=100))
    hand_in(city, case, "HandIn")
    do(city, case, "Judge")
    assert (of(city, "case_dispatch"), states(city, case)) == ([], [("advertising", "valid")])
    to(city, at("2028-06-21T09:00"), timedelta(days=100))
    hand_in(city, case, "HandIn", report_verdict="unsafe")
    do(city, case, "Judge", judge_result="fail", judge_note="螺栓松动")
    assert [facts(city, c)["title"] for c in of(city, "case_dispatch")] == [
        "户外广告安全检测不合格：章华中路商场外墙电子屏"
    ]
    assert states(city, case) == [("advertising", "suspended")]


def hand_in(city: City, case: int, node: str, **more: Any) -> None:
    paper = city.accept("report.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    task = next(t for t in city.tasks(case) if t.node == node)
    answers = {
        "report_maker": "省建科院",
        "report_on": "2027-06-20",
        "report_verdict": "safe",
        "report_files": [paper.id],
        **more,
    }
    city.complete(task, answers, WINDOW, accepted=[paper])
    city.run_due()


# ---------------------------------------------------------------- changes, and the end


def test_a_change_gives_another_permit_and_an_end_takes_it(city: City) -> None:
    """行政许可法 49, 8 (withdrawn for the public interest, told thirty days ahead: 新乡 18), 69, 70."""
    case = granted(city)
    number = city.instance(case)["number"]
    change = {"case_number": number, "title": "章华中路商场外墙电子屏", "end_reason": "缩小画面"}
    asked = city.start("advertising_change", {**change, "change_kind": "change", "width_m": 6, "height_m": 4}, WINDOW)
    do(city, asked, "Consent", CONSENTER, consent_opinion="agree")
    do(city, asked, "Decide", REVIEWER, change_opinion="grant")
    assert city.instance(asked)["outcome"] == "EndChanged"
    assert (states(city, case), facts(city, case)["width_m"]) == (
        [("advertising", "replaced"), ("change_1", "valid")],
        6,
    )
    with pytest.raises(InvalidAnswers):
        city.start("advertising_change", {**change, "change_kind": "withdraw"}, WINDOW)
    paper = {"notice_told_on": "2026-06-11", "compensation": "按评估补偿"}
    ending = city.start("advertising_change", {**change, "change_kind": "withdraw", **paper}, CONSENTER)
    do(city, ending, "Decide", REVIEWER, change_opinion="grant")
    to(city, at("2026-07-13T23:59"))
    assert (nodes(city, case), states(city, case)[-1][1]) == ([], "valid"), "thirty days, and the last is a Saturday"
    to(city, at("2026-07-14T00:01"))
    assert nodes(city, case) == ["Remove"]
    assert states(city, case)[-1] == ("change_1", "revoked")
    assert facts(city, case)["over_reason"] == "withdrawn"


def test_the_terms_of_a_change_are_rows(city: City) -> None:
    """行政许可法 42, 49; 市容条例 11: five working days for the consent, twenty for the decision, unless the city says otherwise. A notice
    that is old enough holds nothing up (新乡 18), and an end for another reason waits for no notice."""
    number = city.instance(granted(city))["number"]
    change = {"case_number": number, "title": "章华中路商场外墙电子屏", "end_reason": "缩小画面"}
    size = {"change_kind": "change", "width_m": 6, "height_m": 4}
    asked = city.start("advertising_change", {**change, **size}, WINDOW)
    assert due(city, asked, "consent") == at("2026-06-17T18:00")
    do(city, asked, "Consent", CONSENTER, consent_opinion="agree")
    assert due(city, asked, "decide") == at("2026-07-09T18:00")
    found = registers.rows(city.core, "permit_terms")
    for row in found:
        row["amount"] = 2 if row["permit"] == "advertising_change" else row["amount"]
    registers.load(city.core, "permit_terms", "key", found)
    asked = city.start("advertising_change", {**change, **size}, WINDOW)
    assert due(city, asked, "consent") == at("2026-06-12T18:00")
    told = {"notice_told_on": "2026-06-01", "compensation": "按评估补偿"}
    for kind, paper in (("withdraw", told), ("cancel", {})):
        asked = city.start("advertising_change", {**change, "change_kind": kind, **paper}, CONSENTER)
        assert due(city, asked, "decide") == at("2026-06-12T18:00")
        do(city, asked, "Decide", REVIEWER, change_opinion="grant")
        assert city.instance(asked)["outcome"] == "EndEnded"


def test_what_is_not_removed_is_punished_within_the_limits(city: City) -> None:
    """市容条例 36; 行政处罚法 44, 45, 60 (ninety calendar days), 61 (seven working days), 64 (five working days to ask for a hearing)."""
    case = granted(city, ad_type="temporary", event_name="龙虾节", wanted_from="2026-06-10", wanted_until="2026-06-20")
    to(city, at("2026-06-21T00:01"))
    assert nodes(city, case) == ["Remove"]
    to(city, at("2026-06-23T00:01"))
    assert nodes(city, case) == ["CheckRemoval"], "two days (新乡 17), told or not"
    do(city, case, "CheckRemoval", removal_result="standing", removal_note="仍在原处")
    (punishment,) = of(city, "enforcement")
    assert facts(city, punishment)["origin"] == str(case)
    do(city, punishment, "File", BRIGADE, file_decision="file")
    filed = city.world().now
    ninety = due(city, punishment, "case")
    assert timedelta(days=90) <= ninety - filed < timedelta(days=92), "calendar days: art. 85 does not name ninety"
    inquiry = {"officers": [OFFICER, OTHER_OFFICER], "inquiry_text": "现场勘验、询问", "proposal": "punish"}
    do(city, punishment, "Inquire", OFFICER, **inquiry)
    do(city, punishment, "Notice", OFFICER, intended="责令拆除，罚款一万元", notice_on="2026-06-23")
    assert nodes(city, punishment) == ["Hear"], "no decision while a hearing may be asked for (44, 62)"
    assert due(city, punishment, "hear") == at("2026-06-30T18:00")
    to(city, at("2026-06-30T18:01"))
    do(city, punishment, "LegalReview", REVIEWER, legal_review="pass")
    with pytest.raises(LiandongError):
        do(city, punishment, "Decide", OFFICER, penalty_decision="punish", penalty_text="罚款", penalty_number="1")
    do(
        city,
        punishment,
        "Decide",
        HEAD,
        penalty_decision="punish",
        penalty_text="罚款一万元",
        penalty_number="潜城罚〔2026〕9号",
    )
    assert due(city, punishment, "serve") - city.world().now < timedelta(days=10)
    assert due(city, punishment, "serve") == at("2026-07-09T18:00"), "seven working days"
    do(city, punishment, "Serve", OFFICER, served_how="direct", served_on="2026-07-01")
    assert nodes(city, case) == [], "the permit waits"
    do(city, punishment, "Perform", OFFICER, done="done")
    assert (city.instance(punishment)["outcome"], city.instance(case)["outcome"]) == ("EndTold", "EndRemoved")
    assert facts(city, case)["enforcement_outcome"] == "已处罚：潜城罚〔2026〕9号"


def test_a_hearing_is_held_by_others(city: City) -> None:
    """行政处罚法 63, 64 (2), (4), 85: told seven working days ahead, held by nobody who inquired; then 58: the legal review."""
    breach = {
        "title": "擅自设置大型户外广告",
        "party": "某公司",
        "area": "zhanghua",
        "place": "章华中路 1 号",
        "facts_text": "未经许可",
        "law_text": "市容条例第三十六条",
    }
    case = city.start("enforcement", breach, OFFICER)
    with pytest.raises(LiandongError):
        do(city, case, "File", OFFICER, file_decision="file")
    do(city, case, "File", BRIGADE, file_decision="file")
    do(city, case, "Inquire", OFFICER, officers=[OFFICER, OTHER_OFFICER], inquiry_text="属实", proposal="punish")
    do(city, case, "Notice", OFFICER, intended="罚款五万元", notice_on="2026-06-10")
    do(city, case, "Hear", OFFICER, heard="hearing")
    assert laws.rows(city, clock_entry, case) == [], "another unit agrees first"
    do(city, case, "ApproveStand", JUSTICE, stand_decision="approve")
    (entry,) = laws.rows(city, clock_entry, case)
    assert (entry["kind"], entry["ground"], entry["until"]) == ("paused", "penalty_hearing", at("2026-07-09T18:00"))
    do(city, case, "TellHearing", OTHER_CHECKER, hearing_told_on="2026-06-12", hearing_on="2026-06-24")
    assert nodes(city, case) == ["TellHearing"], "64 (2), 85: told seven working days ahead, Dragon Boat Day left out"
    known = facts(city, case)
    assert (known["hearing_problem"], known["hearing_earliest"]) == ("too_early", "2026-06-25")
    do(city, case, "TellHearing", OTHER_CHECKER, hearing_told_on="2026-06-12", hearing_on="2026-06-25")
    to(city, at("2026-06-24T23:59"))
    assert nodes(city, case) == [], "nobody holds it before its day"
    to(city, at("2026-06-25T09:00"))
    do(city, case, "Hearing", OTHER_CHECKER, hearing_text="当事人请求从轻")
    assert due(city, case, "case") == at("2026-09-24T00:00"), (
        "ninety days are left after the hearing, which does not count"
    )
    do(city, case, "LegalReview", REVIEWER, legal_review="back", legal_note="补充送达回证")
    assert nodes(city, case) == ["Inquire"]
    do(city, case, "Inquire", OFFICER, officers=[OFFICER, OTHER_OFFICER], inquiry_text="已补", proposal="none")
    assert city.instance(case)["outcome"] == "EndClosed"


def test_the_ninety_days_stand_for_an_appraisal_but_not_on_a_permits_ground(city: City) -> None:
    """行政处罚法 60; domain A2 #22: hearing, test, appraisal do not count, by the rows of `suspension_grounds` that name this process."""
    breach = {
        "title": "擅自设置",
        "party": "某公司",
        "area": "zhanghua",
        "place": "1 号",
        "facts_text": "无",
        "law_text": "第三十六条",
    }
    case = city.start("enforcement", breach, OFFICER)
    do(city, case, "File", BRIGADE, file_decision="file")
    answers = {"request_document": "鉴定委托书 1 号", "request_reason": "材质须鉴定", "request_until": "2026-06-30"}
    requests = []
    for ground in ("expert_review", "penalty_appraisal"):
        said = {**answers, "request_ground": ground}
        asked = asking.ask(city.core, "clock_suspension", case, "case.0", OFFICER, answers=said)
        city.run_due()
        requests.append(int(asked["instance"]))
    refused, taken = requests
    assert city.instance(refused)["outcome"] == "EndNotPossible"
    do(city, taken, "Department", BRIGADE, department_decision="approve")
    do(city, taken, "Decide", "yuhaiyan", decision="approve")
    assert due(city, case, "case") is None
    assert nodes(city, taken) == ["Stands"], "nobody applied, so nobody is told (art. 45 speaks of permits)"
    to(city, at("2026-07-01T09:00"))
    assert due(city, case, "case") == at("2026-09-29T00:00")
