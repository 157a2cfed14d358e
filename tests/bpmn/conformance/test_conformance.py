"""Every element at every position, as the text of OMG BPMN 2.0.2 has it: see `case.py` for how a case reads."""

from __future__ import annotations

import pytest

from tests.bpmn.conformance.case import Case
from tests.bpmn.conformance.cases import THEMES
from tests.bpmn.conformance.cases.patterns import NAMES, NOT_DRAWN, Patterns, number_of
from tests.bpmn.conformance.playing import wrong_in

ALL = [
    pytest.param(case, way, id=f"{theme.name}/{case.element}: {case.name} ({way})")
    for theme in THEMES
    for case in theme.cases
    for way in case.ways
]


@pytest.mark.parametrize("case,way", ALL)
def test_it_traces_as_the_standard_says(case: Case, way: str) -> None:
    wrong = wrong_in(case, way)
    assert wrong is None, f"{case.element}, {case.position}: {case.name} (BPMN 2.0.2, {case.section})\n{wrong}"


def test_names_of_cases_are_their_own() -> None:
    names = [(case.element, case.position, case.name, case.section) for theme in THEMES for case in theme.cases]
    assert sorted(set(names)) == sorted(names)


def test_each_of_the_43_patterns_is_drawn_or_said_not_to_be() -> None:
    drawn = {number_of(case) for theme in THEMES if isinstance(theme, Patterns) for case in theme.cases}
    assert drawn | set(NOT_DRAWN) == set(NAMES) == set(range(1, 44))
    assert not drawn & set(NOT_DRAWN)
