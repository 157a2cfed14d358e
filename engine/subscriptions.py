"""Who waits for a message or a signal: tokens that wait, and processes that begin by one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Table, select

from engine.tables import process_start, subscription

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

MESSAGE, SIGNAL = "message", "signal"

_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A token that waits for it: the `index`-th event of its node."""

    instance_id: int
    task_id: int
    index: int

    @property
    def place(self) -> str:
        """Names it inside its instance."""
        return f"{self.task_id}-{self.index}"


@dataclass(frozen=True, slots=True)
class Beginning:
    """A process that begins by it, in the version that was the newest, by the `index`-th event of `node`."""

    definition_id: int
    node: str
    index: int


Receiver = Waiting | Beginning


def text(value: Any) -> str:
    """A name or a correlation as it is compared: none is "", long texts stand there by their hash."""
    found = "" if value is None else str(value)
    if len(found) <= _WIDTH:
        return found
    return "sha256:" + hashlib.sha256(found.encode("utf-8", "surrogatepass")).hexdigest()


def taker(
    connection: Connection,
    world_id: int,
    name: str,
    key: str,
    without: Sequence[Waiting] = (),
    *,
    outside: bool = False,
) -> Receiver | None:
    """Who takes a message: of the tokens that wait for this name with this correlation the one that has waited longest, else the
    first process that begins by it. None when nobody does. `outside`: it comes from no instance, and what is for these only is passed
    over."""
    query = (
        select(subscription.c.instance_id, subscription.c.task_id, subscription.c.idx)
        .where(
            subscription.c.world_id == world_id,
            subscription.c.kind == MESSAGE,
            subscription.c.name == name,
            subscription.c.key == key,
            *_open_to(subscription, outside=outside),
        )
        .order_by(subscription.c.at, subscription.c.instance_id, subscription.c.task_id, subscription.c.idx)
        .limit(len(without) + 1)
    )
    for row in connection.execute(query):
        found = Waiting(*row)
        if found not in without:
            return found
    return next(iter(beginnings(connection, MESSAGE, name, outside=outside)), None)


def hearers(
    connection: Connection, world_id: int, name: str, until: datetime, without: int | None, *, outside: bool = False
) -> list[Receiver]:
    """Whom a signal reaches: every token that waited for it at the instant `until`, but those of instance `without`, and every
    process that begins by it. `outside` as of `taker`."""
    query = (
        select(subscription.c.instance_id, subscription.c.task_id, subscription.c.idx)
        .where(
            subscription.c.world_id == world_id,
            subscription.c.kind == SIGNAL,
            subscription.c.name == name,
            subscription.c.at <= until,
            *_open_to(subscription, outside=outside),
        )
        .order_by(subscription.c.at, subscription.c.instance_id, subscription.c.task_id, subscription.c.idx)
    )
    waiting = [Waiting(*row) for row in connection.execute(query)]
    return [*(w for w in waiting if w.instance_id != without), *beginnings(connection, SIGNAL, name, outside=outside)]


def beginnings(connection: Connection, kind: str, name: str, *, outside: bool = False) -> list[Beginning]:
    """The processes whose newest version begins by this message or signal, in the order of their keys."""
    query = (
        select(process_start.c.definition_id, process_start.c.node, process_start.c.idx)
        .where(process_start.c.kind == kind, process_start.c.name == name, *_open_to(process_start, outside=outside))
        .order_by(process_start.c.key, process_start.c.node, process_start.c.idx)
    )
    return [Beginning(*row) for row in connection.execute(query)]


def _open_to(table: Table, *, outside: bool) -> tuple[ColumnElement[bool], ...]:
    return (table.c.inside.is_(False),) if outside else ()


def still_waits(core: Core, who: Waiting, kind: str, name: str, key: str) -> bool:
    """Whether the token waits for just this. A signal has no correlation."""
    query = select(subscription.c.name, subscription.c.key).where(
        subscription.c.instance_id == who.instance_id,
        subscription.c.task_id == who.task_id,
        subscription.c.idx == who.index,
        subscription.c.kind == kind,
    )
    with core.db.read() as connection:
        row = connection.execute(query).first()
    return row is not None and row.name == name and (kind == SIGNAL or row.key == key)


def to_json(receiver: Receiver) -> list[Any]:
    """As it is kept."""
    if isinstance(receiver, Waiting):
        return ["waiting", receiver.instance_id, receiver.task_id, receiver.index]
    return ["begins", receiver.definition_id, receiver.node, receiver.index]


def from_json(kept: Sequence[Any]) -> Receiver:
    """From how it is kept."""
    return Waiting(*kept[1:]) if kept[0] == "waiting" else Beginning(*kept[1:])
