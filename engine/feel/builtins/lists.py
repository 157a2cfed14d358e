"""List functions (DMN 1.5, 10.3.4.4). Positions count from 1, or from the end with -1."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from decimal import Decimal, DecimalException
from functools import cmp_to_key
from operator import gt, lt

from engine.feel.arithmetic import calculate
from engine.feel.builtins.registry import Lambda, builtin
from engine.feel.comparing import equal, ordered
from engine.feel.printing import to_json
from engine.feel.running import Run, sized_list
from engine.feel.values import NUMBERS, as_list, kind, to_number


@builtin("list contains(list: list, element: maybe) boolean")
def list_contains(run: Run, items: Sequence[object], element: object) -> bool:
    return any(equal(item, element, run) is True for item in items)


@builtin("count(list: list) number")
def count(run: Run, items: Sequence[object]) -> int:
    return len(items)


@builtin("min(*list: list) Any")
def minimum(run: Run, items: Sequence[object]) -> object:
    return _extreme(run, items, smallest=True)


@builtin("max(*list: list) Any")
def maximum(run: Run, items: Sequence[object]) -> object:
    return _extreme(run, items, smallest=False)


def _extreme(run: Run, items: Sequence[object], *, smallest: bool) -> object:
    if not items:
        return run.null("空列表没有最大最小值", "an empty list has no minimum or maximum")
    best = items[0]
    for item in items:
        better = ordered(item, lt if smallest else gt, best, run)
        if better is None:
            return None
        if better:
            best = item
    return best


@builtin("sum(*list: list) number")
def total(run: Run, items: Sequence[object]) -> object:
    """Of numbers, or of durations of one kind."""
    if not items:
        return run.null("空列表没有总和", "an empty list has no sum")
    result = items[0] if kind(items[0]).endswith("duration") else Decimal(0)
    for item in items[1:] if kind(items[0]).endswith("duration") else items:
        if kind(item) != kind(result):
            return run.null("sum 的列表只能含数字或同类时长", "sum takes numbers, or durations of one kind")
        result = calculate("+", result, item, run)
    return result


def _numbers(run: Run, name: str, items: Sequence[object]) -> list[Decimal] | None:
    numbers = [number for item in items if (number := to_number(item)) is not None]
    if not items or len(numbers) != len(items):
        return run.null(
            "{name} 的列表须含数字，且不为空", "{name} takes a list of numbers that is not empty", name=name
        )
    return numbers


@builtin("mean(*list: list) number")
def mean(run: Run, items: Sequence[object]) -> object:
    numbers = _numbers(run, "mean", items)
    return None if numbers is None else calculate("/", total(run, numbers), Decimal(len(numbers)), run)


@builtin("product(*list: list) number")
def product(run: Run, items: Sequence[object]) -> object:
    numbers = _numbers(run, "product", items)
    result: object = Decimal(1)
    for number in numbers or ():
        result = calculate("*", result, number, run)
    return None if numbers is None else result


@builtin("median(*list: list) number")
def median(run: Run, items: Sequence[object]) -> object:
    numbers = sorted(_numbers(run, "median", items) or ())
    middle = len(numbers) // 2
    if not numbers:
        return None
    if len(numbers) % 2:
        return numbers[middle]
    return calculate("/", calculate("+", numbers[middle - 1], numbers[middle], run), Decimal(2), run)


@builtin("stddev(*list: list) number")
def stddev(run: Run, items: Sequence[object]) -> object:
    """Of a sample: at least two numbers."""
    numbers = _numbers(run, "stddev", items)
    if numbers is None or len(numbers) < 2:
        return run.null("stddev 至少需要两个数字", "stddev takes at least two numbers")
    try:
        middle = NUMBERS.divide(_sum(numbers), Decimal(len(numbers)))
        squares = [NUMBERS.power(NUMBERS.subtract(number, middle), Decimal(2)) for number in numbers]
        return NUMBERS.sqrt(NUMBERS.divide(_sum(squares), Decimal(len(numbers) - 1)))
    except DecimalException:
        return run.null("结果太大", "the result is too large")


def _sum(numbers: Sequence[Decimal]) -> Decimal:
    result = Decimal(0)
    for number in numbers:
        result = NUMBERS.add(result, number)
    return result


@builtin("mode(*list: list) list")
def mode(run: Run, items: Sequence[object]) -> list[object] | None:
    """The most frequent numbers, in ascending order; of an empty list none."""
    if not items:
        return []
    numbers = _numbers(run, "mode", items)
    if numbers is None:
        return None
    counts: dict[Decimal, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values())
    return sorted(number for number, times in counts.items() if times == most)  # type: ignore[return-value]


@builtin("all(*list: list) boolean")
def every(run: Run, items: Sequence[object]) -> bool | None:
    """False if any is false; else null if any is no boolean; else true."""
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


@builtin("any(*list: list) boolean")
def some(run: Run, items: Sequence[object]) -> bool | None:
    """True if any is true; else null if any is no boolean; else false."""
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


@builtin("sublist(list: list, start position: whole, length?: whole) list")
def sublist(run: Run, items: Sequence[object], start: int, length: int | None = None) -> list[object] | None:
    begin = _index(run, items, start)
    if begin is None:
        return None
    if length is not None and not 0 <= length <= len(items) - begin:
        return run.null("sublist 的长度超出列表", "the length for sublist goes past the list")
    return list(items[begin:] if length is None else items[begin : begin + length])


def _index(run: Run, items: Sequence[object], position: int) -> int | None:
    index = position - 1 if position > 0 else len(items) + position
    if position == 0 or not 0 <= index < len(items):
        return run.null("列表没有第 {position} 项", "the list has no item {position}", position=position)
    return index


@builtin("append(list: list, *item: list) list")
def append(run: Run, items: Sequence[object], more: Sequence[object]) -> list[object]:
    return sized_list([*items, *more])


@builtin("concatenate(*list: list) list")
def concatenate(run: Run, lists: Sequence[object]) -> list[object]:
    return _joined(run, lists)


@builtin("union(*list: list) list")
def union(run: Run, lists: Sequence[object]) -> list[object]:
    return distinct_values(run, _joined(run, lists))


def _joined(run: Run, lists: Sequence[object]) -> list[object]:
    joined: list[object] = []
    for part in lists:
        items = as_list(part)
        run.spend(len(items))
        joined.extend(items)
        sized_list(joined)
    return joined


@builtin("insert before(list: list, position: whole, newItem: maybe) list")
def insert_before(run: Run, items: Sequence[object], position: int, item: object) -> list[object] | None:
    index = _index(run, items, position)
    return None if index is None else sized_list([*items[:index], item, *items[index:]])


@builtin("remove(list: list, position: whole) list")
def remove(run: Run, items: Sequence[object], position: int) -> list[object] | None:
    index = _index(run, items, position)
    return None if index is None else [*items[:index], *items[index + 1 :]]


@builtin("list replace(list: list, match: function, newItem: maybe) list")
def list_replace_by(run: Run, items: Sequence[object], match: Lambda, item: object) -> list[object] | None:
    """Each item for which the function of item and new item is true."""
    found = [match.call(each, item) for each in items]
    if not all(isinstance(each, bool) for each in found):
        return run.null("list replace 的函数没有给出布尔值", "the function for list replace gave no boolean")
    return [item if same else each for each, same in zip(items, found, strict=True)]


@builtin("list replace(list: list, position: whole, newItem: maybe) list")
def list_replace(run: Run, items: Sequence[object], position: int, item: object) -> list[object] | None:
    index = _index(run, items, position)
    return None if index is None else [*items[:index], item, *items[index + 1 :]]


@builtin("reverse(list: list) list")
def reverse(run: Run, items: Sequence[object]) -> list[object]:
    return list(reversed(items))


@builtin("index of(list: list, match: maybe) list")
def index_of(run: Run, items: Sequence[object], match: object) -> list[object]:
    return [index for index, item in enumerate(items, 1) if equal(item, match, run) is True]


@builtin("distinct values(list: list) list")
def distinct_values(run: Run, items: Sequence[object]) -> list[object]:
    """Without repetitions, in the order of first appearance."""
    return _sorted_out(run, items)[0]


@builtin("duplicate values(list: list) list")
def duplicate_values(run: Run, items: Sequence[object]) -> list[object]:
    """Each value that stands more than once in the list, once."""
    return distinct_values(run, _sorted_out(run, items)[1])


def _sorted_out(run: Run, items: Sequence[object]) -> tuple[list[object], list[object]]:
    """The first of every value, and the repetitions. Strings and numbers by hash, the rest one against the other."""
    first: list[object] = []
    again: list[object] = []
    keys: set[str | Decimal] = set()
    others: list[object] = []
    for item in items:
        key = item if isinstance(item, str) else to_number(item)
        if key is not None:
            known = key in keys
            keys.add(key)
        else:
            run.spend(1 + (len(others) >> 1))
            known = any(equal(item, other, run) is True for other in others)
            if not known:
                others.append(item)
        (again if known else first).append(item)
    return first, again


@builtin("sample(list: list, size: whole, seed: any) list")
def sample(run: Run, items: Sequence[object], size: int, seed: object) -> list[object] | None:
    """So many items drawn at random, in the order of the list; all where there are no more. Not in the standard. The same seed draws the
    same again, whoever counts it after: an item's place in the draw is the SHA-256 of the seed, the item as JSON (sorted keys) and how
    often the same item stood before it, as UTF-8 lines, so that it does not matter in what order the list came; the smallest are drawn."""
    if size < 0:
        return run.null("抽样数不能小于零", "a sample has no negative size")
    drawn: list[tuple[bytes, int]] = []
    seen: dict[str, int] = {}
    for place, item in enumerate(items):
        run.spend(1)
        what = json.dumps(to_json(item), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        seen[what] = seen.get(what, 0) + 1
        text = f"{json.dumps(to_json(seed), ensure_ascii=False)}\n{what}\n{seen[what]}"
        drawn.append((hashlib.sha256(text.encode()).digest(), place))
    places = sorted(place for _, place in sorted(drawn)[:size])
    return [items[place] for place in places]


@builtin("flatten(list: list) list")
def flatten(run: Run, items: Sequence[object]) -> list[object]:
    flat: list[object] = []
    waiting: list[object] = list(reversed(items))
    while waiting:
        run.spend(1)
        item = waiting.pop()
        if isinstance(item, list | tuple):
            waiting.extend(reversed(item))
            sized_list(waiting)
        else:
            flat.append(item)
    return sized_list(flat)


class _Unordered(Exception):
    """Two items of which neither comes first, because they cannot be compared."""


@builtin("sort(list: list) list")
def sort(run: Run, items: Sequence[object]) -> list[object] | None:
    """Ascending by `<`."""

    def compare(one: object, other: object) -> int:
        run.spend(1)
        less = ordered(one, lt, other, run)
        if less is None:
            raise _Unordered
        return -1 if less else 1 if ordered(one, gt, other, run) else 0

    return _sorted(items, compare)


@builtin("sort(list: list, precedes: function) list")
def sort_by(run: Run, items: Sequence[object], precedes: Lambda) -> list[object] | None:
    """By a function that says whether its first argument comes before its second."""

    def compare(one: object, other: object) -> int:
        first = precedes.call(one, other)
        if first is True:
            return -1
        second = precedes.call(other, one)
        if first is not False or not isinstance(second, bool):
            run.null("sort 的函数没有给出布尔值", "the function for sort gave no boolean")
            raise _Unordered
        return 1 if second else 0

    return _sorted(items, compare)


def _sorted(items: Sequence[object], compare: Callable[[object, object], int]) -> list[object] | None:
    try:
        return sorted(items, key=cmp_to_key(compare))
    except _Unordered:
        return None
