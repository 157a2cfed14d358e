"""What an instance waits for beside people, as rows: timers and actions as jobs, messages and signals as subscriptions; and what
it sends, as jobs of its own transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.model import Trigger
from engine.subscriptions import text
from engine.tables import job, subscription

if TYPE_CHECKING:
    from datetime import datetime

    from engine.bpmn.outcome import Sent
    from engine.leases import Leased
    from engine.steps import Seen, Step
    from engine.writes import WriteSet

Row = dict[str, Any]


def timer_id(task_id: int, index: int = 0, occurrence: int = 0) -> str:
    """The job of a waiting timer: one timer, one occurrence, one job."""
    return f"timer-{task_id}-{index}-{occurrence}" if index or occurrence else f"timer-{task_id}"


def timer_of(job_id: str) -> tuple[int, int, int]:
    """Token, index and occurrence of a timer's job."""
    numbers = [int(part) for part in job_id.split("-")[1:]]
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else (numbers[0], 0, 0)


def action_id(task_id: int) -> str:
    """The job of a service task's action."""
    return f"action-{task_id}"


def token_of(job_id: str) -> int:
    """The token that the job of an action belongs to."""
    return int(job_id.partition("-")[2])


STANDING = ("timer", "action", "deliver", "auto")
"""Kinds of jobs that move their own instance: they are held (`HELD`) while it is suspended. What it has sent already goes on its way."""
WAITING, HELD = "waiting", "held"


def put(
    writes: WriteSet,
    seen: Seen,
    job_id: str,
    kind: str,
    node: str | None,
    due_at: datetime,
    payload: Row | None,
    calendars: int | None = None,
) -> None:
    """Add the row of a job. One that would move a suspended instance is held until it is resumed. `calendars`: the version of the book
    by which its due time was counted, where it is in working time."""
    writes.insert(
        job,
        id=job_id,
        kind=kind,
        node=node,
        due_at=due_at,
        payload=payload,
        world_id=seen.world.id,
        state=HELD if seen.suspended and kind in STANDING else WAITING,
        tries=0,
        fence=0,
        calendars=calendars,
    )


def hold(writes: WriteSet, leased: Leased, **values: Any) -> None:
    """A job that was in a worker's hands when its instance was suspended: it is done when that is resumed."""
    writes.update(job, id=leased.id, state=HELD, lease_until=None, **values)


def keep(step: Step) -> None:
    """Add the rows of what began to wait in this step, was sent or asked for; take away those of what waits no more."""
    outcome, writes, seen = step.outcome, step.writes, step.seen
    taken = {row["id"] for row in writes.deletes.get(job.name, ())}  # the job that this step carries out
    for gone in outcome.gone:
        if gone.trigger is not Trigger.TIMER:
            writes.delete(subscription, task_id=gone.id, idx=gone.index)
        elif (job_id := timer_id(gone.id, gone.index, gone.occurrence)) not in taken:
            writes.delete(job, id=job_id)
    for timer in outcome.timers:
        job_id = timer_id(timer.id, timer.index, timer.occurrence)
        put(writes, seen, job_id, "timer", timer.node.id, timer.due, None, timer.calendars)
    secret = step.definition.model.confidential is not None
    for listening in outcome.listening:
        writes.insert(
            subscription,
            task_id=listening.id,
            idx=listening.index,
            world_id=seen.world.id,
            kind=str(listening.trigger),
            name=text(listening.name),
            key=text(listening.key),
            node=listening.node.id,
            at=step.now,
            inside=secret or listening.inside,
        )
    for action in outcome.actions:
        payload = {"name": action.name, "parameters": action.parameters, "waits": action.waits}
        put(writes, seen, action_id(action.id), "action", action.node.id, step.now, payload)
    for task_id in outcome.actions_gone:
        writes.delete(job, id=action_id(task_id))
    for sent in outcome.sent:
        put(writes, seen, f"send-{sent.id}-{sent.number}", "send", sent.node.id, step.now, _letter(step, sent))


def _letter(step: Step, sent: Sent) -> Row:
    return {
        "what": str(sent.trigger),
        "name": text(sent.name),
        "key": text(sent.key),
        "payload": sent.payload,
        "at": step.now.isoformat(),
        **({"optional": True} if sent.optional else {}),
    }
