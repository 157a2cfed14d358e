"""Run one instance from wait state to wait state, in memory: no database, no clock, no person.

A `Program` is a definition version ready to run, made once and shared. A `Run` is one step of one instance: load (or begin), do
one thing (complete a user task, fire a timer, cancel), and tell as an `Outcome` what changed. Facts are read by conditions and
written by script and rule tasks; SpiffWorkflow's task data holds only the item of a multi-instance."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask

from engine import feel
from engine.bpmn import state
from engine.bpmn.limits import MAX_TIMER_SECONDS, MIN_TIMER_SECONDS
from engine.bpmn.model import Kind, Node, Timer, TimerKind, Value
from engine.bpmn.program import Program, WaitingTimer
from engine.bpmn.specs import SomeJoin
from engine.bpmn.state import COMPLETED, READY, STARTED, WAITING, Running, Token
from engine.errors import StepFailed

for _name in ("spiff", "spiff.task", "spiff.workflow", "spiff.data"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # logging every change of state costs more than the step

STEP_BUDGET = 10_000
"""Engine tasks one step may run before it is called a runaway (lint refuses such loops; this is the second lock)."""

Lookup = Callable[[str, Mapping[str, Any]], dict[str, Any] | None]


@dataclass(slots=True)
class Opened:
    """A user task that became open. `scope` is what its expressions see: the facts and, in a multi-instance, the item."""

    id: int
    node: Node
    scope: dict[str, Any]
    item: Any


@dataclass(slots=True)
class TimerSet:
    """A timer that began to wait. `due` is aware."""

    id: int
    node: Node
    due: datetime


@dataclass(slots=True)
class Triggered:
    """A named server action that a service task asked for; run as a job after the commit."""

    id: int
    node: Node
    name: str
    parameters: dict[str, Any]


@dataclass(slots=True)
class Outcome:
    """What one step changed."""

    state: str | None
    facts: dict[str, Any]
    opened: list[Opened] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    timers: list[TimerSet] = field(default_factory=list)
    timers_gone: list[tuple[int, str]] = field(default_factory=list)
    actions: list[Triggered] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    ended: bool = False
    end_node: str | None = None


# ---------------------------------------------------------------- one step


class _Feel(BasePythonScriptEngineEnvironment):
    """Every expression SpiffWorkflow asks for is FEEL over the facts; Python is never run."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run

    def evaluate(self, expression: str, context: Any, external_context: Any = None) -> Any:
        return self.run.evaluate(expression, context)

    def execute(self, script: str, context: Any, external_context: Any = None) -> bool:
        raise PermissionError("scripts are not run by the library")

    def call_service(self, context: Any, **kwargs: Any) -> Any:
        raise PermissionError("services are not run by the library")


class _Engine(PythonScriptEngine):
    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        return self.environment.evaluate(expression, task.data)


class Run:
    """One step of one instance, from `begin` or `resume` to `outcome`."""

    def __init__(
        self, program: Program, facts: Mapping[str, Any], now: datetime, lookup: Lookup, zone: ZoneInfo
    ) -> None:
        self.program = program
        self.facts = dict(facts)
        self.now = now
        self.lookup = lookup
        self.zone = zone
        self.path: list[str] = []
        self.actions: list[Triggered] = []
        self.end_node: str | None = None
        self._steps = 0
        self._engine = _Engine(environment=_Feel(self))
        self._open: dict[int, Token] = {}
        self._timers: dict[int, Token] = {}
        self.workflow: Running

    def begin(self) -> None:
        """Start a new instance and run to its first wait states."""
        self.workflow = Running(self.program.spec, self.program.subs, self._engine)
        self.workflow.facts = self.facts
        self.workflow.plant()
        self._advance()

    def resume(self, text: str) -> None:
        """Put a stored instance back."""
        self.workflow = state.load(text, self.program.spec, self.program.subs, self._engine)
        self.workflow.facts = self.facts
        self._open, self._timers = self._waits()

    def complete(self, task_id: int, performer: int | None = None) -> None:
        """Complete an open user task and run on. KeyError when it is not open."""
        task = self._open[task_id]
        node = self._node(task)
        if node is None:
            raise KeyError(task_id)
        if performer is not None and node.id in self.program.four_eyed:
            who = self.workflow.performers.setdefault(node.id, [])
            if performer not in who:
                who.append(performer)
        self.path.append(node.id)
        self._guarded(task, task.run)
        self._advance()

    def fire(self, task_id: int) -> bool:
        """Fire a waiting timer and run on. False when it no longer waits: the job came too late, which is no error."""
        task = self._timers.get(task_id)
        if task is None:
            return False
        task.internal_data["event_fired"] = True
        self._guarded(task, lambda: task.task_spec._update(task))
        self._advance()
        return True

    def cancel(self) -> None:
        """Cancel everything that is open; the instance ends without an end event."""
        self.workflow.cancel()

    def performers(self, node: str) -> list[int]:
        """Who completed this node (kept only for nodes that a four-eyes rule names)."""
        return self.workflow.performers.get(node, [])

    def outcome(self) -> Outcome:
        """What changed since `begin` or `resume`; prunes and dumps the state."""
        opened, timers = self._waits()
        ended = not self.workflow.unfinished()
        if not (ended or opened or timers):
            raise StepFailed(node=self._stuck_at(), why="it waits for tokens that can no longer come")
        result = Outcome(
            state=None, facts=self.facts, path=self.path, actions=self.actions, ended=ended, end_node=self.end_node
        )
        for task_id, task in opened.items():
            if task_id not in self._open:
                node = self._node(task)
                if node is None:
                    continue
                item_name = node.multi_instance.item if node.multi_instance else None
                item = task.data.get(item_name) if item_name else None
                result.opened.append(Opened(task_id, node, {**self.facts, **task.data}, item))
        done = {t for t in self._open if t not in opened}
        result.cancelled = [t for t in done if self._open[t]._state != COMPLETED]
        for task_id, task in timers.items():
            if task_id not in self._timers:
                node = self._node(task)
                if node is not None:
                    result.timers.append(TimerSet(task_id, node, self._due(node, task)))
        result.timers_gone = [(t, self._timers[t].task_spec.name) for t in self._timers if t not in timers]
        if not ended:
            state.prune(self.workflow)
            result.state = state.dump(self.workflow)
        return result

    def evaluate(self, expression: str, extra: Mapping[str, Any] | None = None) -> Any:
        """A FEEL expression over the facts (and a multi-instance's item)."""
        scope = {**self.facts, **extra} if extra else self.facts
        return feel.compile(expression).evaluate(scope, now=self.now, zone=self.zone)

    def value(self, value: Value | None, scope: Mapping[str, Any]) -> Any:
        """A literal, or what its expression gives."""
        if value is None:
            return None
        if not value.is_feel:
            return value.text
        return feel.compile(value.text).evaluate(scope, now=self.now, zone=self.zone)

    # ------------------------------------------------------------ inside

    def _advance(self) -> None:
        """Run engine tasks until every token waits for a person or the clock."""
        moved = True
        while moved:
            moved = False
            for level in list(self.workflow.levels()):
                moved = self._advance_level(level) or moved
            moved = moved or self._joined()

    def _advance_level(self, level: Any) -> bool:
        ran = False
        while True:
            ready = [t for t in level.tasks.values() if t._state == READY and not t.task_spec.manual]
            if not ready:
                break
            for task in ready:
                if task._state == READY and task.id in level.tasks:
                    self._work(task)
                    ran = True
        if level is not self.workflow:
            parent = self.workflow.find(level.parent_task_id)
            if parent is not None and parent._state < COMPLETED:
                parent.task_spec._update(parent)
        return ran

    def _joined(self) -> bool:
        """When nothing else moves: does an inclusive join wait for nobody any more?"""
        for level in self.workflow.levels():
            for task in [t for t in level.tasks.values() if t._state == WAITING and isinstance(t.task_spec, SomeJoin)]:
                task.task_spec._update(task)
                if task._state == READY:
                    return True
        return False

    def _work(self, task: Token) -> None:
        self._steps += 1
        node = self._node(task)
        if self._steps > STEP_BUDGET:
            raise StepFailed(
                node=node.id if node else task.task_spec.name,
                why=f"more than {STEP_BUDGET} steps without anyone to wait for",
            )
        if node is not None and not isinstance(task.task_spec, MultiInstanceTask):
            self.path.append(node.id)
            if node.kind in (Kind.END, Kind.TERMINATE) and node.parent is None:
                self.end_node = node.id
        if node is not None:
            self._perform(task, node)
        self._guarded(task, task.run)

    def _perform(self, task: Token, node: Node) -> None:
        """What a script, rule or service task does."""
        if node.kind is Kind.SCRIPT and node.script:
            written = self._context(task, node.script)
            if written is None:
                raise StepFailed(node=node.id, why="the script gives no context")
            self.facts.update(written)
        elif node.settings.lookup is not None:
            rule = node.settings.lookup
            match = self._context(task, rule.match)
            # outside every guard: that the database does not answer is no fault of the process
            row = self.lookup(rule.register, match) if match is not None else None
            if row is None and rule.required:
                raise StepFailed(node=node.id, why=f"register {rule.register} has no row for {match}")
            self.facts[rule.into] = row
        elif node.settings.action is not None:
            action = node.settings.action
            scope = {**self.facts, **task.data}
            given = self._guarded(
                task, lambda: {k: feel.to_json(self.value(v, scope)) for k, v in action.parameters.items()}
            )
            self.actions.append(Triggered(task.id, node, action.name, given))

    def _context(self, task: Token, expression: str) -> dict[str, Any] | None:
        """What an expression that should give a context gives, as plain JSON values; none if it gives something else."""

        def evaluated() -> dict[str, Any] | None:
            found = self.evaluate(expression, task.data)
            return {k: feel.to_json(v) for k, v in found.items()} if isinstance(found, dict) else None

        context: dict[str, Any] | None = self._guarded(task, evaluated)
        return context

    def _guarded(self, task: Token, act: Callable[[], Any]) -> Any:
        """Errors inside the library and in expressions become one error that names the node."""
        try:
            return act()
        except StepFailed:
            raise
        except Exception as error:
            node = self._node(task)
            raise StepFailed(node=node.id if node else task.task_spec.name, why=str(error)) from error

    def _stuck_at(self) -> str:
        nodes = [self._node(t) for t in self.workflow.everything() if t._state in (WAITING, STARTED)]
        return next((n.id for n in nodes if n is not None), self.program.model.id)

    def _node(self, task: Token) -> Node | None:
        return self.program.model.node_of(task.task_spec.name)

    def _waits(self) -> tuple[dict[int, Token], dict[int, Token]]:
        """Open user tasks and waiting timers."""
        opened: dict[int, Token] = {}
        timers: dict[int, Token] = {}
        for level in self.workflow.levels():
            for task in level.tasks.values():
                if task._state == READY and task.task_spec.manual:
                    opened[task.id] = task
                elif (
                    task._state == WAITING
                    and isinstance(task.task_spec, CatchingEvent)
                    and isinstance(task.task_spec.event_definition, WaitingTimer)
                ):
                    timers[task.id] = task
        return opened, timers

    def _due(self, node: Node, task: Token) -> datetime:
        timer = node.timer
        if timer is None:
            raise StepFailed(node=node.id, why="it has no timer")
        due = due_of(timer, self.value(timer.value, {**self.facts, **task.data}), self.now, self.zone)
        if due is None:
            raise StepFailed(node=node.id, why="its timer gives no time")
        _check_limits(node, due, self.now)
        return due


def due_of(timer: Timer, value: Any, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When a timer that starts `now` fires: `value` is ISO 8601 text or what FEEL gave; naive times mean `zone`."""
    if isinstance(value, str):
        function = "duration" if timer.kind is TimerKind.DURATION else "date and time"
        value = feel.compile(f"{function}(text)").evaluate({"text": value}, now=now, zone=zone)
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=zone)
    if isinstance(value, timedelta):
        return now + value
    if value is None:
        return None
    added = feel.compile("start + length").evaluate({"start": now, "length": value}, now=now, zone=zone)
    return added if isinstance(added, datetime) else None


def _check_limits(node: Node, due: datetime, now: datetime) -> None:
    """What lint cannot know of an expression: a timer lies within the same limits as a literal one. A date that has passed fires at
    once."""
    ahead = (due - now).total_seconds()
    duration = node.timer is not None and node.timer.kind is TimerKind.DURATION
    if ahead > MAX_TIMER_SECONDS or (duration and ahead < MIN_TIMER_SECONDS):
        raise StepFailed(
            node=node.id, why=f"its timer gives {due.isoformat()}: not between one minute and ten years ahead"
        )
