"""Bugs that were nearly made in what runs a process, and in how it is stored."""

from __future__ import annotations

from typing import Any

import pytest

from engine.bpmn import state, state_v1
from engine.bpmn.model import Flow, Trigger
from engine.bpmn.runtime import compensation, events, throwing
from engine.bpmn.runtime.activity import Activity
from engine.bpmn.runtime.compensation import TODO, go_on
from engine.bpmn.runtime.element import Element, reached_inputs
from engine.bpmn.runtime.gateways import COUNTS, Exclusive, Inclusive, Join, Parallel
from engine.bpmn.runtime.live import Running, Scope, Token
from engine.bpmn.runtime.nested import EventSubProcess
from engine.bpmn.runtime.repetition import LEFT, MultiInstances
from engine.bpmn.runtime.waiting import ROUNDS, WAS, Catching, best
from tests.planted import checks
from tests.planted.bug import Bug

# ---------------------------------------------------------------- joins


def join_goes_on_with_one_token(patch: pytest.MonkeyPatch) -> None:
    def arrived(self: Parallel, resting: Token) -> None:
        self.consume(resting)._ready()

    patch.setattr(Parallel, "arrived", arrived)


def join_forgets_its_tokens(patch: pytest.MonkeyPatch) -> None:
    _forgets(patch, COUNTS)


def _forgets(patch: pytest.MonkeyPatch, key: str) -> None:
    real = state.dump

    def dump(workflow: Running) -> str:
        for token in workflow.everything():
            token.internal_data.pop(key, None)
        return real(workflow)

    patch.setattr(state, "dump", dump)


def join_knows_flows_but_not_how_many(patch: pytest.MonkeyPatch) -> None:
    real = Join._update_hook

    def arrives(self: Join, my_task: Any) -> bool:
        for token in my_task.workflow.tasks.values():
            if token.task_spec is self and COUNTS in token.internal_data:
                token.internal_data[COUNTS].pop(my_task.via, None)
        return real(self, my_task)

    patch.setattr(Join, "_update_hook", arrives)


def join_takes_all_there_is(patch: pytest.MonkeyPatch) -> None:
    def consume(_self: Join, resting: Token) -> Token:
        resting.internal_data = {}
        return resting

    patch.setattr(Join, "consume", consume)


def inclusive_join_waits_for_nobody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Join, "awaited", lambda *_args: False)


def inclusive_join_waits_for_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Inclusive, "calm", lambda *_args: False)


def border_taken_for_a_flow(patch: pytest.MonkeyPatch) -> None:
    real = reached_inputs

    def reached(element: Element, join: Element) -> frozenset[str]:
        borders: tuple[Element, ...] = getattr(element, "boundaries", ())
        return real(element, join).union(*(real(border, join) for border in borders))

    patch.setattr("engine.bpmn.runtime.gateways.reached_inputs", reached)


# ---------------------------------------------------------------- stored and restored


def waiting_join_not_stored(patch: pytest.MonkeyPatch) -> None:
    real = state._rows

    def rows(workflow: Any) -> list[list[Any]]:
        joins = {t.id for t in workflow.tasks.values() if isinstance(t.task_spec, Join)}
        return [row for row in real(workflow) if row[1] not in joins]

    patch.setattr(state, "_rows", rows)


def who_hangs_on_whom_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = state._rows

    def rows(workflow: Any) -> list[list[Any]]:
        return [[*row[:3], 0, *row[4:]] for row in real(workflow)]

    patch.setattr(state, "_rows", rows)


def performers_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = state.load

    def load(*args: Any) -> Running:
        workflow = real(*args)
        workflow.performers = {}
        return workflow

    patch.setattr(state, "load", load)


def ids_given_twice(patch: pytest.MonkeyPatch) -> None:
    real = state.load

    def load(*args: Any) -> Running:
        workflow = real(*args)
        workflow.counter = max((token.id for token in workflow.everything()), default=1) - 1
        return workflow

    patch.setattr(state, "load", load)


def what_is_left_of_the_first_format_lost(patch: pytest.MonkeyPatch) -> None:
    real = state_v1.converted

    def converted(*args: Any) -> dict[str, Any]:
        document = real(*args)
        for row in [row for rows in (document["t"], *(sub[1] for sub in document.get("s", ()))) for row in rows]:
            if len(row) > 4 and row[4] and LEFT in row[4]:
                row[4][LEFT] = []
        return document

    patch.setattr(state_v1, "converted", converted)


def arrivals_of_the_first_format_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(state_v1._Reading, "_arrived", lambda *_args: {})


# ---------------------------------------------------------------- repetition


def item_of_the_first_part_for_all(patch: pytest.MonkeyPatch) -> None:
    real = MultiInstances._part
    patch.setattr(MultiInstances, "_part", lambda self, token, _member: real(self, token, self._members(token)[0]))


def last_part_first(patch: pytest.MonkeyPatch) -> None:
    def following(self: MultiInstances, token: Token) -> None:
        left = token.internal_data[LEFT]
        if not left:
            self._over(token)
            return
        token.internal_data[LEFT] = left[:-1]
        self._part(token, left[-1])

    patch.setattr(MultiInstances, "_next", following)


def others_left_when_enough_is_done(patch: pytest.MonkeyPatch) -> None:
    def over(self: MultiInstances, token: Token) -> None:
        self.activity.follow(token, self.activity.taken(token))

    patch.setattr(MultiInstances, "_over", over)


# ---------------------------------------------------------------- events


def message_taken_twice(patch: pytest.MonkeyPatch) -> None:
    def triggered(self: events.Catch, token: Token, _index: int) -> None:
        token.run_of.passed(token, self.node)
        self.follow(token, self.taken(token))

    patch.setattr(events.Catch, "triggered", triggered)


def losers_of_a_race_stay(patch: pytest.MonkeyPatch) -> None:
    def choose(token: Token) -> None:
        token._parent = None

    patch.setattr(events, "choose", choose)


def listeners_stay_when_a_task_is_done(patch: pytest.MonkeyPatch) -> None:
    def finish(self: Activity, token: Token) -> None:
        for child in token.hanging:
            child._parent = None
        self.follow(token, self.taken(token))
        token.drop()

    patch.setattr(Activity, "finish", finish)


def listeners_stay_after_an_interruption(patch: pytest.MonkeyPatch) -> None:
    def cancel(self: Token) -> None:
        inner = self.workflow.top.subprocesses.pop(self.id, None)
        if inner is not None:
            inner.clear()
        self._state = 128
        self.drop()

    patch.setattr(Token, "cancel", cancel)


def interruption_stops_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(EventSubProcess, "interrupting", property(lambda _self: False))


def every_event_interrupts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(EventSubProcess, "interrupting", property(lambda _self: True))


def begun_while_completing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Scope, "completing", lambda _self: False)


def condition_that_stays_true_fires_again(patch: pytest.MonkeyPatch) -> None:
    _forgets(patch, WAS)


def cycle_begins_anew(patch: pytest.MonkeyPatch) -> None:
    _forgets(patch, ROUNDS)


def any_error_before_its_own(patch: pytest.MonkeyPatch) -> None:
    def any_first(tokens: list[Token], trigger: Trigger, code: str | None) -> tuple[Token, int] | None:
        return best(tokens, trigger, None) or best(tokens, trigger, code)

    patch.setattr("engine.bpmn.runtime.throwing.best", any_first)


def error_goes_to_the_outermost(patch: pytest.MonkeyPatch) -> None:
    real = throwing.Throwing._catcher

    def catcher(self: Any, token: Token, trigger: Trigger, code: str | None) -> Any:
        found, at = real(self, token, trigger, code), token.workflow.host
        while at is not None:
            found = self.border(at, trigger, code) or found
            at = at.workflow.host
        return found

    patch.setattr(throwing.Throwing, "_catcher", catcher)


def signal_heard_by_the_first_only(patch: pytest.MonkeyPatch) -> None:
    def broadcast(self: Any, name: str, payload: dict[str, Any]) -> None:
        for token in list(self.workflow.everything()):
            if isinstance(token.task_spec, Catching) and token.alive:
                for index, event in token.task_spec.live(token):
                    if event.trigger is Trigger.SIGNAL and event.name is not None and event.name.text == name:
                        token.task_spec.came(token, index, payload)
                        return

    patch.setattr(throwing.Throwing, "_broadcast", broadcast)


# ---------------------------------------------------------------- undoing


def undone_in_order_of_completion(patch: pytest.MonkeyPatch) -> None:
    real = compensation.go_on

    def forward(undoer: Token) -> None:
        todo = undoer.internal_data[TODO]
        undoer.internal_data[TODO] = [*todo[1:], *todo[:1]]
        real(undoer)

    assert go_on is real
    patch.setattr(compensation, "go_on", forward)


def undone_once_more(patch: pytest.MonkeyPatch) -> None:
    def take(done: list[list[Any]], activity: str | None) -> list[list[Any]]:
        return [record for record in done if activity in (None, record[0])]

    patch.setattr(compensation, "_take", take)


# ---------------------------------------------------------------- flows


def last_condition_first(patch: pytest.MonkeyPatch) -> None:
    def taken(self: Exclusive, token: Token) -> list[Flow]:
        held = [f for f in self.flows if f.condition is not None and token.run_of.holds(token, f.condition)]
        return held[-1:] or [f for f in self.flows if f.condition is None]

    patch.setattr(Exclusive, "taken", taken)


def default_taken_as_well(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Element, "_always", lambda _self, flow: flow.condition is None)


def token_left_behind(patch: pytest.MonkeyPatch) -> None:
    real = Token.drop

    def drop(self: Token) -> None:
        if not isinstance(self.task_spec, events.End):
            real(self)

    patch.setattr(Token, "drop", drop)


PROCESS_BUGS = (
    Bug(join_goes_on_with_one_token, checks.joins),
    Bug(join_forgets_its_tokens, checks.joins),
    Bug(join_knows_flows_but_not_how_many, checks.plays),
    Bug(join_takes_all_there_is, checks.plays),
    Bug(inclusive_join_waits_for_nobody, checks.joins),
    Bug(inclusive_join_waits_for_all, checks.plays),
    Bug(border_taken_for_a_flow, checks.borders),
    Bug(waiting_join_not_stored, checks.joins),
    Bug(who_hangs_on_whom_forgotten, checks.restarts),
    Bug(ids_given_twice, checks.plays),
    Bug(performers_forgotten, checks.four_eyes),
    Bug(what_is_left_of_the_first_format_lost, checks.first_format),
    Bug(arrivals_of_the_first_format_lost, checks.first_format),
    Bug(item_of_the_first_part_for_all, checks.restarts),
    Bug(last_part_first, checks.restarts),
    Bug(others_left_when_enough_is_done, checks.plays),
    Bug(message_taken_twice, checks.plays),
    Bug(losers_of_a_race_stay, checks.plays),
    Bug(listeners_stay_when_a_task_is_done, checks.plays),
    Bug(listeners_stay_after_an_interruption, checks.plays),
    Bug(interruption_stops_nothing, checks.plays),
    Bug(every_event_interrupts, checks.plays),
    Bug(begun_while_completing, checks.plays),
    Bug(condition_that_stays_true_fires_again, checks.conditions),
    Bug(cycle_begins_anew, checks.plays),
    Bug(any_error_before_its_own, checks.plays),
    Bug(error_goes_to_the_outermost, checks.plays),
    Bug(signal_heard_by_the_first_only, checks.plays),
    Bug(undone_in_order_of_completion, checks.plays),
    Bug(undone_once_more, checks.plays),
    Bug(last_condition_first, checks.plays),
    Bug(default_taken_as_well, checks.plays),
    Bug(token_left_behind, checks.ends),
)
