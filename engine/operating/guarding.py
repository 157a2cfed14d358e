"""What a diagram asks of who operates its instances (`ld:operating`): who belongs to the unit that `notOf` names, to one below it or to the
one just above it neither ends, suspends nor changes one, and the acts that `second` names are asked for by one operator and allowed by
another human being. So nobody silences what is done about their own unit, and nobody does so alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import definitions, effects, feel, not_of
from engine.errors import NotAllowed
from engine.organisation import snapshot

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Seen


def check(core: Core, seen: Seen) -> None:
    """NotAllowed when the actor, by any account, belongs to a unit that is kept from operating this instance. A rule that names no unit
    that exists keeps everybody from it."""
    said = definitions.get(core, seen.instance["definition_id"]).model.operating
    if said is None or said.not_of is None or seen.instance["state"] is None:
        return
    _, run = effects.resume(core, seen)
    value = feel.to_json(run.value(said.not_of, seen.instance["facts"]))
    keys = value if isinstance(value, list) else [value]
    named = [core.unit_id(key, seen.world.realm) if isinstance(key, str) else None for key in keys]
    city = snapshot.of(core, seen.organisation)
    units = not_of.around(city, (one for one in named if one is not None))
    if None in named or not seen.someone.home_units.isdisjoint(units):
        raise NotAllowed(
            act_zh="终止、暂停或改动此流程",
            act_en="end, suspend or change this process",
            why_zh="此事项涉及您所在单位、其下级或其上一级单位，须由其他单位的人员操作",
            why_en="it concerns your unit, one below it or the one above it; an operator of another unit must do it",
        )


def second_for(core: Core, definition_id: int) -> frozenset[str]:
    """The acts of an operator that the diagram wants a second person for."""
    said = definitions.get(core, definition_id).model.operating
    return said.second if said is not None else frozenset()


def check_alone(core: Core, seen: Seen, act: str, zh: str, en: str) -> None:
    """As `check`; and NotAllowed when this act must be asked for (`proposing.propose`), for another person allows it."""
    check(core, seen)
    if act in second_for(core, seen.instance["definition_id"]):
        raise NotAllowed(
            act_zh=zh,
            act_en=en,
            why_zh="此流程的终止、暂停须由一位运维员提出、另一人批准，请提出申请",
            why_en="of this process one operator asks for it and another person allows it: ask for it",
        )
