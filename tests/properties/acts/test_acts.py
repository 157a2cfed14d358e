"""Anybody does anything, at any time, in processes of random shape: each act is done whole or refused in words, and every law holds after
each. `./run test acts` is the long form: LIANDONG_ACTS acts on each kind of database (100,000 unless it says otherwise)."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.conftest import A_WORKING_MORNING
from tests.factories import say
from tests.properties.acts.office import ENDED, Case, Office

seeds = st.integers(0, 2**32 - 1)
SHAPES = 400
"""Different processes; each is deployed once."""
STEPS = 40


class Acts(RuleBasedStateMachine):
    """A few cases, and people who do things to them through two nodes that come and go."""

    office: ClassVar[Office]
    done: ClassVar[int] = 0
    wanted: ClassVar[int | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[Case] = []

    @property
    def enough(self) -> bool:
        """What was wanted is done: what Hypothesis still tries costs nothing."""
        return self.wanted is not None and type(self).done >= self.wanted

    @initialize(shape=st.integers(0, SHAPES - 1), seed=seeds)
    def first(self, shape: int, seed: int) -> None:
        """A case of any shape."""
        if self.enough:
            return
        self.cases.append(Case(self.office, shape, random.Random(seed)))

    @rule(shape=st.integers(0, SHAPES - 1), seed=seeds)
    def start(self, shape: int, seed: int) -> None:
        """One more, where there are few. Asked here and not before it is drawn: what is drawn may not hang on what was done (`enough`)."""
        if sum(not case.ended for case in self.cases) < 3:
            self.first(shape, seed)

    @rule(seed=seeds)
    def act(self, seed: int) -> None:
        """Somebody does something."""
        if self.enough:
            return
        rng = random.Random(seed)
        live = [case for case in self.cases if not case.ended]
        if not live:
            live = [Case(self.office, rng.randrange(SHAPES), rng)]
            self.cases.append(live[0])
        if rng.choice(live).act(rng):
            type(self).done += 1
            if self.wanted is not None and self.done % 5000 == 0:
                print(self.done, dict(self.office.tally), file=sys.__stderr__, flush=True)

    @rule(seed=seeds, count=st.integers(2, 12))
    def act_much(self, seed: int, count: int) -> None:
        """Somebody does a lot."""
        for number in range(count):
            self.act(seed + number)

    @rule(place=st.integers(0, 1))
    def restart(self, place: int) -> None:
        """One of the nodes is stopped and started."""
        if self.enough:
            return
        self.office.restart(place)

    def teardown(self) -> None:
        """Each case can still be brought to its end."""
        if not self.enough:
            for case in self.cases:
                case.finish(random.Random(case.id))


@pytest.fixture
def office(city_url: str) -> Iterator[Office]:
    opened = Office(city_url, A_WORKING_MORNING)
    yield opened
    opened.close()


def _run(office: Office, examples: int, wanted: int | None) -> None:
    Acts.office, Acts.done, Acts.wanted = office, 0, wanted
    how = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,) if wanted is not None else (Phase.generate, Phase.shrink),
        database=None,
    )
    run_state_machine_as_test(Acts, settings=how)


def _tell(capsys: pytest.CaptureFixture[str], office: Office) -> None:
    refused = sum(count for name, count in office.tally.items() if "refused" in name)
    done = {name: count for name, count in sorted(office.tally.items()) if "refused" not in name}
    say(capsys, acts=Acts.done, refused=refused, **{name.replace(" ", "_"): count for name, count in done.items()})


@pytest.mark.parametrize("examples", [3, 6])
def test_whatever_people_do(office: Office, examples: int, capsys: pytest.CaptureFixture[str]) -> None:
    _run(office, examples, None)
    assert office.tally["complete"] > examples  # each plays for a while; few are drawn, so the sum varies
    _tell(capsys, office)


@pytest.mark.acts
def test_a_hundred_thousand_acts(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = int(os.environ.get("LIANDONG_ACTS", "100000"))
    _run(office, max(20, wanted // 25), wanted)
    assert Acts.done >= wanted
    _tell(capsys, office)
    assert office.tally["cases"] > wanted / 500
    assert min(office.tally["votes carried"], office.tally["votes not carried"]) > wanted / 500
    assert set(ENDED) <= {name.partition(" ")[2] for name in office.tally if name.startswith("ended")}
