"""One matter, whole: a grave case that nobody moves climbs the ladder, the inspection office takes it up with the dossier of that day, sets
a term and concludes, and a named person refers the clue. Who sees what, at every stage."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from engine.clock import ManualClock
from escalation import dossier, referrals
from tests import laws
from tests.factories import STRANGER
from tests.stories.test_inspection import (
    ACCEPTED,
    APPROVED,
    CLUE,
    INSPECTOR,
    MAYOR,
    OFFICE_HEAD,
    OFFICER,
    PLANNED,
    concluded,
    do,
    due,
    facts,
    nodes,
    only,
    sees,
    told,
)
from tests.stories.test_ladder import (
    HEAD,
    YU,
    grave,
    ladder_of,
    red_card,
    referred_up,
    reminded_and_urged,
    rungs,
    three_rounds,
    yellow_card,
)
from web.city import City

__all__ = ["grave"]


def test_from_the_first_breach_to_the_discipline_commission(city: City, clock: ManualClock, grave: int) -> None:
    ladder = reminded_and_urged(city, clock, grave)
    yellow_card(city, clock, ladder)
    red_card(city, clock, ladder)
    three_rounds(city, clock, ladder)
    referred_up(city, grave, ladder)
    inspection = only(city, "government_inspection")
    taken_up(city, grave, ladder, inspection)
    concluded(city, inspection, begun=True)
    assert {r["kind"]: r["outcome"] for r in rungs(city, ladder)}["refer_up"] is None, (
        "the ladder waits for the conclusion"
    )
    clock.advance(timedelta(days=31))
    city.run_due()  # nobody objected
    do(city, inspection, "Rectify", HEAD, rectify_text="已恢复井盖")
    do(city, inspection, "Recheck", INSPECTOR, recheck_result="done", recheck_text="到位")
    assert city.instance(inspection)["outcome"] == "EndConcluded"
    assert facts(city, ladder)["inspection_conclusion"] == "founded"
    assert city.instance(ladder)["outcome"] == "EndInspected"
    (last,) = [r for r in rungs(city, ladder) if r["kind"] == "refer_up"]
    assert last["outcome"] == "concluded"
    assert city.instance(grave)["status"] == "active", "an inspection does not do the unit's work"
    clue_referred(city, inspection)
    assert ladder_of(city, grave) != ladder, "what nobody moves even then is supervised anew"
    laws.check(city)


def taken_up(city: City, case: int, ladder: int, inspection: int) -> None:
    """The office sees what the committee sent: the same dossier, to the byte; the unit sees nothing of it before it is announced."""
    asked = facts(city, inspection)
    assert (asked["case_id"], asked["supervision_id"], asked["rounds"]) == (str(case), str(ladder), 3)
    event = parse_qs(urlsplit(asked["dossier_page"]).query)["event"][0]
    made = dossier.asking.look(city.core, city.actor(INSPECTOR), case, event)
    assert made.hash == asked["dossier_hash"]
    assert not sees(city, inspection, HEAD)
    do(city, inspection, "Decide", INSPECTOR, **ACCEPTED)
    do(city, inspection, "Plan", INSPECTOR, **PLANNED)
    assert sees(city, inspection, HEAD)
    assert not sees(city, inspection, STRANGER)
    assert dossier.asking.look(city.core, city.actor(INSPECTOR), case, event).hash == asked["dossier_hash"]
    assert facts(city, ladder)["inspection_answer"] == "accept"
    assert due(city, inspection, "report") is not None


def clue_referred(city: City, inspection: int) -> None:
    """A named person proposes, another verifies, the head of the government approves; the unit and the committee learn nothing of it."""
    referral = int(referrals.refer(city.core, inspection, CLUE, city.actor(INSPECTOR))["instance"])
    city.run_due()
    do(city, referral, "Verify", OFFICE_HEAD, verify_decision="submit")
    do(city, referral, "Approve", MAYOR, **APPROVED)
    do(city, referral, "HandOver", INSPECTOR, materials="笔录两份", handed_on="2026-08-30")
    clue = only(city, "clue")
    for hidden in (referral, clue):
        assert not {who for who in (HEAD, YU, STRANGER) if sees(city, hidden, who)}
    do(city, clue, "Receive", OFFICER, received_on="2026-09-01", receipt_number="内-1")
    do(city, clue, "Handle", OFFICER, handle_note="内部", closed_on="2026-10-01")
    assert nodes(city, clue) == []
    assert told(city, clue).isdisjoint({HEAD, YU, STRANGER})
    assert city.instance(referral)["outcome"] == "EndReferred"
