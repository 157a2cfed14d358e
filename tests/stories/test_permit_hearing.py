"""听证（行政许可法 46–48）before a permit is decided, and what it does to the term of the decision (45). It is Wednesday 10 June 2026,
nine o'clock; the working day ends at six, Friday 19 June is a holiday."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine import registers
from engine.audit.verifying import verify
from engine.clock import ManualClock
from engine.errors import NotAllowed, NotFound
from engine.tables import notice
from escalation import agreeing, granting, resuming
from escalation.tables import clock_entry
from forms.errors import InvalidAnswers
from tests.laws import check, rows
from tests.stories import advertising
from tests.stories.hearings import APPLICANT, DUE, HOST, JUSTICE, WINDOW, hear
from tests.stories.permits import DAY, accepted, do, facts, nodes
from tests.stories.terms import HERE, at, clock_of, due, go
from web.city import City

SECOND = DAY / 86400
CHECKED: dict[str, Any] = {
    "officers": [advertising.CHECKER, advertising.OTHER_CHECKER],
    "site_result": "ok",
}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def _laws(city: City) -> Iterator[None]:
    yield
    check(city)


def examined(city: City, **said: Any) -> int:
    """Both authorities agree, and the municipal one finds that a hearing is due."""
    case = accepted(city)
    do(city, case, "TrafficReview")
    do(city, case, "MunicipalReview", **{**DUE, **said})
    return case


def disagreements(city: City) -> list[str]:
    """What verification finds wrong with clocks and their ledgers."""
    return [str(each) for each in verify(city.core, (agreeing.clocks,)).findings if each.kind != "never_sealed"]


def test_they_are_told_before_the_decision_and_silence_ends_after_5_working_days_art_47(
    city: City, clock: ManualClock
) -> None:
    """行政许可法 47 (1), 82: told before the decision; five working days from being told; nobody asked: it is decided."""
    case = examined(city)
    assert nodes(city, case) == ["TellRight"]
    go(city, clock, at(6, 11, 9))
    hear(city, case, "TellRight", right_told_on="2026-06-11")
    told = [r["data"] for r in rows(city, notice, case) if "享有要求听证的权利" in str(r["data"])]
    assert [(facts(city, case)["hearing_ask_until"][:10] in each["zh"], "art. 47" in each["en"]) for each in told] == [
        (True, True)
    ]
    assert nodes(city, case) == ["AskHearing", "PartiesAsk"]
    assert due(city, case, "hearing_ask") == at(6, 18)
    go(city, clock, at(6, 18) - SECOND)
    assert nodes(city, case) == ["AskHearing", "PartiesAsk"]
    go(city, clock, at(6, 18) + SECOND)
    assert nodes(city, case) == ["Decide"]
    assert (facts(city, case)["hearing_by"], facts(city, case)["hearing_held"]) == ("nobody", False)
    assert due(city, case) == at(7, 9)  # asking is not the hearing: the term ran on
    do(city, case, "Decide")


def test_who_waives_in_writing_ends_it_early_but_only_both_art_47(city: City) -> None:
    """行政许可法 47 (1): the applicant and the others concerned each have the right."""
    case = examined(city)
    hear(city, case, "TellRight")
    hear(city, case, "AskHearing", hearing_answer="waive", hearing_reason=None)
    assert nodes(city, case) == ["PartiesAsk"]
    hear(city, case, "PartiesAsk", parties_answer="waive", parties_reason=None)
    assert nodes(city, case) == ["Decide"]


def test_its_time_does_not_count_and_why_it_stands_is_told_art_45(city: City, clock: ManualClock) -> None:
    """行政许可法 45, 47 (1), 48: held within 20 working days of being asked for, seven working days after it was told; from the asking
    to its end the decision's term stands; the decision rests on the record."""
    case = examined(city)
    hear(city, case, "TellRight")
    go(city, clock, at(6, 11, 9))
    hear(city, case, "AskHearing")
    assert (nodes(city, case), due(city, case)) == (["ApproveStand"], at(7, 9)), (
        "nothing stands before another unit agreed"
    )
    with pytest.raises((NotAllowed, NotFound)):
        hear(city, case, "ApproveStand", by=HOST)
    hear(city, case, "ApproveStand")
    assert nodes(city, case) == ["TellHearing"]
    assert (due(city, case), due(city, case, "hearing")) == (None, at(7, 10))
    (entry,) = rows(city, clock_entry, case)
    who = [city.core.unit_key(entry[name]) for name in ("asked_unit", "approved_unit")]
    assert who == ["public", "justice"]
    assert (entry["asked_by"], entry["approved_by"]) == (city.actor(APPLICANT).id, city.actor(JUSTICE).id)
    assert granting.lawful(city.core, entry)
    assert (entry["kind"], entry["ground"], entry["basis"]) == ("paused", "hearing", "行政许可法第四十五条")
    assert entry["until"].astimezone(HERE) == at(7, 10)
    hear(city, case, "TellHearing", hearing_told_on="2026-06-11", hearing_on="2026-06-23")
    assert nodes(city, case) == ["TellHearing"]
    known = facts(city, case)
    assert (known["hearing_problem"], known["hearing_earliest"]) == ("too_early", "2026-06-24")  # 48 (1)
    hear(city, case, "TellHearing", hearing_told_on="2026-06-11", hearing_on="2026-06-24")
    assert nodes(city, case) == []
    go(city, clock, at(6, 24, 0))
    assert nodes(city, case) == ["HoldHearing"]
    go(city, clock, at(6, 24, 15))
    hear(city, case, "HoldHearing")
    assert nodes(city, case) == ["Decide"]
    with pytest.raises(InvalidAnswers):  # 48 (2): on the record
        do(city, case, "Decide")
    # all twenty are left: 10 June began them, 11 June had only begun, and 24 June, on which it goes on, does not count
    assert due(city, case) == at(7, 22)
    do(city, case, "Decide", decision_on_record="听证中无人提出异议，予以采纳")
    assert disagreements(city) == []


@pytest.mark.parametrize("how", ["refused", "silent"])
def test_what_no_other_unit_approved_counts_and_the_hearing_is_held_all_the_same(
    city: City, clock: ManualClock, how: str
) -> None:
    """行政许可法 45, 47: who asked for a hearing has one; whether its time counts is another question."""
    case = examined(city)
    hear(city, case, "TellRight")
    hear(city, case, "AskHearing")
    if how == "refused":
        with pytest.raises(InvalidAnswers):
            hear(city, case, "ApproveStand", stand_decision="refuse")
        hear(city, case, "ApproveStand", stand_decision="refuse", stand_note="申请书未签名")
    else:
        go(city, clock, at(6, 11, 9) + SECOND)
    assert (nodes(city, case), due(city, case)) == (["TellHearing"], at(7, 9))
    assert rows(city, clock_entry, case) == []
    hear(city, case, "TellHearing", hearing_told_on="2026-06-11", hearing_on="2026-06-24")
    go(city, clock, at(6, 24, 9))
    hear(city, case, "HoldHearing")
    assert (nodes(city, case), due(city, case)) == (["Decide"], at(7, 9))


def test_a_hearing_held_too_late_costs_the_authority_its_own_term_art_47(city: City, clock: ManualClock) -> None:
    """行政许可法 45, 47 (1): what does not count is the time that a hearing needs; after its 20 working days the term goes on by itself."""
    case = examined(city)
    hear(city, case, "TellRight")
    hear(city, case, "PartiesAsk", "ApproveStand")
    assert facts(city, case)["hearing_by"] == "parties"
    assert (due(city, case), due(city, case, "hearing")) == (None, at(7, 9))
    go(city, clock, at(7, 9) + SECOND)
    resuming.resumptions(city.core)
    assert clock_of(city, case, "hearing")["breached_at"] == at(7, 9)
    assert due(city, case) is not None
    assert [r["kind"] for r in rows(city, clock_entry, case)] == ["paused", "resumed"]
    assert disagreements(city) == []


def test_the_host_did_not_examine_it_art_48(city: City) -> None:
    """行政许可法 48 (3): whoever examined the application neither prepares nor holds the hearing, whatever post they hold."""
    case = advertising.applied(city)
    for node in ("Accept", "Consent"):
        advertising.do(city, case, node)
    advertising.do(city, case, "SiteCheck", advertising.CHECKER, **{**CHECKED, **DUE})
    hear(city, case, "TellRight")
    hear(city, case, "AskHearing", by=advertising.WINDOW)
    hear(city, case, "ApproveStand")
    with pytest.raises(NotAllowed):
        hear(city, case, "TellHearing", by=advertising.CHECKER)
    hear(city, case, "TellHearing", by=advertising.OTHER_CHECKER)
    assert nodes(city, case) == []


def test_of_public_interest_the_authority_holds_one_itself_art_46(city: City, clock: ManualClock) -> None:
    """行政许可法 46: announced to the public; nobody need ask."""
    case = examined(city, hearing_kind="public", hearing_parties=None)
    assert (nodes(city, case), due(city, case)) == (["ApproveStand"], at(7, 9))
    hear(city, case, "ApproveStand")
    assert nodes(city, case) == ["TellHearing"]
    assert (facts(city, case)["hearing_by"], due(city, case)) == ("authority", None)
    with pytest.raises(InvalidAnswers):
        hear(city, case, "TellHearing")
    hear(city, case, "TellHearing", hearing_announced="潜江市人民政府网站")
    go(city, clock, at(6, 24, 9))
    hear(city, case, "HoldHearing", hearing_result="adjourned", hearing_text="申请回避成立，更换主持人")
    assert nodes(city, case) == ["TellHearing"]
    assert due(city, case) is None
    hear(city, case, "TellHearing", hearing_announced="网站", hearing_told_on="2026-06-24", hearing_on="2026-07-06")
    go(city, clock, at(7, 6, 9))
    hear(city, case, "HoldHearing", by=HOST)
    assert "Decide" in nodes(city, case)


def test_its_limits_are_rows_with_their_article(city: City) -> None:
    """行政许可法 45, 47, 48: what is changed in `permit_terms` counts so."""
    found = registers.rows(city.core, "permit_terms")
    mine = {r["term"]: (r["amount"], r["unit"], r["article"]) for r in found if r["permit"] == "hearing"}
    assert mine == {
        "tell": (2, "work_day", "本项目建议"),
        "ask": (5, "work_day", "行政许可法第四十七条第一款"),
        "hold": (20, "work_day", "行政许可法第四十七条第一款"),
        "notice": (7, "work_day", "行政许可法第四十八条第一款第一项"),
        "stand": (1, "work_day", "本项目建议"),
    }
    for row in found:
        if row["key"] == "hearing.ask":
            row["amount"] = 3
    registers.load(city.core, "permit_terms", "key", found)
    case = examined(city)
    hear(city, case, "TellRight", by=WINDOW)
    assert due(city, case, "hearing_ask") == at(6, 15)
