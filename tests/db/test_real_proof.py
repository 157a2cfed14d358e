"""Real requests with limits in working time: every due time and breach is what slow, obvious arithmetic says (`tests/recomputing.py`)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from escalation.tables import clock
from tests import recomputing
from tests.factories import say
from web.city import City
from web.replay import replay
from web.replay.realm import limits_of_tests

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "boston_sample.csv"


def url_of(city: City) -> str:
    return city.core.db.url.render_as_string(hide_password=False)


def test_no_due_time_and_no_breach_differs(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    replay(city, SAMPLE, limits=limits_of_tests())
    (found,) = recomputing.recompute(url_of(city))
    assert found.differences == []
    assert found.clocks > 200
    assert 0 < found.late < found.clocks
    say(capsys, clocks=found.clocks, late=found.late, differences=0)
    with city.core.db.write() as connection:  # and it would have been seen
        moved = update(clock).where(clock.c.name == "sign").values(due_at=datetime(2011, 7, 1, tzinfo=UTC))
        connection.execute(moved)
    (found,) = recomputing.recompute(url_of(city))
    assert {one["clock"][1] for one in found.differences} == {"sign"}


def test_both_kinds_of_replay_stand_beside_each_other(city: City) -> None:
    with_limits = replay(city, SAMPLE, limits=limits_of_tests())
    own = replay(city, SAMPLE)
    again = replay(city, SAMPLE, limits=limits_of_tests())
    assert with_limits.world == again.world != own.world
    assert (with_limits.steps, with_limits.label_compared) == (again.steps, 0)
    assert own.label_compared > 0
    assert own.label_agreement == 1.0


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=recomputing.SHANGHAI)


@pytest.mark.parametrize(
    "start, amount, unit, ends",
    [
        ("2011-09-30 16:00", 3, "work_hour", "2011-10-08 10:30"),  # National Day; the 8th, a Saturday, is worked
        ("2011-08-31 17:45", 1, "work_day", "2011-09-01 17:30"),  # the hours of winter begin
        ("2011-07-02 10:00", 2, "work_day", "2011-07-06 09:00"),  # a Saturday counts as Monday morning
        ("2011-07-01 13:00", 1, "work_hour", "2011-07-01 15:30"),
        ("2011-07-01 17:00", 1, "work_hour", "2011-07-01 18:00"),
        ("2011-07-01 23:00", 2, "urgent_hour", "2011-07-02 01:00"),
        ("2011-07-01 23:00", 30, "natural_day", "2011-07-31 23:00"),
    ],
)
def test_the_slow_way_counts_as_people_do(start: str, amount: float, unit: str, ends: str) -> None:
    assert recomputing.due(at(start), amount, unit) == at(ends)
