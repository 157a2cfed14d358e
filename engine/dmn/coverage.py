"""Which inputs a table's rules are for, as far as it can be told without facts: rules that overlap, inputs left over.

Each column gets sample values: the constants of its cells, one value between neighbours, one on either side; for texts one
that nobody names. Two values between the same constants pass the same tests, so the samples stand for all values. Only
columns of constants, comparisons and intervals are judged; of others nothing is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine import feel
from engine.dmn import limits
from engine.dmn.reading_tables import Drawn
from engine.dmn.types import Type
from engine.feel import nodes as n
from engine.feel.compiling.tests import Tester
from engine.feel.running import Run
from engine.feel.values import kind

_STEPS: dict[str, object] = {
    "number": Decimal(1),
    "date": dt.timedelta(days=1),
    "date and time": dt.timedelta(seconds=1),
    "days and time duration": dt.timedelta(seconds=1),
}


@dataclass(frozen=True, slots=True)
class Case:
    """Sample values, column by column (None where the column does not matter), and the rules (from 1) that match them."""

    values: tuple[object, ...]
    rules: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    """`samples` of a column, and for each rule the set of samples that pass, as bits."""

    samples: tuple[object, ...]
    passing: tuple[int, ...]

    @property
    def all(self) -> int:
        return (1 << len(self.samples)) - 1


def overlaps(table: Drawn) -> Iterator[Case]:
    """Each pair of rules that some input matches, with that input."""
    columns = _columns(table)
    count = len(table.rules)
    if columns is None or count * (count - 1) // 2 > limits.MAX_PAIRS:
        return
    for first in range(count):
        for second in range(first + 1, count):
            common = [column.passing[first] & column.passing[second] for column in columns]
            if all(common):
                yield Case(
                    tuple(_sample(column, bits) for column, bits in zip(columns, common, strict=True)),
                    (first + 1, second + 1),
                )


def gaps(table: Drawn) -> Iterator[Case]:
    """Inputs that no rule is for."""
    columns = _columns(table)
    if columns is None or not columns:
        return
    yield from _uncovered(columns, (1 << len(table.rules)) - 1, (), [limits.MAX_TRIALS])


def _uncovered(columns: Sequence[_Column], live: int, chosen: tuple[object, ...], left: list[int]) -> Iterator[Case]:
    """`live`: the rules, as bits, that match what was chosen for the columns before."""
    depth = len(chosen)
    if not live:
        yield Case((*chosen, *[None] * (len(columns) - depth)), ())
        return
    rules = [index for index in range(live.bit_length()) if live >> index & 1]
    if any(all(column.passing[rule] == column.all for column in columns[depth:]) for rule in rules):
        return
    left[0] -= len(rules) * len(columns[depth].samples)
    if left[0] < 0:
        return
    groups: dict[int, object] = {}  # samples that the same rules match lead to the same end
    for index, sample in enumerate(columns[depth].samples):
        still = sum(1 << rule for rule in rules if columns[depth].passing[rule] >> index & 1)
        groups.setdefault(still, sample)
    for still, sample in groups.items():
        yield from _uncovered(columns, still, (*chosen, None if len(groups) == 1 else sample), left)


def _sample(column: _Column, bits: int) -> object:
    """The first of the samples; None where all pass, and the column does not matter."""
    return None if bits == column.all else column.samples[(bits & -bits).bit_length() - 1]


def _columns(table: Drawn) -> list[_Column] | None:
    """The columns with their samples; None if one of them cannot be judged."""
    columns = []
    for index, (_, of, allowed) in enumerate(table.inputs):
        cells = [rule[index] for rule in table.rules]
        limits_ = [each for each in (allowed, *_of_type(of)) if each is not None]
        constants = _constants([*cells, *limits_])
        if constants is None:
            return None
        run = Run(0)
        admitted = [_tester(each) for each in limits_]
        samples = tuple(
            value for value in _samples(constants, _base(of)) if all(test(value, {}, run) is True for test in admitted)
        )
        if not samples or len(samples) * len(cells) > limits.MAX_TRIALS:
            return None
        columns.append(_Column(samples, tuple(_bits(_tester(cell), samples, run) for cell in cells)))
    return columns


def _bits(test: Tester, samples: Sequence[object], run: Run) -> int:
    return sum(1 << index for index, value in enumerate(samples) if test(value, {}, run) is True)


def _tester(tests: n.UnaryTests) -> Tester:
    return feel.UnaryTests("", tests).tester


def _of_type(of: Type) -> list[n.UnaryTests]:
    found = [feel.compile_unary_tests(text).tree for _, text in of.allowed]
    return found + (_of_type(of.under) if of.under is not None and not of.many else [])


def _base(of: Type) -> str:
    return _base(of.under) if of.under is not None and not of.many else of.base


def _constants(cells: Sequence[n.UnaryTests]) -> list[object] | None:
    """What the tests compare with; None if one compares with anything else, or if they are of different kinds."""
    found: list[object] = []
    for cell in cells:
        for test in cell.tests:
            parts = _compared(test)
            if parts is None:
                return None
            found += parts
    kinds = {kind(value) for value in found}
    return found if len(kinds) <= 1 and kinds <= {*_STEPS, "string", "boolean"} else None


def _compared(test: n.Node) -> list[object] | None:
    if isinstance(test, n.Literal):
        return [test.value]
    if isinstance(test, n.UnaryTest):
        return _compared(test.operand) if isinstance(test.operand, n.Literal) else None
    if isinstance(test, n.Interval):
        bounds = [bound for bound in (test.low, test.high) if bound is not None]
        return [bound.value for bound in bounds if isinstance(bound, n.Literal)] if _literal(bounds) else None
    return None


def _literal(nodes: Sequence[n.Node]) -> bool:
    return all(isinstance(node, n.Literal) for node in nodes)


def _samples(constants: Sequence[object], base: str) -> list[object]:
    of = kind(constants[0]) if constants else base
    if of == "boolean":
        return [True, False]
    if not constants:
        return [""]  # nobody asks
    if of == "string":
        words = sorted({str(value) for value in constants})
        return [*words, "…"]
    ordered = sorted(set(constants))  # type: ignore[type-var]
    step = _STEPS[of]
    samples: list[object] = [ordered[0] - step]  # type: ignore[operator]
    for low, high in zip(ordered, [*ordered[1:], None], strict=True):
        samples.append(low)
        if high is None:
            samples.append(low + step)  # type: ignore[operator]
        elif (between := _between(low, high, base)) is not None:
            samples.append(between)
    return samples


def _between(low: object, high: object, base: str) -> object:
    """A value between two; None if there is none."""
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        if base == "whole":
            return low + 1 if low + 1 < high else None
        return (low + high) / 2
    middle = low + (high - low) / 2  # type: ignore[operator]
    return middle if low < middle < high else None
