"""Equality, order, between and in: DMN 1.5, tables 53 to 55."""

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    "line",
    [
        "1 = 1.0 => true",
        "1 = 2 => false",
        "1 != 2 => true",
        '"a" = "a" => true',
        '"a" = "A" => false',
        '"a" != "A" => true',
        "true = true => true",
        "true != false => true",
        "null = null => true",
        "null != null => false",
        "1 = null => false",
        "null = 1 => false",
        '"a" = null => false',
        "null != true => true",
        '1 = "1" => null',
        '1 != "1" => null',
        '"a" = 1 => null',
        "true = 1 => null",
        '"true" = true => null',
        "[1] = 1 => null",
        "[1, 2] = [1, 2] => true",
        "[1, 2] = [2, 1] => false",
        "[1] = [1, 1] => false",
        "[] = [] => true",
        "[[1]] = [[1.0]] => true",
        '[1] = ["1"] => false',
        "{a: 1, b: [2]} = {b: [2], a: 1} => true",
        "{a: 1} = {a: 2} => false",
        "{a: 1} = {b: 1} => false",
        "{a: null} = {} => false",
        "[1..3] = [1..3] => true",
        "[1..3] = [1..3) => false",
        "(< 3) = (< 3) => true",
        '@"2026-10-01" = @"2026-10-01" => true',
        '@"2026-10-01" = @"2026-10-01T00:00:00" => null',
        '@"2026-10-01T08:00:00+08:00" = @"2026-10-01T00:00:00Z" => true',
        '@"2026-10-01T08:00:00" = @"2026-10-01T00:00:00Z" => true',
        '@"08:00:00" = @"00:00:00Z" => true',
        '@"P1D" = @"PT24H" => true',
        '@"P1Y" = @"P12M" => true',
        '@"P1Y" = @"P365D" => null',
    ],
)
def test_equality(holds: Callable[[str], None], line: str) -> None:
    holds(line)


@pytest.mark.parametrize(
    "line",
    [
        "1 < 2 => true",
        "2 <= 2.0 => true",
        "2 > 2 => false",
        "3 >= 4 => false",
        '"a" < "b" => true',
        '"甲" < "乙" => false',
        "1 < null => null",
        "null >= null => null",
        '1 < "2" => null',
        "true > false => null",
        "[1] < [2] => null",
        "{} < {} => null",
        '@"2026-10-01" < @"2026-10-02" => true',
        '@"2026-10-01" < @"2026-10-02T00:00:00" => null',
        '@"2026-10-01T08:00:00" > @"2026-10-01T00:00:01Z" => false',
        '@"10:00:00" < @"11:00:00" => true',
        '@"10:00:00+08:00" < @"03:00:00Z" => true',
        '@"PT23H" < @"P1D" => true',
        '@"P11M" < @"P1Y" => true',
        '@"P1M" < @"P40D" => null',
        "5 between 1 and 10 => true",
        "1 between 1 and 1 => true",
        "0 between 1 and 10 => false",
        "null between 1 and 10 => null",
        "5 between null and 10 => null",
        "11 between null and 10 => false",
        "5 between 1 and 10 and true => true",
    ],
)
def test_order(holds: Callable[[str], None], line: str) -> None:
    holds(line)


@pytest.mark.parametrize(
    "line",
    [
        "1 in [1..3] => true",
        "3 in [1..3] => true",
        "1 in (1..3] => false",
        "3 in [1..3) => false",
        "1 in ]1..3] => false",
        "3 in [1..3[ => false",
        "2 in ]1..3[ and true => true",
        "(2 in ]1..3[) => true",
        "[2 in ]1..3[, 1] => [true, 1]",
        '"b" in ["a".."c"] => true',
        '@"2026-10-02" in [@"2026-10-01"..@"2026-10-03"] => true',
        "null in [1..3] => null",
        '"a" in [1..3] => null',
        "2 in [null..3] => null",
        "5 in (1, 5) => true",
        "5 in (1, 2) => false",
        "5 in > 3 => true",
        "5 in (> 3) => true",
        "5 in (< 3) => false",
        "5 in (< 3, > 4) => true",
        "5 in (< 3, [4..6]) => true",
        "5 in (= 5) => true",
        "5 in != 5 => false",
        "5 in [1, 5] => true",
        "5 in [[1..2], [4..6]] => true",
        "5 in [] => false",
        "null in [null] => true",
        "[1] in [[1], [2]] => true",
        "[1, 2] in [1, 2] => true",
        '"a" in ("a", "b") => true',
        "1 in 1 => true",
        "(< 5).start => null",
        "[1..5).start => 1",
        "[1..5).end => 5",
        "[1..5).start included => true",
        "[1..5).end included => false",
        '[1.."a"] => null',
    ],
)
def test_in(holds: Callable[[str], None], line: str) -> None:
    holds(line)


@pytest.mark.parametrize("value", [2, 3, 4, 3.0, "3", True, None, [3]])
def test_a_constant_compares_as_a_fact_does(feel: Callable[..., object], value: object) -> None:
    """The quick closures for constants give what the general ones give."""
    for constant in ("3", '"3"', "true", "null"):
        for op in ("=", "!=", "<", "<=", ">", ">="):
            quick, mirrored = feel(f"a {op} {constant}", a=value), feel(f"{constant} {op} a", a=value)
            assert quick is feel(f"a {op} {{c: {constant}}}.c", a=value)
            assert mirrored is feel(f"{{c: {constant}}}.c {op} a", a=value)


def test_floats_of_the_facts_are_the_decimals_people_wrote(feel: Callable[..., object]) -> None:
    assert feel("a + b = 0.3", a=0.1, b=0.2) is True
    assert feel("a = 0.1", a=0.1) is True
    assert feel("a", a=float("nan")) is None
    assert feel("a < 1", a=float("inf")) is None
