"""Boxed expressions (DMN 1.5, 10.2.1): each becomes a closure over the names in scope. Decision tables are read elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from engine import feel
from engine.bpmn.namespaces import text as text_of
from engine.bpmn.problems import clip
from engine.dmn.expressions import Expressions, Scope, tag
from engine.dmn.items import Items
from engine.dmn.namespaces import child, children
from engine.dmn.reading_tables import Tables
from engine.dmn.saying import say
from engine.dmn.shape import EXPRESSIONS
from engine.dmn.types import ANY, Type, fit
from engine.feel.naming import normal
from engine.feel.running import Run
from engine.feel.values import as_list

Names = dict[str, object]
Logic = Callable[[Names, Run], object]
Reader = Callable[["Boxed", Any, Scope], "Logic | None"]  # of an element
_SPREAD = feel.compile("for each in source return each")  # a list as it is, the numbers or days of an interval


class Boxed:
    """Reads the boxed expressions of one file."""

    def __init__(self, expressions: Expressions, items: Items, tables: Tables) -> None:
        self.expressions = expressions
        self.items = items
        self.tables = tables
        self.problems = expressions.problems
        expressions.slots = max(expressions.slots, _SPREAD.slots)

    def inside(self, element: etree._Element | None, scope: Scope) -> Logic | None:
        """The logic of the expression that stands in an element; None if there is none or it is no good."""
        found = [] if element is None else children(element, *EXPRESSIONS)
        return self.read(found[0], scope) if found else None

    def read(self, element: etree._Element, scope: Scope) -> Logic | None:
        """The logic of an expression; None, the problems said, when it is no good."""
        made = _READERS[tag(element)](self, element, scope)
        of = self.items.named(element.get("typeRef"), element)
        # A table's type is that of its result, and often written where only the output's is meant: judged by the variable.
        return made if tag(element) == "decisionTable" else typed(made, of, ("结果", "the result"))

    def literal(self, element: etree._Element, scope: Scope) -> Logic | None:
        compiled = self.expressions.expression(element, ("表达式", "the expression"), scope)
        return None if compiled is None else compiled.closure

    def table(self, element: etree._Element, scope: Scope) -> Logic | None:
        return self.tables.read(element, scope)

    def context(self, element: etree._Element, scope: Scope) -> Logic | None:
        """Each entry sees those before it; one without a name, which comes last, is the result."""
        entries: list[tuple[str, Logic | None]] = []
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            name = "" if variable is None else normal(variable.get("name") or "")
            if any(name == known for known, _ in entries) or (entries and not entries[-1][0]):
                zh = f"上下文中“{clip(name)}”出现了两次" if name else "上下文的结果项须是最后一项，且只有一项"
                en = (
                    f"the context has “{clip(name)}” twice"
                    if name
                    else "the result of a context is its last entry, and one"
                )
                say(self.problems, "context-entry", entry, zh, en)
            of = ANY if variable is None else self.items.named(variable.get("typeRef"), variable)
            where = (f"“{clip(name)}”", f"“{clip(name)}”") if name else ("结果", "the result")
            entries.append((name, typed(self.inside(entry, scope), of, where)))
            scope = scope.with_names([name]) if name else scope
        parts = [(name, logic) for name, logic in entries if logic is not None]
        if len(parts) < len(entries):
            return None

        def made(names: Names, run: Run) -> object:
            result: Names = {}
            names = dict(names)
            for name, logic in parts:
                value = logic(names, run)
                if not name:
                    return value
                result[name] = names[name] = value
            return result

        return made

    def list(self, element: etree._Element, scope: Scope) -> Logic | None:
        found = children(element, *EXPRESSIONS)
        items = [logic for each in found if (logic := self.read(each, scope)) is not None]
        return None if len(items) < len(found) else lambda names, run: [item(names, run) for item in items]

    def relation(self, element: etree._Element, scope: Scope) -> Logic | None:
        """A list of contexts: columns are the keys, each row gives their values."""
        columns = children(element, "column")
        keys = [normal(each.get("name") or "") for each in columns]
        types = [self.items.named(each.get("typeRef"), each) for each in columns]
        if len(set(keys)) < len(keys):
            say(self.problems, "duplicate-name", element, "关系表的列名重复", "a column of the relation stands twice")
        rows: list[list[Logic]] = []
        for row in children(element, "row"):
            found = children(row, *EXPRESSIONS)
            if len(found) != len(keys):
                zh, en = (
                    f"这一行有 {len(found)} 格，应为 {len(keys)} 格",
                    f"the row has {len(found)} cells, expected {len(keys)}",
                )
                say(self.problems, "row-size", row, zh, en)
            logics = [self.read(each, scope) for each in found]
            pairs = zip(logics, types, keys, strict=False)
            made = [typed(logic, of, (f"列“{clip(key)}”", f"the column “{clip(key)}”")) for logic, of, key in pairs]
            rows.append([logic for logic in made if logic is not None])
        if any(len(row) != len(keys) for row in rows):
            return None
        return lambda names, run: [{key: cell(names, run) for key, cell in zip(keys, row, strict=True)} for row in rows]

    def invocation(self, element: etree._Element, scope: Scope) -> Logic | None:
        """A call of a business knowledge model, each parameter bound to an expression."""
        called = next(iter(children(element, "literalExpression")), None)
        holder = None if called is None else child(called, "text")
        name = "" if holder is None else normal(text_of(holder))
        parameters = scope.functions.get(name)
        if parameters is None:
            zh = f"调用的“{clip(name)}”不是本决策所需（knowledgeRequirement）的业务知识模型"
            en = f"“{clip(name)}”, which is invoked, is no business knowledge model that this decision requires"
            say(self.problems, "invocation", element, zh, en)
            return None
        bindings = children(element, "binding")
        given = [
            normal((parameter.get("name") or "") if (parameter := child(each, "parameter")) is not None else "")
            for each in bindings
        ]
        if sorted(given) != sorted(parameters):
            zh = f"调用“{clip(name)}”须给出参数 {clip('、'.join(parameters))}，给出的是 {clip('、'.join(given))}"
            en = f"invoking “{clip(name)}” takes {clip(', '.join(parameters))}, given are {clip(', '.join(given))}"
            say(self.problems, "arguments", element, zh, en)
        logics = [self.inside(each, scope) for each in bindings]
        arguments = [(key, logic) for key, logic in zip(given, logics, strict=True) if logic is not None]
        if len(arguments) < len(bindings):
            return None
        return lambda names, run: run.functions[name](**{key: logic(names, run) for key, logic in arguments})

    def conditional(self, element: etree._Element, scope: Scope) -> Logic | None:
        condition, then, otherwise = (self.inside(child(element, part), scope) for part in ("if", "then", "else"))
        if condition is None or then is None or otherwise is None:
            return None
        return lambda names, run: (then if condition(names, run) is True else otherwise)(names, run)

    def filter(self, element: etree._Element, scope: Scope) -> Logic | None:
        """The items for which the condition is true; it sees `item`, and the item's keys."""
        source = self.inside(child(element, "in"), scope)
        match = self.inside(child(element, "match"), scope.with_names(["item"], open=True))
        if source is None or match is None:
            return None

        def chosen(names: Names, run: Run) -> object:
            value = source(names, run)
            if value is None:
                return None
            kept = []
            for item in as_list(value):
                run.spend(2)
                keys = item if isinstance(item, dict) else {}
                if match({**names, **keys, "item": item}, run) is True:
                    kept.append(item)
            return kept

        return chosen

    def loop(self, element: etree._Element, scope: Scope) -> Logic | None:
        """`for`: the value of each turn; it sees the results so far as `partial`."""
        name = normal(element.get("iteratorVariable") or "")
        source = self._source(element, scope)
        body = self.inside(child(element, "return"), scope.with_names([name, "partial"]))
        if source is None or body is None:
            return None

        def results(names: Names, run: Run) -> object:
            made: list[object] = []
            items = _spread(source(names, run), run)
            for item in items or ():
                run.spend(2 + (len(made) >> 4))
                made.append(body({**names, name: item, "partial": list(made)}, run))
            return None if items is None else made

        return results

    def quantified(self, element: etree._Element, scope: Scope) -> Logic | None:
        """`some` and `every`, in three values."""
        name, decisive = normal(element.get("iteratorVariable") or ""), tag(element) == "some"
        source = self._source(element, scope)
        test = self.inside(child(element, "satisfies"), scope.with_names([name]))
        if source is None or test is None:
            return None

        def holds(names: Names, run: Run) -> object:
            items, unknown = _spread(source(names, run), run), False
            for item in items or ():
                run.spend(2)
                value = test({**names, name: item}, run)
                if value is decisive:
                    return decisive
                unknown = unknown or not isinstance(value, bool)
            return None if unknown or items is None else not decisive

        return holds

    def _source(self, element: etree._Element, scope: Scope) -> Logic | None:
        holder = child(element, "in")
        if holder is None:
            return None
        return typed(self.inside(holder, scope), self.items.named(holder.get("typeRef"), holder), ("in", "in"))

    def function(self, element: etree._Element, _scope: Scope) -> Logic | None:
        say(
            self.problems,
            "function",
            element,
            "这里不支持函数定义；请画成业务知识模型（businessKnowledgeModel）",
            "a function cannot be defined here; draw it as a business knowledge model",
        )
        return None


def typed(logic: Logic | None, of: Type, where: tuple[str, str]) -> Logic | None:
    """The logic with its result checked."""
    if logic is None or of is ANY:
        return logic
    return lambda names, run: fit(logic(names, run), of, where, run)


def _spread(value: object, run: Run) -> list[object] | None:
    found = _SPREAD.closure({"source": value}, run)
    return found if isinstance(found, list) else None


_READERS: dict[str, Reader] = {
    "literalExpression": Boxed.literal,
    "decisionTable": Boxed.table,
    "context": Boxed.context,
    "list": Boxed.list,
    "relation": Boxed.relation,
    "invocation": Boxed.invocation,
    "functionDefinition": Boxed.function,
    "conditional": Boxed.conditional,
    "filter": Boxed.filter,
    "for": Boxed.loop,
    "some": Boxed.quantified,
    "every": Boxed.quantified,
}
