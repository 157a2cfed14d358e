"""What people do with tasks and cases beside completing: the part of the city that pages and the JSON API share. `by` is a person's id or
login; `task` a reference "instance.task", or what `City.tasks` gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.acts import (
    copying,
    delegating,
    drafts,
    holding,
    receiving,
    rejecting,
    returning,
    signers,
    talking,
    urging,
    withdrawing,
)
from engine.acts.base import split
from engine.acts.copying import How
from engine.people import load_actor

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor
    from engine.steps import Reply


class Acts:
    """The acts of a city."""

    core: Core

    def actor(self, who: int | str) -> Actor:
        """A person with their posts and powers."""
        with self.core.db.read() as connection:
            return load_actor(connection, who)

    # ------------------------------------------------------------ whose a task is

    def claim(self, task: object, by: int | str, idempotency_key: str | None = None) -> Reply:
        """Take an offered task."""
        return holding.claim(self.core, str(task), by, key=idempotency_key)

    def release(self, task: object, by: int | str, idempotency_key: str | None = None) -> Reply:
        """Give a claimed task back."""
        return holding.release(self.core, str(task), by, key=idempotency_key)

    def transfer(
        self, task: object, to: int | str, by: int | str, reason: str = "", idempotency_key: str | None = None
    ) -> Reply:
        """Hand a task to a colleague (转办)."""
        return holding.transfer(self.core, str(task), self.actor(to).id, by, reason=reason, key=idempotency_key)

    def sign(self, task: object, by: int | str, idempotency_key: str | None = None) -> Reply:
        """Say that the unit has received a task (签收)."""
        return receiving.sign(self.core, str(task), by, key=idempotency_key)

    def delegate(
        self, task: object, to: int | str, by: int | str, reason: str = "", idempotency_key: str | None = None
    ) -> Reply:
        """Ask a colleague to prepare a task (委托)."""
        return delegating.delegate(self.core, str(task), self.actor(to).id, by, reason=reason, key=idempotency_key)

    def recall(self, task: object, by: int | str, reason: str = "", idempotency_key: str | None = None) -> Reply:
        """Take a delegated task back."""
        return delegating.recall(self.core, str(task), by, reason=reason, key=idempotency_key)

    def resolve(
        self,
        task: object,
        answers: Mapping[str, Any],
        by: int | str,
        text: str = "",
        idempotency_key: str | None = None,
    ) -> Reply:
        """Give a delegated task back with a proposal."""
        return delegating.resolve(self.core, str(task), answers, by, text=text, key=idempotency_key)

    # ------------------------------------------------------------ the way of a case

    def back(
        self,
        task: object,
        by: int | str,
        reason: str,
        to: str | None = None,
        *,
        again: bool = True,
        idempotency_key: str | None = None,
    ) -> Reply:
        """Send a task back to an earlier step (退回)."""
        return returning.back(self.core, str(task), by, to=to, again=again, reason=reason, key=idempotency_key)

    def withdraw(self, task: object, by: int | str, reason: str = "", idempotency_key: str | None = None) -> Reply:
        """Take back a task that one completed (撤回)."""
        return withdrawing.withdraw(self.core, str(task), by, reason=reason, key=idempotency_key)

    def reject(self, task: object, by: int | str, reason: str, idempotency_key: str | None = None) -> Reply:
        """End the case because it is not agreed to (否决)."""
        return rejecting.reject(self.core, str(task), by, reason=reason, key=idempotency_key)

    # ------------------------------------------------------------ signers

    def add_signers(
        self,
        task: object,
        people: Sequence[int],
        by: int | str,
        how: str = "beside",
        *,
        in_order: bool = False,
        reason: str = "",
        idempotency_key: str | None = None,
    ) -> Reply:
        """Ask people for an opinion before, beside or after a task (加签)."""
        return signers.add(
            self.core, str(task), by, people=people, how=how, in_order=in_order, reason=reason, key=idempotency_key
        )

    def remove_signer(
        self,
        task: object,
        by: int | str,
        reason: str,
        person: int | None = None,
        idempotency_key: str | None = None,
    ) -> Reply:
        """Take away somebody who was asked and has not spoken (减签)."""
        return signers.remove(self.core, str(task), by, reason=reason, person=person, key=idempotency_key)

    # ------------------------------------------------------------ drafts

    def save_draft(self, task: object, answers: Mapping[str, Any], by: int | str) -> drafts.Draft:
        """Keep what somebody began to fill in."""
        return drafts.save(self.core, str(task), answers, by)

    def draft(self, task: object, by: int | str) -> drafts.Draft | None:
        """What was kept."""
        return drafts.load(self.core, str(task), by)

    # ------------------------------------------------------------ words and copies

    def comment(
        self,
        instance: int,
        text: str,
        by: int | str,
        idempotency_key: str | None = None,
        people: Sequence[int] = (),
    ) -> Reply:
        """Say something on a case, and call the attention of people to it (@)."""
        return talking.comment(self.core, instance, text, by, people=people, key=idempotency_key)

    def urge(
        self,
        instance: int,
        by: int | str,
        text: str = "",
        task: object | None = None,
        idempotency_key: str | None = None,
    ) -> Reply:
        """Urge those who have the open tasks of a case, or one of them (催办)."""
        return urging.urge(self.core, instance, by, text=text, task_id=_number(task), key=idempotency_key)

    def copy(
        self,
        instance: int,
        people: Sequence[int],
        by: int | str,
        how: How = "copy",
        note: str = "",
        task: object | None = None,
        idempotency_key: str | None = None,
    ) -> Reply:
        """Show a case to people (抄送), or ask them to confirm that they read it (传阅)."""
        number = _number(task)
        return copying.copy(self.core, instance, people, by, how=how, note=note, task_id=number, key=idempotency_key)

    def read(self, instance: int, by: int | str, opinion: str = "", idempotency_key: str | None = None) -> Reply:
        """Confirm that one has read what one was given of a case."""
        return copying.read(self.core, instance, by, opinion=opinion, key=idempotency_key)


def _number(task: object | None) -> int | None:
    return split(str(task))[1] if task is not None else None
