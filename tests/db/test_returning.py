"""Sending back, withdrawing and rejecting on the way people take: rights, rows, clocks, notices, both databases."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from engine.acts import rejecting, returning, withdrawing
from engine.errors import Invalid, NotAllowed, NotFound, TaskGone
from engine.queries import earlier
from engine.tables import history, job, notice, task
from escalation.tables import clock
from tests import laws
from tests.bpmn.drawing import chain, end, ext, process, start, tag, timer, user
from tests.db import organising
from tests.factories import task_at
from web.city import City

FORM = {
    "title": "申请",
    "x-title": {"en": "Request"},
    "type": "object",
    "properties": {"wish": {"type": "string", "title": "事项", "x-title": {"en": "Wish"}, "maxLength": 40}},
    "required": ["wish"],
}
ACTS = '<ld:acts allow="back back_any back_start reject"/>'
WORK = '<ld:candidates post="reviewer" unit="market_regulation"/>'
CLOCK = '<ld:clock id="paper" budget="8" unit="natural_hour" from="Draft" to="Law"/>'


def paper() -> dict[str, bytes]:
    """S (form) → Draft → (Law | Money → Budget) → Sign → E; Law has a quiet timer; who drafts does not sign."""
    parts = [
        start("S", ext('<ld:form ref="wish"/>')),
        user("Draft", settings=WORK),
        tag("parallelGateway", id="G"),
        user("Law", settings=WORK + ACTS),
        tag("boundaryEvent", timer("PT6H"), id="T", attachedToRef="Law", cancelActivity="false"),
        user("Late", settings=WORK),
        end("E2"),
        user("Money", settings=WORK + ACTS),
        user("Budget", settings=WORK + ACTS),
        tag("parallelGateway", id="J"),
        user("Sign", settings=WORK + ACTS + '<ld:fourEyes with="Draft"/>'),
        end(),
        chain("S", "Draft", "G", "Law", "J", "Sign", "E"),
        chain("G", "Money", "Budget", "J"),
        chain("T", "Late", "E2"),
    ]
    return {"paper.bpmn": process(ext(CLOCK), *parts, id="paper"), "wish.json": json.dumps(FORM).encode()}


class Desk:
    """A city with four reviewers and one paper."""

    def __init__(self, city: City) -> None:
        self.city, self.core = city, city.core
        for login in ("ann", "bob", "cid", "dan"):
            organising.hire(city, login, "market_regulation", "reviewer")
        city.deploy(paper())
        self.id = city.start("paper", {"wish": "修路"}, "ann")

    def nodes(self) -> list[str]:
        return sorted(t.node for t in self.city.tasks(self.id))

    def ref(self, node: str) -> str:
        return task_at(self.city, self.id, node).ref

    def do(self, node: str, who: str, **answers: Any) -> str:
        ref = self.ref(node)
        self.city.complete(ref, answers, who)
        return ref

    def rows(self, table: Any) -> list[dict[str, Any]]:
        return laws.rows(self.city, table, self.id)

    def row(self, node: str) -> dict[str, Any]:
        (found,) = [r for r in self.rows(task) if r["node"] == node and r["state"] == "open"]
        return found

    def targets(self, node: str, who: str) -> dict[str, earlier.Target]:
        return {t.node: t for t in earlier.targets(self.core, self.city.actor(who), self.ref(node))}

    def person(self, who: str) -> int:
        return self.city.actor(who).id


def test_a_paper_goes_back_and_forth(city: City) -> None:
    go_back_and_forth(city)


def go_back_and_forth(city: City) -> None:
    """One paper, everything that can be done with it."""
    desk = Desk(city)
    _inside_a_branch(desk)
    _taken_back(desk)
    _to_the_start(desk)
    _rejected(desk)
    laws.check(city)


def _inside_a_branch(desk: Desk) -> None:
    city = desk.city
    desk.do("Draft", "ann")
    assert desk.nodes() == ["Law", "Money"]
    desk.do("Money", "bob")
    # within a branch: the other branch and its timer stay
    (timer_job,) = desk.rows(job)
    offered = desk.targets("Budget", "cid")
    assert list(offered) == ["Money", "Draft", "S"], offered
    assert [t.act for t in offered.values()] == ["back", "back_any", "back_start"]
    assert desk.targets("Law", "ann")["Draft"].previous
    with pytest.raises(Invalid):
        returning.back(desk.core, desk.ref("Budget"), "cid", to="Law", reason="x")
    with pytest.raises(Invalid):
        returning.back(desk.core, desk.ref("Budget"), "cid", reason=" ")
    old = desk.ref("Budget")
    reply = returning.back(desk.core, old, "cid", reason="请补充", key="k1")
    assert returning.back(desk.core, old, "cid", reason="请补充", key="k1") == reply
    assert desk.nodes() == ["Law", "Money"]
    assert desk.rows(job) == [timer_job], "the timer of what stays is as it was"
    assert desk.row("Money")["assignee_id"] == desk.person("bob")
    with pytest.raises(TaskGone):
        city.complete(old, {}, "cid")
    assert [n["kind"] for n in desk.rows(notice) if n["person_id"] == desk.person("bob")][-1] == "sent_back"
    desk.do("Money", "bob")
    # straight back: it waits, and comes to who asked
    returning.back(desk.core, desk.ref("Budget"), "cid", to="Draft", again=False, reason="金额不符")
    assert desk.nodes() == ["Draft", "Law"]
    assert desk.row("Draft")["role"] == "detour"
    desk.do("Draft", "ann")
    assert desk.nodes() == ["Budget", "Law"]
    assert desk.row("Budget")["assignee_id"] == desk.person("cid")
    desk.do("Budget", "cid")


def _taken_back(desk: Desk) -> None:
    """Withdrawn from the join it waits at, and from behind it."""
    city = desk.city
    done = earlier.withdrawable(desk.core, city.actor("cid"), desk.id)
    assert len(done) == 1
    with pytest.raises(NotFound):
        withdrawing.withdraw(desk.core, done[0], "bob")
    withdrawing.withdraw(desk.core, done[0], "cid", reason="填错了")
    assert desk.nodes() == ["Budget", "Law"]
    assert desk.row("Budget")["assignee_id"] == desk.person("cid")
    desk.do("Budget", "cid")
    law = desk.do("Law", "bob")
    assert desk.nodes() == ["Sign"]
    withdrawing.withdraw(desk.core, law, "bob")
    assert desk.nodes() == ["Law"]
    desk.do("Law", "bob")


def _to_the_start(desk: Desk) -> None:
    """From behind the join into one branch, then to the start."""
    assert list(desk.targets("Sign", "dan")) == ["Law", "Budget", "Draft", "Money", "S"]
    assert desk.targets("Sign", "ann") == {}, "who drafted decides nothing here"
    with pytest.raises(NotAllowed):
        returning.back(desk.core, desk.ref("Sign"), "ann", reason="x")
    returning.back(desk.core, desk.ref("Sign"), "dan", to="Money", reason="重算")
    assert desk.nodes() == ["Money"]
    desk.do("Money", "bob")
    desk.do("Budget", "cid")
    assert desk.nodes() == ["Sign"]
    returning.back(desk.core, desk.ref("Sign"), "dan", to="S", reason="事项不清")
    assert desk.nodes() == ["S"]
    assert desk.row("S")["assignee_id"] == desk.person("ann")
    desk.do("S", "ann", wish="修桥")
    assert desk.nodes() == ["Draft"]
    case = desk.city.instance(desk.id)
    assert case["facts"]["wish"] == "修桥"
    desk.do("Draft", "ann")
    desk.do("Law", "bob")
    desk.do("Money", "bob")
    desk.do("Budget", "cid")


def _rejected(desk: Desk) -> None:
    """It ends, told apart from one that was cancelled."""
    rejecting.reject(desk.core, desk.ref("Sign"), "dan", reason="不同意")
    case = desk.city.instance(desk.id)
    assert (case["status"], case["outcome"], case["state"]) == ("rejected", None, None)
    states = Counter(r["state"] for r in desk.rows(task))
    assert (states["rejected"], states["open"]) == (1, 0)
    papers = [r for r in desk.rows(clock) if r["name"].startswith("paper")]
    assert [r["name"] for r in sorted(papers, key=lambda r: r["started_at"])] == ["paper", "paper#2"]
    assert all(r["stopped_at"] is not None for r in desk.rows(clock))
    kinds = Counter(r["kind"] for r in desk.rows(history))
    assert (kinds["returned"], kinds["withdrawn"], kinds["rejected"]) == (4, 2, 1)


CALLED = {
    "advice.bpmn": process(
        ext(ACTS),
        start(),
        user("Ask", settings=WORK),
        user("Advise", settings=WORK + '<ld:fourEyes with="Ask"/>'),
        end(),
        chain("S", "Ask", "Advise", "E"),
        id="advice",
    )
}


def _many(id_: str, *inside: str) -> str:
    items = tag("loopDataInputRef", "units") + tag("inputDataItem", id=f"{id_}i", name="unit")
    return tag(
        "subProcess", tag("multiInstanceLoopCharacteristics", items, isSequential="false") + "".join(inside), id=id_
    )


class TestInside:
    """Where a task lies in sub-processes and calls; no database makes a difference."""

    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    def test_steps_around(self, city: City) -> None:
        unit = (
            start("s")
            + user("Read", settings=WORK)
            + user("Say", settings=WORK)
            + end("e")
            + chain("s", "Read", "Say", "e")
        )
        parts = [
            start(),
            user("Ask", settings=WORK),
            _many("Units", unit),
            tag("callActivity", id="Call", calledElement="advice"),
        ]
        flows = chain("S", "Ask", "Units", "Call", "Last", "E")
        city.deploy(CALLED)
        city.deploy({"around.bpmn": process(ext(ACTS), *parts, user("Last", settings=WORK), end(), flows, id="around")})
        desk = Desk(city)
        desk.id = city.start("around", {}, "ann", given={"units": ["a", "b"]})
        desk.do("Ask", "ann")
        reads = [t.ref for t in city.tasks(desk.id)]
        city.complete(reads[0], {}, "bob")
        found = earlier.withdrawable(desk.core, city.actor("bob"), desk.id)
        assert found == [reads[0]]
        assert earlier.withdrawable(desk.core, city.actor("ann"), desk.id) == [], "one part went on"
        assert {t.node: t.previous for t in earlier.targets(desk.core, city.actor("cid"), desk.ref("Say"))} == {
            "Read": True,
            "Ask": False,
        }
        (other,) = [t.ref for t in city.tasks(desk.id) if t.node == "Read"]
        targets = earlier.targets(desk.core, city.actor("cid"), other)
        assert [(t.node, t.previous) for t in targets] == [("Ask", True)], "what another part did is none of its own"
        withdrawing.withdraw(desk.core, reads[0], "bob")
        assert desk.nodes() == ["Read", "Read"]
        for node in ("Read", "Read", "Say", "Say"):
            ref = next(t.ref for t in city.tasks(desk.id) if t.node == node)
            row = next(r for r in desk.rows(task) if f"{desk.id}.{r['id']}" == ref)
            city.complete(ref, {}, "bob" if row["assignee_id"] else "cid")
        desk.do("Ask", "dan")
        offered = desk.targets("Advise", "ann")
        assert list(offered) == ["Ask", "Units", "/Ask"], (
            "the call's own Ask, the sub-process as a whole, the case's Ask"
        )
        assert offered["Units"].who is None
        assert offered["/Ask"].who == desk.person("ann")
        assert desk.targets("Advise", "dan") == {}, "who asked does not judge"
        returning.back(desk.core, desk.ref("Advise"), "bob", to="/Ask", again=False, reason="先问清")
        assert (desk.row("Ask")["within"], desk.row("Ask")["role"]) == (None, "detour")
        desk.do("Ask", "ann")
        assert desk.row("Advise")["assignee_id"] == desk.person("bob")
        with pytest.raises(TaskGone):
            returning.back(desk.core, desk.ref("Advise"), "cid", reason="x")
        returning.back(desk.core, desk.ref("Advise"), "bob", to="Ask", reason="再问")
        assert desk.row("Ask")["within"] == "Call"
        assert desk.row("Ask")["assignee_id"] == desk.person("dan")
        with pytest.raises(Invalid):
            withdrawing.withdraw(desk.core, reads[0], "bob")
        desk.do("Ask", "dan")
        desk.do("Advise", "bob")
        returning.back(desk.core, desk.ref("Last"), "ann", to="Units", reason="重办")
        assert desk.nodes() == ["Read", "Read"]
        laws.check(city)
