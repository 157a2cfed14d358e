"""What the nodes and clocks in a case's history are called by the version that it runs by now: it may have changed its version since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.events import Event

Row = dict[str, Any]

NOWHERE = ""
"""What a node without a counterpart is called: no node of any diagram."""


class Renames:
    """The changes of version in a history, oldest first."""

    def __init__(self, rows: Sequence[Mapping[Any, Any]]) -> None:
        self._changes = [(row["seq"], row["data"]) for row in rows if row["kind"] == Event.MIGRATED]

    def __bool__(self) -> bool:
        return bool(self._changes)

    def now(self, node: str, seq: int) -> str:
        """A node that a row says, or "Call/Node" of a called process."""
        first, slash, rest = node.partition("/")
        for at, data in self._changes:
            if at > seq:
                first = NOWHERE if first in data["without"] else data["nodes"].get(first, first)
        return first + slash + rest if first else NOWHERE

    def clock(self, name: str, seq: int) -> str:
        """A clock that a row tells of, with the count of one that was started again; what was given up keeps its name. One that had
        stopped by the change keeps its own too: whoever looks for a row looks under both."""
        first, count, rest = name.partition("#")
        for at, data in self._changes:
            if at > seq:
                first = data.get("clocks", {}).get(first, first)
        return first + count + rest

    def row(self, row: Row) -> Row:
        """A history row with the names of now."""
        found = dict(row)
        if row["node"] is not None:
            found["node"] = self.now(row["node"], row["seq"])
        if (row["data"] or {}).get("path"):
            found["data"] = {**row["data"], "path": [self.now(node, row["seq"]) for node in row["data"]["path"]]}
        return found

    def task(self, row: Row, closed: int) -> Row:
        """The row of a task that was closed by the history row of this number."""
        if row["within"]:
            return {**row, "within": self.now(row["within"], closed)}
        return {**row, "node": self.now(row["node"], closed)}
