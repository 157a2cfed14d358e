"""Where the tokens of a process wait now: tasks of people, timers, actions, messages and signals, by element of its diagram."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, false, func, null, or_, select

from engine import access, definitions
from engine.bpmn.model import Kind, ProcessModel
from engine.people import Actor
from engine.queries.flows import Asked, of_process
from engine.states import TaskState
from engine.tables import instance, job, subscription, task

if TYPE_CHECKING:
    from engine.core import Core

OPEN = (str(TaskState.OPEN), str(TaskState.SUSPENDED))
"""Tasks of a suspended case wait too: for it to be resumed."""
JOBS = ("timer", "action")


@dataclass(slots=True)
class Waiting:
    """At one element: how many wait, how many of these past their due time, and since when the one that waits longest does (None where
    the rows do not say: timers and actions)."""

    waiting: int = 0
    late: int = 0
    since: datetime | None = None

    def add(self, waiting: int, late: int, since: datetime | None) -> None:
        """More of them."""
        self.waiting += waiting
        self.late += late
        self.since = min((at for at in (self.since, since) if at is not None), default=None)


class Here(NamedTuple):
    """Something that waits: of which version, at which element, whether it is late, since when (none: the rows do not say), and its case
    with the instant at which that began."""

    definition_id: int
    element: str
    late: bool
    since: datetime | None
    case: int
    began: datetime


def waiting(core: Core, actor: Actor, asked: Asked, now: datetime) -> dict[str, Waiting]:
    """What waits at each element in the cases that the reader sees. A task is late when its due time, its own clock's or its case's, is
    over at `now`. What waits in a called process waits at its call activity."""
    found: dict[str, Waiting] = {}
    with core.db.read() as connection:
        sees = access.visible(connection, actor)
        for definition_id, node, within, *numbers in connection.execute(_tasks(asked, now).where(sees)):
            del definition_id
            found.setdefault(_top(within) or node, Waiting()).add(*numbers)
        for query in (_jobs(asked), _subscriptions(asked)):
            for definition_id, node, many, since in connection.execute(query.where(sees)):
                element = element_of(definitions.get(core, definition_id).model, node)
                if element is not None:
                    found.setdefault(element, Waiting()).add(many, 0, since)
    return found


def each(core: Core, asked: Asked, now: datetime, read: Callable[[Select[Any]], Iterable[Any]]) -> Iterator[Here]:
    """What waits, one by one, in whatever cases. `read`: executes a query."""
    case = (instance.c.id, instance.c.started_at)
    late = func.coalesce(task.c.due_at < now, false())
    tasks = select(instance.c.definition_id, task.c.node, task.c.within, late, task.c.opened_at, *case)
    for definition_id, node, within, is_late, since, *of in read(_of_tasks(tasks, asked)):
        yield Here(definition_id, _top(within) or node, bool(is_late), since, *of)
    for query in (
        _of_jobs(select(instance.c.definition_id, job.c.node, null(), *case), asked),
        _of_subscriptions(select(instance.c.definition_id, subscription.c.node, subscription.c.at, *case), asked),
    ):
        for definition_id, node, since, *of in read(query):
            element = element_of(definitions.get(core, definition_id).model, node)
            if element is not None:
                yield Here(definition_id, element, False, since, *of)


def waits_at(
    core: Core, connection: Connection, asked: Asked, element: str, late_at: datetime | None = None
) -> ColumnElement[bool]:
    """The condition on `instance` for the cases of which something waits at this element; `late_at`: past its due time then."""
    inside = or_(task.c.within == element, task.c.within.startswith(f"{element}/", autoescape=True))
    here = or_((task.c.within.is_(None)) & (task.c.node == element), inside)
    tasks = select(task.c.instance_id).where(task.c.state.in_(OPEN), here)
    if late_at is not None:
        return instance.c.id.in_(tasks.where(task.c.due_at < late_at))
    ways: list[ColumnElement[bool]] = [instance.c.id.in_(tasks)]
    for table in (job, subscription):
        kinds = [job.c.kind.in_(JOBS)] if table is job else []
        at = _waited_for(core, connection, asked, table, element)
        for definition_id, names in at.items():
            waits = select(table.c.instance_id).where(table.c.node.in_(names), *kinds)
            ways.append((instance.c.definition_id == definition_id) & instance.c.id.in_(waits))
    return or_(*ways)


def element_of(model: ProcessModel, name: str | None) -> str | None:
    """Where a timer, an action or a message is drawn: at its own element; none where it only watches over an activity (boundary events,
    event sub-processes). One of a called process belongs to the call, where the diagram has one call only."""
    node = model.nodes.get(name or "")
    if node is None:
        calls = [one.id for one in model.nodes.values() if one.kind is Kind.CALL]
        return calls[0] if len(calls) == 1 else None
    parent = model.nodes.get(node.parent or "")
    watches = parent is not None and parent.kind is Kind.EVENT_SUBPROCESS and node.kind is Kind.START
    return None if node.kind is Kind.BOUNDARY or watches or node.kind is Kind.START else node.id


# ---------------------------------------------------------------- inside


def _top(within: str | None) -> str | None:
    return within.partition("/")[0] if within else None


def _of_tasks(query: Select[Any], asked: Asked) -> Select[Any]:
    joined = query.select_from(task).join(instance, instance.c.id == task.c.instance_id)
    return joined.where(task.c.state.in_(OPEN), *of_process(asked))


def _of_jobs(query: Select[Any], asked: Asked) -> Select[Any]:
    joined = query.select_from(job).join(instance, instance.c.id == job.c.instance_id)
    return joined.where(job.c.world_id == asked.world, job.c.kind.in_(JOBS), *of_process(asked))


def _of_subscriptions(query: Select[Any], asked: Asked) -> Select[Any]:
    joined = query.select_from(subscription).join(instance, instance.c.id == subscription.c.instance_id)
    return joined.where(subscription.c.world_id == asked.world, *of_process(asked))


def _tasks(asked: Asked, now: datetime) -> Select[Any]:
    late = func.count().filter(task.c.due_at < now)
    at = (instance.c.definition_id, task.c.node, task.c.within)
    return _of_tasks(select(*at, func.count(), late, func.min(task.c.opened_at)), asked).group_by(*at)


def _jobs(asked: Asked) -> Select[Any]:
    at = (instance.c.definition_id, job.c.node)
    return _of_jobs(select(*at, func.count(), null()), asked).group_by(*at)


def _subscriptions(asked: Asked) -> Select[Any]:
    at = (instance.c.definition_id, subscription.c.node)
    return _of_subscriptions(select(*at, func.count(), func.min(subscription.c.at)), asked).group_by(*at)


def _waited_for(core: Core, connection: Connection, asked: Asked, table: Any, element: str) -> dict[int, list[str]]:
    """The names of nodes in rows of this table that belong to an element, by version."""
    rows: Iterable[Any] = connection.execute((_jobs if table is job else _subscriptions)(asked))
    found: dict[int, list[str]] = {}
    for definition_id, node, *_ in rows:
        if node and element_of(definitions.get(core, definition_id).model, node) == element:
            found.setdefault(definition_id, []).append(node)
    return found
