"""Who stands in for whom, and who is on duty. Times are database time, as rights see them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, or_, select

from engine.organisation import rights
from engine.queries.organisation import holds_now
from engine.tables import duty, membership, person, substitution, unit
from engine.tables.columns import database_now

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor


@dataclass(frozen=True, slots=True)
class Substitution:
    """Somebody stands in for another; `state`: coming, now, over."""

    id: int
    principal_id: int
    substitute_id: int
    since: datetime
    until: datetime
    unit_id: int | None
    post: str | None
    processes: tuple[str, ...] | None
    reason: str
    made_at: datetime
    made_by: int | None
    ended_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Duty:
    """Somebody on duty; `state`: coming, now, over."""

    id: int
    unit_id: int
    post: str
    person_id: int
    name: str
    since: datetime
    until: datetime
    note: str
    state: str


def substitutions(
    core: Core,
    *,
    person_ids: Collection[int] | None = None,
    unit_ids: Collection[int] | None = None,
    since: datetime | None = None,
    limit: int = 200,
) -> list[Substitution]:
    """Who stands in for whom: of these people (either side), or for people who hold a post in these units; without either, of the
    whole city. Those that were over before `since` (none: before now) are left out. The newest first."""
    over = func.coalesce(substitution.c.ended_at, substitution.c.until)
    query = (
        select(substitution)
        .where(over > (since if since is not None else database_now()))
        .order_by(substitution.c.since.desc(), substitution.c.id.desc())
        .limit(limit)
    )
    concerned: list[ColumnElement[bool]] = []
    if person_ids is not None:
        concerned.append(or_(substitution.c.principal_id.in_(person_ids), substitution.c.substitute_id.in_(person_ids)))
    if unit_ids is not None:
        members = select(membership.c.person_id).where(membership.c.unit_id.in_(unit_ids), holds_now())
        concerned.append(substitution.c.principal_id.in_(members))
    if concerned:
        query = query.where(or_(*concerned))
    with core.db.read() as connection:
        now = core.db.now_on(connection)
        return [
            Substitution(
                row.id,
                row.principal_id,
                row.substitute_id,
                row.since,
                row.until,
                row.unit_id,
                row.post_key,
                tuple(row.processes) if row.processes is not None else None,
                row.reason,
                row.made_at,
                row.made_by,
                row.ended_at,
                _state(row.since, row.ended_at or row.until, now),
            )
            for row in connection.execute(query)
        ]


def duties(
    core: Core,
    first: datetime,
    last: datetime,
    *,
    unit_ids: Collection[int] | None = None,
    person_ids: Collection[int] | None = None,
) -> list[Duty]:
    """Who is on duty between two instants, by the beginning."""
    query = (
        select(duty, person.c.name)
        .join(person, person.c.id == duty.c.person_id)
        .where(duty.c.since < last, duty.c.until > first)
        .order_by(duty.c.since, duty.c.post_key, duty.c.id)
    )
    if unit_ids is not None:
        query = query.where(duty.c.unit_id.in_(unit_ids))
    if person_ids is not None:
        query = query.where(duty.c.person_id.in_(person_ids))
    with core.db.read() as connection:
        now = core.db.now_on(connection)
        return [
            Duty(
                r.id,
                r.unit_id,
                r.post_key,
                r.person_id,
                r.name,
                r.since,
                r.until,
                r.note,
                _state(r.since, r.until, now),
            )
            for r in connection.execute(query)
        ]


def organised(core: Core, actor: Actor) -> frozenset[int]:
    """The units whose duty and substitutes they may set: by a post that lets them organise (`engine.organisation.rights`), and all for
    who administers."""
    with core.db.read() as connection:
        if rights.ADMINISTER in actor.powers:
            return frozenset(connection.execute(select(unit.c.id).where(unit.c.realm == "")).scalars())
        return rights.organised(connection, actor)


# ---------------------------------------------------------------- inside


def _state(since: datetime, until: datetime, now: datetime) -> str:
    return "coming" if since > now else "now" if until > now else "over"
