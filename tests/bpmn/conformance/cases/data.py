"""Data: objects, inputs and outputs, associations, stores, properties (10.4)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, done, play
from tests.bpmn.conformance.figures import (
    CANDIDATES,
    chain,
    end,
    ext,
    many,
    script,
    start,
    sub,
    tag,
    user,
)

THEME = Theme("data")
about, case = THEME.about, THEME.case
S_E = (start(), end())

about("data object", "10.4.1, 10.4.2")


def local(key: str) -> str:
    return tag("dataObject", ext(f'<ld:data key="{key}"/>'), id=f"Object_{key}")


case(
    "that of a sub-process is gone with it",
    "in a sub-process",
    (
        *S_E,
        sub(
            "P1",
            local("part"),
            start("S1"),
            script("K", "{part: 7, n: 1}"),
            user("B"),
            end("E1"),
            chain("S1", "K", "B", "E1"),
        ),
        *(user("C"), chain("S", "P1", "C", "E")),
    ),
    play("S S1 K B? B:part=7", done("B"), "B>E1 C? C:part=null n=1", done("C"), "C>E . part=null"),
)
case(
    "each of a multi-instance has its own",
    "in a multi-instance sub-process",
    (
        *S_E,
        sub(
            "P1",
            local("part"),
            start("S1"),
            script("K", '{part: one + "!"}'),
            user("B"),
            end("E1"),
            chain("S1", "K", "B", "E1"),
            inside=many("items", "one"),
        ),
        chain("S", "P1", "E"),
    ),
    play('S S1 S1 K K B? B? B:part="a!" B:part="b!"', done("B"), "B>E1 B?", done("B"), "B>E1>E . part=null"),
    facts={"items": ["a", "b"]},
)


def given(*associations: str, inputs: str = "", outputs: str = "") -> str:
    """The specification of the data that goes into and out of an activity, and where from and to."""
    ins = tag("dataInput", id="In", name=inputs) if inputs else ""
    outs = tag("dataOutput", id="Out", name=outputs) if outputs else ""
    sets = tag("inputSet", tag("dataInputRefs", "In") if inputs else "") or "<bpmn:inputSet/>"
    sets += tag("outputSet", tag("dataOutputRefs", "Out") if outputs else "")
    return tag("ioSpecification", ins + outs + sets) + "".join(associations)


def into(source: str, *more: str) -> str:
    return tag("dataInputAssociation", tag("sourceRef", source) + tag("targetRef", "In") + "".join(more), id="Into")


def out_to(target: str, *more: str) -> str:
    return tag("dataOutputAssociation", tag("sourceRef", "Out") + tag("targetRef", target) + "".join(more), id="Outof")


def with_data(*data: str) -> str:
    return tag("userTask", ext(CANDIDATES) + "".join(data), id="A")


about("data input", "10.4.1, 10.4.2")
case(
    "it is filled when the activity begins, and only this sees it",
    "of a task",
    (
        *S_E,
        local("n"),
        with_data(given(into("Object_n"), inputs="amount")),
        user("B"),
        script("K", "{n: 5}"),
        chain("S", "K", "A", "B", "E"),
    ),
    play("S K A? A:amount=5", done("A"), "A B? B:amount=null", done("B"), "B>E ."),
)
case(
    "it may be computed",
    "of a task, transformed",
    (
        *S_E,
        local("n"),
        with_data(given(into("Object_n", tag("transformation", "=n * 2")), inputs="amount")),
        script("K", "{n: 5}"),
        chain("S", "K", "A", "E"),
    ),
    play("S K A? A:amount=10", done("A"), "A>E ."),
)
about("data output", "10.4.1, 10.4.2")
case(
    "it is written when the activity completes",
    "of a task",
    (*S_E, local("n"), with_data(given(out_to("Object_n"), outputs="mark")), user("B"), chain("S", "A", "B", "E")),
    play("S A?", done("A", mark=3), "A B? B:n=3", done("B"), "B>E ."),
)
about("data store", "10.4.1")
case(
    "a register gives the row that is asked for",
    "read by a task",
    (
        *S_E,
        tag("dataStoreReference", id="Codes", name="codes"),
        with_data(
            given(
                tag(
                    "dataInputAssociation",
                    ext('<ld:lookup register="codes" match="={code: c}"/>')
                    + tag("sourceRef", "Codes")
                    + tag("targetRef", "In"),
                    id="Into",
                ),
                inputs="row",
            )
        ),
        chain("S", "A", "E"),
    ),
    play('S A? A:row={"register":"codes","code":"a","days":3}', done("A"), "A>E ."),
    facts={"c": "a"},
)

about("property", "10.4.1")
case(
    "a property of a sub-process is gone with it",
    "of a sub-process",
    (
        *S_E,
        sub(
            "P1",
            *('<bpmn:property id="part"/>\n', start("S1"), script("K", "{part: 7}"), user("B"), end("E1")),
            chain("S1", "K", "B", "E1"),
        ),
        *(user("C"), chain("S", "P1", "C", "E")),
    ),
    play("S>S1>K B? B:part=7", done("B"), "B>E1 C? C:part=null", done("C"), "C>E ."),
)
about("data association", "10.4.1, 10.4.2")
ASSIGN = tag("assignment", tag("from", "=n + 1") + tag("to", "amount"))
case(
    "parts may be assigned",
    "into a task, assigned",
    (
        *S_E,
        local("n"),
        script("K", "{n: 5}"),
        with_data(given(into("Object_n", ASSIGN), inputs="amount")),
        chain("S", "K", "A", "E"),
    ),
    play("S>K A? A:amount=6", done("A"), "A>E ."),
)
about("multi-instance", "10.3.8 table 10.30, 10.4.2")
COLLECTING = tag(
    "userTask",
    ext(CANDIDATES)
    + given(into("Object_items"), out_to("Object_found"), inputs="all_items", outputs="all_found")
    + tag(
        "multiInstanceLoopCharacteristics",
        tag("loopDataInputRef", "In")
        + tag("loopDataOutputRef", "Out")
        + tag("inputDataItem", id="Each", name="one")
        + tag("outputDataItem", id="Done", name="mark"),
    ),
    id="A",
)
case(
    "its list comes from a data input, what it gives goes to a data output",
    "collection in a data object",
    (
        *S_E,
        local("items"),
        local("found"),
        script("K", '{items: ["a", "b"]}'),
        COLLECTING,
        user("B"),
        chain("S", "K", "A", "B", "E"),
    ),
    play(
        'S>K A? A? A:one="a" A:one="b"',
        *(done("A", item="b", mark=2), "A A?", done("A", item="a", mark=1), "A B? B:found=[1,2]", done("B"), "B>E ."),
    ),
)
