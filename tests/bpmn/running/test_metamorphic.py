"""What changes nothing of the meaning of a diagram changes nothing of its traces: other ids, another order of the elements, no ids
where none are needed, other places in the drawing, a sub-process around everything."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from engine.bpmn.model import ProcessModel
from engine.errors import StepFailed
from tests.bpmn.drawing import model
from tests.bpmn.running import changing, richer
from tests.bpmn.running.changing import WRAPPING, Names
from tests.bpmn.running.graphs import VALUES
from tests.bpmn.running.machines import Ours
from tests.bpmn.running.pieces import Wait
from tests.factories import say

SEEDS = 20
STEPS = 25
Change = Callable[[bytes, random.Random], tuple[bytes, Names]]


def same_names(change: Callable[..., bytes]) -> Change:
    def changed(data: bytes, rng: random.Random) -> tuple[bytes, Names]:
        return change(data, *([rng] if change in (changing.shuffled, changing.drawn) else [])), {}

    return changed


CHANGES: dict[str, Change] = {
    "other ids": changing.renamed,
    "another order": same_names(changing.shuffled),
    "flows without ids": same_names(changing.without_ids),
    "drawn anywhere": same_names(changing.drawn),
    "in a sub-process": same_names(changing.wrapped),
}


class Pair:
    """A diagram and its changed copy, played side by side."""

    def __init__(self, seed: int, change: Change) -> None:
        data, self.graph = richer.draw(seed)
        self.rng = random.Random(f"pair {seed}")
        self.names: Names = {}
        changed, names = change(data, self.rng)
        self.names |= names
        called, called_too = {}, {}
        for key, each in self.graph.called.items():
            called[key] = model(each)
            other, names = changing.renamed(each, self.rng) if change is changing.renamed else (each, {})
            self.names |= {id_: name for id_, name in names.items() if id_.startswith(key)}
            called_too[key] = model(other)
        facts: dict[str, Any] = {n: [f"{n}.{i}" for i in range(self.rng.randint(0, 3))] for n in self.graph.lists}
        facts |= self.decisions()
        self.one = self.begun(model(data), facts, called)
        self.two = self.begun(model(changed), facts, called_too)
        self.steps = 0

    def begun(self, its: ProcessModel, facts: dict[str, Any], called: dict[str, ProcessModel]) -> Ours | None:
        try:
            return Ours(its, facts, restore=True, called=called)
        except StepFailed:
            return None

    def decisions(self) -> dict[str, int]:
        return {c: self.rng.randrange(VALUES) for c in self.graph.choices}

    def name(self, path: str) -> str:
        return "/".join(self.names.get(part, part) for part in path.split("/"))

    def wait(self, wait: Wait) -> Wait:
        return self.name(wait[0]), wait[1]

    def check(self) -> None:
        one, two = self.one, self.two
        assert one is not None
        assert two is not None
        assert sorted(self.wait(wait) for wait in one.open()) == two.open()
        assert sorted(self.wait(wait) for wait in one.awaited()) == two.awaited()
        assert one.ended() == two.ended()
        assert [self.name(each) for each in one.path] == [each for each in two.path if each not in WRAPPING]

    def on(self) -> bool:
        one, two = self.one, self.two
        assert one is not None
        assert two is not None
        acts = [("complete", wait) for wait in one.open()] * 2 + [("fire", wait) for wait in one.awaited()]
        acts += [("acted", wait) for wait in one.acting()]
        if not acts:
            return False
        act, wait = self.rng.choice(acts)
        given = (self.decisions(),) if act == "complete" else ()
        self.steps += 1
        failed = []
        for machine, at in ((one, wait), (two, self.wait(wait))):
            try:
                getattr(machine, act)(at, *given)
            except StepFailed:
                failed.append(machine)
        assert len(failed) in (0, 2)
        return not failed


def compare(change: str, seeds: range) -> Counter[str]:
    """Play the diagrams of these seeds and their changed copies; answers what was seen."""
    tally: Counter[str] = Counter()
    for seed in seeds:
        if richer.model_of(seed) is None:
            tally["refused"] += 1
            continue
        pair = Pair(seed, CHANGES[change])
        if pair.one is None or pair.two is None:
            assert pair.one is pair.two
            continue
        try:
            pair.check()
            while pair.steps < STEPS and pair.on():
                pair.check()
        except Exception as error:
            error.add_note(f"seed {seed}, step {pair.steps}")
            raise
        tally.update(runs=1, steps=pair.steps)
    return tally


@pytest.mark.parametrize("change", CHANGES)
def test_the_trace_is_the_same(change: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, **compare(change, range(50_000, 50_000 + SEEDS)))


@pytest.mark.faults
@pytest.mark.parametrize("change", CHANGES)
def test_the_same_for_long(change: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, **compare(change, range(60_000, 60_400)))
