"""Trials as rows: begun from a draft, ended by a designer. A trial is its world and the one definition it runs by, both of which have
its number, below zero."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update

from engine import access, deployment, drafts, worlds
from engine.audit.recording import CONTENT, record
from engine.bpmn.values import Names
from engine.drafts import keeping
from engine.errors import Invalid, NotFound
from engine.people import Actor
from engine.tables import definition, instance, world
from engine.worlds import STOPPED, TRIAL, World

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

MOST_SHOWN = 50
_NUMBERS = 2**31 - 2


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial. `number` (above zero) names it on pages; `revision`: that of the draft when it was begun; `touched_at`: when it ended, else
    when it began, by the database: what its deletion counts from."""

    number: int
    key: str
    names: Names
    draft_id: int
    revision: int
    started_by: int
    started_at: datetime
    touched_at: datetime
    world: World
    is_over: bool

    @property
    def id(self) -> int:
        """Of its world, and of its definition."""
        return -self.number


def start(core: Core, actor: Actor, draft_id: int) -> int:
    """Begin a trial of a draft as it stands, at the present of the live world; answers its number. NotAllowed without the power to design;
    NotFound: no such draft; Invalid: it is closed; DefinitionRefused with all that keeps it from running."""
    access.check_power(actor, keeping.POWER, "试运行流程", "try a process out")
    found = drafts.get(core, draft_id)
    if found.state != keeping.OPEN:
        raise Invalid(why_zh="该草稿已经关闭", why_en="this draft is closed")
    files = drafts.files_of(core, draft_id)
    number = (
        secrets.randbelow(_NUMBERS) + 1
    )  # never the number of one that was deleted: other nodes remember definitions
    with core.db.write() as connection:
        live, now = worlds.on(connection, core), core.db.now_on(connection)
        values = {
            "id": -number,
            "kind": TRIAL,
            "name": found.name_zh,
            "clock": "manual",
            "now": live.now,
            "set_at": now,
        }
        connection.execute(insert(world).values(**values, zone=str(live.zone), created_at=now))
        note = f"{draft_id}/{found.revision}"
        deployment.put_apart(core, connection, found.key, files, -number, actor.id, note)
        data = {"trial": number, "revision": found.revision, "hash": found.hash}
        about = keeping.about(found.key, draft_id)
        record(core, connection, CONTENT, "process_trial_started", actor=actor, about=about, data=data)
    return number


def get(core: Core, actor: Actor, number: int) -> Trial:
    """One trial. NotAllowed without the power to design; NotFound: there is none, or it was deleted."""
    access.check_power(actor, keeping.POWER, "试运行流程", "try a process out")
    with core.db.read() as connection:
        found = _rows(core, connection, definition.c.id == -min(number, _NUMBERS + 1))
    if not found:
        raise NotFound(what="trial")
    return found[0]


def listing(core: Core, actor: Actor, key: str = "") -> list[Trial]:
    """The newest trials, of one process where it is named; those of all designers."""
    access.check_power(actor, keeping.POWER, "试运行流程", "try a process out")
    with core.db.read() as connection:
        return _rows(core, connection, *([definition.c.key == key] if key else []))


def cases(core: Core, trial: Trial) -> list[Row]:
    """The instances in a trial, that of the draft first: what these have set going comes behind."""
    query = select(instance).where(instance.c.world_id == trial.id)
    with core.db.read() as connection:
        ordered = query.order_by(instance.c.definition_id != trial.id, instance.c.started_at, instance.c.number)
        return [dict(row) for row in connection.execute(ordered.limit(MOST_SHOWN)).mappings()]


def end(core: Core, actor: Actor, number: int) -> None:
    """End it: its time stands, and all in it stays as it is until it is deleted. Again: nothing."""
    found = get(core, actor, number)
    with core.db.write() as connection:
        done = connection.execute(
            update(world)
            .where(world.c.id == found.id, world.c.clock == "manual")
            .values(clock=STOPPED, set_at=core.db.now_on(connection))
        )
        if done.rowcount == 1:
            about = keeping.about(found.key, found.draft_id)
            data = {"trial": number}
            record(core, connection, CONTENT, "process_trial_ended", actor=actor, about=about, data=data)


def check_runs(trial: Trial) -> None:
    """Invalid when it has ended."""
    if trial.is_over:
        raise Invalid(why_zh="该试运行已经结束", why_en="this trial has ended")


# ---------------------------------------------------------------- inside


def _rows(core: Core, connection: Connection, *where: Any) -> list[Trial]:
    d = definition.c
    columns = (d.id, d.key, d.name_zh, d.name_en, d.note, d.by_id, d.at, world.c.set_at, world.c.clock)
    query = select(*columns).join(world, world.c.id == d.id).where(d.id < 0, world.c.kind == TRIAL, *where)
    rows = connection.execute(query.order_by(world.c.clock == STOPPED, d.at.desc()).limit(MOST_SHOWN)).all()
    return [
        Trial(
            number=-row.id,
            key=row.key,
            names=Names(row.name_zh, row.name_en),
            draft_id=int(row.note.partition("/")[0]),
            revision=int(row.note.partition("/")[2]),
            started_by=row.by_id,
            started_at=row.at,
            touched_at=row.set_at,
            world=worlds.on(connection, core, row.id),
            is_over=row.clock == STOPPED,
        )
        for row in rows
    ]
