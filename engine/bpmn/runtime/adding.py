"""What a step does with people who are added to a task and taken from it: signers (`signing.py`), and voters where there is a vote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.bpmn.limits import MAX_INSTANCES
from engine.bpmn.runtime import signing, voting
from engine.bpmn.runtime.held import ROLE, VOTER, WHO
from engine.bpmn.runtime.live import READY, Token
from engine.bpmn.runtime.moving import Moving
from engine.bpmn.runtime.repetition import LATE, NUMBER, TOTAL, MultiInstances, is_part, item_of
from engine.bpmn.runtime.signing import ADDED_BY, How


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked on the task `on`, by whom, and the id of their own task. `by` None: the diagram asked; `task` None: their turn is
    later. `number`: of who votes, their place among the voters; `alone`: nobody else votes."""

    person: int | None
    by: int | None
    task: int | None
    on: int
    number: int | None = None
    alone: bool = False

    @property
    def voter(self) -> bool:
        """Whether they vote, and are not only heard."""
        return self.number is not None


@dataclass(frozen=True, slots=True)
class Roll:
    """Of a vote: the people who were added, what each voter votes as, and the open tasks of those who have not spoken."""

    added: tuple[int, ...]
    items: tuple[Any, ...]
    tasks: tuple[int, ...]


class Adding(Moving):
    """The tokens of one step, some of them people's."""

    _returned: set[int]

    def add_signers(
        self,
        task_id: int,
        people: Sequence[int],
        how: How,
        by: int,
        owner: int,
        *,
        in_order: bool = False,
        items: Mapping[int, Any] | None = None,
    ) -> None:
        """Ask people on an open task. `owner` gets it back when it is held. Beside a vote they vote: `items` are what they vote as, members
        of the collection. KeyError when it is not open."""
        token = self._open_token(task_id)
        multi = _vote_of(token)
        if how is How.BESIDE and multi is not None and token.host is not None:
            whole, given = token.host, items or {}
            for who in people:
                member = given.get(who, item_of(token))
                self._guarded(whole, partial(multi.add, whole, member, who, by))
        else:
            signing.add(token, people, how, by, owner, in_order=in_order)
        if how is How.BEFORE:
            self._returned.add(task_id)
        self._advance()

    def votes(self, task_id: int) -> bool:
        """Whether an open task is the vote of somebody: who is added beside it votes too."""
        return _vote_of(self._open_token(task_id)) is not None

    def voters(self, task_id: int) -> Roll:
        """Who votes in the vote that an open task is part of. Nobody where it is part of none."""
        token = self._open_token(task_id)
        whole = token.host if _vote_of(token) is not None else None
        if whole is None:
            return Roll((), (), ())
        parts = tuple(each.id for each in whole.hanging if is_part(each))
        return Roll(tuple(voting.added(whole)), tuple(voting.items(whole)), parts)

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
        multi = _vote_of(token)
        if multi is not None and token.host is not None:
            found = _voter(token.host, token, person)
            if found is not None:
                return found
        if person is None:
            return next((each for each in self._all_asked([host]) if each.task == task_id), None)
        return next((each for each in self._all_asked([token, host]) if each.person == person), None)

    def _all_asked(self, tokens: Iterable[Token | None]) -> list[Asked]:
        return [each for token in tokens if token is not None for each in self.asked(token.id)]

    def remove_signer(self, asked: Asked) -> None:
        """Take somebody away; what waited for them alone goes on."""
        host = self.workflow.find(asked.on)
        if asked.number is not None and host is not None:
            multi, part = host.task_spec.repetition, self.workflow.find(asked.task or 0)
            self._guarded(host, partial(multi.remove, host, asked.number, part))
        elif asked.task is None:
            if host is not None and asked.person is not None:
                signing.forget(host, asked.person)
        else:
            signer = self._token(asked.task)
            self._guarded(signer, lambda: signing.remove(signer))
        self._advance()

    def everybody_asked(self) -> list[Asked]:
        """Everybody who was added to any task or vote, and has not spoken."""
        found = []
        for token in list(self.workflow.everything()):
            found += self.asked(token.id)
            late: dict[str, list[int]] = token.internal_data.get(LATE, {})
            found += [Asked(who, by, None, token.id, int(number)) for number, (who, by) in late.items()]
            if _vote_of(token) is not None and token.internal_data.get(ROLE) == VOTER:
                voter = self.removable(token.id)
                found += [voter] if voter is not None else []
        return found

    def room(self, task_id: int) -> int:
        """How many more people may be asked on this task."""
        token = self._open_token(task_id)
        whole = token.host if _vote_of(token) is not None else None
        voters = whole.internal_data[TOTAL] if whole is not None else 0
        return max(0, MAX_INSTANCES - max(voters, len(self.asked(task_id))))

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


def _vote_of(token: Token) -> MultiInstances | None:
    """The parts among which a token is a vote."""
    multi = token.task_spec.repetition if is_part(token) else None
    return multi if isinstance(multi, MultiInstances) and multi.vote is not None else None


def _voter(whole: Token, part: Token, person: int | None) -> Asked | None:
    """Who votes by a part, or the person who was added to the vote."""
    alone = voting.left(whole) < 2
    late: dict[str, list[int]] = whole.internal_data.get(LATE, {})
    for number, (who, by) in late.items():
        if who == person:
            return Asked(who, by, None, whole.id, int(number), alone)
    parts = [part] if person is None else [each for each in whole.hanging if is_part(each)]
    for each in parts:
        kept = each.internal_data
        if person is None or kept.get(WHO) == person:
            return Asked(kept.get(WHO), kept.get(ADDED_BY), each.id, whole.id, kept[NUMBER], alone)
    return None
