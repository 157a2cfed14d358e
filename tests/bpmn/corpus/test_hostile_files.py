"""A thousand hostile or broken files, and more that a mutation happened to leave good: none is executed, none crashes or hangs the
reader or the engine; each is refused in words that name a line, stops in words, or runs the same stored as live."""

from __future__ import annotations

import random
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

import pytest

from engine.bpmn.problems import Problem
from engine.bpmn.reading import read
from tests.bpmn.conformance.case import Case
from tests.bpmn.conformance.figures import chain, document, end, start, user
from tests.bpmn.corpus.attacks import ATTACKS
from tests.bpmn.corpus.driving import Disagreement, driven
from tests.bpmn.corpus.goods import cases, file_of, foreign, library_of
from tests.bpmn.corpus.mutations import MUTATIONS, mutated
from tests.bpmn.corpus.poison import FOREIGN, MARK
from tests.factories import say

MUTATED = 900
ATTACKED = 500
LEAST = 1000
"""So many at least must be broken or hostile indeed, and refused."""
BATCHES = 10
TRIES = 9
"""How often another one is drawn when there is one like it already."""
SECONDS = 20
"""What one file may take, generously: most take some thousandths."""
NEVER = frozenset(
    ("doctype", "xinclude", "encoded", "nulls", "truncated", "twice", "packed", "deep", "elsewhere", "prefixed")
)
"""Attacks that leave no file good."""
WHOLE_FILE = frozenset(("empty", "too-large", "not-xml", "no-process"))
"""Codes that may speak of the file as a whole, without a line."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file and where it comes from."""

    name: str
    data: bytes
    case: Case


@cache
def corpus() -> tuple[Hostile, ...]:
    """The files, no two of them the same."""
    found: dict[bytes, Hostile] = {}
    for number in range(MUTATED + ATTACKED):
        make, kind = (_mutated, number) if number < MUTATED else (_attack, number - MUTATED)
        for again in range(TRIES):
            hostile = make(kind, random.Random(f"{number} {again}"))
            if hostile.data not in found:
                found[hostile.data] = hostile
                break
    return tuple(found.values())


def _mutated(number: int, rng: random.Random) -> Hostile:
    at = rng.randrange(len(cases()) + len(foreign()) // 2)
    case, data = (cases()[at], file_of(cases()[at])) if at < len(cases()) else (cases()[0], rng.choice(foreign()))
    broken, names = mutated(rng, data, list(MUTATIONS)[number % len(MUTATIONS)])
    return Hostile(f"{number} {'+'.join(names)} of {case.name}", broken, case)


def _attack(number: int, rng: random.Random) -> Hostile:
    case, name = rng.choice(cases()), list(ATTACKS)[number % len(ATTACKS)]
    return Hostile(f"{number} {name}", ATTACKS[name](rng, file_of(case)), case)


# ---------------------------------------------------------------- the canary


class _Canary:
    """What Python reports when code is compiled or run, a program started, a connection made, a file written or loaded."""

    SINGING = (
        "exec",
        "compile",
        "os.",
        "subprocess.",
        "socket.",
        "urllib.",
        "ctypes.",
        "shutil.",
        "import",
        "pty.",
        "ftplib.",
        "http.",
    )
    QUIET = ("os.listdir", "os.scandir", "os.fwalk")

    def __init__(self) -> None:
        self.on = False
        self.heard: list[str] = []
        sys.addaudithook(self.hook)

    def hook(self, event: str, args: tuple[object, ...]) -> None:
        if not self.on:
            return
        if event == "open" or (event.startswith(self.SINGING) and event not in self.QUIET):
            self.heard.append(f"{event} {args!r:.100}")


_CANARY = _Canary()  # a hook cannot be taken away, so there is one


class _TooLongError(BaseException):
    """Not an Exception: nothing on the way may take it for an ordinary failure."""


@contextmanager
def watched() -> Iterator[_Canary]:
    """The canary listens, and the alarm rings after `SECONDS`."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    _CANARY.heard.clear()
    _CANARY.on = True
    try:
        yield _CANARY
    finally:
        _CANARY.on = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_the_canary_sings_and_the_alarm_rings() -> None:
    with watched() as canary:
        eval("1")
        with Path("/dev/null").open("w"):
            pass
    assert len(canary.heard) == 3  # compiled, run, opened
    with pytest.raises(_TooLongError):
        _hang()


def _hang() -> None:
    with watched():
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        while True:
            pass


# ---------------------------------------------------------------- judging


@dataclass
class Tally:
    """What became of the files: `executed`, `crashed`, `hung` and `wrong` must stay empty."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def judged(batch: int) -> Tally:
    tally = Tally()
    for number, hostile in enumerate(corpus()):
        if number % BATCHES == batch:
            _judge(hostile, tally)
    return tally


def _judge(hostile: Hostile, tally: Tally) -> None:
    try:
        with watched() as canary:
            how = _met(hostile)
    except _TooLongError:
        tally.wrong.append(f"{hostile.name}: hung")
    except Disagreement as wrong:
        tally.wrong.append(f"{hostile.name}: stored is not live: {wrong}")
    except Exception as crash:  # noqa: BLE001  whatever comes is a crash, and told
        tally.wrong.append(f"{hostile.name}: crashed: {type(crash).__name__}: {crash}")
    else:
        tally.counts[how] += 1
        if canary.heard:
            tally.wrong.append(f"{hostile.name}: executed: {canary.heard[:3]}")


def _met(hostile: Hostile) -> str:
    """What the reader and, where it takes the file, the engine make of it."""
    reading = read("hostile.bpmn", hostile.data, processes=tuple(hostile.case.called))
    errors = [problem for problem in reading.problems if problem.severity == "error"]
    if not reading.processes:
        assert errors, "refused without a word"
        lines = hostile.data.count(b"\n") + hostile.data.count(b"\r") + 1
        for problem in errors:
            _check_words(problem, lines)
        return "refused"
    assert not errors
    assert hostile.name.split()[1] not in NEVER, "taken"
    for model in reading.processes:
        assert not set(_evaluated(model)) & set(FOREIGN), "an expression of another language is taken"
    library = library_of(hostile.case)
    went = {driven(model, hostile.case, library, random.Random(hostile.name)).how for model in reading.processes}
    return "stopped" if "stopped" in went else "ran"


def _evaluated(part: object) -> Iterator[str]:
    """Every text of a model that may be evaluated: all but names and documentation."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _evaluated(value)
    elif isinstance(part, tuple):
        for value in part:
            yield from _evaluated(value)
    elif is_dataclass(part):
        for each in fields(part):
            if each.name not in ("names", "documentation"):
                yield from _evaluated(getattr(part, each.name))


def _check_words(problem: Problem, lines: int) -> None:
    assert problem.zh, problem
    assert problem.en, problem
    assert any("\u4e00" <= char <= "\u9fff" for char in problem.zh), problem
    assert 0 < problem.line <= lines or (problem.line == 0 and problem.code in WHOLE_FILE), problem
    assert "\n" not in problem.line_for("zh") + problem.line_for("en"), problem
    assert len(problem.zh) < 2000, problem
    assert len(problem.en) < 2000, problem


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Whatever is loaded late is loaded now; compiled tables too."""
    Path(MARK).unlink(missing_ok=True)
    for case in cases()[::7]:
        reading = read("t.bpmn", file_of(case), processes=tuple(case.called))
        for model in reading.processes:
            driven(model, case, library_of(case), random.Random(1))
    for name, attack in ATTACKS.items():
        read("t.bpmn", attack(random.Random(name), file_of(cases()[0])))
    for hostile in corpus()[::60]:
        read("t.bpmn", hostile.data)
    ZoneInfo("UTC")


@cache
def tallies() -> dict[int, Tally]:
    return {}


@pytest.mark.parametrize("batch", range(BATCHES))
def test_none_does_harm(batch: int) -> None:
    tally = tallies()[batch] = judged(batch)
    assert tally.wrong == [], f"{len(tally.wrong)}: " + "\n".join(tally.wrong[:5])
    assert not Path(MARK).exists()


def test_a_thousand_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for batch in range(BATCHES):
        if batch not in tallies():
            tallies()[batch] = judged(batch)
    counts = sum((tally.counts for tally in tallies().values()), Counter[str]())
    say(capsys, files=len(corpus()), **counts, wrong=sum(len(tally.wrong) for tally in tallies().values()))
    assert len(corpus()) > 0.97 * (MUTATED + ATTACKED)
    assert counts["refused"] >= LEAST


def test_the_words_reach_a_designer() -> None:
    """A broken file among good ones: its line says the file, the line, the element."""
    data = document((start(), user("A"), end(), chain("S", "A"))).replace(
        b'id="A" name="A"', 'id="A" name="核实"'.encode(), 1
    )
    (problem,) = [each for each in read("案件.bpmn", data).problems if each.element == "A" and each.severity == "error"]
    assert problem.line_for("zh").startswith(f"案件.bpmn:{problem.line}: A: “核实”")
