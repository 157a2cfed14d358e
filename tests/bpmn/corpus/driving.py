"""A process driven at random, kept in memory and stored at every step side by side: both must tell the same at every rest."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from engine.bpmn.model import Kind, ProcessModel
from engine.bpmn.program import compile_program
from engine.errors import StepFailed
from tests.bpmn.conformance.case import Act, Case
from tests.bpmn.conformance.instance import Instance, Library

STEPS = 12


@dataclass(frozen=True, slots=True)
class Driven:
    """How it went: `ended`, `waiting` (still at rest when the driver had enough), or `stopped` by an incident in words."""

    how: str
    steps: int
    words: str = ""


class Disagreement(AssertionError):
    """The stored engine told something else than the live one."""


def driven(model: ProcessModel, case: Case, library: Library, rng: random.Random) -> Driven:
    """Begin and act at random for some steps."""
    both = [Instance(case, compile_program(model), library, kept=kept) for kept in (True, False)]
    act = Act("begin", "" if model.start else _starter(model))
    for step in range(STEPS):
        told, failed = _told(both, act)
        if failed is not None:
            return Driven("stopped", step, failed)
        if both[0].ended:
            return Driven("ended", step)
        act = _next(both[0], rng, told)
    return Driven("waiting", STEPS)


def _starter(model: ProcessModel) -> str:
    """What begins a process that no person begins: its first starter; after a gateway that waits for events, the first of those."""
    first = next(iter(model.starters), None)
    if first is None:
        return ""
    return model.flows[first.outgoing[0]].target if first.kind is Kind.EVENT_BASED else first.id


def _told(both: list[Instance], act: Act) -> tuple[list[str], str | None]:
    """What both tell of an act, which must be the same; and the sentence when the step fails."""
    words, failures = [], []
    for each in both:
        try:
            words.append(each.act(act))
            failures.append(_failure(words[-1]))
        except StepFailed as failed:
            words.append([])
            failures.append(failed.text("zh") + failed.text("en"))
    if Counter(words[0]) != Counter(words[1]) or (failures[0] is None) != (failures[1] is None):
        raise Disagreement(f"{act}: live {words[0]} {failures[0]}, stored {words[1]} {failures[1]}")
    if failures[0] is None and both[0].facts != both[1].facts:
        raise Disagreement(f"{act}: the facts differ")
    if failures[0] is None and not (both[0].ended or any(both[0].waits())):
        raise Disagreement(f"{act}: it neither waits nor has ended: {words[0]}")
    return words[0], failures[0]


def _failure(words: list[str]) -> str | None:
    """`#node`: the trace's word for a step that failed."""
    return words[0] if len(words) == 1 and words[0].startswith("#") else None


def _next(instance: Instance, rng: random.Random, told: list[str]) -> Act:
    """One of the things that may happen now. A wait of several of the same name: the first."""
    acts = [
        Act("done", w.node, data={"ok": rng.random() < 0.5, "n": rng.randint(0, 4)}) for w in instance.open.values()
    ]
    acts += [Act("fire", w.node) for w in instance.timers.values()]
    acts += [
        Act("hear" if w.trigger == "message" else "broadcast", str(w.name), w.key) for w in instance.listening.values()
    ]
    acts += [Act("acted", w.node, data={"n": 2}) for w in instance.actions.values()]
    return rng.choice(sorted(acts, key=lambda act: (act.verb, act.name, act.code or "")))
