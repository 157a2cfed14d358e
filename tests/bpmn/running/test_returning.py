"""What goes back, what stays and what fires, by hand: splits in splits, repeated work, sub-processes, calls, borders, undoing."""

from __future__ import annotations

import pytest

from engine.bpmn.runtime.regions import Unsound
from tests.bpmn.drawing import (
    DECLARED,
    TERMINATE,
    boundary,
    catch,
    chain,
    compensation,
    end,
    error,
    ext,
    flow,
    handler,
    message,
    model,
    process,
    start,
    sub,
    tag,
    throw,
    timer,
    user,
)
from tests.bpmn.running.players import Player

COLLECTION = tag("loopDataInputRef", "list") + tag("inputDataItem", id="it", name="m1")
MANY = tag("multiInstanceLoopCharacteristics", COLLECTION, isSequential="false")
ONE_BY_ONE = tag("multiInstanceLoopCharacteristics", COLLECTION, isSequential="true")


def played(*parts: str, called: dict[str, bytes] | None = None, **facts: object) -> Player:
    others = {key: model(data) for key, data in (called or {}).items()}
    return Player(model(process(*parts, before=DECLARED)), facts, others)


def split(kind: str, id_: str, *branches: str) -> str:
    """A split G<id>, a join J<id>, and one task a branch; "A>B" is two."""
    text = tag(kind, id=f"G{id_}") + tag(kind, id=f"J{id_}")
    for branch in branches:
        names = branch.split(">")
        text += "".join(user(name) for name in names)
        text += flow(f"G{id_}", names[0], "true" if kind == "inclusiveGateway" else None) + chain(*names, f"J{id_}")
    return text


def nested(kind: str = "parallelGateway") -> Player:
    """N → G1(A1 → A2 | G2(B1 → B2 | C) | D with a timer) → H → E."""
    inner = split(kind, "2", "B1>B2", "C")
    outer = split("parallelGateway", "1", "A1>A2", "D")
    late = boundary("D", "T", cancelActivity="false") + user("Late") + end("E2") + chain("T", "Late", "E2")
    ends = chain("S", "N", "G1") + chain("G1", "G2") + chain("J2", "J1") + chain("J1", "H", "E")
    return played(start(), user("N"), inner, outer, late, user("H"), end(), ends)


@pytest.mark.parametrize("kind", ["parallelGateway", "inclusiveGateway"])
def test_a_split_in_a_split(kind: str) -> None:
    player = nested(kind).do("N", "A1", "B1")
    assert player.names() == ["A2", "B2", "C", "D"]
    due = dict(player.due)
    player.back("B2", "B1")  # inside its branch: nothing else moves
    assert player.names() == ["A2", "B1", "C", "D"]
    assert player.due == due
    assert not player.out.cancelled or player.out.returned == set(player.out.cancelled)
    assert "before" in player.refused("B1", "A1")
    assert "before" in player.refused("A2", "H")
    player.do("C").back("B1", "N")  # past both splits: all of them go, and the timer
    assert player.names() == ["N"]
    assert not player.due
    player.do("N", "A1", "A2", "B1", "B2", "C", "D")
    assert player.names() == ["H"], "the join fired once"
    player.back("H", "B1")  # from behind both joins into the inner branch
    assert player.names() == ["B1"]
    player.do("B1", "B2")
    assert player.names() == ["H"]
    player.back("H", "D")
    assert player.names() == ["D"]
    player.back("D", "N").do("N", "D", "C", "A1", "B1", "A2")
    assert player.names() == ["B2"]
    player.do("B2", "H")
    assert player.ended
    assert player.path.count("J1") == 3
    assert player.path.count("J2") == 3
    assert player.path.count("E") == 1


def test_only_what_was_chosen_of_an_inclusive_split_is_waited_for() -> None:
    parts = [
        tag("inclusiveGateway", id="G", default="G-A"),
        tag("inclusiveGateway", id="J"),
        *(user(n) for n in ("N", "A", "A2", "B", "C", "H")),
        flow("G", "A") + flow("G", "B", "b = true") + flow("G", "C", "c = true"),
        chain("S", "N", "G") + chain("A", "A2", "J") + chain("B", "J") + chain("C", "J") + chain("J", "H", "E"),
    ]
    player = played(start(), *parts, end(), b=True, c=True).do("N")
    assert player.names() == ["B", "C"]
    player.do("B").back("C", "N").do("N", "C", "B")
    assert player.names() == ["H"]
    player.back("H", "C").do("C")
    assert player.names() == ["H"]
    player.withdraw()
    assert player.names() == ["C"]
    player.do("C", "H")
    assert player.ended


@pytest.mark.parametrize("how", [MANY, ONE_BY_ONE])
def test_repeated_work_goes_as_a_whole(how: str) -> None:
    parts = [start(), user("N"), user("M", how), user("H"), end(), chain("S", "N", "M", "H", "E"), boundary("M", "T")]
    player = played(*parts, user("X"), end("E2"), chain("T", "X", "E2"), list=["a", "b", "c"]).do("N")
    player.complete(min(player.open))
    (first,) = player.due
    # straight back from two parts at a time: each waits for its own detour
    held = sorted(player.open)
    for id_ in held:
        player.back(id_, "N", again=False, asked=9)
    assert player.names() == ["N"] * len(held)
    assert list(player.due) == [first], "its timer stays"
    player.complete(min(player.open))
    assert sorted(player.names()) == sorted(["M"] + ["N"] * (len(held) - 1))
    player.back(max(player.open, key=lambda id_: player.open[id_].task_spec.node.id == "M"), "N")
    assert player.names() == ["N"], "parts, detours and timer all go"
    assert not player.due
    player.do("N")
    for _ in range(3):
        player.do("M")
    assert player.names() == ["H"]
    player.back("H", "M")
    assert len(player.names()) == (3 if how is MANY else 1)
    for _ in range(3):
        player.do("M")
    player.do("H")
    assert player.ended


def test_out_of_sub_processes_and_calls_and_into_them_as_a_whole() -> None:
    called = {"called": process(start(), user("C1"), user("C2"), end(), chain("S", "C1", "C2", "E"), id="called")}
    inside = sub("Sub", MANY, start("s"), user("I1"), user("I2"), end("e"), chain("s", "I1", "I2", "e"))
    border = boundary("Sub", "T", cancelActivity="false") + user("Late") + end("E3") + chain("T", "Late", "E3")
    call = tag("callActivity", id="Call", calledElement="called")
    flows = chain("S", "N", "Sub", "Call", "H", "E")
    player = played(start(), user("N"), inside, border, call, user("H"), end(), flows, called=called, list=["a", "b"])
    player.do("N", "I1")
    assert player.names() == ["I1", "I2"]
    player.back("I2", "I1")  # in its own part only
    assert player.names() == ["I1", "I1"]
    player.do("I1", "I1").back("I2", "N")
    assert player.names() == ["N"]
    assert not player.due
    player.do("N", "I1", "I1", "I2", "I2")
    assert player.names() == ["Call/C1"]
    player.do("Call/C1").back("Call/C2", "Sub")
    assert player.names() == ["I1", "I1"]
    player.do("I1", "I1", "I2", "I2", "Call/C1")
    player.back("Call/C2", "N", again=False, asked=3)
    assert player.names() == ["N"]
    player.do("N")
    assert player.names() == ["Call/C2"]
    assert player.out.opened[0].person == 3
    player.back("Call/C2", "Sub", again=False)  # the whole sub-process once more, and then straight on
    player.do("I1", "I1", "I2", "I2")
    assert player.names() == ["Call/C2"]
    player.do("Call/C2")
    assert player.names() == ["H"]
    assert "no step" in player.refused("H", "C1")
    player.back("H", "Call").do("Call/C1").back("Call/C2", "/Call/C1").do("Call/C1", "Call/C2", "H")
    assert player.ended


def test_a_detour_in_a_detour_and_what_takes_it_away() -> None:
    line = [start(), user("A"), user("B"), user("C"), end(), chain("S", "A", "B", "C", "E")]
    player = played(*line, boundary("C", "T"), user("X"), end("E2"), chain("T", "X", "E2")).do("A", "B")
    player.back("C", "B", again=False, asked=1).back("B", "A", again=False, asked=2)
    assert player.names() == ["A"]
    player.do("A")
    assert (player.names(), player.out.opened[0].person) == (["B"], 2)
    player.do("B")
    assert (player.names(), player.out.opened[0].person) == (["C"], 1)
    player.back("C", "B", again=False).back("B", "A", again=False)
    player.fire(min(player.due))  # the held task is interrupted: everything that hangs on it goes
    assert player.names() == ["X"]
    player.do("X")
    assert player.ended
    # from within a detour all may run again: then nothing waits any more
    player = played(*line).do("A", "B").back("C", "B", again=False).back("B", "A")
    assert player.names() == ["A"]
    player.do("A", "B", "C")
    assert player.ended


def test_what_interrupts_the_work_of_a_detour_runs_on_from_there() -> None:
    border = boundary("A", "T") + user("Other") + chain("T", "Other", "C")
    player = played(start(), user("A"), border, user("C"), end(), chain("S", "A", "C", "E")).do("A")
    player.back("C", "A", again=False)
    (timer_of,) = player.due
    player.fire(timer_of)
    assert player.names() == ["Other"], "the held task is gone: it will come again"
    player.do("Other", "C")
    assert player.ended
    assert player.path.count("E") == 1


def test_a_scope_that_is_interrupted_takes_a_detour_outside_with_it() -> None:
    inside = [
        start("s"),
        user("I"),
        boundary("I", "TI"),
        user("J"),
        end("e"),
        chain("s", "I", "e"),
        chain("TI", "J", "e"),
    ]
    player = played(start(), user("A"), sub("Sub", *inside), end(), chain("S", "A", "Sub", "E")).do("A")
    player.back("I", "A", again=False)
    assert player.names() == ["A"]
    player.fire(min(player.due))
    assert player.names() == ["J"], "the detour lay outside of the sub-process, and went with what waited for it"
    player.do("J")
    assert player.ended


def test_detours_write_where_everybody_reads() -> None:
    held = user(
        "B",
        tag(
            "ioSpecification",
            tag("dataInput", id="amount", name="amount")
            + tag("inputSet", tag("dataInputRefs", "amount"))
            + tag("outputSet"),
        )
        + tag("dataInputAssociation", tag("targetRef", "amount") + _assigned("n * 2", "amount")),
    )
    player = played(start(), user("A"), held, end(), chain("S", "A", "B", "E"), n=1, amount=0).do("A")
    assert player.run.data(player.ids["B"])["amount"] == 2
    player.back("B", "A", again=False).do("A", n=5, amount=7)
    assert player.out.facts["amount"] == 7, "what is said in the detour is said to the case"
    assert player.run.data(player.ids["B"])["amount"] == 10, "and what waited sees it anew"


def _assigned(source: str, target: str) -> str:
    return tag("assignment", tag("from", source) + tag("to", target))


def test_event_sub_processes_stay_by_themselves() -> None:
    beside = handler(
        "V", message(), user("V1"), user("V2"), end("Ve"), chain("Vs", "V1", "V2", "Ve"), isInterrupting="false"
    )
    player = played(start(), user("A"), user("B"), end(), chain("S", "A", "B", "E"), beside).do("A")
    (key,) = player.run._before
    assert player.run.deliver(key[0], key[1])
    player._over()
    player.do("V1")
    assert player.names() == ["B", "V2"]
    assert "event sub-process" in player.refused("V2", "A")
    player.back("V2", "V1").back("B", "A")
    assert player.names() == ["A", "V1"]
    player.do("V1", "A", "V2", "B")
    assert player.ended


def test_undoing_remembers_each_time_something_was_done() -> None:
    """What was done twice is undone twice; while it is being undone nothing goes back."""
    parts = [
        user("A"),
        tag("boundaryEvent", compensation(), id="K", attachedToRef="A"),
        tag("userTask", ext('<ld:candidates post="handler"/>'), id="Undo", isForCompensation="true"),
        tag("association", id="as", sourceRef="K", targetRef="Undo", associationDirection="One"),
        split("parallelGateway", "1", "B", "C"),
        throw("Th", compensation()),
        end(),
        chain("S", "A", "G1") + flow("JX", "E"),
    ]
    parts[4] = tag("parallelGateway", id="G1") + tag("parallelGateway", id="JX") + user("B") + user("C")
    flows = flow("G1", "B") + flow("G1", "C") + chain("B", "Th", "JX") + chain("C", "JX")
    player = played(start(), *parts, flows).do("A").back("C", "A").do("A", "B")
    assert player.names() == ["C", "Undo"]
    assert "compensated" in player.refused("C", "A")
    player.do("Undo")
    assert player.names() == ["C", "Undo"], "done twice, undone twice"
    player.do("Undo", "C")
    assert player.ended


def test_ends_that_take_everything_away_do_not_hide_a_join() -> None:
    fails = boundary("A2", "F", error()) + end("Bad", TERMINATE) + chain("F", "Bad")
    branches = (
        split("parallelGateway", "2", "A1>A2", "A3") + tag("parallelGateway", id="G1") + tag("parallelGateway", id="J1")
    )
    flows = chain("S", "N", "G1", "G2") + chain("J2", "J1") + chain("G1", "B", "J1") + chain("J1", "H", "E")
    player = played(start(), user("N"), branches, fails, user("B"), user("H"), end(), flows).do("N", "B", "A1")
    player.back("A2", "A1")
    assert player.names() == ["A1", "A3"]
    player.do("A1", "A2", "A3")
    assert player.names() == ["H"], "what the other branch had brought was kept"


def test_crossing_branches_are_refused_in_words() -> None:
    """G1 → (A, B); A → G2 → (C, J1); B → J1 → D; C and D → J2: no block."""
    text = "".join(tag("parallelGateway", id=n) for n in ("G1", "G2", "J1", "J2"))
    text += "".join(user(n) for n in ("N", "A", "B", "C", "D", "H"))
    flows = (
        chain("S", "N", "G1", "A", "G2", "C", "J2", "H", "E") + chain("G1", "B", "J1", "D", "J2") + chain("G2", "J1")
    )
    player = played(start(), text, end(), flows).do("N", "A", "B")
    assert player.names() == ["C", "D"]
    assert player.sound("D", "N", "A", "B", "C") == {"N", "A", "B"}
    assert "cross" in player.refused("C", "A"), "what B brought would be lost with D"
    player.back("D", "B").do("B", "C")
    assert player.names() == ["D"]
    player.do("D")
    assert player.names() == ["H"]
    for to in sorted(player.sound("H", "N", "A", "B", "C", "D")):
        again = played(start(), text, end(), flows).do("N", "A", "B", "C", "D").back("H", to)
        while again.open:
            again.complete(min(again.open))
        assert again.ended
        assert again.path.count("H") == 1


def test_complex_gateways_are_not_passed_backwards() -> None:
    gate = tag("complexGateway", tag("activationCondition", "activationCount >= 1"), id="J")
    parts = [tag("parallelGateway", id="G"), gate, user("N"), user("A"), user("B"), user("H"), end()]
    player = played(start(), *parts, chain("S", "N", "G", "A", "J", "H", "E"), flow("G", "B"), flow("B", "J"))
    player.do("N", "A")
    assert player.names() == ["B", "H"]
    assert player.refused("H", "A")
    player.back("H", "N")
    assert player.names() == ["N"]
    player.do("N", "A", "B")
    assert player.names() == ["H", "H"], "its condition held, and then it began anew"
    player.do("H", "H")
    assert player.ended


def test_taking_back() -> None:
    player = nested().do("N")
    player.withdraw()
    assert player.names() == ["N"]
    assert not player.due
    player.do("N", "A1", "A2")
    player.withdraw()  # it waited at the join
    assert player.names() == ["A2", "B1", "C", "D"]
    assert player.out.opened[0].person == 7
    player.do("A2", "B1", "B2", "C")  # this one waits at the outer join, through the inner
    player.withdraw()
    assert player.names() == ["C", "D"]
    player.do("C", "D")
    assert player.names() == ["H"]
    player.withdraw()
    assert player.names() == ["D"]
    player.do("D", "H")
    assert player.ended
    player = nested().do("N", "A1")
    with pytest.raises(Unsound):
        player.withdraw(player.did[0])  # its opening A1 is done
    loop = [user("A"), user("B"), catch("W", timer()), end(), chain("S", "A", "W", "B", "E")]
    player = played(start(), *loop).do("A").withdraw()
    assert player.names() == ["A"]
    assert not player.due
    player.do("A").fire(min(player.due))
    with pytest.raises(Unsound):
        player.withdraw()  # the time came


def test_operators_move_any_token_anywhere() -> None:
    player = nested().do("N", "A1")
    ids = player.ids
    player.move(ids["A2"], "J1")
    player.move(player.ids["B1"], "C")
    assert player.names() == ["C", "C", "D"]
    with pytest.raises(Unsound):
        player.move(player.ids["D"], "T")
    with pytest.raises(Unsound):
        player.run.move(999, "A1")
    player.move(player.ids["D"], "E")
    assert player.names() == ["C", "C"]
