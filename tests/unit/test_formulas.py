"""Formulas of definitions: exact, checked, and without a way out of them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from escalation.assessment import formulas
from escalation.assessment.formulas import BadFormula
from escalation.assessment.reporting import text


def none(scale: str, number: Fraction) -> Fraction | None:
    return {"s": Fraction(90)}.get(scale) if number > 5 else None


@pytest.mark.parametrize(
    "formula,value",
    [("a / b", Fraction(2, 3)), ("(a - b) * 0.1", Fraction(-1, 10)), ("a / 0", None), ("a / (b - 3) + 1", None),
     ("band(s, a * 5) * 0.1", Fraction(9)), ("band(s, a)", None), ("-a + 1e1", Fraction(8)), ("unknown + 1", None)],
)  # fmt: skip
def test_values_are_exact_and_nought_divides_nothing(formula: str, value: Fraction | None) -> None:
    assert formulas.parse(formula).value({"a": 2, "b": 3}, none) == value


@pytest.mark.parametrize(
    "formula",
    ["", "a +", "a.b", "a[0]", "a if b else c", "__import__('os')", "open(a)", "band(a)", "band(s, a, b)", "a ** 9", "a < b", "True",
     "'x'", "lambda: 1", "[a]", "(" * 300 + "a" + ")" * 300, "a" * 501, "a := 1", "band('s', a)", "f(x=1)", "a\x00",
     "1e400", "due * 1e999"],
)  # fmt: skip
def test_anything_else_is_refused(formula: str) -> None:
    with pytest.raises(BadFormula):
        formulas.parse(formula)


def test_names_and_scales_must_be_known() -> None:
    formulas.check("a / b", {"a", "b"}, ())
    for wrong, scales in (("a / c", ()), ("band(x, a)", {"s"})):
        with pytest.raises(BadFormula):
            formulas.check(wrong, {"a", "b"}, scales)


@pytest.mark.parametrize(
    "value,unit,said",
    [(Fraction(2, 3), "share", "66.6%"), (Fraction(1), "share", "100%"), (Fraction(2999, 3000), "share", "99.9%"), (None, "share", "—"),
     (Fraction(1234), "count", "1,234"), (Fraction(899, 10), "points", "89.9"), (Fraction(-1, 10), "points", "-0.1")],
)  # fmt: skip
def test_values_are_rounded_down_once(value: Fraction | None, unit: str, said: str) -> None:
    assert text(value, unit) == said
