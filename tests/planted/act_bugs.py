"""Bugs that were nearly made in what people do with tasks: random acts by random people see them, whoever made them."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from engine.bpmn.runtime import held, regions, voting
from engine.bpmn.runtime.courses import Courses
from engine.bpmn.runtime.live import Token
from engine.bpmn.settings import Vote
from engine.operating import suspending
from tests.bpmn.running import test_returning
from tests.planted.bug import Bug
from tests.properties.acts.office import Case, Office
from tests.properties.acts.trees import plant
from web.city import City


def play(city: City, kind: str, only: tuple[str, ...], cases: int = 25, acts: int = 16) -> None:
    """Some hundred acts, always the same, on processes with this kind of block."""
    office = Office(str(city.core.db.url), city.core.clock.now())  # type: ignore[union-attr]
    try:
        shapes = [seed for seed in range(400) if any(block.kind == kind for block in plant(seed).blocks())]
        for shape in shapes[:cases]:
            rng = random.Random(shape)
            case = Case(office, shape, rng)
            case.only = only
            for _ in range(acts):
                if not case.ended:
                    case.act(rng)
            case.finish(rng)
    finally:
        office.close()


def back_and_forth(city: City) -> None:
    """Sent back and withdrawn in parallel parts."""
    play(city, "par", ("complete", "back", "withdraw"))


def split_in_split(_city: City) -> None:
    """Sent back into a branch of a split in a split; among random acts such a step is refused before it is written, which is as good."""
    test_returning.test_a_split_in_a_split("parallelGateway")


def stood_still(city: City) -> None:
    """Suspended and resumed while timers wait."""
    play(city, "bounded", ("complete", "suspend", "resume", "time"))


def asked_before(city: City) -> None:
    """Signers are asked, and tasks sent back for a while, while timers wait."""
    play(city, "bounded", ("add signers", "back", "complete", "time"))


def voted(city: City) -> None:
    """Votes, with voters added and removed."""
    play(city, "multi", ("complete", "add signers", "remove signer"))


def other_branches_go_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(regions, "_empty", lambda _change, _scope, _regions: None)
    patch.setattr(Courses, "allows", lambda _self, _marking: True)


def joins_wait_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(regions, "fill", lambda *_args: None)
    patch.setattr(Courses, "allows", lambda _self, _marking: True)


def timers_do_not_wait(patch: pytest.MonkeyPatch) -> None:
    real = suspending._since
    patch.setattr(suspending, "_since", lambda core, case: real(core, case) + timedelta(days=99))


def what_hangs_on_a_task_is_lost(patch: pytest.MonkeyPatch) -> None:
    real = held.open_again

    def open_again(token: Token, person: int | None = None) -> Token:
        token._children = []
        return real(token, person)

    patch.setattr(held, "open_again", open_again)


def votes_end_too_early(patch: pytest.MonkeyPatch) -> None:
    real = voting.decided

    def decided(token: Token, vote: Vote) -> bool:
        return real(token, vote) or any(voter.said is not None for voter in voting._voters(token))

    patch.setattr(voting, "decided", decided)


ACT_BUGS = (
    Bug(other_branches_go_on, back_and_forth),
    Bug(joins_wait_for_ever, split_in_split),
    Bug(timers_do_not_wait, stood_still),
    Bug(what_hangs_on_a_task_is_lost, asked_before),
    Bug(votes_end_too_early, voted),
)
