"""Named server actions: run as jobs after the commit; their result comes back in a step that takes the job away. What an action does to
its own instance alone (telling people) it does inside that very step (`Core.actions_within`): with the job, or not at all.
In a trial of a draft the city's own actions run as in a drill (they keep to their world); one that it does not have is told with what it
would have been called with, and answers nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import effects, waits
from engine.errors import BusinessError, StepFailed
from engine.events import Event
from engine.steps import Reply, Seen, run
from engine.tables import job
from engine.waits import token_of
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core
    from engine.leases import Leased

Row = dict[str, Any]


class NotTaken(Exception):
    """An action was done, but the process could not go on with its result. `done` is kept for the next try."""

    def __init__(self, cause: Exception, done: Row) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.done = done


def carry_out(core: Core, leased: Leased) -> None:
    """Do an action, unless an earlier try did it, and let the service task that waits for it go on. An action that is done when
    nothing waits for it any more was done all the same: the history says so."""
    payload = leased.payload or {}
    within = core.actions_within.get(payload.get("name", ""))
    before: Row | None = payload.get("done") or (_do(core, leased, payload) if within is None else None)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        if seen.suspended and payload.get("waits"):
            waits.hold(writes, leased, payload={**payload, "done": before})
            return {}
        writes.delete(job, id=leased.id)
        done = before or {"name": payload["name"]}
        if seen.world.is_trial:
            done["called"] = payload.get("parameters", {})
        if before is None and within is not None:
            done["result"] = within(core, seen, writes, payload.get("parameters", {}))
        if not payload.get("waits") or seen.instance["state"] is None:
            effects.record(seen, writes, Event.ACTION_DONE, node=leased.node, data=done)
            return {}
        definition, process_run = effects.resume(core, seen)
        if "error" in done:
            goes_on = process_run.acted_wrong(token_of(leased.id), done["error"], done["result"])
        else:
            goes_on = process_run.acted(token_of(leased.id), done["result"])
        if goes_on:
            effects.apply(
                core, definition, seen, writes, process_run, Event.ACTION_DONE, node=leased.node, data=dict(done)
            )
        else:
            effects.record(seen, writes, Event.ACTION_DONE, node=leased.node, data=done)
        return {}

    try:
        run(core, leased.instance_id, plan, fence=leased.held)
    except StepFailed as error:
        if before is None:
            raise  # what it did was part of the step, and is undone with it
        raise NotTaken(error, before) from error


def _do(core: Core, leased: Leased, payload: Row) -> Row:
    name = payload.get("name", "")
    action = core.actions.get(name)
    if action is None and leased.world_id < 0:
        return {"name": name, "result": {}, "simulated": True}
    if action is None:
        raise LookupError(f"no server action is called {name!r}")
    try:
        return {"name": name, "result": action(core, leased.instance_id, payload.get("parameters", {}))}
    except BusinessError as error:
        return {"name": name, "result": error.payload, "error": error.error_code}
