"""Hit policies: from the rules that match to the result of a table (DMN 1.5, 8.2.10 and 10.3.2.10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import gt, lt

from engine.dmn.errors import Wrong
from engine.feel.arithmetic import calculate
from engine.feel.comparing import equal, ordered
from engine.feel.running import Run
from engine.feel.values import kind

POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
AGGREGATIONS = ("SUM", "COUNT", "MIN", "MAX")
LISTS = ("COLLECT", "RULE ORDER", "OUTPUT ORDER")  # those that give a list, COLLECT without an aggregation


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matches: its number from 1, its outputs, and what the table gives for it alone."""

    rule: int
    outputs: tuple[object, ...]
    result: object


Policy = Callable[[Sequence[Hit], Run], object]
"""What a table gives for its hits, in the order of the rules; there is at least one."""


def unique(hits: Sequence[Hit], _run: Run) -> object:
    """At most one rule matches."""
    if len(hits) > 1:
        rules = [hit.rule for hit in hits]
        raise Wrong(
            f"命中策略是 UNIQUE，却有 {len(rules)} 条规则同时符合：第 {_listed(rules, '、')} 条",
            f"the hit policy is UNIQUE, but {len(rules)} rules match: {_listed(rules, ', ')}",
            rules,
        )
    return hits[0].result


def first(hits: Sequence[Hit], _run: Run) -> object:
    """The first in the order of the rules."""
    return hits[0].result


def any_(hits: Sequence[Hit], run: Run) -> object:
    """All that match give the same."""
    if any(equal(hit.result, hits[0].result, run) is not True for hit in hits[1:]):
        rules = [hit.rule for hit in hits]
        raise Wrong(
            f"命中策略是 ANY，符合的规则结果却不同：第 {_listed(rules, '、')} 条",
            f"the hit policy is ANY, but the rules that match give different results: {_listed(rules, ', ')}",
            rules,
        )
    return hits[0].result


def rule_order(hits: Sequence[Hit], _run: Run) -> object:
    """All, in the order of the rules. COLLECT may have any order: it has this one."""
    return [hit.result for hit in hits]


def priority(ranks: Sequence[Sequence[object]]) -> Policy:
    """The one whose outputs come first in their lists of values, from left to right."""
    return lambda hits, run: _ranked(hits, ranks, run)[0].result


def output_order(ranks: Sequence[Sequence[object]]) -> Policy:
    """All, those whose outputs come first in their lists of values before the others."""
    return lambda hits, run: [hit.result for hit in _ranked(hits, ranks, run)]


def _ranked(hits: Sequence[Hit], ranks: Sequence[Sequence[object]], run: Run) -> list[Hit]:
    return sorted(
        hits, key=lambda hit: [_rank(value, order, run) for value, order in zip(hit.outputs, ranks, strict=True)]
    )


def _rank(value: object, order: Sequence[object], run: Run) -> int:
    """Behind all, if it is not listed: an output without a list of values has no say."""
    return next((index for index, each in enumerate(order) if equal(value, each, run) is True), len(order))


def total(hits: Sequence[Hit], run: Run) -> object:
    """COLLECT SUM: of numbers, or of durations of one kind."""
    values = [hit.outputs[0] for hit in hits]
    of = kind(values[0])
    if of not in ("number", "days and time duration", "years and months duration"):
        raise _not_of(hits, ("数字或时长", "numbers or durations"))
    result = calculate("+", Decimal(0), values[0], run) if of == "number" else values[0]
    for value in values[1:]:
        result = calculate("+", result, value, run) if kind(value) == of else None
    if result is None:
        raise _not_of(hits, ("数字或同类时长", "numbers or durations of one kind"))
    return result


def count(hits: Sequence[Hit], _run: Run) -> object:
    """COLLECT COUNT: how many rules match."""
    return Decimal(len(hits))


def smallest(hits: Sequence[Hit], run: Run) -> object:
    """COLLECT MIN."""
    return _extreme(hits, run, least=True)


def largest(hits: Sequence[Hit], run: Run) -> object:
    """COLLECT MAX."""
    return _extreme(hits, run, least=False)


def _extreme(hits: Sequence[Hit], run: Run, *, least: bool) -> object:
    best = hits[0].outputs[0]
    for hit in hits:
        better = ordered(hit.outputs[0], lt if least else gt, best, run)
        if better is None:
            raise _not_of(hits, ("可比较大小的同类值", "values of one kind that have an order"))
        best = hit.outputs[0] if better else best
    return best


def _not_of(hits: Sequence[Hit], what: tuple[str, str]) -> Wrong:
    rules = [hit.rule for hit in hits]
    return Wrong(
        f"汇总的结果须为{what[0]}：第 {_listed(rules, '、')} 条规则",
        f"the outputs collected must be {what[1]}: rules {_listed(rules, ', ')}",
        rules,
    )


def _listed(rules: Sequence[int], comma: str) -> str:
    return comma.join(map(str, rules[:10])) + ("…" if len(rules) > 10 else "")


COLLECTORS: dict[str, Policy] = {"": rule_order, "SUM": total, "COUNT": count, "MIN": smallest, "MAX": largest}
SIMPLE: dict[str, Policy] = {"UNIQUE": unique, "FIRST": first, "ANY": any_, "RULE ORDER": rule_order}
EMPTY: dict[str, object] = {"COUNT": Decimal(0)}
"""What an aggregation gives of no rule at all, as FEEL's functions do: `count([])` is 0, sum, min and max are null."""
