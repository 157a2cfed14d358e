"""Figures of a month that is over stay as they were, whatever becomes of the units."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.clock import ManualClock
from engine.queries import counting, listing
from engine.tables import LIVE
from escalation.indicators import COUNTS, Period
from tests.db.organised import MERGE, changed, unit_id
from tests.factories import DISPATCHER, case_at
from web.city import City

JUNE = Period(datetime(2026, 5, 31, 16, tzinfo=UTC), datetime(2026, 6, 30, 16, tzinfo=UTC))
NOW = Period(JUNE.since, datetime(2026, 7, 31, 16, tzinfo=UTC))


def by_unit(city: City, period: Period) -> dict[int | None, dict[str, int]]:
    conditions = {key: one.condition(period) for key, one in COUNTS.items()}
    return counting.by_unit(city.core, city.actor(DISPATCHER), conditions, LIVE, period.until)


def test_a_closed_month_is_the_same_before_and_after_a_merger(city: City, clock: ManualClock) -> None:
    late = case_at(city, "Handle")  # due in June, and open when the unit is merged
    clock.advance(timedelta(days=25))
    city.run_due()
    old = unit_id(city, "water_supply")
    before = by_unit(city, JUNE)
    assert (before[old]["due"], before[old]["not_closed"]) == (1, 1)

    changed(city, "merge", MERGE)

    new = unit_id(city, "water")
    assert city.instance(late)["unit_id"] == new
    assert by_unit(city, JUNE) == before
    assert by_unit(city, NOW)[new]["due"] == 1
    behind = listing.Wanted(world=LIVE, more=(COUNTS["due"].condition(JUNE), counting.unit_at(JUNE.until) == old))
    assert [row["id"] for row in listing.page(city.core, city.actor(DISPATCHER), behind).rows] == [late]
