"""Models in the database: asked for, trained on closed cases, kept as plain numbers with a digest, and read once by each process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import case, exists, func, insert, select, update

from engine import definitions, settings
from engine.audit import recording
from engine.bpmn.settings import Dispatch
from engine.dispatching.matters import Closed
from engine.dispatching.model import Model, load, pair
from engine.dispatching.proposing import matter_of
from engine.errors import Invalid
from engine.people import Actor
from engine.states import InstanceStatus, TaskState
from engine.tables import LIVE, definition, dispatch_model, dispatch_proposal, instance, task, unit

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

DEFAULTS: dict[str, Any] = {
    "dispatch_target": 0.99,  # right so often, where it speaks
    "dispatch_cases_most": 20_000,  # the newest closed cases that are learnt from
    "dispatch_train_hours": 168,  # trained again so often; 0: only when asked
}
"""The rows of `setting` win."""

TRAINED = "dispatch_trained"
"""The kind of audit row that tells of a model put to use."""

_REMEMBERED = 4

log = structlog.get_logger("liandong.dispatching")


@dataclass(frozen=True, slots=True)
class Place:
    """A task of a process whose unit is proposed: `ld:dispatch` of its newest version, and every version that has that node."""

    key: str
    node: str
    wanted: Dispatch
    definitions: tuple[int, ...]
    post: str | None


@dataclass(frozen=True, slots=True)
class Current:
    """The model in use."""

    id: int
    model: Model
    trained_at: datetime
    figures: Row


def places(core: Core) -> list[Place]:
    """Every task whose unit is proposed, of the newest versions."""
    with core.db.read() as connection:
        rows = connection.execute(
            select(definition.c.id, definition.c.key).where(definitions.IS_VERSION).order_by(definition.c.id)
        ).all()
    newest = {row.key: row.id for row in rows}
    found = []
    for key, newest_id in sorted(newest.items()):
        for node in definitions.get(core, newest_id).model.nodes.values():
            wanted = node.settings.dispatch
            if wanted is None:
                continue
            having = [row.id for row in rows if row.key == key and _has(core, row.id, node.id)]
            candidates = node.settings.candidates
            post = candidates.post if candidates is not None else None
            literal = post.text if post is not None and not post.is_feel else None
            found.append(Place(key, node.id, wanted, tuple(having), literal))
    return found


def place(core: Core, key: str, node: str) -> Place:
    """The one of this process and node. Invalid when nothing is proposed there."""
    found = next((one for one in places(core) if (one.key, one.node) == (key, node)), None)
    if found is None:
        raise Invalid(
            why_zh="此环节没有拟派设置（ld:dispatch）", why_en="no unit is proposed at this step (ld:dispatch)"
        )
    return found


def current(core: Core, key: str, node: str) -> Current | None:
    """The model in use; none before the first training, or when the stored one is not what was stored (told in the log)."""
    with core.db.read() as connection:
        row = connection.execute(
            select(dispatch_model.c.id, dispatch_model.c.digest, dispatch_model.c.trained_at, dispatch_model.c.figures)
            .where(dispatch_model.c.key == key, dispatch_model.c.node == node, dispatch_model.c.state == "current")
            .order_by(dispatch_model.c.id.desc())
        ).first()
        if row is None:
            return None
        found = _read.get((row.id, row.digest))
        if found is None:
            text = connection.execute(select(dispatch_model.c.content).where(dispatch_model.c.id == row.id)).scalar()
            try:
                found = load(text or "", row.digest or "")
            except Invalid:
                log.exception("model refused", model=row.id)
                return None
            _read[row.id, row.digest] = found
            while len(_read) > _REMEMBERED:
                _read.popitem(last=False)
    return Current(row.id, found, row.trained_at, row.figures or {})


_read: OrderedDict[tuple[int, str], Model] = OrderedDict()


def ask(core: Core, key: str, node: str, by: Actor | None) -> int:
    """Ask for a training; a worker does it. Answers its id: that of the one that waits already, if one does."""
    with core.db.write() as connection:
        waiting = connection.execute(
            select(dispatch_model.c.id).where(
                dispatch_model.c.key == key, dispatch_model.c.node == node, dispatch_model.c.state == "asked"
            )
        ).scalar()
        if waiting is not None:
            return int(waiting)
        made = connection.execute(
            insert(dispatch_model).values(
                key=key,
                node=node,
                state="asked",
                asked_at=core.db.now_on(connection),
                asked_by=by.id if by is not None else None,
            )
        )
        number = int((made.inserted_primary_key or (0,))[0])
        recording.record(
            core,
            connection,
            recording.CONTENT,
            "dispatch_training_asked",
            actor=by,
            about=f"dispatch:{key}/{node}",
            data={"model": number},
        )
        return number


def closed_cases(core: Core, where: Place) -> list[Closed]:
    """The newest closed cases whose unit did something with them, as they were when they were dispatched. Cases of units that are no
    more count for nobody."""
    worked = exists().where(
        task.c.instance_id == instance.c.id,
        task.c.unit_id == instance.c.unit_id,
        task.c.state == str(TaskState.COMPLETED),
    )
    again = dispatch_proposal.c
    corrected = exists().where(
        again.instance_id == instance.c.id,
        again.guessed.is_not(None),
        again.handled.is_not(None),
        again.guessed != again.handled,
    )
    with core.db.read() as connection:
        most = int(settings.read(connection, DEFAULTS)["dispatch_cases_most"])
        known = set(connection.execute(select(unit.c.key).where(unit.c.ended_at.is_(None))).scalars())
        rows = connection.execute(
            select(instance.c.facts, instance.c.started_at, instance.c.ended_at, corrected.label("corrected"))
            .where(
                instance.c.world_id == LIVE,
                instance.c.key == where.key,
                instance.c.status == str(InstanceStatus.COMPLETED),
                instance.c.unit_id.is_not(None),
                worked,
            )
            .order_by(instance.c.started_at.desc())
            .limit(most)
        )
        found = []
        for facts, started, ended, wrong in rows:
            named = facts.get(where.wanted.field)
            if named in known and ended is not None:
                found.append(Closed(matter_of(where.wanted, facts), named, started, ended, bool(wrong)))
    return found


def since(core: Core, model: Current, key: str) -> Mapping[str, tuple[float, float]]:
    """What was found right and wrong, by class and unit, since the model was trained: a class that goes wrong falls silent at once."""
    rows = dispatch_proposal.c
    right = func.sum(case((rows.guessed == rows.handled, 1), else_=0))
    query = (
        select(rows["class"], rows.guessed, right, func.count())
        .where(
            rows.key == key,
            rows.settled_at >= model.trained_at,
            rows.model_id == model.id,
            rows.guessed.is_not(None),
            rows.handled.is_not(None),
        )
        .group_by(rows["class"], rows.guessed)
    )
    with core.db.read() as connection:
        return {pair(kind, named): (float(good), float(all_)) for kind, named, good, all_ in connection.execute(query)}


def finish(core: Core, number: int, place_: Place, content: tuple[str, str], cases: int, figures: Row) -> None:
    """Put a trained model to use; the one before is past, its numbers go."""
    text, digest = content
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        connection.execute(
            update(dispatch_model)
            .where(
                dispatch_model.c.key == place_.key,
                dispatch_model.c.node == place_.node,
                dispatch_model.c.state == "current",
            )
            .values(state="past", content=None)
        )
        connection.execute(
            update(dispatch_model)
            .where(dispatch_model.c.id == number)
            .values(
                state="current",
                content=text,
                digest=digest,
                trained_at=now,
                cases=cases,
                figures=figures,
                lease_until=None,
            )
        )
        recording.record(
            core,
            connection,
            recording.CONTENT,
            TRAINED,
            about=f"dispatch:{place_.key}/{place_.node}",
            data={"model": number, "digest": digest, "cases": cases},
        )


def _has(core: Core, definition_id: int, node: str) -> bool:
    found = definitions.get(core, definition_id).model.nodes.get(node)
    return found is not None and found.kind.is_inbox
