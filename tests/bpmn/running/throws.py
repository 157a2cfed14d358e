"""Events that are thrown, who catches them, and what they undo (BPMN 2.0.2, 10.5 and 10.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bpmn.model import Event, Kind, Node, Trigger
from tests.bpmn.running.board import best
from tests.bpmn.running.flowing import Flowing
from tests.bpmn.running.pieces import Items, Listener, Part, Record, Resting, Undoing

if TYPE_CHECKING:
    from tests.bpmn.running.scope import Scope


class UncaughtError(Exception):
    """An error that nobody catches: an incident."""


class Throws(Flowing):
    """Throwing and end events, and compensation."""

    def activity(self, node: Node, undoing: Undoing | None = None, items: Items | None = None) -> Resting:
        """An activity begins."""
        raise NotImplementedError

    def finish(self, resting: Resting) -> None:
        """The whole activity is complete."""
        raise NotImplementedError

    def drop(self, resting: Resting) -> None:
        """Take something out of the scope."""
        raise NotImplementedError

    def clear(self) -> None:
        """Everything in the scope is cancelled."""
        raise NotImplementedError

    def inside(self, part: Part, node: Node) -> Scope:
        """The scope of a sub-process or of a call, empty."""
        raise NotImplementedError

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

    def _remembered(self, activity: str | None) -> tuple[Throws, list[Record]]:
        """What a throwing event undoes: what was done in its scope; in an event sub-process without any, in the scope around."""
        scopes: list[Throws] = [self]
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
        scope: Throws | None = self
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
        part.inner = self.inside(part, record.node)
        undoer = part.inner.undoer()
        part.undoing = Undoing(part.inner, [] if undoer else list(record.inner), lambda: self.finish(resting))
        if undoer is None:
            part.undoing.next()
        else:
            part.inner.done = list(record.inner)
            part.inner.activity(undoer, part.undoing)
