"""Joint work: other units asked to assist, duplicates joined, cases that go on in another."""

from __future__ import annotations

from typing import Any

from engine import links
from engine.acts import assisting
from web.api import views
from web.api.house import act, actor, blueprint, read_id
from web.api.instance_schemas import StartedSchema
from web.api.joint_schemas import AssistedSchema, AssistSchema, FollowUpSchema, JoinSchema
from web.api.schemas import DoneSchema
from web.auth import city
from web.policies import SIGNED_IN, policy

Row = dict[str, Any]


@blueprint.post("/tasks/<ref:ref>/assist")
@policy(SIGNED_IN)
@act
@blueprint.arguments(AssistSchema, example={"units": ["sanitation"], "text": "请协助清运"})
@blueprint.response(200, AssistedSchema)
def assist(given: Row, key: str | None, ref: str) -> Row:
    """Ask other units to assist with a task that mine leads, where the diagram has joint work. Each gets a task with its own clock; the
    lead answers."""
    reply = assisting.ask(city().core, ref, given["units"], actor().id, text=given["text"], key=key)
    instance = reply["instance"]
    return {"instance": str(instance), "opened": [views.ref(instance, opened) for opened in reply["opened"]]}


@blueprint.post("/instances/<id:instance>/join")
@policy(SIGNED_IN)
@act
@blueprint.arguments(JoinSchema, example={"main": "4611686018427387904", "reason": "同一处井盖"})
@blueprint.response(200, DoneSchema)
def join(given: Row, key: str | None, instance: int) -> Row:
    """Join a duplicate to the main case: it ends, its reporters follow the main one. For who dispatches, receives, operates or works it."""
    links.join(city().core, instance, read_id(given["main"]), actor().id, given["reason"], key=key)
    return {"instance": str(instance)}


@blueprint.post("/instances/<id:instance>/follow-ups")
@policy(SIGNED_IN)
@act
@blueprint.arguments(FollowUpSchema, example={"kind": "lasting_repair_of", "text": "已设围挡，须更换井座"})
@blueprint.response(201, StartedSchema)
def follow_up(given: Row, key: str | None, instance: int) -> Row:
    """Start another case that is linked to this one: for the lasting repair of what was made safe, or because it is not solved."""
    reply = links.follow_up(city().core, instance, given["kind"], actor().id, given["text"], key=key)
    return {"instance": str(reply["instance"]), "number": reply["number"]}
