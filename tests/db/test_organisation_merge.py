"""Units merged and split while their cases run: nothing is lost, nobody is shut out meanwhile."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine import access, steps
from engine.audit.verifying import verify
from engine.errors import NotFound
from engine.organisation import changes, moving
from engine.tables import area, history, instance, membership, organisation_change, recusal, task, unit
from tests import laws
from tests.db.organised import MERGE, UNIT_WORK, cases, changed, proposed, rows, unit_id
from tests.factories import say
from tests.faults.wrecking import ConnectionLost, wrecked
from web.city import City

WATER_MAN, DRAIN_WOMAN = "xiahexiang", "cailihua"


@pytest.fixture
def working(city: City) -> City:
    city.deploy(UNIT_WORK)
    return city


def open_by_unit(city: City) -> Counter[str | None]:
    with city.core.db.read() as connection:
        query = select(unit.c.key, func.count()).select_from(task).outerjoin(unit, unit.c.id == task.c.unit_id)
        return Counter(dict(connection.execute(query.where(task.c.state == "open").group_by(unit.c.key)).all()))


def test_a_merger_moves_every_open_task_and_closes_the_old_units(working: City) -> None:
    city = working
    of_water, of_drains = cases(city, 5, "water_supply"), cases(city, 4, "drainage")
    done = cases(city, 1, "water_supply")[0]
    for _ in range(2):
        city.complete(city.tasks(done)[0], {}, WATER_MAN)
    taken = city.tasks(of_water[0])[0]
    city.claim(taken, WATER_MAN)
    elsewhere = cases(city, 2, "sanitation")

    change = changed(city, "merge", MERGE)

    assert open_by_unit(city) == {"water": 9, "sanitation": 2}
    assert (change.done, change.total) == (9, 9)
    old, new = unit_id(city, "water_supply"), unit_id(city, "water")
    for case in of_water + of_drains:
        row = city.instance(case)
        assert (row["unit_id"], row["facts"]["responsible_unit"]) == (new, "water")
        (told,) = [h for h in city.trail(case) if h["kind"] == "moved"]
        assert told["actor_id"] is None
        assert told["data"]["change"] == change.id
        assert told["data"]["to"] == "water"
    assert city.instance(done)["unit_id"] == old
    assert all(city.instance(case)["unit_id"] == unit_id(city, "sanitation") for case in elsewhere)

    # a task somebody had taken is still theirs; either unit's people work what was the other's, and what begins under an old key
    assert rows(city, task, instance_id=of_water[0], state="open")[0]["assignee_id"] == city.actor(WATER_MAN).id
    city.complete(taken, {}, WATER_MAN)
    city.complete(city.tasks(of_water[1])[0], {}, DRAIN_WOMAN)
    (late,) = cases(city, 1, "drainage")
    assert city.tasks(late)[0].unit == "water"
    city.complete(city.tasks(late)[0], {}, WATER_MAN)

    # what the old units had is their successor's to see
    with city.core.db.read() as connection:
        access.check_can_see(connection, city.actor(DRAIN_WOMAN), done)
    assert {p.unit_key for p in city.actor(DRAIN_WOMAN).posts} == {"water"}
    assert rows(city, unit, key="drainage")[0]["successor_id"] == new
    laws.check(city)


def test_while_tasks_move_both_units_people_work(working: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city = working
    some = cases(city, 6, "water_supply")
    proposed(city, "merge", MERGE)
    monkeypatch.setattr(moving, "AT_ONCE", 2)
    assert moving.run_due(city.core, 2)  # begun
    assert moving.run_due(city.core, 2)  # two of six
    units = Counter(city.tasks(case)[0].unit for case in some)
    assert units == {"water": 2, "water_supply": 4}
    for case in some:
        city.complete(city.tasks(case)[0], {}, WATER_MAN)  # the next task opens where its unit is today
    moved = [case for case in some if city.tasks(case)[0].unit == "water"]
    city.complete(city.tasks(moved[0])[0], {}, DRAIN_WOMAN)
    city.run_due()
    assert open_by_unit(city) == {"water": 5}
    laws.check(city)


def test_what_opens_behind_the_movers_back_is_moved_later(working: City) -> None:
    city = working
    (case,) = cases(city, 1, "water_supply")
    change = changed(city, "merge", MERGE)
    with city.core.db.write() as connection:  # as a step would leave it that was planned before and written after
        old = unit_id(city, "water_supply")
        connection.execute(update(task).where(task.c.instance_id == case).values(unit_id=old))
        connection.execute(update(organisation_change).values(lease_until=None))
    city.run_due()
    assert open_by_unit(city) == {"water": 1}
    assert changes.get(city.core, change.id).state == "applied"


SPLIT: dict[str, Any] = {
    "unit": "town_yuanlin",
    "parts": [
        {
            "into": {
                "key": "yuanlin_east",
                "name_zh": "园林东",
                "name_en": "East",
                "kind": "town",
                "parent": "city_government",
            },
            "areas": ["zhanghua", "dongfeng"],
            "people": ["qinyujie"],
        },
        {"into": "sanitation", "classes": ["C-02"]},
    ],
    "default": "sanitation",
}


def test_a_split_goes_by_area_and_class_and_else_to_the_default(working: City) -> None:
    city = working
    east = cases(city, 2, "town_yuanlin", area="zhanghua")
    classed = cases(city, 2, "town_yuanlin", area="hongmei", **{"class": "C-0201"})
    other = cases(city, 1, "town_yuanlin", area="hongmei", **{"class": "C-0101"})
    shown = changes.preview(city.core, "split", SPLIT)
    assert shown.problems == []
    assert {(m["to"], m["tasks"]) for m in shown.moves} == {("yuanlin_east", 2), ("sanitation", 3)}

    changed(city, "split", SPLIT)
    assert open_by_unit(city) == {"yuanlin_east": 2, "sanitation": 3}
    assert {city.instance(c)["facts"]["responsible_unit"] for c in east} == {"yuanlin_east"}
    city.complete(city.tasks(east[0])[0], {}, "qinyujie")
    assert city.tasks(east[0])[0].unit == "yuanlin_east"
    for case in classed + other:
        city.complete(city.tasks(case)[0], {}, "dingyumei")
    assert rows(city, area, key="zhanghua")[0]["unit_id"] == unit_id(city, "yuanlin_east")
    assert rows(city, area, key="hongmei")[0]["unit_id"] == unit_id(city, "sanitation")
    laws.check(city)


def test_a_part_may_leave_a_unit_that_goes_on(working: City) -> None:
    city = working
    away = cases(city, 2, "town_yuanlin", area="zhanghua")
    stay = cases(city, 3, "town_yuanlin", area="hongmei")
    plan = {"unit": "town_yuanlin", "parts": [{"into": "drainage", "areas": ["zhanghua"]}], "default": "town_yuanlin"}
    changed(city, "split", plan)
    assert open_by_unit(city) == {"drainage": 2, "town_yuanlin": 3}
    city.complete(city.tasks(away[0])[0], {}, DRAIN_WOMAN)
    city.complete(city.tasks(stay[0])[0], {}, "qinyujie")
    assert rows(city, unit, key="town_yuanlin")[0]["ended_at"] is None


def interrupted(city: City, count: int, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A merger of units with so many open tasks, cut off at random points, while people go on working."""
    chance = random.Random(seed)
    half = count // 2
    all_cases = cases(city, half, "water_supply") + cases(city, count - half, "drainage")
    change = proposed(city, "merge", MERGE)
    kills = rounds = worked = 0
    real = steps.run

    def dying(*args: Any, **kwargs: Any) -> Any:
        if chance.random() < 0.02:
            raise KeyboardInterrupt
        done = real(*args, **kwargs)
        if chance.random() < 0.02:
            raise KeyboardInterrupt  # written, and nobody heard of it
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moving, "run", dying)
        while changes.get(city.core, change).state != "applied":
            rounds += 1
            assert rounds < count
            lost = chance.randrange(60) if chance.random() < 0.4 else None
            try:
                with wrecked(city.core.db, lost):  # the database is lost at some call, whatever is done just then
                    moving.run_due(city.core, 50)
            except (KeyboardInterrupt, ConnectionLost):
                kills += 1
            with city.core.db.write() as connection:  # the lease of the dead runs out
                connection.execute(update(organisation_change).values(lease_until=None))
            case = chance.choice(all_cases)
            if city.tasks(case) and city.tasks(case)[0].node == "A":
                city.complete(city.tasks(case)[0], {}, WATER_MAN if case in all_cases[:half] else DRAIN_WOMAN)
                worked += 1
    assert open_by_unit(city) == {"water": count}
    told = rows(city, history, kind="moved")
    assert Counter(h["instance_id"] for h in told) == dict.fromkeys(all_cases, 1)
    assert kills > 1
    with city.core.db.read() as connection:
        old = connection.execute(select(func.count()).where(instance.c.unit_id != unit_id(city, "water"))).scalar_one()
        running = select(func.count()).where(
            membership.c.until.is_(None), membership.c.unit_id == unit_id(city, "drainage")
        )
        assert (old, connection.execute(running).scalar_one()) == (0, 0)
    say(capsys, tasks=count, kills=kills, worked_meanwhile=worked)


@pytest.mark.slow
def test_interrupted_at_random_nothing_is_lost(working: City, capsys: pytest.CaptureFixture[str]) -> None:
    interrupted(working, 300, 4, capsys)
    laws.check(working)


@pytest.mark.faults
def test_ten_thousand_open_tasks(working: City, capsys: pytest.CaptureFixture[str]) -> None:
    interrupted(working, 10_000, 5, capsys)


def test_what_is_about_a_unit_stays_hidden_from_its_successor(working: City) -> None:
    """A case about a unit is not worked, after a merger, by those it is about; nor is it lost."""
    city = working
    (about_water,) = cases(city, 1, "sanitation", recused_unit="water_supply")
    (about_drains,) = cases(city, 1, "water_supply", recused_unit="drainage")
    changed(city, "merge", MERGE)
    new = unit_id(city, "water")
    for case in (about_water, about_drains):
        assert new in {r["unit_id"] for r in rows(city, recusal, instance_id=case)}
    assert city.tasks(about_water)[0].unit == "sanitation"
    (task_,) = city.tasks(about_drains)
    assert (task_.unit, task_.post) == (None, "operator")
    with city.core.db.read() as connection, pytest.raises(NotFound):
        access.check_can_see(connection, city.actor(WATER_MAN), about_water)


def test_the_chains_still_verify(working: City) -> None:
    city = working
    cases(city, 3, "water_supply", area="zhanghua")
    changed(city, "merge", MERGE)
    changed(city, "leave", {"login": WATER_MAN, "successor": DRAIN_WOMAN})
    report = verify(city.core, keys={})
    assert set(report.kinds) == {"never_sealed"}  # no worker has sealed anything yet
