"""占用、挖掘城市道路许可: every term of the law on the manual clock, with its article. It is Wednesday 10 June 2026, nine o'clock;
the working day ends at six, Friday 19 June is a holiday. The day on which a term begins does not count, its last day ends with business."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from engine import registers
from engine.clock import ManualClock
from engine.tables import notice
from escalation import asking
from escalation.tables import clock_entry
from forms.errors import InvalidAnswers
from tests.laws import check, rows
from tests.stories.permits import DAY, GOVERNMENT, MAYOR, WINDOW, apply, do, facts, nodes, reviewed
from tests.stories.terms import at, clock_of, due, go
from web.city import City

SECOND = DAY / 86400


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    check(city)


def accepted(city: City, **other: Any) -> int:
    case = apply(city, **other)
    do(city, case, "Accept")
    return case


class TestAcceptance:
    """行政许可法 32: at once, or once within five working days, what is missing."""

    def test_silence_for_5_working_days_is_acceptance_from_the_day_of_receipt_art_32(
        self, city: City, clock: ManualClock
    ) -> None:
        """行政许可法 32 (1)(4), 82: the term of the decision began on the day of receipt."""
        case = apply(city)
        received = clock.now()
        assert due(city, case, "accept") == at(6, 17)
        go(city, clock, at(6, 17) - SECOND)
        assert nodes(city, case) == ["Accept"]
        go(city, clock, at(6, 17) + SECOND)
        assert nodes(city, case) == ["MunicipalReview", "TrafficReview"]
        known = facts(city, case)
        assert known["deemed"] is True
        assert datetime.fromisoformat(known["accepted_at"]) == received
        assert (clock_of(city, case, "case")["started_at"], due(city, case)) == (received, at(7, 9))
        assert clock_of(city, case, "accept")["breached_at"] is not None
        told = [r for r in rows(city, notice) if "视为受理" in str(r["data"])]
        assert len(told) == 1  # the head of the window

    def test_paper_counts_from_the_day_the_window_received_it_art_32(self, city: City, clock: ManualClock) -> None:
        """行政许可法 32 (1)(4): the five days, and by silence the twenty, begin with the papers; never in the future."""
        case = apply(city, by=WINDOW, received_on="2026-06-05")  # a Friday
        assert due(city, case, "accept") == at(6, 12)
        go(city, clock, at(6, 12) + SECOND)
        assert (facts(city, case)["deemed"], due(city, case)) == (True, at(7, 6))
        ahead = apply(city, by=WINDOW, received_on="2026-06-30", begins_m=300, ends_m=310)
        assert due(city, ahead, "accept") == at(6, 22)  # as of now: Friday 12 June after business

    def test_what_is_missing_is_said_once_art_32(self, city: City, clock: ManualClock) -> None:
        """行政许可法 32 (1)(4): once, all of it; (5): what was supplied is accepted or not, and no more is asked for."""
        case = apply(city, title="给水管")
        go(city, clock, at(6, 17) - SECOND)
        do(city, case, "Accept", accept_decision="supplement", missing="设计文件")
        go(city, clock, at(6, 24, 9, 0))
        do(city, case, "Supplement", finish_on="2026-08-10")
        assert due(city, case, "accept") == at(7, 1)  # five more from what was supplied
        with pytest.raises(InvalidAnswers):
            do(city, case, "Accept", accept_decision="supplement", missing="还有一份")
        do(city, case, "Accept")
        assert due(city, case) == at(7, 22)  # twenty from acceptance
        assert facts(city, case)["days"] == 15

    def test_what_is_not_supplied_is_withdrawn(self, city: City, clock: ManualClock) -> None:
        """Proposal: the law gives the applicant no term (行政许可法 32 speaks of the authority's)."""
        case = apply(city)
        do(city, case, "Accept", accept_decision="supplement", missing="设计文件")
        go(city, clock, at(7, 9) - SECOND)
        assert nodes(city, case) == ["Supplement"]
        go(city, clock, at(7, 9))
        assert city.instance(case)["outcome"] == "EndWithdrawn"

    def test_what_is_not_accepted_has_a_reason_art_32(self, city: City) -> None:
        """行政许可法 32 (1)(1), (2): at once, with the reason."""
        case = apply(city)
        with pytest.raises(InvalidAnswers):
            do(city, case, "Accept", accept_decision="refuse")
        do(city, case, "Accept", accept_decision="refuse", not_accepted_reason="不属于城市道路")
        assert city.instance(case)["outcome"] == "EndNotAccepted"


class TestDecision:
    """行政许可法 42: twenty working days and ten, or forty-five and fifteen."""

    def test_20_working_days_art_42(self, city: City, clock: ManualClock) -> None:
        """行政许可法 42 (1), 82."""
        case = accepted(city)
        assert due(city, case) == at(7, 9)
        go(city, clock, at(7, 9) - SECOND)
        assert clock_of(city, case, "case")["breached_at"] is None
        go(city, clock, at(7, 9) + SECOND)
        assert clock_of(city, case, "case")["breached_at"] == at(7, 9)
        reviewed(city, case)
        assert clock_of(city, case, "case")["stopped_at"] == at(7, 9) + SECOND

    def test_10_more_with_the_heads_approval_told_to_the_applicant_art_42(self, city: City, clock: ManualClock) -> None:
        """行政许可法 42 (1): approved by the agency's head within the term, the reason told to the applicant."""
        case = accepted(city)
        go(city, clock, at(7, 2) - SECOND)
        assert "Extend" not in nodes(city, case)
        go(city, clock, at(7, 2))  # five working days before its end
        assert [(t.unit, t.node) for t in city.tasks(case)][-1] == ("city_management_bureau", "Extend")
        with pytest.raises(InvalidAnswers):
            do(city, case, "Extend", extend_reason=None)
        do(city, case, "Extend")
        assert (due(city, case), facts(city, case)["term_amount"]) == (at(7, 23), 30)
        do(city, case, "TellExtension")
        assert [r["kind"] for r in rows(city, clock_entry, case)] == ["budget"]
        reviewed(city, case)  # the tasks of the extension are gone with the decision
        assert nodes(city, case) == ["Issue"]

    def test_no_extension_after_the_term_art_42(self, city: City, clock: ManualClock) -> None:
        """行政许可法 42 (1): what is late already is not made good."""
        case = accepted(city)
        go(city, clock, at(7, 9, 18, 1))
        do(city, case, "Extend")
        assert (due(city, case), facts(city, case)["extended"]) == (at(7, 9), False)
        assert nodes(city, case) == ["MunicipalReview", "TrafficReview"]

    def test_45_working_days_and_15_more_where_it_is_handled_jointly_art_26_42(
        self, city: City, clock: ManualClock
    ) -> None:
        """行政许可法 26, 42 (2): which applies is a setting by permit; the government's head approves the extension."""
        found = registers.rows(city.core, "permit_terms")
        for row in found:
            if row["permit"] == "excavation" and row["term"] in ("decide", "extend"):
                row["applies"] = row["variant"] == "joint"
        registers.load(city.core, "permit_terms", "key", found)
        case = accepted(city)
        assert due(city, case) == at(8, 13)
        go(city, clock, at(8, 6))
        assert [(t.unit, t.node) for t in city.tasks(case)][-1] == (GOVERNMENT, "Extend")
        do(city, case, "Extend", by=MAYOR)
        assert due(city, case) == at(9, 3, 17, 30)  # winter hours from September

    def test_hearing_and_expert_review_do_not_count_and_the_applicant_is_told_art_45(
        self, city: City, clock: ManualClock
    ) -> None:
        """行政许可法 45: their time is not counted; how long it takes is told in writing."""
        case = accepted(city)
        task = next(t for t in city.tasks(case) if t.node == "MunicipalReview")
        go(city, clock, at(6, 11, 9, 0))
        answers = {
            "request_ground": "expert_review",
            "request_document": "专家评审通知〔2026〕3 号",
            "request_reason": "管线交叉，须专家评审",
            "request_until": "2026-06-30",
        }
        about = f"municipal.{task.ref.partition('.')[2]}"
        request = int(asking.ask(city.core, "clock_suspension", case, about, "xiaoyutong", answers=answers)["instance"])
        city.run_due()
        for node, who, said in (
            ("Department", "jiangweimin", {"department_decision": "approve"}),
            ("Decide", "yuhaiyan", {"decision": "approve"}),
        ):
            city.complete(next(t for t in city.tasks(request) if t.node == node), said, who)
            city.run_due()
        assert clock_of(city, case, "case")["due_at"] is None
        inform = next(t for t in city.tasks(request) if t.node == "Inform")
        city.complete(inform, {"told_how": "direct", "told_on": "2026-06-11", "told_document": "告知书 3 号"}, WINDOW)
        go(city, clock, at(7, 1, 9, 0))  # the day after its last
        assert city.instance(request)["outcome"] == "EndResumed"
        assert due(city, case) == at(7, 28)  # twenty are left: the pause ended with 30 June, and 1 July counts
        go(city, clock, at(7, 2))
        go(city, clock, at(7, 21) - SECOND)
        assert "Extend" not in nodes(city, case), (
            "five working days before the end as it is now, not as it was (2 July)"
        )
        go(city, clock, at(7, 21))
        assert "Extend" in nodes(city, case)

    def test_a_refusal_has_reasons_and_is_delivered_art_38(self, city: City) -> None:
        """行政许可法 38: the reasons, and the ways of review."""
        case = accepted(city)
        do(city, case, "MunicipalReview", "TrafficReview")
        with pytest.raises(InvalidAnswers):
            do(city, case, "Decide", decision="refuse")
        do(city, case, "Decide", decision="refuse", decision_note="影响主干道通行")
        assert due(city, case, "refusal") == at(6, 25)
        do(city, case, "DeliverRefusal")
        assert city.instance(case)["outcome"] == "EndRefused"


class TestDelivery:
    """行政许可法 44."""

    def test_10_working_days_from_the_decision_art_44(self, city: City, clock: ManualClock) -> None:
        """行政许可法 44, 82: the permit is delivered within ten working days of the decision; 条例 37: once the fee is paid."""
        case = accepted(city)
        reviewed(city, case)
        assert due(city, case, "issue") == at(6, 25)
        with pytest.raises(InvalidAnswers):
            do(city, case, "Issue", fee_paid_on=None)
        go(city, clock, at(6, 25) + SECOND)
        assert clock_of(city, case, "issue")["breached_at"] is not None


def test_every_limit_is_a_row_with_its_article(city: City) -> None:
    """What a diagram counts by stands in `permit_terms`: changed there, it counts so."""
    found = registers.rows(city.core, "permit_terms")
    mine = [row for row in found if row["permit"] in ("excavation", "emergency_dig")]
    assert all(row["article"] and row["source"] for row in mine)
    assert {(r["term"], r["amount"]) for r in mine if r["article"].startswith(("行政许可法", "城市道路管理条例"))} == {
        ("correction", 5),
        ("decide", 20),
        ("extend", 10),
        ("decide", 45),
        ("extend", 15),
        ("deliver", 10),
        ("moratorium_new", 5),
        ("moratorium_overhaul", 3),
        ("papers", 24),
    }
    for row in found:
        if row["key"] == "excavation.decide.single":
            row["amount"] = 7  # a promised limit
    registers.load(city.core, "permit_terms", "key", found)
    assert due(city, accepted(city)) == at(6, 22)
