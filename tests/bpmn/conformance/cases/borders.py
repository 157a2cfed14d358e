"""Boundary events of every trigger on every sort of activity (10.5.4 table 10.90, 13.5.3)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.bpmn.conformance.case import Act, Theme, acted, broadcast, done, fails, fire, hear, play
from tests.bpmn.conformance.figures import (
    at,
    call,
    chain,
    end,
    ends,
    error,
    escalation,
    ext,
    many,
    message,
    parallel,
    rounds,
    signal,
    start,
    sub,
    tag,
    throw,
    timer,
    transaction,
    user,
)

THEME = Theme("boundary events")
about, case = THEME.about, THEME.case


@dataclass(frozen=True)
class Host:
    """An activity H: how it is drawn, what a trace shows when it begins (`enters`), while it is active (`open`) and when the acts of
    `finish` complete it."""

    name: str
    drawn: str
    open: str
    finish: tuple[Act, ...]
    passes: tuple[str, ...]
    enters: str = ""
    rests: tuple[str, ...] = ()


INSIDE = (start("S1"), user("A"), end("E1"), chain("S1", "A", "E1"))
CALLED = {"Q": INSIDE}
HOSTS = (
    Host("user task", user("H"), "H?", (done("H"),), ("H",)),
    Host("receive task", tag("receiveTask", id="H", messageRef="message_order"), "H~", (hear("order"),), ("H",)),
    Host("service task", tag("serviceTask", ext('<ld:action name="notify"/>'), id="H"), "H!", (acted("H"),), ("H",)),
    Host("sub-process", sub("H", *INSIDE), "A?", (done("A"),), ("A E1",), "S1"),
    Host("transaction", transaction("H", *INSIDE), "A?", (done("A"),), ("A E1",), "S1"),
    Host("call activity", call("H", "Q"), "A?", (done("A"),), ("A E1",), "S1"),
    Host(
        "looped task",
        user("H", rounds("loopCounter < 2", loopMaximum="2")),
        "H?",
        (done("H"), done("H")),
        ("H", "H"),
        "",
        ("H?",),
    ),
    Host(
        "parallel multi-instance", user("H", many(times="2")), "H? H?", (done("H"), done("H")), ("H", "H"), "", ("H?",)
    ),
    Host(
        "sequential multi-instance",
        sub("H", *INSIDE, inside=many(times="2", isSequential="true")),
        "A?",
        (done("A"), done("A")),
        ("A E1 S1", "A E1"),
        "S1",
        ("A?",),
    ),
)
TRIGGERS = (
    ("timer", timer("PT2H"), fire("B"), "B@"),
    ("message", message("word"), hear("word"), "B~"),
    ("signal", signal("word"), broadcast("word"), "B~"),
)


def around(host: Host, *border: str) -> tuple[str, ...]:
    return (start(), end(), host.drawn, *border, user("U"), end("F"), chain("S", "H", "E"), chain("B", "U", "F"))


def finished(host: Host, wait: str, more: str = "", last: str = ".") -> list[Act | str]:
    """The acts that complete the host: `wait` goes with it, `more` stays, `last` is what is told at the end."""
    told: list[Act | str] = []
    rests = [f"{rest} {wait}" for rest in host.rests] + ["E"]
    for act, passed, rest in zip(host.finish, host.passes, rests, strict=True):
        told += [act, f"{passed} {rest} {more}"]
    told[-1] = f"{told[-1]} {last}"
    return told


for host in HOSTS:
    called = CALLED if host.name == "call activity" else None
    for name, definition, comes, wait in TRIGGERS:
        begins = f"S {host.enters} {host.open} {wait}"
        about(f"{name} event", "10.5.4 table 10.90, 13.5.3")
        case(
            f"it takes the {host.name} away",
            f"boundary of a {host.name}, interrupting",
            around(host, at("H", "B", definition)),
            play(begins, comes, "B U?", done("U"), "U>F ."),
            play(begins, *finished(host, wait)),
            called=called,
        )
        again = "" if name == "timer" else wait
        case(
            f"the {host.name} goes on",
            f"boundary of a {host.name}, not interrupting",
            around(host, at("H", "B", definition, stops=False)),
            play(begins, comes, f"B U? {host.open} {again}", *finished(host, again, "U?", ""), done("U"), "U>F ."),
            play(
                begins,
                comes,
                f"B U? {host.open} {again}",
                done("U"),
                f"U F {host.open} {again}",
                *finished(host, again),
            ),
            play(begins, *finished(host, wait)),
            called=called,
        )

about("error event", "10.5.4 table 10.90, 13.5.3")
for host in (HOSTS[0], *HOSTS[3:]):
    task = "H" if "H?" in host.open else "A"
    case(
        f"a task that fails ends the {host.name}",
        f"boundary of a {host.name}",
        around(host, at("H", "B", error("LOST"))),
        play(f"S {host.enters} {host.open}", fails(task, "LOST"), "B U?", done("U"), "U>F ."),
        play(f"S {host.enters} {host.open}", *finished(host, "")),
        called=CALLED if host.name == "call activity" else None,
    )

# ---------------------------------------------------------------- thrown inside, wherever the scope comes from


def scope(name: str, inside: tuple[str, ...]) -> str:
    """H, an activity of this sort, with `inside` in it; of a call it lies in the process Q."""
    if name == "call activity":
        return call("H", "Q")
    if name == "transaction":
        return transaction("H", *inside)
    loop = {"parallel multi-instance": many(times="1"), "looped sub-process": rounds("1 = 2")}.get(name, "")
    return sub("H", *inside, inside=loop)


RISING = (
    *(start("S1"), parallel("G"), user("A"), throw("X", escalation("HELP")), user("C"), end("E1")),
    *(chain("S1", "G", "A", "X", "E1"), chain("G", "C", "E1")),
)
FAILING = (
    *(start("S1"), parallel("G"), user("A"), ends("X", error("LOST")), user("C"), end("E1")),
    *(chain("S1", "G", "A", "X"), chain("G", "C", "E1")),
)
for name in ("sub-process", "transaction", "call activity", "parallel multi-instance", "looped sub-process"):
    for inside, kind in ((RISING, "escalation"), (FAILING, "error")):
        host = Host(name, scope(name, inside), "A? C?", (), ())
        definition = escalation("HELP") if kind == "escalation" else error("LOST")
        about(f"{kind} event", "10.5.4 table 10.90, 13.5.3")
        case(
            f"thrown inside, it takes the {name} away",
            f"boundary of a {name}, thrown inside, interrupting",
            around(host, at("H", "B", definition)),
            play("S S1 G A? C?", done("A"), "A>X>B U?", done("U"), "U>F ."),
            called={"Q": inside} if name == "call activity" else None,
        )
        if kind == "escalation":
            case(
                f"thrown inside, the {name} goes on",
                f"boundary of a {name}, thrown inside, not interrupting",
                around(host, at("H", "B", definition, stops=False)),
                play("S S1 G A? C?", done("A"), "A X B E1 C? U?", done("C"), "C>E1>E U?", done("U"), "U>F ."),
                called={"Q": inside} if name == "call activity" else None,
            )
