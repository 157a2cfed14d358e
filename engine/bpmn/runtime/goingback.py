"""What a step does with tokens that go back because a person says so (`returning.py`, `takingback.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from engine.bpmn.outcome import Around
from engine.bpmn.runtime import returning, takingback
from engine.bpmn.runtime.adding import Adding
from engine.bpmn.runtime.live import Token
from engine.bpmn.runtime.regions import Unsound


class GoingBack(Adding):
    """The tokens of one step, some of them on their way back."""

    _open: dict[int, Token]

    def back(
        self, task_id: int, to: str, *, again: bool = True, person: int | None = None, asked: int | None = None
    ) -> None:
        """Send an open task back to the node `to`. `again`: it goes there and everything between runs again; else it is held until `to` is
        done, then opens again for `asked`. `person` did `to` before and gets it, if they can. KeyError when the task is not open, `Unsound`
        (and nothing changed) when it cannot go there (`runtime/returning.py` has the rules)."""
        token = self._open[task_id]
        if again:
            change = returning.sound_back(token, to)
            self._goes_back([task_id])
            self._guarded(token, lambda: change.carry_out(person))
        else:
            begin = returning.sound_detour(token, to)
            self._goes_back([task_id])
            self._guarded(token, lambda: returning.detour(token, begin, person, asked))
        self._advance()

    def judge(self, task_id: int, to: str) -> None:
        """`Unsound`, with why, when an open task cannot go back to `to`."""
        returning.sound_back(self._open[task_id], to)

    def sound(self, task_id: int, to: str) -> tuple[bool, bool]:
        """Whether an open task may be sent back to `to`: so that all runs again, and so that it comes straight back."""
        return returning.can(self._open[task_id], to)

    def withdraw(
        self,
        node: str,
        path: Sequence[str],
        opened: Iterable[int],
        *,
        inside: int | None = None,
        person: int | None = None,
    ) -> None:
        """Take back the completion of the task `node`, which passed `path` and opened the tasks `opened`; it opens again for
        `person`. `inside`: the token of the sub-process or call whose scope it lay in. `Unsound` (and nothing changed) when something
        has moved on since."""
        change = takingback.sound_withdrawal(self.workflow, node, path, opened, inside)
        self._goes_back(opened)
        self._guarded(None, lambda: change.carry_out(person))
        self._advance()

    def withdrawable(self, node: str, path: Sequence[str], opened: Iterable[int], *, inside: int | None = None) -> bool:
        """Whether `withdraw` would do it."""
        try:
            takingback.sound_withdrawal(self.workflow, node, path, opened, inside)
        except Unsound:
            return False
        return True

    def around(self, task_id: int) -> Iterator[Around]:
        """The scopes an open task lies in, the nearest first."""
        scope: Any = self._open[task_id].workflow
        while True:
            host = scope.host
            owner = scope.spec.name if host is not None and host.task_spec.node.kind.is_scope else None
            if host is None:
                yield Around(scope.prefix, None, scope.definition, None, None)
                return
            yield Around(scope.prefix, owner, scope.definition, host.id, host.task_spec.node.id)
            scope = host.workflow

    def definition_at(self, host: int | None) -> int | None:
        """The definition of the called process that the scope of this activity belongs to; none: the instance's own."""
        scope: Any = self.workflow.subprocesses.get(host) if host is not None else None
        return scope.definition if scope is not None else None

    def definition_of(self, within: str) -> int | None:
        """The definition of the process that runs at this way of calls ("Call/Inner"); none when none does."""
        return next((s.definition for s in self.workflow.subprocesses.values() if s.prefix == f"{within}/"), None)

    def inside(self, task_id: int) -> int | None:
        """The token of the activity whose scope an open task lies in; none: it lies in the process itself."""
        host = self._open[task_id].workflow.host
        return host.id if host is not None else None

    def move(self, token_id: int, to: str) -> None:
        """Put a token on the node `to` of its scope or of one around it, whatever follows. `Unsound` when it is gone or cannot stand
        there."""
        token = self.workflow.find(token_id)
        if token is None:
            raise Unsound("流程已不在该环节", "this token is gone")
        at, place = returning.sound_move(token, to)
        self._goes_back([token_id])
        self._guarded(token, lambda: returning.move(at, place))
        self._advance()

    def _goes_back(self, tasks: Iterable[int]) -> None:
        self.workflow.returned += 1
        self._returned.update(tasks)
