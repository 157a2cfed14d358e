"""Run one instance from wait state to wait state, in memory: no database, no clock, no person.

A `Program` is a definition version ready to run, made once and shared. A `Run` is one step of one instance: load (or begin), do
one thing (complete a user task, fire a timer, deliver a message, cancel), and tell as an `Outcome` what changed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from engine.bpmn import state
from engine.bpmn.model import Kind, Node, Trigger
from engine.bpmn.outcome import Gone, Listening, Opened, Outcome, Sent, TimerSet, Triggered
from engine.bpmn.runtime import data, held, postponing, resting, retiming, worktime
from engine.bpmn.runtime.goingback import GoingBack
from engine.bpmn.runtime.live import COMPLETED, Running, Token
from engine.bpmn.runtime.moving import STEP_BUDGET
from engine.bpmn.runtime.nested import begin_scope
from engine.bpmn.runtime.repetition import item_of
from engine.bpmn.runtime.retiming import Moved
from engine.bpmn.runtime.seeing import Decide, Lookup, Programs
from engine.bpmn.runtime.tasks import ACTING
from engine.bpmn.settings import Action

for _name in ("spiff", "spiff.task", "spiff.workflow", "spiff.data"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # logging every change of state costs more than the step

__all__ = [
    "STEP_BUDGET",
    "Decide",
    "Gone",
    "Listening",
    "Lookup",
    "Opened",
    "Outcome",
    "Programs",
    "Run",
    "Sent",
    "TimerSet",
    "Triggered",
]


class Run(GoingBack):
    """One step of one instance, from `begin` or `resume` to `outcome`."""

    def _prepare(self) -> None:
        super()._prepare()
        self._before: dict[resting.Key, Trigger] = {}
        self._open: dict[int, Token] = {}
        self._acting: set[int] = set()
        self._acted: set[int] = set()
        self._returned: set[int] = set()
        self.was_inside: int | None = None  # the token of the activity whose scope the task lay in that was completed
        self.lapse: dict[str, Any] | None = None  # what the timer that fired in this step may tell
        self._done: set[int] = set()  # completed in this step, though their tokens may wait for signers

    # ------------------------------------------------------------ the one thing a step does

    def begin(self, start: str | None = None, payload: Mapping[str, Any] | None = None, *, index: int = 0) -> None:
        """Start a new instance and run to its first wait states. `start`: the node that starts it, when it is not the none start
        event; `payload`: what the `index`-th event of that node brought. KeyError when that node cannot start it."""
        self.workflow = Running(self.program, self)
        if start is None or start == self.program.model.start:
            self._guarded(None, lambda: begin_scope(self.workflow))
        else:
            self._begin_at(start, payload, index)
        self.workflow.touched.append(self.workflow)
        self._advance()

    def resume(self, text: str) -> None:
        """Put a stored instance back."""
        self.workflow = state.load(text, self.program, self)
        self._open = resting.opened(self.workflow)
        self._before = resting.waits(self.workflow)
        self._acting = resting.acting(self.workflow)

    def complete(self, task_id: int, performers: Iterable[int] = (), answers: Mapping[str, Any] | None = None) -> None:
        """Complete an open user task with its answers and run on. `performers`: who did it, and whom they stood in for. KeyError when
        it is not open."""
        token = self._open[task_id]
        around = token.workflow.host
        self.was_inside = around.id if around is not None else None
        self._done.add(task_id)
        self._remember(token, performers)
        if answers:
            self.write(token, answers)
        self._guarded(token, token.complete)
        self._advance()

    def fail(
        self, task_id: int, code: str, payload: Mapping[str, Any] | None = None, performers: Iterable[int] = ()
    ) -> None:
        """An open task ends with a BPMN error. KeyError when it is not open, StepFailed when nothing catches that error."""
        token = self._open[task_id]
        self._remember(token, performers)
        self._guarded(token, lambda: self.error(token, code, dict(payload or {})))
        self._advance()

    def fire(self, task_id: int, index: int = 0, occurrence: int = 0) -> bool:
        """Fire a waiting timer and run on. False when it no longer waits: the job came too late, which is no error."""
        key = (task_id, index, occurrence)
        token = self.workflow.find(task_id) if key in self._before else None
        if token is None:
            return False
        self.lapse = self._guarded(token, lambda: self.lapsed(token, index))
        return self._came(key, self.lapse)

    def not_before(self, task_id: int, index: int = 0, occurrence: int = 0) -> datetime | None:
        """When a waiting timer in working time is due: the calendar may have moved it. None for any other."""
        token = self.workflow.find(task_id) if (task_id, index, occurrence) in self._before else None
        found = worktime.counted(token, index) if token is not None else None
        return found.due if found is not None else None

    def retime(self) -> list[Moved]:
        """Count every waiting timer in working time anew by the calendars of this step; answers all of them, moved or not."""
        return retiming.retime(self)

    def deliver(self, task_id: int, index: int, payload: Mapping[str, Any] | None = None) -> bool:
        """Bring a message or signal to a waiting token and run on. False when it waits no more."""
        return self._came((task_id, index, 0), dict(payload or {}))

    def acted(self, task_id: int, result: Mapping[str, Any] | None = None) -> bool:
        """The action of a waiting service task is done; run on. False when the task is gone."""
        token = self._acting_token(task_id)
        if token is None:
            return False
        action: Action | None = token.task_spec.node.settings.action
        expression = action.result if action is not None else None
        if expression is not None:
            self._guarded(token, lambda: self.write_context(token, expression, {"result": dict(result or {})}))
        self._guarded(token, token.complete)
        self._advance()
        return True

    def acted_wrong(self, task_id: int, code: str, payload: Mapping[str, Any] | None = None) -> bool:
        """The action of a waiting service task gave a BPMN error; run on. False when the task is gone."""
        token = self._acting_token(task_id)
        if token is None:
            return False
        self._guarded(token, lambda: self.error(token, code, dict(payload or {})))
        self._advance()
        return True

    def set_fact(self, name: str, value: Any) -> None:
        """A fact becomes this, from outside; what waits for a condition is asked again."""
        self.facts[name] = value
        self._dirty = True
        self._advance()

    def postpone(self, length: timedelta) -> dict[tuple[int, int], datetime | None]:
        """It stood still for so long: move on the timers that count from when they began; answers them, by token and index. One in
        working time with when it is due, any other is due so much later."""
        return postponing.postpone(self, length)

    def cancel(self) -> None:
        """Cancel everything that is open; the instance ends without an end event."""
        self.workflow.clear()

    def _came(self, key: tuple[int, int, int], payload: dict[str, Any] | None) -> bool:
        if key not in self._before:
            return False
        token = self.workflow.find(key[0])
        if token is None:
            return False
        self._guarded(token, lambda: token.task_spec.came(token, key[1], payload))
        self._advance()
        return True

    def _acting_token(self, task_id: int) -> Token | None:
        if task_id not in self._acting:
            return None
        self._acted.add(task_id)
        token = self.workflow.find(task_id)
        if token is not None:
            token.internal_data.pop(ACTING, None)
        return token

    # ------------------------------------------------------------ what it tells

    def barred(self, task_id: int, starter: int | None = None) -> frozenset[int]:
        """Who may not complete an open task, because they did one that a four-eyes rule keeps apart from it, or from the call it lies
        in. `starter` is who started the instance: a rule may name the start event. KeyError when it is not open."""
        found: set[int] = set()
        token = self._open.get(task_id) or self.workflow.find(task_id)
        if token is None:
            raise KeyError(task_id)
        for scope, node in _standing(token):
            for other in scope.program.apart.get(node.id, ()):
                found.update(self.workflow.performers.get(scope.prefix + other, ()))
                if starter is not None and scope.program.model.nodes[other].kind is Kind.START:
                    found.add(starter)
        return frozenset(found)

    def remember(self, task_id: int, performers: Iterable[int]) -> None:
        """These took part in an open task: they count as having done it, where a four-eyes rule asks. KeyError when it is not open."""
        self._remember(self._open[task_id], performers)

    def _remember(self, token: Token, performers: Iterable[int]) -> None:
        """Keep who did a task, where a four-eyes rule asks for it."""
        for scope, node in _standing(token):
            if node.id in scope.program.apart:
                who = self.workflow.performers.setdefault(scope.prefix + node.id, [])
                who += [each for each in performers if each not in who]

    def data(self, task_id: int) -> dict[str, Any]:
        """What an open task sees: facts, and before them the variables around it."""
        return dict(self.view(self._open[task_id]))

    def opening(self, task_id: int) -> Opened:
        """An open task as it would be told if it opened now. KeyError when it is not open."""
        return self._told(self._open[task_id])

    def outcome(self) -> Outcome:
        """What changed since `begin` or `resume`."""
        ended = not self.workflow.unfinished()
        result = Outcome(None, self.facts, path=self.path, ended=ended, end_node=self.end_node)
        result.sent, result.actions, result.climbed = self._sent, self._actions, self._climbed
        opened, waits, acting = (
            resting.opened(self.workflow),
            resting.waits(self.workflow),
            resting.acting(self.workflow),
        )
        if not ended:
            resting.check_alive(self.workflow, anything=bool(opened or waits or acting))
        for id_, token in opened.items():
            if id_ not in self._open:
                result.opened.append(self._told(token))
        result.cancelled = [
            id_
            for id_, token in self._open.items()
            if id_ not in opened
            and id_ not in self._done
            and (token._state > COMPLETED or held.is_held(token) or id_ in self._returned)
        ]
        result.returned = self._returned.intersection(result.cancelled)
        for key in waits:
            if key not in self._before:
                armed = self._armed[key]
                (result.timers if isinstance(armed, TimerSet) else result.listening).append(armed)  # type: ignore[arg-type]
        result.gone = [Gone(*key, trigger) for key, trigger in self._before.items() if key not in waits]
        result.actions_gone = sorted(self._acting - acting - self._acted)
        result.actions = [a for a in self._actions if not a.waits or a.id in acting]
        if not ended:
            result.state = state.dump(self.workflow)
        return result

    def _told(self, token: Token) -> Opened:
        variables = data.variables(token)
        return Opened(
            token.id,
            token.task_spec.node,
            {**self.facts, **variables} if variables else self.facts,
            item_of(token),
            variables,
            token.workflow.definition,
            token.internal_data.get(held.WHO),
            token.internal_data.get(held.ROLE),
        )


def _standing(token: Token) -> Iterator[tuple[Any, Node]]:
    """A token's node and the calls around it, each with the scope it stands in."""
    scope: Any = token.workflow
    yield scope, token.task_spec.node
    while scope.host is not None:
        host = scope.host
        scope = host.workflow
        if host.task_spec.node.call is not None:
            yield scope, host.task_spec.node
