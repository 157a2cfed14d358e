"""A job in a worker's hands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

LEASE = timedelta(seconds=30)
"""How long what a worker has taken is its own."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A job that a worker has taken, under this fence."""

    instance_id: int
    world_id: int
    id: str
    kind: str
    node: str | None
    payload: dict[str, Any] | None
    fence: int
    tries: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Leased:
        """A job's row as it was before the lease raised its fence."""
        names = ("instance_id", "world_id", "id", "kind", "node", "payload")
        return cls(**{name: row[name] for name in names}, fence=row["fence"] + 1, tries=row["tries"])

    @property
    def held(self) -> tuple[str, int]:
        """What a step under this lease is guarded by."""
        return self.id, self.fence

    @property
    def name(self) -> str:
        """Names the job among all jobs."""
        return f"{self.instance_id}.{self.id}"
