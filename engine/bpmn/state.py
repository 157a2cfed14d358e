"""The state of one instance: SpiffWorkflow's tree of tasks, kept small and stored without its definition.

Three subclasses (nothing of SpiffWorkflow is patched):

- `Token`, a SpiffWorkflow `Task` with a small number as its id, counted inside the instance, so that the same number is the
  user task's id in our tables;
- `Running` and `RunningSub`, workflows that look through `tasks` flat instead of walking the tree (stock `TaskIterator`
  stops at depth 1,000 without a word).

`dump` stores what is left to run: no predicted tasks (they follow from the definition) and no finished branches (`prune`; what
happened is in the history). `load` puts it back against the cached definition. The document names task specs, not their
positions, so that a later version of the reader can still open it. Formats carry a version (`VERSION`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, cast

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, StartEventJoin
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

VERSION = 1
WAITING, READY, STARTED, COMPLETED = (
    TaskState.WAITING,
    TaskState.READY,
    TaskState.STARTED,
    TaskState.COMPLETED,
)
_TRIGGERED = 512


class Token(Task):
    """A task of the tree with a counted id. It skips SpiffWorkflow's logging and recursion, which cost more than the step itself."""

    def _add_child(self, task_spec: Any, state: int = TaskState.MAYBE) -> Token:
        if self._state & TaskState.PREDICTED_MASK and state & TaskState.PREDICTED_MASK == 0:
            raise WorkflowException("a predicted task cannot have a definite child", task_spec=self.task_spec)
        workflow = self.workflow
        child = Token(workflow, task_spec, self, state=state, id=workflow.top_workflow.next_id())
        child.thread_id = self.thread_id
        if state == READY:
            child._ready()
        return child

    def _set_state(self, value: int) -> None:
        self._state = value

    def _inherit_data(self) -> None:
        # what it has already (the item of a multi-instance) stands before what is around it
        above = self.parent
        if above is not None and above.data:
            self.data: dict[str, Any] = {**above.data, **self.data}

    def is_descendant_of(self, task: Task) -> bool:
        """As stock, without recursion."""
        get, wanted, parent = self.workflow.tasks.get, task.id, self._parent
        while parent is not None:
            if parent == wanted:
                return True
            above = get(parent)
            parent = above._parent if above is not None else None
        return False

    def find_ancestor(self, spec_name: str) -> Task | None:
        """As stock, without recursion."""
        get = self.workflow.tasks.get
        task = get(self._parent)
        while task is not None:
            if task.task_spec.name == spec_name:
                return task
            task = get(task._parent)
        return None


class _Flat:
    tasks: dict[int, Token]

    def update_waiting_tasks(self) -> None:
        for task in [t for t in self.tasks.values() if t._state == WAITING]:
            if task._state == WAITING and task.id in self.tasks:
                task.task_spec._update(task)

    def plant(self) -> None:
        """Make the root of a new tree (stock makes it with a random id)."""
        workflow = cast("Any", self)
        root = Token(workflow, workflow.spec.start, None, state=TaskState.FUTURE, id=workflow.top_workflow.next_id())
        workflow.task_tree = root
        root.task_spec._predict(root, mask=TaskState.NOT_FINISHED_MASK)
        root._ready()


class RunningSub(_Flat, BpmnSubWorkflow):
    """An embedded sub-process of a `Running` instance."""


class Running(_Flat, BpmnWorkflow):
    """One instance in memory. `facts` is its document, `now` the business time of this step, `counter` the last id given."""

    def __init__(self, spec: Any, subs: dict[str, Any], engine: PythonScriptEngine) -> None:
        self.counter = 0
        self.facts: dict[str, Any] = {}
        self.performers: dict[str, list[int]] = {}
        self.now: datetime | None = None
        super().__init__(spec, subs, script_engine=engine, deserializing=True)

    def next_id(self) -> int:
        """A number no task of this instance ever had."""
        self.counter += 1
        return self.counter

    def create_subprocess(self, my_task: Task, spec_name: str) -> RunningSub:
        """Called by SpiffWorkflow when a sub-process begins."""
        sub = RunningSub(
            self.subprocess_specs[spec_name], parent_task_id=my_task.id, top_workflow=self, deserializing=True
        )
        self.subprocesses[my_task.id] = sub
        sub.plant()
        return sub

    def levels(self) -> Iterator[Any]:
        """The instance and its running sub-processes, the innermost first (an inner end may let an outer one go on)."""
        subs = [s for s in self.subprocesses.values() if not s.completed]
        if len(subs) > 1:
            subs.sort(key=lambda s: s.depth, reverse=True)
        yield from subs
        yield self

    def everything(self) -> Iterator[Token]:
        """Every task, of the instance and of its sub-processes."""
        yield from self.tasks.values()
        for sub in self.subprocesses.values():
            yield from sub.tasks.values()

    def find(self, task_id: int) -> Token | None:
        """The task with this id at any level, or none."""
        task: Token | None = self.tasks.get(task_id)
        if task is not None:
            return task
        for sub in self.subprocesses.values():
            task = sub.tasks.get(task_id)
            if task is not None:
                return task
        return None

    def unfinished(self) -> bool:
        """True while any definite task is not finished: the only test of completion that long cases survive."""
        return any(TaskState.PREDICTED_MASK < t._state < COMPLETED for t in self.everything())

    def refresh_timers(self) -> None:
        """Timers are jobs in the database here; nothing in the tree looks at a clock."""


# ---------------------------------------------------------------- pruning


def prune(workflow: Running) -> None:
    """Take finished branches out of the tree, so that a case sent back a thousand times is as small as a new one."""
    for task_id, sub in list(workflow.subprocesses.items()):
        if task_id not in workflow.subprocesses:
            continue
        parent = workflow.find(task_id)
        if parent is None or parent._state >= COMPLETED:
            _drop(workflow, task_id)
            continue
        _prune(workflow, sub)
    _prune(workflow, workflow)


def _drop(top: Running, task_id: int) -> None:
    sub = top.subprocesses.pop(task_id)
    for inner in list(sub.tasks):
        if inner in top.subprocesses:
            _drop(top, inner)


def _prune(top: Running, workflow: Any) -> None:
    tasks: dict[int, Token] = workflow.tasks
    root: Token = workflow.task_tree
    keep = _kept(workflow)
    if len(keep) == len(tasks):
        return
    # every task that stays hangs under its nearest ancestor that stays, in the same order
    order: list[Token] = []
    children: dict[int, list[int]] = {}
    stack: list[tuple[Token, int | None]] = [(root, None)]
    while stack:
        task, above = stack.pop()
        if task.id in keep:
            order.append(task)
            children[task.id] = []
            if above is not None:
                children[above].append(task.id)
                task._parent = above
            above = task.id
        elif task.id in top.subprocesses:
            _drop(top, task.id)
        stack.extend((tasks[c], above) for c in reversed(task._children) if c in tasks)
    for task in order:
        task._children = children[task.id]
    workflow.tasks = {t.id: t for t in order}
    if workflow.last_task is not None and workflow.last_task.id not in workflow.tasks:
        workflow.last_task = None


def _kept(workflow: Any) -> set[int]:
    tasks: dict[int, Token] = workflow.tasks
    keep: set[int] = {workflow.task_tree.id}
    for task in tasks.values():
        if task._state >= COMPLETED:
            continue
        keep.add(task.id)
        if task._parent is not None:
            keep.add(task._parent)
        if isinstance(task.task_spec, LoopTask):
            keep.update(task._children)
        if isinstance(task.task_spec, BoundaryEventJoin | StartEventJoin):
            # these joins look at the finished siblings under their split
            split = task.find_ancestor(task.task_spec.split_task)
            if split is not None:
                keep.add(split.id)
                keep.update(split._children)
    return keep


# ---------------------------------------------------------------- to and from JSON


def dump(workflow: Running) -> str:
    """The stored form: JSON text of a few hundred bytes."""
    document: dict[str, Any] = {"v": VERSION, "n": workflow.counter, "t": _rows(workflow)}
    if workflow.subprocesses:
        document["s"] = [[k, s.spec.name, bool(s.completed), _rows(s)] for k, s in workflow.subprocesses.items()]
    if workflow.performers:
        document["p"] = workflow.performers
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _rows(workflow: Any) -> list[list[Any]]:
    tasks: dict[int, Token] = workflow.tasks
    rows: list[list[Any]] = []
    position: dict[int, int] = {}
    stack = [workflow.task_tree.id]
    while stack:
        task = tasks[stack.pop()]
        parent = tasks.get(task._parent)
        if task._state < WAITING and parent is not None and parent._state < COMPLETED:
            continue  # predicted: follows from the definition
        position[task.id] = len(rows)
        row = [
            task.task_spec.name,
            position[parent.id] if parent is not None else -1,
            task._state | (_TRIGGERED if task.triggered else 0),
            task.id,
            task.internal_data or 0,
            task.data or 0,
        ]
        while row[-1] == 0:
            row.pop()
        rows.append(row)
        stack.extend(reversed(task._children))
    return rows


def load(text: str, spec: Any, subs: dict[str, Any], engine: PythonScriptEngine) -> Running:
    """The instance whose state `dump` stored, ready to go on. ValueError if the format is not known."""
    document = json.loads(text)
    if document["v"] != VERSION:
        raise ValueError(f"state format {document['v']} is not known")
    workflow = Running(spec, subs, engine)
    workflow.counter = document["n"]
    workflow.performers = document.get("p", {})
    _plant(workflow, document["t"])
    for task_id, name, completed, rows in document.get("s", ()):
        sub = RunningSub(subs[name], parent_task_id=task_id, top_workflow=workflow, deserializing=True)
        sub.completed = completed
        workflow.subprocesses[task_id] = sub
        _plant(sub, rows)
        parent = workflow.find(task_id)
        if parent is not None:
            sub.completed_event.connect(parent.task_spec._on_subworkflow_completed, parent)
    return workflow


def _plant(workflow: Any, rows: Iterable[list[Any]]) -> None:
    specs, tasks, events = workflow.spec.task_specs, workflow.tasks, workflow.top_workflow.event_manager
    planted: list[Token] = []
    for row in rows:
        task: Token = Token.__new__(Token)
        state = row[2]
        task.id = row[3]
        task.workflow = workflow
        task._children = []
        task._state = state & (_TRIGGERED - 1)
        task.triggered = state >= _TRIGGERED
        task.task_spec = specs[row[0]]
        task.thread_id = 0
        task.last_state_change = task.id  # only its order is ever used
        task.internal_data = row[4] or {} if len(row) > 4 else {}
        task.data = row[5] if len(row) > 5 else {}
        if row[1] < 0:
            task._parent = None
        else:
            parent = planted[row[1]]
            task._parent = parent.id
            parent._children.append(task.id)
        tasks[task.id] = task
        planted.append(task)
        if task._state == WAITING and isinstance(task.task_spec, CatchingEvent):
            events.add_task(task)
    workflow.task_tree = planted[0]
    for task in planted:
        started_call = (
            task.triggered and task._parent == workflow.task_tree.id and isinstance(task.task_spec, SubWorkflowTask)
        )
        if WAITING <= task._state < COMPLETED and not started_call:
            task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
