"""The machines that are compared: our runs, stored and restored at every step or never, and stock SpiffWorkflow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.task_parsers import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import Kind, ProcessModel
from engine.bpmn.program import Program, compile_program, fit
from engine.bpmn.running import Run, _Engine, _Feel
from engine.bpmn.specs import Passing
from tests.bpmn.running.oracle import Game, Items, Wait

NOW = datetime(2026, 6, 10, 1, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def a_run(program: Program, facts: Mapping[str, Any]) -> Run:
    return Run(program, facts, NOW, lambda _register, _match: None, ZONE)


def items_of(data: Mapping[str, Any]) -> Items:
    """The items of multi-instances that a task sees, outermost first (their names are numbered)."""
    return tuple(sorted(((k, v) for k, v in data.items() if k[0] == "m"), key=lambda i: int(i[0][1:])))


class Ours:
    """Our run. With `restore` it is stored, pruned and read back at every step, sometimes by a program made anew: another worker."""

    def __init__(self, model: ProcessModel, facts: Mapping[str, Any], *, restore: bool) -> None:
        self.model, self.restore = model, restore
        self.program = compile_program(model)
        self.run = a_run(self.program, facts)
        self.run.begin()
        self.steps = 0
        self.size = 0
        self.passed: Counter[str] = Counter(self.run.path)
        self._over()

    def _over(self) -> None:
        self.steps += 1
        if not self.restore:
            return
        outcome = self.run.outcome()
        self.outcome = outcome
        if outcome.state is None:
            return
        self.size = len(outcome.state)
        if self.steps % 3 == 0:
            self.program = compile_program(self.model)
        self.run = a_run(self.program, self.run.facts)
        self.run.resume(outcome.state)

    def _find(self, waits: Mapping[int, Any], wait: Wait) -> int:
        for task_id, task in waits.items():
            node = self.model.node_of(task.task_spec.name)
            if node is not None and (node.id, items_of(task.data)) == wait:
                return task_id
        raise KeyError(wait)

    def decide(self, facts: Mapping[str, Any]) -> None:
        self.run.facts.update(facts)

    def complete(self, wait: Wait) -> None:
        self.run._open, self.run._timers = self.run._waits()
        self.run.path = []
        self.run.complete(self._find(self.run._open, wait))
        self.passed.update(self.run.path)
        self._over()

    def fire(self, wait: Wait) -> None:
        self.run._open, self.run._timers = self.run._waits()
        self.run.path = []
        self.run.fire(self._find(self.run._timers, wait))
        self.passed.update(self.run.path)
        self._over()

    def _waits(self, which: int) -> list[Wait]:
        found = []
        for task in self.run._waits()[which].values():
            node = self.model.node_of(task.task_spec.name)
            assert node is not None
            found.append((node.id, items_of(task.data)))
        return sorted(found)

    def open(self) -> list[Wait]:
        return self._waits(0)

    def timers(self) -> list[Wait]:
        return self._waits(1)

    def ended(self) -> bool:
        return not self.run.workflow.unfinished()


class _StockParser(BpmnParser):  # type: ignore[misc]
    """SpiffWorkflow's own specs; only what would run Python passes instead."""

    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012  SpiffWorkflow reads this as a class attribute
        full_tag(tag): (TaskParser, Passing) for tag in ("task", "scriptTask", "businessRuleTask", "serviceTask")
    }


def stock_program(model: ProcessModel) -> Program:
    parser = _StockParser()
    parser.add_bpmn_str(model.normalised)
    spec = parser.get_spec(model.spec)
    subs = parser.get_subprocess_specs(model.spec)
    fit(spec, subs)
    return Program(model, spec, subs)


class Stock:
    """Stock SpiffWorkflow: its own specs, workflow, tasks and walks."""

    def __init__(self, model: ProcessModel, facts: Mapping[str, Any]) -> None:
        self.model = model
        program = stock_program(model)
        self.judge = a_run(program, facts)
        self.workflow = BpmnWorkflow(program.spec, program.subs, script_engine=_Engine(environment=_Feel(self.judge)))
        self.workflow.facts = self.judge.facts
        self._on()

    def _on(self) -> None:
        for _ in range(3):
            self.workflow.do_engine_steps()
            self.workflow.refresh_timers()

    def decide(self, facts: Mapping[str, Any]) -> None:
        self.judge.facts.update(facts)

    def _manual(self) -> list[Any]:
        return list(self.workflow.get_tasks(state=TaskState.READY, manual=True))

    def _waiting(self) -> list[Any]:
        return [
            t
            for t in self.workflow.get_tasks(state=TaskState.WAITING)
            if isinstance(t.task_spec, CatchingEvent) and t.task_spec.event_definition.name == "timer"
        ]

    def _name(self, task: Any) -> Wait:
        node = self.model.node_of(task.task_spec.name)
        assert node is not None
        return node.id, items_of(task.data)

    def complete(self, wait: Wait) -> None:
        next(t for t in self._manual() if self._name(t) == wait).run()
        self._on()

    def fire(self, wait: Wait) -> None:
        task = next(t for t in self._waiting() if self._name(t) == wait)
        task.internal_data["event_fired"] = True
        task.task_spec._update(task)
        self._on()

    def open(self) -> list[Wait]:
        return sorted(self._name(t) for t in self._manual())

    def timers(self) -> list[Wait]:
        return sorted(self._name(t) for t in self._waiting())

    def ended(self) -> bool:
        return bool(self.workflow.is_completed())


def same(game: Game, other: Ours | Stock) -> bool:
    """Whether a machine stands where the game stands."""
    return (game.open(), game.timers(), game.ended()) == (other.open(), other.timers(), other.ended())


def counted(model: ProcessModel, passed: Counter[str]) -> Counter[str]:
    """Passes of the nodes whose passing has one meaning everywhere."""
    kinds = (Kind.USER, Kind.SCRIPT, Kind.TASK, Kind.END)
    return Counter(
        {n: c for n, c in passed.items() if model.nodes[n].kind in kinds and model.nodes[n].multi_instance is None}
    )
