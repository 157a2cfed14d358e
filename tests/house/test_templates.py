"""Templates keep to the shapes that the style sheet knows."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "web/templates"
BARE = re.compile(r'class="card-head">(?:(?!</div>).)*</div>\s*(?:{%[^%]*%}\s*)*<ul class="rows">', re.DOTALL)
"""Rows right after the head of a card, without the body that gives them room."""


def test_rows_stand_in_the_body_of_their_card() -> None:
    assert BARE.search('<div class="card-head"><h2>x</h2></div>\n  {% if y %}\n<ul class="rows">')
    assert [path.name for path in TEMPLATES.glob("*.html") if BARE.search(path.read_text("utf-8"))] == []
