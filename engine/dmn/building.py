"""From the elements of a file to its model: names, types, functions, decisions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from lxml import etree

from engine.bpmn.namespaces import LD, line
from engine.bpmn.problems import Problems, clip
from engine.dmn.boxed import Boxed
from engine.dmn.expressions import Expressions, Scope, tag
from engine.dmn.items import Items
from engine.dmn.model import Decision, Function, Input, Model, Names, Step
from engine.dmn.namespaces import child, children, walk
from engine.dmn.reading_tables import Tables
from engine.dmn.requirements import in_order, required, variable
from engine.dmn.saying import say, warn
from engine.dmn.shape import EXPRESSIONS
from engine.feel.builtins.registry import FUNCTIONS
from engine.feel.naming import odd_names

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_NAMED = (
    "decision",
    "inputData",
    "businessKnowledgeModel",
    "variable",
    "itemComponent",
    "formalParameter",
    "parameter",
    "column",
    "output",
)


class Building:
    """Builds the model of one file; what is wrong goes to `problems`."""

    def __init__(
        self,
        root: etree._Element,
        ids: Mapping[str, etree._Element],
        functions: Collection[str],
        problems: Problems,
        registers: Collection[str] | None = None,
    ) -> None:
        self.root = root
        self.ids = ids
        self.problems = problems
        self.given = frozenset(functions)
        self.expressions = Expressions(problems, odd_names(_names(root)), registers)
        self.items = Items(root, self.expressions, problems)
        self.tables = Tables(self.expressions, self.items)
        self.boxed = Boxed(self.expressions, self.items, self.tables)
        self.inputs: dict[etree._Element, Input] = {}
        self.functions: dict[etree._Element, Function] = {}
        self.decisions: dict[str, Decision] = {}

    def build(self) -> Model | None:
        """The model; worth nothing when there are errors among the problems."""
        self.items.read_all()
        decisions, models = children(self.root, "decision"), children(self.root, "businessKnowledgeModel")
        if not decisions:
            say(self.problems, "no-decision", self.root, "文件中没有决策", "the file has no decision")
        needs = {each: required(each, self.ids, self.problems) for each in (*decisions, *models)}
        self._check_names(decisions)
        for element in children(self.root, "inputData"):
            self.inputs[element] = self._input(element)
        ordered_models, ordered = in_order(models, needs, self.problems), in_order(decisions, needs, self.problems)
        for element in ordered_models or models:
            self._function(element, needs[element])
        plans: dict[str, tuple[str, ...]] = {}
        for element in ordered or decisions:
            self._decision(element, needs[element], plans)
        functions = tuple(self.functions.values())
        return Model(self.problems.file, self.decisions, functions, plans, self.expressions.slots)

    def _check_names(self, decisions: list[etree._Element]) -> None:
        """Names of decisions, inputs and knowledge models are distinct (6.3.6)."""
        seen: dict[str, etree._Element] = {}
        for element in (*decisions, *children(self.root, "inputData", "businessKnowledgeModel")):
            name = variable(element)[1]
            if name and name in seen:
                first = line(seen[name])
                zh = f"名称“{clip(name)}”已用于第 {first} 行；表达式分不清指哪一个"
                en = f"the name “{clip(name)}” is used on line {first} already; expressions cannot tell them apart"
                say(self.problems, "duplicate-name", element, zh, en)
            seen.setdefault(name, element)

    def _input(self, element: etree._Element) -> Input:
        item, name = variable(element)
        of = self.items.named(None if item is None else item.get("typeRef"), element if item is None else item)
        identifier = (element.get("id") or "").strip()
        data = _extension(element, "data")
        key = (data.get("key") or "").strip() if data is not None else ""
        if not key:
            key = next((each for each in (name, identifier) if _KEY.fullmatch(each)), name)
        return Input(identifier or name, name, key, of)

    def _function(self, element: etree._Element, needs: list[etree._Element]) -> None:
        item, name = variable(element)
        logic = child(element, "encapsulatedLogic")
        if logic is None:
            say(
                self.problems,
                "no-logic",
                element,
                f"业务知识模型“{clip(name)}”没有内容",
                f"the business knowledge model “{clip(name)}” is empty",
            )
            return
        if name in FUNCTIONS or name in self.given:
            zh = f"“{clip(name)}”已是现成函数的名称；请给业务知识模型另取名称"
            en = f"“{clip(name)}” is the name of a function that exists; give the business knowledge model another"
            say(self.problems, "duplicate-name", element, zh, en)
        kind = (logic.get("kind") or "FEEL").strip()
        if kind != "FEEL":
            zh, en = (
                f"不支持 {clip(kind, 40)} 函数，只支持 FEEL",
                f"functions in {clip(kind, 40)} are not supported, only FEEL",
            )
            say(self.problems, "function-kind", logic, zh, en)
            return
        formal = children(logic, "formalParameter")
        names = [" ".join((each.get("name") or "").split()) for each in formal]
        if len(set(names)) < len(names):
            say(self.problems, "duplicate-name", logic, "参数名重复", "a parameter stands twice")
        scope = Scope(frozenset(names), self._callable(needs))
        body = self.boxed.inside(logic, scope)
        for free, place in sorted(scope.free.items()):
            zh = f"业务知识模型“{clip(name)}”用到的“{clip(free)}”不是它的参数"
            en = f"the business knowledge model “{clip(name)}” uses “{clip(free)}”, which is none of its parameters"
            say(self.problems, "unknown-name", place, zh, en)
        if body is None:
            if not children(logic, *EXPRESSIONS):
                say(
                    self.problems,
                    "no-logic",
                    element,
                    f"业务知识模型“{clip(name)}”没有内容",
                    f"the business knowledge model “{clip(name)}” is empty",
                )
            return
        types = [self.items.named(each.get("typeRef"), each) for each in formal]
        result = self.items.named(logic.get("typeRef") or (item.get("typeRef") if item is not None else None), element)
        parameters = tuple(zip(names, types, strict=True))
        self.functions[element] = Function(name, parameters, body, result, self.expressions)

    def _callable(self, needs: list[etree._Element]) -> dict[str, tuple[str, ...] | None]:
        """The functions an element may call: those given from outside, and the knowledge models it requires."""
        found: dict[str, tuple[str, ...] | None] = dict.fromkeys(self.given)
        for each in needs:
            if tag(each) == "businessKnowledgeModel":
                logic = child(each, "encapsulatedLogic")
                formal = [] if logic is None else children(logic, "formalParameter")
                found[variable(each)[1]] = tuple(" ".join((one.get("name") or "").split()) for one in formal)
        return found

    def _decision(
        self, element: etree._Element, needs: list[etree._Element], plans: dict[str, tuple[str, ...]]
    ) -> None:
        item, name = variable(element)
        identifier = (element.get("id") or "").strip() or name
        of = self.items.named(None if item is None else item.get("typeRef"), element if item is None else item)
        found = children(element, *EXPRESSIONS)
        if not found:
            zh, en = (
                f"决策“{clip(name)}”没有逻辑；请画决策表或写表达式",
                f"the decision “{clip(name)}” has no logic; give it a table or an expression",
            )
            say(self.problems, "no-logic", element, zh, en)
            return
        scope = Scope(functions=self._callable(needs))
        logic = self.boxed.read(found[0], scope)
        if logic is None:
            return
        sources = self._sources(needs, scope)
        decisions = tuple((name, each) for name, each in sources.items() if isinstance(each, str))
        data = tuple((name, each) for name, each in sources.items() if isinstance(each, Input))
        facts = tuple(sorted(scope.free.keys() - sources.keys()))
        perhaps = tuple(sorted(scope.perhaps - sources.keys() - set(facts)))
        made = [self.decisions[each] for each in dict.fromkeys(each for _, each in decisions) if each in self.decisions]
        inputs = frozenset(facts).union((each.key for _, each in data), *(each.inputs for each in made))
        step = Step(logic, of, decisions, data, facts, perhaps)
        names = _extension(element, "names")
        shown = Names(element.get("name") or identifier, (names.get("en") if names is not None else None) or name)
        self.decisions[identifier] = Decision(
            identifier, shown, inputs, tuple(each.id for each in made), line(element), step
        )
        earlier = dict.fromkeys(each for one in made for each in plans.get(one.id, ()))
        plans[identifier] = (*earlier, identifier)

    def _sources(self, needs: list[etree._Element], scope: Scope) -> dict[str, str | Input]:
        """Where each name of the decision comes from: the id of a decision, or an input. A required decision is known by its
        name and, if nothing else has that name, by its id, as Camunda has it."""
        sources: dict[str, str | Input] = {}
        for each in needs:
            name, identifier = variable(each)[1], (each.get("id") or "").strip()
            if tag(each) == "inputData":
                sources[name] = self.inputs[each]
            elif tag(each) == "decision":
                sources[name] = identifier or name
        for each in needs:
            identifier = (each.get("id") or "").strip()
            if tag(each) == "decision" and identifier:
                sources.setdefault(identifier, identifier)
        for name, place in scope.free.items():
            if name not in sources:
                self._undrawn(name, place, needs, sources)
        return sources

    def _undrawn(
        self,
        name: str,
        place: etree._Element,
        needs: list[etree._Element],
        sources: dict[str, str | Input],
    ) -> None:
        """A name for which no requirement is drawn: a fact, unless it is the name of something in the file."""
        for each in children(self.root, "decision", "inputData"):
            if variable(each)[1] != name:
                continue
            if tag(each) == "inputData":
                sources[name] = self.inputs[each]
                zh, en = (
                    f"用到输入数据“{clip(name)}”，却没有画连线",
                    f"uses the input data “{clip(name)}”, but no requirement is drawn",
                )
                warn(self.problems, "requirement-missing", place, zh, en)
            else:
                zh = f"用到决策“{clip(name)}”，却没有画连线（informationRequirement）"
                en = f"uses the decision “{clip(name)}”, but does not require it (informationRequirement)"
                say(self.problems, "requirement-missing", place, zh, en)
            return
        for each in needs:
            table = child(each, "decisionTable")
            outputs = [] if table is None else children(table, "output")
            if any((output.get("name") or "").strip() == name for output in outputs):
                of = variable(each)[1]
                wanted = of if len(outputs) == 1 else f"{of}.{name}"
                zh = f"“{clip(name)}”是决策“{clip(of)}”的一个输出；请写 {clip(wanted)}"
                en = f"“{clip(name)}” is an output of the decision “{clip(of)}”; write {clip(wanted)}"
                say(self.problems, "output-as-name", place, zh, en)
                return


def _names(root: etree._Element) -> list[str]:
    """Every name that an expression of the file could use."""
    found = []
    for each in walk(root):
        found += [each.get("name") or ""] if tag(each) in _NAMED else []
        found += [each.get("iteratorVariable") or ""]
    return found


def _extension(element: etree._Element, name: str) -> etree._Element | None:
    """An element of ours among the extensions."""
    holder = child(element, "extensionElements")
    return None if holder is None else holder.find(f"{{{LD}}}{name}")
