"""`pattern` on RE2: linear time whatever the pattern and the text. Python's `re` can hang on both."""

from __future__ import annotations

from collections.abc import Callable

import re2

MOST_CHARACTERS = 500
_MOST_MEMORY = 1 << 20


class PatternRefused(Exception):
    """The pattern is not RE2, too long or too large once compiled; the text says why (English, from RE2)."""


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """Returns a function telling whether `pattern` is found anywhere in a text, as JSON Schema means it."""
    if len(pattern) > MOST_CHARACTERS:
        raise PatternRefused(f"longer than {MOST_CHARACTERS} characters")
    options = re2.Options()
    options.max_mem = _MOST_MEMORY
    options.log_errors = False
    try:
        search = re2.compile(pattern, options).search
    except re2.error as error:
        reason = error.args[0] if error.args else error
        raise PatternRefused(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None
    return lambda text: search(text) is not None
