"""Which unit a case is for, with a real process: trained by a worker, proposed, decided alone where a register says so, corrected."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from engine import registers
from engine.dispatching import keeping, working
from engine.dispatching.model import Model
from engine.dispatching.proposing import propose
from engine.people import load_actor
from engine.queries import dispatching as reading
from engine.queries import waiting
from engine.tables import audit, dispatch_model, dispatch_proposal, instance, task
from tests import laws
from tests.factories import COLLECTOR, DISPATCHER, LEADER, REPORT, do, only_task, task_at
from web.city import City

Row = dict[str, Any]
KIND, STANDARD = "E-0201", "E-0201-1"
"""A kind that the shipped register lets the system dispatch alone; by the table of duties it is the town's of the place."""
TOWNS = {"zhanghua": "town_yuanlin", "dongfeng": "town_yuanlin"}
AT = ("case_dispatch", "Dispatch")


def closed(city: City, count: int, kind: str = KIND, **facts: Any) -> None:
    """Cases that were closed long ago, written as rows: half of the kind, half of one whose unit is told by its text."""
    now = city.world().now
    definition = keeping.place(city.core, *AT).definitions[-1]
    with city.core.db.write() as connection:
        for n in range(count):
            own = kind if n % 2 else "C-0101"
            unit = "town_yuanlin" if n % 2 else ("water_supply", "drainage")[n // 2 % 2]
            text = f"{n}号墙面小广告" if n % 2 else f"{n}号{('上水', '污水')[n // 2 % 2]}井盖破损"
            opened = now - timedelta(days=60, hours=-n)
            said: Row = {
                "title": text, "class": own, "area": "zhanghua", "source": "collector", "responsible_unit": unit,
                "place_area": {"town": "yuanlin", "unit": "town_yuanlin"}, "handle_note": unit, **facts,
            }  # fmt: skip
            base: Row = {
                "id": 10**9 + n,
                "world_id": 1,
                "definition_id": definition,
                "key": "case_dispatch",
                "number": f"old-{n}",
            }
            connection.execute(
                insert(instance).values(
                    **base, status="completed", outcome="EndClosed", revision=1, facts=said, title=text,
                    unit_id=city.core.unit_id(unit), started_at=opened, ended_at=opened + timedelta(hours=3), history_count=0,
                    data_version=2,
                )
            )  # fmt: skip
            connection.execute(
                insert(task).values(
                    instance_id=base["id"], id=1, world_id=1, definition_id=definition, node="Handle", state="completed",
                    unit_id=city.core.unit_id(unit), post_key="handler", opened_at=opened, closed_at=opened,
                )
            )  # fmt: skip


def waits(city: City, **report: Any) -> int:
    """A case of the kind, filed, that waits to be dispatched."""
    case = city.start("case_dispatch", {**REPORT, "title": "建设路墙面小广告", **report}, COLLECTOR)
    do(city, case, "File", LEADER, standard_code=STANDARD)
    return case


def proposals(city: City, case: int) -> list[Row]:
    with city.core.db.read() as connection:
        query = select(dispatch_proposal).where(dispatch_proposal.c.instance_id == case)
        return [dict(row) for row in connection.execute(query.order_by(dispatch_proposal.c.task_id)).mappings()]


def test_from_training_to_a_correction(city: City) -> None:
    core = city.core
    assert working.train_due(core) is False  # too few cases: nothing is asked by the schedule
    taken = waits(city)
    assert (working.propose_due(core), proposals(city, taken)) == (0, [])
    closed(city, 240)
    with core.db.read() as connection:
        by = load_actor(connection, "fuxiaolin")
    assert keeping.ask(core, *AT, by) == keeping.ask(core, *AT, by)
    assert working.train_due(core) is True
    assert working.train_due(core) is False
    now = keeping.current(core, *AT)
    assert now is not None
    assert now.figures["all"]["right"] == now.figures["all"]["spoke"] > 50
    with core.db.read() as connection:
        told = connection.execute(select(audit.c.kind).where(audit.c.kind.like("dispatch%"))).scalars().all()
    assert sorted(told) == ["dispatch_trained", "dispatch_training_asked"]

    # claimed by a person: theirs; the board says who and why
    city.claim(task_at(city, taken, "Dispatch"), DISPATCHER)
    free = waits(city)
    elsewhere = waits(city, area="zhugentan", title="竹根滩墙面小广告")  # the table of duties names another town
    assert working.propose_due(core) == 2
    assert [row["decided"] for row in proposals(city, free)] == [True]
    assert [row["decided"] for row in proposals(city, elsewhere)] == [False]
    assert [t.node for t in city.tasks(elsewhere)] == ["Dispatch"]
    assert [t.node for t in city.tasks(taken)] == ["Dispatch"]

    # the system's act, with why, in the case's history
    last = city.trail(free)[-1]
    assert (last["kind"], last["node"], last["actor_id"]) == ("completed", "Dispatch", None)
    why = last["data"]["auto"]
    assert (why["why"], why["unit"], why["row"]) == ("dispatch", "town_yuanlin", f"{KIND}@*")
    assert why["trust"] >= 0.98
    assert city.instance(free)["facts"]["responsible_unit"] == "town_yuanlin"

    # sent back: never again by the system, nor proposed to who sent it back; the dispatcher's choice corrects
    do(city, free, "SignFor", "qinyujie", sign_decision="return", return_reason="not_ours", return_note="不归我们")
    assert working.propose_due(core) == 1
    assert [(row["decided"], row["spoke"], row["guessed"]) for row in proposals(city, free)][1] == (False, False, None)
    do(city, free, "Dispatch", responsible_unit="water_supply")
    working.settle(core)
    first = proposals(city, free)[0]
    assert (first["state"], first["chosen"], first["handled"]) == ("settled", "town_yuanlin", "water_supply")
    key = f"{KIND}\x1ftown_yuanlin"
    assert keeping.since(core, now, AT[0]) == {key: (0.0, 1.0)}
    (standing,) = reading.standing(core)
    assert standing.in_use.all == {
        "cases": 1, "spoke": 1, "right": 0, "table_spoke": 1, "table_right": 0, "decided": 1, "decided_right": 0,
    }  # fmt: skip
    assert laws.check(city, free)


def test_only_where_the_register_allows_and_everything_agrees(city: City) -> None:
    core = city.core
    closed(city, 240)
    keeping.ask(core, *AT, None)
    working.train_due(core)
    with core.db.read() as connection:
        dispatcher = load_actor(connection, DISPATCHER)
    case = waits(city)
    for trust in (None, "0.3", 1.0):  # not allowed, no share, surer than it is
        row = {"key": f"{KIND}@*", "class": KIND, "area": "*", "trust": trust}
        registers.load(core, "automatic_dispatch", "key", [row] if trust is not None else [])
        ((one, *_), _) = waiting.waiting(core, dispatcher)
        assert one.proposal is not None
        assert (one.proposal.unit, one.proposal.speaks, one.proposal.allowed) == ("town_yuanlin", True, None)
    assert working.propose_due(core) == 1
    assert [t.node for t in city.tasks(case)] == ["Dispatch"]
    with core.db.write() as connection:  # a model that somebody changed is not used
        connection.execute(update(dispatch_model).values(digest="sha256:" + "0" * 64))
    assert keeping.current(core, *AT) is None
    ((one, *_), _) = waiting.waiting(core, dispatcher)
    assert one.proposal is not None
    assert (one.proposed, one.proposal.guess) == ("town_yuanlin", None)
    assert only_task(city, case).node == "Dispatch"


def test_two_workers_note_one_proposal_and_precedent_forgets_who_sent_it_back(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = city.core
    closed(city, 240)
    keeping.ask(core, *AT, None)
    working.train_due(core)
    registers.load(core, "automatic_dispatch", "key", [])
    first, second = waits(city), waits(city, title="园林路口小广告")
    (where,) = keeping.places(core)
    both = working._waiting(core, where, 10)
    assert working.propose_due(core) == 2
    monkeypatch.setattr(working, "_waiting", lambda *_: both)  # another worker read them before
    assert working.propose_due(core) == 2
    assert [len(proposals(city, case)) for case in (first, second)] == [1, 1]

    facts = city.instance(first)["facts"]
    where_only = Model([], [], {}, {f"*\x1f\x1f{KIND}": {"town_yuanlin": 5}}, 0.99)
    wanted = replace(where.wanted, table=())
    assert propose(core, where_only, wanted, facts).unit == "town_yuanlin"
    assert propose(core, where_only, wanted, facts, refused=frozenset(["town_yuanlin"])).unit is None
    gone = Model([], [], {}, {f"*\x1f\x1f{KIND}": {"no_such_unit": 5}}, 0.99)
    assert propose(core, gone, wanted, facts).unit is None
    assert propose(core, None, wanted, facts) == propose(core, Model([], [], {}, {}, 0.99), wanted, facts), (
        "it knows nothing"
    )


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    return "postgresql" if "correction" in request.node.name else "sqlite"
