"""`for`, `some` and `every`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.feel import nodes as n
from engine.feel.compiling.environment import Closure, Environment, Scope, compiles, weight
from engine.feel.compiling.logic import not_boolean
from engine.feel.running import MAX_LIST, Run, sized_list
from engine.feel.values import Range, as_list, to_whole


@dataclass(frozen=True, slots=True)
class _Step:
    slot: int
    source: Closure
    to: Closure | None


def _bind(iterations: tuple[n.Iteration, ...], env: Environment) -> tuple[tuple[_Step, ...], Environment]:
    """Every iteration sees the variables of those before it."""
    steps = []
    for iteration in iterations:
        source = env.compile(iteration.source)
        to = env.compile(iteration.to) if iteration.to else None
        env, slot = env.bind(iteration.name)
        steps.append(_Step(slot, source, to))
    return tuple(steps), env


class _NoSource(Exception):
    """What should be gone through is null, or no list, interval or range."""


@compiles(n.For)
def compile_for(node: n.For, env: Environment) -> Closure:
    steps, inner = _bind(node.iterations, env)
    inner, partial = inner.bind("partial")
    wants_partial = any(isinstance(part, n.Name) and part.name == "partial" for part, _ in n.walk(node.body))
    body, cost = inner.compile(node.body), weight(node.body)

    def loop(scope: Scope, run: Run) -> object:
        results: list[object] = []
        try:
            for _ in _turns(steps, scope, run):
                run.spend(cost)
                if wants_partial:
                    run.spend(len(results))
                    run.locals[partial] = list(results)
                results.append(body(scope, run))
                if len(results) > MAX_LIST:
                    sized_list(results)
        except _NoSource:
            return None
        return results

    return loop


@compiles(n.Quantified)
def compile_quantified(node: n.Quantified, env: Environment) -> Closure:
    steps, inner = _bind(node.iterations, env)
    condition, cost = inner.compile(node.condition), weight(node.condition)
    decisive = not node.every  # the value that settles it

    def quantified(scope: Scope, run: Run) -> object:
        unknown = False
        try:
            for _ in _turns(steps, scope, run):
                run.spend(cost)
                value = condition(scope, run)
                if value is decisive:
                    return decisive
                if not isinstance(value, bool):
                    unknown = True
                    not_boolean(run, value)
        except _NoSource:
            return None
        return None if unknown else not decisive

    return quantified


def _turns(steps: tuple[_Step, ...], scope: Scope, run: Run) -> Iterator[None]:
    """Sets the variables for each turn in order, the last variable fastest."""
    step, rest = steps[0], steps[1:]
    for item in _items(step, scope, run):
        run.spend(1)
        run.locals[step.slot] = item
        if rest:
            yield from _turns(rest, scope, run)
        else:
            yield


def _items(step: _Step, scope: Scope, run: Run) -> Iterable[object]:
    source = step.source(scope, run)
    if step.to is not None:
        return _count(source, step.to(scope, run), run)
    if isinstance(source, Range):
        return _inside(source, run)
    if source is None:
        run.null("循环的对象为空值", "what the loop goes through is null")
        raise _NoSource
    return as_list(source)


def _inside(interval: Range, run: Run) -> Iterable[object]:
    """The whole numbers, or days, of an interval."""
    if interval.low is None or interval.high is None:
        run.null("无界区间不能循环", "an unbounded interval cannot be gone through")
        raise _NoSource
    turns = _count(interval.low, interval.high, run)
    if not interval.low_closed:
        turns = (item for item in turns if item != interval.low)
    if not interval.high_closed:
        turns = (item for item in turns if item != interval.high)
    return turns


def _count(first: object, last: object, run: Run) -> Iterable[object]:
    """Up or down, both ends included."""
    if _is_day(first) and _is_day(last):
        return _days(first, last)  # type: ignore[arg-type]
    start, end = to_whole(first), to_whole(last)
    if start is None or end is None:
        run.null("循环的区间须为整数或日期", "a loop's interval goes from one whole number or date to another")
        raise _NoSource
    return range(start, end + 1) if start <= end else range(start, end - 1, -1)


def _is_day(value: object) -> bool:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    ordinals = range(first.toordinal(), last.toordinal() + 1)
    if first > last:
        ordinals = range(first.toordinal(), last.toordinal() - 1, -1)
    return (dt.date.fromordinal(ordinal) for ordinal in ordinals)
