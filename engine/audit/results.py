"""What verifications found, in a stream of its own: asked for, begun, done, and accepted losses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from engine import alarms, settings
from engine.audit import checkpoints, recording
from engine.audit.copies import Copy, copy_for
from engine.audit.findings import Report
from engine.tables import audit

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

ASKED, BEGUN, DONE, ACCEPTED = "verification_asked", "verification_begun", "verified", "loss_accepted"
DEFAULTS = {"audit_verify_hours": 24}
GIVEN_UP = timedelta(hours=1)
"""A verification that began and said no more is begun again after this."""
ALARM = "records"


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest verification that ended, and whether another is asked for or under way."""

    at: datetime | None
    summary: dict[str, Any]
    coming: bool


def standing(connection: Connection) -> Standing:
    """What an auditor wants to know first."""
    newest = _newest(connection, (ASKED, BEGUN, DONE))
    done = _newest(connection, (DONE,))
    return Standing(
        at=done.at if done is not None else None,
        summary=(done.data or {}) if done is not None else {},
        coming=newest is not None and newest.kind != DONE,
    )


def ask(core: Core, actor: Actor) -> None:
    """Let a worker verify soon."""
    with core.db.write() as connection:
        recording.record(core, connection, recording.RECORDS, ASKED, actor=actor)


def run_due(core: Core, verify: Callable[[Core], Report]) -> bool:
    """Verify when it is time, or when somebody asked; what was found is kept, and sounds an alarm. Answers whether it was done. Of
    several workers one does it."""
    with core.db.read() as connection:
        if not _is_due(core, connection):
            return False
    with core.db.write() as connection:
        recording.lock(core, connection, recording.RECORDS)
        if not _is_due(core, connection):
            return False
        recording.record(core, connection, recording.RECORDS, BEGUN)
    keep(core, verify(core))
    return True


def keep(core: Core, report: Report) -> None:
    """Keep what a verification found."""
    with core.db.write() as connection:
        recording.record(core, connection, recording.RECORDS, DONE, data=report.summary())
        if not report.good:
            count = sum(report.kinds.values())
            alarms.sound(
                core,
                connection,
                ALARM,
                "records",
                f"记录验证发现 {count} 处被改动，例如：{report.findings[0].zh}"[:1000],
                f"Verifying the records found {count} signs of tampering, such as {report.findings[0].en}"[:1000],
            )


def accept(core: Core, reason: str, copy: Copy | None = None) -> None:
    """Say, signed, that what the copy has and the database has not is gone for a reason: a backup was restored."""
    with core.db.write() as connection:
        recording.record(core, connection, recording.RECORDS, ACCEPTED, data={"reason": reason})
    checkpoints.make(core, copy, accepting=reason)


def _is_due(core: Core, connection: Connection) -> bool:
    if checkpoints.newest(connection) is None and copy_for(core.db.url).last() is None:
        return False  # nothing is sealed yet
    newest = _newest(connection, (ASKED, BEGUN, DONE))
    if newest is None or newest.kind == ASKED:
        return True
    age: timedelta = core.db.now_on(connection) - newest.at
    if newest.kind == BEGUN:
        return age > GIVEN_UP
    hours: float = settings.read(connection, DEFAULTS)["audit_verify_hours"]
    return age > timedelta(hours=hours)


def _newest(connection: Connection, kinds: tuple[str, ...]) -> Any:
    query = select(audit.c.at, audit.c.kind, audit.c.data).where(audit.c.stream == recording.RECORDS)
    return connection.execute(query.where(audit.c.kind.in_(kinds)).order_by(audit.c.seq.desc()).limit(1)).first()
