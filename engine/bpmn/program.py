"""From a model to a program: the normalised file parsed by SpiffWorkflow, with our specs, timers and collections in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.specs.data_spec import TaskDataReference
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask

from engine.bpmn.limits import MAX_INSTANCES
from engine.bpmn.model import ProcessModel
from engine.bpmn.specs import Parser, connect_parts
from engine.bpmn.state import Token
from engine.errors import StepFailed


@dataclass(frozen=True, slots=True)
class Program:
    """A definition version, parsed."""

    model: ProcessModel
    spec: Any
    subs: dict[str, Any]

    @property
    def four_eyed(self) -> frozenset[str]:
        """Nodes whose performers must be remembered, because another task may not be done by the same person."""
        return frozenset(n for node in self.model.nodes.values() for n in node.settings.four_eyes)


def compile_program(model: ProcessModel) -> Program:
    """Parse what was read. Costs some milliseconds: once for each version of a definition."""
    parser = Parser()
    parser.add_bpmn_str(model.normalised)
    spec = parser.get_spec(model.spec)
    subs = parser.get_subprocess_specs(model.spec)
    for each in (spec, *subs.values()):
        connect_parts(each.task_specs)
    fit(spec, subs)
    return Program(model, spec, subs)


def fit(spec: Any, subs: dict[str, Any]) -> None:
    """Put our timers and collections in the place of SpiffWorkflow's, which look at the machine's clock and at task data."""
    for each in (spec, *subs.values()):
        for task_spec in each.task_specs.values():
            if isinstance(task_spec, CatchingEvent) and isinstance(task_spec.event_definition, TimerEventDefinition):
                task_spec.event_definition = WaitingTimer("timer", "")
            if isinstance(task_spec, MultiInstanceTask):
                if task_spec.data_input is not None:
                    task_spec.data_input = _FromFacts(task_spec.data_input.bpmn_id)
                if task_spec.input_item is not None:
                    task_spec.input_item = _Item(task_spec.input_item.bpmn_id)


class WaitingTimer(TimerEventDefinition):
    """Fires when its job says so, never by looking at a clock."""

    def has_fired(self, my_task: Token) -> bool:
        """Whether its job came."""
        return bool(my_task.internal_data.get("event_fired", False))


class _FromFacts(TaskDataReference):
    """The collection of a multi-instance: a fact."""

    def get(self, my_task: Token) -> Any:
        found = my_task.workflow.top_workflow.facts.get(self.bpmn_id)
        if isinstance(found, list) and len(found) > MAX_INSTANCES:
            raise StepFailed(node=my_task.task_spec.name, why=f"{len(found)} instances are more than {MAX_INSTANCES}")
        return found

    def exists(self, my_task: Token) -> bool:
        return isinstance(self.get(my_task), list)


class _Item(TaskDataReference):
    """The item of a multi-instance, seen only inside it."""

    def exists(self, my_task: Token) -> bool:
        return False  # a name may be used again by the next round
