"""Tests that say on the other kind of database what they said on the first, or the same with more of it: `./run test long`. `.ci/run`
runs them on every change; `./run test`, which people wait for, leaves them out."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

LONG = (
    ("tests/web/", "[postgresql"),
    ("tests/commands/test_up.py", "[postgresql]"),
    ("tests/faults/test_leases.py", "lease_writes_nothing[sqlite"),
    ("tests/faults/test_leases.py", "lease_writes_nothing[postgresql-action]"),
    ("tests/faults/test_two_acts.py", "[postgresql]"),
    ("tests/db/test_replay.py", "[postgresql"),
    ("tests/db/test_organisation_merge.py", "test_interrupted_at_random_nothing_is_lost[sqlite]"),
    ("tests/stories/", "[postgresql]"),
    ("tests/db/test_tampering.py", "test_every_kind_of_tampering_is_found[postgresql]"),
    ("tests/properties/acts/", "[postgresql]"),
    ("tests/browser/test_one_case.py", "test_a_case_on_postgresql"),
    ("tests/faults/test_crash_points.py", "[sqlite"),
)
"""Where, and what their names hold."""

STAY = (
    "tests/web/api/test_api_promises.py",
    "tests/web/test_figures.py",
    "tests/web/test_inbox",
    "tests/web/test_case_list.py",
)
"""What is asked of PostgreSQL in another way: these stay where people wait for them."""


def mark(items: Iterable[pytest.Item]) -> None:
    """Mark those among these tests."""
    for item in items:
        name = item.nodeid
        if not name.startswith(STAY) and any(name.startswith(place) and part in name for place, part in LONG):
            item.add_marker(pytest.mark.long)
