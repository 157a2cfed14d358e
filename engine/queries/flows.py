"""Where the cases of a process wait now, and what they passed in a period: counts of elements and flows, each opening to its cases.

Counted is what history rows say was left (`path`) in steps of the period, in cases that the reader sees. A pass that was withdrawn or sent
back later stays counted: it happened. What runs in a called process counts at the call activity. Which flow was taken is not written down;
it follows from what was left and what opened in the same step (`flow_paths`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, Text, and_, cast, extract, func, or_, select

from engine import access, definitions
from engine.events import Event
from engine.people import Actor
from engine.queries import flow_paths
from engine.tables import LIVE, definition, history, instance, task

if TYPE_CHECKING:
    from engine.core import Core

SIGNER = "signer"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose cases: of a process, of one version of it or (None) of all, in a world; steps from `since` up to, not including, `until`."""

    key: str
    since: datetime
    until: datetime
    definition_id: int | None = None
    world: int = LIVE


@dataclass(frozen=True, slots=True)
class Pattern:
    """What several steps have in common: the version, the nodes they left (JSON), the tasks they opened, and how many steps they are."""

    definition_id: int
    path: str
    opened: str | None
    times: int


@dataclass(slots=True)
class Passed:
    """How often each node was left and each flow taken, by id; `untold`: choices of which the rows do not tell the flow, by node."""

    nodes: Counter[str] = field(default_factory=Counter)
    flows: Counter[str] = field(default_factory=Counter)
    untold: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Lasted:
    """How long a step took, from opening to completion, in seconds: how many were done, the median and the 90th percentile, each the
    time of one of them (nearest rank)."""

    times: int
    median: float
    p90: float


def of_process(asked: Asked) -> list[ColumnElement[bool]]:
    """The instances that are asked about, whoever asks."""
    found = [instance.c.world_id == asked.world, instance.c.key == asked.key]
    return found if asked.definition_id is None else [*found, instance.c.definition_id == asked.definition_id]


def patterns(core: Core, actor: Actor | None, asked: Asked, element: str | None = None) -> list[Pattern]:
    """The steps of the period in the cases that the reader sees, those alike together. `element`: those alone that may have left this node
    or taken this flow."""
    with core.db.read() as connection:
        path, opened = _path(), _opened(core)
        query = (
            _steps(asked, instance.c.definition_id, path.label("path"), opened.label("opened"))
            .where(*_may_touch(core, connection, asked, element))
            .add_columns(func.count().label("times"))
            .group_by(instance.c.definition_id, "path", "opened")
        )
        if actor is not None:
            query = query.where(access.visible(connection, actor))
        return [Pattern(*row) for row in connection.execute(query)]


def each_step(core: Core, asked: Asked) -> Select[Any]:
    """The steps of the period one by one, in whatever cases: version, path, what was opened, the case's id and when it began."""
    columns = (instance.c.definition_id, _path().label("path"), _opened(core).label("opened"))
    return _steps(asked, *columns, instance.c.id, instance.c.started_at)


def passed(core: Core, found: Sequence[Pattern]) -> Passed:
    """What these steps come to."""
    whole = Passed()
    for pattern in found:
        for into, some in zip((whole.nodes, whole.flows, whole.untold), taken(core, pattern), strict=True):
            for element, times in some.items():
                into[element] += times * pattern.times
    return whole


def taken(core: Core, pattern: Pattern) -> flow_paths.Counts:
    """How often one of these steps left each node and took each flow, and choices that it does not tell."""
    model = definitions.get(core, pattern.definition_id).model
    opened = pattern.opened.split(" ") if pattern.opened else []
    return flow_paths.taken(model, tuple(json.loads(pattern.path)), tuple(opened))


def went_over(core: Core, actor: Actor | None, asked: Asked, element: str) -> tuple[int, ColumnElement[bool]]:
    """How often a node was left or a flow taken, and the condition on `instance` for the cases that did."""
    those, times = [], 0
    for pattern in patterns(core, actor, asked, element):
        nodes, flows, _ = taken(core, pattern)
        here = nodes[element] or flows[element]
        if here:
            those.append(pattern)
            times += here * pattern.times
    steps = _steps(asked, history.c.instance_id).where(_is_one(core, those))
    return times, instance.c.id.in_(steps)


def done(
    connection: Connection, actor: Actor | None, asked: Asked, *columns: Any, node: str | None = None
) -> Select[Any]:
    """These columns of the tasks that were completed in the period, at `node` or anywhere in the process's own diagram. Opinions of signers
    are none of the step's own times. Without an actor whoever's."""
    query = (
        select(*columns)
        .select_from(history)
        .join(instance, instance.c.id == history.c.instance_id)
        .join(task, (task.c.instance_id == history.c.instance_id) & (task.c.id == history.c.task_id))
        .where(*_in(asked), history.c.kind == str(Event.COMPLETED), task.c.within.is_(None))
        .where(func.coalesce(task.c.role, "") != SIGNER)
    )
    if node is not None:
        query = query.where(task.c.node == node)
    return query if actor is None else query.where(access.visible(connection, actor))


def lasted(core: Core, actor: Actor, asked: Asked) -> dict[str, Lasted]:
    """How long the steps took on the wall, by node."""
    with core.db.read() as connection:
        each = done(connection, actor, asked, task.c.node, seconds(core).label("seconds")).subquery()
        place = func.row_number().over(partition_by=each.c.node, order_by=each.c.seconds)
        many = func.count().over(partition_by=each.c.node)
        ranked = select(each, place.label("place"), many.label("many")).subquery()
        half, most = _rank(ranked.c.many, 5), _rank(ranked.c.many, 9)
        query = (
            select(
                ranked.c.node,
                func.max(ranked.c.many),
                func.max(ranked.c.seconds).filter(ranked.c.place == half),
                func.max(ranked.c.seconds).filter(ranked.c.place == most),
            )
            .where(ranked.c.place.in_((half, most)))
            .group_by(ranked.c.node)
        )
        return {node: Lasted(int(n), float(low), float(high)) for node, n, low, high in connection.execute(query)}


def seconds(core: Core) -> ColumnElement[Any]:
    """How long a completed task (`done`) took on the wall."""
    if core.db.postgresql:
        return extract("epoch", history.c.at - task.c.opened_at)
    return (func.julianday(history.c.at) - func.julianday(task.c.opened_at)) * 86_400.0


def was_done(asked: Asked, connection: Connection, node: str) -> ColumnElement[bool]:
    """The condition on `instance` for the cases whose step `node` was completed in the period."""
    return instance.c.id.in_(done(connection, None, asked, history.c.instance_id, node=node))


# ---------------------------------------------------------------- inside


def _in(asked: Asked) -> list[ColumnElement[bool]]:
    return [history.c.at >= asked.since, history.c.at < asked.until, *of_process(asked)]


def _steps(asked: Asked, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(history)
        .join(instance, instance.c.id == history.c.instance_id)
        .where(*_in(asked), _path().is_not(None), _path().not_in(("[]", "null")))
    )


def _path() -> ColumnElement[str]:
    return cast(history.c.data["path"], Text)


def _opened(core: Core) -> ColumnElement[str | None]:
    """The tasks that a step opened: "call/node" of each, its own without a call as "/node"; ids of a diagram hold no blanks."""
    if core.db.postgresql:
        each = func.jsonb_array_elements_text(history.c.data["opened"]).table_valued("value")
    else:
        each = func.json_each(history.c.data, "$.opened").table_valued("value")
    return (
        select(func.aggregate_strings(func.coalesce(task.c.within, "") + "/" + task.c.node, " "))
        .select_from(each)
        .where(task.c.instance_id == history.c.instance_id, task.c.id == cast(each.c.value, Integer))
        .correlate(history)
        .scalar_subquery()
    )


def _may_touch(core: Core, connection: Connection, asked: Asked, element: str | None) -> list[ColumnElement[bool]]:
    """Looked at before what a step opened, which costs most: the path names the node, or the node that the flow comes from."""
    if element is None:
        return []
    versions = select(definition.c.id).where(definition.c.key == asked.key)
    ids = [asked.definition_id] if asked.definition_id is not None else connection.execute(versions).scalars().all()
    models = [definitions.get(core, one).model for one in ids]
    names = {element} | {model.flows[element].source for model in models if element in model.flows}
    if not all(one.isascii() for one in names):  # JSON may write others in two ways
        return []
    return [or_(*(_path().contains(one, autoescape=True) for one in sorted(names)))]


def _is_one(core: Core, those: Collection[Pattern]) -> ColumnElement[bool]:
    """The step is one of these patterns, each compared as one text. What it opened is looked up only where the path is one of them."""
    mark = "\n"
    texts = sorted({mark.join((str(p.definition_id), p.path, p.opened or "")) for p in those})
    whole = cast(instance.c.definition_id, Text) + mark + _path() + mark + func.coalesce(_opened(core), "")
    return and_(_path().in_(sorted({p.path for p in those})), whole.in_(texts))


def _rank(many: ColumnElement[int], tenths: int) -> ColumnElement[int]:
    """The nearest rank: the least place that so many tenths of all do not lie above."""
    return (many * tenths + 9) // 10
