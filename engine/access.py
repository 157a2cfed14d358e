"""Who may do what: deny by default, one place. `check_can_x` raises a sentence a user can read, `can_x` stands on top of it;
pages, API, search and commands ask the same functions, and a completing step asks them inside its own transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, false, literal_column, or_, select

from engine import search
from engine.errors import LiandongError, NotAllowed, NotFound
from engine.people import Actor, unit_and_below
from engine.tables import copy, instance, involvement, recusal, task

Row = dict[str, Any]

SEE_ALL = "see_all_cases"


def is_offered(actor: Actor, row: Row, process: str | None = None) -> bool:
    """True when this open task waits for the actor: theirs or that of whom they stand in for, or unclaimed and offered to a post they
    hold. Claimed for another it is that one's too, and no more the substitute's when their time is over. `process`: the key of its
    process, for those who stand in for some processes only."""
    assignee = row["assignee_id"]
    if assignee is not None:
        if assignee == actor.id:
            return row["for_id"] is None or _stands_in(actor, row["for_id"], row, process)
        return row["for_id"] == actor.id or _stands_in(actor, assignee, row, process)
    return holds_its_post(actor, row, process)


def holds_its_post(actor: Actor, row: Row, process: str | None = None) -> bool:
    """True when they hold, or stand in for, the post a task is offered to. One that the diagram meant for a person is offered to none."""
    return row["post_key"] is not None and actor.holds(row["unit_id"], row["post_key"], process)


def is_delegated(row: Row) -> bool:
    """Whether somebody prepares this task for another (委托). Where nobody has it any more, it is as it was before."""
    return row.get("owner_id") is not None and row["assignee_id"] is not None


def owns(actor: Actor, row: Row, process: str | None = None) -> bool:
    """True when they delegated this task, or stand in for who did: they may take it back, and see what becomes of it."""
    if not is_delegated(row):
        return False
    return row["owner_id"] == actor.id or _stands_in(actor, row["owner_id"], row, process)


def acting_for(actor: Actor, row: Row, process: str | None = None) -> int | None:
    """Whom the actor stands in for when they work this task; none: they act for themselves."""
    assignee = row["assignee_id"]
    if assignee == actor.id:
        stored: int | None = row["for_id"]
        return stored
    if assignee is not None:
        return int(assignee) if _stands_in(actor, assignee, row, process) else None
    held = actor.holding(row["unit_id"], row["post_key"], process)
    return held.for_id if held is not None else None


def _stands_in(actor: Actor, principal: int, row: Row, process: str | None) -> bool:
    """Whether they stand in for this person, in the post that a task is offered to and for its process."""
    return any(
        each.for_id == principal
        and row["unit_id"] in (None, each.unit_id)
        and row["post_key"] in (None, each.post)
        and (process is None or each.processes is None or process in each.processes)
        for each in actor.posts
    )


def check_can_work(actor: Actor, row: Row, process: str | None = None) -> None:
    """Is this open task theirs to work, their post's, or one that they delegated? Somebody else's task does not exist for them."""
    if not (is_offered(actor, row, process) or holds_its_post(actor, row, process) or owns(actor, row, process)):
        raise NotFound(what="task")


def check_not_own_cause(actor: Actor, for_id: int | None, starter_id: int | None) -> None:
    """A substitute does not decide on what they, or whom they stand in for, started themselves."""
    if for_id is not None and starter_id is not None and starter_id in actor.accounts | {for_id}:
        raise NotAllowed(
            act_zh="代办此任务",
            act_en="do this task for another",
            why_zh="代理人不得办理本人或被代理人自己发起的事项",
            why_en="a substitute does not act on what they or the person they stand in for started",
        )


def check_not_recused(actor: Actor, recused: Collection[int]) -> None:
    """回避: for those of a unit that the case is about, it does not exist. `recused`: the ids of these units."""
    if recused and not actor.home_units.isdisjoint(recused):
        raise NotFound(what="task")


def check_four_eyes(actor: Actor, performers: Collection[int], principals: Collection[int] = ()) -> None:
    """四眼: nobody completes a task who completed one that the diagram keeps apart from it: by no account of theirs, neither in their own
    name nor in that of another, nor through a substitute. `performers`: who did, with whom they stood in for; `principals`:
    every account of whom the actor stands in for now."""
    if not performers:
        return
    if not (actor.accounts | set(principals)).isdisjoint(performers):
        raise NotAllowed(
            act_zh="办理此任务",
            act_en="complete this task",
            why_zh="您（或您代理的人）办理过本案中须与此分开的环节，此环节须由他人办理",
            why_en="you, or whom you stand in for, did a step that must be kept apart from this one; somebody else must do it",
        )


def check_power(actor: Actor, power: str, act_zh: str, act_en: str) -> None:
    """Does a post of theirs carry this power?"""
    if power not in actor.powers:
        raise NotAllowed(
            act_zh=act_zh, act_en=act_en, why_zh="您的岗位没有此权限", why_en="none of your posts carries this right"
        )


def check_can_keep(actor: Actor, editors: Collection[str]) -> None:
    """A register is kept by who has one of the powers that its definition names."""
    if actor.powers.isdisjoint(editors):
        raise NotAllowed(
            act_zh="修改此登记表",
            act_en="change this register",
            why_zh="您的岗位没有维护它的权限",
            why_en="your posts do not have the power to keep it",
        )


def can(check: Any, *args: Any) -> bool:
    """True when the check passes: buttons ask with this what enforcement asks with the check."""
    try:
        check(*args)
    except LiandongError:
        return False
    return True


def visible(connection: Connection, actor: Actor | None, *, copies: bool = True) -> ColumnElement[bool]:
    """The filter on `instance` for what the actor sees: all with the power to; what they started; what they were given a copy of or
    were asked about (`copies`: else without these); what their units, or units below them, had or have a task of, or are responsible
    for, as far as a post of theirs shows its unit's cases and, where they stand in for somebody, the process is among those; but
    nothing of others that is about a unit of theirs. What is confidential only those see who work it (`in_confidence`), whatever
    powers others have. A trial (an id below zero) is no case: nobody sees it here. Nobody sees nothing."""
    if actor is None:
        return false()
    allowed = and_(
        instance.c.id > 0,
        or_(instance.c.starter_id == actor.id, instance.c.id.not_in(_about(actor))),
        or_(~instance.c.confidential, in_confidence(actor)),
    )
    if SEE_ALL in actor.powers:
        return allowed
    ways: list[ColumnElement[bool]] = [
        instance.c.starter_id == actor.id,
        # one row by its key: as EXISTS, PostgreSQL would rather read all tasks of the actor into memory first
        select(task.c.id)
        .where(task.c.instance_id == instance.c.id, task.c.assignee_id == actor.id)
        .limit(1)
        .correlate(instance)  # and never to what the reader's own query joins
        .scalar_subquery()
        .is_not(None),
    ]
    if copies:
        shown = select(copy.c.id).where(copy.c.instance_id == instance.c.id, copy.c.person_id == actor.id)
        ways.append(shown.limit(1).correlate(instance).scalar_subquery().is_not(None))
    for processes in sorted({p.processes for p in actor.posts if p.sees}, key=lambda some: sorted(some or ())):
        units = unit_and_below(connection, {p.unit_id for p in actor.posts if p.sees and p.processes == processes})
        took_part = _took_part(units)
        ways.append(took_part if processes is None else and_(took_part, instance.c.key.in_(sorted(processes))))
    return and_(or_(*ways), allowed)


def in_confidence(actor: Actor) -> ColumnElement[bool]:
    """The filter on confidential instances for what the actor works: a task of it is theirs, or was done by them, or waits unclaimed, for
    a post of their own, lent to nobody; or they started it and a unit they serve has a part in it. Never what is about a unit of theirs,
    nor what is about a case that they worked, by whichever account (移送问题线索: 监察法 art. 37; the case's handlers do not know)."""
    served = {p.unit_id for p in actor.own_posts if p.sees}
    if not served:
        return false()
    own = [
        and_(task.c.post_key == post, or_(task.c.unit_id == unit_id, task.c.unit_id.is_(None)))
        for unit_id, post in sorted({(p.unit_id, p.post) for p in actor.own_posts if p.sees})
    ]
    open_, theirs = task.c.state == literal_column("'open'"), task.c.assignee_id == actor.id
    working = or_(
        and_(or_(*own), or_(theirs, task.c.closed_by == actor.id, and_(open_, task.c.assignee_id.is_(None)))),
        and_(task.c.post_key.is_(None), open_, theirs),  # meant for them in person
    )
    works = select(task.c.id).where(task.c.instance_id == instance.c.id, working).correlate(instance)
    serves = select(involvement.c.unit_id).where(
        involvement.c.instance_id == instance.c.id, involvement.c.unit_id.in_(sorted(served))
    )
    began = and_(instance.c.starter_id == actor.id, serves.correlate(instance).limit(1).scalar_subquery().is_not(None))
    return and_(or_(works.limit(1).scalar_subquery().is_not(None), began), not_kept_from(actor))


def not_kept_from(actor: Actor) -> ColumnElement[bool]:
    """The filter on confidential instances for what is neither about a unit of theirs nor about a case that they worked."""
    return and_(
        _worked(actor, instance.c.about_id).correlate(instance).limit(1).scalar_subquery().is_(None),
        instance.c.id.not_in(_about(actor)),
    )


def worked(connection: Connection, actor: Actor, case_id: int) -> bool:
    """Whether they worked this case, by whichever account: a task of it is or was theirs."""
    return connection.execute(_worked(actor, case_id).limit(1)).first() is not None


def unseen(actor: Actor) -> Select[tuple[int]]:
    """Ids of the confidential instances that still run and that the actor does not work: few, and found by an index of their own."""
    return select(instance.c.id).where(instance.c.confidential, instance.c.ended_at.is_(None), ~in_confidence(actor))


def check_not_confidential(row: Row) -> None:
    """What nobody does with a confidential instance (its row), neither who operates nor who works it: hold it, end it, move it, set it. It
    goes the way of its diagram. It answers as if there were none."""
    if row["confidential"]:
        raise NotFound(what="case")


def _worked(actor: Actor, case_id: Any) -> Select[tuple[int]]:
    accounts = sorted(actor.accounts)
    theirs = or_(task.c.assignee_id.in_(accounts), task.c.closed_by.in_(accounts), task.c.owner_id.in_(accounts))
    return select(task.c.id).where(task.c.instance_id == case_id, theirs)


def _about(actor: Actor) -> Select[tuple[int]]:
    """Ids of the instances that are about a unit of theirs."""
    return select(recusal.c.instance_id).where(recusal.c.unit_id.in_(sorted(actor.home_units)))


def scope(connection: Connection, actor: Actor) -> frozenset[str] | None:
    """Words of the search index (`engine.search.scope_of`) of which a case has one when the actor sees it by starting it or by their
    units; none: they see all. A first sieve only: `visible` decides."""
    if SEE_ALL in actor.powers:
        return None
    units = unit_and_below(connection, {p.unit_id for p in actor.posts if p.sees})
    return frozenset({search.by(actor.id), *map(search.unit, units)})


def _took_part(units: Collection[int]) -> ColumnElement[bool]:
    """One of these units has to do with the case, and the case is not about that one."""
    about_it = exists(
        select(recusal.c.unit_id).where(
            recusal.c.instance_id == involvement.c.instance_id, recusal.c.unit_id == involvement.c.unit_id
        )
    ).correlate(involvement)
    return (  # by the case's few rows, as above: not all that the units ever had
        select(involvement.c.unit_id)
        .where(involvement.c.instance_id == instance.c.id, involvement.c.unit_id.in_(sorted(units)), ~about_it)
        .correlate(instance)
        .limit(1)
        .scalar_subquery()
        .is_not(None)
    )


def check_can_see(connection: Connection, actor: Actor | None, instance_id: int, *, copies: bool = True) -> None:
    """May they see this instance at all? "Not yours" and "does not exist" answer alike. Without `copies`: by more than a copy."""
    found = connection.execute(
        select(instance.c.id).where(instance.c.id == instance_id, visible(connection, actor, copies=copies))
    ).first()
    if found is None:
        raise NotFound(what="case")
