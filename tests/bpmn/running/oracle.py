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

from engine.bpmn.model import Event, Kind, Node, ProcessModel, Trigger
from tests.bpmn.running.pieces import Items, Listener, Part, Record, Resting, Undoing, Wait

Move = Callable[[], None]
Choose = Callable[[list[Any]], int]
"""Which of the things at hand comes next."""


class UncaughtError(Exception):
    """An error that nobody catches: an incident."""


OUTSIDE = (Trigger.TIMER, Trigger.MESSAGE, Trigger.SIGNAL)
_CONDITION = re.compile(r"\s*(\w+)\s*(=|>=|<)\s*(\w+)\s*\Z")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {"=": operator.eq, ">=": operator.ge, "<": operator.lt}


class Scope:
    """The process, a called process, a running sub-process or event sub-process. `tokens` lie on flows."""

    def __init__(
        self, game: Game, model: ProcessModel, parent: str | None, items: Items, prefix: str, around: Part | None
    ) -> None:
        self.game, self.model, self.parent, self.items, self.prefix = game, model, parent, items, prefix
        self.around = around
        self.tokens: Counter[str] = Counter()
        self.beginning: list[Node] = []
        self.gathered: Counter[str] = Counter()
        self.resting: list[Resting] = []
        self.listeners: list[Listener] = []
        self.done: list[Record] = []
        self.nodes = {node.id: node for node in model.inside(parent)}

    def begin(self) -> None:
        """Its event sub-processes listen; a token for its start event, else for each node that nothing leads to (13.3.4)."""
        for node in self.nodes.values():
            if node.kind is Kind.EVENT_SUBPROCESS and not self._undoes(node):
                start = next(n for n in self.model.inside(node.id) if n.kind is Kind.START)
                self.listeners.append(self.game.listen(Listener(start, self, None, sub=node)))
        starts = [n for n in self.nodes.values() if n.kind is Kind.START]
        self.beginning = starts[:1] or [n for n in self.nodes.values() if self._begins(n)]

    def _undoes(self, node: Node) -> bool:
        """Whether it is an event sub-process by which its scope is compensated."""
        inside = self.model.inside(node.id) if node.kind is Kind.EVENT_SUBPROCESS else ()
        return any(each.kind is Kind.START and each.has(Trigger.COMPENSATION) for each in inside)

    def _begins(self, node: Node) -> bool:
        aside = node.for_compensation or node.kind in (Kind.BOUNDARY, Kind.EVENT_SUBPROCESS)
        return not node.incoming and not aside

    # ------------------------------------------------------------ moves

    def moves(self) -> Iterator[Move]:
        """Everything that may happen next without person, clock or message, but for inclusive joins."""
        for node in self.beginning:
            yield lambda node=node: self._begin_at(node)  # type: ignore[misc]
        for flow, count in self.tokens.items():
            if count:
                node = self.nodes[self.model.flows[flow].target]
                if len(node.incoming) < 2 or node.kind not in (Kind.PARALLEL, Kind.INCLUSIVE):
                    yield lambda flow=flow, node=node: self._pass(flow, node)  # type: ignore[misc]
        for node in self.nodes.values():
            if node.kind is Kind.PARALLEL and len(node.incoming) > 1 and all(self.tokens[f] for f in node.incoming):
                yield lambda node=node: self._join(node, node.incoming)  # type: ignore[misc]
        for resting in self.resting:
            for part in resting.parts:
                if part.inner is not None and part.undoing is None and not part.inner.busy():
                    yield lambda resting=resting, part=part: self.part_done(resting, part)  # type: ignore[misc]

    def inclusive(self) -> Iterator[Move]:
        """Inclusive joins that wait for nobody (table 13.3)."""
        for node in self.nodes.values():
            if node.kind is Kind.INCLUSIVE and len(node.incoming) > 1:
                here = tuple(f for f in node.incoming if self.tokens[f])
                if here and not self._more_may_come(node, set(here)):
                    yield lambda node=node, here=here: self._join(node, here)  # type: ignore[misc]

    def _begin_at(self, node: Node) -> None:
        self.beginning.remove(node)
        self.enter(node)

    def _pass(self, flow: str, node: Node) -> None:
        self.tokens[flow] -= 1
        self.enter(node)

    def _join(self, node: Node, flows: tuple[str, ...]) -> None:
        for flow in flows:
            self.tokens[flow] -= 1
        self.leave(node)

    def _more_may_come(self, join: Node, here: set[str]) -> bool:
        """Whether a token elsewhere has a path of flows to an empty flow into the join, and none to one that has a token. What rests
        in an activity leaves by its flows; what listens at its border would be a token of its own."""
        empty = set(join.incoming) - here
        places = [{flow} for flow, count in self.tokens.items() if count and flow not in join.incoming]
        places += [set(self.nodes[node].outgoing) for node, count in self.gathered.items() if count]
        for resting in self.resting:
            if resting.undoing is None:
                places.append(set(resting.node.outgoing))
                places += [set(x.node.outgoing) for x in resting.listeners if x.node.kind is Kind.BOUNDARY]
        reached = [self._reached(place, join) for place in places]
        return any(found & empty and not found & here for found in reached)

    def _reached(self, flows: set[str], join: Node) -> set[str]:
        found: set[str] = set()
        stack = list(flows)
        while stack:
            flow = stack.pop()
            if flow not in found:
                found.add(flow)
                target = self.nodes[self.model.flows[flow].target]
                if target.id != join.id:
                    stack += target.outgoing
        return found

    # ------------------------------------------------------------ nodes

    def enter(self, node: Node) -> None:
        """A token comes to a node."""
        if node.kind in (Kind.END, Kind.THROW):
            self._throw(node)
        elif node.kind is Kind.CATCH and not node.has(Trigger.LINK):
            self._rest(node, [node])
        elif node.kind is Kind.EVENT_BASED:
            self._rest(node, [self.nodes[self.model.flows[flow].target] for flow in node.outgoing])
        elif node.kind.is_activity:
            self.gathered[node.id] += 1
            if self.gathered[node.id] == node.start_quantity:
                self.gathered[node.id] = 0
                self.activity(node)
        else:
            self.leave(node)

    def _rest(self, node: Node, listening: list[Node]) -> None:
        resting = Resting(node, self.items)
        self.resting.append(resting)
        for each in listening:
            resting.listeners.append(Listener(each, self, resting))
        for listener in list(resting.listeners):
            self.game.listen(listener)

    def borders(self, node: Node) -> list[Node]:
        """The boundary events of an activity that listen."""
        mine = [n for n in self.nodes.values() if n.host == node.id]
        return [n for n in mine if not n.has(Trigger.COMPENSATION)]

    def activity(self, node: Node, undoing: Undoing | None = None, items: Items | None = None) -> Resting:
        """An activity begins (13.3.2), with its borders."""
        resting = Resting(node, self.items if items is None else items, undoing=undoing)
        self.resting.append(resting)
        resting.listeners = [Listener(each, self, resting) for each in self.borders(node)]
        for listener in list(resting.listeners):
            self.game.listen(listener)
        self._start(resting)
        return resting

    def _start(self, resting: Resting) -> None:
        node, multi = resting.node, resting.node.multi_instance
        if multi is not None:
            facts, number = self.game.facts, multi.cardinality
            found = (
                facts[multi.collection] if multi.collection is not None else range(int(number.text if number else 0))
            )
            resting.left = list(found)
            resting.total = len(resting.left)
            if not resting.left:
                self.finish(resting)
            for _ in resting.left[:1] if multi.sequential else list(resting.left):
                self._next_part(resting)
        elif node.loop is not None and node.loop.test_before:
            self._round(resting)
        else:
            self._part(resting, resting.items)

    def _next_part(self, resting: Resting) -> None:
        multi = resting.node.multi_instance
        member = resting.left.pop(0)
        own = ((multi.item, member),) if multi is not None and multi.item is not None else ()
        self._part(resting, (*resting.items, *own))

    def _part(self, resting: Resting, items: Items) -> None:
        node, prefix, model = resting.node, self.prefix, self.model
        part = Part(items, resting, self)
        resting.begun += 1
        resting.parts.append(part)
        if node.call is not None:
            prefix, model = f"{prefix}{node.id}/", self.game.called[node.call.process.text]
        if node.kind.is_scope or node.call is not None:
            part.inner = Scope(self.game, model, node.id if node.kind.is_scope else None, items, prefix, part)
            part.inner.begin()
        elif node.kind in (Kind.RECEIVE, Kind.CATCH):
            part.listener = self.game.listen(Listener(node, self, resting, part=part))
        elif node.kind in (Kind.SCRIPT, Kind.TASK) or (node.kind is Kind.SERVICE and not rests(node)):
            self.part_done(resting, part)

    def part_done(self, resting: Resting, part: Part) -> None:
        """A part (the activity itself when it is not repeated) is complete."""
        node, multi = resting.node, resting.node.multi_instance
        resting.parts.remove(part)
        resting.done += 1
        self.completed(node, part.items, part.inner)
        if multi is not None:
            counters = {"numberOfCompletedInstances": resting.done, "numberOfInstances": resting.total}
            if multi.completion is None or not self.game.holds(multi.completion, counters):
                if resting.left:
                    self._next_part(resting)
                if resting.parts:
                    return
        elif node.loop is not None:
            self._round(resting)
            return
        self.finish(resting)

    def _round(self, resting: Resting) -> None:
        loop = resting.node.loop
        assert loop is not None
        over = loop.maximum is not None and resting.done >= loop.maximum
        if over or not self.game.holds(loop.condition):
            self.finish(resting)
        else:
            self._part(resting, resting.items)

    def completed(self, node: Node, items: Items, inner: Scope | None) -> None:
        """A node was passed; an activity that can be undone is remembered (10.7.1)."""
        self.game.passed[self.prefix + node.id] += 1
        if node.kind.is_activity and not node.for_compensation:
            if self.handler(node) is not None:
                self.done.append(Record(node, items, []))
            elif inner is not None and not self._undoes(node) and (inner.done or inner.undoer() is not None):
                self.done.append(Record(node, items, inner.done))

    def undoer(self) -> Node | None:
        """The event sub-process by which this scope is compensated as a whole."""
        return next((node for node in self.nodes.values() if self._undoes(node)), None)

    def handler(self, node: Node) -> Node | None:
        """The activity that compensates another."""
        mine = [n.handler for n in self.nodes.values() if n.host == node.id and n.has(Trigger.COMPENSATION)]
        return self.nodes[mine[0]] if mine and mine[0] is not None else None

    def finish(self, resting: Resting) -> None:
        """The whole activity is complete."""
        self.drop(resting)
        if resting.undoing is not None:
            resting.undoing.next()
        elif resting.node.kind is not Kind.EVENT_SUBPROCESS:
            self._on(resting.node)

    def drop(self, resting: Resting) -> None:
        """Take something out of the scope, with all that runs inside it."""
        for part in resting.parts:
            if part.inner is not None:
                part.inner.clear()
        resting.gone = True
        if resting in self.resting:
            self.resting.remove(resting)

    def clear(self) -> None:
        """Everything in the scope is cancelled."""
        self.beginning.clear()
        self.tokens.clear()
        self.gathered.clear()
        self.listeners.clear()
        for resting in list(self.resting):
            self.drop(resting)

    def leave(self, node: Node) -> None:
        """A token goes on from a node that is no activity."""
        if not node.kind.is_activity:
            self.game.passed[self.prefix + node.id] += 1
        self._on(node)

    def _on(self, node: Node) -> None:
        for flow in self._ways(node):
            self.tokens[flow] += node.completion_quantity

    def _ways(self, node: Node) -> list[str]:
        flows = self.model.flows
        if node.kind is Kind.PARALLEL or not node.outgoing:
            return list(node.outgoing)
        held = [f for f in node.outgoing if flows[f].condition is not None and self.game.holds(flows[f].condition)]
        if node.kind is Kind.EXCLUSIVE and len(node.outgoing) > 1:
            return held[:1] or [node.default or ""]
        always = [f for f in node.outgoing if flows[f].condition is None and f != node.default]
        return always + (held or [f for f in (node.default,) if f is not None])

    # ------------------------------------------------------------ events

    def _throw(self, node: Node) -> None:
        """Throwing and end events (10.5.4, 13.5.3)."""
        moving = Resting(node, self.items)
        self.resting.append(moving)
        self.game.passed[self.prefix + node.id] += 1
        for event in node.events:
            if event.trigger is Trigger.COMPENSATION:
                self.game.passed[self.prefix + node.id] -= 1  # passed when all is undone
                scope, records = self._remembered(event.activity)
                if not event.waits:
                    self._undone(moving)
                Undoing(scope, records, lambda: self._undone(moving) if event.waits else None).next()  # noqa: B023
                return
            if event.trigger is Trigger.CANCEL:
                self.game.passed[self.prefix + node.id] -= 1
                self._cancel(moving)
                return
            self._effect(event, node.id)
        self._thrown(moving)

    def _remembered(self, activity: str | None) -> tuple[Scope, list[Record]]:
        """What a throwing event undoes: what was done in its scope; in an event sub-process without any, in the scope around."""
        scopes: list[Scope] = [self]
        if self.around is not None and self.around.of.node.kind is Kind.EVENT_SUBPROCESS:
            scopes.append(self.around.scope)
        for scope in scopes:
            records = [r for r in scope.done if activity in (None, r.node.id)]
            scope.done = [r for r in scope.done if r not in records]
            if records:
                return scope, records
        return self, []

    def _undone(self, moving: Resting) -> None:
        if not moving.gone:
            self.game.passed[self.prefix + moving.node.id] += 1
            self._thrown(moving)

    def _thrown(self, moving: Resting) -> None:
        if not moving.gone:
            self.drop(moving)
            self._on(moving.node)

    def _effect(self, event: Event, node: str) -> None:
        code = event.name.text if event.name is not None else None
        if event.trigger is Trigger.TERMINATE:
            self.clear()
        elif event.trigger in (Trigger.ERROR, Trigger.ESCALATION):
            found = self.catcher(event.trigger, code)
            if found is not None:
                self.game.trigger(*found)
            elif event.trigger is Trigger.ERROR:
                raise UncaughtError(code)
        elif event.trigger is not Trigger.LINK:
            self.game.sent[node] += 1
            if event.trigger is Trigger.SIGNAL:
                self.game.broadcast(code)

    def catcher(self, trigger: Trigger, code: str | None) -> tuple[Listener, int] | None:
        """Who catches what is thrown in this scope: its event sub-processes, then the border of its activity, then the scopes around
        (10.5.7). An event sub-process does not catch what it throws itself."""
        scope: Scope | None = self
        own: str | None = None
        while scope is not None:
            found = best([x for x in scope.listeners if x.sub is None or x.sub.id != own], trigger, code)
            part = scope.around
            if found is None and part is not None:
                found = best(part.of.listeners, trigger, code)
            if found is not None or part is None:
                return found
            own = part.of.node.id if part.of.node.kind is Kind.EVENT_SUBPROCESS else None
            scope = part.scope
        return None

    def _cancel(self, moving: Resting) -> None:
        """A transaction is cancelled: all stops, what was done is undone, and it is left by its cancel event (13.3.4)."""
        self.tokens.clear()
        self.gathered.clear()
        self.listeners.clear()
        for other in list(self.resting):
            if other is not moving:
                self.drop(other)
        records, self.done = self.done, []
        Undoing(self, records, lambda: self._cancelled(moving)).next()

    def _cancelled(self, moving: Resting) -> None:
        self.game.passed[self.prefix + moving.node.id] += 1
        self.drop(moving)
        assert self.around is not None
        found = best(self.around.of.listeners, Trigger.CANCEL, None)
        if found is not None:
            self.game.trigger(*found)

    def undo(self, record: Record, undoing: Undoing) -> None:
        """Begin to undo one activity: its handler, else what was done inside it, the last first (10.7.2)."""
        handler = self.handler(record.node)
        if handler is not None:
            self.activity(handler, undoing, record.items)
            return
        resting = Resting(record.node, record.items, undoing=undoing)
        part = Part(record.items, resting, self)
        resting.parts.append(part)
        self.resting.append(resting)
        node, call = record.node, record.node.call
        model = self.game.called[call.process.text] if call is not None else self.model
        prefix = f"{self.prefix}{node.id}/" if call is not None else self.prefix
        part.inner = Scope(self.game, model, None if call is not None else node.id, record.items, prefix, part)
        undoer = part.inner.undoer()
        part.undoing = Undoing(part.inner, [] if undoer else list(record.inner), lambda: self.finish(resting))
        if undoer is None:
            part.undoing.next()
        else:
            part.inner.done = list(record.inner)
            part.inner.activity(undoer, part.undoing)

    # ------------------------------------------------------------ what waits

    def busy(self) -> bool:
        """Whether anything but event sub-processes that wait is left in it."""
        return bool(self.resting or self.beginning) or any(self.tokens.values()) or any(self.gathered.values())

    def complete_or_not(self) -> None:
        """Once its own flow is over, no further event sub-process is started in it; those that run go on (13.3.2: completing)."""
        if self.beginning or any(self.tokens.values()) or any(self.gathered.values()):
            return
        if all(resting.node.kind is Kind.EVENT_SUBPROCESS for resting in self.resting):
            self.listeners.clear()

    def scopes(self) -> Iterator[Scope]:
        yield self
        for resting in self.resting:
            for part in resting.parts:
                if part.inner is not None:
                    yield from part.inner.scopes()

    def looks(self) -> str:
        """How it stands, with the scopes around it."""
        tokens = sorted((flow, count) for flow, count in self.tokens.items() if count)
        resting = sorted((r.node.id, len(r.parts), r.done, len(r.listeners)) for r in self.resting)
        listening = sorted((x.node.id, x.fired, len(x.came)) for x in self.listeners)
        done = [record.node.id for record in self.done]
        tokens += sorted((node, count) for node, count in self.gathered.items() if count)
        around = self.around.scope.looks() if self.around is not None else ""
        return f"{tokens} {resting} {listening} {done} in {around}"

    def armed(self) -> Iterator[Listener]:
        """All that listens directly in this scope."""
        yield from self.listeners
        for resting in self.resting:
            yield from resting.listeners
            for part in resting.parts:
                if part.listener is not None:
                    yield part.listener


def rests(node: Node) -> bool:
    """A person's task, or a service task that waits for its action."""
    action = node.settings.action
    return node.kind.is_inbox or (node.kind is Kind.SERVICE and action is not None and action.waits)


def best(listeners: list[Listener], trigger: Trigger, code: str | None) -> tuple[Listener, int] | None:
    """One that names the code comes before one that takes any."""
    for wanted in (code, None):
        for listener in listeners:
            for index, event in enumerate(listener.node.events):
                if event.trigger is trigger and (event.name.text if event.name is not None else None) == wanted:
                    return listener, index
    return None


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
        text = event.timer.value.text if event.timer is not None else ""
        times = re.match(r"R(\d+)/", text)
        listener.spent = listener.fired >= (int(times.group(1)) if times else 1)

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
