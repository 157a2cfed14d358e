"""The form of who was added to a task: agree or not, and a word. What they say is kept in the history, and is no fact of the case."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import forms

FILE = Path(__file__).with_name("opinion.json")

AGREE, OPINION = "agree", "opinion"
"""Its fields: yes, no or abstain; text."""


@cache
def form() -> forms.Form:
    """The form."""
    return forms.load(FILE.read_bytes())
