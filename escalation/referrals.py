"""移送问题线索: begun by a named person from an inspection; what who works one sees of it, and the two dates that others learn.

Confidential: who may read what is asked of `engine.access` in each query, and nothing here widens it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access, files, instances
from engine.errors import NotAllowed
from engine.people import Actor
from engine.steps import Reply
from engine.tables import LIVE, incident, instance
from engine.tables.columns import LARGEST_ID
from escalation import inspections

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

REFERRAL, CLUE = "clue_referral", "clue"
POST, UNIT = "inspector", "inspection_office"
"""Who refers: a named inspector of the government's inspection office."""

MOST = 100


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is told outside: when the commission received it and closed it, as it wrote these dates; nothing before it has received it."""

    received_on: str
    closed_on: str | None


@dataclass(slots=True)
class Desk:
    """Rows of `instance` with their open `tasks`: what is open, and what is over."""

    running: list[Row] = field(default_factory=list)
    over: list[Row] = field(default_factory=list)
    stuck: list[Row] = field(default_factory=list)
    """Incidents of them, which who works them tries again."""


def refer(
    core: Core,
    inspection_id: int,
    answers: Mapping[str, Any],
    by: Actor,
    *,
    accepted: Sequence[files.Accepted] = (),
    key: str | None = None,
) -> Reply:
    """A person refers a clue that an inspection brought up. NotFound: they do not see the inspection, or nothing was found yet; NotAllowed:
    they are no inspector of the office themselves (nobody does it by standing in), or are kept from what it is about."""
    row = inspections.one(core, by, inspection_id)
    check_may(core, by, row)
    facts = row["facts"]
    given = {
        "title": f"移送问题线索 {row['number']}",
        "late_unit": facts.get("late_unit"),
        "case_id": facts.get("case_id"),
        "inspection_id": str(row["id"]),
        "inspection_number": row["number"],
    }
    return instances.start(core, REFERRAL, answers, by.id, key=key, given=given, accepted=accepted)


def check_may(core: Core, actor: Actor, inspection: Row) -> None:
    """See `refer`."""
    own = any(p.post == POST and p.unit_key == UNIT for p in actor.own_posts)
    facts = inspection["facts"]
    about = core.unit_id(str(facts.get("late_unit")))
    case_id = str(facts.get("case_id") or "")
    with core.db.read() as connection:
        kept = about in actor.home_units or (
            case_id.isdecimal() and access.worked(connection, actor, min(int(case_id), LARGEST_ID))
        )
    if not own or kept:
        raise NotAllowed(
            act_zh="移送问题线索",
            act_en="refer a clue",
            why_zh="须由市政府督查室的督查员本人提出，且与督查对象和案件无关",
            why_en="it is for an inspector of the government's inspection office, who has nothing to do with the unit or the case",
        )


def receipts(core: Core, actor: Actor, inspection_ids: Collection[int]) -> dict[int, Receipt]:
    """Of these inspections, those of which a clue was referred and received. For those who inspect or supervise, and are not kept from the
    matter; whoever works the referral reads more on its own page."""
    if not actor.powers & {"inspect", "supervise"}:
        return {}
    query = select(instance.c.facts).where(
        instance.c.confidential, instance.c.key == REFERRAL, instance.c.world_id == LIVE, access.not_kept_from(actor)
    )
    found = {}
    with core.db.read() as connection:
        for facts in connection.execute(query).scalars():
            about = str(facts.get("inspection_id") or "")
            if facts.get("received_on") and about.isdecimal() and int(about) in inspection_ids:
                found[int(about)] = Receipt(facts["received_on"], facts.get("closed_on"))
    return found


def desk(core: Core, actor: Actor, key: str) -> Desk:
    """The referrals (`REFERRAL`) or clues (`CLUE`) that the actor works or worked, the newest first."""
    columns = [c for c in instance.columns if c.name != "state"]
    with core.db.read() as connection:
        query = (
            select(*columns)
            .where(instance.c.confidential, instance.c.key == key, instance.c.world_id == LIVE)
            .where(access.visible(connection, actor))
            .order_by(instance.c.started_at.desc(), instance.c.id.desc())
            .limit(MOST)
        )
        rows = [dict(r) for r in connection.execute(query).mappings()]
        stuck = connection.execute(
            select(incident, instance.c.number)
            .join(instance, instance.c.id == incident.c.instance_id)
            .where(incident.c.instance_id.in_([row["id"] for row in rows]), incident.c.resolved_at.is_(None))
        )
        found = Desk(stuck=[dict(r) for r in stuck.mappings()])
    tasks = inspections.open_tasks(core, [row["id"] for row in rows])
    for row in rows:
        row["tasks"] = tasks.get(row["id"], [])
        (found.running if row["ended_at"] is None else found.over).append(row)
    return found
