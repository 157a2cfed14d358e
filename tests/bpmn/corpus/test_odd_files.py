"""Three hundred good files in odd spellings: each is taken, runs as its plain form runs by the standard's text, and is given back whole."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import cache

import pytest

from engine import definitions
from engine.bpmn.program import compile_program
from engine.bpmn.reading import read
from tests.bpmn.conformance.case import Act, Case, Play
from tests.bpmn.conformance.instance import Instance
from tests.bpmn.conformance.playing import _played
from tests.bpmn.corpus.goods import cases, file_of, library_of
from tests.bpmn.corpus.oddities import ODDITIES, Spelled, spelled
from tests.bpmn.foreign.canonical import lost
from tests.bpmn.foreign.test_foreign import node
from tests.factories import say
from web.plain import plain
from web.wiring import open_city

COUNT = 300
BATCHES = 6
TOGETHER = 25
"""Files deployed together as one bundle."""
BARRING = re.compile("unparsable|illegal|failed to import|unknown (element|type)", re.IGNORECASE)
"""The warnings on which `web/frontend/src/designer.ts` bars saving."""
OF_NODES = frozenset(("begin", "done", "fire", "fails", "acted", "acted_wrong"))


@cache
def corpus() -> tuple[tuple[Case, Spelled], ...]:
    """The odd files, each with the case it was made from: all of the suite in turn, from a seed each."""
    found = []
    every = cases()
    order = list(range(len(every)))
    random.Random("odd files").shuffle(order)
    for number in range(COUNT):
        case = every[order[number % len(order)]]
        data = re.sub(rb'(<bpmn:process id|processRef|bpmnElement)="P"', rb'\1="odd_P%d"' % number, file_of(case))
        found.append((case, spelled(random.Random(f"odd {number}"), data)))
    return tuple(found)


def renamed_play(play: Play, new: Mapping[str, str]) -> Play:
    """The play with its nodes called as the odd file calls them."""

    def act(given: Act) -> Act:
        return replace(given, name=new.get(given.name, given.name)) if given.verb in OF_NODES else given

    def word(group: str) -> str:
        said, equals, value = group.partition("=")
        if equals and ":" not in said:
            return group  # a fact
        return re.sub(r"\w+", lambda found: new.get(found[0], found[0]), re.sub(r"@-?P\w+$", "", said)) + (
            said[len(re.sub(r"@-?P\w+$", "", said)) :] + equals + value
        )

    return Play(tuple((act(given), " ".join(map(word, trace.split()))) for given, trace in play.steps))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_each_is_taken_and_runs_as_its_plain_form(batch: int) -> None:
    wrong = list(_wrong(batch))
    assert wrong == [], f"{len(wrong)} of {COUNT // BATCHES}: {wrong[:5]}"


def _wrong(batch: int) -> Iterator[str]:
    for number, (case, odd) in enumerate(corpus()):
        if number % BATCHES != batch:
            continue
        found = read("odd.bpmn", odd.data, processes=tuple(case.called))
        if found.process is None:
            yield f"{number} {case.name} {odd.done}: {[p.line_for() for p in found.problems if p.severity == 'error'][:2]}"
            continue
        program = compile_program(found.process)
        for play in case.plays:
            instance = Instance(case, program, library_of(case), kept=number % 2 == 0)
            told = _played(instance, renamed_play(play, odd.renamed), twice=False)
            if told is not None:
                yield f"{number} {case.name} {odd.done}: {told}"


def test_each_is_given_back_byte_by_byte(sqlite_url: str) -> None:
    stored = 0
    with closing(open_city(sqlite_url)) as city:
        for first in range(0, COUNT, TOGETHER):
            bundle = {f"odd{at}.bpmn": corpus()[at][1].data for at in range(first, first + TOGETHER) if _alone(at)}
            for made in city.deploy(bundle):
                name = f"odd{made.key.removeprefix('odd_P')}.bpmn"
                assert definitions.files_of(city.core, made.id) == {name: bundle[name]}
                stored += 1
    assert stored == sum(_alone(at) for at in range(COUNT))
    assert stored > COUNT * 0.8


def _alone(number: int) -> bool:
    """Calls nothing that would have to be deployed with it."""
    case, _ = corpus()[number]
    return not case.called and b"<ld:decision" not in file_of(case) and b"decisionRef" not in file_of(case)


def test_the_plain_spelling_says_the_same() -> None:
    """What the editor is handed: nothing less, nothing more, and read the same."""
    for case, odd in corpus():
        plainly = plain(odd.data)
        assert lost(odd.data, plainly) == [], (case.name, odd.done)
        assert lost(plainly, odd.data) == [], (case.name, odd.done)
        assert plain(plainly) == plainly


def test_nothing_is_lost_in_the_editor(capsys: pytest.CaptureFixture[str]) -> None:
    """Opened and saved whole; where the editor could not read a part (attributes with Chinese names), it knows, and bars saving."""
    given = {str(at): plain(odd.data).decode() for at, (_, odd) in enumerate(corpus())}
    told = json.loads(node("editing.mjs", given=json.dumps(given)))
    wrong, barred = [], 0
    for at, (case, odd) in enumerate(corpus()):
        saved = told[str(at)]
        if any(BARRING.search(warning) for warning in saved["warnings"]):
            assert "备注=" in given[str(at)], (case.name, odd.done, saved["warnings"])
            barred += 1
        elif away := lost(odd.data, saved["xml"].encode()):
            wrong.append((at, case.name, odd.done, away[:2], saved["warnings"][:1]))
    assert wrong == [], f"{len(wrong)} of {COUNT}: {wrong[:3]}"
    say(capsys, whole=COUNT - barred, barred=barred)


def test_there_is_something_of_everything(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Counter(name for _, odd in corpus() for name in odd.done)
    assert set(ODDITIES) <= set(tally)
    assert len({odd.data for _, odd in corpus()}) == COUNT
    say(capsys, odd_files=COUNT, spellings=len(ODDITIES), from_cases=len({case.name for case, _ in corpus()}))
