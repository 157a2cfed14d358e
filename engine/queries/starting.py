"""Which processes a person may start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine import access, definitions
from engine.bpmn.model import Node
from engine.definitions import Definition
from engine.errors import NotFound
from engine.people import Actor
from engine.tables import setting
from forms import Form

if TYPE_CHECKING:
    from engine.core import Core


@dataclass(frozen=True, slots=True)
class Entrance:
    """A start event with a form, where the actor may start the newest version of a process. `usual`: the first of its diagram."""

    definition: Definition
    node: Node
    form: Form

    @property
    def usual(self) -> bool:
        """Whether it need not be named."""
        return self.node.id == self.definition.model.start


def startable(core: Core, actor: Actor) -> list[Entrance]:
    """Where the actor may start something with a form, in the order of the processes' keys."""
    with core.db.read() as connection:
        newest = definitions.newest_ids(connection)
        powers = connection.execute(select(setting.c.value).where(setting.c.key == "starters")).scalar() or {}
    mine = [i for key, i in sorted(newest.items()) if powers.get(key) is None or powers[key] in actor.powers]
    found = []
    for definition in (definitions.get(core, i) for i in mine):
        if definition.model.confidential is not None:
            continue  # begun from what it is about, so that it is known whom it is kept from
        for node in definition.entrances:
            form = definition.form_of(node)
            if form is not None:
                found.append(Entrance(definition, node, form))
    return found


def check_can_start(core: Core, actor: Actor, process: str) -> Definition:
    """The newest version of a process, if the actor may start it by its form alone. NotFound, NotAllowed."""
    definition = definitions.newest(core, process)
    if definition.model.confidential is not None:
        raise NotFound(what=f"process {process}")
    with core.db.read() as connection:
        powers = connection.execute(select(setting.c.value).where(setting.c.key == "starters")).scalar() or {}
    if powers.get(process) is not None:
        access.check_power(actor, powers[process], "发起此流程", "start this process")
    return definition
