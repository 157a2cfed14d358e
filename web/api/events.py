"""Messages and signals from outside, and who one is."""

from __future__ import annotations

from typing import Any

from web.api.event_schemas import MeSchema, MessageSchema, ReachedSchema, SignalSchema
from web.api.house import act, actor, blueprint
from web.api.schemas import DoneSchema
from web.auth import city
from web.policies import SIGNED_IN, policy

Row = dict[str, Any]


@blueprint.get("/me")
@policy(SIGNED_IN)
@blueprint.response(200, MeSchema)
def me() -> Row:
    """Who I am here, and what I may do."""
    person = actor()
    return {
        "id": str(person.id),
        "login": person.login,
        "name": person.name,
        "posts": [{"unit": p.unit_key, "post": p.post} for p in person.posts],
        "powers": sorted(person.powers),
    }


@blueprint.post("/messages")
@policy("operate")
@act
@blueprint.arguments(
    MessageSchema, example={"name": "weather_warning", "correlation": "2026-11", "payload": {"level": "red"}}
)
@blueprint.response(200, DoneSchema)
def send_message(given: Row, key: str | None) -> Row:
    """Give a message to the one instance that waits for it with this correlation, the one that has waited longest, or else to the
    process that begins by it (404: there is neither, or only such as take it from other processes of the house). A process that runs
    once, and runs already, is told instead: the message joins it. Needs the power `operate`."""
    reached = city().message(given["name"], given["correlation"], given["payload"], actor().id, idempotency_key=key)
    return {"instance": str(reached)}


@blueprint.post("/signals")
@policy("operate")
@act
@blueprint.arguments(SignalSchema, example={"name": "all_clear", "payload": {}})
@blueprint.response(200, ReachedSchema)
def send_signal(given: Row, key: str | None) -> Row:
    """Hand a signal to every instance that waits for it, and begin every process that begins by it; not those that take it from other
    processes of the house only. Needs the power `operate`."""
    reached = city().signal(given["name"], given["payload"], actor().id, idempotency_key=key)
    return {"instances": len(reached)}
