"""Event logs: as many cases and events as the database holds, nothing personal, what the formats demand, and each export recorded."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from lxml import etree
from sqlalchemy import insert, select, update

from engine import settings, worlds
from engine.clock import ManualClock
from engine.queries import mining
from engine.queries.mining import Wanted
from engine.tables import audit, history, instance, link, person, task
from tests.bench.story import LOOP, OLD, YOUNG, Walker
from tests.bpmn.drawing import chain, end, process, start, user
from tests.factories import OPERATOR, REPORT
from tests.web.visitor import COLLECTOR, OTHER_LEADER, STRANGER, Visit
from web.city import City
from web.mining import ocel, xes
from web.mining.telling import pseudonym

XES = "{http://www.xes-standard.org/}"
TRANSITIONS = {
    "schedule",
    "assign",
    "withdraw",
    "reassign",
    "start",
    "suspend",
    "resume",
    "pi_abort",
    "ate_abort",
    "complete",
    "autoskip",
    "manualskip",
    "unknown",
}
HOSTILE = "<b>&\"']]>\u0001办理"
ALL = Wanted(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))

TYPES = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "attributes"],
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "attributes": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "type"],
                    "properties": {"type": {"enum": ["string", "time", "integer", "float", "boolean"]}},
                },
            },
        },
    },
}
RELATED = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["objectId", "qualifier"],
        "properties": {"objectId": {"type": "string"}, "qualifier": {"type": "string"}},
        "additionalProperties": False,
    },
}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}


def attributes(*more: str) -> dict[str, Any]:
    wanted = ["name", "value", *more]
    return {"type": "array", "items": {"type": "object", "required": wanted, "properties": {"time": TIME}}}


OCEL = {
    "type": "object",
    "required": ["objectTypes", "eventTypes", "objects", "events"],
    "additionalProperties": False,
    "properties": {
        "objectTypes": TYPES,
        "eventTypes": TYPES,
        "objects": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "type"],
                "properties": {"attributes": attributes("time"), "relationships": RELATED},
            },
        },
        "events": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "type", "time"],
                "properties": {"time": TIME, "attributes": attributes(), "relationships": RELATED},
            },
        },
    },
}
"""What OCEL 2.0's JSON demands, in our words (ocel-standard.org, specification of 2023, section 6)."""


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def month(city: City, clock: ManualClock) -> list[int]:
    """Cases on their way, two of them linked, and one of a process whose step has a name that means harm."""
    walker = Walker(city)
    cases = [walker.start() for _ in range(3)]
    walker.walk(cases[0], (*YOUNG, *OLD))
    walker.walk(cases[1], (*YOUNG, *LOOP))
    clock.advance(timedelta(hours=5))
    city.run_due()
    parts = [start(), user("Do", settings='<ld:candidates post="operator"/>'), end(), chain("S", "Do", "E")]
    name = HOSTILE.replace("\u0001", "").replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    city.deploy({"p.bpmn": process(*parts, id="evil").replace(b'name="Do"', f'name="{name}"'.encode(), 1)})
    cases.append(city.start("evil", {}, OPERATOR))
    city.complete(city.tasks(cases[-1])[0], {}, OPERATOR)
    with city.core.db.write() as connection:
        now = city.core.db.now_on(connection)
        connection.execute(
            insert(link).values(instance_id=cases[0], other_id=cases[1], kind="related", at=now, by_id=None)
        )
    supervised = [row["id"] for row in rows(city, instance) if row["id"] not in cases]
    assert supervised
    return [*cases, *supervised]


def rows(city: City, table: Any) -> list[dict[str, Any]]:
    with city.core.db.read() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def strings(element: Any) -> dict[str, str]:
    return {one.get("key"): one.get("value") for one in element if one.get("key")}


def test_xes_holds_every_row_once_and_what_the_standard_demands(city: City, month: list[int]) -> None:
    text = "".join(xes.write(city.core, ALL))
    root = etree.fromstring(text.encode())
    assert root.tag == XES + "log"
    assert float(root.get("xes.version", "")) >= 1849  # a decimal
    prefixes = {one.get("prefix") for one in root.iter(XES + "extension")}
    assert prefixes == {"concept", "time", "lifecycle", "org"}
    traces = root.findall(XES + "trace")
    events = list(root.iter(XES + "event"))
    assert {strings(one)["case:id"] for one in traces} == {str(case) for case in month}
    kinds = Counter(strings(one)["event:kind"] for one in events)
    opened = kinds.pop("opened")
    assert kinds == Counter(row["kind"] for row in rows(city, history))
    assert opened == len(rows(city, task))
    assert mining.counts(city.core, ALL) == (len(traces), sum(kinds.values()), opened)
    assert len({strings(one)["event:id"] for one in events}) == len(events)
    for trace in traces:
        last = ""
        for event in trace.findall(XES + "event"):
            said = strings(event)
            assert {"concept:name", "time:timestamp", "lifecycle:transition"} <= set(said)  # the log's globals
            assert said["lifecycle:transition"] in TRANSITIONS
            assert said["time:timestamp"] >= last
            last = said["time:timestamp"]
            assert datetime.fromisoformat(last).utcoffset() == timedelta(0)
    assert HOSTILE.replace("\u0001", "") in {strings(one)["concept:name"] for one in events}
    english = "".join(xes.write(city.core, ALL, "en"))
    assert 'key="concept:name" value="Verify"' in english


def test_ocel_holds_every_row_once_and_no_end_is_loose(city: City, month: list[int]) -> None:
    log = json.loads("".join(ocel.write(city.core, ALL)))
    Draft202012Validator(OCEL).validate(log)
    assert len(log["events"]) == len(rows(city, history))
    ids = [one["id"] for one in log["objects"]]
    assert len(ids) == len(set(ids))
    assert {one for one in ids if one.startswith("case:")} == {f"case:{case}" for case in month}
    for kind, items in (("eventTypes", log["events"]), ("objectTypes", log["objects"])):
        known = {one["name"]: {a["name"] for a in one["attributes"]} for one in log[kind]}
        for item in items:
            assert {a["name"] for a in item["attributes"]} <= known[item["type"]]
            assert {r["objectId"] for r in item["relationships"]} <= set(ids)
    first = next(one for one in log["objects"] if one["id"] == f"case:{month[0]}")
    assert {"objectId": f"case:{month[1]}", "qualifier": "linked"} in first["relationships"]
    assert {r["qualifier"] for one in log["events"] for r in one["relationships"]} == {"case", "unit", "by"}


def test_nothing_personal_is_in_a_log(city: City, month: list[int]) -> None:
    both = "".join(xes.write(city.core, ALL)) + "".join(ocel.write(city.core, ALL))
    everybody = rows(city, person)
    for one in everybody:
        assert one["name"] not in both
        assert f'"{one["login"]}"' not in both
    assert "井盖缺失" not in both  # titles
    assert REPORT["place"] not in both
    assert "章华中路" not in both
    actors = {row["actor_id"] for row in rows(city, history) if row["actor_id"] is not None}
    assert set(re.findall(r"P-[0-9a-f]{16}", both)) == {pseudonym(one) for one in actors}
    with city.core.db.write() as connection:
        settings.put(city.core, connection, "mining_people", "units")
    units = "".join(xes.write(city.core, ALL)) + "".join(ocel.write(city.core, ALL))
    assert "P-" not in units
    assert "org:resource" not in units
    assert "org:group" in units


def test_what_is_in_a_log_is_what_its_reader_sees(city: City, month: list[int]) -> None:
    drill = worlds.create(city.core, "drill", "演练", datetime(2026, 6, 10, tzinfo=UTC))
    with city.core.db.write() as connection:
        connection.execute(update(instance).where(instance.c.id == month[0]).values(world_id=drill.id))
        connection.execute(update(instance).where(instance.c.id == month[1]).values(confidential=True))
    for actor, there in ((None, month[2:]), (city.actor(OTHER_LEADER), month[2:]), (city.actor(STRANGER), [])):
        wanted = Wanted(ALL.since, ALL.until, actor=actor)
        log = json.loads("".join(ocel.write(city.core, wanted)))
        assert {o["id"] for o in log["objects"] if o["type"] == "case"} == {f"case:{case}" for case in there}
        assert mining.counts(city.core, wanted)[0] == len(there)
        assert "".join(xes.write(city.core, wanted)).count("<trace>") == len(there)
    one = Wanted(ALL.since, ALL.until, key="evil")
    assert [case.row["id"] for case in mining.cases(city.core, one)] == [month[3]]


def test_pieces_leave_nothing_out(city: City, month: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = "".join(xes.write(city.core, ALL))
    monkeypatch.setattr(mining, "PIECE", 1)
    assert "".join(xes.write(city.core, ALL)) == whole


def test_the_page_and_its_files(city: City, month: list[int], visit: Visit) -> None:
    reader = visit(OTHER_LEADER)
    page = reader.get("/mining?period=month&from=2026-06-10").text
    assert f"受理的案件 {len(month)} 件" in page
    for address in ("/mining.xes", "/mining.jsonocel"):
        answer = reader.get(f"{address}?period=month&from=2026-06-10")
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        assert str(month[0]) in answer.text
        assert str(month[0]) not in reader.get(f"{address}?period=month&from=2026-05-10").text
        told = [row for row in rows(city, audit) if row["kind"] == "exported" and row["about"] == address]
        assert len(told) == 2
        assert told[0]["data"]["from"] == "2026-06-10"
        assert reader.get(f"{address}?period=between&from=2025-01-01&to=2026-06-01").status_code == 422
        assert visit(COLLECTOR).get(address).status_code == 403
    assert visit(COLLECTOR).get("/mining").status_code == 403
