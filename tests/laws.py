"""What is true of every instance after whatever happened: state, tasks, timers, clocks and history agree. Read from the rows."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, select

from engine import definitions, effects
from engine.bpmn.model import Trigger
from engine.bpmn.runtime import resting
from engine.steps import Seen
from engine.tables import history, incident, instance, job, membership, post, receipt, subscription, task, unit
from engine.waits import timer_of, token_of
from engine.worlds import get as get_world
from escalation.tables import clock
from web.city import City

Row = dict[str, Any]


class Places:
    """What is there to belong to: units, posts, and who holds which; read once by who looks often."""

    def __init__(self, city: City) -> None:
        with city.core.db.read() as connection:
            self.units = set(connection.execute(select(unit.c.id)).scalars())
            self.posts = set(connection.execute(select(post.c.key)).scalars())
            held = connection.execute(select(membership.c.unit_id, membership.c.post_key)).all()
        self.holders: set[tuple[int | None, str]] = {place for u, p in held for place in ((u, p), (None, p))}


PARTS = (task, history, job, subscription, clock, incident, receipt)


def rows(city: City, table: Any, instance_id: int | None = None) -> list[Row]:
    """The rows of a hot table, of one instance or all."""
    with city.core.db.read() as connection:
        return _rows(connection, table, instance_id)


def _rows(connection: Connection, table: Any, instance_id: int | None) -> list[Row]:
    found = connection.execute(
        _query(table, instance_id is not None), {"i": instance_id} if instance_id is not None else {}
    )
    return [dict(r) for r in found.mappings()]


@cache
def _query(table: Any, one: bool) -> Any:
    query = select(table).order_by(*table.primary_key.columns)
    column = table.c.id if table is instance else table.c.instance_id
    return query.where(column == bindparam("i")) if one else query


def check(city: City, only: int | None = None) -> int:
    """Every law, for every instance or only one; answers how many were looked at. AssertionError names law and instance."""
    with city.core.db.read() as connection:
        found = _rows(connection, instance, only)
        parts = {table.name: _rows(connection, table, only) for table in PARTS}
    places = Places(city)
    for row in found:
        judge(
            city,
            row,
            {name: [r for r in all_ if r["instance_id"] == row["id"]] for name, all_ in parts.items()},
            places,
        )
    return len(found)


def look(city: City, instance_id: int, places: Places) -> dict[str, list[Row]]:
    """Every law for one instance; answers its rows, by table."""
    with city.core.db.read() as connection:
        (row,) = _rows(connection, instance, instance_id)
        mine = {table.name: _rows(connection, table, instance_id) for table in PARTS}
    judge(city, row, mine, places)
    return {"instance": [row], **mine}


def judge(city: City, row: Row, mine: dict[str, list[Row]], places: Places) -> None:
    """Every law, of these rows of an instance."""
    _instance(city, row, mine)
    _history(row, mine)
    _clocks(city, row, mine)
    for each in mine["task"]:
        assert each["unit_id"] is None or each["unit_id"] in places.units, each
        if each["post_key"] is None:
            assert each["assignee_id"] is not None, "offered to nobody"
            continue
        assert each["post_key"] in places.posts, each
        assert each["state"] != "open" or (each["unit_id"], each["post_key"]) in places.holders, each


def _instance(city: City, row: Row, mine: dict[str, list[Row]]) -> None:
    still = "suspended" if row["status"] == "suspended" else "open"
    assert {t["state"] for t in mine["task"]} & {"open", "suspended"} <= {still}, "its tasks stand still with it"
    held = {"timer", "deliver", "action", "auto"}
    for each in mine["job"]:
        wanted = "held" if still == "suspended" and each["kind"] in held else "waiting"
        assert each["state"] in (wanted, "failed"), each
    open_ids = {t["id"] for t in mine["task"] if t["state"] == still}
    timers = {timer_of(j["id"]) for j in mine["job"] if j["kind"] == "timer"}
    acting = {token_of(j["id"]) for j in mine["job"] if j["kind"] == "action" and j["payload"].get("waits")}
    listening = {(s["task_id"], s["idx"]): (s["kind"], s["name"], s["key"]) for s in mine["subscription"]}
    ended = row["status"] not in ("active", "suspended")
    assert ended == (row["state"] is None) == (row["ended_at"] is not None), row
    assert row["revision"] >= 1
    if ended:
        assert not open_ids, "an ended instance has open tasks"
        assert not timers, "an ended instance has timers"
        assert not listening, "an ended instance waits for messages"
        assert not acting, "an ended instance waits for an action"
        return
    world = get_world(city.core, row["world_id"])
    seen = Seen(row, world, None, {}, {}, None)
    _, run = effects.resume(city.core, seen)
    assert set(run._open) == open_ids, "the tasks of the inbox are those the state waits for"
    waits = {key for key, trigger in run._before.items() if trigger is Trigger.TIMER}
    assert waits == timers, "a job for every waiting timer, and no other"
    hears = {key[:2] for key, trigger in run._before.items() if trigger is not Trigger.TIMER}
    assert hears == set(listening), "a subscription for every message and signal that is waited for, and no other"
    assert run._acting == acting, "a job for every service task that waits, and no other"
    resting.check_alive(
        run.workflow, anything=bool(open_ids or waits or hears or acting)
    )  # StepFailed when live and stuck
    for each in mine["task"]:
        if each["id"] in open_ids:
            token = run._open[each["id"]]
            assert each["node"] == token.task_spec.node.id
            assert each["definition_id"] == (token.workflow.definition or row["definition_id"])
            assert (each["within"] or "") == token.workflow.prefix.rstrip("/")


def _history(row: Row, mine: dict[str, list[Row]]) -> None:
    trail = mine["history"]
    assert [h["seq"] for h in trail] == list(range(row["history_count"])), "history is without gaps"
    assert trail[0]["kind"] == "started"
    assert sum(h["kind"] == "started" for h in trail) == 1
    completed = Counter(h["task_id"] for h in trail if h["kind"] == "completed")
    assert set(completed.values()) <= {1}, "a task is completed once"
    assert set(completed) == {t["id"] for t in mine["task"] if t["state"] == "completed"}
    opened = [t for h in trail for t in (h["data"] or {}).get("opened", ())]
    assert sorted(opened) == sorted(t["id"] for t in mine["task"]), "history told of every task once"
    assert [i["id"] for i in mine["incident"]] == [h["seq"] for h in trail if h["kind"] == "failed"]
    for each in mine["task"]:
        assert (each["state"] in ("open", "suspended")) == (each["closed_at"] is None), each
        assert (each["assignee_id"] is None) == (each["claimed_at"] is None), each
    breached = Counter((h["data"]["clock"], h["task_id"] or 0) for h in trail if h["kind"] == "breached")
    assert set(breached.values()) <= {1}, "a breach is told once"


def _clocks(city: City, row: Row, mine: dict[str, list[Row]]) -> None:
    running = {(c["name"], c["task_id"]) for c in mine["clock"] if c["stopped_at"] is None}
    wanted = {
        (setting.id, t["id"])
        for t in mine["task"]
        if t["state"] in ("open", "suspended")
        for setting in definitions.get(city.core, t["definition_id"]).model.nodes[t["node"]].settings.clocks
    }
    assert {c for c in running if c[1]} == wanted, "a task's clocks run while it is open"
    assert row["status"] in ("active", "suspended") or not running, "nothing runs on after the end"
    for each in mine["clock"]:
        until = each["stopped_at"]
        assert until is None or until >= each["started_at"], each
        if each["breached_at"] is not None:
            assert each["breached_at"] == each["due_at"] or each["task_id"] == 0, each
        if until is not None and each["due_at"] is not None and until > each["due_at"]:
            assert each["breached_at"] is not None, "stopped late without a breach"
    own = {t["id"]: t for t in mine["task"]}
    for name, task_id in running:
        due = next(c["due_at"] for c in mine["clock"] if (c["name"], c["task_id"]) == (name, task_id))
        if task_id and due is not None:
            assert own[task_id]["due_at"] is not None
            assert own[task_id]["due_at"] <= due, "an inbox sorts by the first due time"
