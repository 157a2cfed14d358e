"""Random diagrams, run with random completions: our run, stored, pruned and restored at every step, stands at every step where the
token game stands; so does a run that is never stored, and stock SpiffWorkflow where it keeps to BPMN (no multi-instance, whose items
leak, no second pass through a join, no branch that ends before its join)."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from engine.bpmn.model import ProcessModel
from engine.errors import StepFailed
from tests.bpmn.running.graphs import VALUES, Graph, model_of
from tests.bpmn.running.machines import Ours, Stock, counted, same
from tests.bpmn.running.oracle import Game
from tests.factories import say

BATCHES = 10
SEEDS = 12
STEPS = 40


class Play:
    """One diagram, played once."""

    def __init__(self, seed: int, model: ProcessModel, graph: Graph) -> None:
        self.model, self.graph = model, graph
        self.rng = random.Random(f"play {seed}")
        facts: dict[str, Any] = {n: [f"{n}.{i}" for i in range(self.rng.randint(0, 3))] for n in graph.lists}
        facts |= self.decisions()
        self.game = Game(model, facts)
        self.stored = Ours(model, facts, restore=True)
        self.kept = Ours(model, facts, restore=False)
        self.stock = Stock(model, facts) if not graph.kinds & {"many", "stray"} else None
        self.steps = self.stock_steps = 0

    def decisions(self) -> dict[str, int]:
        return {c: self.rng.randrange(VALUES) for c in self.graph.choices}

    def check(self) -> None:
        assert same(self.game, self.stored), (
            self.game.open(),
            self.game.timers(),
            self.stored.open(),
            self.stored.timers(),
        )
        assert same(self.game, self.kept)
        assert counted(self.model, self.stored.passed) == counted(self.model, self.game.passed)
        if self.stock is not None and any(self.game.passed[j] > 1 for j in self.graph.joins):
            self.stock = None
        if self.stock is not None:
            assert same(self.game, self.stock)
            self.stock_steps += 1

    def on(self) -> bool:
        """One step; False when there is nothing left to do."""
        waits = [("complete", w) for w in self.game.open()] + [("fire", w) for w in self.game.timers()]
        if not waits:
            return False
        act, wait = self.rng.choice(waits)
        decided = self.decisions()
        self.game.facts.update(decided)
        getattr(self.game, act)(wait)
        self.steps += 1
        for machine in (self.stored, self.kept, self.stock):
            if machine is not None:
                machine.decide(decided)
        if not (self.game.ended() or self.game.open() or self.game.timers()):
            with pytest.raises(StepFailed):  # the diagram's own dead end is said, not slept in
                getattr(self.stored, act)(wait)
            return False
        for machine in (self.stored, self.kept, self.stock):
            if machine is not None:
                getattr(machine, act)(wait)
        return True


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_step_stands_where_the_token_game_stands(batch: int, capsys: pytest.CaptureFixture[str]) -> None:
    tally: Counter[str] = Counter()
    for seed in range(batch * SEEDS, (batch + 1) * SEEDS):
        found = model_of(seed)
        assert found is not None, seed
        play = Play(seed, *found)
        play.check()
        while play.steps < STEPS and play.on():
            play.check()
        tally.update(runs=1, steps=play.steps, stock=play.stock_steps, ended=play.game.ended())
        tally["largest"] = max(tally["largest"], play.stored.size)
        tally.update(play.graph.kinds)
    say(capsys, **tally)
