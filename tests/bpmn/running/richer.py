"""Random small diagrams of everything that happens in them: events thrown and caught, event sub-processes, repetition, calls,
compensation. Blocks inside blocks, as in `graphs.py`."""

from __future__ import annotations

import random
from collections.abc import Callable

from engine.bpmn.model import ProcessModel
from engine.bpmn.reading import read
from tests.bpmn.drawing import boundary, chain, end, flow, process, start, tag, user
from tests.bpmn.running.happening import DECLARED, joined
from tests.bpmn.running.undoing import Undoing

Make = Callable[[int], tuple[str, str]]


class Rich(Undoing):
    """A diagram being drawn."""

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
