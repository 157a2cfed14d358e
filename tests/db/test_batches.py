"""One act on many tasks: a result for each, done once however often it is begun again, and by whoever goes on."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from engine.batches import asking, working
from engine.errors import Invalid, KeyReused, NotFound
from engine.tables import batch
from tests import laws
from tests.bpmn.drawing import chain, end, ext, start, tag
from tests.db.talking import ME, OPERATOR, bundle, work
from tests.factories import HANDLER, only_task
from web.city import City

PLAIN = bundle(start(), work("A"), end(), chain("S", "A", "E"), key="plain")
ALONE = bundle(
    start(),
    tag("userTask", ext(ME + '<ld:acts deny="batch"/>'), id="A"),
    end(),
    chain("S", "A", "E"),
    key="alone",
)


def states(city: City, found: int) -> list[tuple[str, str | None]]:
    return [(item.state, item.code) for item in asking.get(city.core, found, OPERATOR).items]


def test_each_task_has_a_result_of_its_own(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.deploy(PLAIN)
    city.deploy(ALONE)
    cases = [city.start("plain", {}, OPERATOR) for _ in range(4)]
    refs = [only_task(city, case).ref for case in cases]
    alone = only_task(city, city.start("alone", {}, OPERATOR)).ref
    city.complete(refs[1], {}, OPERATOR)
    wanted = [*refs, refs[0], alone]

    asked: dict[str, Any] = {"params": {"answers": {}}, "key": "k"}
    found = asking.ask(city.core, "complete", wanted, OPERATOR, **asked)
    assert asking.ask(city.core, "complete", wanted, OPERATOR, **asked) == found
    with pytest.raises(KeyReused):
        asking.ask(city.core, "claim", wanted, OPERATOR, params={}, key="k")
    for act, params in (("move", {}), ("complete", {"answers": 1}), ("claim", {"to": 1}), ("transfer", {"to": True})):
        with pytest.raises(Invalid):
            asking.ask(city.core, act, wanted, OPERATOR, params)
    with pytest.raises(Invalid):
        asking.ask(city.core, "claim", [], OPERATOR, {})

    # a worker does the first task and dies before it can say so
    with monkeypatch.context() as dying:
        dying.setattr(working, "_one", lambda core, row, item: working._do(core, row, item) and False)
        working.work(city.core, found, 60)
    assert only_task_of(city, cases[0]) == 0
    assert asking.get(city.core, found, OPERATOR).left == 5
    assert working.run_due(city.core) == 0, "it is under that worker's lease"
    with city.core.db.write() as connection:
        connection.execute(update(batch).values(lease_until=None))
    working.work(city.core, found, -1)  # no time at all
    assert working.run_due(city.core, 2) == 2
    assert asking.get(city.core, found, OPERATOR).left == 3
    assert working.run_due(city.core) == 3
    assert working.run_due(city.core) == 0
    done = asking.get(city.core, found, OPERATOR)
    assert (done.state, done.done, done.refused, done.left) == ("done", 3, 2, 0)
    assert states(city, found) == [
        ("done", None),
        ("refused", "task_gone"),
        ("done", None),
        ("done", None),
        ("refused", "not_allowed"),
    ]
    assert "流程图" in done.items[4].text("zh")
    assert all(len([r for r in city.trail(case) if r["kind"] == "completed"]) == 1 for case in cases)
    laws.check(city)
    with pytest.raises(NotFound):
        asking.get(city.core, found, HANDLER)

    ref = only_task(city, city.start("plain", {}, OPERATOR)).ref
    stopped = asking.ask(city.core, "claim", [ref], OPERATOR, {})
    asking.stop(city.core, stopped, OPERATOR)
    assert working.run_due(city.core) == 0
    assert states(city, stopped) == [("left", None)]
    theirs = asking.ask(city.core, "claim", [ref], HANDLER, {})
    working.run_due(city.core)
    assert [item.code for item in asking.get(city.core, theirs, HANDLER).items] == ["not_found"]


def only_task_of(city: City, case: int) -> int:
    return len(city.tasks(case))
