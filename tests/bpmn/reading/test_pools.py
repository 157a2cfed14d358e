"""Collaborations: several participants and processes in one file, and what they call of each other."""

from __future__ import annotations

from engine.bpmn.lint import lint
from engine.bpmn.reading import read
from tests.bpmn.drawing import HEAD, chain, codes, end, ext, model, start, tag, user, wrong


def one(id_: str, *parts: str, **attributes: str) -> str:
    """A process whose nodes have ids of their own."""
    nodes = start(f"{id_}S"), *parts, end(f"{id_}E")
    ways = chain(f"{id_}S", *(f"{id_}{n}" for n in range(len(parts))), f"{id_}E")
    return tag("process", "\n" + "".join(nodes) + ways, id=id_, **attributes)


def calls(id_: str, key: str, inside: str = "") -> str:
    return tag("callActivity", inside, id=id_, calledElement=key)


def file(*processes: str) -> bytes:
    return (HEAD % "" + "".join(processes) + "</bpmn:definitions>").encode()


def pools(*pairs: tuple[str, str | None]) -> str:
    """A collaboration of pools, each with its process (None: a black box)."""
    return tag(
        "collaboration",
        "".join(tag("participant", id=id_, name=id_, **({"processRef": ref} if ref else {})) for id_, ref in pairs),
        id="C",
    )


P, Q = one("P", user("P0")), one("Q", user("Q0"))


def test_several_processes() -> None:
    reading = read("t.bpmn", file(pools(("City", "P"), ("Firm", "Q"), ("Citizen", None)), P, Q))
    assert reading.problems == ()
    assert [(each.id, each.participant, each.names.zh, each.start, each.file) for each in reading.processes] == [
        ("P", "City", "City", "PS", "t.bpmn"),
        ("Q", "Firm", "Firm", "QS", "t.bpmn"),
    ]
    assert set(reading.processes[0].nodes) == {"PS", "P0", "PE"}
    assert reading.process == reading.processes[0]


def test_a_process_not_to_be_run_is_left_alone() -> None:
    other = one("Q", tag("adHocSubProcess", user("x"), id="Q0"), isExecutable="false")
    data = file(P, other)
    assert [each.id for each in read("t.bpmn", data).processes] == ["P"]
    assert codes(data) == {"not-executable"}
    assert ("not-executable", "Q") in wrong(file(other))


def test_ids_are_those_of_the_file() -> None:
    assert ("duplicate-id", "P0") in wrong(file(P, one("Q", user("P0"))))


def test_one_process_has_one_pool() -> None:
    assert ("several-pools", "Firm") in wrong(file(pools(("City", "P"), ("Firm", "P")), P))
    assert ("dangling", "City") in wrong(
        file(
            pools(
                ("City", "Gone"),
            ),
            P,
        )
    )


def test_all_processes_are_judged() -> None:
    data = file(one("P", tag("serviceTask", id="P0")), one("Q", tag("serviceTask", id="Q0")))
    assert wrong(data) == {("no-action", "P0"), ("no-action", "Q0")}


def test_messages_between_pools_are_drawn() -> None:
    flow = tag("messageFlow", id="F", sourceRef="P0", targetRef="Q0")
    drawn = pools(("City", "P"), ("Firm", "Q")).replace("</bpmn:coll", flow + "</bpmn:coll")
    assert codes(file(drawn, P, Q)) == {"message-flow"}


def test_nested_lanes() -> None:
    inner = tag("childLaneSet", tag("lane", tag("flowNodeRef", "P0"), id="L2"), id="LS2")
    outer = tag("laneSet", tag("lane", tag("flowNodeRef", "PS") + tag("flowNodeRef", "P0") + inner, id="L1"), id="LS")
    found = model(file(P.replace("\n", outer, 1)))
    assert [(lane.id, lane.nodes, lane.parent) for lane in found.lanes] == [
        ("L1", ("PS",), None),
        ("L2", ("P0",), "L1"),
    ]


def test_calls_in_a_circle() -> None:
    assert ("call-recursion", "P0") in wrong(file(one("P", calls("P0", "P"))))
    both = file(one("P", calls("P0", "Q")), one("Q", calls("Q0", "P")))
    assert {("call-recursion", "P0"), ("call-recursion", "Q0")} <= wrong(both)
    assert wrong(file(one("P", calls("P0", "Q")), Q)) == set()
    far = file(one("P", calls("P0", "Q")), one("Q", calls("Q0", "R")), one("R", calls("R0", "R")))
    assert wrong(far) == {("call-recursion", "R0")}


def test_calls_of_what_is_not_there() -> None:
    data = file(one("P", calls("P0", "Q")))
    assert read("t.bpmn", data).problems == ()
    assert [each.code for each in read("t.bpmn", data, processes=[]).problems] == ["call"]
    assert read("t.bpmn", data, processes=["Q"]).problems == ()


def test_calls_in_a_circle_through_a_bundle() -> None:
    files = {"p.bpmn": file(one("P", calls("P0", "Q"))), "q.bpmn": file(one("Q", calls("Q0", "P")))}
    found = lint(files)
    assert [(each.file, each.code, each.element) for each in found] == [
        ("p.bpmn", "call-recursion", "P0"),
        ("q.bpmn", "call-recursion", "Q0"),
    ]
    assert "P → Q → P" in found[0].en
    assert len(lint({"p.bpmn": file(one("P", calls("P0", "P")))})) == 1


def test_calls_of_a_bundle_and_beyond() -> None:
    files = {"p.bpmn": file(one("P", calls("P0", "Q")))}
    assert lint(files) == []
    assert [each.code for each in lint(files, processes=["R"])] == ["call"]
    assert lint(files, processes=["Q"]) == []
    assert lint({**files, "q.bpmn": file(Q)}, processes=[]) == []


def test_one_key_one_process() -> None:
    assert [(each.file, each.code) for each in lint({"a.bpmn": file(P), "b.bpmn": file(P)})] == [
        ("b.bpmn", "process-twice")
    ]
    assert lint({"a/a.bpmn": file(P), "b/b.bpmn": file(P)}) == []


def test_names_given_by_a_caller_are_known() -> None:
    used = user("Q0", settings='<ld:candidates post="=given"/>')
    facts = b'{"title": "F", "x-title": {"en": "F"}, "type": "object", "properties": {}}'
    caller = one("P", calls("P0", "Q", ext('<ld:call input="={given: title}"/>')))
    files = {"q.bpmn": file(one("Q", used)), "facts.json": facts}
    assert [each.code for each in lint(files)] == ["unknown-fact"]
    assert lint({**files, "p.bpmn": file(caller)}) == []
