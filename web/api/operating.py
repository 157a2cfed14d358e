"""What operators set right in an instance: hold it, and, with a second person, move a token, set a variable, retry an incident."""

from __future__ import annotations

from typing import Any

from engine.operating import proposing, suspending
from web.api.house import act, actor, blueprint
from web.api.joint_schemas import (
    DecideSchema,
    OperationsSchema,
    ProposedSchema,
    ProposeSchema,
    WhySchema,
)
from web.api.schemas import DoneSchema
from web.auth import city
from web.policies import policy

Row = dict[str, Any]


@blueprint.post("/instances/<id:instance>/suspend")
@policy("operate")
@act
@blueprint.arguments(WhySchema, example={"reason": "等待上级批复"})
@blueprint.response(200, DoneSchema)
def suspend(given: Row, key: str | None, instance: int) -> Row:
    """Let an instance stand still: its tasks, timers and what comes for it wait. Needs the power `operate`."""
    return _done(suspending.suspend(city().core, instance, actor().id, given["reason"], key=key))


@blueprint.post("/instances/<id:instance>/resume")
@policy("operate")
@act
@blueprint.arguments(WhySchema, example={"reason": "已批复"})
@blueprint.response(200, DoneSchema)
def resume(given: Row, key: str | None, instance: int) -> Row:
    """Let a suspended instance go on; timers have left what they had. Needs the power `operate`."""
    return _done(suspending.resume(city().core, instance, actor().id, given["reason"], key=key))


@blueprint.get("/operations")
@policy("operate")
@blueprint.response(200, OperationsSchema)
def list_operations() -> Row:
    """Operations that wait for a second person, the newest first. Needs the power `operate`."""
    return {"items": [_operation(one) for one in proposing.listing(city().core, actor(), open_only=True)]}


@blueprint.post("/instances/<id:instance>/operations")
@policy("operate")
@act
@blueprint.arguments(ProposeSchema, example={"kind": "retry", "data": {"incident": 7}, "reason": "原因已排除"})
@blueprint.response(200, ProposedSchema)
def propose(given: Row, key: str | None, instance: int) -> Row:
    """Ask for an operation: `move` (data: token, to), `set` (name, value), `retry` (incident). It is done at once only where the setting
    `second_person_for` does not name its kind. Needs the power `operate`."""
    reply = proposing.propose(city().core, instance, given["kind"], given["data"], actor().id, given["reason"], key=key)
    return {"instance": str(reply["instance"]), "operation": str(reply["operation"]), "state": reply["state"]}


@blueprint.post("/instances/<id:instance>/operations/<no:number>")
@policy("operate")
@act
@blueprint.arguments(DecideSchema, example={"decision": "approve", "note": "同意"})
@blueprint.response(200, DoneSchema)
def decide(given: Row, key: str | None, instance: int, number: int) -> Row:
    """Approve and carry out what another human being asked for, refuse it with a note, or withdraw one's own. Needs the power
    `operate`."""
    core, me, note = city().core, actor().id, given["note"]
    if given["decision"] == "approve":
        return _done(proposing.approve(core, instance, number, me, note, key=key))
    if given["decision"] == "refuse":
        return _done(proposing.refuse(core, instance, number, me, note, key=key))
    return _done(proposing.withdraw(core, instance, number, me, key=key))


# ---------------------------------------------------------------- inside


def _done(reply: Row) -> Row:
    return {"instance": str(reply["instance"])}


def _operation(one: proposing.Operation) -> Row:
    data = one.data if one.sees else {name: one.data[name] for name in one.data if name not in ("before", "after")}
    return {
        "instance": str(one.instance_id),
        "operation": str(one.id),
        "kind": one.kind,
        "state": one.state,
        "data": data,
        "reason": one.reason,
        "by": str(one.by_id),
        "at": one.at,
    }
