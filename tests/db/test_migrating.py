"""Running permits go on by another version of their process: by plan, tried first, approved by a second person, each case once."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from engine import definitions
from engine.acts import returning, withdrawing
from engine.bpmn.changing import pairing
from engine.errors import Invalid, NotAllowed
from engine.migrating import deciding, plans, working
from engine.operating import suspending
from engine.queries import deployed, earlier
from engine.tables import audit, history, instance, task
from tests import changing, laws
from tests.bpmn.drawing import chain, end, ext, process, start, user
from tests.changing import KEY, OTHER, deploy, drawn_up, improved, permits_at_work, remaining
from tests.factories import COLLECTOR, DESIGNER, HANDLER, OPERATOR, task_at
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
    deciding.propose(city.core, plan, DESIGNER, "新版已发布，在办的一并改按新版")
    deciding.approve(city.core, plan, OTHER, "同意")
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


def test_a_step_taken_out_refuses_who_stands_there_and_says_why(city: City) -> None:
    permits_at_work(city, 10)
    deploy(city, changing.without_traffic())
    nodes = {**changing.proposed_nodes(city, 1, 2), **changing.RENAMED}
    plan = drawn_up(city, nodes=nodes)
    assert tried(city, plan) == {"fits": 6, "refused": 4}
    (why,) = plans.reasons(city.core, plan)
    assert (why["code"], why["cases"]) == ("no_node", 4)
    assert "交警审查" in why["zh"]
    assert "Traffic review" in why["en"]
    before = remaining(city)
    assert carried_out(city, plan) == {"moved": 6, "stayed": 4}
    assert remaining(city) == before
    stayed = {one.instance_id for one in plans.items(city.core, plan, (plans.STAYED,))}
    assert {case: number for case, number in versions(city).items() if number == 1}.keys() == stayed
    changing.lawful(city)
    with city.core.db.read() as connection:
        about = f"process_migration:{KEY}/{plan}"
        kinds = (
            connection.execute(select(audit.c.kind).where(audit.c.about == about).order_by(audit.c.seq)).scalars().all()
        )
    assert kinds == ["migration_tried", "migration_proposed", "migration_approved", "migration_done"]
    # what the police brought to the join stays there: the municipal review alone is missing
    waiting = next(
        c for c, number in versions(city).items() if number == 2 and permits.nodes(city, c) == ["MunicipalExamination"]
    )
    permits.ANSWERS["MunicipalExamination"] = permits.ANSWERS["MunicipalReview"]
    permits.do(city, waiting, "MunicipalExamination", "Decide")
    assert permits.nodes(city, waiting) == ["Issue"]


def test_nobody_migrates_alone(city: City) -> None:
    permits_at_work(city, 2)
    deploy(city, improved())
    with pytest.raises(NotAllowed):
        deciding.make(city.core, KEY, 1, 2, {}, COLLECTOR)
    with pytest.raises(Invalid, match="is not of the same kind"):
        deciding.make(city.core, KEY, 1, 2, {"Accept": "Terms"}, DESIGNER)
    with pytest.raises(Invalid, match="no case runs"):
        drawn_up(city, 2, 1)
    plan = drawn_up(city)
    with pytest.raises(Invalid):
        deciding.propose(city.core, plan, DESIGNER, "还没有试算完")
    tried(city, plan)
    deciding.propose(city.core, plan, DESIGNER, "改按新版")
    with pytest.raises(NotAllowed, match="somebody else"):
        deciding.approve(city.core, plan, DESIGNER)
    with pytest.raises(NotAllowed):
        deciding.approve(city.core, plan, COLLECTOR)
    with pytest.raises(Invalid, match="up for decision"):
        drawn_up(city)
    deciding.refuse(city.core, plan, OTHER, "先缓一缓")
    assert set(versions(city).values()) == {1}
    other = drawn_up(city)
    tried(city, other)
    with pytest.raises(NotAllowed, match="somebody else"):
        deciding.withdraw(city.core, other, OTHER)
    deciding.withdraw(city.core, other, DESIGNER)
    assert working.run_due(city.core) == 0
    assert plans.get(city.core, other).state == "withdrawn"


def test_what_was_done_before_can_still_be_sent_back_and_kept_apart(city: City) -> None:
    """A step called otherwise now is what it was: nobody decides on their own review, and it can be sent back to it."""
    cases = permits_at_work(city, 4)
    deploy(city, improved())
    permits.do(city, cases[1], "MunicipalReview")
    permits.do(city, cases[2], "MunicipalReview")
    ref = task_at(city, cases[2], "Decide").ref
    before = [target.node for target in earlier.targets(city.core, city.actor(permits.DECIDES), ref)]
    taken_back = earlier.withdrawable(city.core, city.actor(permits.MUNICIPAL), cases[2])
    plan = drawn_up(city)
    tried(city, plan)
    carried_out(city, plan)
    after = [target.node for target in earlier.targets(city.core, city.actor(permits.DECIDES), ref)]
    assert after == [changing.RENAMED.get(node, node) for node in before]
    assert earlier.withdrawable(city.core, city.actor(permits.MUNICIPAL), cases[2]) == taken_back
    changing.lawful(city)


def test_a_clock_that_runs_and_that_the_new_version_does_not_have_is_a_reason(city: City) -> None:
    permits_at_work(city, 5)
    diagram = re.sub(rb'<ld:clock id="municipal"[^>]*/>', b"", changing.shipped())
    deploy(city, diagram)
    plan = drawn_up(city)
    assert tried(city, plan) == {"fits": 3, "refused": 2}
    (why,) = plans.reasons(city.core, plan)
    assert (why["code"], why["zh"]) == ("clock", "时限“市政审查时限”正在计时，新版在此没有这一时限")
    deciding.withdraw(city.core, plan, DESIGNER)


def test_a_clock_that_is_new_begins_with_the_migration(city: City) -> None:
    (case,) = permits_at_work(city, 1)
    more = b'<ld:clock id="look" name="\xe9\xa2\x84\xe5\xae\xa1" nameEn="Look" budget="2" unit="work_day"/>'
    diagram = changing.shipped().replace(b'<ld:clock id="accept"', more + b'<ld:clock id="accept"', 1)
    deploy(city, diagram)
    before = remaining(city)
    plan = drawn_up(city)
    tried(city, plan)
    carried_out(city, plan)
    after = remaining(city)
    assert {key: value for key, value in after.items() if key in before} == before
    (new,) = after.keys() - before.keys()
    assert new[:3] == ("clock", case, "look")
    changing.lawful(city)


def test_a_suspended_permit_goes_over_and_still_stands(city: City) -> None:
    cases = permits_at_work(city, 3)
    deploy(city, improved())
    suspending.suspend(city.core, cases[1], OPERATOR, "先停一停")
    plan = drawn_up(city)
    assert tried(city, plan) == {"fits": 3}
    assert carried_out(city, plan) == {"moved": 3}
    changing.lawful(city)
    suspending.resume(city.core, cases[1], OPERATOR, "继续")
    assert permits.nodes(city, cases[1]) == ["MunicipalExamination", "TrafficReview"]
    changing.lawful(city)


def test_who_ended_meanwhile_is_told_as_gone_and_a_stopped_plan_stops(city: City) -> None:
    permits_at_work(city, 5)
    deploy(city, improved())
    plan = drawn_up(city)
    tried(city, plan)
    deciding.propose(city.core, plan, DESIGNER, "改按新版")
    city.cancel(plans.items(city.core, plan)[0].instance_id, OPERATOR, "申请人撤回")
    deciding.approve(city.core, plan, OTHER)
    assert working.run_due(city.core, 2) == 2
    deciding.stop(city.core, plan, OTHER)
    assert working.run_due(city.core) == 0
    assert plans.get(city.core, plan).counts == {"gone": 1, "moved": 1, "fits": 3}
    assert sorted(versions(city).values()) == [1, 1, 1, 1, 2]
    again = drawn_up(city)
    assert tried(city, again) == {"fits": 3}


FORM = {"type": "object", "title": "填写", "x-title": {"en": "Fill in"}, "properties": {}}


def tiny(city: City, kind: str, *steps: str, rules: str = "") -> None:
    """A version of a small process whose form asks for a fact of this type."""
    field = {"type": kind, "title": "数量", "x-title": {"en": "How many"}}
    form = json.dumps({**FORM, "properties": {"amount": field}}).encode()
    who = '<ld:candidates post="handler"/><ld:acts allow="back_any withdraw"/>'
    parts = [start(inside=ext('<ld:form ref="ask"/>'))]
    parts += [user(step, settings=who + (rules if step == steps[-1] else "")) for step in steps]
    file = process(*parts, end(), chain("S", *steps, "E"), id="tiny")
    city.deploy({"tiny.bpmn": file, "ask.json": form, "facts.json": form}, DESIGNER)


def small(city: City, **nodes: str) -> int:
    """A plan for it, from its first version to its second."""
    old, new = (definitions.get(city.core, deployed.version(city.core, "tiny", n)["id"]).model for n in (1, 2))
    return deciding.make(city.core, "tiny", 1, 2, {**pairing.propose(old, new), **nodes}, DESIGNER)


def test_facts_that_the_new_version_cannot_hold_are_a_reason(city: City) -> None:
    tiny(city, "integer", "A", "B")
    city.start("tiny", {"amount": 3}, OPERATOR)
    city.start("tiny", {}, OPERATOR)
    tiny(city, "string", "A", "B")
    plan = small(city)
    assert tried(city, plan) == {"fits": 1, "refused": 1}
    (why,) = plans.reasons(city.core, plan)
    assert (why["code"], why["zh"]) == ("facts", "新版的流程数据放不下：数量")


def test_what_was_done_under_another_name_is_gone_back_to_and_taken_back(city: City) -> None:
    tiny(city, "integer", "A", "B", "C")
    one, two, three = (city.start("tiny", {}, OPERATOR) for _ in range(3))
    for case in (one, two, three):
        city.complete(task_at(city, case, "A"), {}, HANDLER)
    city.complete(task_at(city, one, "B"), {}, HANDLER)
    tiny(city, "integer", "A2", "B2", "C")
    plan = small(city, A="A2", B="B2")
    tried(city, plan)
    carried_out(city, plan)
    found = earlier.targets(city.core, city.actor(HANDLER), task_at(city, one, "C").ref)
    assert [target.node for target in found][:2] == ["B2", "A2"]
    returning.back(city.core, task_at(city, one, "C").ref, HANDLER, to="A2", reason="重做")
    assert [t.node for t in city.tasks(one)] == ["A2"]
    (ref,) = earlier.withdrawable(city.core, city.actor(HANDLER), two)
    withdrawing.withdraw(city.core, ref, HANDLER)
    assert [t.node for t in city.tasks(two)] == ["A2"]
    assert laws.check(city)


def test_a_rule_of_four_eyes_that_is_new_holds_for_what_was_done_before(city: City) -> None:
    tiny(city, "integer", "A", "B")
    case = city.start("tiny", {}, OPERATOR)
    city.complete(task_at(city, case, "A"), {}, HANDLER)
    tiny(city, "integer", "A2", "B", rules='<ld:fourEyes with="A2"/>')
    plan = small(city, A="A2")
    tried(city, plan)
    carried_out(city, plan)
    with pytest.raises(NotAllowed):
        city.complete(task_at(city, case, "B"), {}, HANDLER)
