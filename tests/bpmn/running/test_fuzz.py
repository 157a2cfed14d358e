"""Random diagrams, run with random completions and events: our run, stored and restored at every step, stands at every step where the
token game stands; so does a run that is never stored, and stock SpiffWorkflow where it keeps to BPMN (no multi-instance, whose items
leak, no second pass through a join, no branch that ends before its join).

Several token games choose differently which token moves first. Where they disagree the diagram itself is a race, which the standard
leaves open: there the play ends, and is counted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from engine.bpmn import state
from engine.bpmn.model import ProcessModel
from engine.errors import StepFailed
from tests.bpmn.running import graphs, happening, richer
from tests.bpmn.running.machines import Ours, Stock, same, stands
from tests.bpmn.running.oracle import Game
from tests.bpmn.running.pieces import Wait
from tests.bpmn.running.throws import UncaughtError
from tests.factories import say

STEPS = 40
BATCHES = 5
BOLD = 12
"""The step at which a task may also fail with an error that nobody catches."""
PLAIN, RICH = 24, 30
"""Seeds a batch."""


class Play:
    """One diagram, played once."""

    def __init__(
        self, seed: int, model: ProcessModel, graph: graphs.Graph, called: Mapping[str, ProcessModel], *, plain: bool
    ) -> None:
        self.model, self.graph = model, graph
        self.rng = random.Random(f"play {seed}")
        facts: dict[str, Any] = {n: [f"{n}.{i}" for i in range(self.rng.randint(0, 3))] for n in graph.lists}
        facts |= self.decisions()
        shuffled = random.Random(f"order {seed}")
        self.game = Game(model, facts, called)
        self.others = [
            Game(model, facts, called, lambda moves: len(moves) - 1),
            Game(model, facts, called, lambda moves: shuffled.randrange(len(moves))),
        ]
        self.steps = self.stock_steps = 0
        self.incident = False
        self.raced = self.races()
        if self.raced:
            return
        self.stored = Ours(model, facts, restore=True, called=called)
        self.kept = Ours(model, facts, restore=False, called=called)
        self.stock = Stock(model, facts) if plain and not graph.kinds & {"many", "stray"} else None

    def decisions(self) -> dict[str, int]:
        return {c: self.rng.randrange(graphs.VALUES) for c in self.graph.choices}

    def races(self) -> bool:
        """Whether the order of moves made a difference."""
        return not all(
            same(self.game, other) and (self.game.passed, self.game.sent) == (other.passed, other.sent)
            for other in self.others
        )

    def check(self) -> None:
        game, stored = self.game, self.stored
        assert stands(stored) == stands(game)
        assert same(game, self.kept)
        assert {k: v for k, v in stored.passed.items() if v} == {k: v for k, v in game.passed.items() if v}
        assert stored.sent == game.sent
        assert self.kept.path == stored.path
        assert self.kept.run.facts == stored.run.facts
        assert state.dump(self.kept.run.workflow) == state.dump(stored.run.workflow), (
            "storing and restoring changes nothing"
        )
        if self.stock is not None and any(game.passed[j] > 1 for j in self.graph.joins):
            self.stock = None
        if self.stock is not None:
            assert same(game, self.stock)
            self.stock_steps += 1

    def acts(self) -> list[tuple[str, Any, Any]]:
        game = self.game
        found = [("complete", wait, None) for wait in game.open()] * 2 + [
            ("fire", wait, None) for wait in game.awaited()
        ]
        codes = happening.CODES if self.graph.kinds & {"guarded", "watched", "call"} else ()
        failing = [
            (wait, code) for wait in game.open() for code in codes if game.catches(wait, code) or self.steps == BOLD
        ]
        found += [("acted", wait, None) for wait in game.acting()]
        failing += [(wait, code) for wait in game.acting() for code in codes if game.catches(wait, code)]
        alike = game.alike()
        return [act for act in found + [self.failing(wait, code) for wait, code in failing] if act[1] not in alike]

    def failing(self, wait: Wait, code: str) -> tuple[str, Any, Any]:
        return ("fail" if wait in self.game.open() else "acted_wrong", wait, code)

    def fails(self, game: Game, act: str, arguments: tuple[Any, ...]) -> bool:
        """Let a game do it; answers whether an error was caught by nobody."""
        try:
            getattr(game, act)(*arguments)
        except UncaughtError:
            return True
        return False

    def on(self) -> bool:
        """One step; False when there is nothing left to do."""
        acts = self.acts()
        if not acts or self.raced:
            return False
        act, wait, more = self.rng.choice(acts)
        given = self.decisions() if act == "complete" else more
        arguments = (wait,) if given is None else (wait, given)
        failed = [self.fails(game, act, arguments) for game in (self.game, *self.others)]
        self.steps += 1
        if len(set(failed)) > 1 or self.races():
            self.raced = True
            return False
        if failed[0] or self.game.stuck():
            with pytest.raises(StepFailed):  # an incident: the diagram's own dead end is said, not slept in
                getattr(self.stored, act)(*arguments)
            self.incident = True
            return False
        for machine in (self.stored, self.kept, self.stock):
            if machine is not None:
                getattr(machine, act)(*arguments)
        return True


def play_all(seeds: range, *, plain: bool) -> Counter[str]:
    """Play the diagrams of these seeds; answers what was seen."""
    tally: Counter[str] = Counter()
    for seed in seeds:
        if plain:
            found = graphs.model_of(seed)
            assert found is not None, seed
            play = Play(seed, *found, {}, plain=True)
        else:
            drawn = richer.model_of(seed)
            if drawn is None:
                tally["refused"] += 1
                continue
            model, called, graph = drawn
            play = Play(seed, model, graph, called, plain=False)
        if not play.raced:
            try:
                play.check()
                while play.steps < STEPS and play.on():
                    play.check()
            except Exception as error:
                error.add_note(f"seed {seed}, step {play.steps}")
                raise
            tally["largest"] = max(tally["largest"], play.stored.size)
        tally.update(runs=1, steps=play.steps, stock=play.stock_steps, ended=play.game.ended(), races=play.raced)
        tally.update(incidents=play.incident)
        tally.update({f"with {kind}": 1 for kind in sorted(play.graph.kinds)})
    return tally


def told(tally: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in tally.items() if not name.startswith("with ")}


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_step_stands_where_the_token_game_stands(batch: int, capsys: pytest.CaptureFixture[str]) -> None:
    tally = play_all(range(batch * PLAIN, (batch + 1) * PLAIN), plain=True)
    assert not tally["races"], "plain diagrams hold no races"
    say(capsys, **told(tally))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_events_calls_and_undoing_too(batch: int, capsys: pytest.CaptureFixture[str]) -> None:
    tally = play_all(range(batch * RICH, (batch + 1) * RICH), plain=False)
    assert tally["races"] * 4 < tally["runs"]
    assert tally["refused"] * 4 < tally["runs"]
    say(capsys, **told(tally))


@pytest.mark.faults
@pytest.mark.parametrize("batch", range(40))
def test_the_same_for_long(batch: int, capsys: pytest.CaptureFixture[str]) -> None:
    seeds = range(10_000 + batch * 100, 10_000 + (batch + 1) * 100)
    say(capsys, **told(play_all(seeds, plain=False)))
