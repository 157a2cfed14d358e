"""Running permits go on by another version of their process: by plan, tried first, approved by a second person, each case once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.migrating import plans, working
from engine.tables import history, instance, task
from tests import changing
from tests.changing import KEY, OTHER, deploy, drawn_up, improved, permits_at_work, remaining
from tests.factories import DESIGNER
from tests.stories import permits
from web.city import City


def tried(city: City, plan: int) -> dict[str, int]:
    """The dry run is done: how many cases would go."""
    working.run_due(city.core)
    found = plans.get(city.core, plan)
    assert found.state == "tried"
    return found.counts


def carried_out(city: City, plan: int) -> dict[str, int]:
    """Proposed, approved, and done."""
    plans.propose(city.core, plan, DESIGNER, "新版已发布，在办的一并改按新版")
    plans.approve(city.core, plan, OTHER, "同意")
    while working.run_due(city.core):
        pass
    found = plans.get(city.core, plan)
    assert found.state == "done"
    return found.counts


def versions(city: City) -> dict[int, int]:
    with city.core.db.read() as connection:
        rows = connection.execute(select(instance.c.id, instance.c.definition_id).where(instance.c.key == KEY)).all()
    ids = {changing_id(city, number): number for number in (1, 2)}
    return {row.id: ids[row.definition_id] for row in rows}


def changing_id(city: City, number: int) -> int:
    from engine.queries import deployed  # noqa: PLC0415

    return int(deployed.version(city.core, KEY, number)["id"])


def open_tasks(city: City) -> dict[tuple[int, int], Any]:
    with city.core.db.read() as connection:
        rows = connection.execute(select(task).where(task.c.state == "open")).mappings().all()
    return {(row["instance_id"], row["id"]): dict(row) for row in rows}


def trail(city: City, case: int) -> list[Any]:
    with city.core.db.read() as connection:
        query = select(history).where(history.c.instance_id == case).order_by(history.c.seq)
        return [dict(row) for row in connection.execute(query).mappings()]


def test_what_is_proposed_follows_ids_names_and_places(city: City) -> None:
    deploy(city, improved())
    nodes = changing.proposed_nodes(city, 1, 2)
    before = changing.model(city, 1)
    assert set(nodes) == set(before.nodes)
    assert {a: b for a, b in nodes.items() if a != b} == changing.RENAMED
    deploy(city, changing.removed(changing.shipped(), "CityApproval"))
    assert set(before.nodes) - set(changing.proposed_nodes(city, 1, 3)) == {"CityApproval"}


def test_twenty_permits_go_on_with_what_was_left_of_every_clock_and_timer(city: City) -> None:
    cases = permits_at_work(city, 20)
    deploy(city, improved())
    tasks = open_tasks(city)
    before = remaining(city)
    assert sum(key[0] == "timer" for key in before) >= 20
    plan = drawn_up(city)
    assert tried(city, plan) == {"fits": 20}
    assert remaining(city) == before
    assert set(versions(city).values()) == {1}
    assert carried_out(city, plan) == {"moved": 20}
    assert remaining(city) == before
    assert set(versions(city).values()) == {2}
    after = open_tasks(city)
    assert {key: row["node"] for key, row in after.items()} == {
        key: changing.RENAMED.get(row["node"], row["node"]) for key, row in tasks.items()
    }
    for key, row in after.items():  # holder, times, item: all else is as it was
        assert {**row, "node": None, "definition_id": None} == {**tasks[key], "node": None, "definition_id": None}
    assert all([row["kind"] for row in trail(city, case)].count("migrated") == 1 for case in cases)
    changing.lawful(city)
    done = cases[1]
    permits.ANSWERS["MunicipalExamination"] = permits.ANSWERS["MunicipalReview"]
    permits.ANSWERS["TrafficSeal"] = (permits.WINDOW, {"delivered_how": "post", "delivered_on": "2026-07-01"})
    permits.do(city, done, "MunicipalExamination", "TrafficReview", "TrafficSeal", "Decide", "Issue")
    assert "Patrol" in permits.nodes(city, done) or "Report" in permits.nodes(city, done)
    changing.lawful(city)
