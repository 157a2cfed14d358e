"""What lies on the board of the token game: what rests in a scope, its parts, what listens, and what is to be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.bpmn.model import Node

if TYPE_CHECKING:
    from tests.bpmn.running.scope import Scope
    from tests.bpmn.running.throws import Throws

Items = tuple[tuple[str, Any], ...]
"""The items of the multi-instances around a task, outermost first."""
Wait = tuple[str, Items]
"""A node that waits, and for which items."""


@dataclass(eq=False)
class Resting:
    """Something that is going on in a scope: an activity with its parts, a catching event, a gateway that waits, a throwing event."""

    node: Node
    items: Items
    listeners: list[Listener] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    left: list[Any] = field(default_factory=list)
    total: int = 0
    begun: int = 0
    done: int = 0
    undoing: Undoing | None = None
    gone: bool = False


@dataclass(eq=False)
class Part:
    """One instance of an activity."""

    items: Items
    of: Resting
    scope: Throws
    inner: Scope | None = None
    listener: Listener | None = None
    undoing: Undoing | None = None


@dataclass(eq=False)
class Listener:
    """A node that listens: at the border of `of`, after it (an event-based gateway), as it (a catching event), as `part` of it (a
    receive task); or for an event sub-process `sub`."""

    node: Node
    scope: Throws
    of: Resting | None
    sub: Node | None = None
    part: Part | None = None
    was: set[int] = field(default_factory=set)
    came: set[int] = field(default_factory=set)
    fired: int = 0
    spent: bool = False


@dataclass(eq=False)
class Record:
    """An activity that completed and can be undone, by what was done inside it or by its handler."""

    node: Node
    items: Items
    inner: list[Record]


@dataclass(eq=False)
class Undoing:
    """One undoing after another, the last that completed first; then `then`."""

    scope: Any
    left: list[Record]
    then: Callable[[], None]

    def next(self) -> None:
        """Begin the next."""
        if not self.left:
            self.then()
            return
        self.scope.undo(self.left.pop(), self)
