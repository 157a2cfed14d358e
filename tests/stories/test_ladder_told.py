"""What a supervision tells goes out as what it is, at any hour; and passing a matter from hand to hand is no progress."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from engine.clock import ManualClock
from escalation import stalling
from tests.factories import case_at, do, task_at
from tests.receivers import http_receiver
from tests.sending import hooks_at, reach, work
from tests.stories.test_case import give_post
from tests.stories.test_ladder import HEAD, YU, grave, reminded_and_urged, until, yellow_card
from web.city import City

__all__ = ["grave"]

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = 22 * 60, 7 * 60
OTHER = "lvshuhua"


def test_a_red_card_leaves_at_night(city: City, clock: ManualClock, grave: int) -> None:
    ladder = reminded_and_urged(city, clock, grave)
    yellow_card(city, clock, ladder)
    until(city, clock, ladder, "IssueCard")
    clock.set(clock.now().astimezone(ZONE).replace(hour=23, minute=0))
    with http_receiver() as hook:
        hooks_at(city, hook)
        reach(city, HEAD, "webhook", f"http://127.0.0.1:{hook.port}/", quiet_from=NIGHT[0], quiet_to=NIGHT[1])
        city.complete(task_at(city, ladder, "IssueCard"), {"card_decision": "issue", "card_reason": "仍未处置"}, YU)
        city.run_due()
        work(city)
    assert any("红牌" in str(body) for _, _, body in hook.arrived)


def test_a_matter_that_is_only_passed_on_stands_still(city: City, clock: ManualClock) -> None:
    give_post(city, OTHER, "water_supply", "handler")
    case = case_at(city, "File")
    do(city, case, "File", grade="major", target_at="2026-07-20T09:00:00+08:00")
    do(city, case, "Dispatch")
    do(city, case, "SignFor")
    told = 0
    for who, by in ((OTHER, HEAD), (HEAD, OTHER), (OTHER, HEAD), (HEAD, OTHER)):
        city.advance(timedelta(days=3))
        city.transfer(task_at(city, case, "Handle"), city.actor(who).id, by)
        told += stalling.sweep(city.core)
    assert told == 1
