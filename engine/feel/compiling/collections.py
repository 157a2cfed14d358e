"""Lists, contexts, intervals, and ways into them: paths and filters."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from engine.feel import nodes as n
from engine.feel.compiling.environment import Closure, Environment, Scope, compiles, weight
from engine.feel.properties import PROPERTIES
from engine.feel.running import Run
from engine.feel.values import KINDS_ZH, Range, as_list, kind, to_whole


@compiles(n.List)
def compile_list(node: n.List, env: Environment) -> Closure:
    items = tuple(env.compile(item) for item in node.items)

    def made(scope: Scope, run: Run) -> object:
        run.spend(len(items))
        return [item(scope, run) for item in items]

    return made


@compiles(n.Context)
def compile_context(node: n.Context, env: Environment) -> Closure:
    """Every entry sees those before it."""
    entries = []
    for entry in node.entries:
        value = env.compile(entry.value)
        env, slot = env.bind(entry.key)
        entries.append((entry.key, slot, value))

    def context(scope: Scope, run: Run) -> object:
        run.spend(len(entries))
        made: dict[str, object] = {}
        for key, slot, value in entries:
            made[key] = run.locals[slot] = value(scope, run)
        return made

    return context


@compiles(n.Interval)
def compile_interval(node: n.Interval, env: Environment) -> Closure:
    low = env.compile(node.low) if node.low else None
    high = env.compile(node.high) if node.high else None

    def interval(scope: Scope, run: Run) -> object:
        first = low(scope, run) if low else None
        last = high(scope, run) if high else None
        if (low and first is None) or (high and last is None):
            return run.null("区间的端点为空值", "a bound of the interval is null")
        if low and high and kind(first) != kind(last):
            return run.null("区间的两个端点类型不同", "the bounds of the interval are of different types")
        return Range(first, last, node.low_closed, node.high_closed)

    return interval


@compiles(n.Path)
def compile_path(node: n.Path, env: Environment) -> Closure:
    value, key = env.compile(node.value), node.key

    def path(scope: Scope, run: Run) -> object:
        found = value(scope, run)
        if found.__class__ is dict and key in found:
            return found[key]
        return step(found, key, run)

    return path


def step(value: object, key: str, run: Run) -> object:
    """`.key` of a context, of every item of a list, or of a temporal value or interval: nothing else has parts."""
    if isinstance(value, dict):
        if key in value:
            return value[key]
        return run.null("上下文中没有“{key}”", "the context has no “{key}”", key=key)
    if isinstance(value, list | tuple):
        run.spend(len(value))
        return [step(item, key, run) for item in value]
    of = kind(value)
    prop = PROPERTIES.get((of, key))
    if prop is None:
        zh, en = "{zh}没有“{key}”", "a {en} has no “{key}”"
        return run.null(zh, en, zh=KINDS_ZH[of], en=of, key=key)
    return prop(value)


@compiles(n.Filter)
def compile_filter(node: n.Filter, env: Environment) -> Closure:
    value = env.compile(node.value)
    if isinstance(node.condition, n.Literal) and isinstance(node.condition.value, Decimal):
        return _position(value, to_whole(node.condition.value))
    inner, slot = env.bind(None)
    condition, cost = inner.compile(node.condition), weight(node.condition)

    def chosen(scope: Scope, run: Run) -> object:
        found = value(scope, run)
        if found is None:
            return run.null("空值不能筛选", "null cannot be filtered")
        items = as_list(found)
        kept: list[object] = []
        for index, item in enumerate(items):
            run.spend(cost)
            run.locals[slot] = item
            result = condition(scope, run)
            if result is True:
                kept.append(item)
            elif index == 0 and kind(result) == "number":
                return pick(items, to_whole(result), run)
        return kept

    return chosen


def _position(value: Closure, position: int | None) -> Closure:
    def item(scope: Scope, run: Run) -> object:
        found = value(scope, run)
        return run.null("空值没有项", "null has no items") if found is None else pick(as_list(found), position, run)

    return item


def pick(items: Sequence[object], position: int | None, run: Run) -> object:
    """The item at a position, from 1, or from the end with -1."""
    if position is None or position == 0 or abs(position) > len(items):
        return run.null("列表没有第 {position} 项", "the list has no item {position}", position=position)
    return items[position - 1 if position > 0 else position]
