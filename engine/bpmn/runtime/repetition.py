"""Activities done several times: multi-instances and standard loops (BPMN 2.0.2, 10.3.7 and 13.3.6–13.3.7).

The token of the activity as a whole counts; each part is a token that hangs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from engine.bpmn.limits import MAX_INSTANCES
from engine.bpmn.model import Behavior, Loop, MultiInstance
from engine.bpmn.runtime import voting
from engine.bpmn.runtime.held import ROLE, SIGNER, VOTER, WHO
from engine.bpmn.runtime.live import STARTED, Token
from engine.bpmn.runtime.signing import ADDED_BY
from engine.errors import StepFailed

if TYPE_CHECKING:
    from engine.bpmn.runtime.activity import Activity

TOTAL, BEGUN, DONE, LEFT, OUT, NUMBER = "n", "b", "d", "l", "o", "i"
GONE, LATE = "g", "la"
"""How many parts were taken away; who was added as one, and by whom, by the numbers of the parts."""


class Repetition(Protocol):
    """How an activity is repeated."""

    def begin(self, token: Token) -> None:
        """The activity as a whole begins."""

    def done(self, token: Token, part: Token) -> None:
        """One part is complete."""


class MultiInstances:
    """One part for each member of a list, or a number of parts, at once or one after another."""

    def __init__(self, activity: Activity, multi: MultiInstance) -> None:
        self.activity = activity
        self.multi = multi
        self.vote = activity.node.settings.vote

    def begin(self, token: Token) -> None:
        """Begin the parts. Without any the activity is complete."""
        members = self._members(token)
        token._set_state(STARTED)
        token.internal_data.update({TOTAL: len(members), BEGUN: 0, DONE: 0})
        if self.multi.output is not None:
            token.internal_data[OUT] = [None] * len(members)
        if self.vote is not None:
            voting.begin(token, self.vote, members, self.multi.item)
        if self.multi.sequential or not members:
            token.internal_data[LEFT] = members
            token.workflow.top.later(token, lambda: self._next(token))
            return
        for member in members:
            self._part(token, member)

    def _members(self, token: Token) -> list[Any]:
        run = token.run_of
        seen = run.view(token)
        node = self.activity.node.id
        if self.multi.collection is not None:
            found = seen.get(self.multi.collection)
            if not isinstance(found, list):
                raise StepFailed(
                    node=node, why=f"{self.multi.collection} is no list", why_zh=f"{self.multi.collection} 不是列表"
                )
            count = len(found)
        else:
            count = _whole_number(run.value(self.multi.cardinality, seen), node)
            found = range(min(count, MAX_INSTANCES))
        if count > MAX_INSTANCES:
            raise StepFailed(
                node=node,
                why=f"{count} instances are more than {MAX_INSTANCES}",
                why_zh=f"{count} 个实例超过上限 {MAX_INSTANCES}",
            )
        return list(found)

    def _part(self, token: Token, member: Any) -> None:
        part = Token(token.workflow, self.activity, host=token)
        begun = token.internal_data[BEGUN]
        token.internal_data[BEGUN] = begun + 1
        part.internal_data[NUMBER] = begun
        part.data["loopCounter"] = begun + 1
        if self.multi.item is not None:
            part.data[self.multi.item] = member
        if self.multi.output_item is not None:
            part.data.setdefault(self.multi.output_item, None)
        if self.vote is not None:  # what each says is their own
            for name in filter(None, (self.vote.field, self.vote.opinion)):
                part.data.setdefault(name, None)
        late = token.internal_data.get(LATE, {}).pop(str(begun), None)
        if late is not None:
            part.internal_data.update({ROLE: VOTER, WHO: late[0], ADDED_BY: late[1]})
        self.activity.begin_one(part)

    def _next(self, token: Token) -> None:
        kept = token.internal_data
        while kept[LEFT] and voting.is_removed(token, kept[BEGUN]):
            kept[LEFT] = kept[LEFT][1:]
            kept[BEGUN] += 1
        left: list[Any] = kept[LEFT]
        if not left:
            self._over(token)
            return
        kept[LEFT] = left[1:]
        self._part(token, left[0])

    def done(self, token: Token, part: Token) -> None:
        """Keep what the part gives, throw what the behaviour says, and see whether more is to be done."""
        run, kept = token.run_of, token.internal_data
        kept[DONE] += 1
        if self.multi.output_item is not None and OUT in kept:
            kept[OUT][part.internal_data[NUMBER]] = {**part.data, **_inside(part)}.get(self.multi.output_item)
        if self.vote is not None:
            voting.cast(token, self.vote, part.internal_data[NUMBER], {**part.data, **_inside(part)})
        counters = self._counters(token)
        seen = {**_inside(part), **counters}
        self._tell(token, part, seen)
        if not token.alive:
            return
        if self.multi.completion is not None and run.holds(part, self.multi.completion, seen):
            self._over(token)
        else:
            self._on(token, sequential=self.multi.sequential)

    def _on(self, token: Token, *, sequential: bool) -> None:
        """A part is done, or was taken away: the next begins, or enough is done."""
        kept = token.internal_data
        if self.vote is not None and voting.decided(token, self.vote):
            self._over(token)
        elif sequential:
            self._next(token)
        elif kept[DONE] + kept.get(GONE, 0) == kept[TOTAL]:
            self._over(token)

    def add(self, token: Token, member: Any, person: int, by: int) -> None:
        """One part more, for a person who votes too. Only where there is a vote."""
        if self.vote is None:
            raise LookupError("nobody votes here")
        kept = token.internal_data
        number = voting.add(token, self.vote, member, self.multi.item, person)
        kept[TOTAL] += 1
        kept.setdefault(LATE, {})[str(number)] = [person, by]
        if OUT in kept:
            kept[OUT].append(None)
        if self.multi.sequential:
            kept[LEFT] = [*kept[LEFT], member]
        else:
            self._part(token, member)

    def remove(self, token: Token, number: int, part: Token | None) -> None:
        """A voter is taken away; no part: their turn has not come."""
        kept = token.internal_data
        voting.remove(token, number)
        kept[GONE] = kept.get(GONE, 0) + 1
        kept.get(LATE, {}).pop(str(number), None)
        if part is not None:
            part.cancel()
        self._on(token, sequential=self.multi.sequential and part is not None)

    def _counters(self, token: Token) -> dict[str, int]:
        kept = token.internal_data
        gone = kept.get(GONE, 0)
        return {
            "numberOfInstances": kept[TOTAL],
            "numberOfActiveInstances": max(0, kept[BEGUN] - kept[DONE] - gone),
            "numberOfCompletedInstances": kept[DONE],
            "numberOfTerminatedInstances": gone,
        }

    def _tell(self, token: Token, part: Token, seen: dict[str, Any]) -> None:
        """Throw the events of the behaviour (table 10.30), to be caught on the border of the activity."""
        run, count = token.run_of, token.internal_data[DONE]
        if self.multi.behavior is Behavior.ALL or (self.multi.behavior is Behavior.ONE and count > 1):
            return
        for number, (condition, event) in enumerate(self.multi.thrown):
            if token.alive and (condition is None or run.holds(part, condition, seen)):
                run.throw_implicitly(token, event, count * 100 + number)

    def _over(self, token: Token) -> None:
        """Enough is done: parts that still run are cancelled."""
        for child in token.hanging:
            child.cancel()
        if self.multi.output is not None:
            out = token.internal_data[OUT]
            token.run_of.write(
                token, {self.multi.output: [v for n, v in enumerate(out) if not voting.is_removed(token, n)]}
            )
        if self.vote is not None:
            token.run_of.write(token, {self.vote.into: voting.result(token, self.vote)})
        self.activity.finish(token)


def _whole_number(found: Any, node: str) -> int:
    try:
        number = int(found)
    except (TypeError, ValueError) as error:
        raise StepFailed(
            node=node, why=f"the number of instances is {found!r}", why_zh=f"实例数是 {found!r}"
        ) from error
    if number != float(found) or number < 0:
        raise StepFailed(node=node, why=f"the number of instances is {found}", why_zh=f"实例数是 {found}")
    return number


class Rounds:
    """A standard loop. `loopCounter` is the number of the round at hand, and, where the condition is asked, of rounds done."""

    def __init__(self, activity: Activity, loop: Loop) -> None:
        self.activity = activity
        self.loop = loop

    def begin(self, token: Token) -> None:
        """Begin the first round, if there is to be one."""
        token._set_state(STARTED)
        token.internal_data[DONE] = 0
        token.workflow.top.later(token, lambda: self._next(token, {}))

    def done(self, token: Token, part: Token) -> None:
        """Begin the next round, if there is to be one."""
        token.internal_data[DONE] += 1
        self._next(token, _inside(part))

    def _next(self, token: Token, inside: dict[str, Any]) -> None:
        rounds = token.internal_data[DONE]
        if not self._again(token, rounds, inside):
            self.activity.finish(token)
            return
        part = Token(token.workflow, self.activity, host=token)
        part.internal_data[NUMBER] = rounds
        part.data["loopCounter"] = rounds + 1
        self.activity.begin_one(part)

    def _again(self, token: Token, rounds: int, inside: dict[str, Any]) -> bool:
        if self.loop.maximum is not None and rounds >= self.loop.maximum:
            return False
        if self.loop.condition is None or (rounds == 0 and not self.loop.test_before):
            return True
        return token.run_of.holds(token, self.loop.condition, {**inside, "loopCounter": rounds})


def _inside(part: Token) -> dict[str, Any]:
    """The data objects of a sub-process, one round or part of which has just come to its end."""
    scope = part.workflow.top.subprocesses.get(part.id) if part.task_spec.node.kind.is_scope else None
    return dict(scope.locals) if scope is not None else {}


def is_part(token: Token) -> bool:
    """Whether a token is one instance of a repeated activity; a signer, who hangs on a task of the same element, is none."""
    host = token.host
    return host is not None and host.task_spec is token.task_spec and token.internal_data.get(ROLE) != SIGNER


def whole(token: Token) -> Token:
    """The token of the activity as a whole."""
    host = token.host
    while host is not None and host.task_spec is token.task_spec:
        token, host = host, host.host
    return token


def item_of(token: Token) -> Any:
    """The member of the collection that this part is for, none where there is none."""
    multi = token.task_spec.node.multi_instance
    at: Token | None = token if multi is not None and multi.item is not None else None
    while at is not None and at.task_spec is token.task_spec:
        if multi is not None and multi.item in at.data:
            return at.data[multi.item]
        at = at.host
    return None
