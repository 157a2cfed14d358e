"""Instances: start, look, comment, cancel."""

from __future__ import annotations

from typing import Any

from engine import access, definitions, instances, worlds
from engine.operating import proposing, second
from engine.queries import cases, choosing
from engine.queries import instances as queries
from engine.queries.instances import Wanted
from escalation import lights
from web.api import views
from web.api.event_schemas import IncidentsSchema
from web.api.house import act, actor, blueprint
from web.api.instance_schemas import (
    CommentedSchema,
    CommentSchema,
    InstanceDetailSchema,
    InstancesQuerySchema,
    InstancesSchema,
    StartedSchema,
    StartSchema,
    TrailQuerySchema,
    TrailSchema,
)
from web.api.joint_schemas import ProposedSchema
from web.api.problems import speak
from web.api.schemas import DoneSchema, ReasonSchema
from web.api.task_schemas import TasksSchema
from web.auth import city
from web.policies import SIGNED_IN, policy

Row = dict[str, Any]


@blueprint.post("/instances")
@policy(SIGNED_IN)
@act
@blueprint.arguments(
    StartSchema,
    example={
        "process": "case_dispatch",
        "answers": {"source": "collector", "title": "章华中路井盖缺失", "area": "zhanghua", "place": "章华中路 18 号"},
    },
)
@blueprint.response(201, StartedSchema)
def start(given: Row, key: str | None) -> Row:
    """Start an instance of the newest version of a process with the answers to its start form. Where that runs once and another was
    first, the answers are joined to what runs."""
    reply = instances.start(
        city().core, given["process"], given["answers"], actor().id, key=key, start=given.get("start")
    )
    joined = bool(reply.get("joined"))
    return {"instance": str(reply["instance"]), "number": reply["number"], "joined": joined}


@blueprint.get("/instances")
@policy(SIGNED_IN)
@blueprint.arguments(InstancesQuerySchema, location="query")
@blueprint.response(200, InstancesSchema)
def list_instances(given: Row) -> Row:
    """The instances I may see, newest first."""
    wanted = {("text" if name == "q" else name): value for name, value in given.items()}
    page = queries.page(city().core, actor(), Wanted(**wanted))
    return {"items": [views.instance(r) for r in page.rows], "next": page.next}


@blueprint.get("/instances/<id:instance>")
@policy(SIGNED_IN)
@blueprint.response(200, InstanceDetailSchema)
def show(instance: int) -> Row:
    """An instance with its facts, clocks and open tasks."""
    row = cases.row(city().core, actor(), instance)
    core = city().core
    return {
        **views.instance(row),
        "version": definitions.get(core, row["definition_id"]).version,
        "world": str(row["world_id"]),
        "facts": views.without(row["facts"], views.hidden()),
        "clocks": [
            views.clock(c, standing)
            for c, standing in lights.of_case(core, instance, worlds.get(core, row["world_id"]).now, speak())
        ],
        "tasks": _open_tasks(row),
        "waits": cases.waits(core, instance),
    }


@blueprint.get("/instances/<id:instance>/tasks")
@policy(SIGNED_IN)
@blueprint.response(200, TasksSchema)
def list_open_tasks(instance: int) -> Row:
    """The open tasks of an instance, oldest first."""
    return {"items": _open_tasks(cases.row(city().core, actor(), instance)), "more": False}


@blueprint.get("/instances/<id:instance>/trail")
@policy(SIGNED_IN)
@blueprint.arguments(TrailQuerySchema, location="query")
@blueprint.response(200, TrailSchema)
def show_trail(given: Row, instance: int) -> Row:
    """What happened, oldest first."""
    cases.row(city().core, actor(), instance)  # not theirs to see: not found
    hidden = views.hidden()
    rows = queries.trail(city().core, instance, given["from_"], given["limit"] + 1)
    views.names().learn(r["actor_id"] for r in rows)
    more = len(rows) > given["limit"]
    shown = rows[: given["limit"]]
    return {"items": [views.event(r, hidden) for r in shown], "next": shown[-1]["seq"] + 1 if more else None}


@blueprint.post("/instances/<id:instance>/comments")
@policy(SIGNED_IN)
@act
@blueprint.arguments(CommentSchema, example={"text": "已电话联系责任单位。"})
@blueprint.response(201, CommentedSchema)
def comment(given: Row, key: str | None, instance: int) -> Row:
    """Say something on an instance. It stays in its history."""
    cases.row(city().core, actor(), instance)
    people = choosing.by_login(city().core, actor(), instance, given["people"])
    reply = city().comment(instance, given["text"], actor().id, key, people)
    return {"instance": str(reply["instance"]), "seq": reply["seq"]}


@blueprint.post("/instances/<id:instance>/cancel")
@policy("operate")
@act
@blueprint.arguments(ReasonSchema, example={"reason": "重复上报"})
@blueprint.response(200, DoneSchema)
def cancel(given: Row, key: str | None, instance: int) -> Row:
    """End an instance before its end. Needs the power `operate`."""
    return {"instance": str(city().cancel(instance, actor().id, given["reason"], idempotency_key=key)["instance"])}


@blueprint.get("/incidents")
@policy("operate")
@blueprint.response(200, IncidentsSchema)
def list_incidents() -> Row:
    """Open incidents of all instances, newest first. Needs the power `operate`."""
    return {"items": [views.incident(r) for r in queries.incidents(city().core)]}


@blueprint.get("/instances/<id:instance>/incidents")
@policy("operate")
@blueprint.response(200, IncidentsSchema)
def list_incidents_of(instance: int) -> Row:
    """Incidents of an instance, open and mended. Needs the power `operate`; a confidential instance answers as if there were none."""
    access.check_not_confidential(city().instance(instance))
    return {"items": [views.incident(r) for r in queries.incidents(city().core, instance_id=instance)]}


@blueprint.post("/instances/<id:instance>/incidents/<no:incident>/retry")
@policy("operate")
@act
@blueprint.response(200, ProposedSchema)
def retry(key: str | None, instance: int, incident: int) -> Row:
    """Ask for an incident to be taken as mended, so that its job is tried again; a second person allows it, unless the setting
    `second_person_for` says otherwise. Needs the power `operate`."""
    reply = proposing.propose(city().core, instance, second.RETRY, {"incident": incident}, actor().id, "API", key=key)
    return {"instance": str(reply["instance"]), "operation": str(reply["operation"]), "state": reply["state"]}


def _open_tasks(row: Row) -> list[Row]:
    found = queries.open_tasks(city().core, row["id"])
    views.names().learn(r["assignee_id"] for r in found)
    return [views.task(r, row) for r in found]
