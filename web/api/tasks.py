"""User tasks: my inbox, and what one does with a task."""

from __future__ import annotations

from typing import Any

from engine.queries import inbox
from engine.queries.tasks import user_task
from web.api import views
from web.api.house import act, actor, blueprint
from web.api.schemas import DoneSchema
from web.api.task_schemas import (
    CompletedSchema,
    CompleteSchema,
    FailSchema,
    TaskDetailSchema,
    TasksQuerySchema,
    TasksSchema,
    TransferSchema,
)
from web.auth import city
from web.policies import SIGNED_IN, policy

Row = dict[str, Any]


@blueprint.get("/tasks")
@policy(SIGNED_IN)
@blueprint.arguments(TasksQuerySchema, location="query")
@blueprint.response(200, TasksSchema)
def list_tasks(given: Row) -> Row:
    """My inbox, the most urgent first."""
    wanted = inbox.Wanted(
        tab=inbox.Tab(given["tab"]),
        text=given.get("q", ""),
        process=given.get("process"),
        node=given.get("node"),
        page=given["page"],
        size=given["size"],
    )
    page = inbox.page(city().core, actor(), wanted, city().world().now)
    views.names().learn(r["assignee_id"] for r in page.rows)
    return {"items": [views.task(r) for r in page.rows], "more": page.more}


@blueprint.get("/tasks/<ref:ref>")
@policy(SIGNED_IN)
@blueprint.response(200, TaskDetailSchema)
def show_task(ref: str) -> Row:
    """A task with its form and what is known of the fields of that form."""
    core = city().core
    found = user_task(core, actor(), ref)
    form = found.form
    known = views.without(found.known, views.hidden())
    shown = [name for name, p in form.properties.items() if p.access != "hidden"] if form is not None else []
    return {
        **views.task(found.row, found.case),
        "form": dict(form.document) if form is not None else None,
        "facts": {name: known[name] for name in shown if name in known},
    }


@blueprint.post("/tasks/<ref:ref>/complete")
@policy(SIGNED_IN)
@act
@blueprint.arguments(CompleteSchema, example={"answers": {"file_decision": "file", "class": "01"}})
@blueprint.response(200, CompletedSchema)
def complete(given: Row, key: str | None, ref: str) -> Row:
    """Complete a task with the answers to its form. 409 when somebody was first: `who` and `at` say who, and when."""
    reply = city().complete(ref, given["answers"], actor().id, key)
    instance = reply["instance"]
    return {
        "instance": str(instance),
        "opened": [views.ref(instance, opened) for opened in reply["opened"]],
        "ended": reply["ended"],
    }


@blueprint.post("/tasks/<ref:ref>/fail")
@policy(SIGNED_IN)
@act
@blueprint.arguments(FailSchema, example={"code": "no_access", "payload": {"note": "大门锁着"}})
@blueprint.response(200, CompletedSchema)
def fail(given: Row, key: str | None, ref: str) -> Row:
    """Report that a task cannot be done: a BPMN error that an event of the diagram catches (422: none does, the task stays open). For
    those who may complete it, and for operators."""
    reply = city().fail(ref, given["code"], actor().id, given["payload"], key)
    return {
        "instance": str(reply["instance"]),
        "opened": [views.ref(reply["instance"], opened) for opened in reply["opened"]],
        "ended": reply["ended"],
    }


@blueprint.post("/tasks/<ref:ref>/claim")
@policy(SIGNED_IN)
@act
@blueprint.response(200, DoneSchema)
def claim(key: str | None, ref: str) -> Row:
    """Take an offered task: from now on it is mine alone."""
    return {"instance": str(city().claim(ref, actor().id, key)["instance"])}


@blueprint.post("/tasks/<ref:ref>/release")
@policy(SIGNED_IN)
@act
@blueprint.response(200, DoneSchema)
def release(key: str | None, ref: str) -> Row:
    """Give a claimed task back to all it is offered to."""
    return {"instance": str(city().release(ref, actor().id, key)["instance"])}


@blueprint.post("/tasks/<ref:ref>/transfer")
@policy(SIGNED_IN)
@act
@blueprint.arguments(TransferSchema, example={"to": "lvshuhua", "reason": "本人外出"})
@blueprint.response(200, DoneSchema)
def transfer(given: Row, key: str | None, ref: str) -> Row:
    """Hand a task to a colleague who holds the post it is offered to."""
    reply = city().transfer(ref, given["to"], actor().id, given["reason"], key)
    return {"instance": str(reply["instance"])}
