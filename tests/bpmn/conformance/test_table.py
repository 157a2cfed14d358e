"""The table in the README is what the cases gave."""

from __future__ import annotations

from tests.bpmn.conformance import table


def test_the_readme_shows_what_the_cases_gave() -> None:
    assert table.shown() == table.table(), "out of date: python -m tests.bpmn.conformance.table"
