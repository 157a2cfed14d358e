"""What a step sees and writes: facts and variables, expressions over them, and the work that the server does at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from engine import feel
from engine.bpmn.model import Kind, Node
from engine.bpmn.outcome import Climbed, Triggered
from engine.bpmn.runtime import data
from engine.bpmn.runtime.live import Running, Token
from engine.bpmn.runtime.registers import Registers
from engine.bpmn.runtime.worktime import Working
from engine.bpmn.settings import Action
from engine.bpmn.settings import Lookup as LookupSetting
from engine.bpmn.values import Value
from engine.errors import StepFailed

if TYPE_CHECKING:
    from engine.bpmn.program import Program

FEEL_BUDGET = 2_000_000
"""Operations that the expressions of one step may take together: a step of many dear scripts holds no worker for minutes."""

THIS = "this"
"""The name by which expressions ask for the instance itself: `this.id` (text), `this.number`, `this.started`. No fact can hide it."""

Lookup = Callable[[str, Mapping[str, Any], bool], list[dict[str, Any]]]
Answer = TypeVar("Answer")
Decide = Callable[[int | None, str, Mapping[str, Any], Mapping[str, Callable[..., object]]], Any]


class Programs(Protocol):
    """Where called processes come from."""

    def newest(self, key: str) -> tuple[int, Program]:
        """The id and program of the newest version of a process."""

    def get(self, definition_id: int) -> Program:
        """The program of a version."""


class Seeing:
    """The data of one step of one instance."""

    workflow: Running

    def __init__(  # noqa: PLR0913  what a step is given: all but the first five are named
        self,
        program: Program,
        facts: Mapping[str, Any],
        now: datetime,
        lookup: Lookup,
        zone: ZoneInfo,
        *,
        programs: Programs | None = None,
        decide: Decide | None = None,
        this: Mapping[str, Any] | None = None,
        working: Working | None = None,
    ) -> None:
        self.program = program
        self.facts = dict(facts)
        self.now = now
        self.lookup = lookup
        self.zone = zone
        self.programs = programs
        self.decide = decide
        self.this = this
        self.working = working
        self.path: list[str] = []
        self.end_node: str | None = None
        self._actions: list[Triggered] = []
        self._climbed: list[Climbed] = []
        self._unanswered: Exception | None = None  # what lies outside did not answer
        self._budget = feel.Budget(FEEL_BUDGET)
        self._dirty = False  # something was written: conditions are to be asked again
        looked_up = Registers(lambda register, match, every: self.ask(lambda: self.lookup(register, match, every)))
        # what expressions and decisions may call beside FEEL's own
        self.functions = {**(working.functions if working is not None else {}), **looked_up.functions}
        self._prepare()

    def _prepare(self) -> None:
        """What is built on this adds what it needs."""

    def evaluate(self, expression: str, extra: Mapping[str, Any] | None = None) -> Any:
        """A FEEL expression over the facts."""
        return self._feel(expression, {**self.facts, **extra} if extra else self.facts)

    def view(self, token: Token) -> dict[str, Any]:
        """Everything a token sees."""
        return data.view(token, self.facts)

    def seen(self, token: Token, expression: str, extra: Mapping[str, Any] | None = None) -> Any:
        """A FEEL expression over what a token sees."""
        scope = self.view(token)
        if extra:
            scope = {**scope, **extra}
        return self._feel(expression, scope)

    def _feel(self, expression: str, scope: Mapping[str, Any]) -> Any:
        compiled = feel.compile(expression)
        if self.this is not None and THIS in compiled.names:
            scope = {**scope, THIS: self.this}
        try:
            return compiled.evaluate(scope, now=self.now, zone=self.zone, functions=self.functions, budget=self._budget)
        except feel.FeelLimit as error:
            if self._budget.left > 0:
                raise
            raise feel.FeelLimit(
                f"一步之内各表达式的运算合计超过 {FEEL_BUDGET} 步",
                f"the expressions of one step take more than {FEEL_BUDGET} operations together",
            ) from error

    def plain(self, token: Token, expression: str, extra: Mapping[str, Any] | None = None) -> Any:
        """The same, as a plain JSON value."""
        return feel.to_json(self.seen(token, expression, extra))

    def holds(self, token: Token, condition: str, extra: Mapping[str, Any] | None = None) -> bool:
        """Whether a condition is true; null and everything else is not."""
        return self.seen(token, condition, extra) is True

    def context(self, token: Token, expression: str, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A FEEL context as plain JSON values. StepFailed when the expression gives something else."""
        found = self.seen(token, expression, extra)
        if not isinstance(found, dict):
            raise StepFailed(
                node=token.task_spec.node.id,
                why=f"{expression[:60]} gives no context",
                why_zh=f"{expression[:60]} 的结果不是上下文",
            )
        return {key: feel.to_json(value) for key, value in found.items()}

    def value(self, value: Value | None, scope: Mapping[str, Any]) -> Any:
        """A literal, or what its expression gives."""
        if value is None:
            return None
        if not value.is_feel:
            return value.text
        return self._feel(value.text, scope)

    def write(self, token: Token, values: Mapping[str, Any]) -> None:
        """Write values where their names are known."""
        data.write(token, self.facts, values)
        self._dirty = True

    def write_context(self, token: Token, expression: str, extra: Mapping[str, Any] | None = None) -> None:
        """Write the entries of a FEEL context."""
        self.write(token, self.context(token, expression, extra))

    def passed(self, token: Token, node: Node) -> None:
        """A node was left."""
        scope = token.workflow
        self.path.append(scope.prefix + node.id)
        for rung in node.settings.rungs:
            if rung.when is None or self.holds(token, rung.when):
                view = self.view(token)
                said = {name: feel.to_json(self.value(value, view)) for name, value in rung.values().items()}
                self._climbed.append(Climbed(token.id, node, said))
        if node.kind is Kind.END and scope is self.workflow:
            self.end_node = node.id

    def perform(self, token: Token, node: Node) -> None:
        """What a script or business rule task does."""
        rule, decision = node.settings.lookup, node.settings.decision
        if node.kind is Kind.SCRIPT and node.script:
            self.write_context(token, node.script)
        elif rule is not None:
            self.write(token, {rule.into: self.found(token, rule)})
        elif decision is not None:
            if self.decide is None:
                raise StepFailed(
                    node=node.id, why=f"there is no decision {decision.ref}", why_zh=f"没有决策 {decision.ref}"
                )
            found = self.decide(token.workflow.definition, decision.ref, self.view(token), self.functions)
            if decision.into is not None:
                self.write(token, {decision.into: found})
            elif isinstance(found, dict):
                self.write(token, found)
            else:
                raise StepFailed(
                    node=node.id,
                    why=f"decision {decision.ref} gives no context, and no fact to write is named",
                    why_zh=f"决策 {decision.ref} 的结果不是上下文，又没有指定写入的数据",
                )

    def found(self, token: Token, rule: LookupSetting) -> dict[str, Any] | list[dict[str, Any]] | None:
        """The row of a register that a look-up asks for, or the list of all. StepFailed when there must be one and is none."""
        match = self.context(token, rule.match)
        found = self.ask(lambda: self.lookup(rule.register, match, rule.every))
        row = found if rule.every else next(iter(found), None)
        if not found and rule.required:
            node = token.task_spec.node.id
            raise StepFailed(
                node=node,
                why=f"register {rule.register} has no row for {match}",
                why_zh=f"登记表 {rule.register} 中没有符合 {match} 的行",
            )
        return row

    def act(self, token: Token, action: Action) -> None:
        """Ask for a server action."""
        scope = self.view(token)
        given = {key: feel.to_json(self.value(value, scope)) for key, value in action.parameters.items()}
        self._actions.append(Triggered(token.id, token.task_spec.node, action.name, given, action.waits))

    def ask(self, outside: Callable[[], Answer]) -> Answer:
        """Ask what lies outside of the run. That it does not answer is no fault of the process: such an error passes as it is."""
        try:
            return outside()
        except LookupError:
            raise
        except Exception as error:
            self._unanswered = error
            raise

    def _guarded(self, token: Token | None, act: Callable[[], Any]) -> Any:
        """Errors inside the library and in expressions become one error that names the node."""
        try:
            return act()
        except StepFailed:
            raise
        except Exception as error:
            if error is self._unanswered:
                raise
            node = token.task_spec.node.id if token is not None else self.program.model.id
            raise StepFailed(node=node, why=_words(error, "en"), why_zh=_words(error, "zh")) from error


def _words(error: Exception, locale: str) -> str:
    """What an error says, in this language if it can."""
    say = getattr(error, "text", None)
    return str(say(locale)) if callable(say) else str(error)
