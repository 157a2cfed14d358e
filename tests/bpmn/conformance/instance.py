"""One instance of a case's process and what the tables beside it hold; the world it runs in is small and always the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.bpmn.model import Kind, Node, Trigger
from engine.bpmn.program import Program, compile_program
from engine.bpmn.running import Outcome, Run
from engine.bpmn.runtime import resting
from engine.calendars.books import SHIPPED, open_book
from engine.errors import StepFailed
from engine.worktime import WorkingTime
from tests.bpmn.conformance.case import Act, Case

NOW = datetime(2026, 6, 10, 1, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
WORKING = WorkingTime(1, lambda: open_book(SHIPPED.read_text("utf-8-sig"), 1), ZONE)
WRAP = "zz"
"""What the ids of wrapping elements begin with; they are no part of a trace."""
CONTAINERS = frozenset((Kind.SUBPROCESS, Kind.EVENT_SUBPROCESS, Kind.TRANSACTION, Kind.CALL))


@dataclass
class Library:
    """The processes a case calls, by key; their definition ids count from 100."""

    programs: dict[str, tuple[int, Program]] = field(default_factory=dict)

    def newest(self, key: str) -> tuple[int, Program]:
        return self.programs[key]

    def get(self, definition_id: int) -> Program:
        return next(program for number, program in self.programs.values() if number == definition_id)


def lookup(register: str, match: Mapping[str, Any], every: bool) -> list[dict[str, Any]]:
    """The register `codes` has a row for every code but "none"."""
    return [] if match.get("code") == "none" else [{"register": register, **match, "days": 3}]


def decide(definition: int | None, ref: str, data: Mapping[str, Any], functions: Mapping[str, Any]) -> Any:
    """Every decision gives its id and the fact `n` it saw."""
    return {"decided": ref, "saw": data.get("n")}


@dataclass
class Wait:
    """What stands open or waits: an open task, an action, a timer or a subscription."""

    node: str
    number: int
    index: int = 0
    occurrence: int = 0
    due: datetime | None = None
    name: str | None = None
    key: str | None = None
    trigger: str = ""
    items: tuple[Any, ...] = ()


class Instance:
    """One instance and what the tables beside it hold."""

    def __init__(self, case: Case, program: Program, library: Library, *, kept: bool) -> None:
        self.case, self.program, self.library, self.kept = case, program, library, kept
        self.now = NOW
        self.steps = 0
        self.facts: dict[str, Any] = dict(case.facts)
        self.state: str | None = None
        self.ended = False
        self.run: Run | None = None
        self.open: dict[int, Wait] = {}
        self.actions: dict[int, Wait] = {}
        self.timers: dict[tuple[int, int], Wait] = {}
        self.listening: dict[tuple[int, int], Wait] = {}

    def new_run(self) -> Run:
        """A step: by a worker that has read the diagram itself, every third time."""
        self.steps += 1
        if self.steps % 3 == 0:
            self.program = compile_program(self.program.model)
        return Run(
            self.program,
            self.facts,
            self.now,
            lookup,
            ZONE,
            programs=self.library,
            decide=decide,
            working=WORKING,
        )

    def act(self, act: Act) -> list[str]:
        """Do it; the words of the trace."""
        if act.verb == "fire":
            wait = next(w for w in self.timers.values() if w.node == act.name)
            assert wait.due is not None
            self.now = max(self.now, wait.due)
        try:
            if act.verb == "begin":
                run = self.run = self.new_run()
                run.begin(start=act.name or None, payload=dict(act.data) or None)
            else:
                run = self.run if self.kept and self.run is not None else self.new_run()
                if run is not self.run:
                    assert self.state is not None, "the instance has ended"
                    run.resume(self.state)
                run.now = self.now
                getattr(self, "_" + act.verb)(run, act)
            outcome = run.outcome()
            if self.kept:
                at_rest(run)
        except StepFailed as failed:
            return ["#" + bare(failed.params["node"])]
        self.take(outcome)
        return [*self.passed(outcome), *sorted(self.waits()), *(["."] if self.ended else [])]

    def _done(self, run: Run, act: Act) -> None:
        chosen = [w for w in self.open.values() if w.node == act.name and (act.item is None or act.item in w.items)]
        assert chosen, f"{act.name} {act.item or ''} is not open"
        del self.open[chosen[0].number]
        run.complete(chosen[0].number, answers=dict(act.data) or None)

    def _fails(self, run: Run, act: Act) -> None:
        wait = next(w for w in self.open.values() if w.node == act.name)
        assert act.code is not None
        run.fail(wait.number, act.code, dict(act.data) or None)

    def _fire(self, run: Run, act: Act) -> None:
        wait = next(w for w in self.timers.values() if w.node == act.name)
        assert run.fire(wait.number, wait.index, wait.occurrence), "it waits no more"

    def _hear(self, run: Run, act: Act) -> None:
        wait = next(
            w
            for w in self.listening.values()
            if w.trigger == "message" and w.name == act.name and (w.key or None) == act.code
        )
        assert run.deliver(wait.number, wait.index, dict(act.data)), "it listens no more"

    def _broadcast(self, run: Run, act: Act) -> None:
        waits = [w for w in self.listening.values() if w.trigger == "signal" and w.name == act.name]
        assert waits, "nobody listens"
        took = [run.deliver(wait.number, wait.index, dict(act.data)) for wait in waits]
        assert took[0], "nobody listens any more"

    def _acted(self, run: Run, act: Act) -> None:
        wait = next(w for w in self.actions.values() if w.node == act.name)
        del self.actions[wait.number]
        assert run.acted(wait.number, dict(act.data))

    def _acted_wrong(self, run: Run, act: Act) -> None:
        wait = next(w for w in self.actions.values() if w.node == act.name)
        assert act.code is not None
        del self.actions[wait.number]
        assert run.acted_wrong(wait.number, act.code, dict(act.data) or None)

    def take(self, outcome: Outcome) -> None:
        """Bring the tables up to date, as the store does."""
        for number in outcome.cancelled:
            self.open.pop(number, None)
        for number in outcome.actions_gone:
            self.actions.pop(number, None)
        for gone in outcome.gone:
            self.timers.pop((gone.id, gone.index), None)
            self.listening.pop((gone.id, gone.index), None)
        for opened in outcome.opened:
            belongs = self.program if opened.definition is None else self.library.get(opened.definition)
            assert opened.node.id in belongs.model.nodes, f"{opened.node.id} is said to be of another process"
            self.open[opened.id] = Wait(opened.node.id, opened.id, items=(opened.item, *opened.variables.values()))
        for action in outcome.actions:
            if action.waits:
                self.actions[action.id] = Wait(action.node.id, action.id)
        for t in outcome.timers:
            self.timers[t.id, t.index] = Wait(t.node.id, t.id, t.index, t.occurrence, t.due)
        for heard in outcome.listening:
            self.listening[heard.id, heard.index] = Wait(
                heard.node.id, heard.id, heard.index, name=heard.name, key=heard.key, trigger=str(heard.trigger)
            )
        self.facts = outcome.facts if self.kept else json.loads(json.dumps(outcome.facts))
        self.state, self.ended = outcome.state, outcome.ended
        self.seen = outcome
        left = [*self.open.values(), *self.actions.values(), *self.timers.values(), *self.listening.values()]
        assert not (self.ended and left), f"it ended, and something still waits: {left}"

    def passed(self, outcome: Outcome) -> list[str]:
        names = [bare(name) for name in outcome.path]
        words = [name for name in names if not name.startswith(WRAP) and not self._is_container(name)]
        return words + [f"{sent.node.id}^{sent.name}" for sent in outcome.sent]

    def _is_container(self, name: str) -> bool:
        models = [self.program.model, *(program.model for _, program in self.library.programs.values())]
        found = next((m.nodes[name] for m in models if name in m.nodes), None)
        return found is not None and (found.kind in CONTAINERS or _only_a_mark(found))

    def waits(self) -> Iterator[str]:
        yield from (f"{w.node}?" for w in self.open.values() if not w.node.startswith(WRAP))
        yield from (f"{w.node}!" for w in self.actions.values())
        yield from (f"{w.node}@" for w in self.timers.values())
        yield from (f"{w.node}~" for w in self.listening.values())

    def fact(self, name: str) -> Any:
        return self.facts.get(name)

    def sees(self, node: str) -> list[dict[str, Any]]:
        """What each open task of a node sees."""
        run = self.run if self.kept and self.run is not None else self.new_run()
        if run is not self.run:
            assert self.state is not None
            run.resume(self.state)
        return [dict(run.data(w.number)) for w in self.open.values() if w.node == node]

    def dues(self, node: str) -> list[timedelta]:
        return [w.due - self.now for w in self.timers.values() if w.node == node and w.due is not None]


def _only_a_mark(node: Node) -> bool:
    """A boundary event that ties a handler to its activity: nothing ever passes it."""
    return node.kind is Kind.BOUNDARY and node.has(Trigger.COMPENSATION)


def at_rest(run: Run) -> None:
    """A run that is kept for the next act: it stands as if it had been read back, with the same tokens in the same objects."""
    run.path = []
    run._sent, run._actions = [], []
    run._open = resting.opened(run.workflow)
    run._before = resting.waits(run.workflow)
    run._acting = resting.acting(run.workflow)
    run._acted = set()
    run._steps = 0


def bare(name: str) -> str:
    """The node of a path entry: calls around it are told by the case."""
    return name.rpartition("/")[2]
