"""What a step does with people who are added to a task and taken from it: signers (`signing.py`), and voters where there is a vote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.bpmn.limits import MAX_INSTANCES
from engine.bpmn.runtime import signing
from engine.bpmn.runtime.live import READY, Token
from engine.bpmn.runtime.moving import Moving
from engine.bpmn.runtime.signing import How


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked on the task `on`, by whom, and the id of their own task. `by` None: the diagram asked; `task` None: their turn is
    later. `voter`: they are a part of a vote and not only heard."""

    person: int | None
    by: int | None
    task: int | None
    on: int
    voter: bool = False


class Adding(Moving):
    """The tokens of one step, some of them people's."""

    _returned: set[int]

    def add_signers(
        self, task_id: int, people: Sequence[int], how: How, by: int, owner: int, *, in_order: bool = False
    ) -> None:
        """Ask people on an open task. `owner` gets it back when it is held. KeyError when it is not open."""
        token = self._open_token(task_id)
        signing.add(token, people, how, by, owner, in_order=in_order)
        if how is How.BEFORE:
            self._returned.add(task_id)
        self._advance()

    def asked(self, task_id: int) -> list[Asked]:
        """Everybody asked on a task, open or waiting for them; nothing where there is no such."""
        token = self.workflow.find(task_id)
        if token is None:
            return []
        return [Asked(who, by, own, token.id) for who, by, own in signing.asked(token)]

    def removable(self, task_id: int, person: int | None = None) -> Asked | None:
        """Who would be taken away: whose own open task this is; or `person`, asked on this task, or after whose task it is."""
        token = self.workflow.find(task_id)
        if token is None:
            return None
        host = token.host if signing.is_signer(token) else None
        if person is None:
            return next((each for each in self._all_asked([host]) if each.task == task_id), None)
        return next((each for each in self._all_asked([token, host]) if each.person == person), None)

    def _all_asked(self, tokens: Iterable[Token | None]) -> list[Asked]:
        return [each for token in tokens if token is not None for each in self.asked(token.id)]

    def remove_signer(self, asked: Asked) -> None:
        """Take somebody away; what waited for them alone goes on."""
        host = self.workflow.find(asked.on)
        if asked.task is None:
            if host is not None and asked.person is not None:
                signing.forget(host, asked.person)
        else:
            signer = self._token(asked.task)
            self._guarded(signer, lambda: signing.remove(signer))
        self._advance()

    def room(self, task_id: int) -> int:
        """How many more people may be asked on this task."""
        return max(0, MAX_INSTANCES - len(self.asked(task_id)))

    def standing(self, task_id: int) -> list[int]:
        """The tasks of the same element that this one hangs on, the nearest first: who was added to what."""
        found, token = [], self.workflow.find(task_id)
        while token is not None and signing.is_signer(token) and token.host is not None:
            token = token.host
            found.append(token.id)
        return found

    def _token(self, task_id: int) -> Token:
        token = self.workflow.find(task_id)
        if token is None:
            raise KeyError(task_id)
        return token

    def _open_token(self, task_id: int) -> Token:
        token = self._token(task_id)
        if token._state != READY or not token.task_spec.manual:
            raise KeyError(task_id)
        return token
