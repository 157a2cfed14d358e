"""Blocks of what can be undone, and of what undoes it."""

from __future__ import annotations

from tests.bpmn.drawing import boundary, chain, end, flow, start, tag, user
from tests.bpmn.running.catching import Catching
from tests.bpmn.running.happening import joined


class Undoing(Catching):
    """A diagram being drawn."""

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
