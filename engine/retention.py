"""What is known of reporters does not stay: each class of field has its days (`setting identity_retention_days`), counted from the end
of the case; then the key is destroyed, and nothing reads the value again, neither here nor in a copy of the table. On request sooner.

Audited in the same transaction, by the names of the fields: chains cover ciphertext only and still verify."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, func, literal, or_, select, true, update

from engine import settings, vault, worlds
from engine.acts.base import clean_text
from engine.audit import recording
from engine.errors import Invalid
from engine.people import Actor
from engine.tables import LIVE, identity, instance
from engine.unmasking import MOST_REASON, check_may, in_place_of, reading

if TYPE_CHECKING:
    from engine.core import Core

DEFAULTS: dict[str, Any] = {
    "identity_retention_days": {
        "name": 365,
        "contact": 180,
        "id_number": 30,
        "home": 180,
        "health": 30,
        "account": 30,
        "other": 180,
    }
}
"""Proposals within 个人信息保护法, art. 19 (the shortest time that the purpose needs); the row of `setting` wins, class by class."""


def delete_old(core: Core, limit: int = 100) -> int:
    """Destroy what is over its time; answers how many rows of `identity`. Of a report that never became a case the days count from
    its arrival."""
    with reading(core) as connection:
        days = _days(connection)
        query = (
            select(identity.c.instance_id, identity.c.id, identity.c.fields)
            .select_from(identity.outerjoin(instance, instance.c.id == identity.c.instance_id))
            .where(identity.c.sealed.is_not(None), _is_over(core, connection, days))
            .order_by(identity.c.instance_id, identity.c.id)
            .limit(limit)
        )
        gone = 0
        for row in connection.execute(query).all():
            of = row.id.partition(".")[2]
            said = {"why": "retention", "days": days.get(of, days["other"])}
            gone += _destroy(core, connection, row, None, said)
        return gone


def erase(core: Core, instance_id: int, by: int | str, reason: str) -> int:
    """Destroy at once what is known of who reported a case, because they asked for it (个人信息保护法, art. 47). For those who may
    unmask. Answers how many rows; Invalid when nothing is left."""
    said = clean_text(reason, MOST_REASON)
    with reading(core) as connection:
        actor = check_may(connection, by, instance_id)
        rows = connection.execute(
            select(identity.c.instance_id, identity.c.id, identity.c.fields)
            .where(identity.c.instance_id == instance_id, identity.c.sealed.is_not(None))
            .order_by(identity.c.id)
        ).all()
        gone = 0
        for row in rows:
            gone += _destroy(core, connection, row, actor, {"why": "request", "reason": said})
        if not gone:
            raise Invalid(why_zh="此案没有可删除的来件人信息", why_en="nothing is known of who reported this case")
        return gone


def forget_refused(core: Core, instance_id: int, actor: Actor, reason: str) -> int:
    """Destroy at once what is known of who sent a report that was refused and never becomes a case. That `actor` may refuse it is the
    caller's to decide. Answers how many rows."""
    with reading(core) as connection:
        rows = connection.execute(
            select(identity.c.instance_id, identity.c.id, identity.c.fields)
            .select_from(identity.outerjoin(instance, instance.c.id == identity.c.instance_id))
            .where(identity.c.instance_id == instance_id, identity.c.sealed.is_not(None), instance.c.id.is_(None))
            .order_by(identity.c.id)
        ).all()
        return sum(_destroy(core, connection, row, actor, {"why": "refused", "reason": reason}) for row in rows)


def _days(connection: Connection) -> dict[str, int]:
    usual = DEFAULTS["identity_retention_days"]
    given = settings.read(connection, DEFAULTS)["identity_retention_days"]
    return {**usual, **{of: int(days) for of, days in given.items()}}


def _is_over(core: Core, connection: Connection, days: dict[str, int]) -> Any:
    """Each world's own time counts; a report without a case is of the live one."""
    over = []
    for each in worlds.every_on(connection, core):
        ended = func.coalesce(instance.c.ended_at, identity.c.at) if each.id == LIVE else instance.c.ended_at
        there = instance.c.world_id == each.id
        if each.id == LIVE:
            there = or_(instance.c.id.is_(None), and_(there, instance.c.ended_at.is_not(None)))
        over += [and_(there, _of(of, days), ended < _before(each.now, of, days)) for of in (*days, "")]
    return or_(*over)


def _of(of: str, days: dict[str, int]) -> Any:
    """Rows of a class; "": of one that has no days of its own."""
    if of:
        return identity.c.id.endswith(f".{of}", autoescape=True)
    return and_(true(), *(~identity.c.id.endswith(f".{known}", autoescape=True) for known in days))


def _before(now: datetime, of: str, days: dict[str, int]) -> Any:
    return literal(now - timedelta(days=days.get(of, days["other"])), identity.c.at.type)


def _destroy(core: Core, connection: Connection, row: Any, actor: Actor | None, said: dict[str, Any]) -> int:
    if not core.db.postgresql:
        connection.exec_driver_sql("PRAGMA secure_delete=ON")  # the wrapped key is overwritten in the file too
    done = connection.execute(
        update(identity)
        .where(identity.c.instance_id == row.instance_id, identity.c.id == row.id, identity.c.sealed.is_not(None))
        .values(sealed=None, deleted_at=core.db.now_on(connection))
    )
    if done.rowcount != 1:
        return 0  # another worker was first
    vault.forget(core, connection, vault.reporter(row.instance_id, row.id))
    recording.record(
        core,
        connection,
        recording.IDENTITY,
        "deleted",
        actor=actor,
        for_id=in_place_of(connection, actor) if actor is not None else None,
        about=f"case:{row.instance_id}",
        data={"id": row.id, "fields": row.fields, **said},
    )
    return 1
