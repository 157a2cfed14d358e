"""An instance stands still (暂停) until it is resumed (恢复): nobody works it, nothing in it moves.

Its tasks are in no inbox, its timers, actions and the messages that come for it are held. What people promised runs on: the clocks of
a case do not stop because the city holds it. When it is resumed, a timer that counts from when it began has as long left as it had; a
date stays a date. One may still read it, speak of it, and end it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access, effects, notices
from engine.acts.base import clean_text
from engine.audit import standing
from engine.errors import Invalid, NotFound
from engine.events import Event
from engine.operating import guarding, second
from engine.states import InstanceStatus, TaskState, move_instance, move_task
from engine.steps import Reply, Seen, run
from engine.tables import history, job, task
from engine.waits import HELD, STANDING, WAITING, timer_of
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def suspend(core: Core, instance_id: int, by: int | str, reason: str, *, key: str | None = None) -> Reply:
    """Let an instance stand still, with a reason. For operators. NotFound: there is no such running case, or it is about the actor's
    unit; Suspended: it stands still already; Invalid without a reason. Answers {"instance", "tasks": how many are held}."""
    reason = clean_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        _check(seen, "暂停流程", "suspend an instance")
        guarding.check_alone(core, seen, second.SUSPEND, "暂停流程", "suspend an instance")
        return {"instance": instance_id, "tasks": hold(core, seen, writes, {"text": reason})}

    return run(core, instance_id, plan, by, key, {"act": "suspend", "reason": reason})


def hold(core: Core, seen: Seen, writes: WriteSet, said: Row) -> int:
    """Let it stand still, in this step; `said`: what its history tells. Answers how many tasks are held."""
    writes.instance["status"] = _moved(seen, InstanceStatus.SUSPENDED)
    for row in seen.open_tasks.values():
        writes.update(task, id=row["id"], state=move_task(row["state"], TaskState.SUSPENDED))
    for row in _jobs(core, writes.instance_id, WAITING):
        writes.update(job, id=row["id"], state=HELD)
    seq = effects.record(seen, writes, Event.SUSPENDED, actor=seen.actor, data=said)
    _tell(seen, writes, seq, Event.SUSPENDED, str(said["text"]))
    return len(seen.open_tasks)


def resume(core: Core, instance_id: int, by: int | str, reason: str, *, key: str | None = None) -> Reply:
    """Let a suspended instance go on, with a reason. For operators. NotFound as for `suspend`; Invalid when it does not stand still.
    Answers {"instance", "after": the seconds it stood still}."""
    reason = clean_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        _check(seen, "恢复流程", "resume an instance")
        if not seen.suspended:
            _moved(seen, InstanceStatus.SUSPENDED)  # NotFound when it has ended
            raise Invalid(why_zh="案件没有暂停，无须恢复", why_en="the case is not suspended")
        writes.instance["status"] = _moved(seen, InstanceStatus.ACTIVE)
        length = max(seen.now - _since(core, instance_id), timedelta())
        _, process_run = effects.resume(core, seen)
        moved = process_run.postpone(length)
        writes.instance["state"] = process_run.outcome().state
        for row in seen.open_tasks.values():
            writes.update(task, id=row["id"], state=move_task(row["state"], TaskState.OPEN))
        for row in _jobs(core, instance_id):
            waits = timer_of(row["id"])[:2] if row["kind"] == "timer" else None
            due = {"due_at": moved[waits] or row["due_at"] + length} if waits in moved else {}
            state = {"state": WAITING} if row["state"] == HELD else {}
            if due or state:
                writes.update(job, id=row["id"], **due, **state)
        data = {"text": reason, "after": int(length.total_seconds()), **standing.told(seen.instance, writes.instance)}
        seq = effects.record(seen, writes, Event.RESUMED, actor=seen.actor, data=data)
        _tell(seen, writes, seq, Event.RESUMED, reason)
        return {"instance": instance_id, "after": data["after"]}

    request = {"act": "resume", "reason": reason}
    return run(core, instance_id, plan, by, key, request, while_suspended=True)


# ---------------------------------------------------------------- inside


def _check(seen: Seen, act_zh: str, act_en: str) -> None:
    access.check_power(seen.someone, "operate", act_zh, act_en)
    access.check_not_confidential(seen.instance)
    if not access.can(access.check_not_recused, seen.someone, seen.recused):  # nor does who it is about hold it up
        raise NotFound(what="case")


def _moved(seen: Seen, to: InstanceStatus) -> str:
    try:
        return move_instance(seen.instance["status"], to)
    except ValueError as error:
        raise NotFound(what="running case") from error


def _jobs(core: Core, instance_id: int, state: str | None = None) -> list[Row]:
    """The jobs that move the instance itself."""
    query = select(job.c.id, job.c.kind, job.c.state, job.c.due_at).where(
        job.c.instance_id == instance_id, job.c.kind.in_(STANDING)
    )
    if state is not None:
        query = query.where(job.c.state == state)
    with core.db.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _since(core: Core, instance_id: int) -> datetime:
    """When it was suspended, as its world's clock showed."""
    query = (
        select(history.c.at)
        .where(history.c.instance_id == instance_id, history.c.kind == str(Event.SUSPENDED))
        .order_by(history.c.seq.desc())
        .limit(1)
    )
    with core.db.read() as connection:
        since: datetime = connection.execute(query).scalar_one()
    return since


def _tell(seen: Seen, writes: WriteSet, seq: int, event: Event, reason: str) -> None:
    """Whoever has a task of it hears of it."""
    people = [row["assignee_id"] for row in seen.open_tasks.values() if row["assignee_id"] is not None]
    notices.tell(seen, writes, seq, str(event), people, data={"text": reason})
