"""An object-centric event log as OCEL 2.0 (JSON; ocel-standard.org): an event for each history row, and the objects it is about.

Objects: cases, units, people (pseudonyms), certificates (permits) and rows of registers that a case looked up or wrote, each version one.
Events come first and objects after them, in a second pass over the same cases: what has to be kept meanwhile are units and people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from engine.queries import mining
from engine.queries.mining import Case, Wanted
from web.mining.telling import Teller, Told, instant

if TYPE_CHECKING:
    from engine.core import Core

CASE, UNIT, PERSON, CERTIFICATE, REGISTER = "case", "unit", "person", "certificate", "register_row"
ALWAYS: Final = "1970-01-01T00:00:00.000Z"
"""The time of attributes that do not change, as OCEL 2.0 writes it."""

OF_EVENTS: Final = ("transition", "kind", "node", "post")
OF_OBJECTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    CASE: (
        ("number", "string"), ("process", "string"), ("process_key", "string"), ("class", "string"), ("area", "string"),
        ("source", "string"), ("grade", "string"), ("status", "string"), ("outcome", "string"), ("started", "time"),
        ("ended", "time"),
    ),
    UNIT: (("name", "string"),),
    PERSON: (),
    CERTIFICATE: (("kind", "string"), ("number", "string"), ("state", "string"), ("issued", "time")),
    REGISTER: (("register", "string"), ("key", "string"), ("version", "integer")),
}  # fmt: skip
_SAME_NAME: Final = {"number", "class", "area", "source", "grade", "status", "outcome"}


def write(core: Core, wanted: Wanted, locale: str = "zh") -> Iterator[str]:
    """The file in pieces."""
    teller = Teller(core, locale)
    kinds: set[str] = set()
    units: set[str] = set()
    people: set[str] = set()
    yield '{"events": ['
    yield from _listed(_events(core, wanted, teller, (kinds, units, people)))
    yield '],\n"objects": ['
    yield from _listed(_objects(core, wanted, teller, units, people))
    types = [
        {"name": name, "attributes": [{"name": one, "type": "string"} for one in OF_EVENTS]} for name in sorted(kinds)
    ]
    yield '],\n"eventTypes": ' + _text(types)
    of_objects = [
        {"name": name, "attributes": [{"name": one, "type": kind} for one, kind in attributes]}
        for name, attributes in OF_OBJECTS.items()
    ]
    yield ',\n"objectTypes": ' + _text(of_objects) + "}\n"


# ---------------------------------------------------------------- inside


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _listed(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    for place, item in enumerate(items):
        yield ("\n" if place == 0 else ",\n") + _text(item)


def _events(
    core: Core, wanted: Wanted, teller: Teller, seen: tuple[set[str], set[str], set[str]]
) -> Iterator[dict[str, Any]]:
    kinds, units, people = seen
    for case in mining.cases(core, wanted):
        for one in teller.happened(case):
            name = one.name or one.kind
            kinds.add(name)
            units.update([one.unit] if one.unit else [])
            people.update([one.person] if one.person else [])
            yield _event(case, one, name)


def _event(case: Case, one: Told, name: str) -> dict[str, Any]:
    said = zip(OF_EVENTS, (one.transition, one.kind, one.node, one.post), strict=True)
    related = [(_case(case.row["id"]), "case")]
    related += [(f"unit:{one.unit}", "unit")] if one.unit else []
    related += [(one.person, "by")] if one.person else []
    return {
        "id": one.id,
        "type": name,
        "time": instant(one.at),
        "attributes": [{"name": key, "value": value} for key, value in said if value],
        "relationships": [{"objectId": other, "qualifier": how} for other, how in related],
    }


def _objects(core: Core, wanted: Wanted, teller: Teller, units: set[str], people: set[str]) -> Iterator[dict[str, Any]]:
    rows: set[str] = set()
    for case in mining.cases(core, wanted):
        own = teller.unit(case.row["unit_id"])
        if own is not None:
            units.add(own)
        related = [(f"unit:{own}", "responsible")] if own is not None else []
        related += [(_certificate(row), "issued") for row in case.certificates]
        related += [(_case(other), "linked") for other in case.links]
        related += [(_register_row(*one), "looked_up") for one in case.looked_up]
        yield _object(_case(case.row["id"]), CASE, _of_case(teller, case), related)
        for row in case.certificates:
            said = {"kind": row["kind"], "number": row["number"], "state": row["state"], "issued": row["issued_at"]}
            yield _object(_certificate(row), CERTIFICATE, said)
        for one in case.looked_up:
            if _register_row(*one) not in rows:
                rows.add(_register_row(*one))
                yield _object(_register_row(*one), REGISTER, _of_register(*one))
    for case_id, register, key, version, _ in mining.written(core, wanted):
        id = _register_row(register, key, version)
        if id not in rows:  # one that was looked up is there already
            rows.add(id)
            yield _object(id, REGISTER, _of_register(register, key, version), [(_case(case_id), "written_by")])
    for key in sorted(units):
        yield _object(f"unit:{key}", UNIT, {"name": teller.names.unit_by_key(key, teller.locale)})
    for person in sorted(people):
        yield _object(person, PERSON, {})


def _of_case(teller: Teller, case: Case) -> dict[str, Any]:
    row = case.row
    same = {name: row[name] for name in sorted(_SAME_NAME)}
    more = {"process": teller.process(row), "process_key": row["key"], "started": row["started_at"]}
    return {**same, **more, "ended": row["ended_at"]}


def _of_register(register: str, key: str, version: int) -> dict[str, Any]:
    return {"register": register, "key": key, "version": version}


def _object(id: str, kind: str, said: dict[str, Any], related: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    values = ((name, instant(v) if isinstance(v, datetime) else v) for name, v in said.items() if v not in (None, ""))
    return {
        "id": id,
        "type": kind,
        "attributes": [{"name": name, "time": ALWAYS, "value": value} for name, value in values],
        "relationships": [{"objectId": other, "qualifier": how} for other, how in related],
    }


def _case(case_id: int) -> str:
    return f"case:{case_id}"


def _certificate(row: dict[str, Any]) -> str:
    return f"certificate:{row['instance_id']}/{row['id']}"


def _register_row(register: str, key: str, version: int) -> str:
    return f"register:{register}/{key}@{version}"
