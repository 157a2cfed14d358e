"""Which chains grew since the last checkpoint. What is found twice does no harm: a head that was sealed is not sealed again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from engine.audit.chain import BEGINNING, HISTORY, link
from engine.audit.sealed import case_stream
from engine.tables import LIVE, audit, history, instance

OVERLAP = timedelta(minutes=2)
"""A row says it was written when its step read the database, and is seen when the step has committed. Steps take milliseconds; each
checkpoint looks back so much further than the last one looked."""

LONG_OVERLAP = timedelta(hours=25)
"""Now and then one looks back so far: a step may sleep between reading and writing with the machine it runs on."""


_MANY = {"yield_per": 2000}


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row of a chain that was found: its number, its hash, and when it says it was written (database time)."""

    stream: str
    seq: int
    hash: str
    at: datetime


def heads(connection: Connection, since: datetime | None) -> list[Head]:
    """The newest row of each chain that grew at `since` or later (none: ever), the oldest first. Cases count in the live world only."""
    found: dict[str, Head] = {}
    rows = connection.execute(_cases(since), execution_options=_MANY)
    for instance_id, seq, digest, at in rows:
        _keep(found, Head(case_stream(instance_id), seq, digest, at))
    query = select(audit.c.stream, audit.c.seq, audit.c.hash, audit.c.at)
    if since is not None:
        query = query.where(audit.c.at >= since)
    for stream, seq, digest, at in connection.execute(query, execution_options=_MANY):
        _keep(found, Head(stream, seq, digest, at))
    return sorted(found.values(), key=lambda head: (head.at, head.stream))


def rows_since(connection: Connection, since: datetime | None) -> int:
    """How many rows of all chains were written at `since` or later."""
    cases, acts = select(func.count()).select_from(history), select(func.count()).select_from(audit)
    if since is None:
        cases = cases.where(history.c.hash.is_not(None))
    else:
        cases, acts = cases.where(history.c.written_at >= since), acts.where(audit.c.at >= since)
    return int(connection.execute(cases).scalar_one()) + int(connection.execute(acts).scalar_one())


def _cases(since: datetime | None) -> Any:
    query = (
        select(history.c.instance_id, history.c.seq, history.c.hash, history.c.written_at)
        .join(instance, instance.c.id == history.c.instance_id)
        .where(instance.c.world_id == LIVE, history.c.hash.is_not(None), history.c.written_at.is_not(None))
    )
    return query if since is None else query.where(history.c.written_at >= since)


def _keep(found: dict[str, Head], head: Head) -> None:
    known = found.get(head.stream)
    if known is None or known.seq < head.seq:
        found[head.stream] = head


class Unchained:
    """The rows of history from before chains were kept, as one number and one hash: the first checkpoint seals them so."""

    def __init__(self) -> None:
        self.rows = 0
        self._digest = hashlib.sha256()

    def add(self, instance_id: int, rows: Iterable[Mapping[Any, Any]]) -> None:
        """Add those of one case, in their order; cases come in the order of their ids."""
        end, count = BEGINNING, 0
        for row in rows:
            end, count = link(end, row, HISTORY), count + 1
        if count:
            self.rows += count
            self._digest.update(f"{instance_id}:{count}:{end}\n".encode())

    @property
    def head(self) -> list[Any]:
        """What a checkpoint says of them."""
        return [self.rows, "sha256:" + self._digest.hexdigest()]


def unchained(connection: Connection) -> Unchained:
    """All of the live world."""
    found = Unchained()
    query = (
        select(*(history.c[name] for name in HISTORY))
        .join(instance, instance.c.id == history.c.instance_id)
        .where(instance.c.world_id == LIVE, history.c.hash.is_(None))
        .order_by(history.c.instance_id, history.c.seq)
    )
    of: int | None = None
    rows: list[Mapping[Any, Any]] = []
    for row in connection.execute(query, execution_options=_MANY).mappings():
        if row["instance_id"] != of:
            if of is not None:
                found.add(of, rows)
            of, rows = row["instance_id"], []
        rows.append(row)
    if of is not None:
        found.add(of, rows)
    return found
