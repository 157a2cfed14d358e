"""What the system finds when a road permit is applied for: moratoria, overlaps, bans. Each seeded conflict is flagged, a clean set has
none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.tables import notice
from forms.errors import InvalidAnswers
from tests.laws import check, rows
from tests.stories.permits import APPLIED, FREE, apply, do, facts, granted, nodes, segment, years_before
from web.city import City

START, FINISH = APPLIED["start_on"], APPLIED["finish_on"]


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    check(city)


def flags(city: City, **applied: Any) -> list[str]:
    found: list[str] = facts(city, apply(city, **applied))["flags"]
    return found


class TestMoratorium:
    """城市道路管理条例 33 (2): five years after hand-over, three after an overhaul."""

    def test_5_years_from_hand_over_and_3_from_an_overhaul_art_33(self, city: City) -> None:
        """条例 33 (2), 民法典 202: the corresponding day is the last of the ban. Counted from hand-over and from the overhaul's end,
        never the one term from the other's day."""
        old = "2001-01-01"
        cases: dict[str, tuple[dict[str, Any], list[str]]] = {
            "new-last": ({"handed_over": years_before(START, 5), "overhauled": None}, ["moratorium_new"]),
            "new-over": ({"handed_over": years_before(START, 5, -1), "overhauled": None}, []),
            "overhaul-last": ({"handed_over": old, "overhauled": years_before(START, 3)}, ["moratorium_overhaul"]),
            "overhaul-over": ({"handed_over": old, "overhauled": years_before(START, 3, -1)}, []),
            "overhaul-four": ({"handed_over": old, "overhauled": years_before(START, 4)}, []),
            "new-four": ({"handed_over": years_before(START, 4), "overhauled": None}, ["moratorium_new"]),
            "both": (
                {"handed_over": years_before(START, 2), "overhauled": years_before(START, 1)},
                ["moratorium_new", "moratorium_overhaul"],
            ),
            "not-yet-in-use": ({"handed_over": "2026-09-01", "overhauled": None}, []),
        }
        for key, (columns, expected) in cases.items():
            assert flags(city, segment=segment(city, key, **columns)) == expected, key
        last = facts(city, apply(city, segment="both"))["moratorium_until"]
        assert last == years_before(START, -3)  # the later of both: five years from hand-over
        assert flags(city, segment="both", works="occupation", method=None, begins_m=300, ends_m=310) == []

    def test_only_with_the_city_governments_approval_art_33(self, city: City) -> None:
        """条例 33 (2): 因特殊情况需要挖掘的，须经县级以上城市人民政府批准."""
        road = segment(city, "new", handed_over=years_before(START, 2), overhauled=None)
        plain = apply(city, segment=road)
        do(city, plain, "Accept", "MunicipalReview", "TrafficReview")
        with pytest.raises(InvalidAnswers):  # both agree, the law does not
            do(city, plain, "Decide")
        do(city, plain, "Decide", decision="refuse", decision_note="禁挖期内")

        for said, may, at in (("approve", True, 300), ("refuse", False, 400)):
            more = {"exception_note": "不属特殊情况", "exception_document": None} if not may else {}
            case = apply(city, segment=road, exception_reason="主管有爆裂隐患", begins_m=at, ends_m=at + 10)
            do(city, case, "Accept")
            assert nodes(city, case) == ["CityApproval", "MunicipalReview", "TrafficReview"]
            do(city, case, "CityApproval", exception_decision=said, **more)
            do(city, case, "MunicipalReview", "TrafficReview")
            assert facts(city, case)["grantable"] is may
            do(city, case, "Decide", **({} if may else {"decision": "refuse", "decision_note": "未获批准"}))
            assert nodes(city, case) == (["Issue"] if may else ["DeliverRefusal"])


class TestOverlap:
    """Two works that meet in place and time."""

    def test_in_space_and_time_only_with_a_proposal_to_combine(self, city: City) -> None:
        first = apply(city)
        assert facts(city, first)["flags"] == []
        number = city.instance(first)["number"]
        apart = {"begins_m": 140, "ends_m": 180}
        later = {"start_on": "2026-08-08", "finish_on": "2026-08-20"}
        assert flags(city, **apart) == []  # time only
        assert flags(city, **later) == []  # space only
        assert flags(city, segment="jianghan-2") == []
        second = apply(city, begins_m=120, ends_m=130, start_on="2026-08-07", finish_on="2026-08-07")
        known = facts(city, second)
        assert known["flags"] == ["overlap"]
        assert [(o["number"], o["state"], o["begins"], o["ends"]) for o in known["overlaps"]] == [
            (number, "asked", 100, 140)
        ]
        told = [r["data"]["zh"] for r in rows(city, notice, second) if "zh" in (r["data"] or {})]
        assert len(told) == 1
        assert number in told[0]
        assert "合并施工" in told[0]
        (other,) = [r["data"]["zh"] for r in rows(city, notice, first) if "zh" in (r["data"] or {})]
        assert city.instance(second)["number"] in other  # who came first is told as well
        assert "合并施工" in other

        do(city, second, "Accept")
        with pytest.raises(InvalidAnswers):  # whoever agrees says what becomes of the overlap
            do(city, second, "MunicipalReview")
        do(city, second, "MunicipalReview", overlap_decision="combine", overlap_note="与供水管同沟施工")

    def test_what_is_granted_is_met_too_and_what_has_ended_is_not(self, city: City) -> None:
        held = granted(city)
        second = apply(city, begins_m=130, ends_m=150)
        assert [o["state"] for o in facts(city, second)["overlaps"]] == ["held"]
        do(city, second, "Accept", accept_decision="refuse", not_accepted_reason="撤回重报")
        assert [o["number"] for o in facts(city, apply(city, begins_m=125, ends_m=150))["overlaps"]] == [
            city.instance(held)["number"]
        ]

    def test_events_and_wrong_places_are_flagged(self, city: City) -> None:
        festival: dict[str, Any] = {"start_on": "2026-06-22", "finish_on": "2026-06-25", "begins_m": 300, "ends_m": 310}
        assert flags(city, **festival) == ["event"]
        assert flags(city, **{**festival, "start_on": "2026-06-26", "finish_on": "2026-06-27"}) == []
        assert flags(city, begins_m=600, ends_m=800) == ["outside"]
        assert flags(city, start_on="2026-08-07", finish_on="2026-08-01", begins_m=400, ends_m=410) == ["bad_place"]
        assert flags(city, segment="no-such-road") == ["bad_place"]
        assert flags(city, begins_m=450, ends_m=450) == ["bad_place"]
        case = apply(city, **{**festival, "begins_m": 320, "ends_m": 330})
        assert facts(city, case)["event_bans"] == ["龙虾节（2026-06-18 至 2026-06-22）"]
        do(city, case, "Accept")
        with pytest.raises(InvalidAnswers):
            do(city, case, "MunicipalReview")
        do(city, case, "MunicipalReview", ban_note="夜间抢修，不影响活动")

    def test_a_clean_set_has_no_flags(self, city: City) -> None:
        """Forty works side by side and one after another: none is flagged."""
        found = [
            flags(city, begins_m=20 * i, ends_m=20 * i + 20, start_on=start, finish_on=finish)
            for i in range(20)
            for start, finish in (("2026-07-01", "2026-07-10"), ("2026-07-11", "2026-07-20"))
        ]
        assert found == [[]] * 40


def test_the_fee_follows_the_register_art_37(city: City) -> None:
    """条例 37: by area for digging; by area and day for occupying. The rates are invented."""
    assert facts(city, apply(city))["fee_due"] == 40 * 1.5 * 420
    occupied = apply(city, works="occupation", method=None, begins_m=200, ends_m=240)
    assert facts(city, occupied)["fee_due"] == 40 * 1.5 * 0.5 * 12
    assert facts(city, apply(city, segment="hongmei-1"))["fee_due"] == 40 * 1.5 * 380


def test_both_authorities_must_agree_art_30(city: City) -> None:
    """条例 30, 31, 33: municipal works and the traffic police, in either order; where one does not agree it cannot be granted."""
    for first in ("MunicipalReview", "TrafficReview"):
        case = apply(city, segment=FREE if first == "MunicipalReview" else "jianghan-2")
        do(city, case, "Accept")
        second = ({"MunicipalReview", "TrafficReview"} - {first}).pop()
        do(city, case, first)
        assert nodes(city, case) == [second]
        no = {"municipal_opinion": "disagree", "municipal_note": "无修复方案"}
        if second == "TrafficReview":
            no = {"traffic_opinion": "disagree", "traffic_note": "无交通方案", "traffic_plan": None}  # type: ignore[dict-item]
        do(city, case, second, **no)
        with pytest.raises(InvalidAnswers):
            do(city, case, "Decide")
        do(city, case, "Decide", decision="refuse", decision_note="一部门不同意")


def test_two_officers_check_on_site_art_34(city: City) -> None:
    """行政许可法 34 (3): two or more."""
    case = apply(city)
    do(city, case, "Accept")
    with pytest.raises(InvalidAnswers):
        do(city, case, "MunicipalReview", site_check=True, site_officers=["萧雨桐"])
    do(city, case, "MunicipalReview", site_check=True, site_officers=["萧雨桐", "卢秋菊"])
