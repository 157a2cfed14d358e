"""Crash an act at every point, and look at what is left: everything of it or nothing, and the act can be repeated."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from engine.audit import standing
from engine.audit.chain import BEGINNING, HISTORY, link
from engine.clock import ManualClock
from engine.tables import history, instance, metadata
from tests import laws
from tests.conftest import A_WORKING_MORNING
from tests.faults.scenes import Scene
from tests.faults.wrecking import ConnectionLost, wrecked
from web.city import City

HOT = [t for t in metadata.sorted_tables if t.info.get("hot")]
_QUERIES = {
    t.name: select(t).where((t.c.id if t is instance else t.c.instance_id) == bindparam("i")).order_by(*t.primary_key)
    for t in HOT
}
_OWN = {
    "instance": ("id", "history_hash"),
    "receipt": ("request", "reply"),
    "history": ("hash", "written_at"),
    "identity": ("id", "sealed"),  # sealed anew each time, under an id of its own
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(\+00:00|Z)?")


def snapshot(city: City, case: int) -> str:
    """Everything stored of an instance, told so that two instances can be compared: times since its start, no ids of its own."""
    with city.core.db.read() as connection:
        parts = {name: [dict(r) for r in connection.execute(q, {"i": case}).mappings()] for name, q in _QUERIES.items()}
    (row,) = parts[instance.name]
    assert _chained(parts[history.name], row["history_hash"]), "the chain of its history is broken"
    said = [
        d for each in parts[history.name] if (d := (each["data"] or {}).pop(standing.SAID, None))
    ]  # covers the number
    assert said[-1] == standing.told(row, row)[standing.SAID], "the case is not what its history says"
    for each in parts[history.name]:
        for sealed in (each["data"] or {}).get("identity", ()):
            sealed.update(hash=bool(sealed["hash"]), id=bool(sealed["id"]))
    for each in parts["words"]:
        each["words"] = bool(each["words"])  # which and how many follow from the number
    for table, found in parts.items():
        for each in found:
            for gone in ("instance_id", "lease_until", "fence", *_OWN.get(table, ())):
                each.pop(gone, None)

    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return str(value - row["started_at"])
        return value.hex() if isinstance(value, bytes) else str(value)

    text = json.dumps(parts, default=plain, ensure_ascii=False, sort_keys=True)
    text = text.replace(str(case), "<id>").replace(str(row["number"]) or "<none>", "<number>")
    return re.sub(r"(start-)\w+", r"\1n", _TIME.sub("<time>", text))


def _chained(rows: list[dict[str, Any]], end: str | None) -> bool:
    before = BEGINNING
    for each in rows:
        before = link(before, each, HISTORY)
        if each["hash"] != before:
            return False
    return before == (end or BEGINNING)


@dataclass
class Sweep:
    """What a sweep over all points of a scene found."""

    points: int = 0
    undone: int = 0
    done: int = 0


def crash_everywhere(city: City, scene: Scene) -> Sweep:
    """AssertionError at the first crash that leaves half of the act, or an act that cannot be repeated."""
    case = scene.act(city, prepared(city, scene))
    whole = snapshot(city, case)
    given = prepared(city, scene)
    with wrecked(city.core.db) as wreck:
        scene.act(city, given)
    result = Sweep(points=wreck.point)
    given = prepared(city, scene)
    nothing = "" if scene.name == "start" else snapshot(city, given)
    for point in range(wreck.point):
        with wrecked(city.core.db, point):
            try:
                case = scene.act(city, given)
            except ConnectionLost:
                case = 0
        if case:  # less was to be leased this time
            assert point > 0.9 * wreck.point, f"{scene.name}: point {point} of {wreck.point} was not reached"
            given = prepared(city, scene)
            break
        case = given if scene.name != "start" else _started(city, given)
        left = snapshot(city, case) if case else ""
        where = f"{scene.name}: after a crash at point {point}, {wreck.names[point]}"
        assert left in (nothing, whole), f"{where}: half done: {difference(left, nothing)}"
        if case:
            laws.check(city, case)
        if left == nothing:
            result.undone += 1
            continue
        result.done += 1
        again = snapshot(city, scene.act(city, given))
        assert again == whole, f"{where}: repeated, it is not the same: {difference(again, whole)}"
        given = prepared(city, scene)
    case = scene.act(city, given)
    assert snapshot(city, case) == whole, f"{scene.name}: after all the crashes it is another act"
    laws.check(city, case)
    return result


def prepared(city: City, scene: Scene) -> int:
    """The instance at its point, on the same morning every time: deadlines fall the same."""
    assert isinstance(city.core.clock, ManualClock)
    city.core.clock.set(A_WORKING_MORNING)
    return scene.prepare(city)


def difference(one: str, other: str) -> list[str]:
    """Where two snapshots part."""
    a, b = json.loads(one or "{}"), json.loads(other or "{}")
    return [f"{t}: {a.get(t)} / {b.get(t)}" for t in sorted({*a, *b}) if a.get(t) != b.get(t)]


def _started(city: City, given: int) -> int:
    found = [
        r["instance_id"] for r in laws.rows(city, metadata.tables["receipt"]) if r["key"].endswith(f":start-{given}")
    ]
    return int(found[0]) if found else 0
