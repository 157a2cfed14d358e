"""Lint of a DMN file: everything that reading says, and what a table's rules leave open."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice

from engine.bpmn.problems import Problem, Problems, clip
from engine.dmn import coverage
from engine.dmn.namespaces import children
from engine.dmn.reading import read_with_tables
from engine.dmn.reading_tables import Drawn
from engine.dmn.saying import warn
from engine.dmn.types import shown

_MOST = 5  # examples of a table


def lint(
    name: str, data: bytes, *, functions: Collection[str] = (), registers: Collection[str] | None = None
) -> list[Problem]:
    """Every problem of a file by line; also, as warnings, rules that overlap and inputs no rule is for, where that can be
    told without running. `registers` are those that may be looked up, None where they are not known. Never raises for what a
    file holds."""
    problems = Problems(name)
    _, tables = read_with_tables(data, problems, functions, registers)
    for table in tables:
        if table.policy == "UNIQUE":
            _overlaps(table, problems)
        if table.policy in ("UNIQUE", "FIRST", "ANY", "PRIORITY") and not table.has_default:
            _gaps(table, problems)
    return problems.in_order()


def _overlaps(table: Drawn, problems: Problems) -> None:
    for case in islice(coverage.overlaps(table), _MOST):
        first, second = case.rules
        rule = children(table.element, "rule")[second - 1]
        zh = f"第 {first} 条和第 {second} 条规则重叠（{_values(table, case, '，') or '任何输入'}）；UNIQUE 表运行时会出错"
        en = (
            f"rules {first} and {second} overlap ({_values(table, case, ', ') or 'any input'}); "
            f"a UNIQUE table fails there"
        )
        warn(problems, f"overlap-{first}-{second}", rule, zh, en)


def _gaps(table: Drawn, problems: Problems) -> None:
    for case in islice(coverage.gaps(table), _MOST):
        zh = f"没有规则适用于 {_values(table, case, '，') or '任何输入'}；结果为 null"
        en = f"no rule is for {_values(table, case, ', ') or 'any input'}; the result is null"
        warn(problems, "gap", table.element, zh, en)


def _values(table: Drawn, case: coverage.Case, comma: str) -> str:
    pairs = zip(table.inputs, case.values, strict=True)
    return comma.join(f"{clip(label, 40)} = {_shown(value)}" for (label, _, _), value in pairs if value is not None)


def _shown(value: object) -> str:
    return "…" if value == "…" else shown(value)
