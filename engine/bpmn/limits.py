"""How large a definition may be. A file beyond a limit is refused at upload, so that running it never risks the worker."""

from __future__ import annotations

MAX_BYTES = 2 * 1024 * 1024
"""Size of one file."""

MAX_ELEMENTS = 5_000
"""XML elements of one file, the drawing not counted."""

MAX_ELEMENTS_DRAWN = 50_000
"""XML elements of one file with the drawing (shapes, edges, way points)."""

MAX_NESTING = 50
"""Depth of XML elements."""

MAX_ATTRIBUTES = 100
"""Attributes of one element."""

MAX_DEPTH = 300
"""Sequence flows one after another."""

MAX_ID = 100
"""Characters of an id: the tables have so much room for one."""

MAX_NAME = 300
"""Characters of a name."""

MAX_EXPRESSION = 10_000
"""Characters of an expression or a script."""

MAX_INSTANCES = 200
"""Instances of one multi-instance activity, and rounds of a loop that never waits."""

MAX_ROUNDS = 10_000
"""Rounds of a standard loop."""

MAX_QUANTITY = 100
"""Tokens that begin an activity or leave it."""

MAX_REPETITIONS = 10_000
"""Repetitions of a timer that says how many."""

MOST_MADE_UP = 1_000
"""Times of a repeating timer that are made up for after a time in which nothing could fire it, where each is to come."""

MIN_TIMER_SECONDS = 60
MAX_TIMER_SECONDS = 3653 * 86_400
"""A timer lies between one minute and ten years ahead."""
