"""What tests of the organisation share: its administrators, a process worked by the responsible unit, and changes carried out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select

from engine.organisation import changes
from engine.tables import unit
from tests.bpmn.drawing import chain, end, process, start, user
from web.city import City

ADMINISTRATOR, SECURITY, AUDITOR = "shenjiahao", "feiguoqing", "jiaqiaoyun"
STARTER = "lijianguo"

_OURS = '<ld:candidates unit="=responsible_unit" post="handler"/>'
UNIT_WORK = {
    "unit_work.bpmn": process(
        start(), user("A", settings=_OURS), user("B", settings=_OURS), end(), chain("S", "A", "B", "E"), id="unit_work"
    )
}
"""Two tasks of the responsible unit, one after the other."""

WATER: dict[str, Any] = {
    "key": "water",
    "name_zh": "水务集团",
    "name_en": "Water Group",
    "kind": "company",
    "parent": "city_management_bureau",
}
MERGE: dict[str, Any] = {"units": ["water_supply", "drainage"], "into": WATER}


def cases(city: City, count: int, unit_key: str, **facts: str) -> list[int]:
    """So many cases whose first task waits for a unit."""
    given = {"responsible_unit": unit_key, "title": "积水", **facts}
    return [city.start("unit_work", {}, STARTER, given=given) for _ in range(count)]


def proposed(city: City, kind: str, plan: dict[str, Any]) -> int:
    """A change that is approved, and not carried out yet."""
    change = city.propose(kind, plan, ADMINISTRATOR, "机构改革")
    city.approve(change, SECURITY)
    return change


def changed(city: City, kind: str, plan: dict[str, Any]) -> changes.Change:
    """A change carried out to its end."""
    change = proposed(city, kind, plan)
    city.run_due()
    done = changes.get(city.core, change)
    assert (done.state, done.error) == ("applied", None)
    return done


def rows(city: City, table: Table, **where: Any) -> list[dict[str, Any]]:
    """Rows of a table."""
    with city.core.db.read() as connection:
        query = select(table).where(*(table.c[name] == value for name, value in where.items()))
        return [dict(r) for r in connection.execute(query).mappings()]


def unit_id(city: City, key: str) -> int:
    """The id of the very unit with this key, ended or not."""
    return int(rows(city, unit, key=key)[0]["id"])
