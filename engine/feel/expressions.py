"""A compiled expression, and the two ways to get one. Compiling is cached: the same text is compiled once a process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

from engine.feel import nodes as n
from engine.feel.compiling import compile_tree
from engine.feel.compiling.environment import Closure, Compiled, Environment
from engine.feel.compiling.tests import Tester, compile_tester
from engine.feel.errors import FeelLimit
from engine.feel.parsing import parse, parse_unary_tests
from engine.feel.running import Budget, Functions, Note, Run
from engine.feel.values import to_number

_CACHED = 2_048


class Expression:
    """FEEL, compiled. Holds no state of an evaluation: threads may share it.

    `names` are the free names it reads; `item_names` those read inside filters, which may be keys of the items
    instead; `functions` the functions that are not built in.
    """

    __slots__ = ("_closure", "_slots", "functions", "item_names", "names", "text", "tree")

    def __init__(self, text: str, tree: n.Node) -> None:
        compiled = compile_tree(tree)
        self.text = text
        self.tree = tree
        self.names = frozenset(compiled.names)
        self.item_names = frozenset(compiled.item_names - compiled.names)
        self.functions = frozenset(compiled.functions)
        self._slots = compiled.slots
        self._closure = compiled.closure

    def evaluate(
        self,
        scope: Mapping[str, object],
        *,
        now: dt.datetime | None = None,
        functions: Functions | None = None,
        zone: dt.tzinfo | None = None,
        budget: Budget | None = None,
    ) -> object:
        """The value for the facts in `scope`; what is missing there is null.

        `now` (aware) is the present instant for `now()` and `today()`; `functions` are callables by name, which may
        raise ValueError to refuse; `zone` is where dates and times without a zone are (default Asia/Shanghai).
        `budget` is shared with other evaluations.
        A number comes as Decimal, one inside a list or context perhaps as the int it was. Raises FeelLimit.
        """
        run = Run(self._slots, now, functions, zone)
        if budget is None:
            return self._value(scope, run)
        run.steps = given = min(run.steps, budget.left)
        try:
            return self._value(scope, run)
        finally:
            budget.left -= given - max(run.steps, 0)

    def evaluate_explained(
        self,
        scope: Mapping[str, object],
        *,
        now: dt.datetime | None = None,
        functions: Functions | None = None,
        zone: dt.tzinfo | None = None,
    ) -> tuple[object, list[Note]]:
        """As `evaluate`, with the reasons why parts of it were null. Slower; for people who ask."""
        notes: list[Note] = []
        return self._value(scope, Run(self._slots, now, functions, zone, notes)), notes

    def _value(self, scope: Mapping[str, object], run: Run) -> object:
        try:
            value = self._closure(scope, run)
        except RecursionError:
            raise FeelLimit("值的嵌套太深", "a value is nested too deep") from None
        if value.__class__ is int or value.__class__ is float:
            return to_number(value)
        return value

    @property
    def slots(self) -> int:
        """How many locals a Run needs for this expression."""
        return self._slots

    @property
    def closure(self) -> Closure:
        """For who shares one Run among many expressions (a decision table): takes scope and Run; the Run needs `slots`
        locals. May raise RecursionError, and gives numbers as they come."""
        return self._closure

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"


class UnaryTests(Expression):
    """A cell of a decision table: the value tested is `?`.

    `tester` is for tables: it takes the value, the scope and a Run of at least `slots` locals."""

    __slots__ = ("tester",)

    tree: n.UnaryTests

    def __init__(self, text: str, tree: n.UnaryTests) -> None:
        super().__init__(text, tree)
        compiled = Compiled(slots=self._slots)
        self.tester: Tester = compile_tester(tree, Environment(compiled))
        self._slots = compiled.slots

    def test(
        self,
        value: object,
        scope: Mapping[str, object],
        *,
        now: dt.datetime | None = None,
        functions: Functions | None = None,
        zone: dt.tzinfo | None = None,
    ) -> bool | None:
        """Whether the value passes; null if that cannot be said."""
        found = self.evaluate({**scope, "?": value}, now=now, functions=functions, zone=zone)
        return found if isinstance(found, bool) else None


@lru_cache(maxsize=_CACHED)
def compile(text: str, names: frozenset[str] = frozenset()) -> Expression:
    """Compile an expression (without a leading `=`). Raises FeelSyntaxError, FeelLimit.

    `names` are the names in scope that are more than one word, or have signs (`naming.odd_names`): `Applicant Age`."""
    return Expression(text, parse(text, names))


@lru_cache(maxsize=_CACHED)
def compile_unary_tests(text: str, names: frozenset[str] = frozenset()) -> UnaryTests:
    """Compile a decision table's cell: `-`, `"a", "b"`, `[1..5)`, `not(< 3)`. Raises FeelSyntaxError, FeelLimit."""
    return UnaryTests(text, parse_unary_tests(text, names))
