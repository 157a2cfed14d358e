"""What a case of the conformance suite is: a small diagram, and plays of it with the traces the standard's text asks for.

A trace has one line for each rest. Its words:

    A       node A was passed              A>B     A and, later, B were passed (nothing is said of other orders)
    A?      A is a person's open task      N!      the action of N is being done
    T@      a timer waits at T             T@PT2H  … and comes in two hours        M~      M listens for a message or signal
    N^name  N sent message or signal name  .       the instance ended              #N      the step failed, naming N
    x=1     the fact x is 1 (JSON)         A:x=1   an open A sees x as 1

Sub-processes and calls themselves are no words: what lies in them is. Nodes passed between two rests are compared without their
order unless `>` asks for it: the standard orders only what one token passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LIVE, STORED, SUB, LOOP, CALLED = "live", "stored", "in sub-process", "in loop", "in call"
WAYS = (LIVE, STORED, SUB, LOOP, CALLED)
REFUSED = "refused"


@dataclass(frozen=True)
class Act:
    """Something that happens to an instance."""

    verb: str
    name: str = ""
    code: str | None = None
    item: Any = None
    data: Mapping[str, Any] = field(default_factory=dict)


def begin(node: str, **payload: Any) -> Act:
    """The instance is started by this node."""
    return Act("begin", node, data=payload)


def done(node: str, /, item: Any = None, **answers: Any) -> Act:
    """A person completes an open task (`item`: that of a multi-instance)."""
    return Act("done", node, item=item, data=answers)


def fire(node: str) -> Act:
    """A timer's time has come."""
    return Act("fire", node)


def hear(name: str, /, key: str | None = None, **payload: Any) -> Act:
    """A message comes: one receiver takes it."""
    return Act("hear", name, code=key, data=payload)


def broadcast(name: str, /, **payload: Any) -> Act:
    """A signal comes: everybody takes it."""
    return Act("broadcast", name, data=payload)


def fails(node: str, code: str, **payload: Any) -> Act:
    """An open task ends in an error."""
    return Act("fails", node, code=code, data=payload)


def acted(node: str, **result: Any) -> Act:
    """The action of a service task is done."""
    return Act("acted", node, data=result)


def acted_wrong(node: str, code: str, **payload: Any) -> Act:
    """The action of a service task ends in a business error."""
    return Act("acted_wrong", node, code=code, data=payload)


@dataclass(frozen=True)
class Play:
    """Acts, each with the trace expected after it."""

    steps: tuple[tuple[Act, str], ...]


def play(*words: Act | str) -> Play:
    """`play("S A?", done("A"), "A E .")`: traces and, between them, acts. Begins as a person begins, unless the first is an act."""
    listed = list(words) if isinstance(words[0], Act) else [Act("begin"), *words]
    steps = []
    for act, trace in zip(listed[::2], listed[1::2], strict=True):
        assert isinstance(act, Act)
        assert isinstance(trace, str)
        steps.append((act, trace))
    return Play(tuple(steps))


@dataclass(frozen=True)
class Case:
    """One element at one position. `but`: the ways it cannot be played, each with its reason. `called`: processes by key. `refused`:
    why the standard's diagram is not taken, in words of the refusal; then nothing is played."""

    name: str
    element: str
    position: str
    section: str
    parts: tuple[str, ...]
    plays: tuple[Play, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    but: Mapping[str, str] = field(default_factory=dict)
    called: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outside: str = ""
    refused: str = ""

    @property
    def ways(self) -> tuple[str, ...]:
        if self.refused:
            return (REFUSED,)
        return tuple(way for way in WAYS if way not in self.but)


ONLY_PROCESS: Mapping[str, str] = dict.fromkeys(
    (SUB, LOOP, CALLED), "a sub-process starts by none start events (table 10.85)"
)


class Theme:
    """A list of cases that share element and section until told otherwise."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cases: list[Case] = []
        self.element = self.section = ""

    def about(self, element: str, section: str) -> None:
        self.element, self.section = element, section

    def refuse(self, name: str, position: str, parts: tuple[str, ...], why: str) -> None:
        """What the standard has and Liandong refuses by name, saying `why`."""
        self.cases.append(Case(name, self.element, position, self.section, parts, (), refused=why))

    def case(
        self,
        name: str,
        position: str,
        parts: tuple[str, ...],
        *plays: Play,
        facts: Mapping[str, Any] | None = None,
        but: Mapping[str, str] | None = None,
        called: Mapping[str, tuple[str, ...]] | None = None,
        outside: str = "",
    ) -> None:
        self.cases.append(
            Case(
                name, self.element, position, self.section, parts, plays, facts or {}, but or {}, called or {}, outside
            )
        )
