"""What a lawyer of the city would try on the permits: answers that come too late, papers that verify too early, the public that is told
nothing. It is Wednesday 10 June 2026, nine o'clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest

from engine import certificates, reservations
from engine.clock import ManualClock
from engine.public import applied, applying, codes
from forms.errors import InvalidAnswers
from tests.factories import task_at
from tests.laws import check
from tests.stories import advertising, permits
from tests.stories import test_emergency_dig as dig
from tests.stories.permits import APPLICANT, APPLIED, apply, do, facts, nodes, reviewed, segment
from tests.stories.terms import HERE, at, due, go
from tests.stories.test_permit_times import ALL, EXCAVATION, OTHERS, Permit
from tests.stories.test_permit_times import applied as taken_in
from tests.stories.test_road_works import cases_found, held, papers
from web.city import City

SECOND = timedelta(seconds=1)
WINDOW = "chengsiyuan"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    check(city)


def complete(city: City, case: int, node: str, who: str, **answers: Any) -> None:
    city.complete(task_at(city, case, node), answers, who)
    city.run_due()


class TestTooLate:
    """行政许可法 32, 50: where silence has an effect, whoever speaks after the term does not undo it, however late the worker is."""

    REFUSED: ClassVar[dict[str, dict[str, Any]]] = {
        "excavation_permit": {"accept_decision": "refuse", "not_accepted_reason": "不符合"},
        "advertising_permit": {"accept_decision": "not_ours", "not_accepted_reason": "不属本机关"},
        "waste_transport_permit": {"accept_decision": "supplement", "missing": "车辆行驶证"},
    }

    @ALL
    def test_it_is_accepted_already_whatever_the_window_says_art_32(
        self, city: City, clock: ManualClock, kind: Permit
    ) -> None:
        """32 (1)(4), 42: five working days ended on the 17th at six; nobody had fired the timer when the window spoke."""
        case = taken_in(city, kind)
        clock.set(at(6, 17) + SECOND)
        complete(city, case, "Accept", WINDOW, **self.REFUSED[kind.process])
        known = facts(city, case)
        assert city.instance(case)["ended_at"] is None
        assert datetime.fromisoformat(known["accepted_at"]) == at(6, 10, 9)
        assert known.get("deemed", known.get("deemed_accepted")) is True
        assert (known.get("missing"), known.get("not_accepted_reason")) == (None, None)
        assert due(city, case) == at(7, 9)

    @OTHERS
    def test_the_same_after_what_was_missing_was_supplied_art_32(
        self, city: City, clock: ManualClock, kind: Permit
    ) -> None:
        """32 (1)(4), (5)."""
        case = taken_in(city, kind)
        complete(city, case, "Accept", WINDOW, accept_decision="supplement", missing="场地证明")
        complete(city, case, "Supplement", WINDOW, supplement_note="已补")
        clock.set(at(6, 17) + SECOND)
        complete(city, case, "AcceptAgain", WINDOW, accept_again_decision="refuse", not_accepted_reason="仍不符合")
        assert datetime.fromisoformat(facts(city, case)["accepted_at"]) == at(6, 10, 9)

    def test_a_renewal_refused_after_the_permit_expired_was_granted_by_silence_art_50(
        self, city: City, clock: ManualClock
    ) -> None:
        """50 (2): no decision before it expires."""
        case = advertising.granted(city, ad_type="ordinary", wanted_until="2026-11-30")
        advertising.to(city, at(10, 2, 9))
        advertising.do(city, case, "AskRenewal", renewal_until="2027-05-31")
        advertising.to(city, at(11, 30, 23, 59))
        clock.set(at(12, 1, 0, 1))
        complete(city, case, "DecideRenewal", advertising.REVIEWER, renewal_opinion="refuse", renewal_note="不符合规划")
        known = facts(city, case)
        assert (known["renewal_by"], known["valid_until"]) == ("silence", "2027-05-31")
        assert known.get("renewal_opinion") is None
        assert papers(city, case) == [("advertising", "replaced"), ("renewal_1", "valid")]


@pytest.mark.parametrize("stage", ["Accept", "Supplement", "MunicipalReview"])
def test_who_applied_may_withdraw_at_each_stage_before_the_decision(city: City, stage: str) -> None:
    """The stretch is free at once."""
    case = apply(city)
    if stage == "Supplement":
        do(city, case, "Accept", accept_decision="supplement", missing="设计文件")
    elif stage == "MunicipalReview":
        do(city, case, "Accept")
    assert stage in nodes(city, case)
    city.message("permit_withdrawn", str(case))
    city.run_due()
    assert city.instance(case)["outcome"] == "EndWithdrawn"
    assert held(city, case)[0][1] == "released"


def test_a_road_handed_over_during_the_review_may_not_be_dug_up_art_33(city: City) -> None:
    """条例 33: what counts is when it is decided; only the city government makes an exception."""
    key = segment(city, "late-1", handed_over="2015-01-01", overhauled=None)
    case = apply(city, segment=key)
    assert facts(city, case)["flags"] == []
    do(city, case, "Accept", "TrafficReview")
    segment(city, key, handed_over="2026-06-09", overhauled=None)
    do(city, case, "MunicipalReview")
    known = facts(city, case)
    assert (known["flags"], known["grantable"], known["moratorium_until"]) == (["moratorium_new"], False, "2031-06-09")
    with pytest.raises(InvalidAnswers):
        do(city, case, "Decide")
    do(city, case, "Decide", decision="refuse", decision_note="禁挖期内")


def test_what_has_no_place_is_not_granted(city: City) -> None:
    """Where the dates make no sense nothing can be held: it is refused, not stuck."""
    case = apply(city, start_on="2026-08-07", finish_on="2026-07-27")
    do(city, case, "Accept", "MunicipalReview", "TrafficReview")
    assert facts(city, case)["grantable"] is False


def test_a_permit_is_in_force_once_it_is_paid_for_and_delivered_art_37_44(city: City) -> None:
    """条例 37; 行政许可法 44: whoever verifies it before is told."""
    case = apply(city)
    do(city, case, "Accept")
    reviewed(city, case)
    assert papers(city, case) == [("excavation", "suspended")]
    do(city, case, "Issue")
    assert papers(city, case) == [("excavation", "valid")]


def test_who_decides_before_the_extension_was_told_tells_it_with_the_decision_art_42(
    city: City, clock: ManualClock
) -> None:
    """行政许可法 42: the reason of an extension is told to the applicant, though the decision came first."""
    case = apply(city)
    do(city, case, "Accept")
    go(city, clock, at(7, 2))
    do(city, case, "Extend")
    reviewed(city, case)
    with pytest.raises(InvalidAnswers):
        do(city, case, "Issue")
    do(city, case, "Issue", told_how="post", told_on="2026-07-02")


def test_who_applied_online_reads_what_others_are_told(city: City) -> None:
    """They have no account: works that meet theirs, a change that is refused, stand on the page of their code, and on nobody else's."""
    kind = applying.kind_of(city.core, EXCAVATION.process)
    given = {name: value for name, value in APPLIED.items() if name in kind.form.properties}
    code = codes.written(bytes(range(20)))
    applying.submit(city.core, code, kind, applying.read(city.core, kind, given, ()))
    city.run_due()
    assert applied.follow(city.core, codes.hash_of(code)).notices == ()
    other = apply(city, begins_m=120, ends_m=160, title="另一工程")
    (notice,) = applied.follow(city.core, codes.hash_of(code)).notices
    number = city.instance(other)["number"]
    assert (number in notice.zh, number in notice.en, "combine the works" in notice.en) == (True, True, True)


class TestEmergencyDig:
    """城市道路管理条例 30, 34, 37; 行政许可法 38, 44."""

    def dug(self, city: City, clock: ManualClock) -> int:
        clock.set(dig.FRIDAY_NIGHT)
        case = city.start("emergency_dig", dig.BURST, APPLICANT)
        city.run_due()
        return case

    def agreed(self, city: City, case: int) -> None:
        complete(city, case, "MunicipalReview", permits.MUNICIPAL, municipal_opinion="agree")
        complete(city, case, "TrafficReview", permits.TRAFFIC, traffic_opinion="agree", traffic_plan="half")

    @pytest.mark.parametrize("after, late", [(timedelta(), False), (SECOND, True)])
    def test_papers_are_late_by_their_own_time_art_34(
        self, city: City, clock: ManualClock, after: timedelta, late: bool
    ) -> None:
        """24 hours, and a second more is late, though no worker had come by."""
        case = self.dug(city, clock)
        clock.set(at(6, 13, 22, 30) + after)
        complete(city, case, "Papers", APPLICANT, restore_plan="回填", finish_on="2026-06-20")
        assert (facts(city, case)["papers_late"], len(cases_found(city))) == (late, int(late))
        assert {"MunicipalReview", "TrafficReview"} <= set(nodes(city, case))
        go(city, clock, at(6, 14, 9))
        assert len(cases_found(city)) == int(late), "once"
        (row,) = reservations.of_instance(city.core, case)
        assert reservations.days(row, HERE)["last_day"] == "2026-06-20", "held as long as it is dug"

    def test_it_is_paid_for_and_delivered_art_37_44(self, city: City, clock: ManualClock) -> None:
        case = self.dug(city, clock)
        complete(city, case, "Papers", APPLICANT, restore_plan="回填")
        self.agreed(city, case)
        assert facts(city, case)["fee"] > 0
        with pytest.raises(InvalidAnswers):
            complete(city, case, "Issue", WINDOW, delivered_how="post", delivered_on="2026-06-15")
        usual = permits.ANSWERS["Issue"][1]
        complete(city, case, "Issue", WINDOW, **usual)
        assert "Issue" not in nodes(city, case)

    def test_a_refusal_is_delivered_with_its_reasons_art_38(self, city: City, clock: ManualClock) -> None:
        case = self.dug(city, clock)
        complete(city, case, "Papers", APPLICANT, restore_plan="回填")
        complete(
            city, case, "MunicipalReview", permits.MUNICIPAL, municipal_opinion="disagree", municipal_note="并非紧急"
        )
        complete(city, case, "TrafficReview", permits.TRAFFIC, traffic_opinion="agree", traffic_plan="half")
        assert "DeliverRefusal" in nodes(city, case)
        assert due(city, case, "refusal") == at(6, 29)
        assert certificates.of_instance(city.core, case) == []


def test_no_day_before_the_decision_is_permitted_or_paid_for_art_31_37(city: City, clock: ManualClock) -> None:
    """条例 31, 37: decided when part of the time has passed, it is permitted from that day, and paid for by its days; when all of it has,
    there is nothing to grant."""
    wish: dict[str, Any] = {
        "works": "occupation",
        "purpose": "site",
        "method": None,
        "start_on": "2026-07-20",
        "finish_on": "2026-07-29",
    }
    case = apply(city, **wish)
    late = apply(city, **wish, begins_m=300, ends_m=340)
    do(city, case, "Accept", "MunicipalReview", "TrafficReview")
    do(city, late, "Accept")
    whole = facts(city, case)["fee"]
    go(city, clock, at(7, 27, 9))
    do(city, case, "Decide")
    known = facts(city, case)
    assert (known["valid_from"], known["valid_to"], known["fee"]) == ("2026-07-27", "2026-07-29", whole * 3 / 10)
    go(city, clock, at(7, 30, 9))
    do(city, late, "MunicipalReview", "TrafficReview")
    assert facts(city, late)["grantable"] is False
