"""Activities: how one begins, is repeated and completes (BPMN 2.0.2, 13.3)."""

from __future__ import annotations

from engine.bpmn.model import Kind, Node, Trigger
from tests.bpmn.running.board import rests
from tests.bpmn.running.pieces import Items, Listener, Part, Resting, Undoing
from tests.bpmn.running.throws import Throws


class Scope(Throws):
    """One scope with everything that happens in it."""

    def begin(self) -> None:
        """Its event sub-processes listen; a token for its start event, else for each node that nothing leads to (13.3.4)."""
        for node in self.nodes.values():
            if node.kind is Kind.EVENT_SUBPROCESS and not self._undoes(node):
                start = next(n for n in self.model.inside(node.id) if n.kind is Kind.START)
                self.listeners.append(self.game.listen(Listener(start, self, None, sub=node)))
        starts = [n for n in self.nodes.values() if n.kind is Kind.START]
        self.beginning = starts[:1] or [n for n in self.nodes.values() if self._begins(n)]

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
        node = resting.node
        part = Part(items, resting, self)
        resting.begun += 1
        resting.parts.append(part)
        if node.kind.is_scope or node.call is not None:
            part.inner = self.inside(part, node)
            part.inner.begin()
        elif node.kind in (Kind.RECEIVE, Kind.CATCH):
            part.listener = self.game.listen(Listener(node, self, resting, part=part))
        elif node.kind in (Kind.SCRIPT, Kind.TASK) or (node.kind is Kind.SERVICE and not rests(node)):
            self.part_done(resting, part)

    def inside(self, part: Part, node: Node) -> Scope:
        """The scope of a sub-process or of a call, empty."""
        if node.call is None:
            return Scope(self.game, self.model, node.id, part.items, self.prefix, part)
        called = self.game.called[node.call.process.text]
        return Scope(self.game, called, None, part.items, f"{self.prefix}{node.id}/", part)

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
