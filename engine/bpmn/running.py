"""Run one instance from wait state to wait state, in memory: no database, no clock, no person.

A `Program` is a definition version ready to run, made once and shared. A `Run` is one step of one instance: load (or begin), do
one thing (complete a user task, fire a timer, deliver a message, cancel), and tell as an `Outcome` what changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

from engine import feel
from engine.bpmn import state
from engine.bpmn.model import Action, Event, Kind, Node, Trigger, Value
from engine.bpmn.outcome import Gone, Listening, Opened, Outcome, Sent, TimerSet, Triggered
from engine.bpmn.program import Program
from engine.bpmn.runtime import data
from engine.bpmn.runtime.activity import GATHERED, Activity
from engine.bpmn.runtime.element import Element
from engine.bpmn.runtime.events import Start, wait_for_rest
from engine.bpmn.runtime.gateways import Join
from engine.bpmn.runtime.live import READY, STARTED, WAITING, Running, Scope, Token
from engine.bpmn.runtime.nested import EventSubProcess, begin_scope, listen
from engine.bpmn.runtime.repetition import item_of, whole
from engine.bpmn.runtime.tasks import ACTING
from engine.bpmn.runtime.timers import check_limits, due_of, next_of
from engine.bpmn.runtime.waiting import NAMES, OUTSIDE, ROUNDS, WAS, Catching, best, retire
from engine.errors import StepFailed

for _name in ("spiff", "spiff.task", "spiff.workflow", "spiff.data"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # logging every change of state costs more than the step

STEP_BUDGET = 10_000
"""Tokens that may run in one step before it is called a runaway (lint refuses such loops; this is the second lock)."""

Lookup = Callable[[str, Mapping[str, Any]], dict[str, Any] | None]
Decide = Callable[[int | None, str, Mapping[str, Any]], Any]


class Programs(Protocol):
    """Where called processes come from."""

    def newest(self, key: str) -> tuple[int, Program]:
        """The id and program of the newest version of a process."""

    def get(self, definition_id: int) -> Program:
        """The program of a version."""


class Run:
    """One step of one instance, from `begin` or `resume` to `outcome`. `definition` is the id of the instance's own definition."""

    MAX_CALLS: ClassVar[int] = 30

    def __init__(
        self,
        program: Program,
        facts: Mapping[str, Any],
        now: datetime,
        lookup: Lookup,
        zone: ZoneInfo,
        *,
        programs: Programs | None = None,
        decide: Decide | None = None,
        definition: int | None = None,
    ) -> None:
        self.program = program
        self.facts = dict(facts)
        self.now = now
        self.lookup = lookup
        self.zone = zone
        self.programs = programs
        self.decide = decide
        self.definition = definition
        self.path: list[str] = []
        self.end_node: str | None = None
        self.workflow: Running
        self._sent: list[Sent] = []
        self._actions: list[Triggered] = []
        self._armed: dict[tuple[int, int, int], TimerSet | Listening] = {}
        self._before: dict[tuple[int, int, int], Trigger] = {}
        self._open: dict[int, Token] = {}
        self._acting: set[int] = set()
        self._acted: set[int] = set()
        self._dirty = False
        self._steps = 0

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
        self._open = self._opened()
        self._before = self._waits()
        self._acting = self._acts()

    def complete(self, task_id: int, performer: int | None = None, answers: Mapping[str, Any] | None = None) -> None:
        """Complete an open user task with its answers and run on. KeyError when it is not open."""
        token = self._open[task_id]
        node: Node = token.task_spec.node
        if performer is not None and node.id in token.workflow.program.four_eyed:
            who = self.workflow.performers.setdefault(token.workflow.prefix + node.id, [])
            if performer not in who:
                who.append(performer)
        if answers:
            self.write(token, answers)
        self._guarded(token, token.complete)
        self._advance()

    def fail(self, task_id: int, code: str, payload: Mapping[str, Any] | None = None) -> None:
        """An open task ends with a BPMN error. KeyError when it is not open, StepFailed when nothing catches that error."""
        token = self._open[task_id]
        self._guarded(token, lambda: self.error(token, code, dict(payload or {})))
        self._advance()

    def fire(self, task_id: int, index: int = 0, occurrence: int = 0) -> bool:
        """Fire a waiting timer and run on. False when it no longer waits: the job came too late, which is no error."""
        return self._came((task_id, index, occurrence), None)

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

    def cancel(self) -> None:
        """Cancel everything that is open; the instance ends without an end event."""
        self.workflow.clear()

    # ------------------------------------------------------------ what it tells

    def performers(self, node: str) -> list[int]:
        """Who completed this node (kept only for nodes that a four-eyes rule names)."""
        return self.workflow.performers.get(node, [])

    def who(self, task_id: int) -> dict[str, list[int]]:
        """Who completed the nodes that a four-eyes rule names, by their ids in the process that this task belongs to."""
        prefix = self._open[task_id].workflow.prefix
        known = self.workflow.performers.items()
        return {key.removeprefix(prefix): persons for key, persons in known if key.startswith(prefix)}

    def data(self, task_id: int) -> dict[str, Any]:
        """What an open task sees: facts, and before them the variables around it."""
        return dict(self.view(self._open[task_id]))

    def outcome(self) -> Outcome:
        """What changed since `begin` or `resume`."""
        ended = not self.workflow.unfinished()
        result = Outcome(None, self.facts, path=self.path, ended=ended, end_node=self.end_node)
        result.sent, result.actions = self._sent, self._actions
        opened, waits, acting = self._opened(), self._waits(), self._acts()
        if not ended:
            self._check_alive(opened, waits, acting)
        for id_, token in opened.items():
            if id_ not in self._open:
                result.opened.append(self._told(token))
        result.cancelled = [
            id_ for id_, token in self._open.items() if id_ not in opened and token._state > state.COMPLETED
        ]
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
        )

    # ------------------------------------------------------------ for the elements: data

    def evaluate(self, expression: str, extra: Mapping[str, Any] | None = None) -> Any:
        """A FEEL expression over the facts."""
        scope = {**self.facts, **extra} if extra else self.facts
        return feel.compile(expression).evaluate(scope, now=self.now, zone=self.zone)

    def view(self, token: Token) -> dict[str, Any]:
        """Everything a token sees."""
        return data.view(token, self.facts)

    def seen(self, token: Token, expression: str, extra: Mapping[str, Any] | None = None) -> Any:
        """A FEEL expression over what a token sees."""
        scope = self.view(token)
        if extra:
            scope = {**scope, **extra}
        return feel.compile(expression).evaluate(scope, now=self.now, zone=self.zone)

    def plain(self, token: Token, expression: str) -> Any:
        """The same, as a plain JSON value."""
        return feel.to_json(self.seen(token, expression))

    def holds(self, token: Token, condition: str, extra: Mapping[str, Any] | None = None) -> bool:
        """Whether a condition is true; null and everything else is not."""
        return self.seen(token, condition, extra) is True

    def context(self, token: Token, expression: str, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A FEEL context as plain JSON values. StepFailed when the expression gives something else."""
        found = self.seen(token, expression, extra)
        if not isinstance(found, dict):
            raise StepFailed(node=token.task_spec.node.id, why=f"{expression[:60]} gives no context")
        return {key: feel.to_json(value) for key, value in found.items()}

    def value(self, value: Value | None, scope: Mapping[str, Any]) -> Any:
        """A literal, or what its expression gives."""
        if value is None:
            return None
        if not value.is_feel:
            return value.text
        return feel.compile(value.text).evaluate(scope, now=self.now, zone=self.zone)

    def write(self, token: Token, values: Mapping[str, Any]) -> None:
        """Write values where their names are known."""
        data.write(token, self.facts, values)
        self._dirty = True

    def write_context(self, token: Token, expression: str, extra: Mapping[str, Any] | None = None) -> None:
        """Write the entries of a FEEL context."""
        self.write(token, self.context(token, expression, extra))

    # ------------------------------------------------------------ for the elements: work and events

    def passed(self, token: Token, node: Node) -> None:
        """A node was left."""
        scope = token.workflow
        self.path.append(scope.prefix + node.id)
        if node.kind is Kind.END and scope is self.workflow:
            self.end_node = node.id

    def perform(self, token: Token, node: Node) -> None:
        """What a script or business rule task does."""
        rule, decision = node.settings.lookup, node.settings.decision
        if node.kind is Kind.SCRIPT and node.script:
            self.write_context(token, node.script)
        elif rule is not None:
            match = self.context(token, rule.match)
            row = self.lookup(rule.register, match)
            if row is None and rule.required:
                raise StepFailed(node=node.id, why=f"register {rule.register} has no row for {match}")
            self.write(token, {rule.into: row})
        elif decision is not None:
            if self.decide is None:
                raise StepFailed(node=node.id, why=f"there is no decision {decision.ref}")
            found = self.decide(token.workflow.definition, decision.ref, self.view(token))
            if decision.into is not None:
                self.write(token, {decision.into: found})
            elif isinstance(found, dict):
                self.write(token, found)
            else:
                raise StepFailed(
                    node=node.id, why=f"decision {decision.ref} gives no context, and no fact to write is named"
                )

    def act(self, token: Token, action: Action) -> None:
        """Ask for a server action."""
        scope = self.view(token)
        given = {key: feel.to_json(self.value(value, scope)) for key, value in action.parameters.items()}
        self._actions.append(Triggered(token.id, token.task_spec.node, action.name, given, action.waits))

    def arm(self, token: Token, index: int, event: Event) -> None:
        """A token begins to wait for an event."""
        node: Node = self._event_node(token)
        key = (token.id, index, 0)
        if event.trigger is Trigger.TIMER:
            due = self._due(token, event, node)
            if event.timer is not None and event.timer.kind.value == "cycle" and token.task_spec.repeats:
                token.internal_data.setdefault(ROUNDS, {})[str(index)] = [0, due.isoformat()]
            self._armed[key] = TimerSet(token.id, index, 0, node, due)
        elif event.trigger in (Trigger.MESSAGE, Trigger.SIGNAL):
            name = self._name(token, event)
            if event.name is not None and event.name.is_feel:
                token.internal_data.setdefault(NAMES, {})[str(index)] = name
            self._armed[key] = Listening(token.id, index, node, event.trigger, name, self._key(token, event))
        elif event.trigger is Trigger.CONDITIONAL:
            self._dirty = True

    def again(self, token: Token, index: int) -> None:
        """What does not interrupt has fired: it waits for the next time, or for this event no more."""
        event: Event = token.task_spec.events[index]
        if event.trigger is not Trigger.TIMER:
            return
        rounds = token.internal_data.get(ROUNDS, {}).get(str(index))
        if rounds is None or event.timer is None:
            retire(token, index)
            return
        value = self.value(event.timer.value, self.view(token))
        following = next_of(value, datetime.fromisoformat(rounds[1]), rounds[0] + 1, self.now, self.zone)
        if following is None:
            retire(token, index)
            return
        count, due = following
        token.internal_data[ROUNDS][str(index)] = [count, due.isoformat()]
        self._armed[token.id, index, count] = TimerSet(token.id, index, count, self._event_node(token), due)

    def send(self, token: Token, event: Event, number: int) -> None:
        """Throw a message or a signal. A signal reaches who waits for it in this instance at once."""
        name, payload = self._name(token, event), self.payload(token, event)
        key = self._key(token, event) if event.trigger is Trigger.MESSAGE else None
        self._sent.append(Sent(token.id, number, token.task_spec.node, event.trigger, name, key, payload))
        if event.trigger is Trigger.SIGNAL:
            self._broadcast(name, payload)

    def payload(self, token: Token, event: Event) -> dict[str, Any]:
        """What is sent with an event."""
        return self.context(token, event.payload) if event.payload is not None else {}

    def escalate(self, token: Token, event: Event) -> None:
        """Throw an escalation to the nearest that catches it; without any, nothing happens (10.5.7)."""
        found = self._catcher(token, Trigger.ESCALATION, event.name.text if event.name is not None else None)
        if found is not None:
            catcher, index = found
            catcher.task_spec.came(catcher, index, self.payload(token, event))

    def error(self, token: Token, code: str | None, payload: dict[str, Any]) -> None:
        """Throw an error to the nearest that catches it. StepFailed without any."""
        found = self._catcher(token, Trigger.ERROR, code)
        if found is None:
            raise StepFailed(node=token.task_spec.node.id, why=f"nothing catches the error {code!r}")
        catcher, index = found
        catcher.task_spec.came(catcher, index, payload)

    def throw_implicitly(self, token: Token, event: Event, number: int) -> None:
        """Throw the event of a multi-instance's behaviour."""
        if event.trigger is Trigger.ESCALATION:
            self.escalate(token, event)
        elif event.trigger is Trigger.ERROR:
            self.error(token, event.name.text if event.name is not None else None, self.payload(token, event))
        else:
            self.send(token, event, number)

    def border(self, token: Token, trigger: Trigger, code: str | None) -> tuple[Token, int] | None:
        """The boundary event of an activity that catches this."""
        return best(whole(token).hanging, trigger, code)

    # ------------------------------------------------------------ inside: moving on

    def _advance(self) -> None:
        """Let tokens run until every one waits for a person, the clock or somebody else."""
        top = self.workflow
        while True:
            if top.touched:
                self._check_idle(top.touched.popleft())
            elif self._dirty:
                self._dirty = False
                self._check_conditions()
            elif top.queue:
                self._next(top.queue.popleft())
            elif not self._calm():
                break

    def _next(self, entry: Token | tuple[Token, Callable[[], None]]) -> None:
        if isinstance(entry, tuple):
            token, act = entry
            if token.alive and token.workflow.has(token):
                self._work(token, act)
        elif entry._state == READY and entry.workflow.has(entry):
            self._work(entry, entry.run)

    def _work(self, token: Token, act: Callable[[], Any]) -> None:
        self._steps += 1
        if self._steps > STEP_BUDGET:
            raise StepFailed(
                node=token.task_spec.node.id, why=f"more than {STEP_BUDGET} steps without anyone to wait for"
            )
        self._guarded(token, act)

    def _check_idle(self, scope: Any) -> None:
        """A scope with nothing left in it is over."""
        if not scope.alive or not scope.idle():
            return
        host = scope.host
        if host is None:
            scope.clear()
            scope.top.touched.clear()
        elif host._state == STARTED:
            scope.clear()
            self._guarded(host, lambda: host.task_spec.scope_done(host, scope))

    def _check_conditions(self) -> None:
        """Fire conditional events whose condition has become true (10.5.5)."""
        for token in list(self.workflow.everything()):
            if token._state != WAITING or not isinstance(token.task_spec, Catching):
                continue
            for index, event in token.task_spec.live(token):
                if event.trigger is Trigger.CONDITIONAL and event.condition is not None and token.workflow.has(token):
                    self._check_condition(token, index, event.condition)

    def _check_condition(self, token: Token, index: int, condition: str) -> None:
        was: list[int] = token.internal_data.setdefault(WAS, [])
        holds = self._guarded(token, lambda: self.holds(token, condition))
        if holds and index not in was:
            was.append(index)
            self._steps += 1
            self._guarded(token, lambda: token.task_spec.came(token, index, {}))
        elif not holds and index in was:
            was.remove(index)

    def _calm(self) -> bool:
        """When nothing else moves: does a join wait for nobody any more?"""
        for scope in self.workflow.scopes():
            for token in list(scope.tasks.values()):
                if token._state == WAITING and isinstance(token.task_spec, Join) and self._calm_at(token):
                    return True
        return False

    def _calm_at(self, token: Token) -> bool:
        return bool(self._guarded(token, lambda: token.task_spec.calm(token)))

    def _begin_at(self, start: str, payload: Mapping[str, Any] | None, index: int) -> None:
        """An event starts the instance: the other event sub-processes listen, and the token goes on from there."""
        top = self.workflow
        spec: Element = top.spec.task_specs[start]
        if not isinstance(spec, Catching):
            raise KeyError(start)
        listen(top)
        token = Token(top, spec)
        if isinstance(spec, Start) and spec.all_events and len(spec.events) > 1:
            wait_for_rest(token, index)
        event = spec.events[index] if spec.events else None
        if event is not None and event.result is not None:
            self._guarded(
                token, lambda: self.write_context(token, event.result or "", {"payload": dict(payload or {})})
            )
        self._beside(spec, top)
        if token._state != WAITING:
            self._guarded(token, token.complete)

    def _beside(self, spec: Element, top: Running) -> None:
        """Of a parallel event-based gateway that starts the instance the other events are waited for (10.6.6)."""
        for gateway in top.spec.task_specs.values():
            if gateway.node.kind is Kind.EVENT_BASED and spec in gateway.targets.values():
                self.path.append(gateway.node.id)
                if gateway.node.all_events:
                    for other in gateway.targets.values():
                        if other is not spec and isinstance(other, Catching):
                            other.arm(Token(top, other))

    def _came(self, key: tuple[int, int, int], payload: dict[str, Any] | None) -> bool:
        if key not in self._before:
            return False
        token = self.workflow.find(key[0])
        if token is None:
            return False
        self._guarded(token, lambda: token.task_spec.came(token, key[1], payload))
        self._advance()
        return True

    def _broadcast(self, name: str, payload: dict[str, Any]) -> None:
        for token in list(self.workflow.everything()):
            if token._state != WAITING or not isinstance(token.task_spec, Catching):
                continue
            for index, event in token.task_spec.live(token):
                if event.trigger is not Trigger.SIGNAL or not token.workflow.has(token):
                    continue
                known = token.internal_data.get(NAMES, {}).get(str(index), event.name.text if event.name else None)
                if known == name:
                    token.task_spec.came(token, index, payload)
                    break

    def _catcher(self, token: Token, trigger: Trigger, code: str | None) -> tuple[Token, int] | None:
        """Who catches: the activity's own border, then from scope to scope outward the event sub-processes of each and the border of
        the activity it runs in (10.5.7)."""
        if isinstance(token.task_spec, Activity):
            found = self.border(token, trigger, code)
            if found is not None:
                return found
        scope: Scope = token.workflow
        own: Any = None
        while True:
            found = best([t for t in scope.listeners() if t.task_spec is not own], trigger, code)
            host = scope.host
            if found is None and host is not None:
                found = self.border(host, trigger, code)
            if found is not None or host is None:
                return found
            own = host.task_spec if isinstance(host.task_spec, EventSubProcess) else None
            scope = host.workflow

    # ------------------------------------------------------------ inside: what waits

    def _opened(self) -> dict[int, Token]:
        return {t.id: t for t in self.workflow.everything() if t._state == READY and t.task_spec.manual}

    def _acts(self) -> set[int]:
        return {t.id for t in self.workflow.everything() if t._state == STARTED and ACTING in t.internal_data}

    def _waits(self) -> dict[tuple[int, int, int], Trigger]:
        """Every timer, message and signal that is waited for."""
        found: dict[tuple[int, int, int], Trigger] = {}
        for token in self.workflow.everything():
            spec = token.task_spec
            if token._state != WAITING or not isinstance(spec, Catching) or GATHERED in token.internal_data:
                continue
            for index, event in spec.live(token):
                if event.trigger in OUTSIDE:
                    count = spec.occurrence(token, index) if event.trigger is Trigger.TIMER else 0
                    found[token.id, index, count] = event.trigger
        return found

    def _acting_token(self, task_id: int) -> Token | None:
        if task_id not in self._acting:
            return None
        self._acted.add(task_id)
        token = self.workflow.find(task_id)
        if token is not None:
            token.internal_data.pop(ACTING, None)
        return token

    def _check_alive(self, opened: Any, waits: Any, acting: Any) -> None:
        """An instance that has not ended waits for something, in each of its scopes."""
        if not (opened or waits or acting) and not any(self._conditional(t) for t in self.workflow.everything()):
            raise StepFailed(node=self._stuck_at(list(self.workflow.everything())), why=_STUCK)
        for scope in self.workflow.scopes():
            tokens = list(scope.tasks.values())
            if tokens and all(_joins(t) for t in tokens) and not self._rescued(scope):
                raise StepFailed(node=self._stuck_at(tokens), why=_STUCK)

    def _rescued(self, scope: Any) -> bool:
        """Whether something around a scope may still take it away."""
        host: Token | None = scope.host
        while host is not None:
            if any(isinstance(t.task_spec, Catching) for t in whole(host).hanging) or host.workflow.listeners():
                return True
            host = host.workflow.host
        return False

    def _conditional(self, token: Token) -> bool:
        spec = token.task_spec
        return (
            token._state == WAITING
            and isinstance(spec, Catching)
            and any(event.trigger is Trigger.CONDITIONAL for _, event in spec.live(token))
        )

    def _stuck_at(self, tokens: list[Token]) -> str:
        return next((t.task_spec.node.id for t in tokens), self.program.model.id)

    # ------------------------------------------------------------ inside: events

    def _event_node(self, token: Token) -> Node:
        spec = token.task_spec
        node: Node = spec.start_element.node if isinstance(spec, EventSubProcess) else spec.node
        return node

    def _due(self, token: Token, event: Event, node: Node) -> datetime:
        timer = event.timer
        if timer is None:
            raise StepFailed(node=node.id, why="it has no timer")
        value = self.value(timer.value, self.view(token))
        due = due_of(timer, value, self.now, self.zone)
        if due is None:
            raise StepFailed(node=node.id, why="its timer gives no time")
        check_limits(node, timer, value, due, self.now)
        return due

    def _name(self, token: Token, event: Event) -> str:
        name = self.value(event.name, self.view(token))
        if not isinstance(name, str) or not name:
            raise StepFailed(node=token.task_spec.node.id, why=f"its message or signal is called {name!r}")
        return name

    def _key(self, token: Token, event: Event) -> str | None:
        if event.correlation is None:
            return None
        key = self.plain(token, event.correlation)
        if key is None:
            raise StepFailed(node=token.task_spec.node.id, why="its correlation gives null")
        return str(key)

    def _guarded(self, token: Token | None, act: Callable[[], Any]) -> Any:
        """Errors inside the library and in expressions become one error that names the node."""
        try:
            return act()
        except StepFailed:
            raise
        except Exception as error:
            node = token.task_spec.node.id if token is not None else self.program.model.id
            raise StepFailed(node=node, why=str(error)) from error


def _joins(token: Token) -> bool:
    """It waits for other tokens only."""
    return isinstance(token.task_spec, Join) or GATHERED in token.internal_data


_STUCK = "it waits for something that cannot come"
