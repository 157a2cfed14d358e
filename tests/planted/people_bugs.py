"""Bugs that were nearly made around people: four eyes, recusal, who gets a task."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any

import pytest

from engine import access, candidates, four_eyes
from engine.acts import holding
from engine.bpmn import running
from engine.bpmn.program import Program
from engine.bpmn.running import Run
from engine.organisation.snapshot import Snapshot
from engine.people import Actor
from tests.planted import checks
from tests.planted.bug import Bug


def principals_accounts_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Snapshot, "accounts", lambda _self, who: frozenset((who,)))


def principals_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = access.check_four_eyes
    patch.setattr(access, "check_four_eyes", lambda actor, did, _principals=(): real(actor, did))


def second_accounts_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = access.check_four_eyes

    def check(actor: Actor, did: Collection[int], principals: Collection[int] = ()) -> None:
        object.__setattr__(actor, "accounts", frozenset((actor.id,)))
        real(actor, did, principals)

    patch.setattr(access, "check_four_eyes", check)


def only_the_one_at_the_keyboard_remembered(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(four_eyes, "performers", lambda _core, _seen, actor: (actor.id,))


def one_way_only(patch: pytest.MonkeyPatch) -> None:
    def apart(self: Program) -> dict[str, frozenset[str]]:
        named = {node.id: node.settings.four_eyes for node in self.model.nodes.values()}
        remembered = {other: frozenset[str]() for others in named.values() for other in others}
        return {**remembered, **{id_: frozenset(others) for id_, others in named.items() if others}}

    bent = cached_property(apart)
    bent.__set_name__(Program, "apart")
    patch.setattr(Program, "apart", bent)


def calls_not_climbed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(running, "_standing", lambda token: [(token.workflow, token.task_spec.node)])


def starter_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = Run.barred
    patch.setattr(Run, "barred", lambda self, task_id, _starter=None: real(self, task_id))


def receiver_not_asked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holding, "check_receiver", lambda *_args: None)


def who_failed_it_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = Run.fail
    patch.setattr(
        Run, "fail", lambda self, task_id, code, payload=None, _performers=(): real(self, task_id, code, payload)
    )


def recused_may_work(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access, "check_not_recused", lambda *_args: None)


def everybody_holds_every_post(patch: pytest.MonkeyPatch) -> None:
    real = candidates._Search._holders
    patch.setattr(candidates._Search, "_holders", lambda self, unit_id, post: real(self, unit_id, post) or [1])


def always_the_first(patch: pytest.MonkeyPatch) -> None:
    def turn(*_args: Any) -> int:
        return 0

    patch.setattr(candidates._Search, "_turn", turn)


PEOPLE_BUGS = (
    Bug(principals_accounts_forgotten, checks.every_way_round),
    Bug(principals_forgotten, checks.every_way_round),
    Bug(second_accounts_forgotten, checks.every_way_round),
    Bug(only_the_one_at_the_keyboard_remembered, checks.every_way_round),
    Bug(one_way_only, checks.every_way_round),
    Bug(calls_not_climbed, checks.every_way_round),
    Bug(starter_forgotten, checks.every_way_round),
    Bug(receiver_not_asked, checks.every_way_round),
    Bug(who_failed_it_forgotten, checks.every_way_round),
    Bug(recused_may_work, checks.recusals),
    Bug(everybody_holds_every_post, checks.nobody),
    Bug(always_the_first, checks.turns),
)
