"""A plan may be for some cases: by where they stand, whose they are, when they began, or by their numbers; the rest stays and is listed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.clock import ManualClock
from engine.errors import Invalid
from engine.migrating import choosing, deciding, plans, working
from engine.migrating.asked import Asked, Chosen
from engine.tables import audit, instance, process_migration
from tests import laws
from tests.bpmn.drawing import user
from tests.changing import OTHER
from tests.factories import DESIGNER, HANDLER, OPERATOR, task_at
from tests.small import deploy, done, drawn_up, line, task, tried
from web.city import City

HERE = user("B", settings='<ld:candidates unit="supervision_centre" post="supervisor"/>')
"""A task of one unit."""


def cases(city: City, count: int) -> list[int]:
    """So many, at A."""
    deploy(city, *line(task("A"), HERE))
    return [city.start("tiny", {}, OPERATOR) for _ in range(count)]


def numbers(city: City, ids: list[int]) -> tuple[str, ...]:
    with city.core.db.read() as connection:
        rows = connection.execute(select(instance.c.id, instance.c.number).where(instance.c.id.in_(ids)))
        known = {row.id: row.number for row in rows}
    return tuple(known[each] for each in ids)


def instance_of(city: City, case: int) -> int:
    """The version that it runs by."""
    with city.core.db.read() as connection:
        return int(connection.execute(select(instance.c.definition_id).where(instance.c.id == case)).scalar_one())


def its(city: City, plan: int) -> list[int]:
    return [one.instance_id for one in plans.items(city.core, plan)]


def test_the_chosen_ones_go_and_the_rest_stays_and_is_listed(city: City, clock: ManualClock) -> None:
    made = cases(city, 4)
    city.complete(task_at(city, made[1], "A"), {}, HANDLER)
    clock.advance(timedelta(days=3))
    late = city.start("tiny", {}, OPERATOR)
    deploy(city, *line(task("A"), task("B2")))
    today = city.world().now.astimezone(city.world().zone).date()
    assert its(city, drawn_up(city, chosen=Chosen(node="B"))) == [made[1]]
    assert its(city, drawn_up(city, chosen=Chosen(since=today))) == [late]
    assert set(its(city, drawn_up(city, chosen=Chosen(until=today - timedelta(days=1))))) == set(made)
    with city.core.db.read() as connection:
        units = choosing.units(connection, instance_of(city, made[0]))
        assert choosing.standing(connection, instance_of(city, made[0])) == {"A": 4, "B": 1}
    assert [city.core.unit_key(unit) for unit in units] == ["supervision_centre"]
    assert its(city, drawn_up(city, chosen=Chosen(unit="supervision_centre"))) == [made[1]]
    chosen = Chosen(numbers=numbers(city, [made[0], made[2]]), node="A")
    plan = drawn_up(city, B="B2", chosen=chosen)
    assert set(its(city, plan)) == {made[0], made[2]}
    assert done(city, plan) == {"moved": 2}
    found = plans.get(city.core, plan)
    assert found.asked.chosen == chosen
    assert plans.rest(city.core, found, 10) == (3, sorted([made[1], made[3], late]))
    assert plans.rest(city.core, found, 1) == (3, sorted([made[1], made[3], late])[:1])
    with city.core.db.read() as connection:
        about = f"process_migration:tiny/{plan}"
        said = connection.execute(
            select(audit.c.data).where(audit.c.about == about, audit.c.kind == "migration_tried")
        ).scalar_one()
    assert said["chosen"] == chosen.kept()
    laws.check(city)
    assert its(city, drawn_up(city, B="B2")) == sorted([made[1], made[3], late]), "the rest by another plan"


def test_whom_no_case_answers_to_is_refused_in_words(city: City) -> None:
    made = cases(city, 1)
    deploy(city, *line(task("A"), task("B")))
    with pytest.raises(Invalid) as refused:
        drawn_up(city, chosen=Chosen(numbers=(*numbers(city, made), "没有-1")))
    assert refused.value.text("zh") == "没有按原版在办的案件：没有-1"
    with pytest.raises(Invalid, match="there is no unit"):
        drawn_up(city, chosen=Chosen(unit="nosuch"))
    with pytest.raises(Invalid, match="no case that runs by this version is meant"):
        drawn_up(city, chosen=Chosen(node="B"))
    with pytest.raises(Invalid, match="no such step"):
        drawn_up(city, chosen=Chosen(node="Nowhere"))
    assert plans.listing(city.core, "tiny") == []


def test_two_plans_for_one_version_one_at_a_time(city: City) -> None:
    first, second = cases(city, 2)
    deploy(city, *line(task("A"), task("B")))
    one = drawn_up(city, chosen=Chosen(numbers=numbers(city, [first])))
    two = drawn_up(city, chosen=Chosen(numbers=numbers(city, [second])))
    tried(city, one)
    tried(city, two)
    deciding.propose(city.core, one, DESIGNER, "先迁一件")
    with pytest.raises(Invalid, match="another plan"):
        deciding.propose(city.core, two, DESIGNER, "再迁一件")
    deciding.approve(city.core, one, OTHER)
    with pytest.raises(Invalid, match="another plan"):
        deciding.propose(city.core, two, DESIGNER, "再迁一件")
    while working.run_due(city.core):
        pass
    deciding.propose(city.core, two, DESIGNER, "再迁一件")
    deciding.approve(city.core, two, OTHER)
    while working.run_due(city.core):
        pass
    assert [plans.get(city.core, plan).counts for plan in (one, two)] == [{"moved": 1}, {"moved": 1}]
    laws.check(city)


def test_plans_from_before_are_still_read(city: City) -> None:
    """Their row holds the nodes alone: every limit is the one of its id, and they are for all."""
    (case,) = cases(city, 1)
    deploy(city, *line(task("A"), task("B")))
    plan = drawn_up(city)
    nodes = plans.get(city.core, plan).nodes
    with city.core.db.write() as connection:
        connection.execute(process_migration.update().values(nodes=nodes))
    found = plans.get(city.core, plan)
    assert found.asked == Asked(nodes)
    assert found.asked.clock("any") == "any"
    assert done(city, plan) == {"moved": 1}
    assert Asked.read({"nodes": "nodes", "A": "B"}).nodes == {"nodes": "nodes", "A": "B"}
    assert case
