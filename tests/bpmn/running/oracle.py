"""The token game of BPMN 2.0.2, played the plain way over a `ProcessModel`: what a run must do, told from chapters 10 and 13 of the
standard and without a line of the engine's runtime. Slow and small on purpose.

It knows what the graphs of `graphs.py` are made of. The standard leaves open which of several tokens moves first: a `Game` is played
with a `choose` that picks among the moves at hand, and several games that choose differently tell where a diagram itself is a race."""

from __future__ import annotations

import itertools
import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.bpmn.model import Event, Kind, ProcessModel, Trigger
from tests.bpmn.running.board import best, rests
from tests.bpmn.running.pieces import Listener, Part, Resting, Wait
from tests.bpmn.running.scope import Scope
from tests.bpmn.running.throws import UncaughtError

Choose = Callable[[list[Any]], int]
"""Which of the things at hand comes next."""

OUTSIDE = (Trigger.TIMER, Trigger.MESSAGE, Trigger.SIGNAL)
_CONDITION = re.compile(r"\s*(\w+)\s*(=|>=|<)\s*(\w+)\s*\Z")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {"=": operator.eq, ">=": operator.ge, "<": operator.lt}


class Game:
    """One play. `called` are the processes that call activities call, by their keys."""

    def __init__(
        self,
        model: ProcessModel,
        facts: Mapping[str, Any],
        called: Mapping[str, ProcessModel] | None = None,
        choose: Choose = lambda _moves: 0,
    ) -> None:
        self.model, self.facts, self.called, self.choose = model, dict(facts), called or {}, choose
        self.passed: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.risen: list[tuple[Listener, int]] = []
        self.top = Scope(self, model, None, (), "", None)
        self.top.begin()
        self.settle()

    def settle(self) -> None:
        """Move on until every token waits for a person, the clock or somebody else."""
        while True:
            scopes = list(self.top.scopes())
            for scope in scopes:
                scope.complete_or_not()
            self.risen = [(x, i) for x, i in self.risen if self.hears(x)]
            moves = [move for scope in scopes for move in scope.moves()]
            if self.risen:
                moves.append(self._rise)
            if not moves and self.top.busy():
                moves = [move for scope in scopes for move in scope.inclusive()]
            if not moves:
                break
            moves[self.choose(moves)]()
        if not self.top.busy():
            self.top.clear()

    def holds(self, condition: str | None, extra: Mapping[str, Any] | None = None) -> bool:
        """Conditions of the graphs read `name = number`; without one it is true."""
        if condition is None:
            return True
        match = _CONDITION.match(condition)
        assert match is not None, condition
        name, compare, value = match.groups()
        known = {**self.facts, "true": True, **(extra or {})}
        found = known.get(name)
        return found is not None and _COMPARE[compare](found, known[value] if value in known else int(value))

    # ------------------------------------------------------------ events

    def listen(self, listener: Listener) -> Listener:
        """Something begins to listen; a condition that holds already counts as having become true (10.5.5)."""
        for index, event in enumerate(listener.node.events):
            if event.trigger is Trigger.CONDITIONAL and self.holds(event.condition):
                listener.was.add(index)
                self.risen.append((listener, index))
        return listener

    def write(self, facts: Mapping[str, Any]) -> None:
        """Facts change: conditions that become true are events."""
        self.facts.update(facts)
        for listener in [x for scope in self.top.scopes() for x in scope.armed()]:
            for index, event in enumerate(listener.node.events):
                if event.trigger is Trigger.CONDITIONAL:
                    holds = self.holds(event.condition)
                    if holds and index not in listener.was:
                        self.risen.append((listener, index))
                    listener.was = listener.was | {index} if holds else listener.was - {index}

    def _rise(self) -> None:
        listener, index = self.risen.pop(self.choose(self.risen))
        self.trigger(listener, index)

    def hears(self, listener: Listener) -> bool:
        """Whether something listens still."""
        return any(x is listener for scope in self.top.scopes() for x in scope.armed())

    def broadcast(self, name: str | None) -> None:
        """A signal reaches everything that listens for it at this moment."""
        heard = [x for scope in self.top.scopes() for x in scope.armed()]
        events = [
            (x, i)
            for x in heard
            for i, e in enumerate(x.node.events)
            if e.trigger is Trigger.SIGNAL and e.name is not None and e.name.text == name and i not in x.came
        ]
        while events:
            listener, index = events.pop(self.choose(events))
            if self.hears(listener):
                self.trigger(listener, index)

    def trigger(self, listener: Listener, index: int) -> None:
        """What was listened for happens."""
        scope, node, of = listener.scope, listener.node, listener.of
        event = node.events[index]
        if node.all_events:
            listener.came.add(index)
            if len(listener.came) < len(node.events):
                return
            listener.came.clear()
        if listener.sub is not None:
            if node.interrupting:
                scope.clear()
            elif event.trigger is Trigger.TIMER:
                self._once_more(listener, event)
            scope.activity(listener.sub)
        elif listener.part is not None:
            assert of is not None
            scope.part_done(of, listener.part)
        elif node.kind is Kind.BOUNDARY:
            assert of is not None
            if node.interrupting:
                scope.drop(of)
            elif event.trigger is Trigger.TIMER:
                self._once_more(listener, event)
            scope.leave(node)
        else:
            assert of is not None
            scope.drop(of)
            if of.node is not node:
                self.passed[scope.prefix + of.node.id] += 1
            if node.kind is Kind.RECEIVE:
                scope.completed(node, scope.items, None)
            scope.leave(node)

    def _once_more(self, listener: Listener, event: Event) -> None:
        """A timer that does not interrupt fires once, a cycle as often as it says (10.5.5)."""
        listener.fired += 1
        timer = event.timer
        cycle = re.match(r"R(\d+)/", timer.value.text) if timer is not None else None
        times = timer.work.times if timer is not None and timer.work is not None else int(cycle[1]) if cycle else 1
        listener.spent = times is not None and listener.fired >= times

    # ------------------------------------------------------------ from outside

    def complete(self, wait: Wait, facts: Mapping[str, Any] | None = None) -> None:
        scope, resting, part = self._open(wait)
        if facts:
            self.write(facts)
        scope.part_done(resting, part)
        self.risen = [(x, i) for x, i in self.risen if self.hears(x)]
        self.settle()

    def acted(self, wait: Wait) -> None:
        self.complete(wait)

    def acted_wrong(self, wait: Wait, code: str) -> None:
        self.fail(wait, code)

    def fail(self, wait: Wait, code: str) -> None:
        scope, resting, _ = self._open(wait)
        found = best(resting.listeners, Trigger.ERROR, code) or scope.catcher(Trigger.ERROR, code)
        if found is None:
            raise UncaughtError(code)
        self.trigger(*found)
        self.settle()

    def catches(self, wait: Wait, code: str) -> bool:
        """Whether an error of an open task would be caught."""
        scope, resting, _ = self._open(wait)
        return (best(resting.listeners, Trigger.ERROR, code) or scope.catcher(Trigger.ERROR, code)) is not None

    def fire(self, wait: Wait) -> None:
        for name, listener, index in self._awaited():
            if name == wait:
                self.trigger(listener, index)
                self.settle()
                return
        raise KeyError(wait)

    def _open(self, wait: Wait) -> tuple[Scope, Resting, Part]:
        for scope in self.top.scopes():
            for resting in scope.resting:
                for part in resting.parts:
                    if rests(resting.node) and (scope.prefix + resting.node.id, part.items) == wait:
                        return scope, resting, part
        raise KeyError(wait)

    def _awaited(self) -> Iterator[tuple[Wait, Listener, int]]:
        for scope in self.top.scopes():
            for listener in scope.armed():
                items = listener.part.items if listener.part is not None else scope.items
                for index, event in enumerate(listener.node.events):
                    over = index in listener.came or (event.trigger is Trigger.TIMER and listener.spent)
                    if event.trigger in OUTSIDE and not over:
                        yield (scope.prefix + listener.node.id, items), listener, index

    def open(self) -> list[Wait]:
        return self._resting(inbox=True)

    def acting(self) -> list[Wait]:
        return self._resting(inbox=False)

    def _resting(self, *, inbox: bool) -> list[Wait]:
        return sorted(
            (scope.prefix + resting.node.id, part.items)
            for scope in self.top.scopes()
            for resting in scope.resting
            if rests(resting.node) and resting.node.kind.is_inbox == inbox
            for part in resting.parts
        )

    def awaited(self) -> list[Wait]:
        return sorted(wait for wait, *_ in self._awaited())

    def alike(self) -> set[Wait]:
        """Waits of the same name in scopes that stand differently: nothing tells them apart from outside."""
        places: dict[Wait, set[str]] = {}
        for scope in self.top.scopes():
            for resting in scope.resting:
                for part in resting.parts:
                    if rests(resting.node):
                        places.setdefault((scope.prefix + resting.node.id, part.items), set()).add(scope.looks())
        for wait, listener, _ in self._awaited():
            places.setdefault(wait, set()).add(f"{listener.scope.looks()} {listener.fired} {listener.came}")
        return {wait for wait, found in places.items() if len(found) > 1}

    def stuck(self) -> bool:
        """Whether it waits for tokens that can no longer come, and for nothing else."""
        heard = [x for scope in self.top.scopes() for x in scope.armed()]
        hopes = any(x.node.has(Trigger.CONDITIONAL) for x in heard)
        return not (self.ended() or self.open() or self.acting() or self.awaited() or hopes)

    def ended(self) -> bool:
        return not self.top.busy()


def orders(marks: list[str]) -> list[tuple[str, ...]]:
    """Every order in which these can happen."""
    return sorted(set(itertools.permutations(marks)))
