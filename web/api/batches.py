"""One act on many tasks: asked for, watched, stopped."""

from __future__ import annotations

from typing import Any

from engine.batches import asking, working
from web.api.batch_schemas import AskBatchSchema, BatchesSchema, BatchSchema
from web.api.house import act, actor, blueprint
from web.api.problems import speak
from web.auth import city
from web.policies import SIGNED_IN, policy

Row = dict[str, Any]

AT_ONCE_SECONDS = 1.0
"""What can be done in this time is done before the answer; workers do the rest."""


@blueprint.get("/batches")
@policy(SIGNED_IN)
@blueprint.response(200, BatchesSchema)
def list_batches() -> Row:
    """My newest batches, without their tasks."""
    return {"items": [_batch(each) for each in asking.mine(city().core, actor().id)]}


@blueprint.post("/batches")
@policy(SIGNED_IN)
@act
@blueprint.arguments(AskBatchSchema, example={"act": "claim", "tasks": ["4611686018427387904.3"]})
@blueprint.response(202, BatchSchema)
def ask_batch(given: Row, key: str | None) -> Row:
    """Do one act on many tasks. Each is an act of its own, with a result of its own; small batches are done in the answer, of larger
    ones ask for the progress."""
    core = city().core
    params: Row = {name: given[name] for name in ("answers", "reason") if name in given}
    if "to" in given:
        params["to"] = city().actor(given["to"]).id
        params.setdefault("reason", "")
    batch_id = asking.ask(core, given["act"], given["tasks"], actor().id, params, key=key)
    working.work(core, batch_id, AT_ONCE_SECONDS)
    return _whole(batch_id)


@blueprint.get("/batches/<no:batch_id>")
@policy(SIGNED_IN)
@blueprint.response(200, BatchSchema)
def show_batch(batch_id: int) -> Row:
    """One of my batches: how far it is, and what became of each task."""
    return _whole(batch_id)


@blueprint.post("/batches/<no:batch_id>/stop")
@policy(SIGNED_IN)
@blueprint.response(200, BatchSchema)
def stop_batch(batch_id: int) -> Row:
    """Do nothing more of it. What was done stays done."""
    asking.stop(city().core, batch_id, actor().id)
    return _whole(batch_id)


# ---------------------------------------------------------------- inside


def _whole(batch_id: int) -> Row:
    return _batch(asking.get(city().core, batch_id, actor().id))


def _batch(found: asking.Batch) -> Row:
    names = ("act", "state", "total", "done", "refused", "left", "at", "ended_at")
    return {
        "id": str(found.id),
        **{name: getattr(found, name) for name in names},
        "items": [
            {
                "task": item.ref,
                "state": item.state,
                "code": item.code,
                "detail": item.text(speak()) or None,
                "at": item.at,
            }
            for item in found.items
        ],
    }
