"""Where the fonts of printed papers are: Noto Sans SC, which `./run` installs with the packages of the pages. A city that brings its own
names their folder in LIANDONG_FONTS."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent / "frontend" / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
WEIGHTS = ("400Regular", "700Bold")


def folders() -> tuple[Path, ...]:
    """The folders to read fonts from; whether there is one in them is for whoever prints to see."""
    own = os.environ.get("LIANDONG_FONTS")
    return (Path(own),) if own else tuple(PACKAGE / weight for weight in WEIGHTS)
