"""Where a token rests: nodes at which the engine stops until something comes from outside."""

from __future__ import annotations

from engine.bpmn.model import Kind, Node, Trigger

_RESTING = frozenset((Kind.USER, Kind.MANUAL, Kind.RECEIVE, Kind.EVENT_BASED, Kind.CALL))


def waits(node: Node) -> bool:
    """Whether a token always rests at a node itself. A call counts as resting: what it calls is not known here."""
    if node.kind is Kind.CATCH:
        return not node.has(Trigger.LINK)
    if node.kind is Kind.SERVICE:
        return node.settings.action is not None and node.settings.action.waits
    return node.kind in _RESTING


def may_do_nothing(node: Node) -> bool:
    """Whether an activity that repeats may repeat no time at all: its list may be empty, its loop be done before it begins."""
    if node.loop is not None:
        return node.loop.test_before
    return node.multi_instance is not None and (
        node.multi_instance.collection is not None
        or (node.multi_instance.cardinality is not None and node.multi_instance.cardinality.is_feel)
    )
