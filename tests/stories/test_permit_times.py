"""What the three kinds of permits have in common on the manual clock, each limit with its article: late acceptance, time that does not
count, delivery, who may date an application back, what is approved too late. It is Wednesday 10 June 2026, nine o'clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from engine.clock import ManualClock
from engine.tables import notice
from escalation import asking
from forms.errors import InvalidAnswers
from tests.factories import task_at
from tests.laws import check, rows
from tests.stories import advertising, permits, test_waste
from tests.stories.advertising import CHECKER, HEAD, OTHER_CHECKER, REVIEWER, WASTE
from tests.stories.hearings import APPLICANT, DUE, hear
from tests.stories.permits import DAY
from tests.stories.terms import at, clock_of, due, go
from web.city import City

SECOND = DAY / 86400
WINDOW = "chengsiyuan"


@dataclass(frozen=True, slots=True)
class Permit:
    """A kind of permit: what is applied for, who examines it and what they say, and where it is delivered."""

    process: str
    asked: dict[str, Any]
    examined: tuple[tuple[str, str, dict[str, Any]], ...]
    decides: str
    deliver: str
    asks_pause: tuple[str, str, str]
    """Whose task it is about, who asks for the pause, and the head who agrees."""


EXCAVATION = Permit(
    "excavation_permit",
    permits.APPLIED,
    (
        ("TrafficReview", permits.TRAFFIC, {"traffic_opinion": "agree", "traffic_plan": "half"}),
        ("MunicipalReview", permits.MUNICIPAL, {"municipal_opinion": "agree"}),
    ),
    permits.DECIDES,
    "Issue",
    ("MunicipalReview", "xiaoyutong", "jiangweimin"),
)
ADVERTISING = Permit(
    "advertising_permit",
    {**advertising.APPLICATION, "ad_type": "ordinary"},
    (("SiteCheck", CHECKER, {"officers": [CHECKER, OTHER_CHECKER], "site_result": "ok"}),),
    REVIEWER,
    "Deliver",
    ("SiteCheck", CHECKER, HEAD),
)
WASTE_PERMIT = Permit(
    "waste_transport_permit",
    test_waste.APPLICATION,
    (("Review", WASTE, {"officers": [WASTE, CHECKER], "review_result": "agree"}),),
    REVIEWER,
    "Deliver",
    ("Review", WASTE, HEAD),
)
ALL = pytest.mark.parametrize("kind", [EXCAVATION, ADVERTISING, WASTE_PERMIT], ids=lambda kind: kind.process)
OTHERS = pytest.mark.parametrize("kind", [ADVERTISING, WASTE_PERMIT], ids=lambda kind: kind.process)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    check(city)


def nodes(city: City, case: int) -> list[str]:
    return sorted(t.node for t in city.tasks(case))


def do(city: City, case: int, node: str, who: str, **answers: Any) -> None:
    city.complete(task_at(city, case, node), answers, who)
    city.run_due()


def applied(city: City, kind: Permit, **more: Any) -> int:
    case = city.start(kind.process, {**kind.asked, **more}, WINDOW)
    city.run_due()
    return case


def accepted(city: City, kind: Permit) -> int:
    case = applied(city, kind)
    do(city, case, "Accept", WINDOW, accept_decision="accept")
    return case


def examined(city: City, kind: Permit, **found: Any) -> int:
    case = accepted(city, kind)
    for node, who, said in kind.examined[:-1]:
        do(city, case, node, who, **said)
    node, who, said = kind.examined[-1]
    do(city, case, node, who, **{**said, **found})
    return case


@ALL
def test_papers_that_lay_for_more_than_5_working_days_count_from_their_receipt_art_32(
    city: City, clock: ManualClock, kind: Permit
) -> None:
    """行政许可法 32 (1)(4), 42, 82: nothing was said in time, so it is accepted as of receipt and nobody may refuse it any more."""
    case = applied(city, kind, received_on="2026-06-01")
    known = city.instance(case)["facts"]
    assert "Accept" not in nodes(city, case)
    assert datetime.fromisoformat(known["accepted_at"]) == at(6, 1, 9)
    assert (clock_of(city, case)["started_at"], due(city, case)) == (at(6, 1, 9), at(6, 30))


@ALL
def test_only_the_window_says_when_papers_came_in(city: City, kind: Permit) -> None:
    """Whoever applies would else date their application back and have it accepted by silence."""
    with pytest.raises(InvalidAnswers):
        city.start(kind.process, {**kind.asked, "received_on": "2026-06-01"}, APPLICANT)
    assert city.start(kind.process, kind.asked, APPLICANT)


@ALL
def test_it_is_delivered_within_10_working_days_of_being_granted_art_44(
    city: City, clock: ManualClock, kind: Permit
) -> None:
    """行政许可法 44, 82."""
    case = examined(city, kind)
    do(city, case, "Decide", kind.decides, decision="grant")
    assert nodes(city, case) == [kind.deliver]
    name = "issue" if kind is EXCAVATION else "deliver"
    assert due(city, case, name) == at(6, 25)
    go(city, clock, at(6, 25) + SECOND)
    assert clock_of(city, case, name)["breached_at"] == at(6, 25)


@OTHERS
def test_expert_review_does_not_count_and_the_applicant_is_told_art_45(
    city: City, clock: ManualClock, kind: Permit
) -> None:
    """行政许可法 45: its time is not counted; how long it takes is told in writing, within a row of `permit_terms`."""
    case = accepted(city, kind)
    node, who, head = kind.asks_pause
    task = next(t for t in city.tasks(case) if t.node == node)
    go(city, clock, at(6, 11, 9))
    answers = {
        "request_ground": "expert_review",
        "request_document": "专家评审通知〔2026〕3 号",
        "request_reason": "结构安全须专家评审",
        "request_until": "2026-06-30",
    }
    assert task.ref
    request = int(asking.ask(city.core, "clock_suspension", case, "case.0", who, answers=answers)["instance"])
    city.run_due()
    if "Department" in nodes(city, request):
        do(city, request, "Department", head, department_decision="approve")
    do(city, request, "Decide", "yuhaiyan", decision="approve")
    assert clock_of(city, case)["due_at"] is None
    assert due(city, request, "inform") == at(6, 12)
    do(city, request, "Inform", WINDOW, told_how="direct", told_on="2026-06-11", told_document="告知书 3 号")
    go(city, clock, at(7, 1, 9))
    assert due(city, case) == at(7, 28)


@OTHERS
def test_a_hearing_does_not_count_either_and_the_decision_rests_on_its_record_art_45_48(
    city: City, clock: ManualClock, kind: Permit
) -> None:
    """行政许可法 45, 47, 48: told, asked for, held by others, decided on the record."""
    case = examined(city, kind, **DUE)
    assert nodes(city, case) == ["TellRight"]
    hear(city, case, "TellRight")
    hear(city, case, "AskHearing", by=WINDOW)
    hear(city, case, "ApproveStand")
    assert due(city, case) is None
    host = OTHER_CHECKER
    hear(city, case, "TellHearing", by=host)
    go(city, clock, at(6, 24, 9))
    hear(city, case, "HoldHearing", by=host)
    assert due(city, case) == at(7, 22)  # twenty were left, from the day after
    with pytest.raises(InvalidAnswers):
        do(city, case, "Decide", kind.decides, decision="grant")
    do(city, case, "Decide", kind.decides, decision="grant", decision_on_record="采纳听证意见")
    assert nodes(city, case) == [kind.deliver]


@ALL
def test_an_extension_approved_after_the_term_says_so_art_42(city: City, clock: ManualClock, kind: Permit) -> None:
    """行政许可法 42 (1): within the term; whoever approved hears that it came to nothing."""
    case = examined(city, kind) if kind is not EXCAVATION else accepted(city, kind)
    if kind is EXCAVATION:
        node, answers = "Extend", {"extend_decision": "extend", "extend_reason": "会商"}
    else:
        do(city, case, "Decide", kind.decides, decision="extend", decision_note="会商")
        node, answers = "ApproveExtension", {"extension_decision": "approve"}
    go(city, clock, at(7, 9, 18, 1))
    do(city, case, node, HEAD, **answers)
    assert due(city, case) == at(7, 9)
    told = [r for r in rows(city, notice) if "届满后的延长批准不起作用" in str(r["data"])]
    assert len(told) == 1


def test_renewed_by_silence_exactly_when_it_expires_art_50(city: City, clock: ManualClock) -> None:
    """行政许可法 50 (2): before it expires the agency may decide; with the last moment of its last day silence renews it."""
    case = advertising.granted(city, ad_type="ordinary", wanted_until="2026-12-31")
    advertising.to(city, at(11, 10, 9))
    advertising.do(city, case, "AskRenewal", renewal_until="2027-12-31")
    last = at(12, 31, 23, 59)
    advertising.to(city, last)
    assert nodes(city, case) == ["DecideRenewal"]
    assert city.instance(case)["facts"]["valid_until"] == "2026-12-31"
    advertising.to(city, at(1, 1, 0, 0, 2027))
    assert "DecideRenewal" not in nodes(city, case)
    known = city.instance(case)["facts"]
    assert (known["renewal_by"], known["valid_from"]) == ("silence", "2027-01-01")
