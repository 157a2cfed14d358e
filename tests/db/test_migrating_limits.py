"""A limit that the new version calls otherwise stays what was promised; one that it has no more is given up by word, or holds the case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.acts import returning
from engine.audit import verifying
from engine.bpmn.changing import clock_pairing
from engine.clock import ManualClock
from engine.errors import Invalid
from engine.migrating import plans
from engine.steps import run
from engine.tables import audit, history
from engine.tables import task as task_table
from escalation import agreeing
from escalation.ledger import Ground, Ledger
from escalation.tables import clock, clock_entry
from tests import laws
from tests.factories import DESIGNER, HANDLER, OPERATOR, task_at
from tests.small import clock as limit
from tests.small import deploy, done, drawn_up, line, migrated, model, task, tried, why
from tests.stories.test_clock_requests import DISPATCHER, HEAD, ask, drains, say
from web.city import City
from web.setting_up import bundle
from web.wiring import PROCESSES


def clocks(city: City, case: int) -> dict[str, dict[str, Any]]:
    with city.core.db.read() as connection:
        rows = connection.execute(select(clock).where(clock.c.instance_id == case)).mappings()
        return {row["name"]: dict(row) for row in rows}


def same_but_name(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return {**before, "name": ""} == {**after, "name": ""}


def agrees(city: City) -> None:
    """Rows, ledgers and chains say what history says. (Who let a clock stand in a test asked nobody.)"""
    laws.check(city)
    found = verifying.verify(city.core, (agreeing.clocks,)).findings
    assert [str(each) for each in found if each.kind != "never_sealed" and "批准" not in each.zh] == []


def test_limits_are_proposed_by_id_name_and_budget(city: City) -> None:
    before = (limit("same"), limit("named", "办理时限", "3"), limit("counted", "旧名", "7"), limit("lost", "无", "9"))
    after = (limit("same", budget="5"), limit("other_named", "办理时限", "4"), limit("other_counted", "新名", "7"))
    deploy(city, *line(task("A", settings="".join(before))), settings=limit("whole", "总时限", "20"))
    deploy(city, *line(task("A2", settings="".join(after))), settings=limit("all", "总时限", "30"))
    old, new = model(city, 1), model(city, 2)
    nodes = {"S": "S", "A": "A2", "E": "E"}
    assert clock_pairing.propose(old, new, nodes) == {
        "whole": "all", "same": "same", "named": "other_named", "counted": "other_counted"
    }  # fmt: skip
    assert clock_pairing.propose(old, new, {"S": "S"}) == {"whole": "all"}
    assert clock_pairing.judge(old, new, nodes, {"named": "all"})["named"].zh == "不是对应环节上的时限"
    assert "不能合为一个" in clock_pairing.judge(old, new, nodes, {"named": "same", "same": "same"})["same"].zh
    assert set(clock_pairing.judge(old, new, nodes, {"same": "", "gone": "x", "lost": "y"})) == {"same", "gone", "lost"}


def test_another_name_of_the_same_unit_but_days_for_hours_is_not_proposed(city: City) -> None:
    deploy(city, *line(task("A", settings=limit("a", "办理时限", "3"))))
    deploy(city, *line(task("A", settings=limit("b", "办理时限", "3", "work_hour"))))
    assert clock_pairing.propose(model(city, 1), model(city, 2), {"A": "A"}) == {}


def test_what_was_promised_stays_whatever_it_is_called(city: City, clock: ManualClock) -> None:
    """One runs, one is late, one stands; swapped names are no trouble; what history told of the old names still agrees."""
    mine = (
        limit("x", "甲", "2", "natural_day")
        + limit("y", "乙", "5", "natural_day")
        + limit("late", "丙", "1", "natural_day")
    )
    theirs = (
        limit("y", "甲", "9", "natural_day")
        + limit("x", "乙", "9", "natural_day")
        + limit("was_late", "丙", "9", "natural_day")
    )
    deploy(city, *line(task("A", settings=mine), task("B")), settings=limit("whole", "总时限", "20"))
    case = city.start("tiny", {}, OPERATOR)
    clock.advance(timedelta(days=1, hours=1))
    city.run_due()

    def stand(seen: Any, writes: Any) -> dict[str, Any]:
        ledger = Ledger(city.core, seen, writes)
        row = next(each for each in seen.extra["clock"] if each["name"] == "y")
        ledger.pause(row, Ground(reason="现场查勘", basis="《行政许可法》第四十五条", document="1", ground="survey"))
        return {}

    run(city.core, case, stand)
    before = clocks(city, case)
    assert before["late"]["breached_at"] is not None
    assert before["y"]["paused_at"] is not None
    deploy(city, *line(task("A", settings=theirs), task("B")), settings=limit("all", "总时限", "30"))
    found = migrated(city, clocks={"whole": "all", "x": "y", "y": "x", "late": "was_late"})
    assert found.counts == {"moved": 1}
    after = clocks(city, case)
    assert set(after) == {"all", "x", "y", "was_late"}
    for old, new in (("whole", "all"), ("x", "y"), ("y", "x"), ("late", "was_late")):
        assert same_but_name(before[old], after[new])
    with city.core.db.read() as connection:
        rows = connection.execute(select(clock_entry.c.name).where(clock_entry.c.instance_id == case)).scalars().all()
        told = connection.execute(
            select(history.c.data).where(history.c.instance_id == case, history.c.kind == "migrated")
        ).scalar_one()
    assert rows == ["x"]
    assert told["clocks"] == {"whole": "all", "x": "y", "y": "x", "late": "was_late"}
    agrees(city)
    city.complete(task_at(city, case, "A"), {}, HANDLER)
    city.complete(task_at(city, case, "B"), {}, HANDLER)
    assert all(row["stopped_at"] is not None for row in clocks(city, case).values())


def test_a_limit_that_is_gone_holds_the_case_until_somebody_gives_it_up(city: City, clock: ManualClock) -> None:
    deploy(
        city, *line(task("A", settings=limit("one", "甲", "1", "natural_day") + limit("two", "乙", "9", "natural_day")))
    )
    early, late = city.start("tiny", {}, OPERATOR), city.start("tiny", {}, OPERATOR)
    deploy(city, *line(task("A", settings=limit("two", "乙", "9", "natural_day"))))
    plan = drawn_up(city)
    assert tried(city, plan) == {"refused": 2}
    assert why(city, plan) == ("clock", "时限“甲”正在计时，新版在此没有这一时限")
    with pytest.raises(Invalid, match="cannot be dropped"):
        drawn_up(city, clocks={"one": "", "two": ""})
    before = {case: clocks(city, case) for case in (early, late)}
    again = drawn_up(city, clocks={"one": clock_pairing.DROPPED, "two": "two"})
    assert tried(city, again) == {"fits": 2}
    assert {case: clocks(city, case) for case in (early, late)} == before, "a dry run writes nothing"
    clock.advance(timedelta(days=2))
    city.run_due()
    assert done(city, again) == {"moved": 2}
    for case in (early, late):
        after = clocks(city, case)
        assert after["one"]["stopped_at"] is not None
        assert after["one"]["breached_at"] == before[case]["one"]["due_at"], "late is late"
        assert after["two"] == before[case]["two"]
        with city.core.db.read() as connection:
            (due,) = connection.execute(
                select(task_table.c.due_at).where(task_table.c.instance_id == case, task_table.c.closed_at.is_(None))
            ).scalars()
        assert due == after["two"]["due_at"], "sorted by what is still promised"
    agrees(city)
    with city.core.db.read() as connection:
        about = f"process_migration:tiny/{again}"
        said = connection.execute(
            select(audit.c.data).where(audit.c.about == about, audit.c.kind == "migration_tried")
        ).scalar_one()
    assert said["dropped_clocks"] == ["one"]


def test_one_started_again_keeps_its_count_and_finds_a_free_name(city: City) -> None:
    steps = (task("A"), task("B"), task("C", settings='<ld:acts allow="back_any"/>'))
    deploy(city, *line(*steps), settings=limit("old", "总时限", "9", **{"from": "A", "to": "B"}))
    case = city.start("tiny", {}, OPERATOR)

    def around() -> None:
        city.complete(task_at(city, case, "B"), {}, HANDLER)
        returning.back(city.core, task_at(city, case, "C").ref, HANDLER, to="A", reason="重做")
        city.complete(task_at(city, case, "A"), {}, HANDLER)

    city.complete(task_at(city, case, "A"), {}, HANDLER)
    around()
    assert set(clocks(city, case)) == {"old", "old#2"}
    deploy(city, *line(*steps), settings=limit("new", "总时限", "9", **{"from": "A", "to": "B"}))
    assert migrated(city).counts == {"moved": 1}
    assert set(clocks(city, case)) == {"old", "new#2"}
    around()
    assert set(clocks(city, case)) == {"old", "new#2", "new#3"}
    agrees(city)
    assert plans.listing(city.core, "tiny")[0].asked.called_otherwise == {"old": "new"}


def test_a_name_that_the_case_has_used_up_is_a_reason(city: City) -> None:
    """Its row tells of a limit that was kept: no other takes its place."""
    steps = (task("A"), task("B"))
    over = limit("first", "甲", "5", to="A")
    deploy(city, *line(*steps), settings=over + limit("second", "乙", "9"))
    case = city.start("tiny", {}, OPERATOR)
    city.complete(task_at(city, case, "A"), {}, HANDLER)
    before = clocks(city, case)
    deploy(city, *line(*steps), settings=limit("first", "乙", "9"))
    plan = drawn_up(city, clocks={"second": "first"})
    assert tried(city, plan) == {"refused": 1}
    assert why(city, plan) == ("clock_name", "时限“乙”在新版中是“first”，而此案已有过“first”")
    assert clocks(city, case) == before


def test_while_a_request_about_it_waits_the_limit_keeps_its_name(city: City) -> None:
    case = drains(city)
    asked = ask(city, case, "extension")
    bundle_ = bundle(PROCESSES / "case_dispatch")
    diagram = bundle_["case_dispatch.bpmn"].replace(b'<ld:clock id="handle"', b'<ld:clock id="handling"')
    city.deploy({**bundle_, "case_dispatch.bpmn": diagram}, DESIGNER)
    plan = drawn_up(city, key="case_dispatch")
    assert plans.get(city.core, plan).asked.called_otherwise == {"handle": "handling"}
    assert tried(city, plan) == {"refused": 1}
    assert why(city, plan) == ("clock_asked", "时限“处置时限”有申请等待批复，批复后再迁移")
    say(city, asked, "Department", HEAD)
    say(city, asked, "Decide", DISPATCHER)
    before = clocks(city, case)
    assert before["handle"]["extensions"] == 1
    again = drawn_up(city, key="case_dispatch")
    assert done(city, again) == {"moved": 1}
    assert same_but_name(before["handle"], clocks(city, case)["handling"])
    agrees(city)
