"""Activities (BPMN 2.0.2, 13.3): how one begins, is repeated, completes, and can be undone later.

The token that arrived is the activity as a whole: boundary events hang on it, and, when the activity is repeated, so does one token
for each part."""

from __future__ import annotations

from typing import Any

from engine.bpmn.limits import MAX_INSTANCES
from engine.bpmn.model import Behavior
from engine.bpmn.runtime import compensation
from engine.bpmn.runtime.element import Element
from engine.bpmn.runtime.live import STARTED, WAITING, Token
from engine.errors import StepFailed

TOTAL, BEGUN, DONE, LEFT, OUT, NUMBER = "n", "b", "d", "l", "o", "i"
GATHERED = "q"


class Activity(Element):
    """A task, a call or a sub-process. `boundaries` are its boundary events; `undo` is the activity that compensates it."""

    def __init__(self, scope: Any, node: Any) -> None:
        super().__init__(scope, node)
        self.boundaries: tuple[Any, ...] = ()
        self.undo: Element | None = None

    # ------------------------------------------------------------ it arrives

    def _update_hook(self, my_task: Any) -> bool:
        if self.node.start_quantity > 1 and not self._gathered(my_task):
            return False
        self.begin(my_task)
        return False

    def _gathered(self, token: Token) -> bool:
        """Whether enough tokens have come to begin once."""
        resting = next(
            (t for t in token.workflow.tasks.values() if t.task_spec is self and GATHERED in t.internal_data), token
        )
        count = resting.internal_data.get(GATHERED, 0) + 1
        if count < self.node.start_quantity:
            resting.internal_data[GATHERED] = count
            resting._set_state(WAITING)
            if resting is not token:
                token.drop()
            return False
        if resting is not token:
            resting.drop()
        token.internal_data.pop(GATHERED, None)
        return True

    def begin(self, token: Token) -> None:
        """The activity as a whole begins: its boundary events listen, and it, or its parts, start."""
        for boundary in self.boundaries:
            boundary.arm(Token(token.workflow, boundary, host=token))
        if self.node.multi_instance is not None:
            self._begin_parts(token)
        elif self.node.loop is not None:
            token._set_state(STARTED)
            token.internal_data.update({BEGUN: 0, DONE: 0})
            self._next_round(token)
        else:
            self.begin_one(token)

    def begin_one(self, token: Token) -> None:
        """One instance of the work begins."""
        if self.node.inputs:
            run = token.run_of
            found = {copy.target: run.plain(token, copy.value) for copy in self.node.inputs}
            token.data.update(found)
        self.start(token)

    def start(self, token: Token) -> None:
        """What it does: here it is ready to run."""
        token._ready()

    # ------------------------------------------------------------ it completes

    def _on_complete_hook(self, my_task: Any) -> None:
        run = my_task.run_of
        for copy in self.node.outputs:
            run.write(my_task, {copy.target: run.plain(my_task, copy.value)})
        run.passed(my_task, self.node)
        compensation.remember(my_task)
        if is_part(my_task):
            whole = my_task.host
            my_task.drop()
            self._part_done(whole, my_task)
        else:
            self.finish(my_task)

    def finish(self, token: Token) -> None:
        """The activity as a whole is complete: nothing hangs on it any more, and it goes on."""
        for child in token.hanging:
            child.cancel()
        if compensation.is_undoing(token):
            compensation.undone(token)
            return
        self.follow(token, self.taken(token))
        token.drop()

    # ------------------------------------------------------------ multi-instance

    def _begin_parts(self, token: Token) -> None:
        multi = self.node.multi_instance
        assert multi is not None
        members = self._members(token)
        token._set_state(STARTED)
        token.internal_data.update({TOTAL: len(members), BEGUN: 0, DONE: 0})
        if multi.output is not None:
            token.internal_data[OUT] = [None] * len(members)
        if multi.sequential:
            token.internal_data[LEFT] = members
            self._next_part(token)
        else:
            for member in members:
                self._part(token, member)
            if not members:
                self._parts_over(token)

    def _members(self, token: Token) -> list[Any]:
        multi, run = self.node.multi_instance, token.run_of
        assert multi is not None
        members: Any
        if multi.collection is not None:
            members = run.view(token).get(multi.collection)
            if not isinstance(members, list):
                raise TypeError(f"{multi.collection} is no list")
        else:
            count = run.value(multi.cardinality, run.view(token))
            try:
                number = int(count)
            except (TypeError, ValueError) as error:
                raise TypeError(f"the number of instances is {count!r}") from error
            if number != float(count) or number < 0:
                raise TypeError(f"the number of instances is {count!r}")
            members = range(number) if number <= MAX_INSTANCES else [None] * (MAX_INSTANCES + 1)
        if len(members) > MAX_INSTANCES:
            raise StepFailed(node=self.node.id, why=f"{len(members)} instances are more than {MAX_INSTANCES}")
        return list(members)

    def _part(self, token: Token, member: Any) -> None:
        multi = self.node.multi_instance
        assert multi is not None
        part = Token(token.workflow, self, host=token)
        begun = token.internal_data[BEGUN]
        token.internal_data[BEGUN] = begun + 1
        part.internal_data[NUMBER] = begun
        part.data["loopCounter"] = begun + 1
        if multi.item is not None:
            part.data[multi.item] = member
        if multi.output_item is not None and multi.output_item not in part.data:
            part.data[multi.output_item] = None
        self.begin_one(part)

    def _next_part(self, token: Token) -> None:
        left: list[Any] = token.internal_data[LEFT]
        if not left:
            self._parts_over(token)
            return
        token.internal_data[LEFT] = left[1:]
        self._part(token, left[0])

    def _part_done(self, token: Token, part: Token) -> None:
        if self.node.loop is not None:
            token.internal_data[DONE] += 1
            self._next_round(token)
            return
        multi, run, kept = self.node.multi_instance, token.run_of, token.internal_data
        assert multi is not None
        kept[DONE] += 1
        if multi.output_item is not None and multi.output is not None:
            kept[OUT][part.internal_data[NUMBER]] = part.data.get(multi.output_item)
        counters = self._counters(token)
        self._tell(token, part, counters)
        if not token.alive:
            return
        if multi.completion is not None and run.holds(part, multi.completion, counters):
            self._parts_over(token)
        elif multi.sequential:
            self._next_part(token)
        elif kept[DONE] == kept[TOTAL]:
            self._parts_over(token)

    def _counters(self, token: Token) -> dict[str, Any]:
        kept = token.internal_data
        return {
            "numberOfInstances": kept[TOTAL],
            "numberOfActiveInstances": kept[BEGUN] - kept[DONE],
            "numberOfCompletedInstances": kept[DONE],
            "numberOfTerminatedInstances": 0,
        }

    def _tell(self, token: Token, part: Token, counters: dict[str, Any]) -> None:
        """Throw the events of the activity's behaviour (table 10.30), to be caught on its border."""
        multi, run = self.node.multi_instance, token.run_of
        assert multi is not None
        if multi.behavior is Behavior.ALL or (multi.behavior is Behavior.ONE and counters["numberOfCompletedInstances"] > 1):
            return
        for number, (condition, event) in enumerate(multi.thrown):
            if token.alive and (condition is None or run.holds(part, condition, counters)):
                run.throw_implicitly(token, event, counters["numberOfCompletedInstances"] * 100 + number)

    def _parts_over(self, token: Token) -> None:
        multi = self.node.multi_instance
        assert multi is not None
        for child in token.hanging:
            child.cancel()
        if multi.output is not None:
            token.run_of.write(token, {multi.output: token.internal_data[OUT]})
        self.finish(token)

    # ------------------------------------------------------------ standard loop

    def _next_round(self, token: Token) -> None:
        loop, run, kept = self.node.loop, token.run_of, token.internal_data
        assert loop is not None
        rounds = kept[DONE]
        if loop.maximum is not None and rounds >= loop.maximum:
            self.finish(token)
            return
        asked = loop.test_before or rounds > 0
        if asked and loop.condition is not None and not run.holds(token, loop.condition, {"loopCounter": rounds}):
            self.finish(token)
            return
        part = Token(token.workflow, self, host=token)
        kept[BEGUN] = rounds + 1
        part.internal_data[NUMBER] = rounds
        part.data["loopCounter"] = rounds + 1
        self.begin_one(part)


def is_part(token: Token) -> bool:
    """Whether a token is one instance of a repeated activity."""
    return token.host is not None and token.host.task_spec is token.task_spec


def whole(token: Token) -> Token:
    """The token of the activity as a whole."""
    host = token.host
    return host if host is not None and host.task_spec is token.task_spec else token


def item_of(token: Token) -> Any:
    """The member of the collection that this part is for, none where there is none."""
    multi = token.task_spec.node.multi_instance
    return token.data.get(multi.item) if multi is not None and multi.item is not None else None


