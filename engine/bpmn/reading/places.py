"""Where an event may stand, and of what sorts it may be there (BPMN 2.0.2, tables 10.84 to 10.90)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from engine.bpmn.model import Kind, Trigger
from engine.bpmn.namespaces import flag
from engine.bpmn.reading.collecting import Drawn, DrawnNode


class Place(Enum):
    """A sort of event, its names in Chinese and English."""

    START = ("开始事件", "a start event")
    INNER_START = ("子流程的开始事件", "the start event of a sub-process")
    EVENT_START = ("事件子流程的开始事件", "the start event of an event sub-process")
    CATCH = ("中间捕获事件", "an intermediate catch event")
    THROW = ("中间抛出事件", "an intermediate throw event")
    BOUNDARY = ("边界事件", "a boundary event")
    END = ("结束事件", "an end event")
    BEHAVIOR = ("多实例抛出的事件", "an event thrown by a multi-instance")

    @property
    def throws(self) -> bool:
        """Whether an event of this sort makes something happen rather than waits for it."""
        return self in (Place.THROW, Place.END, Place.BEHAVIOR)

    @property
    def may_be_none(self) -> bool:
        """Whether it may stand without an event definition."""
        return self in (Place.START, Place.INNER_START, Place.THROW, Place.END)


def place_of(node: DrawnNode, drawn: Drawn) -> Place:
    """The sort of an event node."""
    if node.kind is Kind.CATCH:
        return Place.CATCH
    if node.kind is Kind.THROW:
        return Place.THROW
    if node.kind is Kind.BOUNDARY:
        return Place.BOUNDARY
    if node.kind is Kind.END:
        return Place.END
    if node.parent is None:
        return Place.START
    parent = drawn.nodes[node.parent]
    return Place.EVENT_START if parent.kind is Kind.EVENT_SUBPROCESS else Place.INNER_START


def interrupts(node: DrawnNode, place: Place) -> bool:
    """Whether an event there ends what it stands at, and so comes only once."""
    if place is Place.BOUNDARY:
        return flag(node.element, "cancelActivity", default=True)
    return place is not Place.EVENT_START or flag(node.element, "isInterrupting", default=True)


_T = Trigger
ALLOWED: Mapping[Place, frozenset[Trigger]] = {
    Place.START: frozenset((_T.MESSAGE, _T.TIMER, _T.SIGNAL)),
    Place.INNER_START: frozenset(),
    Place.EVENT_START: frozenset(
        (_T.MESSAGE, _T.TIMER, _T.ESCALATION, _T.ERROR, _T.CONDITIONAL, _T.SIGNAL, _T.COMPENSATION)
    ),
    Place.CATCH: frozenset((_T.MESSAGE, _T.TIMER, _T.CONDITIONAL, _T.LINK, _T.SIGNAL)),
    Place.THROW: frozenset((_T.MESSAGE, _T.ESCALATION, _T.LINK, _T.SIGNAL, _T.COMPENSATION)),
    Place.BOUNDARY: frozenset(
        (
            *(_T.MESSAGE, _T.TIMER, _T.ESCALATION, _T.ERROR, _T.CANCEL, _T.COMPENSATION),
            *(_T.CONDITIONAL, _T.SIGNAL),
        )
    ),
    Place.END: frozenset((_T.MESSAGE, _T.ERROR, _T.ESCALATION, _T.CANCEL, _T.COMPENSATION, _T.SIGNAL, _T.TERMINATE)),
    Place.BEHAVIOR: frozenset((_T.MESSAGE, _T.SIGNAL, _T.ESCALATION)),
}
"""A conditional start of a process itself is left out: there are no data yet that could make it true."""

ALONE: Mapping[Place, frozenset[Trigger]] = {
    Place.EVENT_START: frozenset((_T.COMPENSATION,)),
    Place.CATCH: frozenset((_T.LINK,)),
    Place.THROW: frozenset((_T.LINK,)),
    Place.BOUNDARY: frozenset((_T.COMPENSATION, _T.CANCEL)),
}
"""Definitions that mean something else than the others of the place and so cannot stand beside one."""

LASTING = frozenset((_T.ERROR, _T.CANCEL, _T.TERMINATE))
"""What ends all around an end event: one at most, and it happens after the others of the event."""

ALWAYS_INTERRUPTING = frozenset((_T.ERROR, _T.CANCEL))
"""What leaves nothing to go on with beside it."""

NEVER_TOGETHER = frozenset((_T.ERROR, _T.ESCALATION, _T.CANCEL, _T.COMPENSATION))
"""What cannot be waited for until the others have come too (`parallelMultiple`)."""
