"""Where the token game is played: the tokens of one scope, what rests and what listens in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.bpmn.model import Kind, Node, ProcessModel, Trigger
from tests.bpmn.running.pieces import Items, Listener, Part, Record, Resting

if TYPE_CHECKING:
    from tests.bpmn.running.oracle import Game


class Board:
    """The process, a called process, a running sub-process or event sub-process. `tokens` lie on flows; those that are `gathered` wait
    for more of their kind before their activity begins."""

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

    def _undoes(self, node: Node) -> bool:
        """Whether it is an event sub-process by which its scope is compensated."""
        inside = self.model.inside(node.id) if node.kind is Kind.EVENT_SUBPROCESS else ()
        return any(each.kind is Kind.START and each.has(Trigger.COMPENSATION) for each in inside)

    def _begins(self, node: Node) -> bool:
        aside = node.for_compensation or node.kind in (Kind.BOUNDARY, Kind.EVENT_SUBPROCESS)
        return not node.incoming and not aside

    def borders(self, node: Node) -> list[Node]:
        """The boundary events of an activity that listen."""
        mine = [n for n in self.nodes.values() if n.host == node.id]
        return [n for n in mine if not n.has(Trigger.COMPENSATION)]

    def undoer(self) -> Node | None:
        """The event sub-process by which this scope is compensated as a whole."""
        return next((node for node in self.nodes.values() if self._undoes(node)), None)

    def handler(self, node: Node) -> Node | None:
        """The activity that compensates another."""
        mine = [n.handler for n in self.nodes.values() if n.host == node.id and n.has(Trigger.COMPENSATION)]
        return self.nodes[mine[0]] if mine and mine[0] is not None else None

    def completed(self, node: Node, items: Items, inner: Board | None) -> None:
        """A node was passed; an activity that can be undone is remembered (10.7.1)."""
        self.game.passed[self.prefix + node.id] += 1
        if node.kind.is_activity and not node.for_compensation:
            if self.handler(node) is not None:
                self.done.append(Record(node, items, []))
            elif inner is not None and not self._undoes(node) and (inner.done or inner.undoer() is not None):
                self.done.append(Record(node, items, inner.done))

    def busy(self) -> bool:
        """Whether anything but event sub-processes that wait is left in it."""
        return bool(self.resting or self.beginning) or any(self.tokens.values()) or any(self.gathered.values())

    def complete_or_not(self) -> None:
        """Once its own flow is over, no further event sub-process is started in it; those that run go on (13.3.2: completing)."""
        if self.beginning or any(self.tokens.values()) or any(self.gathered.values()):
            return
        if all(resting.node.kind is Kind.EVENT_SUBPROCESS for resting in self.resting):
            self.listeners.clear()

    def scopes(self) -> Iterator[Any]:
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
