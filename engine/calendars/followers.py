"""What was counted by a calendar and must follow when another version of it counts: clocks, and timers in working time. Each kind
is a follower, named in `escalation/recounting.py`; a worker takes all that follow of one instance through one step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Seen
    from engine.writes import WriteSet


@dataclass(frozen=True, slots=True)
class Moves:
    """What came of one instance: how many were counted anew, and how many of them are due earlier or later than before."""

    counted: int = 0
    earlier: int = 0
    later: int = 0

    def __add__(self, other: Moves) -> Moves:
        return Moves(self.counted + other.counted, self.earlier + other.earlier, self.later + other.later)


class Follower(Protocol):
    """One kind of what follows."""

    def waiting(self, connection: Connection, version: int, after: int, limit: int) -> Sequence[int]:
        """Ids, in their order and each once, of the first instances behind `after` that hold something counted by an older version."""

    def left(self, connection: Connection, version: int) -> int:
        """How many things are still counted by an older version."""

    def recount(self, core: Core, seen: Seen, writes: WriteSet) -> Moves:
        """Count what is older than `seen.calendars` anew, and say in the history what moved. What is counted by it already stays as it is,
        so that another worker does nothing twice."""
