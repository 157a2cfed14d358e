"""Laws of tokens over random diagrams, counted beside the run: no token is lost or made up, a join takes a token of each flow each
time, nothing is live and stuck."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from engine.bpmn.model import Kind
from engine.bpmn.runtime.activity import GATHERED
from engine.bpmn.runtime.element import Element
from engine.bpmn.runtime.gateways import Join
from engine.bpmn.runtime.live import Scope, Token
from engine.errors import StepFailed
from tests.bpmn.running import richer
from tests.bpmn.running.graphs import VALUES
from tests.bpmn.running.machines import Ours
from tests.factories import say

SEEDS = 20
STEPS = 40


class Ledger:
    """What comes to each node of each scope, and what leaves or dies there."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.came: Counter[tuple[int, str]] = Counter()
        self.over: Counter[tuple[int, str, str]] = Counter()
        self.left: Counter[tuple[int, str]] = Counter()
        self.died: Counter[tuple[int, str]] = Counter()
        self.scopes: list[Scope] = []
        arrive, cancel, follow = Scope.arrive, Token.cancel, Element.follow

        def arriving(scope: Scope, target: Element, flow: str | None = None) -> None:
            self._know(scope)
            if flow is not None:
                self.came[id(scope), target.name] += 1
                self.over[id(scope), target.name, flow] += 1
            arrive(scope, target, flow)

        def cancelling(token: Token) -> None:
            if token.alive and token.workflow.has(token) and self._counts(token):
                self.died[id(token.workflow), token.task_spec.name] += 1
            cancel(token)

        def following(element: Element, token: Token, flows: Any) -> None:
            if self._counts(token) or isinstance(element, Join):
                self.left[id(token.workflow), element.name] += 1
            follow(element, token, flows)

        patch.setattr(Scope, "arrive", arriving)
        patch.setattr(Token, "cancel", cancelling)
        patch.setattr(Element, "follow", following)

    def _know(self, scope: Scope) -> None:
        if scope not in self.scopes:
            self.scopes.append(scope)  # kept, so that no other gets its id

    def _counts(self, token: Token) -> bool:
        """It came over a flow: no part of an activity, no listener, nothing that undoes."""
        return token.via is not None

    def check(self) -> int:
        """Every law that can be told from the books; answers how many nodes were looked at."""
        looked = 0
        for (scope_id, name), came in self.came.items():
            scope = next(s for s in self.scopes if id(s) == scope_id)
            spec = scope.spec.task_specs[name]
            here = [t for t in scope.tasks.values() if t.task_spec is spec and t.via is not None]
            resting = [t for t in here if t.alive]
            left, died = self.left[scope_id, name], self.died[scope_id, name]
            looked += 1
            if spec.node.kind is Kind.PARALLEL and len(spec.node.incoming) > 1:
                flows = [self.over[scope_id, name, flow] for flow in spec.node.incoming]
                assert left == min(flows), "a join goes on once for each set of tokens"
                held: Counter[str] = Counter()
                for token in resting:
                    held.update(token.internal_data.get("c", {}))
                if not died:
                    assert [held[flow] + left for flow in spec.node.incoming] == flows, "what is too much stays"
            elif spec.node.kind is Kind.INCLUSIVE and len(spec.node.incoming) > 1:
                assert left <= came, "a join makes no tokens"
            elif spec.node.kind is Kind.EVENT_BASED:
                assert left == 0
            elif spec.node.start_quantity > 1:
                few = sum(token.internal_data.get(GATHERED, 0) for token in resting)
                active = sum(GATHERED not in token.internal_data for token in resting)
                assert died or came == few + spec.node.start_quantity * (left + active), "it begins with just so many"
            else:
                assert came == left + died + len(resting), (name, came, left, died, len(resting))
        return looked


@pytest.mark.parametrize("batch", range(3))
def test_no_token_is_lost_or_made_up(
    batch: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looked = steps = 0
    for seed in range(90_000 + batch * SEEDS, 90_000 + (batch + 1) * SEEDS):
        drawn = richer.model_of(seed)
        if drawn is None:
            continue
        its, called, graph = drawn
        rng = random.Random(f"laws {seed}")
        with monkeypatch.context() as patch:
            ledger = Ledger(patch)
            try:
                for steps_here in play(its, called, graph, rng, ledger):
                    looked += ledger.check()
                    steps += steps_here
            except AssertionError as error:
                error.add_note(f"seed {seed}")
                raise
    say(capsys, steps=steps, nodes=looked)


def play(its: Any, called: Any, graph: richer.Rich, rng: random.Random, ledger: Ledger) -> Any:
    """Step by step, never stored: the books would have to be carried over."""

    def decisions() -> dict[str, int]:
        return {c: rng.randrange(VALUES) for c in graph.choices}

    facts: dict[str, Any] = {n: [f"{n}.{i}" for i in range(rng.randint(0, 3))] for n in graph.lists}
    try:
        machine = Ours(its, facts | decisions(), restore=False, called=called)
        for _ in range(STEPS):
            yield 1
            acts = [("complete", w) for w in machine.open()] * 2 + [("fire", w) for w in machine.awaited()]
            acts += [("acted", w) for w in machine.acting()]
            if not acts:
                break
            act, wait = rng.choice(acts)
            getattr(machine, act)(wait, *([decisions()] if act == "complete" else []))
            outcome = machine.run.outcome()  # StepFailed when it is live and stuck
            assert outcome.ended == (outcome.state is None)
    except StepFailed:
        yield 0
