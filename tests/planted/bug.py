"""Bugs that were nearly made. Each takes a piece of our code away or bends it, inside one test, and must turn its check red."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from web.city import City

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Bug:
    """A planted bug and the check that must see it."""

    plant: Plant
    check: Callable[[City], None]

    @property
    def name(self) -> str:
        return self.plant.__name__
