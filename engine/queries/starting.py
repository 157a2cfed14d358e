"""Which processes a person may start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from engine import access, definitions
from engine.definitions import Definition
from engine.people import Actor
from engine.tables import setting

if TYPE_CHECKING:
    from engine.core import Core


def startable(core: Core, actor: Actor) -> list[Definition]:
    """The newest versions of the processes with a start form that the actor may start, in the order of their keys."""
    with core.db.read() as connection:
        newest = definitions.newest_ids(connection)
        powers = connection.execute(select(setting.c.value).where(setting.c.key == "starters")).scalar() or {}
    mine = [i for key, i in sorted(newest.items()) if powers.get(key) is None or powers[key] in actor.powers]
    return [d for d in (definitions.get(core, i) for i in mine) if d.start_form is not None]


def check_can_start(core: Core, actor: Actor, process: str) -> Definition:
    """The newest version of a process, if the actor may start it. NotFound, NotAllowed."""
    definition = definitions.newest(core, process)
    with core.db.read() as connection:
        powers = connection.execute(select(setting.c.value).where(setting.c.key == "starters")).scalar() or {}
    if powers.get(process) is not None:
        access.check_power(actor, powers[process], "发起此流程", "start this process")
    return definition
