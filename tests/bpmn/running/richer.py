"""Random small diagrams of everything that happens in them: events thrown and caught, event sub-processes, repetition, calls,
compensation. Blocks inside blocks, as in `graphs.py`.

A throwing event stands behind a user task, so that little else moves when it throws; what still races is found by playing."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.bpmn.model import ProcessModel
from engine.bpmn.reading import read
from tests.bpmn.drawing import boundary, chain, end, ext, flow, process, start, tag, timer, user
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

Make = Callable[[int], tuple[str, str]]


@dataclass
class Rich(Graph):
    """A diagram being drawn. `caught` are the error codes that somebody around here catches; `called` the processes it calls;
    `undoable` the activities of this scope that can be undone; `apart`: a place that may only hold what surely comes on."""

    caught: list[str] = field(default_factory=list)
    called: dict[str, bytes] = field(default_factory=dict)
    undoable: list[str] = field(default_factory=list)
    prefix: str = ""
    in_transaction: bool = False

    def name(self, letter: str) -> str:
        return self.prefix + super().name(letter) if letter not in "clm" else self._fact(letter)

    def _fact(self, letter: str) -> str:
        return super().name(letter)

    def block(self, depth: int) -> tuple[str, str]:
        plain: list[Make] = [
            self.task,
            self.task,
            self.task,
            self.script,
            self.catch,
            self.receive,
            self.signalling,
            self.telling,
        ]
        plain += [self.pair, self.link, self.service]
        plain += [self.undoing, self.throwing_back] if depth >= 0 else []
        plain += [self.failing] * 4 if self.caught else []
        deep: list[Make] = [
            *(
                self.sequence,
                self.sequence,
                self.exclusive,
                self.parallel,
                self.inclusive,
                self.loop,
                self.sub,
                self.border,
            ),
            *(self.many, self.race, self.race, self.guarded, self.guarded, self.watched, self.watched, self.train),
            *(
                self.chorus,
                self.defended,
                self.batch,
                self.undone,
                self.fan,
                self.repeated,
                self.call,
                self.transaction,
                self.until,
            ),
        ]
        made = self.rng.choice(plain if depth <= 0 else [*deep, *deep, *plain])
        self.kinds.add(made.__name__)
        return made(depth)

    # ------------------------------------------------------------ one node

    def definition(self, *triggers: str) -> str:
        """A random event definition of one of these sorts."""
        which = self.rng.choice(triggers)
        self.kinds.add(which)
        made: dict[str, Callable[[], str]] = {
            "timer": lambda: timer(),  # noqa: PLW0108  it takes arguments
            "cycle": lambda: timer(f"R{self.rng.randint(1, 3)}/PT1H", "timeCycle"),
            "message": lambda: tag("messageEventDefinition", messageRef="msg_1"),
            "signal": lambda: tag("signalEventDefinition", signalRef=f"sig_{self.rng.choice(SIGNALS)}"),
            "escalation": lambda: tag("escalationEventDefinition", escalationRef=f"esc_{self.rng.choice(ESCALATIONS)}"),
            "any_escalation": lambda: tag("escalationEventDefinition"),
            "conditional": lambda: tag(
                "conditionalEventDefinition", tag("condition", f"{self.choice()} = {self.rng.randrange(VALUES)}")
            ),
        }
        return made[which]()

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

    # ------------------------------------------------------------ several nodes

    def race(self, depth: int) -> tuple[str, str]:
        """An event-based gateway: the first of its events takes the token."""
        gate, merge = self.name("G"), self.name("M")
        self.parts += [tag("eventBasedGateway", id=gate), tag("exclusiveGateway", id=merge)]
        sorts = self.rng.sample(["timer", "signal", "conditional", "message"], self.rng.randint(2, 3))
        if sorts == ["conditional"]:
            sorts.append("timer")
        for sort in sorts:
            name = self.name("T")
            self.parts.append(tag("intermediateCatchEvent", self.definition(sort), id=name))
            into, out = self.block(depth - 2)
            self.parts += [flow(gate, name), flow(name, into), flow(out, merge)]
        if "message" not in sorts and self.rng.random() < 0.3:
            name = self.name("R")
            self.parts += [tag("receiveTask", id=name, messageRef="msg_1"), flow(gate, name), flow(name, merge)]
        return gate, merge

    def guarded(self, depth: int) -> tuple[str, str]:
        """A task or a sub-process with one or two events at its border."""
        host = self.name("A" if self.rng.random() < 0.35 else "P")
        sorts = ["signal", "message", "conditional", "cycle", "timer", "error", "error"]
        sorts += [] if host.removeprefix(self.prefix)[0] == "A" else ["escalation", "any_escalation"]
        drawn = self.rng.sample(sorts, self.rng.randint(1, 2))
        codes = list(CODES[: drawn.count("error")])
        if host.removeprefix(self.prefix)[0] == "A":
            self.parts.append(user(host))
        else:
            self.parts.append(tag("subProcess", self._within(depth, codes), id=host))
        merge = self.name("M")
        self.parts += [tag("exclusiveGateway", id=merge), flow(host, merge)]
        for sort in drawn:
            name, finish = self.name("B"), self.name("E")
            into, out = self.block(depth - 2)
            if sort == "error":
                known = tag("errorEventDefinition", errorRef=f"err_{codes.pop()}")
                self.parts.append(boundary(host, name, known))
            elif self.rng.random() < 0.5 and sort != "cycle":
                self.parts.append(boundary(host, name, self.definition(sort)))
            else:
                self.parts += [boundary(host, name, self.definition(sort), cancelActivity="false"), end(finish)]
                self.parts += [flow(name, into), flow(out, finish)]
                continue
            self.parts += [flow(name, into), flow(out, merge)]
        return host, merge

    def _inside(self, depth: int) -> str:
        return self._within(depth, [])

    def _within(self, depth: int, caught: list[str], *events: str) -> str:
        """The inside of a sub-process, with these event sub-processes in it."""
        outer, self.parts = self.parts, []
        before, self.undoable = self.undoable, []
        self.caught += caught
        first, last = self.block(depth - 1)
        begin, finish = self.name("S"), self.name("E")
        around = [start(begin), end(finish), flow(begin, first), flow(last, finish)]
        inside = joined([*around, *self.parts, *events])
        self.parts, self.undoable = outer, before
        del self.caught[len(self.caught) - len(caught) :]
        return inside

    def _event_sub(self, depth: int, sort: str) -> str:
        name, begin, finish = self.name("H"), self.name("S"), self.name("E")
        outer, self.parts = self.parts, []
        before, self.undoable = self.undoable, []
        into, out = self.block(depth - 2)
        if sort == "error":
            self.parts.append(start(begin, tag("errorEventDefinition", errorRef=f"err_{self.caught.pop()}")))
        else:
            beside = "true" if sort != "cycle" and self.rng.random() < 0.5 else "false"
            self.parts.append(start(begin, self.definition(sort), isInterrupting=beside))
        inside = joined([*self.parts, end(finish), flow(begin, into), flow(out, finish)])
        self.parts, self.undoable = outer, before
        return tag("subProcess", inside, id=name, triggeredByEvent="true")

    def watched(self, depth: int) -> tuple[str, str]:
        """A sub-process with event sub-processes in it."""
        name = self.name("P")
        sorts = self.rng.sample(
            ["signal", "message", "conditional", "cycle", "timer", "escalation"], self.rng.randint(1, 2)
        )
        events = [self._event_sub(depth, sort) for sort in sorts]
        codes = []
        if self.rng.random() < 0.5:
            codes = [self.rng.choice(CODES)]
            self.caught += codes
            events.append(self._event_sub(depth, "error"))
        self.parts.append(tag("subProcess", self._within(depth, codes, *events), id=name))
        return name, name

    def train(self, _depth: int) -> tuple[str, str]:
        """Two tokens through one split and its join: it counts them (table 13.1). They end there; a third goes on."""
        split, merge, fork, join, finish, on = (self.name(letter) for letter in "GMGJEX")
        first, second, left, right = (self.name("A") for _ in range(4))
        self.parts += [
            *(tag("parallelGateway", id=split), tag("exclusiveGateway", id=merge), tag("parallelGateway", id=fork)),
            *(tag("parallelGateway", id=join), end(finish), tag("task", id=on), flow(split, on)),
            *(user(name) for name in (first, second, left, right)),
            *(chain(split, first, merge), chain(split, second, merge), flow(merge, fork)),
            *(chain(fork, left, join), chain(fork, right, join), flow(join, finish)),
        ]
        return split, on

    def chorus(self, _depth: int) -> tuple[str, str]:
        """A signal that several wait for, in a sub-process too."""
        split, join, ask, call, heard = (self.name(letter) for letter in "GJAVT")
        signal = tag("signalEventDefinition", signalRef=f"sig_{self.rng.choice(SIGNALS)}")
        outer, self.parts = self.parts, []
        inner, begin, finish = (self.name(letter) for letter in "TSE")
        inside = "".join(
            [start(begin), tag("intermediateCatchEvent", signal, id=inner), end(finish), chain(begin, inner, finish)]
        )
        self.parts = outer
        sub, beside, after = (self.name(letter) for letter in "PBE")
        self.parts += [
            *(tag("parallelGateway", id=split), tag("parallelGateway", id=join), user(ask)),
            *(tag("intermediateThrowEvent", signal, id=call), tag("intermediateCatchEvent", signal, id=heard)),
            *(tag("subProcess", inside, id=sub), boundary(sub, beside, signal, cancelActivity="false"), end(after)),
            *(chain(split, ask, call, join), chain(split, heard, join), chain(split, sub, join), flow(beside, after)),
        ]
        return split, join

    def defended(self, depth: int) -> tuple[str, str]:
        """Errors caught at several borders around each other: the nearest takes them, and one that names the code before one that
        takes any."""
        inner, outer = self.name("P"), self.name("P")
        code = self.rng.choice(CODES)
        kept, self.parts = self.parts, []
        before, self.undoable = self.undoable, []
        begin, finish = self.name("S"), self.name("E")
        last = self._defend(inner, self._within(depth, [code]), code)
        inside = joined([*self.parts, start(begin), end(finish), flow(begin, inner), flow(last, finish)])
        self.parts, self.undoable = kept, before
        return outer, self._defend(outer, inside, code)

    def _defend(self, host: str, inside: str, code: str) -> str:
        merge, named, other, one, two = (self.name(letter) for letter in "MBBAA")
        self.parts += [
            *(tag("subProcess", inside, id=host), tag("exclusiveGateway", id=merge), flow(host, merge)),
            *(boundary(host, other, tag("errorEventDefinition")), user(one), user(two)),
            *(chain(other, one, merge), chain(named, two, merge)),
            boundary(host, named, tag("errorEventDefinition", errorRef=f"err_{code}")),
        ]
        return merge

    def batch(self, _depth: int) -> tuple[str, str]:
        """An activity that begins with two tokens and leaves two, which another one begins with."""
        split, merge, whole, each, last = (self.name(letter) for letter in "GMAAX")
        one, two = self.name("A"), self.name("A")
        self.parts += [
            *(tag("parallelGateway", id=split), tag("exclusiveGateway", id=merge), user(one), user(two), user(each)),
            *(user(whole, startQuantity="2", completionQuantity="2"), tag("task", id=last, startQuantity="2")),
            *(chain(split, one, merge, whole, each, last), chain(split, two, merge)),
        ]
        return split, last

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

    def undone(self, depth: int) -> tuple[str, str]:
        """A sub-process that is compensated by an event sub-process of its own, then one that throws it."""
        name, handler, begin, finish, ask, back = (self.name(letter) for letter in "PHSEAV")
        definition = tag("compensateEventDefinition")
        throws = self.rng.random() < 0.5
        last = tag("intermediateThrowEvent", definition, id=back) if throws else tag("task", id=back)
        inside = joined([start(begin, definition), user(ask), last, end(finish), chain(begin, ask, back, finish)])
        event = tag("subProcess", inside, id=handler, triggeredByEvent="true")
        within = self._within(depth, [], event)
        self.undoable.append(name)
        self.parts.append(tag("subProcess", within, id=name))
        into, out = self.throwing_back(0)
        self.parts.append(flow(name, into))
        return name, out

    def fan(self, depth: int) -> tuple[str, str]:
        """Flows out of a task without a gateway: some always, some when their condition holds."""
        task, join = self.name("A"), self.name("J")
        always, sometimes, otherwise = (self.block(depth - 1) for _ in range(3))
        self.parts += [
            *(user(task, default=f"{task}-{otherwise[0]}"), tag("inclusiveGateway", id=join), flow(task, always[0])),
            *(flow(task, sometimes[0], f"{self.choice()} = 0"), flow(task, otherwise[0])),
            *(flow(out, join) for _, out in (always, sometimes, otherwise)),
        ]
        return task, join

    def repeated(self, depth: int) -> tuple[str, str]:
        """A standard loop."""
        name = self.name("A" if self.rng.random() < 0.5 else "P")
        bounds = {"loopMaximum": str(self.rng.randint(1, 4)), "testBefore": self.rng.choice(["true", "false"])}
        loop = tag("standardLoopCharacteristics", tag("loopCondition", f"{self.choice()} = 0"), **bounds)
        if name.removeprefix(self.prefix)[0] == "A":
            self.parts.append(user(name, loop))
        else:
            self.parts.append(tag("subProcess", loop + self._within(depth, []), id=name))
        return name, name

    def until(self, depth: int) -> tuple[str, str]:
        """A multi-instance that is over when its completion condition holds."""
        name = self.name("A" if self.rng.random() < 0.6 else "P")
        done = self.rng.choice([f"{self.choice()} = 0", "numberOfCompletedInstances >= 2"])
        each = tag(
            "multiInstanceLoopCharacteristics",
            tag("loopCardinality", str(self.rng.randint(1, 4))) + tag("completionCondition", done),
            isSequential=self.rng.choice(["true", "false"]),
        )
        if name.removeprefix(self.prefix)[0] == "A":
            self.parts.append(user(name, each))
        else:
            self.parts.append(tag("subProcess", each + self._within(depth, []), id=name))
        return name, name

    def call(self, depth: int) -> tuple[str, str]:
        """A call of another process, whose error may be caught at the border."""
        name, key = self.name("C"), f"K{self.count}"
        other = Rich(
            self.rng, prefix=f"{key}_", count=self.count, choices=self.choices, lists=self.lists, kinds=self.kinds
        )
        other.called = self.called
        catches = self.rng.random() < 0.5
        other.caught = ["e1"] if catches else []
        first, last = other.block(depth - 1)
        other.parts += [start(f"{key}_S"), end(f"{key}_E"), flow(f"{key}_S", first), flow(last, f"{key}_E")]
        self.called[key] = process(joined(other.parts), id=key, outside=DECLARED)
        self.count = other.count
        self.joins |= other.joins
        self.parts.append(tag("callActivity", id=name, calledElement=key))
        if not catches:
            return name, name
        error, merge = self.name("B"), self.name("M")
        self.parts += [
            *(boundary(name, error, tag("errorEventDefinition", errorRef="err_e1")), tag("exclusiveGateway", id=merge)),
            *(flow(name, merge), flow(error, merge)),
        ]
        return name, merge

    # ------------------------------------------------------------ what is undone

    def undoing(self, _depth: int) -> tuple[str, str]:
        """A task that can be undone."""
        name, undo, event = self.name("A"), self.name("U"), self.name("B")
        each = tag("multiInstanceLoopCharacteristics", tag("loopCardinality", "2")) if self.rng.random() < 0.2 else ""
        handler = (
            user(undo, isForCompensation="true")
            if self.rng.random() < 0.6
            else tag("task", id=undo, isForCompensation="true")
        )
        self.undoable.append(name)
        self.parts += [
            *(user(name, each), boundary(name, event, tag("compensateEventDefinition")), handler),
            tag("association", id=self.name("Z"), sourceRef=event, targetRef=undo, associationDirection="One"),
        ]
        return name, name

    def throwing_back(self, depth: int) -> tuple[str, str]:
        """What can be undone is undone: one activity, or all of the scope."""
        first, last = self.undoing(depth)
        for _ in range(self.rng.randint(0, 2)):
            into, out = self.undoing(depth) if self.rng.random() < 0.8 else self.task(depth)
            self.parts.append(flow(last, into))
            last = out
        named = {"activityRef": self.rng.choice(self.undoable)} if self.undoable and self.rng.random() < 0.4 else {}
        if self.rng.random() < 0.25:
            named["waitForCompletion"] = "false"
        name = self.name("V")
        before, after = self._after_a_task(
            name, tag("intermediateThrowEvent", tag("compensateEventDefinition", **named), id=name)
        )
        self.parts.append(flow(last, before))
        return first, after

    def transaction(self, depth: int) -> tuple[str, str]:
        """A transaction that may be cancelled at its end."""
        name, cancelled, merge = self.name("P"), self.name("B"), self.name("M")
        outer, self.parts = self.parts, []
        before, self.undoable = self.undoable, []
        begin, split, fine, void = (self.name(letter) for letter in "SGEE")
        first, last = self.undoing(depth)
        into, out = self.block(depth - 1)
        inside = joined(
            [
                *(*self.parts, start(begin), tag("exclusiveGateway", id=split, default=f"{split}-{fine}"), end(fine)),
                *(end(void, tag("cancelEventDefinition")), flow(begin, first), flow(last, into)),
                *(flow(out, split), flow(split, void, f"{self.choice()} = 0"), flow(split, fine)),
            ]
        )
        self.parts, self.undoable = outer, before
        self.parts += [
            *(tag("transaction", inside, id=name), boundary(name, cancelled, tag("cancelEventDefinition"))),
            *(tag("exclusiveGateway", id=merge), flow(name, merge), flow(cancelled, merge)),
        ]
        return name, merge


def joined(parts: list[str]) -> str:
    """Associations come last, as the standard's schema wants it."""
    return "".join(sorted(parts, key=lambda part: part.startswith("<bpmn:association")))


def draw(seed: int, depth: int = 3) -> tuple[bytes, Rich]:
    """The diagram of a seed."""
    graph = Rich(random.Random(f"rich {seed}"))
    first, last = graph.block(depth)
    for _ in range(seed % 4):
        into, out = graph.block(depth)
        graph.parts.append(flow(last, into))
        last = out
    if seed % 3 == 0:
        graph.parts.append(graph._event_sub(depth, graph.rng.choice(["signal", "message", "cycle"])))
    graph.parts += [start(), end(), flow("S", first), flow(last, "E")]
    return process(joined(graph.parts), outside=DECLARED), graph


def model_of(seed: int, depth: int = 3) -> tuple[ProcessModel, dict[str, ProcessModel], Rich] | None:
    """Its model and those it calls; None when the reading refuses one of them."""
    data, graph = draw(seed, depth)
    reading = read("t.bpmn", data)
    called = {key: read("t.bpmn", data).process for key, data in graph.called.items()}
    known = {key: model for key, model in called.items() if model is not None}
    if reading.process is None or len(known) < len(called):
        return None
    return reading.process, known, graph
