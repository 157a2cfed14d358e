"""Reading a decision table (DMN 1.5, 8.3)."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine import feel
from engine.bpmn.problems import clip
from engine.dmn import limits, policies
from engine.dmn.expressions import Expressions, Scope
from engine.dmn.items import Items
from engine.dmn.namespaces import child, children
from engine.dmn.saying import say, warn
from engine.dmn.tables import Input, Output, Rule, Table
from engine.dmn.types import Type
from engine.feel import nodes as n
from engine.feel.compiling.environment import Closure
from engine.feel.naming import normal


@dataclass(frozen=True, slots=True)
class Drawn:
    """What lint judges of a table: its tests as they are written. `inputs` are (label, type, allowed values)."""

    element: etree._Element
    policy: str
    has_default: bool
    inputs: tuple[tuple[str, Type, n.UnaryTests | None], ...]
    rules: tuple[tuple[n.UnaryTests, ...], ...]


class Tables:
    """Reads the tables of one file. `drawn` are those that are good, for lint."""

    def __init__(self, expressions: Expressions, items: Items) -> None:
        self.expressions = expressions
        self.items = items
        self.problems = expressions.problems
        self.cells = 0
        self.drawn: list[Drawn] = []

    def read(self, element: etree._Element, scope: Scope) -> Table | None:
        """The table, or None with the problems said."""
        before = len(self.problems.errors)
        inputs, outputs, rules = (children(element, name) for name in ("input", "output", "rule"))
        policy = self._policy(element, len(outputs))
        if not self._sizes(element, inputs, outputs, rules):
            return None
        made_inputs = [self._input(each, number, scope) for number, each in enumerate(inputs, 1)]
        made_outputs = [self._output(each, number, len(outputs) == 1, scope) for number, each in enumerate(outputs, 1)]
        self._output_names(outputs)
        made_rules = [
            self._rule(each, number, len(inputs), len(outputs), scope) for number, each in enumerate(rules, 1)
        ]
        chosen = self._chosen(element, policy, outputs, made_outputs)
        if len(self.problems.errors) > before or chosen is None:
            return None
        good = [rule for rule in made_rules if rule is not None]
        columns = [column for column in made_inputs if column is not None]
        name, aggregation = policy
        self.drawn.append(
            Drawn(
                element,
                name,
                any(each.default is not None for each in made_outputs),
                tuple((column.text, column.input.type, column.allowed) for column in columns),
                tuple(rule.tests for rule in good),
            )
        )
        return Table(
            inputs=tuple(column.input for column in columns),
            outputs=tuple(made_outputs),
            rules=tuple(rule.rule for rule in good),
            policy=chosen,
            stops=name == "FIRST",
            lists=name in policies.LISTS and not aggregation,
            empty=policies.EMPTY.get(aggregation),
            cost=1 + len(rules) * len(inputs) // 16,
        )

    def _policy(self, element: etree._Element, outputs: int) -> tuple[str, str]:
        policy = " ".join((element.get("hitPolicy") or "UNIQUE").split())
        aggregation = (element.get("aggregation") or "").strip()
        if policy not in policies.POLICIES:
            shown, known = clip(policy, 40), ", ".join(policies.POLICIES)
            zh, en = f"没有命中策略“{shown}”，可用 {known}", f"there is no hit policy “{shown}”; there are {known}"
            say(self.problems, "hit-policy", element, zh, en)
        if aggregation and aggregation not in policies.AGGREGATIONS:
            shown, known = clip(aggregation, 40), ", ".join(policies.AGGREGATIONS)
            zh, en = f"没有汇总方式“{shown}”，可用 {known}", f"there is no aggregation “{shown}”; there are {known}"
            say(self.problems, "aggregation", element, zh, en)
        elif aggregation and policy != "COLLECT":
            zh, en = f"汇总只用于 COLLECT，不用于 {policy}", f"an aggregation goes with COLLECT, not with {policy}"
            say(self.problems, "aggregation", element, zh, en)
        elif aggregation and outputs > 1:
            zh, en = "有几个输出的表不能汇总", "a table of several outputs cannot be aggregated"
            say(self.problems, "aggregation", element, zh, en)
        orientation = (element.get("preferredOrientation") or "Rule-as-Row").strip()
        if orientation not in ("Rule-as-Row", "Rule-as-Column"):
            zh = f"不支持 {clip(orientation, 40)} 表；请改为每行一条规则（Rule-as-Row）"
            en = f"{clip(orientation, 40)} tables are not supported; draw one rule a row (Rule-as-Row)"
            say(self.problems, "orientation", element, zh, en)
        return policy, aggregation

    def _sizes(
        self,
        element: etree._Element,
        inputs: list[etree._Element],
        outputs: list[etree._Element],
        rules: list[etree._Element],
    ) -> bool:
        columns = len(inputs) + len(outputs)
        self.cells += columns * len(rules)
        for count, most, zh, en in (
            (len(rules), limits.MAX_RULES, "条规则", "rules"),
            (columns, limits.MAX_COLUMNS, "列", "columns"),
            (self.cells, limits.MAX_CELLS, "个格（全文件）", "cells (in the whole file)"),
        ):
            if count > most:
                said = (f"表有 {count} {zh}，最多 {most}", f"the table has {count} {en}, the most is {most}")
                say(self.problems, "too-large", element, *said)
                return False
        return True

    def _input(self, element: etree._Element, number: int, scope: Scope) -> _Column | None:
        holder = child(element, "inputExpression")
        if holder is None:
            return None
        compiled = self.expressions.expression(holder, (f"第 {number} 个输入", f"input {number}"), scope)
        of = self.items.named(holder.get("typeRef"), holder)
        allowed = self._allowed(element, "inputValues", number, scope)
        if compiled is None:
            return None
        text = normal(element.get("label") or "") or compiled.text
        label = (f"输入“{clip(text, 40)}”", f"the input “{clip(text, 40)}”")
        tests = None if allowed is None else (allowed.tester, allowed.text)
        return _Column(text, Input(label, compiled.closure, of, tests), None if allowed is None else allowed.tree)

    def _allowed(self, element: etree._Element, which: str, number: int, scope: Scope) -> feel.UnaryTests | None:
        holder = child(element, which)
        if holder is None:
            return None
        what = ("输入", "input") if which == "inputValues" else ("输出", "output")
        tests = self.expressions.tests(
            holder, (f"{what[0]} {number} 的允许值", f"the values of {what[1]} {number}"), scope
        )
        return tests if tests is not None and tests.tree.tests else None

    def _output(self, element: etree._Element, number: int, alone: bool, scope: Scope) -> Output:  # noqa: FBT001 - a fact of the table
        name = normal(element.get("name") or "")
        text = normal(element.get("label") or "") or name or str(number)
        label = (f"输出“{clip(text, 40)}”", f"the output “{clip(text, 40)}”")
        of = self.items.named(element.get("typeRef"), element)
        allowed = self._allowed(element, "outputValues", number, scope)
        holder, default = child(element, "defaultOutputEntry"), None
        if holder is not None:
            compiled = self.expressions.expression(
                holder, (f"输出 {number} 的默认值", f"the default of output {number}"), scope
            )
            default = None if compiled is None else compiled.closure
        tests = None if allowed is None else (allowed.tester, allowed.text)
        return Output(label, None if alone else name, of, tests, default)

    def _output_names(self, outputs: list[etree._Element]) -> None:
        seen: set[str] = set()
        for element in outputs:
            name = normal(element.get("name") or "")
            if len(outputs) > 1 and (not name or name in seen):
                zh = f"输出名“{clip(name)}”出现了两次" if name else "有几个输出的表，每个输出都要有 name"
                en = (
                    f"the output name “{clip(name)}” stands twice"
                    if name
                    else "in a table of several outputs each has a name"
                )
                say(self.problems, "output-name", element, zh, en)
            seen.add(name)

    def _rule(self, element: etree._Element, number: int, inputs: int, outputs: int, scope: Scope) -> _Row | None:
        entries, results = children(element, "inputEntry"), children(element, "outputEntry")
        if (len(entries), len(results)) != (inputs, outputs):
            zh = f"第 {number} 条规则有 {len(entries)} 个条件和 {len(results)} 个输出，应为 {inputs} 个和 {outputs} 个"
            en = f"rule {number} has {len(entries)} conditions and {len(results)} outputs, expected {inputs} and {outputs}"
            say(self.problems, "rule-size", element, zh, en)
            return None
        tests = [
            self.expressions.tests(each, (f"第 {number} 条规则第 {at} 格", f"cell {at} of rule {number}"), scope)
            for at, each in enumerate(entries, 1)
        ]
        made = [self._result(each, number, at, scope) for at, each in enumerate(results, 1)]
        good, closures = [test for test in tests if test is not None], [each for each in made if each is not None]
        if len(good) < inputs or len(closures) < outputs:
            return None
        said = tuple((at, test.tester) for at, test in enumerate(good) if test.tree.tests)
        return _Row(Rule(said, tuple(closures)), tuple(test.tree for test in good))

    def _result(self, element: etree._Element, number: int, at: int, scope: Scope) -> Closure | None:
        text = child(element, "text")
        if text is None or not "".join(map(str, text.itertext())).strip():
            zh, en = (
                f"第 {number} 条规则的输出 {at} 是空的，结果为 null",
                f"output {at} of rule {number} is empty and gives null",
            )
            warn(self.problems, "empty-output", element, zh, en)
            return feel.compile("null").closure
        what = (f"第 {number} 条规则的输出 {at}", f"output {at} of rule {number}")
        compiled = self.expressions.expression(element, what, scope)
        return None if compiled is None else compiled.closure

    def _chosen(
        self, element: etree._Element, policy: tuple[str, str], outputs: list[etree._Element], made: list[Output]
    ) -> policies.Policy | None:
        name, aggregation = policy
        if name == "COLLECT":
            return policies.COLLECTORS.get(aggregation)
        if name not in ("PRIORITY", "OUTPUT ORDER"):
            return policies.SIMPLE.get(name)
        ranks = [self._rank(holder, output) for holder, output in zip(outputs, made, strict=True)]
        if not any(ranks):
            zh = f"{name} 需要用 outputValues 列出输出值，优先的在前"
            en = f"{name} needs outputValues that list the outputs, the most important first"
            say(self.problems, "no-priorities", element, zh, en)
            return None
        return policies.priority(ranks) if name == "PRIORITY" else policies.output_order(ranks)

    def _rank(self, element: etree._Element, output: Output) -> list[object]:
        """The values of an output in their order: its own list, else that of its type."""
        text = output.allowed[1] if output.allowed else output.type.allowed[0][1] if output.type.allowed else None
        if text is None:
            return []
        values = feel.compile_unary_tests(text, self.expressions.odd).tree
        if values.negated or not all(isinstance(each, n.Literal) for each in values.tests):
            zh = "按优先级时，outputValues 须逐个列出常量"
            en = "for priorities, outputValues must list constants one by one"
            say(self.problems, "no-priorities", element, zh, en)
            return []
        return [each.value for each in values.tests if isinstance(each, n.Literal)]


@dataclass(frozen=True, slots=True)
class _Column:
    text: str
    input: Input
    allowed: n.UnaryTests | None


@dataclass(frozen=True, slots=True)
class _Row:
    rule: Rule
    tests: tuple[n.UnaryTests, ...]
