"""Blocks of one or two nodes at which something happens: events that are thrown or awaited, actions, ways out by an error.

A throwing event stands behind a user task, so that little else moves when it throws; what still races is found by playing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bpmn.conformance.figures import worktime
from tests.bpmn.drawing import boundary, end, ext, flow, tag, timer, user
from tests.bpmn.running.graphs import VALUES, Graph

SIGNALS = ("s1", "s2")
CODES = ("e1", "e2")
ESCALATIONS = ("x1", "x2")
DECLARED = "".join(
    [
        *(tag("signal", id=f"sig_{name}", name=name) for name in SIGNALS),
        *(tag("error", id=f"err_{code}", name=code, errorCode=code) for code in CODES),
        *(tag("escalation", id=f"esc_{code}", name=code, escalationCode=code) for code in ESCALATIONS),
        tag("message", id="msg_1", name="letter"),
    ]
)


@dataclass
class Happening(Graph):
    """A diagram being drawn. `caught` are the error codes that somebody around here catches; `called` the processes it calls;
    `undoable` the activities of this scope that can be undone; `prefix` stands before the names of a called process."""

    caught: list[str] = field(default_factory=list)
    called: dict[str, bytes] = field(default_factory=dict)
    undoable: list[str] = field(default_factory=list)
    prefix: str = ""

    def name(self, letter: str) -> str:
        return self.prefix + super().name(letter) if letter not in "clm" else self._fact(letter)

    def _fact(self, letter: str) -> str:
        return super().name(letter)

    def definition(self, *triggers: str) -> str:
        """A random event definition of one of these sorts."""
        which = self.rng.choice(triggers)
        self.kinds.add(which)
        made: dict[str, Callable[[], str]] = {
            "timer": lambda: self.rng.choice((timer(), worktime("2", "work_hour"))),
            "cycle": lambda: self._cycle(self.rng.randint(1, 3)),
            "message": lambda: tag("messageEventDefinition", messageRef="msg_1"),
            "signal": lambda: tag("signalEventDefinition", signalRef=f"sig_{self.rng.choice(SIGNALS)}"),
            "escalation": lambda: tag("escalationEventDefinition", escalationRef=f"esc_{self.rng.choice(ESCALATIONS)}"),
            "any_escalation": lambda: tag("escalationEventDefinition"),
            "conditional": lambda: tag(
                "conditionalEventDefinition", tag("condition", f"{self.choice()} = {self.rng.randrange(VALUES)}")
            ),
        }
        return made[which]()

    def _cycle(self, times: int) -> str:
        return self.rng.choice((timer(f"R{times}/PT1H", "timeCycle"), worktime("1", "work_day", repeat=str(times))))

    def catch(self, _depth: int) -> tuple[str, str]:
        name = self.name("T")
        self.parts.append(tag("intermediateCatchEvent", self.definition("timer", "message", "signal"), id=name))
        return name, name

    def receive(self, _depth: int) -> tuple[str, str]:
        name = self.name("R")
        self.parts.append(tag("receiveTask", id=name, messageRef="msg_1"))
        return name, name

    def _after_a_task(self, name: str, part: str) -> tuple[str, str]:
        before = self.name("A")
        self.parts += [user(before), part, flow(before, name)]
        return before, name

    def signalling(self, _depth: int) -> tuple[str, str]:
        name = self.name("V")
        return self._after_a_task(name, tag("intermediateThrowEvent", self.definition("signal", "message"), id=name))

    def telling(self, _depth: int) -> tuple[str, str]:
        name = self.name("V")
        return self._after_a_task(name, tag("intermediateThrowEvent", self.definition("escalation"), id=name))

    def failing(self, _depth: int) -> tuple[str, str]:
        """A way out by an error that somebody around catches, or by an escalation or a signal."""
        ask, split, on, finish = self.name("A"), self.name("G"), self.name("X"), self.name("E")
        code = self.rng.choice(self.caught)
        thrown = tag("errorEventDefinition", errorRef=f"err_{code}")
        other = self.rng.random()
        if other < 0.5:
            thrown = (
                self.definition("escalation", "signal", "message") if other < 0.4 else tag("terminateEventDefinition")
            )
        self.parts += [
            *(user(ask), tag("exclusiveGateway", id=split, default=f"{split}-{on}"), tag("task", id=on)),
            *(end(finish, thrown), flow(ask, split), flow(split, finish, f"{self.choice()} = 0"), flow(split, on)),
        ]
        return ask, on

    def service(self, _depth: int) -> tuple[str, str]:
        """An action of the server, that is waited for or not."""
        name = self.name("Y")
        waits = self.rng.choice(["true", "true", "false"])
        self.parts.append(tag("serviceTask", ext(f'<ld:action name="notify" wait="{waits}"/>'), id=name))
        if waits == "false" or self.rng.random() < 0.5:
            return name, name
        caught, merge = self.name("B"), self.name("M")
        self.kinds.add("guarded")
        self.parts += [
            *(
                boundary(name, caught, tag("errorEventDefinition", errorRef="err_e1")),
                tag("exclusiveGateway", id=merge),
            ),
            *(flow(name, merge), flow(caught, merge)),
        ]
        return name, merge

    def link(self, _depth: int) -> tuple[str, str]:
        """From one end of the drawing to the other."""
        thrown, caught = self.name("V"), self.name("T")
        definition = tag("linkEventDefinition", name=f"to {thrown}")
        self.parts += [
            tag("intermediateThrowEvent", definition, id=thrown),
            tag("intermediateCatchEvent", definition, id=caught),
        ]
        return thrown, caught

    def pair(self, _depth: int) -> tuple[str, str]:
        """One of two events, or both."""
        name = self.name("T")
        both = self.definition("signal") + self.definition("message")
        self.parts.append(
            tag("intermediateCatchEvent", both, id=name, parallelMultiple=self.rng.choice(["true", "false"]))
        )
        if self.rng.random() < 0.5:
            return name, name
        host, beside, finish = (self.name(letter) for letter in "ABE")
        also = {
            "cancelActivity": self.rng.choice(["true", "false"]),
            "parallelMultiple": self.rng.choice(["true", "false"]),
        }
        self.parts += [
            user(host),
            boundary(host, beside, both, **also),
            end(finish),
            flow(name, host),
            flow(beside, finish),
        ]
        return name, host


def joined(parts: list[str]) -> str:
    """Associations come last, as the standard's schema wants it."""
    return "".join(sorted(parts, key=lambda part: part.startswith("<bpmn:association")))
