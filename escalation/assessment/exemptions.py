"""Exemptions (申诉、剔除): a unit asks, with a reason and a paper, that an overrun be left out of the adjusted figures; another human being
of the assessment office decides. The fact of the overrun stays where it is; asking and deciding are rows that nobody changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, insert, or_, select

from engine import access, worlds
from engine.access import check_power
from engine.audit import recording
from engine.errors import Invalid, LiandongError, NotAllowed, NotFound
from engine.people import unit_and_below
from engine.tables import LIVE, instance, person, task
from escalation.assessment.counts import COUNTS, FAMILIES, TASK
from escalation.indicators import PROCESS
from escalation.tables import assessment_document, clock, exemption, exemption_decision, plan_filing

if TYPE_CHECKING:
    from engine.core import Core
    from engine.files import Accepted
    from engine.people import Actor

Row = dict[str, Any]
DECIDE = "assess"
ASK = ("organise", "assess")
"""Powers of which one lets somebody ask: heads of units, and the assessment office itself."""


class Decided(LiandongError):
    """Somebody was first."""

    code = "exemption_decided"
    status = 409
    zh = "{what_zh}。"
    en = "{what_en}."


def keep(connection: Connection, file: Accepted, at: Any) -> tuple[str, str]:
    """Keep a paper once; its hash and name."""
    digest = file.hash
    d = assessment_document
    if connection.execute(select(d.c.hash).where(d.c.hash == digest)).first() is None:
        connection.execute(
            insert(d).values(
                hash=digest, name=file.name, type=file.type, size=len(file.content), content=file.content, at=at
            )
        )
    return digest, file.name


def document(connection: Connection, digest: str) -> Row:
    """A kept paper. NotFound."""
    row = connection.execute(select(assessment_document).where(assessment_document.c.hash == digest)).mappings().first()
    if row is None:
        raise NotFound(what="file")
    return dict(row)


def is_filed(connection: Connection, digest: str) -> bool:
    """Whether a figure of the plan rests on this paper: these are everybody's who sees figures."""
    return connection.execute(select(plan_filing.c.id).where(plan_filing.c.document_hash == digest)).first() is not None


def case_of(core: Core, actor: Actor, number: str) -> int:
    """The case with this number, among those the actor sees. NotFound."""
    with core.db.read() as connection:
        who = access.visible(connection, actor, copies=False)
        query = select(instance.c.id).where(instance.c.number == number, instance.c.world_id == LIVE, who)
        found = connection.execute(query).scalar()
    if found is None:
        raise NotFound(what="case")
    return int(found)


def ask(core: Core, actor: Actor, case_id: int, family: str, reason: str, file: Accepted | None) -> int:
    """Ask for an exemption. NotFound for a case they do not see; Invalid without a reason, a paper or an overrun; Decided when it was
    asked before."""
    if actor.powers.isdisjoint(ASK):
        check_power(actor, ASK[0], "提出考核申诉", "ask for an exemption")
    if family not in FAMILIES:
        raise Invalid(why_zh="请选择申诉的时限。", why_en="Choose the term that it is about.")
    if not reason.strip():
        raise Invalid(why_zh="请写明理由。", why_en="Give the reason.")
    if file is None:
        raise Invalid(why_zh="请附证明材料。", why_en="Attach the paper that it rests on.")
    with core.db.write() as connection:
        access.check_can_see(connection, actor, case_id, copies=False)
        if not _late(core, connection, case_id, family):
            raise Invalid(
                why_zh="该时限没有超期，不需要申诉。", why_en="This term was not overrun; there is nothing to exempt."
            )
        e = exemption
        known = connection.execute(select(e.c.id).where(e.c.instance_id == case_id, e.c.family == family)).first()
        if known is not None:
            raise Decided(
                what_zh="此项已申诉过，每案每项时限限一次",
                what_en="This was asked before; once for each term of a case",
            )
        at = worlds.get(core, LIVE).now
        digest, name = keep(connection, file, at)
        row: Row = {
            "instance_id": case_id,
            "family": family,
            "reason": reason.strip()[:4000],
            "at": at,
            "by_id": actor.id,
        }
        row |= {"document_hash": digest, "document_name": name, "by_unit_id": _unit(actor)}
        number = int(connection.execute(insert(e).values(**row).returning(e.c.id)).scalar_one())
        said = {"case": str(case_id), "family": family, "reason": row["reason"], "paper": digest}
        recording.record(
            core, connection, recording.CONTENT, "exemption_asked", actor=actor, about=f"exemption:{number}", data=said
        )
    return number


def decide(core: Core, actor: Actor, number: int, *, agreed: bool, note: str) -> None:
    """Decide one. NotAllowed for who asked, by any account, and for who belongs, by any account, to the unit that has the case, to one that
    had a task whose time it is about, or to one above them: it is their figures that it betters; Decided when it was."""
    check_power(actor, DECIDE, "审批考核申诉", "decide on exemptions")
    if not note.strip():
        raise Invalid(why_zh="请写明意见。", why_en="Say why.")
    with core.db.write() as connection:
        row = connection.execute(select(exemption).where(exemption.c.id == number)).mappings().first()
        if row is None:
            raise NotFound(what="exemption")
        access.check_can_see(connection, actor, row["instance_id"], copies=False)
        if row["by_id"] in actor.accounts:
            raise NotAllowed(
                act_zh="审批此申诉",
                act_en="decide on this",
                why_zh="申诉人不得审批自己的申诉",
                why_en="who asked does not decide",
            )
        if _bettered(connection, row["instance_id"], row["family"]) & unit_and_below(connection, actor.home_units):
            raise NotAllowed(
                act_zh="审批此申诉",
                act_en="decide on this",
                why_zh="责任单位及其上级单位的人员不得审批",
                why_en="it betters the figures of a unit of theirs",
            )
        d = exemption_decision
        if connection.execute(select(d.c.exemption_id).where(d.c.exemption_id == number)).first() is not None:
            raise Decided(what_zh="此申诉已有结论", what_en="This was decided already")
        at = worlds.get(core, LIVE).now
        connection.execute(
            insert(d).values(
                exemption_id=number,
                agreed=agreed,
                note=note.strip()[:2000],
                at=at,
                by_id=actor.id,
                by_unit_id=_unit(actor),
            )
        )
        said = {"agreed": agreed, "note": note.strip()[:2000]}
        recording.record(
            core,
            connection,
            recording.CONTENT,
            "exemption_decided",
            actor=actor,
            about=f"exemption:{number}",
            data=said,
        )


def listing(core: Core, actor: Actor, case_id: int | None = None, most: int = 200) -> list[Row]:
    """Those of the cases that the actor sees, the newest first, undecided ones before; of one case with `case_id`."""
    e, d = exemption, exemption_decision
    asker, decider = person.alias(), person.alias()
    with core.db.read() as connection:
        query = (
            select(
                e, instance.c.number, instance.c.title, instance.c.unit_id,
                d.c.agreed, d.c.note.label("decision"), d.c.at.label("decided_at"),
                asker.c.name.label("by_name"), decider.c.name.label("decided_by"),
            )
            .join(instance, instance.c.id == e.c.instance_id)
            .outerjoin(d, d.c.exemption_id == e.c.id)
            .outerjoin(asker, asker.c.id == e.c.by_id)
            .outerjoin(decider, decider.c.id == d.c.by_id)
            .where(access.visible(connection, actor))
            .order_by(d.c.at.is_not(None), e.c.id.desc())
            .limit(most)
        )  # fmt: skip
        if case_id is not None:
            query = query.where(e.c.instance_id == case_id)
        return [dict(row) for row in connection.execute(query).mappings()]


def _late(core: Core, connection: Connection, case_id: int, family: str) -> bool:
    now = worlds.get(core, LIVE).now
    over = or_(
        clock.c.breached_at.is_not(None),
        clock.c.stopped_at > clock.c.due_at,
        and_(clock.c.stopped_at.is_(None), clock.c.due_at < now),
    )
    query = (
        select(clock.c.name)
        .join(instance, instance.c.id == clock.c.instance_id)
        .where(instance.c.id == case_id, instance.c.key == PROCESS, clock.c.name == family, over)
    )
    return connection.execute(query).first() is not None


def _bettered(connection: Connection, case_id: int, family: str) -> set[int]:
    """The unit that has the case and, of a stage that counts by whose task it was, those that had one."""
    found = set(connection.execute(select(instance.c.unit_id).where(instance.c.id == case_id)).scalars())
    if any(one.whose == TASK and one.family == family for one in COUNTS):
        own = and_(clock.c.instance_id == task.c.instance_id, clock.c.task_id == task.c.id, clock.c.name == family)
        found |= set(
            connection.execute(select(task.c.unit_id).join(clock, own).where(task.c.instance_id == case_id)).scalars()
        )
    return {one for one in found if one is not None}


def _unit(actor: Actor) -> int | None:
    return actor.own_posts[0].unit_id if actor.own_posts else None
