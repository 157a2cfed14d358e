"""占用、挖掘城市道路许可, told to its end: the works, a change before, patrols, who overstays, acceptance, warranty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine import certificates, registers, reservations
from engine.clock import ManualClock
from engine.public import applying, codes
from engine.tables import instance, notice
from escalation.tables import clock as clock_table
from forms.errors import InvalidAnswers
from tests.factories import task_at
from tests.laws import check, rows
from tests.stories.permits import APPLIED, DAY, apply, do, facts, granted, nodes, reviewed
from web.city import City

HERE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    check(city)


def go(city: City, clock: ManualClock, month: int, day: int, hour: int = 9, minute: int = 0) -> None:
    clock.set(datetime(2026, month, day, hour, minute, tzinfo=HERE))
    city.run_due()


def held(city: City, case: int) -> list[tuple[Any, ...]]:
    found = reservations.of_instance(city.core, case)
    return [(r["id"], r["state"], r["ends"], reservations.days(r, HERE)["last_day"]) for r in found]


def papers(city: City, case: int) -> list[tuple[str, str]]:
    return [(row["id"], row["state"]) for row in certificates.of_instance(city.core, case)]


def cases_found(city: City) -> list[dict[str, Any]]:
    """City cases that permits reported."""
    with city.core.db.read() as connection:
        query = select(instance.c.facts).where(instance.c.key == "case_dispatch").order_by(instance.c.started_at)
        return [dict(found) for found in connection.execute(query).scalars()]


def test_from_the_application_to_the_end_of_the_warranty(city: City, clock: ManualClock) -> None:
    case = apply(city)
    assert held(city, case) == [("place", "asked", 140, "2026-08-07")]
    do(city, case, "Accept")
    reviewed(city, case)
    assert held(city, case) == [("place", "held", 140, "2026-08-07")]
    (paper,) = certificates.of_instance(city.core, case)
    assert (paper["kind"], paper["number"]) == ("excavation", facts(city, case)["permit_number"])
    assert paper["public"]["holder"] == "潜江市供水公司"
    assert not {"contact", "phone"} & set(paper["public"])
    do(city, case, "Issue")
    assert nodes(city, case) == ["Report"]
    go(city, clock, 8, 5)
    do(city, case, "Patrol")
    do(city, case, "Report")
    assert nodes(city, case) == ["Inspect"]
    do(city, case, "Inspect", inspect_result="restore", inspect_note="面层未恢复")
    do(city, case, "Restore")
    do(city, case, "Inspect")
    assert held(city, case) == [("place", "released", 140, "2026-08-07")]
    assert nodes(city, case) == []
    clock.advance(366 * DAY)
    city.run_due()
    do(city, case, "WarrantyCheck", warranty_result="defect", warranty_note="沉陷 3 cm")
    do(city, case, "Repair")
    clock.advance(366 * DAY)
    city.run_due()
    do(city, case, "WarrantyCheck")
    assert city.instance(case)["outcome"] == "EndCompleted"
    assert cases_found(city) == []


class TestChange:
    """城市道路管理条例 36: 需要移动位置、扩大面积、延长时间的，应当提前办理变更审批手续."""

    WANTED: ClassVar[dict[str, Any]] = {
        "report_kind": "change",
        "finished_note": None,
        "change_begins_m": 100,
        "change_ends_m": 180,
        "change_width_m": 1.5,
        "change_finish_on": "2026-08-14",
        "change_reason": "地下障碍",
    }

    def test_it_is_decided_by_both_and_replaces_the_permit_art_36(self, city: City, clock: ManualClock) -> None:
        """条例 30, 36; 行政许可法 49: both authorities again, the works go on meanwhile; the old certificate is replaced."""
        case = granted(city)
        go(city, clock, 8, 3)
        do(city, case, "Report", **self.WANTED)
        assert {"MunicipalChange", "TrafficChange", "Report"} <= set(nodes(city, case))
        assert held(city, case) == [("change", "asked", 180, "2026-08-14"), ("place", "held", 140, "2026-08-07")]
        with pytest.raises(InvalidAnswers):  # one at a time
            do(city, case, "Report", **self.WANTED)
        do(city, case, "MunicipalChange", "TrafficChange")
        do(city, case, "DecideChange")
        assert papers(city, case) == [("excavation", "replaced"), ("excavation1", "valid")]
        do(city, case, "IssueChange")
        assert held(city, case) == [("change", "released", 180, "2026-08-14"), ("place", "held", 180, "2026-08-14")]
        (works,) = [r for r in rows(city, clock_table, case) if r["name"] == "works"]
        assert works["due_at"] == datetime(2026, 8, 15, tzinfo=HERE)
        go(city, clock, 8, 10)  # after the first permit's end
        assert cases_found(city) == []

    def test_it_is_refused_where_one_does_not_agree(self, city: City, clock: ManualClock) -> None:
        """条例 30, 36: the permit stays as it was."""
        case = granted(city)
        go(city, clock, 8, 3)
        do(city, case, "Report", **self.WANTED)
        do(city, case, "MunicipalChange")
        do(city, case, "TrafficChange", change_traffic="disagree", change_traffic_note="影响通学")
        with pytest.raises(InvalidAnswers):
            do(city, case, "DecideChange")
        do(city, case, "DecideChange", change_decision="refuse", change_note="影响通学")
        assert papers(city, case) == [("excavation", "valid")]
        assert held(city, case)[1] == ("place", "held", 140, "2026-08-07")

    def test_too_late_is_not_before_and_staying_on_becomes_a_case_art_42(self, city: City, clock: ManualClock) -> None:
        """条例 36: before; 42 (3), (6): who stays beyond the time is reported once."""
        case = granted(city)
        go(city, clock, 8, 7, 23, 59)
        assert cases_found(city) == []
        go(city, clock, 8, 8, 0, 0)
        do(city, case, "Report", **self.WANTED)
        assert "MunicipalChange" not in nodes(city, case)
        (found,) = cases_found(city)
        assert (found["source"], found["area"]) == ("permit", "yuanlin")
        assert "超过许可期限" in found["title"]
        go(city, clock, 8, 12)
        assert len(cases_found(city)) == 1


def told(city: City, case: int, words: str) -> int:
    """How many notices of the case say so."""
    return sum(words in str((r["data"] or {}).get("zh")) for r in rows(city, notice, case))


class TestReduction:
    """城市道路管理条例 36: only who moves, enlarges or extends needs a new decision; 37: the fee follows area and time."""

    LESS: ClassVar[dict[str, Any]] = {
        "report_kind": "reduce",
        "finished_note": None,
        "reduce_begins_m": 100,
        "reduce_ends_m": 120,
        "reduce_width_m": 1.5,
        "reduce_finish_on": "2026-08-05",
    }

    def test_what_is_given_up_is_free_at_once_without_a_decision_art_36(self, city: City, clock: ManualClock) -> None:
        """条例 36, 37: noted, a smaller permit, the difference refunded as the row says; the new end counts."""
        case = granted(city)
        go(city, clock, 8, 3)
        before = facts(city, case)["fee"]
        do(city, case, "Report", **self.LESS)
        assert held(city, case) == [("place", "held", 120, "2026-08-05")]
        assert papers(city, case) == [("excavation", "replaced"), ("excavation1", "valid")]
        known = facts(city, case)
        assert (known["fee"], known["refund_due"]) == (before / 2, before / 2)
        assert {"Report", "IssueReduced"} <= set(nodes(city, case))
        assert not {"MunicipalChange", "DecideChange"} & set(nodes(city, case))
        do(city, case, "IssueReduced")
        other = apply(city, begins_m=121, ends_m=139, title="别家")
        assert facts(city, other)["overlap_found"] is False
        go(city, clock, 8, 6, 0, 1)  # the new end: who stays on is reported, once
        assert len(cases_found(city)) == 1
        go(city, clock, 8, 8, 0, 1)  # … and not again at the old one
        assert len(cases_found(city)) == 1

    def test_a_shorter_occupation_is_refunded_by_the_day_art_37(self, city: City, clock: ManualClock) -> None:
        """条例 37: days that passed count as they were occupied; a city that keeps a part says so in the row."""
        found = registers.rows(city.core, "permit_terms")
        for row in found:
            if row["key"] == "excavation.refund":
                row["amount"] = 50
        registers.load(city.core, "permit_terms", "key", found)
        case = granted(city, works="occupation", purpose="site", method=None)
        go(city, clock, 7, 31)  # five of the twelve days
        before = facts(city, case)["fee"]
        do(city, case, "Report", **{**self.LESS, "reduce_finish_on": "2026-08-07"})
        known = facts(city, case)
        assert known["fee_after"] == round(before * (5 + 7 / 2) / 12, 2)
        assert known["refund_due"] == round((before - known["fee_after"]) / 2, 2)

    def test_more_or_the_same_needs_a_change_art_36(self, city: City, clock: ManualClock) -> None:
        """条例 36: nothing is noted that moves, enlarges or extends, nor after the end."""
        case = granted(city)
        go(city, clock, 8, 3)
        for more in (
            {"reduce_ends_m": 150},
            {"reduce_finish_on": "2026-08-09"},
            {"reduce_begins_m": 90},
            {"reduce_ends_m": 140, "reduce_finish_on": "2026-08-07"},
        ):
            do(city, case, "Report", **{**self.LESS, **more})
        assert held(city, case) == [("place", "held", 140, "2026-08-07")]
        assert papers(city, case) == [("excavation", "valid")]
        go(city, clock, 8, 8)
        do(city, case, "Report", **self.LESS)
        assert papers(city, case) == [("excavation", "valid")]


class TestPatrol:
    """城市道路管理条例 35, 36, 38, 42."""

    def test_what_is_not_put_right_becomes_a_case_art_42(self, city: City, clock: ManualClock) -> None:
        """条例 35, 36, 42: signs and fences, place, area and time; put right within the term, else a city case."""
        case = granted(city)
        go(city, clock, 7, 28)
        do(city, case, "Patrol", patrol_result="violation", patrol_note="未设围挡")
        do(city, case, "Rectify")
        assert cases_found(city) == []
        go(city, clock, 7, 31)
        do(city, case, "Patrol", patrol_result="violation", patrol_note="超出批准范围")
        go(city, clock, 8, 4)
        (found,) = cases_found(city)
        assert "超出批准范围" in found["description"]
        assert "Rectify" not in nodes(city, case)

    def test_an_occupation_may_be_stopped_art_38(self, city: City, clock: ManualClock) -> None:
        """条例 38: stopped for the city's needs, part of the fee given back; the permit is revoked and the stretch free."""
        case = granted(city, works="occupation", method=None)
        go(city, clock, 7, 28)
        do(city, case, "Patrol", patrol_result="stop", stopped_note="道路应急抢险需要", refund=100)
        assert papers(city, case) == [("occupation", "revoked")]
        assert held(city, case)[0][1] == "released"
        do(city, case, "SettleUp")
        assert city.instance(case)["outcome"] == "EndStopped"

    def test_the_authority_makes_an_occupation_smaller_or_shorter_art_38(self, city: City, clock: ManualClock) -> None:
        """条例 38: decided by the authority for the city's needs, the holder told why, part of the fee given back as the row says."""
        case = granted(city, works="occupation", purpose="site", method=None)
        go(city, clock, 7, 30)
        before = facts(city, case)["fee"]
        decided: dict[str, Any] = {
            "patrol_result": "reduce",
            "reduce_begins_m": 100,
            "reduce_ends_m": 120,
            "reduce_width_m": 1.5,
            "reduce_finish_on": "2026-08-05",
            "reduce_reason": "龙舟赛保障",
        }
        with pytest.raises(InvalidAnswers):
            do(city, case, "Patrol", **{**decided, "reduce_reason": None})
        do(city, case, "Patrol", **{**decided, "reduce_ends_m": 150})
        assert papers(city, case) == [("occupation", "valid")]
        assert told(city, case, "请重新决定"), "its own people"
        go(city, clock, 8, 4)
        do(city, case, "Patrol", **decided)
        known = facts(city, case)
        assert known["fee_after"] == round(before * (9 + 1 / 2) / 12, 2)
        assert (known["refund_due"], known["fee"]) == (round(before - known["fee_after"], 2), known["fee_after"])
        assert held(city, case) == [("place", "held", 120, "2026-08-05")]
        assert papers(city, case) == [("occupation", "replaced"), ("occupation1", "valid")]
        assert told(city, case, "龙舟赛保障") == 1
        assert {"IssueReduced", "Report"} <= set(nodes(city, case))
        do(city, case, "IssueReduced")
        go(city, clock, 8, 6, 0, 1)
        assert len(cases_found(city)) == 1, "who stays on beyond the day that was decided"

    def test_digging_is_not_made_smaller_so_art_38(self, city: City, clock: ManualClock) -> None:
        """条例 38 speaks of who occupies a road for a time."""
        case = granted(city)
        go(city, clock, 7, 30)
        less = {**TestReduction.LESS, "reduce_reason": "需要"}
        less = {key: value for key, value in less.items() if key.startswith("reduce")}
        with pytest.raises(InvalidAnswers):
            do(city, case, "Patrol", patrol_result="reduce", **less)

    def test_an_occupation_ends_with_its_acceptance_art_31(self, city: City) -> None:
        """条例 31 (2): cleared and restored; no warranty of a repair that was none."""
        case = granted(city, works="occupation", method=None)
        do(city, case, "Report")
        do(city, case, "Inspect")
        assert city.instance(case)["outcome"] == "EndCompleted"


def test_an_overhaul_begins_the_next_three_years_art_33(city: City, clock: ManualClock) -> None:
    """条例 33 (2): three years from the day on which the overhaul was finished."""
    case = granted(city, purpose="overhaul")
    go(city, clock, 8, 5)
    do(city, case, "Report")
    do(city, case, "Inspect")
    row = registers.lookup(city.core, "road_segments", {"key": "jianghan-1"})
    assert row is not None
    assert row["overhauled"] == "2026-08-05"
    later = apply(city, start_on="2029-08-05", finish_on="2029-08-06", begins_m=300, ends_m=310)
    assert facts(city, later)["flags"] == ["moratorium_overhaul"]
    assert facts(city, apply(city, start_on="2029-08-06", finish_on="2029-08-07"))["flags"] == []


def test_who_applied_may_withdraw(city: City) -> None:
    case = apply(city)
    do(city, case, "Accept")
    city.message("permit_withdrawn", str(case))
    city.run_due()
    assert city.instance(case)["outcome"] == "EndWithdrawn"
    assert held(city, case)[0][1] == "released"


def test_the_public_applies_corrects_and_withdraws_with_a_code(city: City) -> None:
    """行政许可法 29, 32, 33: by electronic means, without an account; the contact is sealed apart, the task is the applicant's."""
    kind = applying.kind_of(city.core, "excavation_permit")
    given = {name: value for name, value in APPLIED.items() if name in kind.form.properties}
    code = codes.written(bytes(range(20)))
    case = applying.submit(city.core, code, kind, applying.read(city.core, kind, given, ()))
    city.run_due()
    assert not {"contact", "phone"} & set(facts(city, case))
    assert [one["title"] for one in applying.meets(city.core, kind, given)] == [APPLIED["title"]]
    do(city, case, "Accept", accept_decision="supplement", missing="设计文件")
    task = int(task_at(city, case, "Supplement").ref.partition(".")[2])
    applying.answer(city.core, case, task, {"supplement_note": "已补", "finish_on": "2026-08-09"}, (), None)
    city.run_due()
    do(city, case, "Accept")
    assert facts(city, case)["finish_on"] == "2026-08-09"
    assert [one.message for one in applying.asks(city.core, case, "excavation_permit")] == ["permit_withdrawn"]
    applying.ask(city.core, case, "excavation_permit", "permit_withdrawn", "改期施工", None)
    city.run_due()
    assert city.instance(case)["outcome"] == "EndWithdrawn"
