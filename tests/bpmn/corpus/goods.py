"""Good files of every element, to be spelled oddly or broken: the cases of the conformance suite, and the files of other tools."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from engine.bpmn.program import compile_program
from engine.bpmn.reading import read
from tests.bpmn.conformance.case import LIVE, Case
from tests.bpmn.conformance.cases import THEMES
from tests.bpmn.conformance.figures import document
from tests.bpmn.conformance.instance import Library
from tests.bpmn.conformance.playing import drawn

FOREIGN = Path(__file__).parents[1] / "foreign" / "files"


@cache
def cases() -> tuple[Case, ...]:
    """All that run; one that the reader does not take as it is, is told by the suite."""
    good = (case for theme in THEMES for case in theme.cases if not case.refused)
    return tuple(case for case in good if read("t.bpmn", file_of(case), processes=tuple(case.called)).processes)


def file_of(case: Case) -> bytes:
    return drawn(case, LIVE)


def library_of(case: Case) -> Library:
    """The processes a case calls."""
    library = Library()
    for number, (key, parts) in enumerate(case.called.items(), 100):
        model = read("called.bpmn", document(parts, key=key)).process
        assert model is not None
        library.programs[key] = number, compile_program(model)
    return library


@cache
def foreign() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(FOREIGN.glob("*.bpmn")))
