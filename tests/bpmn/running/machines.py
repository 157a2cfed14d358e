"""The machines that are compared: our runs, stored and restored at every step or never, and stock SpiffWorkflow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import ProcessModel
from engine.bpmn.outcome import Outcome
from engine.bpmn.program import Program, compile_program
from engine.bpmn.running import Run
from engine.bpmn.runtime import data, resting
from engine.bpmn.runtime.live import Token
from engine.bpmn.runtime.nested import EventSubProcess
from tests.bpmn import stock
from tests.bpmn.conformance.instance import WORKING
from tests.bpmn.running.oracle import Game
from tests.bpmn.running.pieces import Items, Wait

NOW = datetime(2026, 6, 10, 1, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


class Called:
    """The processes that call activities call; each program is made anew now and then, as another worker would."""

    def __init__(self, models: Mapping[str, ProcessModel]) -> None:
        self.models = models
        self.keys = sorted(models)
        self.programs: dict[str, Program] = {}

    def newest(self, key: str) -> tuple[int, Program]:
        return 100 + self.keys.index(key), self.get(100 + self.keys.index(key))

    def get(self, definition_id: int) -> Program:
        key = self.keys[definition_id - 100]
        if key not in self.programs:
            self.programs[key] = compile_program(self.models[key])
        return self.programs[key]


def a_run(program: Program, facts: Mapping[str, Any], programs: Called | None = None) -> Run:
    return Run(program, facts, NOW, lambda _register, _match, _every: [], ZONE, programs=programs, working=WORKING)


def items_of(variables: Mapping[str, Any]) -> Items:
    """The items of multi-instances that a task sees, outermost first (their names are numbered)."""
    found = [(key, value) for key, value in variables.items() if key[0] == "m" and key[1:].isdigit()]
    return tuple(sorted(found, key=lambda item: int(item[0][1:])))


def name_of(token: Token) -> Wait:
    """The node a token waits in, as its process names it, and for which items."""
    spec = token.task_spec
    node = spec.start_element.node if isinstance(spec, EventSubProcess) else spec.node
    return token.workflow.prefix + node.id, items_of(data.variables(token))


@dataclass
class Rows:
    """What a database would hold that only ever hears of outcomes."""

    open: set[int]
    awaited: set[tuple[int, int, int]]
    acting: set[int] = field(default_factory=set)

    def hear(self, outcome: Outcome, completed: int | None) -> None:
        self.open -= {completed, *outcome.cancelled}
        self.open |= {task.id for task in outcome.opened}
        self.awaited -= {(gone.id, gone.index, gone.occurrence) for gone in outcome.gone}
        self.awaited |= {(timer.id, timer.index, timer.occurrence) for timer in outcome.timers}
        self.acting -= {completed, *outcome.actions_gone}
        self.acting |= {action.id for action in outcome.actions if action.waits}
        self.awaited |= {(heard.id, heard.index, 0) for heard in outcome.listening}


class Ours:
    """Our run. With `restore` it is stored and read back at every step, sometimes by a program made anew: another worker."""

    def __init__(
        self,
        model: ProcessModel,
        facts: Mapping[str, Any],
        *,
        restore: bool,
        called: Mapping[str, ProcessModel] | None = None,
        state: str | None = None,
    ) -> None:
        self.model, self.restore, self.called = model, restore, called or {}
        self.program, self.programs = compile_program(model), Called(self.called)
        self.rows = Rows(set(), set())
        self.path: list[str] = []
        self.sent: Counter[str] = Counter()
        self.facts: dict[str, Any] = {}
        self.steps = self.size = 0
        self.outcome: Outcome
        self.run = a_run(self.program, facts, self.programs)
        if state is not None:
            self.run.resume(state)
            self.rows = Rows(set(self.run._open), set(self.run._before))
            return
        self.run.begin()
        self._over()

    @property
    def passed(self) -> Counter[str]:
        """How often each node was passed."""
        return Counter(self.path)

    def _over(self, completed: int | None = None) -> None:
        self.steps += 1
        self.path += self.run.path
        self.sent.update(sent.node.id for sent in self.run._sent)
        if not self.restore:
            self.run.path, self.run._sent, self.run._actions = [], [], []
            self.run._open = resting.opened(self.run.workflow)
            self.run._before = resting.waits(self.run.workflow)
            self.run._acting = resting.acting(self.run.workflow)
            return
        self.outcome = outcome = self.run.outcome()
        self.rows.hear(outcome, completed)
        if outcome.state is None:
            assert not self.rows.open
            assert not self.rows.awaited
            assert not self.rows.acting
            return
        self.size = max(self.size, len(outcome.state))
        if self.steps % 3 == 0:
            self.program, self.programs = compile_program(self.model), Called(self.called)
        self.run = a_run(self.program, self.run.facts, self.programs)
        self.run.resume(outcome.state)
        assert self.rows.open == set(self.run._open), "the tasks of an inbox are those the state waits for"
        assert self.rows.acting == self.run._acting, "a job for every action that is waited for"
        assert self.rows.awaited == set(self.run._before), "a row for all that is awaited, and no other"

    def decide(self, facts: Mapping[str, Any]) -> None:
        """What the next completion answers; a timer finds it as it is."""
        self.facts = dict(facts)

    def _find(self, wait: Wait) -> int:
        return next(id_ for id_, token in self.run._open.items() if name_of(token) == wait)

    def complete(self, wait: Wait, facts: Mapping[str, Any] | None = None) -> None:
        task_id = self._find(wait)
        answers, self.facts = {**self.facts, **(facts or {})}, {}
        self.run.complete(task_id, answers=answers)
        self._over(task_id)

    def fail(self, wait: Wait, code: str) -> None:
        task_id = self._find(wait)
        self.run.fail(task_id, code)
        self._over()

    def acted(self, wait: Wait) -> None:
        task_id = self._doing(wait)
        assert self.run.acted(task_id, {})
        self._over(task_id)

    def acted_wrong(self, wait: Wait, code: str) -> None:
        task_id = self._doing(wait)
        assert self.run.acted_wrong(task_id, code)
        self._over(task_id)

    def _doing(self, wait: Wait) -> int:
        return next(id_ for name, id_ in self._actions() if name == wait)

    def _actions(self) -> list[tuple[Wait, int]]:
        found = [self.run.workflow.find(id_) for id_ in sorted(resting.acting(self.run.workflow))]
        return [(name_of(token), token.id) for token in found if token is not None]

    def acting(self) -> list[Wait]:
        return sorted(name for name, _ in self._actions())

    def fire(self, wait: Wait) -> None:
        """Let what is awaited come: a timer, a message or a signal."""
        self.run.facts.update(self.facts)
        self.facts = {}
        for (id_, index, count), trigger in self.run._before.items():
            token = self.run.workflow.find(id_)
            assert token is not None
            if name_of(token) == wait:
                came = self.run.fire(id_, index, count) if trigger == "timer" else self.run.deliver(id_, index, {})
                assert came
                self._over()
                return
        raise KeyError(wait)

    def open(self) -> list[Wait]:
        return sorted(name_of(token) for token in resting.opened(self.run.workflow).values())

    def awaited(self) -> list[Wait]:
        found = [self.run.workflow.find(id_) for id_, _, _ in resting.waits(self.run.workflow)]
        return sorted(name_of(token) for token in found if token is not None)

    def ended(self) -> bool:
        return not self.run.workflow.unfinished()


class Stock:
    """Stock SpiffWorkflow: its own specs, workflow, tasks and walks."""

    def __init__(self, model: ProcessModel, facts: Mapping[str, Any]) -> None:
        self.model = model
        self.facts = dict(facts)
        spec, subs = stock.parsed(model)
        stock.by_hand(spec, subs)
        self.workflow = BpmnWorkflow(spec, subs, script_engine=stock.engine(lambda: self.facts))
        self._on()

    def _on(self) -> None:
        for _ in range(3):
            self.workflow.do_engine_steps()
            self.workflow.refresh_timers()

    def decide(self, facts: Mapping[str, Any]) -> None:
        self.facts.update(facts)

    def _manual(self) -> list[Any]:
        return list(self.workflow.get_tasks(state=TaskState.READY, manual=True))

    def _waiting(self) -> list[Any]:
        waiting = self.workflow.get_tasks(state=TaskState.WAITING)
        catching = [t for t in waiting if isinstance(t.task_spec, CatchingEvent)]
        return [t for t in catching if isinstance(t.task_spec.event_definition, stock.FiredByHand)]

    def _name(self, task: Any) -> Wait:
        return self.model.nodes[task.task_spec.name].id, items_of(task.data)

    def complete(self, wait: Wait, facts: Mapping[str, Any] | None = None) -> None:
        self.facts.update(facts or {})
        next(t for t in self._manual() if self._name(t) == wait).run()
        self._on()

    def fire(self, wait: Wait) -> None:
        task = next(t for t in self._waiting() if self._name(t) == wait)
        task.internal_data["event_fired"] = True
        task.task_spec._update(task)
        self._on()

    def open(self) -> list[Wait]:
        return sorted(self._name(t) for t in self._manual())

    def awaited(self) -> list[Wait]:
        return sorted(self._name(t) for t in self._waiting())

    def acting(self) -> list[Wait]:
        return []

    def ended(self) -> bool:
        return bool(self.workflow.is_completed())


def same(game: Game, other: Game | Ours | Stock) -> bool:
    """Whether a machine stands where the game stands."""
    return stands(game) == stands(other)


def stands(machine: Game | Ours | Stock) -> tuple[list[Wait], list[Wait], list[Wait], bool]:
    """What is open, what is awaited, which actions are waited for, and whether it has ended."""
    return machine.open(), machine.awaited(), machine.acting(), machine.ended()
