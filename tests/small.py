"""Small processes in two versions, for tests of plans by which running cases change to another."""

from __future__ import annotations

import json
from typing import Any

from engine import definitions
from engine.bpmn.changing import pairing
from engine.migrating import deciding, plans, working
from engine.migrating.asked import ALL, Chosen
from engine.migrating.plans import Plan
from engine.queries import deployed
from tests.bpmn.drawing import DECLARED, chain, end, ext, process, start, user
from tests.changing import OTHER
from tests.factories import DESIGNER
from web.city import City

TINY = "tiny"
WHO = '<ld:candidates post="handler"/>'


def form(**fields: str) -> bytes:
    """A form that asks for these: name and type."""
    asked = {name: {"type": kind, "title": name, "x-title": {"en": name}} for name, kind in fields.items()}
    return json.dumps({"type": "object", "title": "填写", "x-title": {"en": "Fill in"}, "properties": asked}).encode()


def clock(id_: str, name: str = "", budget: str = "2", unit: str = "work_day", **more: str) -> str:
    """A clock, for a node or the process."""
    said = "".join(f' {key}="{value}"' for key, value in more.items())
    return f'<ld:clock id="{id_}" name="{name or id_}" nameEn="{name or id_}" budget="{budget}" unit="{unit}"{said}/>'


def task(id_: str, inside: str = "", settings: str = "") -> str:
    """A user task of the handlers."""
    return user(id_, inside, settings=WHO + settings)


def deploy(city: City, *parts: str, settings: str = "", files: dict[str, bytes] | None = None, key: str = TINY) -> int:
    """One more version; answers its number."""
    with city.core.db.read() as connection:
        known = definitions.newest_ids(connection)
    number = len(deployed.versions(city.core, key)) if key in known else 0
    diagram = process(ext(settings), start(), *parts, id=key, name=f"{key} {number + 1}", before=DECLARED)
    city.deploy({f"{key}.bpmn": diagram, **(files or {})}, DESIGNER)
    return city.definition(key).version


def line(*steps: str) -> tuple[str, ...]:
    """Tasks one after the other, drawn."""
    names = [step.partition('id="')[2].partition('"')[0] for step in steps]
    return (*steps, end(), chain("S", *names, "E"))


def model(city: City, number: int, key: str = TINY) -> Any:
    """What a version's diagram says."""
    return definitions.get(city.core, deployed.version(city.core, key, number)["id"]).model


def drawn_up(
    city: City,
    source: int = 1,
    target: int = 2,
    *,
    key: str = TINY,
    clocks: dict[str, str] | None = None,
    chosen: Chosen = ALL,
    **nodes: str,
) -> int:
    """A plan, as it is proposed but for what is given; a node given as "" has no counterpart."""
    pairs = {**pairing.propose(model(city, source, key), model(city, target, key)), **nodes}
    pairs = {old: new for old, new in pairs.items() if new}
    return deciding.make(city.core, key, source, target, pairs, DESIGNER, clocks=clocks, chosen=chosen)


def tried(city: City, plan: int) -> dict[str, int]:
    """The dry run is done: how many cases would go."""
    while working.run_due(city.core):
        pass
    found = plans.get(city.core, plan)
    assert found.state == plans.TRIED
    return found.counts


def done(city: City, plan: int) -> dict[str, int]:
    """Tried, proposed, approved by another, and carried out."""
    tried(city, plan)
    deciding.propose(city.core, plan, DESIGNER, "在办的一并改按新版")
    deciding.approve(city.core, plan, OTHER, "同意")
    while working.run_due(city.core):
        pass
    found = plans.get(city.core, plan)
    assert found.state == plans.DONE
    return found.counts


def migrated(city: City, source: int = 1, target: int = 2, **given: Any) -> Plan:
    """A plan from being drawn up to its end."""
    plan = drawn_up(city, source, target, **given)
    done(city, plan)
    return plans.get(city.core, plan)


def why(city: City, plan: int) -> tuple[str, str]:
    """The one reason why cases cannot go: its code, and its words."""
    (reason,) = plans.reasons(city.core, plan)
    return reason["code"], reason["zh"]
