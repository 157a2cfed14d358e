"""A card counts for the unit that was shown it, as it was then: passing the case on, moving people and merging units change nothing."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import select

from engine.clock import ManualClock
from engine.tables import instance
from escalation.assessment import closing, counts, editions, opening, periods, reporting
from escalation.assessment.opening import Number
from tests.db.organised import MERGE, changed
from tests.factories import case_at, do, task_at
from tests.stories.test_case import give_post
from tests.stories.test_ladder import DAY, HEAD, HOUR, ZHU, ladder_of, until
from web.city import City

JUNE = periods.read("2026-06", ZoneInfo("Asia/Shanghai"))
ASSESSOR = "yuanzhigang"


def numbers(read: editions.Read) -> dict[str, list[int]]:
    """How many cases with a card, urged and ordered each unit has."""
    keys = ("carded", "urged", "ordered")
    rows = {row["key"]: [row["numbers"].get(key, [0] * 3)[1] for key in keys] for row in read.report["units"]}
    return {key: found for key, found in rows.items() if any(found)}


def now(city: City) -> editions.Read:
    with city.core.db.read() as connection:
        return editions.live(city.core, connection, JUNE, None)


def behind(city: City, read: editions.Read, unit: str) -> list[int]:
    """The cases that a unit's number opens."""
    with city.core.db.read() as connection:
        public = reporting.asked(city.core, connection, editions.period(JUNE, city.world().now), 1, None).public
        wanted = opening.cases(connection, read, Number("carded", unit=unit), public)
        return list(connection.execute(select(instance.c.id).where(wanted)).scalars())


def test_a_card_stays_with_the_unit_that_was_shown_it(city: City, clock: ManualClock) -> None:
    case = case_at(city, "Handle")
    city.advance(3 * HOUR)
    ladder = ladder_of(city, case)
    until(city, clock, ladder, "IssueCard")
    city.complete(task_at(city, ladder, "IssueCard"), {"card_decision": "issue", "card_reason": "逾期"}, ZHU)
    assert numbers(now(city)) == {"water_supply": [1, 1, 0]}

    do(city, case, "Handle", handle_result="return", return_reason="place_unclear", return_note="位置不清")
    do(city, case, "Dispatch", responsible_unit="sanitation")
    assert city.instance(case)["unit_id"] == city.core.unit_id("sanitation")
    assert numbers(now(city)) == {"water_supply": [1, 1, 0]}, "the case is another unit's, the card is not"
    assert behind(city, now(city), "water_supply") == [case]
    assert behind(city, now(city), "sanitation") == []
    (other,) = [row for row in now(city).report["units"] if row["key"] == "sanitation"]
    assert other["numbers"]["received"][1] == 1, "what is of the case is counted where the case is"

    give_post(city, HEAD, "sanitation", "handler")  # its people move, and it becomes part of another unit
    changed(city, "merge", MERGE)
    assert numbers(now(city)) == {"water_supply": [1, 1, 0]}

    clock.set(JUNE.until + DAY)
    row = closing.close(city.core, city.actor(ASSESSOR), JUNE)
    assert row is not None
    with city.core.db.read() as connection:
        closed = editions.read(city.core, connection, editions.find(connection, row["number"]), None, JUNE)
        seen = editions.read(
            city.core, connection, editions.find(connection, row["number"]), city.actor(ASSESSOR), JUNE
        )
    assert numbers(closed)["water_supply"] == numbers(seen)["water_supply"] == [1, 1, 0]
    assert behind(city, closed, "water_supply") == [case]
    assert "以出牌时为准" in counts.BY_KEY["carded"].means.zh
    assert "as it was then" in counts.BY_KEY["carded"].means.en
