"""What is alive in an instance: tokens, in scopes that lie in one another.

`Token` is a SpiffWorkflow task with a small number as its id, counted inside the instance: the same number is the user task's id in
our tables. A scope (a process, an embedded sub-process, a called process) is a SpiffWorkflow workflow that holds its tokens flat."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.errors import StepFailed

if TYPE_CHECKING:
    from engine.bpmn.program import Program
    from engine.bpmn.running import Run
    from engine.bpmn.runtime.element import Element

WAITING, READY, STARTED = TaskState.WAITING, TaskState.READY, TaskState.STARTED
COMPLETED, CANCELLED = TaskState.COMPLETED, TaskState.CANCELLED

HELD, WAITED = "hd", "wd"
"""In tokens' own bookkeeping: on a detour the id of the held task that waits for it; on that task, that a detour is under way."""

MAX_TOKENS = 20_000
"""Tokens one step may make: a diagram that multiplies them is stopped before it fills the memory."""


class Token(Task):
    """One token: on its way through an element, or resting in it. `host` is the token it hangs on (a boundary event on its
    activity, a part on its multi-instance, a catching event on its gateway). `data` are variables that only it and what lies
    inside it see; `internal_data` is its own bookkeeping."""

    via: str | None = None
    """The sequence flow it came over."""

    def __init__(self, scope: Scope, spec: Element, host: Token | None = None, id: int | None = None) -> None:
        # SpiffWorkflow's own constructor draws a random id and looks at the clock: dearer than the step
        self.id = scope.top.next_id() if id is None else id
        self.workflow = scope
        self.task_spec = spec
        self._parent = host.id if host is not None else None
        self._children: list[int] = []
        self._state = TaskState.FUTURE
        self.triggered = False
        self.thread_id = 0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = self.id  # only its order is ever used
        scope.tasks[self.id] = self
        if host is not None:
            host._children.append(self.id)

    @property
    def run_of(self) -> Run:
        """The step this token moves in."""
        run: Run = self.workflow.top.run
        return run

    @property
    def host(self) -> Token | None:
        """The token it hangs on."""
        found: Token | None = self.workflow.tasks.get(self._parent or 0)
        return found

    @property
    def hanging(self) -> list[Token]:
        """The tokens that hang on it."""
        tasks = self.workflow.tasks
        return [tasks[child] for child in self._children if child in tasks]

    @property
    def alive(self) -> bool:
        """Whether it is still there."""
        return bool(self._state < COMPLETED)

    def _set_state(self, value: int) -> None:
        self._state = value

    def _ready(self) -> None:
        self._state = READY
        if not self.task_spec.manual:
            self.workflow.top.queue.append(self)

    def run(self) -> bool | None:
        """Let its spec do its work. None: it rests, or is gone already."""
        result: bool | None = self.task_spec._run_hook(self)
        if result:
            self.complete()
        elif self.alive:
            self._state = STARTED
        return result

    def complete(self) -> None:
        """It is done; its spec says where it goes from here."""
        if self.alive:
            self._state = COMPLETED
            self.task_spec._on_complete(self)

    def cancel(self) -> None:
        """It is gone, with everything that hangs on it and runs inside it."""
        if self._state >= CANCELLED or self.id not in self.workflow.tasks:
            return
        self._state = CANCELLED
        for child in self.hanging:
            child.cancel()
        if WAITED in self.internal_data:
            for other in [t for t in self.workflow.top.everything() if t.internal_data.get(HELD) == self.id]:
                other.cancel()
        inner = self.workflow.top.subprocesses.pop(self.id, None)
        if inner is not None:
            inner.clear()
        self.drop()

    def drop(self) -> None:
        """Take it out of its scope, which may be empty then."""
        self._state = max(self._state, COMPLETED)
        scope = self.workflow
        scope.tasks.pop(self.id, None)
        host = scope.tasks.get(self._parent or 0)
        if host is not None and self.id in host._children:
            host._children.remove(self.id)
        scope.top.touched.append(scope)


class ScopeSpec(BpmnProcessSpec):
    """The specs of one scope. `begin` get a token when it begins; `listeners` are its event sub-processes."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.task_specs.clear()  # SpiffWorkflow's own start and end, which take names a file may use
        self.start = self.end = None
        self.begin: tuple[Element, ...] = ()
        self.listeners: tuple[Element, ...] = ()
        self.variables: tuple[str, ...] = ()


class Scope:
    """What every scope has: its tokens, its variables, and what it did that may have to be undone."""

    tasks: dict[int, Token]
    spec: Any
    depth: int

    program: Program
    definition: int | None = None  # the id of a called process's definition
    prefix = ""  # the way to it from the instance's own process: "CallA/CallB/"
    host: Token | None = None  # the activity it runs in
    top: Running

    def _furnish(self, top: Running, program: Program) -> None:
        self.top = top
        self.program = program
        self.locals: dict[str, Any] = dict.fromkeys(self.spec.variables)
        self.done: list[list[Any]] = []

    def arrive(self, target: Element, flow: str | None = None) -> None:
        """Put a token on an element; `flow` is the sequence flow it came over."""
        token = Token(self, target)
        token.via = flow
        target._update(token)

    def idle(self) -> bool:
        """Nothing is left in it but event sub-processes that wait to be started."""
        return all(t._state == WAITING and t.task_spec.listens for t in self.tasks.values())

    def completing(self) -> bool:
        """Only event sub-processes are left that were started: no further one can be (13.5.4)."""
        return all(t.task_spec.listens for t in self.tasks.values())

    def listeners(self) -> list[Token]:
        """Its event sub-processes that wait to be started."""
        return [t for t in self.tasks.values() if t._state == WAITING and t.task_spec.listens]

    def clear(self) -> None:
        """Cancel everything in it."""
        for token in list(self.tasks.values()):
            token.cancel()

    def has(self, token: Token) -> bool:
        """Whether a token is still in it."""
        return self.tasks.get(token.id) is token

    @property
    def alive(self) -> bool:
        """Whether it is still part of the instance."""
        return self.host is None or self.top.subprocesses.get(self.host.id) is self


class RunningSub(Scope, BpmnSubWorkflow):
    """The scope of a sub-process or of a called process."""

    def __init__(self, spec: ScopeSpec, host: Token, program: Program) -> None:
        self.host = host
        top = host.workflow.top
        super().__init__(spec, parent_task_id=host.id, top_workflow=top, deserializing=True)
        self.definition = host.workflow.definition
        self.prefix = host.workflow.prefix
        self._furnish(top, program)
        top.subprocesses[host.id] = self

    def _calculate_depth(self) -> int:
        return self.host.workflow.depth + 1 if self.host is not None else 0


class _NoPython(BasePythonScriptEngineEnvironment):
    """Nothing of a file is ever run as Python."""

    def evaluate(self, expression: str, context: Any, external_context: Any = None) -> Any:
        raise PermissionError("expressions are not run by the library")

    def execute(self, script: str, context: Any, external_context: Any = None) -> bool:
        raise PermissionError("scripts are not run by the library")

    def call_service(self, context: Any, **kwargs: Any) -> Any:
        raise PermissionError("services are not run by the library")


_ENGINE = PythonScriptEngine(environment=_NoPython())


class Running(Scope, BpmnWorkflow):
    """One instance in memory. `counter` is the last id given, `at` the element at work, `queue` the tokens that are to run next,
    `touched` the scopes that something left."""

    def __init__(self, program: Program, run: Run) -> None:
        self.run = run
        self.counter = 0
        self.made = 0
        self.returned = 0  # how often something was sent back, withdrawn or moved: nodes may be left once more than the diagram says
        self.at = program.model.id
        self.performers: dict[str, list[int]] = {}
        self.queue: deque[Token | tuple[Token, Callable[[], None]]] = deque()
        self.touched: deque[Scope] = deque()
        super().__init__(program.spec, {}, script_engine=_ENGINE, deserializing=True)
        self._furnish(self, program)
        self.locals = {}  # the data objects of the instance's own process are its facts

    def later(self, token: Token, act: Callable[[], None]) -> None:
        """Do something for a token when what is under way now is done, if it is still there then."""
        self.queue.append((token, act))

    def next_id(self) -> int:
        """A number no token of this instance ever had."""
        self.counter += 1
        self.made += 1
        if self.made > MAX_TOKENS:
            raise StepFailed(
                node=self.at,
                why=f"one step makes more than {MAX_TOKENS} tokens",
                why_zh=f"一步之内产生了超过 {MAX_TOKENS} 个令牌",
            )
        return self.counter

    def scopes(self) -> Iterator[Any]:
        """The instance and every scope in it."""
        yield self
        yield from list(self.subprocesses.values())

    def everything(self) -> Iterator[Token]:
        """Every token, at every level."""
        yield from self.tasks.values()
        for sub in self.subprocesses.values():
            yield from sub.tasks.values()

    def find(self, token_id: int) -> Token | None:
        """The token with this id at any level, or none."""
        token: Token | None = self.tasks.get(token_id)
        if token is not None:
            return token
        for sub in self.subprocesses.values():
            token = sub.tasks.get(token_id)
            if token is not None:
                return token
        return None

    def unfinished(self) -> bool:
        """Whether anything is left."""
        return bool(self.tasks)
