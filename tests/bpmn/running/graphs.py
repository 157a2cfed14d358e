"""Random small diagrams of everything that is supported, sound by construction: blocks inside blocks, drawn from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from engine.bpmn.model import ProcessModel
from engine.bpmn.reading import read
from tests.bpmn.drawing import boundary, end, flow, process, start, tag, timer, user

VALUES = 3
"""Choices take the values 0 to VALUES - 1."""


@dataclass
class Graph:
    """A diagram being drawn: parts and flows of the scope at hand."""

    rng: random.Random
    parts: list[str] = field(default_factory=list)
    count: int = 0
    choices: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    joins: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)

    def name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def choice(self) -> str:
        self.choices.append(self.name("c"))
        return self.choices[-1]

    # A block has one way in and one way out: (first node, last node).

    def block(self, depth: int) -> tuple[str, str]:
        plain = [self.task, self.task, self.task, self.script, self.catch]
        deep = [
            self.sequence,
            self.exclusive,
            self.parallel,
            self.inclusive,
            self.loop,
            self.sub,
            self.border,
            self.many,
        ]
        made = self.rng.choice(plain if depth <= 0 else [*deep, *deep, self.task])
        self.kinds.add(made.__name__)
        return made(depth)

    def task(self, _depth: int) -> tuple[str, str]:
        name = self.name("A")
        self.parts.append(user(name))
        return name, name

    def script(self, _depth: int) -> tuple[str, str]:
        name = self.name("X")
        self.parts.append(tag("scriptTask", tag("script", "{ n: 1 }"), id=name, scriptFormat="feel"))
        return name, name

    def catch(self, _depth: int) -> tuple[str, str]:
        name = self.name("T")
        self.parts.append(tag("intermediateCatchEvent", timer(), id=name))
        return name, name

    def sequence(self, depth: int) -> tuple[str, str]:
        first, last = self.block(depth - 1)
        for _ in range(self.rng.randint(1, 2)):
            into, out = self.block(depth - 1)
            self.parts.append(flow(last, into))
            last = out
        return first, last

    def parallel(self, depth: int) -> tuple[str, str]:
        return self._branches("parallelGateway", depth, conditions=False)

    def inclusive(self, depth: int) -> tuple[str, str]:
        return self._branches("inclusiveGateway", depth, conditions=True)

    def exclusive(self, depth: int) -> tuple[str, str]:
        return self._branches("exclusiveGateway", depth, conditions=True)

    def _branches(self, kind: str, depth: int, *, conditions: bool) -> tuple[str, str]:
        split, join = self.name("G"), self.name("J")
        if kind != "exclusiveGateway":
            self.joins.add(join)
        ways = []
        for i in range(self.rng.randint(2, 3)):
            into, out = self.block(depth - 1)
            if kind == "inclusiveGateway" and self.rng.random() < 0.3:
                out = self.stray(out)
            last = conditions and i == 0
            condition = f"{self.choice()} = {self.rng.randrange(VALUES)}" if conditions and not last else None
            ways.append((flow(split, into, condition), flow(out, join), f"{split}-{into}"))
        default = {"default": ways[0][2]} if conditions else {}
        self.parts += [tag(kind, id=split, **default), tag(kind, id=join)]
        self.parts += [line for way in ways for line in way[:2]]
        return split, join

    def stray(self, out: str) -> str:
        """A branch that may end by itself and never come to the join."""
        split, finish = self.name("G"), self.name("E")
        self.kinds.add("stray")
        self.parts += [
            tag("exclusiveGateway", id=split, default=f"{split}-{split}x"),
            tag("task", id=f"{split}x"),
            end(finish) if self.rng.random() < 0.8 else end(finish, tag("terminateEventDefinition")),
            flow(out, split),
            flow(split, f"{split}x"),
            flow(split, finish, f"{self.choice()} = 1"),
        ]
        return f"{split}x"

    def loop(self, depth: int) -> tuple[str, str]:
        """Done again and again until somebody lets it pass: a send-back."""
        merge, split, ask, leave = self.name("M"), self.name("G"), self.name("A"), self.name("X")
        into, out = self.block(depth - 1)
        self.parts += [
            tag("exclusiveGateway", id=merge),
            user(ask),
            tag("exclusiveGateway", id=split, default=f"{split}-{leave}"),
            tag("task", id=leave),
            flow(merge, into),
            flow(out, ask),
            flow(ask, split),
            flow(split, merge, f"{self.choice()} = 0"),
            flow(split, leave),
        ]
        return merge, leave

    def _inside(self, depth: int) -> str:
        outer, self.parts = self.parts, []
        first, last = self.block(depth - 1)
        begin, finish = self.name("S"), self.name("E")
        inside = "".join([start(begin), end(finish), *self.parts, flow(begin, first), flow(last, finish)])
        self.parts = outer
        return inside

    def sub(self, depth: int) -> tuple[str, str]:
        name = self.name("P")
        self.parts.append(tag("subProcess", self._inside(depth), id=name))
        return name, name

    def border(self, depth: int) -> tuple[str, str]:
        """A task or a sub-process with a timer at its border: an interrupting one leads on, the other to an end of its own."""
        host = self.name("A" if self.rng.random() < 0.6 else "P")
        inside = "" if host[0] == "A" else self._inside(depth)
        self.parts.append(user(host) if host[0] == "A" else tag("subProcess", inside, id=host))
        timer_, merge = self.name("B"), self.name("M")
        into, out = self.block(depth - 2)
        if self.rng.random() < 0.5:
            self.parts += [boundary(host, timer_), tag("exclusiveGateway", id=merge), flow(timer_, into)]
            self.parts += [flow(out, merge), flow(host, merge)]
            return host, merge
        finish = self.name("E")
        self.parts += [
            boundary(host, timer_, cancelActivity="false"),
            end(finish),
            flow(timer_, into),
            flow(out, finish),
        ]
        return host, host

    def many(self, depth: int) -> tuple[str, str]:
        """A task or sub-process for each member of a list, at once or one after another."""
        name, items, item = self.name("A" if self.rng.random() < 0.6 else "P"), self.name("l"), self.name("m")
        self.lists.append(items)
        each = tag(
            "multiInstanceLoopCharacteristics",
            tag("loopDataInputRef", items) + tag("inputDataItem", id=f"{name}_item", name=item),
            isSequential="true" if self.rng.random() < 0.5 else "false",
        )
        if name[0] == "A":
            self.parts.append(user(name, each))
        else:
            self.parts.append(tag("subProcess", each + self._inside(depth), id=name))
        return name, name


def draw(seed: int, depth: int = 3) -> tuple[bytes, Graph]:
    """The diagram of a seed."""
    graph = Graph(random.Random(seed))
    first, last = graph.sequence(depth) if seed % 2 else graph.block(depth)
    graph.parts += [start(), end(), flow("S", first), flow(last, "E")]
    return process(*graph.parts), graph


def model_of(seed: int, depth: int = 3) -> tuple[ProcessModel, Graph] | None:
    """Its model; None when the reading refuses it (some loops need a wait that chance did not draw)."""
    data, graph = draw(seed, depth)
    reading = read("t.bpmn", data)
    return (reading.process, graph) if reading.process is not None else None
