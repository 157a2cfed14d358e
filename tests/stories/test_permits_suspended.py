"""An advertisement or a carrier that is suspended: no other paper, no other reason and no other case gives the permit back. It is Wednesday
10 June 2026, nine o'clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine import certificates, registers
from engine.tables import notice
from tests import laws
from tests.stories.advertising import CONSENTER, DAY, REVIEWER, WASTE, WINDOW, applied, do, facts, granted, nodes, to
from tests.stories.test_advertising import at, hand_in, states
from tests.stories.test_waste import APPLICATION, REVIEWED, state, violated
from web.city import City

SHORT = {"ad_type": "ordinary", "wanted_until": "2027-08-31"}
"""It expires while the report of the safety test is owed."""


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    laws.check(city)


@pytest.fixture
def permit(city: City) -> int:
    case = city.start("waste_transport_permit", APPLICATION, WINDOW)
    for node in ("Accept", "Review", "Decide", "Deliver"):
        do(city, case, node)
    return case


def suspended(city: City) -> int:
    """An advertisement that missed its safety test."""
    case = granted(city, **SHORT)
    to(city, at("2027-06-20T09:01"), timedelta(days=100))
    to(city, at("2027-07-05T09:00"))
    do(city, case, "AskRenewal", renewal_until="2029-08-31")
    to(city, at("2027-07-25T09:00"))
    assert states(city, case) == [("advertising", "suspended")]
    return case


@pytest.mark.parametrize("how", ["decided", "silence"])
def test_who_owes_a_safety_test_is_renewed_but_stays_suspended(city: City, how: str) -> None:
    """行政许可法 50 gives another term, and no safety: the new paper verifies as the old one did, until the test is passed."""
    case = suspended(city)
    if how == "decided":
        do(city, case, "DecideRenewal")
    else:
        to(city, at("2027-09-01T00:01"))
    assert facts(city, case)["renewal_by"] == ("decision" if how == "decided" else "silence")
    assert states(city, case) == [("advertising", "replaced"), ("renewal_1", "suspended")]
    hand_in(city, case, "LateReport")
    do(city, case, "Judge")
    assert states(city, case)[-1] == ("renewal_1", "valid")


def test_a_change_does_not_lift_a_suspension(city: City) -> None:
    """行政许可法 49: another size is no safety test."""
    case = suspended(city)
    change = {
        "case_number": city.instance(case)["number"],
        "change_kind": "change",
        "title": "缩小画面",
        "end_reason": "缩小画面",
        "width_m": 6,
        "height_m": 4,
    }
    asked = city.start("advertising_change", change, WINDOW)
    do(city, asked, "Consent", CONSENTER, consent_opinion="agree")
    do(city, asked, "Decide", REVIEWER, change_opinion="grant")
    assert states(city, case) == [("advertising", "replaced"), ("change_1", "suspended")]


def test_what_was_wanted_is_over_before_it_is_decided(city: City) -> None:
    """A temporary one for five days, decided after them: there is nothing to grant, and nothing is stuck."""
    case = applied(city, ad_type="temporary", event_name="龙虾节", wanted_from="2026-06-10", wanted_until="2026-06-14")
    for node in ("Accept", "Consent", "SiteCheck"):
        do(city, case, node)
    to(city, at("2026-06-16T09:00"))
    do(city, case, "Decide")
    assert (nodes(city, case), certificates.of_instance(city.core, case)) == (["Decide"], [])
    do(city, case, "Decide", REVIEWER, decision="refuse", decision_note="申请的期限已过")
    assert nodes(city, case) == ["DeliverRefusal"]


def test_two_suspensions_end_each_by_its_own_reason(city: City, permit: int) -> None:
    """Missed the annual check and lost its points: the thirty days that end do not make good the check, and the check does not cut short
    the thirty days."""
    to(city, at("2027-06-20T09:01"), timedelta(days=100))
    to(city, at("2027-07-25T09:00"))
    assert (nodes(city, permit), state(city, permit)) == (["LateAnnual"], "suspended")
    violated(city, permit, "spilled")
    violated(city, permit, "beyond")
    assert facts(city, permit)["score_suspended"] is True
    city.advance(32 * DAY)
    assert (facts(city, permit)["score_suspended"], state(city, permit)) == (False, "suspended"), "the check is owed"

    paper = city.accept("check.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    (task,) = city.tasks(permit)
    violated(city, permit, "muddy")
    assert facts(city, permit)["score_suspended"] is True
    city.complete(task, {"check_files": [paper.id], "check_note": "负责人住院"}, WINDOW, accepted=[paper])
    city.run_due()
    do(city, permit, "JudgeAnnual", WASTE, annual_result="pass")
    assert (facts(city, permit)["annual_missed"], state(city, permit)) == (False, "suspended"), "thirty days from then"
    city.advance(40 * DAY)
    assert state(city, permit) == "valid"


def put(city: City, register: str, key: str, **columns: object) -> None:
    rows = [{**row, **(columns if row["key"] == key else {})} for row in registers.rows(city.core, register)]
    registers.load(city.core, register, "key", [row for row in rows if not row.get("gone")])


@pytest.mark.parametrize(
    "register, key, now",
    [
        ("carriers", "YS-01", {"state": "ended"}),
        ("vehicles", "V-001", {"state": "stopped"}),
        ("vehicles", "V-002", {"carrier": "YS-02"}),
        ("vehicles", "V-002", {"gone": True}),
    ],
    ids=["carrier_ended", "vehicle_out", "vehicle_sold", "vehicle_gone"],
)
def test_carrier_and_vehicles_are_judged_as_they_are_when_it_is_decided(
    city: City, register: str, key: str, now: dict[str, object]
) -> None:
    """潜江“十四五”规划 (domain A4.1 #16): who was struck off after applying gets none, and no vehicle rides that is not theirs."""
    case = city.start("waste_transport_permit", APPLICATION, WINDOW)
    do(city, case, "Accept")
    do(city, case, "Review", WASTE, **REVIEWED)
    put(city, register, key, **now)
    do(city, case, "Decide")
    assert nodes(city, case) == ["Decide"]
    known = facts(city, case)
    assert (known["carrier_state"], known["vehicles_out"]) == (
        ("ended", []) if register == "carriers" else ("admitted", [key])
    )


def test_the_paper_names_the_vehicles_by_their_plates(city: City, permit: int) -> None:
    (row,) = certificates.of_instance(city.core, permit)
    (line,) = [one for one in row["data"]["lines"] if one["zh"] == "车辆"]
    assert line["value"] == "鄂NJ9918、鄂NA5034"


def test_points_of_two_permits_are_all_added_up_at_the_carrier(city: City, permit: int) -> None:
    """Two violations confirmed in one moment, of two permits of one carrier."""
    other = city.start("waste_transport_permit", {**APPLICATION, "title": "另一工地"}, WINDOW)
    for node in ("Accept", "Review", "Decide", "Deliver"):
        do(city, other, node)
    violated(city, permit, "spilled")
    violated(city, other, "spilled")
    violated(city, other, "muddy")
    carrier = registers.lookup(city.core, "carriers", {"key": "YS-01"})
    assert carrier is not None
    lost = 24 - facts(city, permit)["score"] - facts(city, other)["score"]
    assert carrier["points"] == lost > 0


def test_who_is_not_renewed_or_loses_the_permit_is_told_why_art_38(city: City) -> None:
    """行政许可法 38: with reasons, and where to turn; the window delivers it."""
    case = granted(city, ad_type="ordinary", wanted_until="2026-11-30")
    to(city, at("2026-10-02T09:00"))
    do(city, case, "AskRenewal", renewal_until="2027-05-31")
    do(city, case, "DecideRenewal", REVIEWER, renewal_opinion="refuse", renewal_note="不符合新规划")
    asked = city.start(
        "advertising_change",
        {
            "case_number": city.instance(case)["number"],
            "change_kind": "revoke",
            "title": "某广告",
            "end_reason": "隐瞒情况取得",
        },
        CONSENTER,
    )
    do(city, asked, "Decide", REVIEWER, change_opinion="grant")
    said = [str(row["data"]) for row in laws.rows(city, notice, case) if row["person_id"] == city.actor(WINDOW).id]
    for reason in ("不符合新规划", "隐瞒情况取得"):
        (one,) = [each for each in said if reason in each]
        assert "复议" in one
    assert nodes(city, case) == ["Remove"]
