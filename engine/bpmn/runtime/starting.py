"""The start form once more: a process that was sent back to its start waits there for who started it."""

from __future__ import annotations

from typing import Any

from engine.bpmn.model import Kind
from engine.bpmn.runtime.activity import Activity
from engine.bpmn.runtime.live import ScopeSpec

MARK = "~"
"""Before the id of the start event: no file may use such a name, and state that was stored before knows none."""


class Amending(Activity):
    """A start event with a form, as a task: what was said at the start is said again. Its node is the start event's."""

    def __init__(self, scope: ScopeSpec, node: Any) -> None:
        super().__init__(scope, node, MARK + node.id)
        self.manual = True


def add(scope: ScopeSpec, start: Any) -> None:
    """Give a start event with a form its task."""
    if start.node.kind is Kind.START and start.node.settings.form:
        element = Amending(scope, start.node)
        element.flows, element.targets = start.flows, start.targets


def amending(element: Any) -> Any:
    """What is begun when something goes back to an element: the task of a start event, the activity itself; none for anything else."""
    if isinstance(element, Activity):
        return element
    return element._wf_spec.task_specs.get(MARK + element.name)
