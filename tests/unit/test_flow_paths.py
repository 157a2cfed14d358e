"""Which flows a step took, from what it left and opened: forks, choices, loops back, scopes, and what is not told."""

from __future__ import annotations

from collections import Counter

from engine.bpmn.model import ProcessModel
from engine.queries.flow_paths import taken
from tests.bpmn.drawing import catch, chain, end, flow, model, process, start, sub, tag, timer, user


def choice(*more: str) -> ProcessModel:
    gateway = tag("exclusiveGateway", id="G", default="G-B")
    return model(process(start(), user("A"), gateway, user("B"), *more, end(), chain("S", "A", "G", "B", "E")))


def flows(found: ProcessModel, path: str, opened: str = "") -> dict[str, int]:
    _, some, untold = taken(found, tuple(path.split()), tuple(opened.split()))
    assert not untold
    return {name: times for name, times in some.items() if times}


def test_a_choice_is_known_by_what_opened_or_was_left() -> None:
    one = choice(user("C"), flow("G", "C", "=x"), flow("C", "A"), flow("G", "E", "=y"))
    assert flows(one, "A G", "/B") == {"A-G": 1, "G-B": 1}
    assert flows(one, "A G", "/C") == {"A-G": 1, "G-C": 1}
    assert flows(one, "A G E") == {"A-G": 1, "G-E": 1}
    assert flows(one, "C", "/A") == {"C-A": 1}
    assert flows(one, "") == {}


def test_all_that_are_taken_are_counted() -> None:
    nodes = (tag("parallelGateway", id="F"), user("A"), user("B"), tag("parallelGateway", id="J"))
    fork = model(process(start(), *nodes, end(), chain("S", "F", "A", "J", "E"), chain("F", "B", "J")))
    assert flows(fork, "S F", "/A /B") == {"S-F": 1, "F-A": 1, "F-B": 1}
    assert flows(fork, "A") == {"A-J": 1}
    assert flows(fork, "B J E") == {"B-J": 1, "J-E": 1}


def test_scopes_and_waits_leave_traces_or_are_the_only_silent_way() -> None:
    inner = sub("Z", start("Ps"), user("Pu"), end("Pe"), chain("Ps", "Pu", "Pe"))
    one = choice(inner, flow("G", "Z", "=x"), flow("Z", "E"), catch("T", timer()), flow("G", "T", "=y"), flow("T", "E"))
    assert flows(one, "A G Ps", "/Pu") == {"A-G": 1, "G-Z": 1, "Ps-Pu": 1}
    assert flows(one, "A G", "/B") == {"A-G": 1, "G-B": 1}


def test_what_the_rows_do_not_tell_is_not_guessed() -> None:
    one = choice(
        catch("T", timer()),
        catch("U", timer()),
        flow("G", "T", "=x"),
        flow("G", "U", "=y"),
        flow("T", "E"),
        flow("U", "E"),
    )
    nodes, some, untold = taken(one, ("A", "G"), ())
    assert (nodes, +some, untold) == (Counter(A=1, G=1), Counter({"A-G": 1}), Counter(G=1))


def test_nodes_of_called_processes_are_not_the_callers() -> None:
    one = choice()
    nodes, some, _ = taken(one, ("A", "G", "Call/A"), ("Call/B", "/B"))
    assert nodes == Counter(A=1, G=1)
    assert +some == Counter({"A-G": 1, "G-B": 1})
