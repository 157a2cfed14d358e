"""The table in the README is what the cases gave."""

from __future__ import annotations

from tests.bpmn.conformance import table


def test_the_readme_shows_every_case_and_all_green() -> None:
    """Whether a case is green is told by its own test; here, that what is said of it is up to date."""
    assert table.shown() == table.table(lambda _case, _way: None), "out of date: python -m tests.bpmn.conformance.table"
