"""Periods of a large city: counted by a worker, the same as counted by a page; told as of when; counted anew when asked and old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine import settings
from engine.clock import ManualClock
from engine.tables import instance
from escalation.assessment import closing, counting, editions, near
from escalation.assessment.opening import Number, cases
from escalation.tables import assessment_count, assessment_count_mark
from tests import assessing
from tests.db.test_assessment import ASSESSOR, MAY, MIDDLE
from tests.factories import HANDLER
from web.city import City


@pytest.fixture
def large(city: City, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> City:
    """A city that is large from its first case on, its cases marked by many statements."""
    clock.set(datetime(2026, 6, 2, tzinfo=UTC))
    assessing.populate(city, 400, MIDDLE)
    with city.core.db.write() as connection:
        settings.put(city.core, connection, "assessment_counted_from", 1)
    monkeypatch.setattr(near, "AT_ONCE", 37)
    return city


def counted(city: City, actor: Any = None) -> editions.Read:
    with city.core.db.read() as connection:
        return counting.read(city.core, connection, MAY, actor)


def live(city: City, actor: Any = None) -> editions.Read:
    with city.core.db.read() as connection:
        return editions.live(city.core, connection, MAY, actor)


def test_what_a_worker_counted_is_what_a_page_would_have(large: City) -> None:
    with pytest.raises(counting.Counting):
        counted(large)
    with pytest.raises(counting.Counting):
        counted(large)
    assert counting.run_due(large.core) == 1
    assert counting.run_due(large.core) == 0, "asked twice, counted once"
    found, expected = counted(large), live(large)
    assert found.report == expected.report
    assert found.report["whole"]["numbers"]
    assert found.at is not None
    with large.core.db.read() as connection:
        for key in ("received", "missed", "voided"):
            behind = [
                set(connection.execute(select(instance.c.id).where(cases(connection, one, Number(key), ()))).scalars())
                for one in (found, expected)
            ]
            assert behind[0] == behind[1] != set()
    actor = large.actor(HANDLER)
    assert counted(large, actor).report == live(large, actor).report != expected.report


def test_an_old_count_is_shown_and_made_anew(large: City, clock: ManualClock) -> None:
    with pytest.raises(counting.Counting):
        counted(large)
    counting.run_due(large.core)
    first = counted(large)
    with large.core.db.write() as connection:
        connection.execute(update(instance).values(status="cancelled"))
    clock.advance(timedelta(minutes=14))
    assert counted(large).report == first.report
    assert counting.run_due(large.core) == 0, "not old yet"
    clock.advance(timedelta(minutes=1))
    assert counted(large).report == first.report, "shown until the next is there"
    assert counting.run_due(large.core) == 1
    assert counted(large).report == live(large).report != first.report
    for _ in range(3):
        clock.advance(timedelta(minutes=20))
        counted(large)
        counting.run_due(large.core)
    with large.core.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(assessment_count)).scalar_one() == 2
        kept = set(connection.execute(select(assessment_count_mark.c.count_id)).scalars())
        assert kept == set(connection.execute(select(assessment_count.c.id)).scalars())


def test_a_count_whose_worker_died_is_begun_anew(large: City, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(counting.Counting):
        counted(large)

    def dies(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(counting, "_forget", dies)
        with pytest.raises(RuntimeError):
            counting.run_due(large.core)
    assert counting.run_due(large.core) == 0, "its worker may still be at it"
    with large.core.db.write() as connection:
        long_ago = large.core.db.now_on(connection) - counting.LEFT_LYING - timedelta(seconds=1)
        connection.execute(update(assessment_count).values(begun_at=long_ago))
    assert counting.run_due(large.core) == 1
    assert counted(large).report == live(large).report


def test_a_large_city_closes_as_a_small_one(large: City) -> None:
    expected = live(large).report
    row = closing.close(large.core, large.actor(ASSESSOR), MAY)
    with large.core.db.read() as connection:
        closed = editions.read(large.core, connection, row, None, MAY).report
        assert {key: closed[key] for key in expected} == expected
        assert editions.is_sound(connection, row)
        assert connection.execute(select(func.count()).select_from(assessment_count_mark)).scalar_one() == 0
        with pytest.raises(counting.Counting):
            counting.marks(large.core, connection, row, None)
    counting.run_due(large.core)
    with large.core.db.read() as connection:
        now = counting.marks(large.core, connection, row, None)
        assert editions.late(connection, row, now, None) == (0, [])
