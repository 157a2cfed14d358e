"""The live picture of a large city: counted by a worker, the same as counted by a page, for each reader what they see; as of when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from engine import settings, worlds
from engine.calendar import Unit
from engine.clock import ManualClock
from engine.errors import LeaseLost
from engine.queries import flow_waits, flows, listing
from engine.queries.flows import Asked
from engine.queries.listing import Wanted
from engine.tables import history, instance, membership
from escalation import step_times
from escalation.kept import keeping, working
from escalation.picture import counting, figures
from escalation.picture.figures import LATE, PASSED, TIME, WAITING
from escalation.tables import kept_count, kept_count_cases
from tests.bench.story import LOOP, OLD, PROCESS, YOUNG, Walker
from tests.factories import HANDLER, OTHER_LEADER, STRANGER
from web.city import City

VERIFY = YOUNG[0]


@pytest.fixture
def large(city: City, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> City:
    """Cases everywhere on their way, in a city that is large from its first case on; read by many short statements."""
    walker = Walker(city)
    for number in range(6):
        case = walker.start()
        steps = ((VERIFY,), YOUNG, (*YOUNG, *OLD[:2]), (*YOUNG, *OLD), (*YOUNG, *LOOP, *OLD[:1]), ())[number]
        walker.walk(case, steps)
        clock.advance(timedelta(minutes=47))
    clock.advance(timedelta(hours=3))
    city.run_due()
    with city.core.db.write() as connection:
        settings.put(city.core, connection, "assessment_counted_from", 1)
    monkeypatch.setattr(counting, "FEWEST", 1)
    monkeypatch.setattr(counting, "MOST_ROWS", 3)
    return city


def month(city: City, version: int | None = None) -> Asked:
    now = worlds.get(city.core).now
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Asked(PROCESS, day - timedelta(days=3), day + timedelta(days=5), version)


def read(city: City, login: str = OTHER_LEADER, asked: Asked | None = None) -> figures.Read:
    return figures.read(city.core, city.actor(login), asked or month(city), worlds.get(city.core).now)


def live(city: City, login: str = OTHER_LEADER, asked: Asked | None = None) -> figures.Figures:
    return figures.live(city.core, city.actor(login), asked or month(city), worlds.get(city.core).now)


def same(kept: figures.Figures, expected: figures.Figures) -> bool:
    """All of it, medians and dates as well."""
    assert kept.now == expected.now
    assert kept.passed == expected.passed
    assert kept.lasted == expected.lasted
    for node in {*kept.counted, *expected.counted}:
        units = [{one.unit: one for one in told.counted.get(node, ())} for told in (kept, expected)]
        assert units[0] == units[1], node
    return True


def listed(city: City, login: str, which: dict[str, Any]) -> list[int]:
    actor = city.actor(login)
    return [row["id"] for row in listing.page(city.core, actor, Wanted(**which, size=100)).rows]


def numbers(told: figures.Figures) -> Iterator[tuple[str, str]]:
    for element, one in told.now.items():
        yield WAITING, element
        if one.late:
            yield LATE, element
    for element in {*told.passed.nodes, *told.passed.flows}:
        yield PASSED, element
    for element in told.lasted:
        yield TIME, element


def live_cases(city: City, login: str, show: str, element: str) -> dict[str, Any]:
    """As a page of a small city has them."""
    core, asked, now = city.core, month(city), worlds.get(city.core).now
    with core.db.read() as connection:
        if show == PASSED:
            condition = flows.went_over(core, city.actor(login), asked, element)[1]
        elif show == TIME:
            condition = flows.was_done(asked, connection, element)
        else:
            late_at = now if show == LATE else None
            condition = flow_waits.waits_at(core, connection, asked, element, late_at=late_at)
    return {"more": (condition, *flows.of_process(asked))}


def test_what_a_worker_counted_is_what_a_page_would_have(large: City) -> None:
    for_who_sees_all(large)
    one_version_and_all(large)
    for_who_sees_some(large)
    confidential_cases_are_in_no_number(large)


def for_who_sees_all(large: City) -> None:
    missing = read(large)
    assert missing.is_missing
    assert read(large).is_missing
    assert working.run_due(large.core) == 1
    assert working.run_due(large.core) == 0, "asked twice, counted once"
    kept, expected = read(large), live(large)
    assert kept.count is not None
    assert kept.at is not None
    assert not kept.waits
    assert same(kept.figures, expected)
    assert expected.counted
    assert any(one.late for one in expected.now.values())
    shown = list(numbers(expected))
    assert {show for show, _ in shown} == {WAITING, LATE, PASSED, TIME}
    for show, element in shown:
        cases = figures.behind(large.core, kept, show, element)
        found = listed(large, OTHER_LEADER, {"among": cases})
        assert found == listed(large, OTHER_LEADER, live_cases(large, OTHER_LEADER, show, element)), (show, element)
        assert 0 < len(found) <= kept.figures.of(show, element)


def for_who_sees_some(large: City) -> None:
    for login in (HANDLER, STRANGER):
        assert read(large, login).is_missing
        assert working.run_due(large.core) == 1
        kept = read(large, login)
        assert same(kept.figures, live(large, login))
        for show, element in numbers(kept.figures):
            cases = figures.behind(large.core, kept, show, element)
            assert set(cases) == set(listed(large, login, live_cases(large, login, show, element)))
    whole, own, none = (
        read(large, login).figures.passed.nodes["Verify"] for login in (OTHER_LEADER, HANDLER, STRANGER)
    )
    assert whole > own > none == 0


def test_rights_leases_and_clocks(large: City, monkeypatch: pytest.MonkeyPatch) -> None:
    read(large, HANDLER)
    working.run_due(large.core)
    assert not read(large, HANDLER).is_missing
    with large.core.db.write() as connection:
        connection.execute(delete(membership).where(membership.c.person_id == large.actor(HANDLER).id))
    assert read(large, HANDLER).is_missing
    assert working.run_due(large.core) == 1
    assert same(read(large, HANDLER).figures, live(large, HANDLER))
    asked_for_under_rights_that_are_gone(large)
    a_worker_that_was_overtaken_keeps_nothing(large, monkeypatch)
    a_small_city_with_many_clocks_has_them_counted_too(large, monkeypatch)


def asked_for_under_rights_that_are_gone(large: City) -> None:
    read(large, STRANGER)
    with large.core.db.write() as connection:
        connection.execute(delete(membership).where(membership.c.person_id == large.actor(STRANGER).id))
    assert working.run_due(large.core) == 1
    with large.core.db.read() as connection:
        kept = connection.execute(select(kept_count.c.about).where(kept_count.c.at.is_not(None))).scalars().all()
    assert len(kept) == 2


def confidential_cases_are_in_no_number(large: City) -> None:
    before = read(large).figures.passed.nodes["Verify"]
    with large.core.db.write() as connection:
        done = select(history.c.instance_id).where(history.c.kind == "completed", history.c.node == "Verify")
        ids = sorted(set(connection.execute(done).scalars()))
        connection.execute(update(instance).where(instance.c.id == ids[0]).values(confidential=True))
        connection.execute(delete(kept_count_cases))
        connection.execute(delete(kept_count))
    read(large)
    working.run_due(large.core)
    assert read(large).figures.passed.nodes["Verify"] == before - 1


def test_an_old_count_is_shown_and_made_anew(large: City, clock: ManualClock) -> None:
    asked = month(large)
    read(large)
    working.run_due(large.core)
    first = read(large, asked=asked)
    Walker(large).walk(Walker(large).start(), (VERIFY,))
    clock.advance(timedelta(minutes=14))
    assert read(large, asked=asked).figures == first.figures
    assert working.run_due(large.core) == 0, "not old yet"
    clock.advance(timedelta(minutes=1))
    stale = read(large, asked=asked)
    assert (stale.figures, stale.waits) == (first.figures, True)
    assert working.run_due(large.core) == 1
    second = read(large, asked=asked)
    assert same(second.figures, live(large, asked=asked))
    assert second.figures.passed.nodes["Verify"] == first.figures.passed.nodes["Verify"] + 1
    for _ in range(3):
        clock.advance(timedelta(minutes=20))
        read(large, asked=asked)
        working.run_due(large.core)
    with large.core.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(kept_count)).scalar_one() == 2
        behind = set(connection.execute(select(kept_count_cases.c.count_id)).scalars())
        assert behind == set(connection.execute(select(kept_count.c.id)).scalars())


def a_worker_that_was_overtaken_keeps_nothing(large: City, monkeypatch: pytest.MonkeyPatch) -> None:
    read(large)
    sleeper = keeping.take(large.core)
    assert sleeper is not None
    with large.core.db.write() as connection:
        past = large.core.db.now_on(connection) - timedelta(seconds=1)
        connection.execute(update(kept_count).values(lease_until=past))
    assert working.run_due(large.core) == 1
    kept = read(large)
    with monkeypatch.context() as often:
        often.setattr(keeping, "HOLD_ON_EVERY", 0)
        with pytest.raises(LeaseLost):
            counting.work(large.core, sleeper)
    assert read(large) == kept
    assert not kept.is_missing


def a_small_city_with_many_clocks_has_them_counted_too(large: City, monkeypatch: pytest.MonkeyPatch) -> None:
    with large.core.db.write() as connection:
        settings.put(large.core, connection, "assessment_counted_from", 50_000)
    asked = month(large)
    yesterday = Asked(asked.key, asked.since - timedelta(days=1), asked.until)
    assert read(large, asked=yesterday).count is None
    monkeypatch.setattr(step_times, "MOST", 5)
    assert read(large, asked=yesterday).is_missing
    assert working.run_due(large.core) == 1
    assert same(read(large, asked=yesterday).figures, live(large, asked=yesterday))


def one_version_and_all(large: City) -> None:
    with large.core.db.read() as connection:
        version = connection.execute(select(instance.c.definition_id).limit(1)).scalar_one()
    one, other = read(large, asked=month(large, version)), read(large, asked=month(large, version + 1000))
    assert same(one.figures, read(large).figures)
    assert not other.is_missing
    assert not list(numbers(other.figures))


def test_the_parts_of_a_period_touch_and_follow_how_much_there_is(clock: ManualClock) -> None:
    asked = Asked(PROCESS, clock.now(), clock.now() + timedelta(days=31))
    busy = asked.since + timedelta(days=9)

    def steps(part: Asked) -> int:
        return 50_000 if part.since <= busy < part.until else 0

    parts = list(counting._parts(asked, steps))
    assert [one.since for one in parts] == [asked.since, *(one.until for one in parts[:-1])]
    assert parts[-1].until == asked.until
    lengths = [one.until - one.since for one in parts]
    place = next(n for n, one in enumerate(parts) if one.since <= busy < one.until)
    assert lengths[place + 1] == lengths[place] / 2
    assert lengths[1] == 2 * lengths[0]


def test_amounts_are_ranked_exactly() -> None:
    several = [
        Decimal("1.000000000000000001"),
        Decimal("0.5"),
        Decimal("1.000000000000000003"),
        Decimal(-2),
        Decimal(9000),
    ]
    several += [Decimal("1.000000000000000002")] * 3
    amounts = step_times.Amounts()
    for one in several:
        amounts.add(one)
    ordered = sorted(several)
    told = amounts.counted(Unit.WORK_HOUR)
    assert (told.median, told.p90) == (ordered[3], ordered[7])


def test_the_newest_cases_are_kept_each_once(monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> None:
    monkeypatch.setattr(counting, "MOST", 4)
    newest = counting.Newest()
    began = {case: clock.now() + timedelta(minutes=case * 7 % 31) for case in range(31)}
    for case in (*range(31), *range(31)):
        newest.add(case, began[case])
    assert newest.ids() == sorted(began, key=lambda one: (began[one], one), reverse=True)[:4]
