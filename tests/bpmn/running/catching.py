"""Blocks that catch: event-based gateways, borders, event sub-processes, several catchers around or beside each other."""

from __future__ import annotations

from tests.bpmn.drawing import boundary, chain, end, flow, start, tag, user
from tests.bpmn.running.happening import CODES, SIGNALS, Happening, joined


class Catching(Happening):
    """A diagram being drawn."""

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
