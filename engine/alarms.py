"""Alarms: what those responsible for security must look at. A row each; who looked at it, and when, is kept with it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, insert, select, update

from engine import access
from engine.audit import recording
from engine.errors import NotFound
from engine.people import load_actor
from engine.tables import alarm

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def sound(core: Core, connection: Connection, kind: str, about: str, zh: str, en: str) -> None:
    """Raise one in the transaction of what it is about. `kind`: a word of code; `about`: "person:12", "audit:identity"; no personal
    values in its words."""
    connection.execute(
        insert(alarm).values(at=core.db.now_on(connection), kind=kind, about=about[:200], said_zh=zh, said_en=en)
    )


def sounded(connection: Connection, kind: str, about: str, since: datetime) -> bool:
    """Whether this very alarm was raised since then: it is not raised again and again."""
    query = select(alarm.c.id).where(alarm.c.kind == kind, alarm.c.about == about, alarm.c.at > since)
    return connection.execute(query).first() is not None


def listing(core: Core, by: int | str, limit: int = 200) -> list[Row]:
    """All alarms, those that nobody saw first, then the newest. For security administrators."""
    with core.db.read() as connection:
        _check(connection, by)
        rows = connection.execute(
            select(alarm).order_by(alarm.c.seen_at.is_not(None), alarm.c.at.desc(), alarm.c.id.desc()).limit(limit)
        ).mappings()
        return [dict(r) for r in rows]


def unseen(connection: Connection) -> int:
    """How many nobody saw yet."""
    return connection.execute(select(func.count()).select_from(alarm).where(alarm.c.seen_at.is_(None))).scalar_one()


def see(core: Core, alarm_id: int, by: int | str) -> None:
    """Say that one looked at it; once said it stays so. NotFound when there is none."""
    with core.db.write() as connection:
        actor = _check(connection, by)
        row = connection.execute(select(alarm).where(alarm.c.id == alarm_id)).mappings().first()
        if row is None:
            raise NotFound(what="alarm")
        done = connection.execute(
            update(alarm)
            .where(alarm.c.id == alarm_id, alarm.c.seen_at.is_(None))
            .values(seen_at=core.db.now_on(connection), seen_by=actor.id)
        )
        if done.rowcount:
            recording.record(
                core,
                connection,
                recording.SECURITY,
                "alarm_seen",
                actor=actor,
                about=f"alarm:{alarm_id}",
                data={"kind": row["kind"], "about": row["about"]},
            )


def _check(connection: Connection, by: int | str) -> Any:
    actor = load_actor(connection, by)
    access.check_power(actor, "secure", "查看安全告警", "look at alarms")
    return actor
