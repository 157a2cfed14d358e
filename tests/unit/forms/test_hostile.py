"""Hostile form files, fixed seeds: 0 executed, 0 crashes, 0 hangs."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from types import FrameType

import pytest

import forms
from forms.reference import check_document
from tests.unit.forms.build import handling
from tests.unit.forms.hostile import JUNK, hostile_files, mutants

# No figure of speed: what takes this long hangs, on any machine.
HANG = 20
_watching = False
_seen: list[str] = []
_BANNED = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "open",
    "exec",
    "import",
    "urllib.",
    "ctypes.",
)


def _hook(event: str, _: tuple[object, ...]) -> None:
    if _watching and event.startswith(_BANNED):
        _seen.append(event)


@pytest.fixture(scope="module", autouse=True)
def _audit() -> None:
    forms.load(handling())  # what libraries read and import on first use
    sys.addaudithook(_hook)


@contextmanager
def watched() -> Iterator[None]:
    """Fails when something is executed, opened or fetched inside, or when it hangs."""

    def hang(_: int, __: FrameType | None) -> None:
        raise TimeoutError

    global _watching  # noqa: PLW0603 - an audit hook can never be taken out again
    before = signal.signal(signal.SIGALRM, hang)
    signal.alarm(HANG)
    _watching = True
    try:
        yield
    finally:
        _watching = False
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert _seen == []


def test_the_watch_sees_an_execution() -> None:
    with pytest.raises(AssertionError), watched():
        eval("1")
    _seen.clear()


def test_every_hostile_file_is_refused_with_place_and_cause() -> None:
    accepted = []
    count = 0
    for name, data in hostile_files(rounds=40):
        count += 1
        try:
            with watched():
                forms.load(data)
        except forms.FormProblem as error:
            problems = error.problems
        else:
            accepted.append(name)
            continue
        assert 1 <= len(problems) <= 100, name
        for problem in problems:
            assert problem.path.startswith("/"), name
            assert problem.zh, name
            assert problem.en, name
            (problem.path + problem.zh + problem.en).encode()
    assert accepted == []
    assert count == 800


def test_a_damaged_file_is_refused_or_works() -> None:
    verdicts = {"accepted": 0, "refused": 0}
    for name, data in mutants(800):
        try:
            with watched():
                loaded = forms.load(data)
        except forms.FormProblem:
            verdicts["refused"] += 1
            continue
        verdicts["accepted"] += 1
        check_document(loaded.document)
        with watched():
            _exercise(loaded, Random(name))
    assert verdicts["accepted"] > 20
    assert verdicts["refused"] > 400


def _exercise(loaded: forms.Form, random: Random) -> None:
    names = [*loaded.properties, "evil", "materials.0.name", "spot.street", "materials.x"]
    for _ in range(5):
        answers = {random.choice(names): random.choice(JUNK) for _ in range(8)}
        posted = loaded.parse_post({name: [str(value)] for name, value in answers.items()})
        for given in (answers, posted):
            try:
                loaded.validate(given)
            except forms.InvalidAnswers as error:
                loaded.fields(given, "en", error)
            else:
                loaded.fields(given, "zh")
