"""FEEL, the expression language of OMG DMN: safe by construction, compiled once to closures. See README.md."""

from engine.feel.errors import FeelError, FeelLimit, FeelSyntaxError
from engine.feel.expressions import Expression, UnaryTests, compile, compile_unary_tests
from engine.feel.printing import to_json
from engine.feel.running import Budget, Note
from engine.feel.values import Range, YearsMonths

__all__ = [
    "Budget",
    "Expression",
    "FeelError",
    "FeelLimit",
    "FeelSyntaxError",
    "Note",
    "Range",
    "UnaryTests",
    "YearsMonths",
    "compile",
    "compile_unary_tests",
    "to_json",
]
