"""What lint says of a table's rules: overlaps of UNIQUE tables and inputs that no rule is for, and no false alarm."""

from __future__ import annotations

import random

import pytest

from engine import dmn
from tests.dmn.drawing import Column, decision, dmn_file, good, table


def warned(logic: str) -> list[str]:
    found = dmn.lint("test.dmn", dmn_file(decision("d", logic)))
    assert all(problem.severity == "warning" for problem in found), [problem.line_for("en") for problem in found]
    return [problem.text("en") for problem in found]


@pytest.mark.parametrize(
    "cells,sentences",
    [
        (["< 5", ">= 5"], []),
        (["[0..5)", "[5..9]", "< 0", "> 9"], []),
        (["< 5", "> 5"], ["no rule is for n = 5; the result is null."]),
        (["<= 5", ">= 5"], ["rules 1 and 2 overlap (n = 5); a UNIQUE table fails there."]),
        (
            ["< 5", ">= 5", "-"],
            [
                "rules 1 and 3 overlap (n = 4); a UNIQUE table fails there.",
                "rules 2 and 3 overlap (n = 5); a UNIQUE table fails there.",
            ],
        ),
        (["[0..5]", "[6..9]", "< 0", "> 9"], ["no rule is for n = 5.5; the result is null."]),
        (['"a"', '"b"', 'not("a", "b")'], []),
        (['"a"', '"b"'], ["no rule is for n = …; the result is null."]),
        (["true", "false"], []),
        (["true"], ["no rule is for n = false; the result is null."]),
        (['< @"2026-10-01"', '>= @"2026-10-01"'], []),
        (["-"], []),
        (["> limit", "<= limit"], []),
        (["< 5", "? > 4"], []),
        (["1, 2", "2, 3", "not(1, 2, 3)"], ["rules 1 and 2 overlap (n = 2); a UNIQUE table fails there."]),
    ],
)
def test_one_column(cells: list[str], sentences: list[str]) -> None:
    assert warned(table(["n"], ["x"], [[cell, "1"] for cell in cells])) == sentences


def test_two_columns() -> None:
    rules = [["< 5", '"a"', "1"], [">= 5", '"a"', "2"], [">= 5", "-", "3"], ["< 5", 'not("a")', "4"]]
    assert warned(table(["n", "kind"], ["x"], rules)) == [
        'rules 2 and 3 overlap (n = 5, kind = "a"); a UNIQUE table fails there.'
    ]
    assert warned(table(["n", "kind"], ["x"], rules[:2])) == [
        "no rule is for n = 4, kind = …; the result is null.",
        "no rule is for n = 5, kind = …; the result is null.",
    ]


def test_allowed_values_leave_nothing_over() -> None:
    column: Column = ("grade", {"values": '"A", "B"'})
    assert warned(table([column], ["x"], [['"A"', "1"], ['"B"', "2"]])) == []
    assert warned(table([("n", {"values": "[0..10]"})], ["x"], [["<= 5", "1"], ["> 5", "2"]])) == []
    assert warned(table([column], ["x"], [['"A"', "1"]])) == ['no rule is for grade = "B"; the result is null.']
    assert warned(table([("n", {"type": "integer"})], ["x"], [["<= 5", "1"], [">= 6", "2"]])) == []


def test_a_default_fills_the_gap_and_other_policies_may_overlap() -> None:
    assert warned(table(["n"], [("x", {"default": "0"})], [["> 5", "1"]])) == []
    assert warned(table(["n"], ["x"], [["> 5", "1"], ["> 6", "1"]], "COLLECT")) == []
    assert warned(table(["n"], ["x"], [["> 5", "1"], ["-", "1"]], "FIRST")) == []


def test_the_rule_is_named_by_its_line() -> None:
    found = dmn.lint("test.dmn", dmn_file(decision("d", table(["n"], ["x"], [["-", "1"], ["1", "2"]]))))
    assert len(found) == 1
    lines = dmn_file(decision("d", table(["n"], ["x"], [["-", "1"], ["1", "2"]]))).decode().splitlines()
    assert "<rule>" in lines[found[0].line - 1]


def test_lint_agrees_with_running() -> None:
    """Whatever lint calls an overlap or a gap is one, and where it calls none, none is found by trying."""
    chance = random.Random(4)
    cells = ["-", "< 3", ">= 3", "[2..5]", "(5..8]", "> 8", "4", "1, 7", "not(4)", "not([2..5])"]
    words = ["-", '"a"', '"b"', 'not("a")', '"a", "b"']
    for _ in range(150):
        rules = [[chance.choice(cells), chance.choice(words), str(n)] for n in range(chance.randint(1, 5))]
        logic = table(["n", "w"], ["x"], rules, "RULE ORDER")
        sentences = warned(logic.replace("RULE ORDER", "UNIQUE"))
        model = good(decision("d", logic))
        numbers = (0, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9)
        tried = [model.evaluate("d", {"n": n, "w": w}) for n in numbers for w in ("a", "b", "c")]
        assert any("overlap" in each for each in sentences) == any(
            len(hits) > 1 for hits in tried if isinstance(hits, list)
        )
        assert any("no rule" in each for each in sentences) == any(hits == [] for hits in tried)


def test_errors_are_said_too() -> None:
    found = dmn.lint("test.dmn", dmn_file(decision("d", table(["n"], ["x"], [["<", "1"]]))))
    assert [problem.code for problem in found] == ["expression"]
