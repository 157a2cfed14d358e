"""Events between tokens: who waits for what, who throws it, and who catches it (BPMN 2.0.2, 10.5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.bpmn.model import Event, Node, Timer, Trigger, WorkTime
from engine.bpmn.outcome import Listening, Sent, TimerSet
from engine.bpmn.runtime import worktime
from engine.bpmn.runtime.activity import Activity
from engine.bpmn.runtime.live import WAITING, Scope, Token
from engine.bpmn.runtime.nested import EventSubProcess
from engine.bpmn.runtime.recurring import Following, Recurrence
from engine.bpmn.runtime.repetition import whole
from engine.bpmn.runtime.seeing import Seeing
from engine.bpmn.runtime.timers import check_limits, due_of, recurrence
from engine.bpmn.runtime.waiting import NAMES, ROUNDS, Catching, best, retire
from engine.errors import StepFailed, Uncaught


class Throwing(Seeing):
    """What the elements of a step ask for that wait for events or throw them."""

    def _prepare(self) -> None:
        super()._prepare()
        self._sent: list[Sent] = []
        self._armed: dict[tuple[int, int, int], TimerSet | Listening] = {}
        self._following: dict[tuple[int, int], Following] = {}

    def arm(self, token: Token, index: int, event: Event) -> None:
        """A token begins to wait for an event."""
        node: Node = self._event_node(token)
        key = (token.id, index, 0)
        if event.trigger is Trigger.TIMER:
            due = self._due(token, index, event, node)
            if event.timer is not None and event.timer.repeats and token.task_spec.repeats:
                token.internal_data.setdefault(ROUNDS, {})[str(index)] = [0, due.isoformat()]
            self._armed[key] = TimerSet(token.id, index, 0, node, due, self._counted_by(event))
        elif event.trigger in (Trigger.MESSAGE, Trigger.SIGNAL):
            name = self._name(token, event)
            if event.name is not None and event.name.is_feel:
                token.internal_data.setdefault(NAMES, {})[str(index)] = name
            listening = Listening(token.id, index, node, event.trigger, name, self._key(token, event), event.inside)
            self._armed[key] = listening
        elif event.trigger is Trigger.CONDITIONAL:
            self._dirty = True

    def again(self, token: Token, index: int) -> None:
        """What does not interrupt has fired: it waits for the next time, or for this event no more."""
        event: Event = token.task_spec.events[index]
        if event.trigger is not Trigger.TIMER:
            return
        following = self._following.pop((token.id, index), None) or self._upcoming(token, index)
        if following is None or following.due is None:
            retire(token, index)
            return
        node = self._event_node(token)
        if event.timer is not None and event.timer.work is not None:
            since = following.since or self.now
            worktime.keep(token, index, self._budget_of(token, event.timer.work, node, since))
        token.internal_data[ROUNDS][str(index)] = [following.occurrence, following.due.isoformat()]
        self._armed[token.id, index, following.occurrence] = TimerSet(
            token.id, index, following.occurrence, node, following.due, self._counted_by(event)
        )

    def lapsed(self, token: Token, index: int) -> dict[str, Any]:
        """The time of a timer has come: what its process may know of it. `missed`: the times that passed meanwhile and get no firing of
        their own; `time`: the how-manieth it is, counted from 1; `due`: when it was due, where that is known."""
        found = worktime.counted(token, index)
        rounds = token.internal_data.get(ROUNDS, {}).get(str(index))
        following = self._upcoming(token, index)
        if following is not None:
            self._following[token.id, index] = following
        due = datetime.fromisoformat(rounds[1]) if rounds is not None else found.due if found is not None else None
        return {
            "missed": following.missed if following is not None else 0,
            "time": rounds[0] + 1 if rounds is not None else 1,
            "due": due.astimezone(self.zone) if due is not None else None,
        }

    def _upcoming(self, token: Token, index: int) -> Following | None:
        """What comes after the time that fires now; None of a timer that comes once."""
        timer: Timer | None = token.task_spec.events[index].timer
        rounds = token.internal_data.get(ROUNDS, {}).get(str(index))
        if rounds is None or timer is None:
            return None
        node = self._event_node(token)
        if timer.work is not None:
            work = timer.work
            repeats = Recurrence(lambda last: self._budget_of(token, work, node, last).due, work.times)
        else:
            cycle = recurrence(self.value(timer.value, self.view(token)), self.zone)
            if cycle is None:
                raise StepFailed(node=node.id, why="its timer gives no time", why_zh="定时表达式没有给出时间")
            repeats = cycle
        return repeats.following(datetime.fromisoformat(rounds[1]), rounds[0], self.now, timer.misfire)

    def _budget_of(self, token: Token, work: WorkTime, node: Node, since: datetime) -> worktime.Counted:
        view = self.view(token)
        return worktime.begin(work, node, self.working, since, lambda value: self.value(value, view))

    def _counted_by(self, event: Event) -> int | None:
        """The version of the calendars that a timer in working time is counted by."""
        if event.timer is None or event.timer.work is None or self.working is None:
            return None
        return self.working.version

    def send(self, token: Token, event: Event, number: int) -> None:
        """Throw a message or a signal. A signal reaches who waits for it in this instance at once."""
        name, payload = self._name(token, event), self.payload(token, event)
        key = self._key(token, event) if event.trigger is Trigger.MESSAGE else None
        self._sent.append(
            Sent(token.id, number, token.task_spec.node, event.trigger, name, key, payload, event.optional)
        )
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
            raise Uncaught(
                node=token.task_spec.node.id,
                why=f"nothing catches the error {code!r}",
                why_zh=f"没有事件接住错误 {code!r}",
            )
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

    def _event_node(self, token: Token) -> Node:
        spec = token.task_spec
        node: Node = spec.start_element.node if isinstance(spec, EventSubProcess) else spec.node
        return node

    def _due(self, token: Token, index: int, event: Event, node: Node) -> datetime:
        timer = event.timer
        if timer is None:
            raise StepFailed(node=node.id, why="it has no timer", why_zh="没有设定时间")
        if timer.work is not None:
            found = self._budget_of(token, timer.work, node, self.now)
            worktime.keep(token, index, found)
            return found.due
        value = self.value(timer.value, self.view(token))
        due = due_of(timer, value, self.now, self.zone)
        if due is None:
            raise StepFailed(node=node.id, why="its timer gives no time", why_zh="定时表达式没有给出时间")
        check_limits(node, timer, value, due, self.now)
        return due

    def _name(self, token: Token, event: Event) -> str:
        name = self.value(event.name, self.view(token))
        if not isinstance(name, str) or not name:
            raise StepFailed(
                node=token.task_spec.node.id,
                why=f"its message or signal is called {name!r}",
                why_zh=f"消息或信号的名称是 {name!r}",
            )
        return name

    def _key(self, token: Token, event: Event) -> str | None:
        if event.correlation is None:
            return None
        key = self.plain(token, event.correlation)
        if key is None:
            raise StepFailed(
                node=token.task_spec.node.id, why="its correlation gives null", why_zh="关联表达式的结果为空"
            )
        return str(key)
