"""What the diagram does for people by itself: tasks done by a rule or because the same person did them, copies handed out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.acts import returning
from engine.operating import suspending
from engine.settings import put
from engine.tables import copy, incident, job, notice
from tests import laws
from tests.bpmn.drawing import chain, end, flow, start, tag, user
from tests.db import organising
from tests.db.talking import bundle
from tests.factories import OPERATOR
from web.city import City
from web.wiring import PROCESSES

POST = '<ld:candidates unit="market_regulation" post="reviewer"/>'
ME, OTHER = "only_one", "somebody"
FORM = (PROCESSES.parent / "forms" / "schemas" / "case_dispatch" / "check.json").read_bytes()


def deployed(city: City, key: str, *parts: str) -> None:
    city.deploy(bundle(*parts, key=key, files={"check.json": FORM}))


def asked(name: str, settings: str) -> str:
    return user(name, settings=POST + settings)


def completed(city: City, case: int) -> list[tuple[str, bool, Any]]:
    """Node, whether by a person, and why by itself, of every completion."""
    rows = [row for row in city.trail(case) if row["kind"] == "completed"]
    return [(row["node"], row["actor_id"] is not None, (row["data"] or {}).get("auto")) for row in rows]


def test_by_a_rule_and_by_the_same_person(city: City) -> None:
    deployed(
        city,
        "by_itself",
        start(),
        asked("Ask", ""),
        asked("Again", '<ld:auto same="previous"/>'),
        asked("Once", '<ld:auto same="previous"/>'),
        asked(
            "Small",
            '<ld:form ref="check"/><ld:auto when="=amount &lt; 100" answers="={check_result: &quot;pass&quot;}"/>',
        ),
        asked("Earlier", '<ld:auto same="earlier"/>'),
        asked("Last", '<ld:auto same="previous"/><ld:acts allow="back_any"/>'),
        end(),
        chain("S", "Ask", "Again", "Once", "Small", "Earlier", "Last", "E"),
    )
    me = organising.hire(city, ME, "market_regulation", "reviewer")
    small = city.start("by_itself", {}, OPERATOR, given={"amount": 5})
    city.complete(city.tasks(small)[0], {}, ME)
    suspending.suspend(city.core, small, OPERATOR, "核对")
    assert city.run_due() == 0
    suspending.resume(city.core, small, OPERATOR, "继续")
    city.run_due()
    previous, earlier = {"why": "previous", "person": me}, {"why": "earlier", "person": me}
    by_itself = [
        ("Again", False, previous),
        ("Once", False, previous),
        ("Small", False, {"why": "when"}),
        ("Earlier", False, earlier),
        ("Last", False, previous),
    ]
    assert completed(city, small) == [("Ask", True, None), *by_itself]
    assert city.instance(small)["facts"]["check_result"] == "pass"
    assert city.instance(small)["status"] == "completed"

    large = city.start("by_itself", {}, OPERATOR, given={"amount": 500})
    city.complete(city.tasks(large)[0], {}, ME)
    city.run_due()
    (task,) = city.tasks(large)
    assert task.node == "Small"
    organising.hire(city, OTHER, "market_regulation", "reviewer")  # now the post is no longer one person's
    city.complete(task, {"check_result": "pass"}, ME)
    city.run_due()
    (task,) = city.tasks(large)
    assert task.node == "Earlier"
    city.complete(task, {}, OTHER)
    (task,) = city.tasks(large)
    returning.back(city.core, task.ref, OTHER, to="Again", reason="重办")
    city.run_due()
    assert [t.node for t in city.tasks(large)] == ["Again"]  # sent back for people to do
    laws.check(city)


def test_what_people_do_meanwhile_wins_and_a_loop_ends_with_people(city: City) -> None:
    deployed(
        city,
        "looping",
        start(),
        asked("Round", '<ld:auto when="=true"/>'),
        tag("exclusiveGateway", id="G", default="G-E"),
        end(),
        chain("S", "Round", "G", "E") + flow("G", "Round", "=on"),
    )
    deployed(
        city,
        "wrong",
        start(),
        asked("Odd", '<ld:form ref="check"/><ld:auto when="=true" answers="={check_result: &quot;perhaps&quot;}"/>'),
        end(),
        chain("S", "Odd", "E"),
    )
    organising.hire(city, ME, "market_regulation", "reviewer")
    with city.core.db.write() as connection:
        put(city.core, connection, "auto_rounds_most", 3)
    taken = city.start("looping", {}, OPERATOR, given={"on": False})
    city.claim(city.tasks(taken)[0], ME)
    city.run_due()
    assert completed(city, taken) == []
    city.complete(city.tasks(taken)[0], {}, ME)
    endless = city.start("looping", {}, OPERATOR, given={"on": True})
    city.run_due()
    assert len(completed(city, endless)) == 3
    assert len(city.tasks(endless)) == 1
    assert "由人工办理" in city.trail(endless)[-1]["data"]["text"]
    odd = city.start("wrong", {}, OPERATOR)
    for _ in range(3):
        city.run_due()
        with city.core.db.write() as connection:
            connection.execute(job.update().values(lease_until=None))
    (held,) = laws.rows(city, incident, odd)
    assert held["node"] == "Odd"
    city.complete(city.tasks(odd)[0], {"check_result": "pass"}, ME)
    assert laws.rows(city, job, odd) == []
    laws.check(city)


def test_the_diagram_hands_out_copies(city: City) -> None:
    deployed(
        city,
        "copying",
        start(),
        asked(
            "Write",
            '<ld:copy person="=readers" at="open" how="circulate" note="请阅"/><ld:copy unit="ecology" post="reviewer"/>',
        ),
        end(),
        chain("S", "Write", "E"),
    )
    me = organising.hire(city, ME, "market_regulation", "reviewer")
    readers = [organising.hire(city, name, unit, "reviewer") for name, unit in (("r1", "transport"), ("r2", "ecology"))]
    case = city.start("copying", {}, OPERATOR, given={"readers": ["r1", "nobody", "feiguoqing", ME]})
    query = select(copy.c.person_id, copy.c.kind, copy.c.by_id, copy.c.note).where(copy.c.instance_id == case)
    with city.core.db.read() as connection:
        assert set(connection.execute(query).all()) == {
            (readers[0], "circulate", None, "请阅"),
            (me, "circulate", None, "请阅"),
        }
    about = city.start(
        "copying", {}, OPERATOR, given={"readers": "r1", "recused_unit": "transport"}
    )  # found out in this very step
    city.complete(city.tasks(about)[0], {}, ME)
    with city.core.db.read() as connection:
        assert len(connection.execute(query).all()) == 2
        here = select(copy.c.person_id, copy.c.kind).where(copy.c.instance_id == about)
        assert set(connection.execute(here).all()) == {(readers[1], "copy")}
        kinds = select(notice.c.kind).where(notice.c.person_id == readers[1])
        assert list(connection.execute(kinds).scalars()) == ["copied"]
    laws.check(city)
