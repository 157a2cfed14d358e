"""Start a plan: from its page, from a case, in a drill. Once: who comes second joins the one that runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from engine import access, definitions, files, instances, registers
from engine.people import Actor
from engine.public import places
from engine.queries import cases
from engine.steps import Reply
from engine.tables import LIVE
from escalation.emergencies import plans

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

AREAS: Final = "areas"
CITY: Final = "city"
SAME: Final = ("area", "place", "lat", "lon")
"""What a plan takes over from the case it is started from, where its form asks for it."""


def start(
    core: Core,
    plan: str,
    answers: Mapping[str, Any],
    actor: Actor,
    *,
    key: str | None = None,
    accepted: Sequence[files.Accepted] = (),
    source_case: int | None = None,
    world_id: int = LIVE,
) -> Reply:
    """Start it for everybody, or join the activation that runs ({"joined": True}). `source_case`: the case that made it
    necessary, which the actor must see; both are linked. NotFound, NotAllowed, InvalidAnswers."""
    access.check_power(actor, plans.POWER, "启动预案", "start a plan")
    given: Row = {"plan": plan}
    links: tuple[tuple[int, str], ...] = ()
    if source_case is not None and world_id == LIVE:  # no real case is linked to a drill
        row = cases.row(core, actor, source_case)
        given["source_case"] = row["number"]
        links = ((row["id"], "related"),)
    return instances.start(
        core,
        plan,
        _placed(core, plan, answers),
        actor.id,
        key=key,
        given=given,
        world_id=world_id,
        links=links,
        accepted=accepted,
        once=plan,
    )


def known_from(core: Core, actor: Actor, source_case: int | None) -> Row:
    """What is known of place and matter from the case that it is started from; nothing where there is none that the actor sees."""
    if source_case is None:
        return {}
    row = cases.row(core, actor, source_case)
    facts = row["facts"] or {}
    found = {name: facts[name] for name in SAME if facts.get(name) is not None}
    matter = str(facts.get("title") or row["title"] or "")
    return {**found, **({"matter": matter[:300], "title": matter[:300]} if matter else {})}


def _placed(core: Core, plan: str, answers: Mapping[str, Any]) -> Row:
    """With the area, where the form asks for one and nobody in a hurry said: that of the nearest community, else the whole city."""
    found = dict(answers)
    definition = definitions.newest(core, plan)
    form = definition.form_of(definition.entrances[0]) if definition.entrances else None
    if found.get("area") or form is None or "area" not in form.editable:
        return found
    lat, lon = found.get("lat"), found.get("lon")
    here = isinstance(lat, int | float) and isinstance(lon, int | float)
    area = places.nearest_area(core, lat, lon) if here else None  # type: ignore[arg-type]
    area = area or next((row["key"] for row in registers.rows(core, AREAS) if row.get("kind") == CITY), None)
    return found | ({"area": area} if area is not None else {})
