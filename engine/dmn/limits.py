"""How large a DMN file may be. A file beyond a limit is refused at upload. For its size in bytes see `engine.bpmn.limits`."""

from __future__ import annotations

MAX_ELEMENTS = 120_000
"""XML elements of one file, the drawing not counted: a cell is two."""

MAX_DECISIONS = 200
"""Decisions, inputs and business knowledge models of one file, each."""

MAX_REQUIREMENTS_DEEP = 40
"""Decisions (or knowledge models) one behind the other."""

MAX_RULES = 2_000
"""Rules of one table."""

MAX_COLUMNS = 100
"""Inputs and outputs of one table together."""

MAX_CELLS = 20_000
"""Cells of all tables of one file."""

MAX_TYPES = 500
"""Item definitions with their components."""

MAX_TYPES_DEEP = 20
"""Item definitions that build on one another."""

MAX_PAIRS = 50_000
"""Pairs of rules that lint compares in one table; a larger table is not judged."""

MAX_TRIALS = 500_000
"""Tests that lint tries in one table; a larger table is not judged, or not to its end."""
