"""The manual of the designer's rooms: its stations, each with a picture. Its words are the page's (`templates/help_designer.html`). The
journey is a browser test (`tests/browser/test_manual.py`); `python -m tests.manual` puts its pictures here."""

from __future__ import annotations

from pathlib import Path

PICTURES = Path(__file__).parent / "static" / "manual"
WIDTH, HEIGHT = 1280, 800
"""Of the pictures, in pixels."""
STATIONS = ("version", "field", "condition", "try", "step", "who", "clock", "branch", "propose", "approve")


def pictures() -> set[str]:
    """The names of the files that the page shows."""
    return {f"{one}-{locale}.webp" for one in STATIONS for locale in ("zh", "en")}
