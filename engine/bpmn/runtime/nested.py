"""Activities with a scope inside: embedded sub-processes, transactions, event sub-processes and called processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.model import Event, Trigger
from engine.bpmn.runtime.activity import Activity
from engine.bpmn.runtime.compensation import INSIDE, go_on
from engine.bpmn.runtime.element import Element
from engine.bpmn.runtime.events import Start
from engine.bpmn.runtime.live import RunningSub, Scope, Token
from engine.bpmn.runtime.waiting import Catching
from engine.errors import StepFailed

if TYPE_CHECKING:
    from engine.bpmn.program import Program


BROUGHT = "r"


def begin_scope(scope: Any) -> None:
    """Let its event sub-processes listen, then put a token wherever it begins."""
    if not scope.spec.begin:
        raise StepFailed(
            node=scope.spec.name,
            why="it has no start event that a call can begin with",
            why_zh="没有可供调用的开始事件",
        )
    listen(scope)
    for element in scope.spec.begin:
        if isinstance(element, Start):
            Token(scope, element)._ready()
        else:
            scope.arrive(element)


def listen(scope: Any) -> None:
    """Let the event sub-processes of a scope wait for what starts them."""
    for element in scope.spec.listeners:
        element.arm(Token(scope, element))


class SubProcess(Activity):
    """An embedded sub-process or a transaction."""

    def _run_hook(self, my_task: Any) -> None:
        scope = self.open(my_task)
        begin_scope(scope)
        scope.top.touched.append(scope)

    def open(self, token: Token) -> RunningSub:
        """Its scope, empty."""
        program: Program = token.workflow.program
        return RunningSub(program.subs[self.node.id], token, program)

    def reopen(self, token: Token, definition: int | None) -> RunningSub:
        """Its scope again, when what it did is to be undone."""
        return self.open(token)

    def scope_done(self, token: Token, scope: Scope) -> None:
        """Everything inside has come to an end."""
        if INSIDE in token.internal_data:
            go_on(token)
            return
        self.leaving(token, scope)
        token.complete()

    def leaving(self, token: Token, scope: Scope) -> None:
        """Its scope is over and about to go: write what its data outputs hold."""
        run = token.run_of
        for copy in self.node.outputs:
            run.write(token, {copy.target: run.plain(token, copy.value, scope.locals)})

    def give(self, token: Token) -> None:
        """Done when its scope was left."""

    def _on_complete_hook(self, my_task: Any) -> None:
        top = my_task.workflow.top
        super()._on_complete_hook(my_task)
        top.subprocesses.pop(my_task.id, None)


class CallActivity(SubProcess):
    """A call of another process: its scope belongs to that process's own program."""

    def open(self, token: Token) -> RunningSub:
        """The scope of the newest version of the process that is called."""
        run, call = token.run_of, self.node.call
        key = run.value(call.process, run.view(token)) if call is not None else None
        if call is None or not isinstance(key, str) or run.programs is None:
            raise StepFailed(
                node=self.node.id, why=f"it calls {key!r}, which is no process", why_zh=f"要调用的 {key!r} 不是流程"
            )
        programs = run.programs
        definition, program = run.ask(lambda: programs.newest(key))
        if token.workflow.depth >= run.MAX_CALLS:
            raise StepFailed(
                node=self.node.id,
                why=f"calls lie more than {run.MAX_CALLS} deep in one another",
                why_zh=f"调用嵌套超过 {run.MAX_CALLS} 层",
            )
        given = run.context(token, call.input) if call.input is not None else {}
        scope = self._scope(token, definition, program)
        scope.locals.update(given)
        return scope

    def reopen(self, token: Token, definition: int | None) -> RunningSub:
        """The scope of the version that was called."""
        programs = token.run_of.programs
        if definition is None or programs is None:
            raise StepFailed(
                node=self.node.id, why="the process it called is not known", why_zh="不知道它调用的是哪个流程"
            )
        return self._scope(token, definition, token.run_of.ask(lambda: programs.get(definition)))

    def _scope(self, token: Token, definition: int, program: Program) -> RunningSub:
        scope = RunningSub(program.spec, token, program)
        scope.definition = definition
        scope.prefix = f"{token.workflow.prefix}{self.node.id}/"
        return scope

    def leaving(self, token: Token, scope: Scope) -> None:
        """Write what comes out of the call."""
        super().leaving(token, scope)
        run, call = token.run_of, self.node.call
        if call is not None and call.output is not None:
            run.write(token, run.context(token, call.output, scope.locals))


class EventSubProcess(Catching, SubProcess):
    """An event sub-process. Its waiting token listens; each time it is started another token runs it. `undoes`: it is how its scope
    is compensated, and does not listen. `start_element` is its start event."""

    listens = True
    start_element: Element

    @property
    def events(self) -> tuple[Event, ...]:
        """What starts it."""
        return self.start_element.node.events

    @property
    def all_events(self) -> bool:
        """Whether every one of them must come."""
        return self.start_element.node.all_events

    @property
    def repeats(self) -> bool:  # type: ignore[override]
        """It can be started again while its scope runs."""
        return not self.interrupting

    @property
    def interrupting(self) -> bool:
        """Whether it takes the place of all that runs in its scope."""
        return self.start_element.node.interrupting

    @property
    def undoes(self) -> bool:
        """Whether it is how its scope is compensated."""
        return self.start_element.node.has(Trigger.COMPENSATION)

    def _update_hook(self, my_task: Any) -> bool:
        raise StepFailed(
            node=self.node.id, why="no flow leads into an event sub-process", why_zh="顺序流不能连到事件子流程"
        )

    def receive(self, token: Token, expression: str, payload: Any) -> None:
        """Keep what its start event brings: it belongs to the scope that is about to begin."""
        found = token.run_of.context(token, expression, {"payload": payload})
        token.internal_data.setdefault(BROUGHT, {}).update(found)

    def triggered(self, token: Token, index: int) -> None:
        """It is started, instead of all that runs in its scope or beside it."""
        scope = token.workflow
        if self.interrupting:
            scope.clear()
        elif self.all_events:
            self.arm(Token(scope, self))
            token.drop()
        elif token.alive:
            token.run_of.again(token, index)
        started = Token(scope, self)
        brought = token.internal_data.pop(BROUGHT, None)
        if brought is not None:
            started.internal_data[BROUGHT] = brought
        self.begin(started)

    def open(self, token: Token) -> RunningSub:
        """Its scope, with what its start event brought."""
        scope = super().open(token)
        brought: dict[str, Any] = token.internal_data.pop(BROUGHT, {})
        scope.locals.update({key: value for key, value in brought.items() if key in scope.locals})
        token.run_of.write(token, {key: value for key, value in brought.items() if key not in scope.locals})
        return scope
