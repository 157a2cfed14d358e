"""Messages and signals from outside, and who one is."""

from __future__ import annotations

from typing import Any

from web.api.house import actor, blueprint
from web.api.schemas import MeSchema, MessageSchema, ReachedSchema, SignalSchema
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
@blueprint.arguments(
    MessageSchema, example={"name": "weather_warning", "correlation": "2026-11", "payload": {"level": "red"}}
)
@blueprint.response(200, ReachedSchema)
def send_message(given: Row) -> Row:
    """Deliver a message to the instances that wait for it (404: none does). Needs the power `operate`."""
    return {"instances": city().message(given["name"], given["correlation"], given["payload"])}


@blueprint.post("/signals")
@policy("operate")
@blueprint.arguments(SignalSchema, example={"name": "all_clear", "payload": {}})
@blueprint.response(200, ReachedSchema)
def send_signal(given: Row) -> Row:
    """Send a signal to every instance that waits for it. Needs the power `operate`."""
    return {"instances": city().signal(given["name"], given["payload"])}
