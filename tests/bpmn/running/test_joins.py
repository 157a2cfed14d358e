"""A send-back around a split and its join: the join waits for all its branches in every round, in whatever order they come."""

from __future__ import annotations

import itertools
import random

import pytest

from engine.bpmn.program import compile_program
from engine.bpmn.running import Run
from engine.bpmn.runtime import resting
from engine.errors import StepFailed
from tests.bpmn.drawing import boundary, chain, end, flow, model, process, start, tag, user
from tests.bpmn.running.machines import Ours, Stock, a_run
from tests.factories import say

ORDERS = sorted(itertools.product(itertools.permutations("ABC"), repeat=2))


def send_back(kind: str, sub: bool = False) -> bytes:
    """S → G → A, B, C → J → Ask → again to G, or E."""
    condition = "true = true" if kind == "inclusiveGateway" else None
    inside = [
        tag(kind, id="G"),
        *(part for name in "ABC" for part in (user(name), flow("G", name, condition), flow(name, "J"))),
        tag(kind, id="J"),
    ]
    back = [
        user("Ask"),
        tag("exclusiveGateway", id="X", default="X-E"),
        flow("Ask", "X"),
        flow("X", "M", "again = true"),
        flow("X", "E"),
    ]
    if sub:
        body = [
            tag("subProcess", "".join([start("S2"), *inside, end("E2"), flow("S2", "G"), flow("J", "E2")]), id="Sub")
        ]
        ends = [flow("M", "Sub"), flow("Sub", "Ask")]
    else:
        body, ends = inside, [flow("M", "G"), flow("J", "Ask")]
    return process(start(), tag("exclusiveGateway", id="M"), *body, *back, end(), flow("S", "M"), *ends)


def names(machine: Ours | Stock) -> list[str]:
    return [node for node, _ in machine.open()]


def early(machine: Ours | Stock, orders: tuple[tuple[str, ...], ...]) -> bool:
    """Whether the join fired before its time in a round; else the case ends when it may."""
    for number, order in enumerate(orders):
        for place, name in enumerate(order):
            machine.complete((name, ()))
            if ("Ask" in names(machine)) != (place == 2):
                return True
        machine.decide({"again": number + 1 < len(orders)})
        machine.complete(("Ask", ()))
    assert machine.ended()
    return False


@pytest.mark.parametrize("sub", [False, True], ids=["plain", "sub-process"])
@pytest.mark.parametrize("kind", ["parallelGateway", "inclusiveGateway"])
@pytest.mark.parametrize("restore", [True, False], ids=["stored", "kept"])
def test_a_join_waits_in_every_round(kind: str, restore: bool, sub: bool) -> None:
    its = model(send_back(kind, sub))
    wrong = [orders for orders in ORDERS if early(Ours(its, {}, restore=restore), orders)]
    assert wrong == [], f"{len(wrong)} of {len(ORDERS)} orders"


@pytest.mark.parametrize("kind", ["parallelGateway", "inclusiveGateway"])
def test_stock_fires_early_so_that_this_test_can_fail(kind: str) -> None:
    its = model(send_back(kind))
    wrong = [orders for orders in ORDERS if early(Stock(its, {}), orders)]
    assert len(wrong) >= 24, "early in how many of 36 orders"


def test_an_inclusive_join_hears_of_a_branch_that_ends_elsewhere() -> None:
    its = model(
        process(
            start(),
            tag("inclusiveGateway", id="G", default="G-A"),
            user("A"),
            user("B"),
            tag("exclusiveGateway", id="X", default="X-J"),
            end("E2"),
            tag("inclusiveGateway", id="J"),
            user("Last"),
            end(),
            chain("S", "G", "A", "J", "Last", "E"),
            flow("G", "B", "true = true"),
            *(flow("B", "X"), flow("X", "J"), flow("X", "E2", "stray = true")),
            flow("G", "C", "true = true"),
            *(user("C"), flow("C", "J")),
        )
    )
    for order in itertools.permutations("BC"):
        machine = Ours(its, {"stray": True}, restore=True)
        assert names(machine) == ["B", "C"]
        for name in order:
            assert "Last" not in names(machine)
            machine.complete((name, ()))
        assert names(machine) == ["Last"]


def test_a_token_that_cannot_pass_is_said_by_name() -> None:
    its = model(
        process(
            start(),
            tag("parallelGateway", id="G"),
            *(user("A"), user("B"), tag("inclusiveGateway", id="X", default="X-J"), end("E2")),
            *(tag("parallelGateway", id="J"), end()),
            *(chain("S", "G", "A", "X", "J", "E"), flow("G", "B"), flow("B", "J"), flow("X", "E2", "stray = true")),
        )
    )
    machine = Ours(its, {"stray": True}, restore=True)
    machine.complete(("A", ()))
    with pytest.raises(StepFailed, match=r"J.*no longer come"):
        machine.complete(("B", ()))


def test_an_inclusive_join_beside_another_branch_in_a_loop_is_legal_and_fires() -> None:
    """Its sibling can come round to it again, but as well over the flow that has its token: it does not wait for that."""
    its = model(
        process(
            *(start(), tag("exclusiveGateway", id="M"), tag("parallelGateway", id="G"), user("B")),
            *(tag("inclusiveGateway", id="I", default="I-A"), user("A"), user("C"), tag("inclusiveGateway", id="K")),
            *(tag("parallelGateway", id="J"), user("Ask"), tag("exclusiveGateway", id="X", default="X-E"), end()),
            *(
                chain("S", "M", "G", "I", "A", "K", "J", "Ask", "X", "E"),
                chain("G", "B", "J"),
                flow("X", "M", "again = true"),
            ),
            *(flow("I", "C", "other = true"), flow("C", "K")),
        )
    )
    machine = Ours(its, {"again": True, "other": False}, restore=True)
    for mine, then in (("A", True), ("C", False), ("A", True)):
        assert names(machine) == sorted([mine, "B"])
        machine.decide({"other": then})
        machine.complete((mine, ()))
        assert names(machine) == ["B"]
        machine.complete(("B", ()))
        machine.complete(("Ask", ()))
    assert names(machine) == ["B", "C"]


def test_an_inclusive_join_waits_for_a_task_whose_border_could_lead_elsewhere() -> None:
    """B's flow leads to the empty way in; that its border event leads to the other one makes no path of sequence flows (table 13.3)."""
    its = model(
        process(
            *(start(), tag("inclusiveGateway", id="G", default="G-A"), user("A"), user("B"), boundary("B", "Late")),
            *(tag("exclusiveGateway", id="M"), tag("inclusiveGateway", id="J"), user("Last"), end()),
            *(chain("S", "G", "A", "M", "J", "Last", "E"), chain("B", "J"), chain("Late", "M")),
            *(flow("G", "B", "true = true"), flow("G", "C", "true = true"), user("C"), flow("C", "M")),
        )
    )
    machine = Ours(its, {}, restore=True)
    machine.complete(("C", ()))
    assert names(machine) == ["B"], "B is to be waited for"
    machine.complete(("B", ()))
    assert names(machine) == ["Last"]


def test_an_inclusive_join_does_not_wait_for_a_token_that_may_come_where_one_is() -> None:
    """One task leads to both ways in: a second token in it can come over the flow that has a token."""
    its = model(
        process(
            *(start(), tag("parallelGateway", id="G"), tag("exclusiveGateway", id="M"), user("A", default="A-D")),
            *(user("B"), user("C"), user("D"), tag("inclusiveGateway", id="J"), user("Last"), end()),
            *(chain("S", "G", "B", "M", "A", "D", "J", "Last", "E"), chain("G", "C", "M"), chain("A", "F", "J")),
            *(tag("task", id="F"), flow("A", "H", "never = true"), tag("task", id="H"), flow("H", "J")),
        )
    )
    machine = Ours(its, {}, restore=True)
    for name in ("B", "C", "A", "D"):
        machine.complete((name, ()))
    assert names(machine) == ["A", "Last"]


def test_an_inclusive_join_does_not_wait_for_what_is_undone_beside() -> None:
    """The throwing event did not wait for what it undoes: its token has gone on, and ended."""
    undo = tag("compensateEventDefinition", waitForCompletion="false")
    its = model(
        process(
            *(start(), tag("parallelGateway", id="G"), user("A"), user("B"), user("U", isForCompensation="true")),
            *(boundary("A", "Undo", tag("compensateEventDefinition")), tag("intermediateThrowEvent", undo, id="V")),
            *(
                tag("exclusiveGateway", id="X", default="X-E2"),
                end("E2"),
                tag("inclusiveGateway", id="J"),
                user("Last"),
                end(),
            ),
            *(chain("S", "G", "A", "V", "X", "E2"), flow("X", "J", "never = true"), chain("B", "J", "Last", "E")),
            *(flow("G", "B"), tag("association", id="Z", sourceRef="Undo", targetRef="U")),
        )
    )
    machine = Ours(its, {}, restore=True)
    for name in ("A", "B"):
        machine.complete((name, ()))
    assert names(machine) == ["Last", "U"]


def rounds_of(steps: int) -> Run:
    """A case sent back so often, then ready to end, restored from its state."""
    its = model(send_back("parallelGateway"))
    program = compile_program(its)
    run = a_run(program, {})
    run.begin()
    text = run.outcome().state
    rng = random.Random(1)
    for _ in range(steps):
        for name in [*rng.sample("ABC", 3), "Ask"]:
            assert text is not None
            run = a_run(program, {"again": True})
            run.resume(text)
            run.complete(next(i for i, t in run._open.items() if t.task_spec.node.id == name))
            outcome = run.outcome()
            assert not outcome.ended
            text = outcome.state
    assert text is not None
    run = a_run(program, {"again": False})
    run.resume(text)
    return run


def test_two_thousand_send_backs_and_the_case_ends_when_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    early, late = rounds_of(3), rounds_of(2000)
    assert [len(r.workflow.tasks) for r in (early, late)] == [len(early.workflow.tasks)] * 2
    for name in ("A", "B", "C", "Ask"):
        task_id = next(i for i, t in late._open.items() if t.task_spec.node.id == name)
        late.complete(task_id)
        late._open = resting.opened(late.workflow)
    assert late.outcome().ended
    say(capsys, tasks_at_round_3_and_2000=len(early.workflow.tasks), last_id=late.workflow.counter)


def calls(run: Run, name: str) -> int:
    """Functions called by one completion: what it costs, without a clock."""
    import sys  # noqa: PLC0415

    count = 0

    def seen(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event == "call"

    task_id = next(i for i, t in run._open.items() if t.task_spec.node.id == name)
    sys.setprofile(seen)
    try:
        run.complete(task_id)
        run.outcome()
    finally:
        sys.setprofile(None)
    return count


def test_a_step_costs_the_same_at_round_1000(capsys: pytest.CaptureFixture[str]) -> None:
    calls(rounds_of(3), "B")  # expressions are compiled once
    cost = {n: calls(rounds_of(n), "B") for n in (3, 1000)}
    say(capsys, calls_at_round_3=cost[3], at_round_1000=cost[1000])
    assert cost[1000] <= cost[3] * 1.05


def test_a_boundary_timer_goes_with_its_task_in_every_round() -> None:
    its = model(
        process(
            start(),
            *(
                tag("exclusiveGateway", id="M"),
                user("A"),
                boundary("A", "Late", cancelActivity="false"),
                user("Told"),
                end("E2"),
            ),
            *(tag("exclusiveGateway", id="X", default="X-E"), end()),
            *(chain("S", "M", "A", "X", "E"), chain("Late", "Told", "E2"), flow("X", "M", "again = true")),
        )
    )
    machine = Ours(its, {"again": True}, restore=True)
    for number in range(50):
        assert machine.awaited() == [("Late", ())]
        if number % 2:
            machine.fire(("Late", ()))
            assert (names(machine), machine.awaited()) == (["A", "Told"], [])
            machine.complete(("Told", ()))
        machine.complete(("A", ()))
    assert names(machine) == ["A"]
