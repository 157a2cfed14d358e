"""Periods of a large city: counted by a worker, the same as counted by a page; told as of when; counted anew when asked and old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine import settings
from engine.clock import ManualClock
from engine.errors import Invalid, LeaseLost
from engine.tables import audit, instance
from escalation.assessment import closing, counting, editions, marking, near
from escalation.assessment.opening import Number, cases
from escalation.kept import keeping, working
from escalation.tables import assessment_count_mark, assessment_count_unit_mark, kept_count, rung
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
        ahead = rung.c.closed_at > clock.now()  # nothing is closed before it is, not even what is made up
        connection.execute(update(rung).where(ahead).values(outcome=None, closed_at=None))
    monkeypatch.setattr(near, "AT_ONCE", 37)
    return city


def counted(city: City, actor: Any = None) -> editions.Read:
    with city.core.db.read() as connection:
        return counting.read(city.core, connection, MAY, actor)


def live(city: City, actor: Any = None) -> editions.Read:
    with city.core.db.read() as connection:
        return editions.live(city.core, connection, MAY, actor)


def test_what_a_worker_counted_is_what_a_page_would_have(large: City) -> None:
    with pytest.raises(keeping.Counting):
        counted(large)
    with pytest.raises(keeping.Counting):
        counted(large)
    assert working.run_due(large.core) == 1
    assert working.run_due(large.core) == 0, "asked twice, counted once"
    found, expected = counted(large), live(large)
    assert found.report == expected.report
    assert found.report["whole"]["numbers"]
    assert found.at is not None
    with large.core.db.read() as connection:
        some = next(row["key"] for row in found.report["units"] if row["numbers"].get("carded"))
        had = next(row["key"] for row in found.report["units"] if row["numbers"].get("handle_missed", [0])[-1])
        own = (Number("carded", unit=some), Number("handle_missed", "adjusted", unit=had))
        for number in (Number("received"), Number("missed"), Number("voided"), *own):
            behind = [
                set(connection.execute(select(instance.c.id).where(cases(connection, one, number, ()))).scalars())
                for one in (found, expected)
            ]
            assert behind[0] == behind[1] != set()
    actor = large.actor(HANDLER)
    assert counted(large, actor).report == live(large, actor).report != expected.report


def test_an_old_count_is_shown_and_made_anew(large: City, clock: ManualClock) -> None:
    with pytest.raises(keeping.Counting):
        counted(large)
    working.run_due(large.core)
    first = counted(large)
    with large.core.db.write() as connection:
        connection.execute(update(instance).values(status="cancelled"))
    clock.advance(timedelta(minutes=14))
    assert counted(large).report == first.report
    assert working.run_due(large.core) == 0, "not old yet"
    clock.advance(timedelta(minutes=1))
    assert counted(large).report == first.report, "shown until the next is there"
    assert working.run_due(large.core) == 1
    assert counted(large).report == live(large).report != first.report
    for _ in range(3):
        clock.advance(timedelta(minutes=20))
        counted(large)
        working.run_due(large.core)
    with large.core.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(kept_count)).scalar_one() == 2
        for table in (assessment_count_mark, assessment_count_unit_mark):
            kept = set(connection.execute(select(table.c.count_id)).scalars())
            assert kept == set(connection.execute(select(kept_count.c.id)).scalars())


def runs_out(city: City) -> None:
    """The lease of whoever is at it."""
    with city.core.db.write() as connection:
        long_ago = city.core.db.now_on(connection) - timedelta(seconds=1)
        connection.execute(update(kept_count).values(lease_until=long_ago))


def test_a_count_whose_worker_died_is_begun_anew(large: City, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(keeping.Counting):
        counted(large)

    def dies(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(keeping, "_forget", dies)
        with pytest.raises(RuntimeError):
            working.run_due(large.core)
    assert working.run_due(large.core) == 0, "its worker may still be at it"
    runs_out(large)
    assert working.run_due(large.core) == 1
    assert counted(large).report == live(large).report


def test_a_worker_that_was_overtaken_writes_nothing_more(large: City, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(keeping.Counting):
        counted(large)
    keep, parts = marking.keep, 0

    def slowly(*given: Any) -> int:
        nonlocal parts
        parts += 1
        if parts == 3:  # asleep for longer than its lease: another does all of it
            runs_out_on(given[0])
        return keep(*given)

    with monkeypatch.context() as slow:
        slow.setattr(marking, "keep", slowly)
        assert working.run_due(large.core) == 1
    assert parts == 3, "it stopped"
    with pytest.raises(keeping.Counting):
        counted(large)
    runs_out(large)
    assert working.run_due(large.core) == 1
    assert counted(large).report == live(large).report


def runs_out_on(connection: Any) -> None:
    connection.execute(update(kept_count).values(lease_until=datetime(2020, 1, 1, tzinfo=UTC)))


def test_two_ask_at_once_and_one_count_is_made(large: City) -> None:
    matter = keeping.Matter(counting.SUBJECT, MAY.kind, MAY.since, MAY.until)
    with large.core.db.write() as connection:
        numbers = [keeping.ask(large.core, connection, matter, MAY.until) for _ in range(2)]
    assert numbers[0] is not None
    assert numbers[1] is None


def test_a_large_city_closes_as_a_small_one(large: City) -> None:
    expected = live(large).report
    assessor = large.actor(ASSESSOR)
    assert closing.close(large.core, assessor, MAY) is None
    with large.core.db.read() as connection:
        under_way = closing.under_way(connection, MAY)
        assert under_way is not None
        assert under_way["by_id"] == assessor.id
        assert editions.newest(connection, MAY) is None
    with pytest.raises(Invalid):
        closing.close(large.core, assessor, MAY)
    assert working.run_due(large.core) == 1
    assert working.run_due(large.core) == 0
    with large.core.db.read() as connection:
        row = editions.newest(connection, MAY)
        assert row is not None
        assert closing.under_way(connection, MAY) is None
        closed = editions.read(large.core, connection, row, None, MAY).report
        assert {key: closed[key] for key in expected} == expected
        assert editions.is_sound(connection, row)
        assert (row["number"], row["by_id"]) == ("2026-05/1", assessor.id)
        for table in (assessment_count_mark, assessment_count_unit_mark):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
        with pytest.raises(keeping.Counting):
            counting.marks(large.core, connection, row, None)
    working.run_due(large.core)
    with large.core.db.read() as connection:
        now = counting.marks(large.core, connection, row, None)
        assert editions.late(connection, row, now, None) == (0, [])


def test_a_period_is_closed_once_whoever_dies_and_whoever_comes_late(
    large: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert closing.close(large.core, large.actor(ASSESSOR), MAY) is None
    sleeper = keeping.take(large.core)
    assert sleeper is not None
    runs_out(large)

    def dies(*_: Any, **__: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(closing, "_keep", dies)  # in the transaction that makes the edition
        with pytest.raises(RuntimeError):
            working.run_due(large.core)
    runs_out(large)
    assert working.run_due(large.core) == 1
    with pytest.raises(LeaseLost):
        closing.work(large.core, sleeper)
    with large.core.db.read() as connection:
        assert [one["number"] for one in editions.every(connection)] == ["2026-05/1"]
        said = select(func.count()).select_from(audit).where(audit.c.kind == closing.CLOSED)
        assert connection.execute(said).scalar_one() == 1
        assert connection.execute(select(func.count()).select_from(kept_count)).scalar_one() == 0


def test_who_asked_before_another_edition_was_there_makes_none(large: City) -> None:
    """A request that was written while an edition was about to be: it meant the first, and is none any more."""
    assessor = large.actor(ASSESSOR)
    assert closing.close(large.core, assessor, MAY) is None
    with large.core.db.read() as connection:
        asked = keeping.waiting(connection, closing._matter(MAY))
    assert asked is not None
    assert working.run_due(large.core) == 1
    with large.core.db.write() as connection:
        keeping.ask(large.core, connection, closing._matter(MAY), MAY.until, asked["asked"])
    assert working.run_due(large.core) == 1
    with large.core.db.read() as connection:
        assert [one["number"] for one in editions.every(connection)] == ["2026-05/1"]
        assert closing.under_way(connection, MAY) is None
