"""Plays a case: reads its diagram, does the acts one after another and tells the trace.

`live` keeps the run between acts, `stored` writes the state after each act and reads it back in a new run, `in sub-process` puts the
whole diagram into a sub-process, `in call` makes it a process that is called, `in loop` puts it, in a sub-process, into a loop and goes
round twice, from a clean slate; where it goes straight from S to E it is also put into the loop as it is.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from engine.bpmn.model import Kind, Node, ProcessModel, Trigger
from engine.bpmn.program import Program, compile_program
from engine.bpmn.reading import read
from engine.bpmn.running import Outcome, Run
from engine.bpmn.runtime import resting
from engine.errors import StepFailed
from tests.bpmn.conformance.case import CALLED, LIVE, LOOP, REFUSED, SUB, Act, Case, Play, done
from tests.bpmn.conformance.figures import call, chain, document, end, exclusive, flow, start, sub, tag, user

NOW = datetime(2026, 6, 10, 1, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
WRAP = "zz"
"""What the ids of wrapping elements begin with; they are no part of a trace."""
FLAT = "in loop, flat"
CALLED_KEY = "zzP"
CONTAINERS = frozenset((Kind.SUBPROCESS, Kind.EVENT_SUBPROCESS, Kind.TRANSACTION, Kind.CALL))
DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")

# ---------------------------------------------------------------- diagrams


def drawn(case: Case, way: str) -> bytes:
    """The case's file, wrapped as the way asks."""
    if way == SUB:
        return document(
            [start("zzS"), sub("zzW", *case.parts), end("zzE"), chain("zzS", "zzW", "zzE")], outside=case.outside
        )
    if way == CALLED:
        return document([start("zzS"), call("zzW", CALLED_KEY), end("zzE"), chain("zzS", "zzW", "zzE")])
    if way == LOOP:
        return document([sub("zzW", *case.parts), *_loop("zzW", "zzW")], outside=case.outside)
    if way == FLAT:
        parts = [
            part.replace("startEvent", "intermediateThrowEvent") if part == start() else part for part in case.parts
        ]
        parts = [part.replace("endEvent", "intermediateThrowEvent") if part == end() else part for part in parts]
        return document([*parts, *_loop("S", "E")], outside=case.outside)
    return document(case.parts, outside=case.outside)


def _loop(first: str, last: str) -> list[str]:
    return [
        start("zzS"),
        exclusive("zzM"),
        user("zzAgain"),
        exclusive("zzX", default="zzX-zzE"),
        end("zzE"),
        chain("zzS", "zzM", first),
        chain(last, "zzAgain", "zzX", "zzE"),
        flow("zzX", "zzM", "zz_again = true"),
    ]


def straight(case: Case, play: Play) -> bool:
    """Whether exactly one token goes from S to E, so that the diagram can stand in a loop as it is."""
    words = [word for _, trace in play.steps for word in re.split(r"[ >]", trace)]
    last = re.split(r"[ >]", play.steps[-1][1])
    tops = "".join(part for part in case.parts if not part.startswith(("<bpmn:subProcess", "<bpmn:transaction")))
    return (
        start() in case.parts
        and end() in case.parts
        and words.count("E") == 1
        and "E" in last
        and "." in last
        and not any(mark in text for text in case.parts for mark in ("ompensat", "triggeredByEvent", "dataObject"))
        and tops.count("<bpmn:startEvent") == 1
    )


def model(data: bytes, case: Case) -> ProcessModel:
    reading = read("t.bpmn", data)
    assert reading.process is not None, f"{case.name}: refused: " + "; ".join(
        p.line_for("en") for p in reading.problems
    )
    return reading.process


# ---------------------------------------------------------------- the world around a run


@dataclass
class Library:
    """The processes a case calls, by key; their definition ids count from 100."""

    programs: dict[str, tuple[int, Program]] = field(default_factory=dict)

    def newest(self, key: str) -> tuple[int, Program]:
        return self.programs[key]

    def get(self, definition_id: int) -> Program:
        return next(program for number, program in self.programs.values() if number == definition_id)


def lookup(register: str, match: Mapping[str, Any]) -> dict[str, Any] | None:
    """The register `codes` has a row for every code but "none"."""
    return None if match.get("code") == "none" else {"register": register, **match, "days": 3}


def decide(definition: int | None, ref: str, data: Mapping[str, Any]) -> Any:
    """Every decision gives its id and the fact `n` it saw."""
    return {"decided": ref, "saw": data.get("n")}


@dataclass
class Wait:
    """What stands open or waits: an open task, an action, a timer or a subscription."""

    node: str
    number: int
    index: int = 0
    occurrence: int = 0
    due: datetime | None = None
    name: str | None = None
    key: str | None = None
    trigger: str = ""
    item: Any = None


class Instance:
    """One instance and what the tables beside it hold."""

    def __init__(self, case: Case, program: Program, library: Library, *, kept: bool) -> None:
        self.case, self.program, self.library, self.kept = case, program, library, kept
        self.now = NOW
        self.facts: dict[str, Any] = dict(case.facts)
        self.state: str | None = None
        self.ended = False
        self.run: Run | None = None
        self.open: dict[int, Wait] = {}
        self.actions: dict[int, Wait] = {}
        self.timers: dict[tuple[int, int], Wait] = {}
        self.listening: dict[tuple[int, int], Wait] = {}

    def new_run(self) -> Run:
        return Run(self.program, self.facts, self.now, lookup, ZONE, programs=self.library, decide=decide, definition=1)

    def act(self, act: Act) -> list[str]:
        """Do it; the words of the trace."""
        if act.verb == "fire":
            wait = next(w for w in self.timers.values() if w.node == act.name)
            assert wait.due is not None
            self.now = max(self.now, wait.due)
        try:
            if act.verb == "begin":
                run = self.run = self.new_run()
                run.begin(start=act.name or None, payload=dict(act.data) or None)
            else:
                run = self.run if self.kept and self.run is not None else self.new_run()
                if run is not self.run:
                    assert self.state is not None, "the instance has ended"
                    run.resume(self.state)
                run.now = self.now
                getattr(self, "_" + act.verb)(run, act)
            outcome = run.outcome()
            if self.kept:
                at_rest(run)
        except StepFailed as failed:
            return ["#" + bare(failed.params["node"])]
        self.take(outcome)
        return [*self.passed(outcome), *sorted(self.waits()), *(["."] if self.ended else [])]

    def _done(self, run: Run, act: Act) -> None:
        chosen = [w for w in self.open.values() if w.node == act.name and (act.item is None or w.item == act.item)]
        assert chosen, f"{act.name} {act.item or ''} is not open"
        del self.open[chosen[0].number]
        run.complete(chosen[0].number, answers=dict(act.data) or None)

    def _fails(self, run: Run, act: Act) -> None:
        wait = next(w for w in self.open.values() if w.node == act.name)
        assert act.code is not None
        run.fail(wait.number, act.code, dict(act.data) or None)

    def _fire(self, run: Run, act: Act) -> None:
        wait = next(w for w in self.timers.values() if w.node == act.name)
        assert run.fire(wait.number, wait.index, wait.occurrence), "it waits no more"

    def _hear(self, run: Run, act: Act) -> None:
        wait = next(
            w
            for w in self.listening.values()
            if w.trigger == "message" and w.name == act.name and (w.key or None) == act.code
        )
        assert run.deliver(wait.number, wait.index, dict(act.data)), "it listens no more"

    def _broadcast(self, run: Run, act: Act) -> None:
        waits = [w for w in self.listening.values() if w.trigger == "signal" and w.name == act.name]
        assert waits, "nobody listens"
        took = [run.deliver(wait.number, wait.index, dict(act.data)) for wait in waits]
        assert took[0], "nobody listens any more"

    def _acted(self, run: Run, act: Act) -> None:
        wait = next(w for w in self.actions.values() if w.node == act.name)
        del self.actions[wait.number]
        assert run.acted(wait.number, dict(act.data))

    def _acted_wrong(self, run: Run, act: Act) -> None:
        wait = next(w for w in self.actions.values() if w.node == act.name)
        assert act.code is not None
        del self.actions[wait.number]
        assert run.acted_wrong(wait.number, act.code, dict(act.data) or None)

    def take(self, outcome: Outcome) -> None:
        """Bring the tables up to date, as the store does."""
        for number in outcome.cancelled:
            self.open.pop(number, None)
        for number in outcome.actions_gone:
            self.actions.pop(number, None)
        for gone in outcome.gone:
            self.timers.pop((gone.id, gone.index), None)
            self.listening.pop((gone.id, gone.index), None)
        for opened in outcome.opened:
            self.open[opened.id] = Wait(opened.node.id, opened.id, item=opened.item)
        for action in outcome.actions:
            if action.waits:
                self.actions[action.id] = Wait(action.node.id, action.id)
        for t in outcome.timers:
            self.timers[t.id, t.index] = Wait(t.node.id, t.id, t.index, t.occurrence, t.due)
        for heard in outcome.listening:
            self.listening[heard.id, heard.index] = Wait(
                heard.node.id, heard.id, heard.index, name=heard.name, key=heard.key, trigger=str(heard.trigger)
            )
        self.facts = outcome.facts if self.kept else json.loads(json.dumps(outcome.facts))
        self.state, self.ended = outcome.state, outcome.ended
        self.seen = outcome
        left = [*self.open.values(), *self.actions.values(), *self.timers.values(), *self.listening.values()]
        assert not (self.ended and left), f"it ended, and something still waits: {left}"

    def passed(self, outcome: Outcome) -> list[str]:
        names = [bare(name) for name in outcome.path]
        words = [name for name in names if not name.startswith(WRAP) and not self._is_container(name)]
        return words + [f"{sent.node.id}^{sent.name}" for sent in outcome.sent]

    def _is_container(self, name: str) -> bool:
        models = [self.program.model, *(program.model for _, program in self.library.programs.values())]
        found = next((m.nodes[name] for m in models if name in m.nodes), None)
        return found is not None and (found.kind in CONTAINERS or _only_a_mark(found))

    def waits(self) -> Iterator[str]:
        yield from (f"{w.node}?" for w in self.open.values() if not w.node.startswith(WRAP))
        yield from (f"{w.node}!" for w in self.actions.values())
        yield from (f"{w.node}@" for w in self.timers.values())
        yield from (f"{w.node}~" for w in self.listening.values())

    def fact(self, name: str) -> Any:
        return self.facts.get(name)

    def sees(self, node: str) -> list[dict[str, Any]]:
        """What each open task of a node sees."""
        run = self.run if self.kept and self.run is not None else self.new_run()
        if run is not self.run:
            assert self.state is not None
            run.resume(self.state)
        return [dict(run.data(w.number)) for w in self.open.values() if w.node == node]

    def dues(self, node: str) -> list[timedelta]:
        return [w.due - self.now for w in self.timers.values() if w.node == node and w.due is not None]


def _only_a_mark(node: Node) -> bool:
    """A boundary event that ties a handler to its activity: nothing ever passes it."""
    return node.kind is Kind.BOUNDARY and node.has(Trigger.COMPENSATION)


def at_rest(run: Run) -> None:
    """A run that is kept for the next act: it stands as if it had been read back, with the same tokens in the same objects."""
    run.path = []
    run._sent, run._actions = [], []
    run._open = resting.opened(run.workflow)
    run._before = resting.waits(run.workflow)
    run._acting = resting.acting(run.workflow)
    run._acted = set()
    run._steps = 0


def bare(name: str) -> str:
    """The node of a path entry: calls around it are told by the case."""
    return name.rpartition("/")[2]


# ---------------------------------------------------------------- comparing


def judged(instance: Instance, expected: str, got: list[str]) -> str | None:
    """None when the trace is as expected, else what was told."""
    told = " ".join(got)
    words: list[str] = []
    for group in expected.split():
        if "=" in group:
            if (wrong := _checked(instance, group)) is not None:
                return f"{told} {wrong}"
            continue
        names = group.split(">")
        if len(names) > 1 and not _in_order(names, got):
            return f"{told} (not in the order {group})"
        if "@P" in group or "@-P" in group:
            node, _, text = group.partition("@")
            if duration(text) not in instance.dues(node):
                return f"{told} ({node} in {instance.dues(node)})"
            names = [f"{node}@"]
        words += names
    return None if Counter(words) == Counter(got) else told or "nothing"


def _checked(instance: Instance, word: str) -> str | None:
    name, _, text = word.partition("=")
    wanted = json.loads(text)
    node, colon, key = name.rpartition(":")
    values = [seen.get(key) for seen in instance.sees(node)] if colon else [instance.fact(name)]
    return None if wanted in values else f"({name} is {values})"


def _in_order(names: list[str], got: list[str]) -> bool:
    rest = iter(got)
    return all(name in rest for name in names)


def duration(text: str) -> timedelta:
    found = DURATION.fullmatch(text)
    assert found is not None
    sign, *amounts = found.groups()
    days, hours, minutes = (int(amount or 0) for amount in amounts)
    return timedelta(days=days, hours=hours, minutes=minutes) * (-1 if sign else 1)


# ---------------------------------------------------------------- playing


def wrong_in(case: Case, way: str) -> str | None:
    """None when all plays of a case trace as expected in this way, else the first difference in words."""
    if way == REFUSED:
        reading = read("t.bpmn", drawn(case, LIVE))
        said = " ".join(problem.line_for("en") for problem in reading.problems)
        return None if reading.process is None and case.refused in said else f"not refused as expected: {said}"
    try:
        found = _first_wrong(case, way, lambda _: True)
        if found is None and way == LOOP:
            found = _first_wrong(case, FLAT, lambda play: straight(case, play))
    except Exception as error:  # noqa: BLE001  whatever is wrong with one case is said of that case
        return f"{type(error).__name__}: {error}"
    return found


def _first_wrong(case: Case, way: str, chosen: Callable[[Play], bool]) -> str | None:
    plays = [play for play in case.plays if chosen(play)]
    if not plays:
        return None
    program = compile_program(model(drawn(case, way), case))
    library = Library()
    files = {key: document(parts, key=key) for key, parts in case.called.items()}
    if way == CALLED:
        files[CALLED_KEY] = document(
            case.parts, key=CALLED_KEY, outside=case.outside.replace('processRef="P"', f'processRef="{CALLED_KEY}"')
        )
    for number, (key, data) in enumerate(files.items(), 100):
        library.programs[key] = number, compile_program(model(data, case))
    for play in plays:
        wrong = _played(Instance(case, program, library, kept=way == LIVE), play, twice=way in (LOOP, FLAT))
        if wrong is not None:
            return f"{way}:\n{wrong}"
    return None


def _played(instance: Instance, play: Play, *, twice: bool) -> str | None:
    steps = list(play.steps)
    if twice and "." in play.steps[-1][1].split():
        body = [(act, " ".join(word for word in trace.split() if word != ".")) for act, trace in steps]
        steps = [*body, (Act("again"), body[0][1]), *body[1:], (done("zzAgain", zz_again=False), ".")]
    told: list[str] = []
    for act, expected in steps:
        if act.verb == "again":
            known = {key: None for key in instance.facts if key not in instance.case.facts}
            act = done("zzAgain", **{**known, **instance.case.facts, "zz_again": True})  # noqa: PLW2901
        try:
            got = instance.act(act)
        except StopIteration:
            return "\n".join([*told, f"{said(act)}: there is nothing of that name"])
        except Exception as error:  # noqa: BLE001  the same, with what came before
            return "\n".join([*told, f"{said(act)}: {type(error).__name__}: {error}"])
        wrong = judged(instance, expected, got)
        if wrong is not None:
            return "\n".join([*told, f"{said(act)}:", f"    expected {expected}", f"    got      {wrong}"])
        told.append(f"{said(act)}: {expected}")
    return None


def said(act: Act) -> str:
    more = " ".join(filter(None, [act.name, act.code, str(act.item or ""), str(dict(act.data) or "")]))
    return f"{act.verb} {more}".strip()


@cache
def results() -> dict[tuple[str, ...], str | None]:
    """What every case gives in every way it is played; kept, since two tests ask."""
    return {}


def result(theme: str, case: Case, way: str) -> str | None:
    key = theme, case.element, case.position, case.name, way
    known = results()
    if key not in known:
        known[key] = wrong_in(case, way)
    return known[key]


__all__ = ["bare", "drawn", "result", "tag", "wrong_in"]
