"""A road permit that is changed, made smaller or stopped: who may agree to it, what is paid and what is given back, once. It is Wednesday
10 June 2026, nine o'clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from engine import registers
from engine.clock import ManualClock
from forms.errors import InvalidAnswers
from tests.emergency import open_at
from tests.factories import task_at
from tests.laws import check
from tests.stories import permits
from tests.stories.permits import WINDOW, apply, do, facts, granted, nodes, segment
from tests.stories.terms import at, go
from tests.stories.test_road_works import cases_found, held, papers, told
from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    check(city)


class TestChange:
    """城市道路管理条例 33, 36, 37, 42."""

    MORE: ClassVar[dict[str, Any]] = {
        "report_kind": "change",
        "finished_note": None,
        "change_begins_m": 100,
        "change_ends_m": 160,
        "change_width_m": 1.5,
        "change_finish_on": "2026-08-14",
        "change_reason": "增加过路管",
    }

    def asked(self, city: City, case: int, **more: Any) -> None:
        do(city, case, "Report", **{**self.MORE, **more})
        do(city, case, "MunicipalChange", "TrafficChange")

    def test_more_is_paid_for_before_it_is_delivered_art_37(self, city: City, clock: ManualClock) -> None:
        """Half as long again costs half as much again."""
        case = granted(city)
        before = facts(city, case)["fee"]
        go(city, clock, at(8, 3, 9))
        self.asked(city, case)
        do(city, case, "DecideChange")
        known = facts(city, case)
        assert (known["change_fee"], known["fee"]) == (before / 2, before * 1.5)
        with pytest.raises(InvalidAnswers):
            do(city, case, "IssueChange", change_fee_receipt=None)
        do(city, case, "IssueChange")
        assert facts(city, case)["fee_owed"] == 0

    def test_an_occupation_pays_for_the_days_and_metres_to_come_art_37(self, city: City, clock: ManualClock) -> None:
        case = granted(city, works="occupation", purpose="site", method=None)
        before = facts(city, case)["fee"]
        go(city, clock, at(7, 31, 9))  # five of the twelve days
        self.asked(city, case)
        do(city, case, "DecideChange")
        assert facts(city, case)["fee"] == pytest.approx(before * (5 + 14 * 1.5) / 12, abs=0.01)

    def test_not_within_the_moratorium_art_33(self, city: City, clock: ManualClock) -> None:
        """The city government approved a place and a time, and nothing beyond; both authorities cannot enlarge that."""
        key = segment(city, "new-1", handed_over="2024-01-01", overhauled=None)
        case = apply(city, segment=key, exception_reason="燃气泄漏隐患")
        do(city, case, "Accept", "MunicipalReview", "TrafficReview", "CityApproval", "Decide", "Issue")
        go(city, clock, at(8, 3, 9))
        self.asked(city, case)
        assert facts(city, case)["change_moratorium_until"] == "2029-01-01"
        with pytest.raises(InvalidAnswers):
            do(city, case, "DecideChange")
        do(city, case, "DecideChange", change_decision="refuse", change_note="须重新申请")

    def test_a_ban_for_an_event_is_answered_for(self, city: City, clock: ManualClock) -> None:
        """As at the application: whoever agrees in spite of it says why."""
        case = granted(city)
        bans = registers.rows(city.core, "event_bans")
        new = {**bans[0], "key": "strict", "area": "*", "segment": "*", "from": "2026-08-10", "until": "2026-08-12"}
        registers.load(city.core, "event_bans", "key", [*bans, new])
        go(city, clock, at(8, 3, 9))
        do(city, case, "Report", **self.MORE)
        with pytest.raises(InvalidAnswers):
            do(city, case, "MunicipalChange")
        do(city, case, "MunicipalChange", change_municipal_note="夜间停工")

    def test_who_was_extended_after_the_old_end_is_watched_to_the_new_one_art_42(
        self, city: City, clock: ManualClock
    ) -> None:
        """42 (3): staying on was reported once at the old end, and is again at the new one."""
        case = granted(city)
        go(city, clock, at(8, 6, 9))
        self.asked(city, case)
        go(city, clock, at(8, 10, 9))
        assert len(cases_found(city)) == 1
        do(city, case, "DecideChange", "IssueChange")
        go(city, clock, at(8, 14, 23, 59))
        assert len(cases_found(city)) == 1
        go(city, clock, at(8, 15, 0, 1))
        assert len(cases_found(city)) == 2


class TestMoney:
    """城市道路管理条例 37, 38: what is to be given back is, once, whatever comes between."""

    LESS: ClassVar[dict[str, Any]] = {
        "report_kind": "reduce",
        "finished_note": None,
        "reduce_begins_m": 100,
        "reduce_ends_m": 120,
        "reduce_width_m": 1.5,
        "reduce_finish_on": "2026-08-07",
    }

    def test_two_reductions_are_two_refunds(self, city: City, clock: ManualClock) -> None:
        case = granted(city)
        before = facts(city, case)["fee"]
        go(city, clock, at(8, 3, 9))
        do(city, case, "Report", **self.LESS)
        do(city, case, "Report", **{**self.LESS, "reduce_ends_m": 110})
        shown = [row["variables"]["give_refund"] for row in open_at(city, case, "IssueReduced")]
        assert sorted(shown) == [before / 4, before / 2]
        assert facts(city, case)["refund_owed"] == before * 3 / 4
        for task in [t for t in city.tasks(case) if t.node == "IssueReduced"]:
            city.complete(task, permits.ANSWERS["IssueReduced"][1], WINDOW)
            city.run_due()
        assert facts(city, case)["refund_owed"] == 0

    def test_what_was_not_given_back_when_the_works_were_accepted_still_is(
        self, city: City, clock: ManualClock
    ) -> None:
        case = granted(city, works="occupation", purpose="site", method=None)
        go(city, clock, at(8, 3, 9))
        do(city, case, "Report", **self.LESS)
        do(city, case, "Report", "Inspect")
        assert nodes(city, case) == ["SettleUp"]
        unpaid = {"delivered_how": "post", "delivered_on": "2026-08-05"}
        with pytest.raises(InvalidAnswers):
            city.complete(task_at(city, case, "SettleUp"), unpaid, WINDOW)
        do(city, case, "SettleUp")
        assert city.instance(case)["outcome"] == "EndCompleted"

    def test_who_is_stopped_is_told_and_gets_their_money_art_38(self, city: City, clock: ManualClock) -> None:
        """The permit ends and the stretch is free at once; the decision is delivered, with the refund."""
        case = granted(city, works="occupation", purpose="site", method=None)
        go(city, clock, at(7, 28, 9))
        do(city, case, "Patrol", patrol_result="stop", stopped_note="道路抢险", refund=100)
        assert (papers(city, case), held(city, case)[0][1]) == ([("occupation", "revoked")], "released")
        assert told(city, case, "道路抢险") == 1
        assert (nodes(city, case), facts(city, case)["refund_owed"]) == (["SettleUp"], 100)
        do(city, case, "SettleUp")
        assert city.instance(case)["outcome"] == "EndStopped"
