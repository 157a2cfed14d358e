"""Activities (BPMN 2.0.2, 13.3): how one begins, completes, and can be undone later.

The token that arrived is the activity as a whole: boundary events hang on it, and, when the activity is repeated, so does one token
for each part (`repetition.py`)."""

from __future__ import annotations

from typing import Any

from engine.bpmn.model import Node
from engine.bpmn.runtime import compensation, detours, signing
from engine.bpmn.runtime.element import Element
from engine.bpmn.runtime.live import WAITING, ScopeSpec, Token
from engine.bpmn.runtime.repetition import MultiInstances, Repetition, Rounds, is_part

GATHERED = "q"


class Activity(Element):
    """A task, a call or a sub-process. `boundaries` are its boundary events; `undo` is the activity that compensates it;
    `repetition` is how it is repeated, none where it is not."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        self.boundaries: tuple[Any, ...] = ()
        self.undo: Element | None = None
        self.repetition: Repetition | None = None
        if node.multi_instance is not None:
            self.repetition = MultiInstances(self, node.multi_instance)
        elif node.loop is not None:
            self.repetition = Rounds(self, node.loop)

    # ------------------------------------------------------------ it arrives

    def _update_hook(self, my_task: Any) -> bool:
        if self.node.start_quantity > 1 and not self._gathered(my_task):
            return False
        self.begin(my_task)
        return False

    def _gathered(self, token: Token) -> bool:
        """Whether enough tokens have come to begin once."""
        resting = next(
            (t for t in token.workflow.tasks.values() if t.task_spec is self and GATHERED in t.internal_data), token
        )
        count = resting.internal_data.get(GATHERED, 0) + 1
        if count < self.node.start_quantity:
            resting.internal_data[GATHERED] = count
            resting._set_state(WAITING)
            if resting is not token:
                token.drop()
            return False
        if resting is not token:
            resting.drop()
        return True

    def begin(self, token: Token) -> None:
        """The activity as a whole begins: it gets its data, its boundary events listen, and it, or its parts, start."""
        self.take(token)
        for boundary in self.boundaries:
            boundary.arm(Token(token.workflow, boundary, host=token))
        if self.repetition is not None:
            self.repetition.begin(token)
        else:
            self.begin_one(token)

    def take(self, token: Token) -> None:
        """Fill the variables that only the activity sees (10.4.2: once, also when it is repeated)."""
        if self.node.variables and not self.node.kind.is_scope:
            token.data.update(dict.fromkeys(self.node.variables))
        if self.node.inputs:
            run = token.run_of
            token.data.update({copy.target: run.plain(token, copy.value) for copy in self.node.inputs})
        for lookup in self.node.lookups:
            token.data[lookup.into] = token.run_of.found(token, lookup)

    def retake(self, token: Token) -> None:
        """Fill what its data inputs say once more: what they read may have changed while it was held."""
        for copy in self.node.inputs:
            token.data.pop(copy.target, None)
        run = token.run_of
        token.data.update({copy.target: run.plain(token, copy.value) for copy in self.node.inputs})
        for lookup in self.node.lookups:
            token.data[lookup.into] = run.found(token, lookup)

    def begin_one(self, token: Token) -> None:
        """One instance of the work begins: here it is ready to run."""
        token._ready()

    # ------------------------------------------------------------ it completes

    def _on_complete_hook(self, my_task: Any) -> None:
        if signing.waits(my_task):
            return
        if signing.is_signer(my_task):
            signing.spoken(my_task)
            return
        my_task.run_of.passed(my_task, self.node)
        compensation.remember(my_task)
        if self.repetition is not None and is_part(my_task):
            whole = my_task.host
            my_task.drop()
            self.repetition.done(whole, my_task)
        else:
            self.finish(my_task)

    def finish(self, token: Token) -> None:
        """The activity as a whole is complete: nothing hangs on it any more, and it goes on."""
        for child in token.hanging:
            child.cancel()
        self.give(token)
        if compensation.is_undoing(token):
            compensation.undone(token)
            return
        if detours.is_detour(token):
            detours.arrived(token)
            return
        self.follow(token, self.taken(token))
        token.drop()

    def give(self, token: Token) -> None:
        """Write what its data outputs hold."""
        for copy in self.node.outputs:
            token.run_of.write(token, {copy.target: token.run_of.plain(token, copy.value)})
