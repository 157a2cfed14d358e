"""Task specs of our own, where SpiffWorkflow's do not keep to BPMN, and the parser that uses them.

- Joins keep in their waiting token which flows have arrived. Stock joins read it off finished tasks of the tree and take those of an
  earlier round for this one's: inside a return loop they fire early.
- An inclusive join fires when no token can reach it any more over an empty flow, told from the whole graph (stock follows one path).
- A multi-instance hands each part its own item and keeps what is left to do in its token, so that another process can go on with
  it (stock connects what counts the parts only where the parts were made)."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    ConditionalGatewayParser,
    GatewayParser,
    SubWorkflowParser,
    TaskParser,
)
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.defaults import (
    InclusiveGateway,
    ManualTask,
    ParallelGateway,
    SubWorkflowTask,
    UserTask,
)
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import (
    MultiInstanceTask,
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
)
from SpiffWorkflow.util.task import TaskState

_ARRIVED = "from"
_LEFT = "left"


class Passing(BpmnSpecMixin):
    """A task a token passes without waiting: abstract, script, rule and service tasks. What they do is done by `Run`, never by
    SpiffWorkflow (whose own abstract task waits for a person)."""


# ---------------------------------------------------------------- joins


class _Arrivals:
    """The waiting token of a join: the only one of its spec in its scope, it knows over which flows tokens have come."""

    name: str
    inputs: list[Any]

    def _update_hook(self, my_task: Any) -> bool:
        arrived = set(my_task.internal_data.get(_ARRIVED, ()))
        if my_task._state != TaskState.WAITING:
            arrived.add(my_task.parent.task_spec.name)
            for other in list(my_task.workflow.tasks.values()):
                if other.task_spec is self and other is not my_task and other._state == TaskState.WAITING:
                    arrived.update(other.internal_data.get(_ARRIVED, ()))
                    other.cancel()
        my_task._inherit_data()
        if self.may_fire(my_task, arrived):
            my_task.internal_data.pop(_ARRIVED, None)
            return True
        my_task.internal_data[_ARRIVED] = sorted(arrived)
        my_task._set_state(TaskState.WAITING)
        return False

    def may_fire(self, my_task: Any, arrived: set[str]) -> bool:
        """Whether no more tokens are to be waited for."""
        raise NotImplementedError


class AllJoin(_Arrivals, ParallelGateway):
    """A parallel gateway: a token on every flow."""

    def may_fire(self, my_task: Any, arrived: set[str]) -> bool:
        """True when a token has come over every flow."""
        return len(arrived) == len(self.inputs)

    def _run_hook(self, my_task: Any) -> bool:
        return True


class SomeJoin(_Arrivals, InclusiveGateway):
    """An inclusive gateway (BPMN 2.0.2, table 13.3): it waits while some token can still come over a flow that has none, unless that
    token can as well come over one that has."""

    def may_fire(self, my_task: Any, arrived: set[str]) -> bool:
        """True when no token elsewhere in the scope is to be waited for."""
        if len(arrived) == len(self.inputs):
            return True
        if my_task._state != TaskState.WAITING:
            return False  # asked again when nothing else moves: `Run` sees to it
        for task in my_task.workflow.tasks.values():
            if TaskState.PREDICTED_MASK < task._state < TaskState.COMPLETED and task.task_spec is not self:
                reached = self._reached_from(task.task_spec)
                if reached - arrived and not reached & arrived:
                    return False
        return True

    def _reached_from(self, source: Any) -> frozenset[str]:
        """The inputs of this join over which a token at `source` can come, not through the join itself."""
        known: dict[str, frozenset[str]] = self.__dict__.setdefault("_reaches", {})
        if source.name not in known:
            found, seen, stack = set(), {source.name}, [source]
            while stack:
                spec = stack.pop()
                for after in spec.outputs:
                    if after is self:
                        found.add(spec.name)
                    elif after.name not in seen:
                        seen.add(after.name)
                        stack.append(after)
            known[source.name] = frozenset(found)
        return known[source.name]

    def _run_hook(self, my_task: Any) -> bool:
        matches, defaults = self._get_matching_outputs(my_task)
        if not matches and not defaults:
            raise LookupError("no condition holds and there is no default flow")
        my_task._sync_children(matches or defaults, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


# ---------------------------------------------------------------- multi-instances


class _Parts:
    """What both kinds of multi-instance share. `count_part` is connected to the part's spec when a program is made."""

    cardinality: str | None
    data_input: Any

    def _members(self, my_task: Any) -> list[Any]:
        if self.data_input is None:
            return list(range(int(my_task.workflow.script_engine.evaluate(my_task, self.cardinality))))
        members = self.data_input.get(my_task)
        if not isinstance(members, list):
            raise TypeError(f"{self.data_input.bpmn_id} is no list")
        return members

    def create_child(self, my_task: Any, item: Any, key_or_index: Any = None) -> None:
        """Begin a part. Its item stands before whatever has the same name around it."""
        spec = my_task.workflow.spec.task_specs[self.task_spec]  # type: ignore[attr-defined]
        child = my_task._add_child(spec, TaskState.WAITING)
        child.triggered = True
        if self.input_item is not None:  # type: ignore[attr-defined]
            child.data[self.input_item.bpmn_id] = item  # type: ignore[attr-defined]
        spec._update(child)


class Together(_Parts, ParallelMultiInstanceTask):
    """All parts at once."""

    def _update_hook(self, my_task: Any) -> bool:
        BpmnTaskSpec._update_hook(self, my_task)
        members = list(self._members(my_task))
        if not members:
            return True
        my_task._set_state(TaskState.STARTED)
        for item in members:
            self.create_child(my_task, item)
        return False

    def merge_child(self, workflow: Any, child: Any) -> None:
        """Called when a part is complete."""
        my_task = child.parent
        if all(c._state >= TaskState.COMPLETED for c in self._instances(my_task)):
            my_task._set_state(TaskState.READY)


class InTurn(_Parts, SequentialMultiInstanceTask):
    """One part after another. The members are those of the start: what a part changes of the list is for the next time."""

    def _update_hook(self, my_task: Any) -> bool:
        BpmnTaskSpec._update_hook(self, my_task)
        my_task.internal_data[_LEFT] = list(self._members(my_task))
        if not my_task.internal_data[_LEFT]:
            return True
        my_task._set_state(TaskState.STARTED)
        self._next(my_task)
        return False

    def merge_child(self, workflow: Any, child: Any) -> None:
        """Called when a part is complete."""
        my_task = child.parent
        if my_task.internal_data[_LEFT]:
            self._next(my_task)
        else:
            my_task._set_state(TaskState.READY)

    def _next(self, my_task: Any) -> None:
        first, *rest = my_task.internal_data[_LEFT]
        my_task.internal_data[_LEFT] = rest
        self.create_child(my_task, first)


def connect_parts(specs: dict[str, Any]) -> None:
    """Let every multi-instance hear of its parts, whichever process made them."""
    for spec in specs.values():
        if isinstance(spec, MultiInstanceTask):
            specs[spec.task_spec].completed_event.connect(spec.merge_child)


# ---------------------------------------------------------------- the parser


class _TaskParser(TaskParser):
    PARALLEL_MI_CLASS = Together
    SEQUENTIAL_MI_CLASS = InTurn


class _SubParser(SubWorkflowParser):
    PARALLEL_MI_CLASS = Together
    SEQUENTIAL_MI_CLASS = InTurn


class Parser(BpmnParser):
    """SpiffWorkflow's parser with our specs; it is only ever given what we wrote ourselves from a model."""

    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012  SpiffWorkflow reads this as a class attribute
        **{full_tag(tag): (_TaskParser, Passing) for tag in ("task", "scriptTask", "businessRuleTask", "serviceTask")},
        full_tag("userTask"): (_TaskParser, UserTask),
        full_tag("manualTask"): (_TaskParser, ManualTask),
        full_tag("subProcess"): (_SubParser, SubWorkflowTask),
        full_tag("parallelGateway"): (GatewayParser, AllJoin),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, SomeJoin),
    }
