"""List functions: the examples of DMN 1.5, table 76, with their nulls; and those for booleans and contexts."""

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    "line",
    [
        "list contains([1, 2, 3], 2) => true",
        "list contains([1, 2, 3], 4) => false",
        "list contains([1, null], null) => true",
        '["a"] = ["a"] and list contains(["a"], 1) => false',
        "list contains(null, 1) => null",
        "list contains(1, 1) => true",
        "count([1, 2, 3]) => 3",
        "count([]) => 0",
        "count([1, [2, 3]]) => 2",
        "count(null) => null",
        "count(7) => 1",
        "min([3, 1, 2]) => 1",
        "min(3, 1, 2) => 1",
        "min(1) => 1",
        'min("b", "a") => "a"',
        'min([@"2026-10-02", @"2026-10-01"]) => @"2026-10-01"',
        "min([]) => null",
        'min([1, "a"]) => null',
        "min(null) => null",
        "max(1, 2, 3) => 3",
        "max([1, null]) => null",
        'max(["a", "c", "b"]) => "c"',
        "sum([1, 2, 3]) => 6",
        "sum(1, 2, 3) => 6",
        "sum(5) => 5",
        "sum([]) => null",
        'sum([1, "a"]) => null',
        "sum([1, null]) => null",
        'sum([@"PT1H", @"PT30M"]) => @"PT90M"',
        'sum(@"P1Y", @"P1M") => @"P13M"',
        'sum(@"P1Y", @"P1D") => null',
        "mean([1, 2, 3]) => 2",
        "mean(1, 2) => 1.5",
        "mean([]) => null",
        'mean(["a"]) => null',
        "product([2, 3, 4]) => 24",
        "product(2, 3) => 6",
        "product([]) => null",
        "median(8, 2, 5, 3, 4) => 4",
        "median([6, 1, 2, 3]) => 2.5",
        "median([]) => null",
        "stddev([47]) => null",
        "decimal(stddev(2, 4, 7, 5), 6) => 2.081666",
        "stddev([]) => null",
        "mode(6, 3, 9, 6, 6) => [6]",
        "mode([6, 1, 9, 6, 1]) => [1, 6]",
        "mode([]) => []",
        'mode(["a"]) => null',
        "all([true, true]) => true",
        "all([false, null, true]) => false",
        "all([true, null]) => null",
        "all(true) => true",
        "all([]) => true",
        "all([true, 0]) => null",
        "all(true, false) => false",
        "any([false, null, true]) => true",
        "any([false, null]) => null",
        "any([]) => false",
        "any(false, true) => true",
        "any(0) => null",
        "sublist([4, 5, 6], 1, 2) => [4, 5]",
        "sublist([4, 5, 6], 2) => [5, 6]",
        "sublist([4, 5, 6], -2) => [5, 6]",
        "sublist([4, 5, 6], -2, 1) => [5]",
        "sublist([4, 5, 6], 0) => null",
        "sublist([4, 5, 6], 2, 5) => null",
        "sublist(null, 1) => null",
        "append([1], 2, 3) => [1, 2, 3]",
        "append([1], [2]) => [1, [2]]",
        "append([], null) => [null]",
        "append(null, 1) => null",
        "concatenate([1, 2], [3]) => [1, 2, 3]",
        "concatenate([1], 2, [3]) => [1, 2, 3]",
        "concatenate([1]) => [1]",
        "insert before([1, 3], 1, 2) => [2, 1, 3]",
        "insert before([1, 3], -1, 2) => [1, 2, 3]",
        "insert before([1, 3], 3, 2) => null",
        "insert before(null, 1, 2) => null",
        "remove([1, 2, 3], 2) => [1, 3]",
        "remove([1, 2, 3], -1) => [1, 2]",
        "remove([1, 2, 3], 4) => null",
        "list replace([2, 4, 7, 8], 3, 6) => [2, 4, 6, 8]",
        "list replace([2, 4, 7, 8], -1, 6) => [2, 4, 7, 6]",
        "list replace([2, 4], 3, 6) => null",
        "reverse([1, 2, 3]) => [3, 2, 1]",
        "reverse(null) => null",
        "index of([1, 2, 3, 2], 2) => [2, 4]",
        "index of([1, null], null) => [2]",
        "index of([1], 2) => []",
        "union([1, 2], [2, 3]) => [1, 2, 3]",
        "union([1, 2, 1]) => [1, 2]",
        "distinct values([1, 2, 1.0, 3]) => [1, 2, 3]",
        'distinct values(["a", null, "a", null, [1], [1]]) => ["a", null, [1]]',
        'distinct values([1, "1", true]) => [1, "1", true]',
        "duplicate values([1, 2, 1, 1, 3, 2]) => [1, 2]",
        "flatten([[1, 2], [[3]], 4]) => [1, 2, 3, 4]",
        "flatten([[], [[]]]) => []",
        "flatten(1) => [1]",
        "sort([3, 1, 2]) => [1, 2, 3]",
        'sort(["b", "a"]) => ["a", "b"]',
        'sort([1, "a"]) => null',
        "sort([]) => []",
    ],
)
def test_lists(holds: Callable[[str], None], line: str) -> None:
    holds(line)


@pytest.mark.parametrize(
    "line",
    [
        'get value({a: 1}, "a") => 1',
        'get value({a: 1}, "b") => null',
        'get value(null, "a") => null',
        "get value({a: 1}, null) => null",
        'get value({"a b": 1}, "a b") => 1',
        'get entries({a: 1, b: 2}) => [{key: "a", value: 1}, {key: "b", value: 2}]',
        "get entries({}) => []",
        "get entries(null) => null",
        'get entries({a: 1, b: 2})[key = "b"].value => [2]',
        'context put({a: 1}, "b", 2) => {a: 1, b: 2}',
        'context put({a: 1}, "a", null) => {a: null}',
        'context put({x: 1, y: {a: 0, b: 0}}, ["y", "a"], 2) => {x: 1, y: {a: 2, b: 0}}',
        'context put({}, ["a", "b"], 1) => {a: {b: 1}}',
        'context put({a: 1}, ["a", "b"], 1) => null',
        "context put({}, [], 1) => null",
        'context put(null, "a", 1) => null',
        "context merge([{a: 1}, {a: 2, b: 3}]) => {a: 2, b: 3}",
        "context merge([]) => {}",
        "context merge([1]) => null",
        'context([{key: "a", value: 1}, {key: "b", value: null}]) => {a: 1, b: null}',
        'context([{key: "a", value: 1}, {key: "a", value: 2}]) => null',
        'context([{key: "a"}]) => null',
        "is(1, 1) => true",
        'is(1, "1") => false',
        "is(null, null) => true",
        'is(@"10:00:00Z", @"18:00:00+08:00") => false',
        'is(@"10:00:00Z", @"10:00:00Z") => true',
        'is(@"2026-10-01T10:00:00", @"2026-10-01T10:00:00+08:00") => false',
    ],
)
def test_contexts(holds: Callable[[str], None], line: str) -> None:
    holds(line)


def test_a_function_leaves_the_facts_as_they_are(feel: Callable[..., object]) -> None:
    facts = {"case": {"place": {"area": "a"}}, "rows": [3, 1, 2]}
    feel('context put(case, ["place", "area"], "b")', **facts)
    feel("[sort(rows), reverse(rows), append(rows, 1), remove(rows, 1)]", **facts)
    assert facts == {"case": {"place": {"area": "a"}}, "rows": [3, 1, 2]}


@pytest.mark.parametrize(
    "line",
    [
        'sample([1, 2, 3, 4, 5, 6], 3, "2026-1") => [1, 4, 6]',
        'sample([6, 5, 4, 3, 2, 1], 3, "2026-1") => [6, 4, 1]',
        "sample([1, 2, 3, 4, 5, 6], 3, 7) = sample([1, 2, 3, 4, 5, 6], 3, 7) => true",
        'count(distinct values(for seed in 1..30 return sample(["a", "b", "c", "d"], 1, seed)[1])) => 4',
        "count(sample([1, 1, 1, 1], 2, 1)) => 2",
        "sample([{b: 1, a: 2}], 1, 1) => [{b: 1, a: 2}]",
        "sample([1, 2], 5, 1) => [1, 2]",
        "sample([1, 2], 0, 1) => []",
        "sample([], 3, 1) => []",
        "sample([1, 2], -1, 1) => null",
        "sample([1, 2], 1, null) => null",
        "sample(null, 1, 1) => null",
    ],
)
def test_samples(holds: Callable[[str], None], line: str) -> None:
    holds(line)


def test_a_sample_is_drawn_evenly(feel: Callable[..., list[int]]) -> None:
    """Each of twenty, in 400 draws of five: about a hundred times."""
    rows = list(range(20))
    drawn = [place for seed in range(400) for place in feel("sample(rows, 5, seed)", seed=seed, rows=rows)]
    counts = [drawn.count(place) for place in set(drawn)]
    assert len(counts) == 20
    assert 60 < min(counts) <= max(counts) < 140
