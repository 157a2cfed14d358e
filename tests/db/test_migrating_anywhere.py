"""Cases that stand where it is hard change their version rightly, or are refused in words: in parts, in a call, beside the flow, held up by
an incident, late with a timer, half filled in; and plans that something else overtakes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine import drafts, publishing
from engine.clock import ManualClock
from engine.migrating import deciding, plans, working
from engine.queries import deployed
from engine.tables import incident, instance, job
from engine.tables import task as task_table
from escalation.tables import clock as clock_table
from tests import laws
from tests.bpmn.drawing import boundary, chain, end, ext, message, start, tag, timer, user
from tests.bpmn.running.test_returning import MANY
from tests.changing import OTHER
from tests.db.talking import bundle
from tests.db.test_incidents import LOOKUP, add_standard
from tests.factories import DESIGNER, HANDLER, OPERATOR, retry, task_at
from tests.small import WHO, clock, deploy, drawn_up, form, line, migrated, task, tried, why
from web.city import City


def running(city: City, case: int) -> dict[tuple[str, int], Any]:
    """When each clock of a case that runs is due."""
    with city.core.db.read() as connection:
        query = select(clock_table).where(clock_table.c.instance_id == case, clock_table.c.stopped_at.is_(None))
        return {(row["name"], row["task_id"]): row["due_at"] for row in connection.execute(query).mappings()}


def many(id_: str, settings: str) -> str:
    """A task for each of a list."""
    return user(id_, MANY, settings=WHO + settings)


def test_in_parts_each_with_a_limit_and_one_done(city: City) -> None:
    deploy(city, *line(many("Part", clock("part", "部分时限")), task("B")))
    case = city.start("tiny", {}, OPERATOR, given={"list": ["甲", "乙", "丙"]})
    city.complete(next(t for t in city.tasks(case) if t.node == "Part"), {}, HANDLER)
    before = running(city, case)
    deploy(city, *line(many("Share", clock("share", "部分时限")), task("B")))
    assert migrated(city, Part="Share").counts == {"moved": 1}
    assert running(city, case) == {("share", of): due for (_, of), due in before.items()}
    laws.check(city)
    for each in [t for t in city.tasks(case) if t.node == "Share"]:
        city.complete(each, {}, HANDLER)
    assert [t.node for t in city.tasks(case)] == ["B"]
    laws.check(city)


def test_in_a_called_process_what_is_there_keeps_its_own_version_and_limit(city: City) -> None:
    inner = user("Advise", settings=WHO + clock("answer"))
    city.deploy(bundle(start(), inner, end(), chain("S", "Advise", "E"), key="advice"))
    call = tag("callActivity", id="Call", calledElement="advice", name="Call")
    deploy(city, *line(call, task("B")), settings=clock("whole", "总时限"))
    case = city.start("tiny", {}, OPERATOR)
    before = running(city, case)
    ask = call.replace('"Call"', '"Ask"')
    deploy(city, *line(ask, task("B")), settings=clock("all", "总时限"))
    assert migrated(city, Call="Ask").counts == {"moved": 1}
    (own,) = [key for key in before if key[0] == "answer"]
    assert running(city, case) == {own: before[own], ("all", 0): before["whole", 0]}
    (row,) = [row for row in laws.rows(city, task_table, case) if row["closed_at"] is None]
    assert (row["within"], row["definition_id"]) == ("Ask", city.definition("advice").id)
    laws.check(city)
    city.complete(task_at(city, case, "Advise"), {}, HANDLER)
    assert [t.node for t in city.tasks(case)] == ["B"]
    laws.check(city)


def beside(id_: str, inner: str, name: str) -> tuple[str, ...]:
    parts = (user(inner, settings=WHO + clock(name, "旁路时限")), end("e" + id_), chain("s" + id_, inner, "e" + id_))
    inside = start("s" + id_, message("M1"), isInterrupting="false")
    return (tag("subProcess", inside + "".join(parts), id=id_, triggeredByEvent="true", name=id_),)


def test_in_an_event_sub_process_that_is_called_otherwise(city: City) -> None:
    deploy(city, *beside("Hurry", "Look", "look"), *line(task("A")))
    case = city.start("tiny", {}, OPERATOR)
    city.message("order")
    assert sorted(t.node for t in city.tasks(case)) == ["A", "Look"]
    before = running(city, case)
    deploy(city, *beside("Rush", "See", "see"), *line(task("A")))
    plan = migrated(city, Hurry="Rush", sHurry="sRush", Look="See", eHurry="eRush", clocks={"look": "see"})
    assert plan.counts == {"moved": 1}
    assert running(city, case) == {("see", of): due for (_, of), due in before.items()}
    laws.check(city)
    city.message("order")  # it still listens
    assert sorted(t.node for t in city.tasks(case)) == ["A", "See", "See"]
    laws.check(city)


def test_with_an_open_incident_it_goes_on_where_it_is_held(city: City) -> None:
    def held(id_: str) -> tuple[str, ...]:
        waits = tag("intermediateCatchEvent", timer(), id="W")
        return line(waits, tag("businessRuleTask", ext(LOOKUP), id=id_), task("B"))

    deploy(city, *held("L"))
    case = city.start("tiny", {}, OPERATOR, given={"wanted": "Z-1"})
    from tests.db.test_actions import tries_again  # noqa: PLC0415

    city.advance(timedelta(hours=1))
    for _ in range(3):
        tries_again(city)
    (before,) = laws.rows(city, incident, case)
    assert before["node"] == "L"
    deploy(city, *held("L2"))
    assert migrated(city, L="L2").counts == {"moved": 1}
    (after,) = laws.rows(city, incident, case)
    assert after == {**before, "node": "L2"}
    laws.check(city)
    add_standard(city, "Z-1")
    retry(city, case, after["id"])
    city.run_due()
    assert [t.node for t in city.tasks(case)] == ["B"]
    laws.check(city)


def timed(id_: str) -> tuple[str, ...]:
    late = (task("Late"), end("E2"), chain(id_, "Late", "E2"))
    return (*line(task("A")), boundary("A", id_, timer("PT1H"), name="到时"), *late)


def test_a_border_timer_that_is_called_otherwise_and_whose_time_has_passed(city: City, clock: ManualClock) -> None:
    """No worker has come by: its time stays in the past, and it fires once, in the new version."""
    deploy(city, *timed("T"))
    case = city.start("tiny", {}, OPERATOR)
    (before,) = laws.rows(city, job, case)
    clock.advance(timedelta(hours=2))
    deploy(city, *timed("T2"))
    assert migrated(city, T="T2").counts == {"moved": 1}
    (after,) = laws.rows(city, job, case)
    assert (after["node"], after["due_at"]) == ("T2", before["due_at"])
    laws.check(city)
    city.run_due()
    assert [t.node for t in city.tasks(case)] == ["Late"]
    laws.check(city)


def test_a_draft_of_fields_that_vanish_is_told_and_the_task_can_be_done(city: City) -> None:
    asks = '<ld:form ref="fill"/>'
    fill = {"fill.json": form(amount="integer", place="string"), "facts.json": form(amount="integer", place="string")}
    deploy(city, *line(task("A", settings=asks)), files=fill)
    case = city.start("tiny", {}, OPERATOR)
    city.save_draft(task_at(city, case, "A"), {"amount": 3, "place": "桥下"}, HANDLER)
    deploy(
        city,
        *line(task("A", settings=asks)),
        files={"fill.json": form(place="string"), "facts.json": form(place="string")},
    )
    plan = drawn_up(city)
    assert tried(city, plan) == {"fits": 1}
    (item,) = plans.items(city.core, plan)
    assert item.told is not None
    assert item.told["drafts"] == [{"node": "A", "fields": ["amount"]}]
    deciding.withdraw(city.core, plan, DESIGNER)
    assert migrated(city).counts == {"moved": 1}
    kept = city.draft(task_at(city, case, "A"), HANDLER)
    assert kept is not None
    assert kept.answers["place"] == "桥下"
    city.complete(task_at(city, case, "A"), {"place": kept.answers["place"]}, HANDLER)
    laws.check(city)


def test_a_vote_by_another_rule_is_refused_and_by_the_same_goes_on(city: City) -> None:
    def voting(rule: str) -> tuple[str, ...]:
        asks = f'<ld:form ref="vote"/><ld:vote rule="{rule}" field="agree" into="result"/>'
        return line(user("V", MANY, settings=WHO + asks), task("B"))

    ballot = {"vote.json": form(agree="string")}
    deploy(city, *voting("all"), files=ballot)
    case = city.start("tiny", {}, OPERATOR, given={"list": ["甲", "乙"]})
    city.complete(city.tasks(case)[0], {"agree": "yes"}, HANDLER)
    deploy(city, *voting("any"), files=ballot)
    plan = drawn_up(city)
    assert tried(city, plan) == {"refused": 1}
    assert why(city, plan) == ("vote", "“V”正在表决，而新版的表决规则不同")
    deploy(city, *voting("all"), files=ballot)
    assert migrated(city, 1, 3).counts == {"moved": 1}
    city.complete(city.tasks(case)[0], {"agree": "yes"}, HANDLER)
    assert [t.node for t in city.tasks(case)] == ["B"]
    laws.check(city)


def version_of(city: City, case: int) -> int:
    with city.core.db.read() as connection:
        own = connection.execute(select(instance.c.definition_id).where(instance.c.id == case)).scalar_one()
    return next(int(row["version"]) for row in deployed.versions(city.core, "tiny") if row["id"] == own)


def test_a_third_version_and_a_roll_back_meanwhile_change_nothing_of_what_was_approved(city: City) -> None:
    deploy(city, *line(task("A"), task("B")))
    cases = [city.start("tiny", {}, OPERATOR) for _ in range(3)]
    deploy(city, *line(task("A2"), task("B")))
    plan = drawn_up(city, A="A2")
    tried(city, plan)
    deploy(city, *line(task("A3"), task("B")))
    assert plans.get(city.core, plan).newest == 3
    deciding.propose(city.core, plan, DESIGNER, "按第二版办")
    deciding.approve(city.core, plan, OTHER)
    assert working.run_due(city.core, 1) == 1
    again = publishing.propose_again(city.core, "tiny", 1, DESIGNER, "第三版有误", follows=3)
    publishing.approve(city.core, again, OTHER)
    assert publishing.publish(city.core, again) == 4
    fresh = city.start("tiny", {}, OPERATOR)
    city.complete(task_at(city, cases[2], "A" if version_of(city, cases[2]) == 1 else "A2"), {}, HANDLER)
    city.complete(task_at(city, cases[2], "B"), {}, HANDLER)
    while working.run_due(city.core):
        pass
    found = plans.get(city.core, plan)
    assert (found.state, found.newest) == (plans.DONE, 4)
    ended = version_of(city, cases[2])
    assert found.counts == ({"moved": 3} if ended == 2 else {"moved": 2, "gone": 1})
    assert [version_of(city, case) for case in (*cases[:2], fresh)] == [2, 2, 4]
    laws.check(city)
    back = migrated(city, 2, 4, A2="A")
    assert back.counts == {"moved": 2}, "and they can go back by another plan"
    assert [t.node for t in city.tasks(cases[0])] == ["A"]
    laws.check(city)


def test_a_draft_of_a_process_is_no_version_to_go_to(city: City) -> None:
    """What is drawn changes nothing of what runs until it is published."""
    deploy(city, *line(task("A")))
    case = city.start("tiny", {}, OPERATOR)
    files = bundle(start(), *line(task("A"), task("B")), key="tiny")
    drafts.begin(city.core, "tiny", files, DESIGNER, base=1)
    assert [row["version"] for row in deployed.versions(city.core, "tiny")] == [1]
    assert version_of(city, case) == 1
