"""The dossier of a grave case on its way up the ladder: what went with each rung can be made again to the byte, however far it got."""

from __future__ import annotations

from datetime import timedelta

from engine.clock import ManualClock
from escalation import dossier
from tests.db.test_dossier import KEYS, section
from tests.stories.test_ladder import grave, reminded_and_urged, yellow_card
from web.city import City

__all__ = ["grave"]


def test_each_state_of_it_can_be_made_again(city: City, clock: ManualClock, grave: int) -> None:
    ladder = reminded_and_urged(city, clock, grave)
    urged = dossier.make(city.core, grave)
    yellow_card(city, clock, ladder)
    carded = dossier.make(city.core, grave)
    assert [r["kind"] for r in section(urged, "rungs")] == ["reminder", "urge"]
    (_, _, card) = section(carded, "rungs")
    assert (card["kind"], card["reason"], card["answer"], card["outcome"]) == (
        "yellow_card",
        "井盖缺失逾期未处置",
        "正在组织",
        "upheld",
    )
    (told,) = section(carded, "supervisions")
    assert told["history"]["instance"] == ladder
    assert len(told["history"]["rows"]) == len(city.trail(ladder))
    assert {n["kind"] for n in told["notices"]} >= {"reminder", "urge", "yellow_card"}
    clock.advance(timedelta(days=3))
    for made in (urged, carded):
        assert dossier.verify(made.content, KEYS).findings == []
        assert dossier.make(city.core, grave, made.event).content == made.content
