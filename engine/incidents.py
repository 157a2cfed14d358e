"""Incidents: where a process could not go on. Each names its node and cause, is shown to operators, and can be tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access, effects
from engine.errors import LiandongError, NotAllowed, NotFound, StepFailed
from engine.events import Event
from engine.operating import second
from engine.steps import Reply, Seen, run
from engine.tables import incident, job
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core


def note(core: Core, instance_id: int, error: StepFailed, job_id: str | None = None) -> None:
    """Write that a step failed, in a step of its own: the failed one left nothing behind. That it failed again in the same way is
    not told again."""

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        if not _is_known(core, instance_id, node_of(error), str(error)):
            add(seen, writes, node_of(error), error, job_id)
        return {}

    run(core, instance_id, plan)


def _is_known(core: Core, instance_id: int, node: str | None, message: str) -> bool:
    query = select(incident.c.id).where(
        incident.c.instance_id == instance_id,
        incident.c.resolved_at.is_(None),
        incident.c.kind == "step",
        incident.c.node == node,
        incident.c.message == message[:2000],
    )
    with core.db.read() as connection:
        return connection.execute(query).first() is not None


def add(seen: Seen, writes: WriteSet, node: str | None, error: Exception, job_id: str | None) -> None:
    """The rows of an incident."""
    message, zh = explain(error), explain(error, "zh")
    seq = effects.record(seen, writes, Event.FAILED, node=node, data={"text": message, "zh": zh})
    writes.insert(
        incident,
        id=seq,
        at=seen.now,
        kind="job" if job_id else "step",
        node=node,
        job_id=job_id,
        message=message[:2000],
        message_zh=zh[:2000],
        resolved_at=None,
        resolved_by=None,
    )


def retry(core: Core, instance_id: int, incident_id: int, by: int | str, *, key: str | None = None) -> Reply:
    """Take an incident as mended: its job is tried again at once. For operators, of a confidential instance for who works it.
    NotAllowed where a second person must allow it (`operating.proposing`)."""

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        if not seen.instance[
            "confidential"
        ]:  # else it is for who works it, as reading it has asked (`engine.steps.read`)
            access.check_power(seen.someone, "operate", "重试异常", "retry an incident")
        if not seen.instance["confidential"] and second.RETRY in second.needed_for(core):
            raise NotAllowed(
                act_zh="独自重试异常",
                act_en="retry an incident alone",
                why_zh="须由第二人批准，请先提出申请",
                why_en="a second person must allow it: ask for it first",
            )
        mend(core, seen, writes, incident_id)
        return {"instance": instance_id}

    return run(core, instance_id, plan, by, key, {"act": "retry", "incident": incident_id})


def open_one(core: Core, instance_id: int, incident_id: int) -> dict[str, Any]:
    """The row of an open incident. NotFound when there is none."""
    row = _row(core, instance_id, incident_id)
    if row is None or row["resolved_at"] is not None:
        raise NotFound(what="open incident")
    return row


def mend(core: Core, seen: Seen, writes: WriteSet, incident_id: int, **said: Any) -> None:
    """Inside a step: the incident is taken as mended, its job is due again. `said` goes into the history row."""
    row = open_one(core, seen.instance["id"], incident_id)
    writes.update(incident, id=incident_id, resolved_at=seen.now, resolved_by=seen.someone.id)
    if row["job_id"] is not None:
        writes.update(job, id=row["job_id"], state="waiting", tries=0, due_at=seen.now, lease_until=None)
    data = {"incident": incident_id, **said}
    effects.record(seen, writes, Event.RETRIED, actor=seen.actor, node=row["node"], data=data)


def _row(core: Core, instance_id: int, incident_id: int) -> dict[str, Any] | None:
    with core.db.read() as connection:
        row = (
            connection.execute(
                select(incident).where(incident.c.instance_id == instance_id, incident.c.id == incident_id)
            )
            .mappings()
            .first()
        )
    return dict(row) if row is not None else None


def node_of(error: Exception) -> str | None:
    """The node that an error names."""
    return str(error.params["node"]) if isinstance(error, StepFailed) and "node" in error.params else None


def explain(error: Exception, locale: str = "en") -> str:
    """What an operator reads of an unexpected error."""
    return error.text(locale) if isinstance(error, LiandongError) else f"{type(error).__name__}: {error}"
