"""The technical person in whose name the public's acts are written: nobody logs in as "public", and nothing is said of where an act
came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite

from engine import origin, steps
from engine.audit import recording
from engine.bpmn.values import Names
from engine.errors import NotFound
from engine.files import PUBLIC
from engine.organisation import revision
from engine.tables import membership, person, unit

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Plan, Reply

LOGIN = PUBLIC
UNIT, POST = "public", "reporter"
NAME = Names("市民（网上）", "The public (online)")


def person_id(core: Core) -> int:
    """The id of the technical person, who is made when first needed. NotFound in a city without the unit of the public."""
    with core.db.read() as connection:
        found = connection.execute(select(person.c.id).where(person.c.login == LOGIN)).scalar()
    return int(found) if found is not None else _make(core)


def step(
    core: Core,
    instance_id: int,
    plan: Plan,
    key: str | None = None,
    request: Mapping[str, Any] | None = None,
) -> Reply:
    """One step of a case by somebody of the public."""
    with origin.coming_from(""):
        return steps.run(core, instance_id, plan, person_id(core), key, request, while_suspended=True)


def _make(core: Core) -> int:
    with origin.coming_from(""), core.db.write() as connection:
        unit_id = connection.execute(select(unit.c.id).where(unit.c.key == UNIT)).scalar()
        if unit_id is None:
            raise NotFound(what=f"unit {UNIT}")
        new = (postgresql if core.db.postgresql else sqlite).insert(person)
        connection.execute(new.values(login=LOGIN, name=NAME.text("zh")).on_conflict_do_nothing())
        found = int(
            connection.execute(select(person.c.id).where(person.c.login == LOGIN).with_for_update()).scalar_one()
        )
        key = {"person_id": found, "unit_id": unit_id, "post_key": POST}
        there = select(membership.c.person_id).where(*(membership.c[k] == v for k, v in key.items()))
        if connection.execute(there).first() is None:
            connection.execute(insert(membership).values(**key))
            revision.touch(connection, [found])
            recording.record(
                core, connection, recording.ORGANISATION, "technical_person_made", about=f"person:{found}", data=key
            )
        return found
